"""Azure Pipelines: stages of jobs of scripts and tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from opsmith.detectors.deployed.ci import ImageBuild, Path, Pipeline, Toolchain, assembled, image_build, told_lines, walk
from opsmith.detectors.deployed.documents import documents
from opsmith.detectors.deployed.steps import environment, minutes, names, strings
from opsmith.detectors.deployed.told import Told
from opsmith.model import estate
from opsmith.model.document import Document
from opsmith.model.estate import Job, Step
from opsmith.repo import Repo
from opsmith.shapes import items, mapping, table

_TOOLS: Mapping[str, tuple[str, str]] = {
    "NodeTool": ("node", "versionSpec"), "UseNode": ("node", "version"), "UsePythonVersion": ("python", "versionSpec"), "GoTool": ("go", "version"),
    "UseDotNet": ("dotnet", "version"), "JavaToolInstaller": ("java", "versionSpec"), "UseRubyVersion": ("ruby", "versionSpec"),
}  # fmt: skip
_RUN = ("script", "bash", "pwsh", "powershell")


def read(repo: Repo, path: str) -> Pipeline:
    found = documents(repo, path)
    commands: list[Told[str]] = []
    builds: list[ImageBuild] = []
    tools: list[Toolchain] = []
    for document in found:
        for place, body in walk(document.value):
            for key in _RUN:
                commands += [told_lines(body[key], document.line(*place, key))] if isinstance(body.get(key), str) else []
            if isinstance(body.get("task"), str):
                builds += _build(body, document, place)
                tools += _tool(body, document, place)
    jobs = tuple(job for document in found for job in _jobs(document, (), document.body, "pipeline"))
    first = next(iter(found), None)
    whole = estate.Pipeline(path=path, system="azure_pipelines", jobs=jobs, document=first, on_change=first is None or _on_change(first.body))
    made = assembled(whole, commands, [], [])
    return replace(made, builds=(*builds, *made.builds), toolchains=tuple(tools))


def _on_change(body: Mapping[str, Any]) -> bool:
    return not (body.get("trigger") == "none" and body.get("pr", "none") == "none")


def _jobs(document: Document, place: tuple[str | int, ...], body: dict[str, Any], name: str) -> Iterator[Job]:
    for key in ("stages", "jobs"):
        for index, entry in enumerate(items(body.get(key))):
            inner = table(entry)
            called = next((str(inner[word]) for word in ("stage", "job", "deployment", "template") if word in inner), name)
            yield from _jobs(document, (*place, key, index), inner, called)
    if "template" in body and place:
        spot = document.spot(*place)
        yield Job(name=name, spot=spot, steps=(Step(spot=spot, words=strings(body), uses=str(body["template"])),), minutes=60, body=body)
    steps = list(_steps(document, place, body))
    if steps:
        yield Job(
            name=name,
            spot=document.spot(*place),
            steps=tuple(steps),
            minutes=minutes(body.get("timeoutInMinutes")),
            after=names(body.get("dependsOn")),
            environment=environment(body.get("environment")),
            body=body,
        )


def _steps(document: Document, place: tuple[str | int, ...], body: Mapping[str, Any]) -> Iterator[Step]:
    for index, entry in enumerate(items(body.get("steps"))):
        step = table(entry)
        spot = document.spot(*place, "steps", index)
        run = next((str(step[key]) for key in _RUN if key in step), None)
        if run is not None:
            yield Step(spot=spot, words=run)
        else:
            uses = str(step.get("task") or step.get("template") or next(iter(step), ""))
            yield Step(spot=spot, words=strings(step), uses=uses)
    strategy = table(body.get("strategy"))
    for kind, inner in strategy.items():
        for phase, inside in table(inner).items():
            yield from _steps(document, (*place, "strategy", kind, phase), table(inside))


def _build(body: dict[Any, Any], document: Document, place: Path) -> Iterator[ImageBuild]:
    given = mapping(body.get("inputs"))
    if body["task"].partition("@")[0] != "Docker" or str(given.get("command", "buildAndPush")) not in ("build", "buildAndPush"):
        return
    file = str(given.get("Dockerfile", given.get("dockerfile", "**/Dockerfile"))).replace("$(Build.SourcesDirectory)/", "")
    context = given.get("buildContext")
    folder = file.rpartition("/")[0] or "." if context is None or context == "**" else str(context).replace("$(Build.SourcesDirectory)", ".")
    yield image_build("", folder, file, [str(given.get("repository", ""))], document.line(*place, "task"), from_context=False)


def _tool(body: dict[Any, Any], document: Document, place: Path) -> Iterator[Toolchain]:
    runtime, key = _TOOLS.get(body["task"].partition("@")[0], ("", ""))
    version = str(mapping(body.get("inputs")).get(key, ""))
    if runtime and version:
        yield Toolchain(runtime, () if "$" in version else (version,), document.line(*place, "inputs", key))
