"""Pipelines of five systems as jobs and steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opsmith.model.assessment import Spot
from opsmith.model.estate import Document, Job, Pipeline, Step, System
from opsmith.shapes import is_list, is_mapping, items, table

_CHANGES = ("push", "pull_request", "pull_request_target", "merge_group", "workflow_call", "release")


def pipeline(path: str, text: str, system: System, read: Callable[[str, str], list[Document]]) -> Pipeline:
    """`read` gives the documents of a text. Raises ValueError as it does."""
    if system == "jenkins":
        return _jenkinsfile(path, text)
    document = next(iter(read(path, text)), Document(file=path, body={}))
    jobs = tuple(_JOBS[system](document))
    return Pipeline(path=path, system=system, jobs=jobs, document=document, on_change=_on_change(system, document.body))


def _on_change(system: System, body: Mapping[str, Any]) -> bool:
    if system == "github_actions":
        on = body.get("on", body.get("True"))
        events = [on] if isinstance(on, str) else [*items(on), *table(on)]
        return any(event in _CHANGES for event in events)
    if system == "azure_pipelines":
        return not (body.get("trigger") == "none" and body.get("pr", "none") == "none")
    return True


# -- GitHub Actions ----------------------------------------------------------------------------------------------------------------------


def _github(document: Document) -> Iterator[Job]:
    for name, value in table(document.body.get("jobs")).items():
        body = table(value)
        place = ("jobs", name)
        steps = [_github_step(document.spot(*place, "steps", index), table(step)) for index, step in enumerate(items(body.get("steps")))]
        if isinstance(body.get("uses"), str):
            steps.append(_github_step(document.spot(*place, "uses"), body))
        yield Job(
            name=name,
            spot=document.spot(*place),
            steps=tuple(steps),
            minutes=_number(body.get("timeout-minutes")),
            after=_names(body.get("needs")),
            environment=_environment(body.get("environment")),
            body=body,
        )


def composite(document: Document) -> tuple[Step, ...]:
    """The steps of an action of the repository's own."""
    steps = items(table(document.body.get("runs")).get("steps"))
    return tuple(_github_step(document.spot("runs", "steps", index), table(step)) for index, step in enumerate(steps))


def _github_step(spot: Spot, step: Mapping[str, Any]) -> Step:
    uses = step.get("uses")
    if isinstance(uses, str):
        inputs = " ".join(f"{key}={value}" for key, value in table(step.get("with")).items())
        return Step(spot=spot, words=f"{uses} {inputs} {_strings(step.get('env'))}", uses=uses)
    return Step(spot=spot, words=f"{step.get('run') or ''}\n{_strings(step.get('env'))}".strip())


def _environment(value: Any) -> str:
    name = table(value).get("name") if is_mapping(value) else value
    return name if isinstance(name, str) else ""


# -- GitLab ------------------------------------------------------------------------------------------------------------------------------

_NO_JOBS = frozenset(("stages", "variables", "default", "include", "workflow", "image", "services", "before_script", "after_script", "cache", "spec"))


def _gitlab(document: Document) -> Iterator[Job]:
    for index, entry in enumerate(_many(document.body.get("include"))):
        spot = document.spot("include", index)
        yield Job(name=f"include {index + 1}", spot=spot, steps=(Step(spot=spot, words=_strings(entry), uses=_strings(entry)),), minutes=60)
    before = _lines(table(document.body.get("default")).get("before_script", document.body.get("before_script")))
    for name, value in document.body.items():
        if name in _NO_JOBS or name.startswith(".") or not is_mapping(value):
            continue
        body = _extended(document.body, table(value))
        lines = [*(_lines(body["before_script"]) if "before_script" in body else before), *_lines(body.get("script"))]
        spot = document.spot(name)
        needs = tuple(entry.get("job", "") if is_mapping(entry) else str(entry) for entry in items(body.get("needs")))
        yield Job(
            name=name,
            spot=spot,
            steps=tuple(Step(spot=document.spot(name, "script"), words=line) for line in lines),
            minutes=_period(body.get("timeout") or table(document.body.get("default")).get("timeout")),
            after=tuple(need for need in needs if need),
            environment=_environment(body.get("environment")),
            body=body,
        )


def _extended(whole: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    for _ in range(5):
        parents = _names(body.get("extends"))
        if not parents:
            break
        merged: dict[str, Any] = {}
        for parent in parents:
            merged |= table(whole.get(parent))
        body = merged | {key: value for key, value in body.items() if key != "extends"}
    return body


# -- CircleCI ----------------------------------------------------------------------------------------------------------------------------


def _circleci(document: Document) -> Iterator[Job]:
    commands = table(document.body.get("commands"))
    for name, value in table(document.body.get("jobs")).items():
        steps = tuple(_circle_steps(document, ("jobs", name, "steps"), items(table(value).get("steps")), commands))
        yield Job(name=name, spot=document.spot("jobs", name), steps=steps, body=table(value))
    for workflow, value in table(document.body.get("workflows")).items():
        for index, entry in enumerate(items(table(value).get("jobs"))):
            name = entry if isinstance(entry, str) else next(iter(table(entry)), "")
            if "/" in name:
                spot = document.spot("workflows", workflow, "jobs", index)
                yield Job(name=name, spot=spot, steps=(Step(spot=spot, words=f"{name} {_strings(entry)}", uses=name),))


def _circle_steps(document: Document, place: tuple[str | int, ...], steps: list[Any], commands: Mapping[str, Any]) -> Iterator[Step]:
    for index, step in enumerate(steps):
        spot = document.spot(*place, index)
        name = step if isinstance(step, str) else next(iter(table(step)), "")
        inside = table(step).get(name)
        if name == "run":
            yield Step(spot=spot, words=_strings(inside))
        elif name in commands:
            for inner in items(table(commands[name]).get("steps")):
                yield Step(spot=spot, words=_strings(inner))
        else:
            yield Step(spot=spot, words=f"{name} {_strings(inside)}", uses=name)


# -- Azure -------------------------------------------------------------------------------------------------------------------------------

_AZURE_RUN = ("script", "bash", "pwsh", "powershell")


def _azure(document: Document) -> Iterator[Job]:
    yield from _azure_jobs(document, (), document.body, "pipeline")


def _azure_jobs(document: Document, place: tuple[str | int, ...], body: dict[str, Any], name: str) -> Iterator[Job]:
    for key in ("stages", "jobs"):
        for index, entry in enumerate(items(body.get(key))):
            inner = table(entry)
            called = next((str(inner[word]) for word in ("stage", "job", "deployment", "template") if word in inner), name)
            yield from _azure_jobs(document, (*place, key, index), inner, called)
    if "template" in body and place:
        spot = document.spot(*place)
        yield Job(name=name, spot=spot, steps=(Step(spot=spot, words=_strings(body), uses=str(body["template"])),), minutes=60, body=body)
    steps = list(_azure_steps(document, place, body))
    if steps:
        yield Job(
            name=name,
            spot=document.spot(*place),
            steps=tuple(steps),
            minutes=_number(body.get("timeoutInMinutes")),
            after=_names(body.get("dependsOn")),
            environment=_environment(body.get("environment")),
            body=body,
        )


def _azure_steps(document: Document, place: tuple[str | int, ...], body: Mapping[str, Any]) -> Iterator[Step]:
    for index, entry in enumerate(items(body.get("steps"))):
        step = table(entry)
        spot = document.spot(*place, "steps", index)
        run = next((str(step[key]) for key in _AZURE_RUN if key in step), None)
        if run is not None:
            yield Step(spot=spot, words=run)
        else:
            uses = str(step.get("task") or step.get("template") or next(iter(step), ""))
            yield Step(spot=spot, words=_strings(step), uses=uses)
    strategy = table(body.get("strategy"))
    for kind, inner in strategy.items():
        for phase, inside in table(inner).items():
            yield from _azure_steps(document, (*place, "strategy", kind, phase), table(inside))


# -- Jenkins -----------------------------------------------------------------------------------------------------------------------------

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|(?<![:\w])//[^\n]*", re.DOTALL)
_TIMEOUT = re.compile(r"\btimeout\s*\(\s*(?:time\s*:\s*)?(\d+)(?:[^)\n]*unit\s*:\s*['\"](\w+))?")


def _jenkinsfile(path: str, text: str) -> Pipeline:
    """No program of Groovy is followed: every line is a step."""
    bare = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    steps = tuple(
        Step(spot=Spot(file=path, line=number), words=line.strip()) for number, line in enumerate(bare.splitlines(), start=1) if line.strip()
    )
    match = _TIMEOUT.search(bare)
    minutes = float(match[1]) * {"SECONDS": 1 / 60, "HOURS": 60}.get((match[2] or "").upper(), 1) if match else None
    return Pipeline(path=path, system="jenkins", jobs=(Job(name="pipeline", spot=Spot(file=path, line=1), steps=steps, minutes=minutes),))


# -- values ------------------------------------------------------------------------------------------------------------------------------


def _strings(value: Any) -> str:
    """Every scalar in it, keys of mappings with them."""
    found: list[str] = []
    pending = [value]
    while pending and len(found) < 2_000:
        item = pending.pop()
        if is_mapping(item):
            pending += [part for key, inner in reversed(table(item).items()) for part in (inner, key)]
        elif is_list(item):
            pending += reversed(items(item))
        elif item is not None:
            found.append(str(item))
    return " ".join(found)


def _many(value: Any) -> list[Any]:
    return items(value) or ([value] if value else [])


def _lines(value: Any) -> list[str]:
    return [str(line) for line in _many(value) if isinstance(line, str) or is_list(line)]


def _names(value: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in _many(value) if isinstance(name, str))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 60 if isinstance(value, str) else None  # an expression: there is a limit, which one is not told


def _period(value: Any) -> float | None:
    """GitLab's "1h 30m", "90 minutes"."""
    if not isinstance(value, str):
        return None
    units = {"h": 60.0, "m": 1.0, "s": 1 / 60}
    parts = re.findall(r"(\d{1,6})\s*([hms])", value[:60].lower())
    return sum(int(number) * units[unit] for number, unit in parts) or None


_JOBS: Mapping[str, Callable[[Document], Iterator[Job]]] = {
    "github_actions": _github,
    "gitlab_ci": _gitlab,
    "circleci": _circleci,
    "azure_pipelines": _azure,
}
