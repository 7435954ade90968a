"""GitHub workflows: the images they build, the tools they set up, the services beside their tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from opsmith.detectors.deployed.ci import ImageBuild, Pipeline, Toolchain, folder_of, image_build, shell_builds, told_lines
from opsmith.detectors.deployed.documents import documents
from opsmith.detectors.deployed.steps import environment, minutes, names, strings
from opsmith.detectors.deployed.told import Told, image_of, is_open
from opsmith.model.assessment import Spot
from opsmith.model.document import Document
from opsmith.model.estate import Job, Step
from opsmith.repo import Repo
from opsmith.shapes import is_list, items, mapping, table

_SETUPS: Mapping[str, tuple[str, str]] = {
    "actions/setup-node": ("node", "node-version"), "actions/setup-python": ("python", "python-version"), "actions/setup-go": ("go", "go-version"),
    "actions/setup-java": ("java", "java-version"), "actions/setup-dotnet": ("dotnet", "dotnet-version"), "ruby/setup-ruby": ("ruby", "ruby-version"),
    "shivammathur/setup-php": ("php", "php-version"), "erlef/setup-beam": ("elixir", "elixir-version"), "oven-sh/setup-bun": ("bun", "bun-version"),
    "denoland/setup-deno": ("deno", "deno-version"), "astral-sh/setup-uv": ("python", "python-version"),
}  # fmt: skip
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")

Values = Mapping[str, list[str]]


def read(repo: Repo, path: str) -> Pipeline:
    found = next(iter(documents(repo, path)), None)
    if found is None:
        return Pipeline(path=path, system="github_actions", jobs=())
    jobs = [_Job(found, str(name)) for name in mapping(found.at("jobs"))]
    return Pipeline(
        path=path,
        system="github_actions",
        jobs=tuple(job.job() for job in jobs),
        document=found,
        on_change=_on_change(found.body),
        watched=tuple(dict.fromkeys(_watched(found.body))),
        builds=tuple(build for job in jobs for build in job.builds()),
        toolchains=tuple(tool for job in jobs for tool in job.toolchains()),
        services=tuple(service for job in jobs for service in job.services()),
        commands=tuple(command for job in jobs for command in job.commands()),
        elsewhere=any(job.checks_out_elsewhere() for job in jobs),
    )


_CHANGES = ("push", "pull_request", "pull_request_target", "merge_group", "workflow_call", "release")


def _on_change(body: Mapping[str, Any]) -> bool:
    on = body.get("on", body.get("True"))
    events = [on] if isinstance(on, str) else [*items(on), *table(on)]
    return any(event in _CHANGES for event in events)


def _watched(body: Mapping[str, Any]) -> Iterator[str]:
    for event in table(body.get("on", body.get("True"))).values():
        yield from (path for path in items(mapping(event).get("paths")) if isinstance(path, str) and not path.startswith("!"))


def composite(document: Document) -> tuple[Step, ...]:
    """The steps of an action of the repository's own."""
    steps = items(table(document.body.get("runs")).get("steps"))
    return tuple(_step(document.spot("runs", "steps", index), table(step)) for index, step in enumerate(steps))


def _step(spot: Spot, step: Mapping[str, Any]) -> Step:
    uses = step.get("uses")
    if isinstance(uses, str):
        inputs = " ".join(f"{key}={value}" for key, value in table(step.get("with")).items())
        return Step(spot=spot, words=f"{uses} {inputs} {strings(step.get('env'))}", uses=uses)
    return Step(spot=spot, words=f"{step.get('run') or ''}\n{strings(step.get('env'))}".strip())


class _Job:
    """One job, with the values that its expressions can have."""

    def __init__(self, document: Document, name: str) -> None:
        self._document, self._root = document, ("jobs", name)
        self._body = mapping(document.at(*self._root))
        self._values = {**_environment(document.value), **_environment(self._body), **_matrix(self._body)}
        self._steps = [(index, mapping(step)) for index, step in enumerate(items(self._body.get("steps")))]
        self._folder = mapping(mapping(mapping(self._body.get("defaults")) or document.at("defaults")).get("run")).get("working-directory")

    def job(self) -> Job:
        spot = self._document.spot(*self._root)
        steps = [_step(self._document.spot(*self._root, "steps", index), step) for index, step in self._steps]
        if isinstance(self._body.get("uses"), str):
            steps.append(_step(self._document.spot(*self._root, "uses"), self._body))
        return Job(
            name=self._root[1],
            spot=spot,
            steps=tuple(steps),
            minutes=minutes(self._body.get("timeout-minutes")),
            after=names(self._body.get("needs")),
            environment=environment(self._body.get("environment")),
            body=table(self._body),
        )

    def _line(self, *below: str | int) -> int:
        return self._document.line(*self._root, *below)

    def _uses(self) -> Iterator[tuple[int, str, dict[Any, Any]]]:
        for index, step in self._steps:
            if isinstance(step.get("uses"), str):
                yield index, step["uses"].partition("@")[0], mapping(step.get("with"))

    def checks_out_elsewhere(self) -> bool:
        return any(name == "actions/checkout" and ({"repository", "path"} & set(given)) for _, name, given in self._uses())

    def commands(self) -> Iterator[Told[str]]:
        for index, step in self._steps:
            if isinstance(step.get("run"), str):
                yield told_lines(step["run"], self._line("steps", index, "run"))

    def services(self) -> Iterator[Told[Any]]:
        for name, body in mapping(self._body.get("services")).items():
            image = image_of(mapping(body).get("image"))
            if image is not None:
                yield Told(image, self._line("services", str(name), "image"))

    def toolchains(self) -> Iterator[Toolchain]:
        for index, name, given in self._uses():
            runtime, key = _SETUPS.get(name, ("", ""))
            if runtime and key in given:
                versions = tuple(_versions(self._filled(given[key])))
                yield Toolchain(runtime, versions, self._line("steps", index, "with", key))

    def builds(self) -> Iterator[ImageBuild]:
        images = self._described_images()
        for index, name, given in self._uses():
            if name in ("docker/build-push-action", "redhat-actions/buildah-build", "depot/build-push-action"):
                yield self._action(given, images, self._line("steps", index, "uses"))
        for index, step in self._steps:
            if isinstance(step.get("run"), str):
                folder = folder_of(step.get("working-directory", self._folder))
                yield from shell_builds(told_lines(self._one(step["run"]), self._line("steps", index, "run")), folder)

    def _action(self, given: dict[Any, Any], images: list[str], line: int) -> ImageBuild:
        tags = [tag for text in self._filled(given.get("tags", "")) for tag in re.split(r"[\n,]", text) if tag.strip()]
        named = [tag for tag in tags if ".outputs." not in tag]
        context, file = self._one(str(given.get("context", "."))), given.get("file")
        elsewhere = "context" not in given and file is None and self.checks_out_elsewhere()
        plain = re.sub(r"^\$\{\{\s*github\.workspace\s*\}\}/?", "./", context)
        name = self._one(str(file)) if file is not None else None
        return image_build(
            None if elsewhere else "", plain, name, [*named, *(images if len(named) < len(tags) or not tags else [])], line, from_context=False
        )

    def _described_images(self) -> list[str]:
        """What docker/metadata-action makes tags of."""
        return [
            image
            for _, name, given in self._uses()
            if name == "docker/metadata-action"
            for text in self._filled(given.get("images", ""))
            for image in (part.strip().removeprefix("name=") for part in re.split(r"[\n,]", text))
            if image and not image.startswith("enable=")
        ]

    def _filled(self, value: object) -> list[str]:
        """What an expression can be: several values for one of the matrix; an open text where nothing is known."""
        if is_list(value):
            return [str(item) for item in items(value)]
        text = str(value)
        alone = _EXPRESSION.fullmatch(text.strip())
        if alone is not None and alone[1] in self._values:
            return list(self._values[alone[1]])
        return [self._one(text)]

    def _one(self, text: str) -> str:
        def known(match: re.Match[str]) -> str:
            values = self._values.get(match[1], [])
            return values[0] if len(values) == 1 else match[0]

        return _EXPRESSION.sub(known, text)


def _environment(body: object) -> Values:
    return {f"env.{name}": [str(value)] for name, value in mapping(mapping(body).get("env")).items() if not is_open(str(value))}


def _matrix(body: dict[Any, Any]) -> dict[str, list[str]]:
    matrix = mapping(mapping(body.get("strategy")).get("matrix"))
    found: dict[str, list[str]] = {}
    for name, values in matrix.items():
        if name not in ("include", "exclude"):
            found[f"matrix.{name}"] = [str(value) for value in items(values) if isinstance(value, (str, int, float))]
    for item in items(matrix.get("include")):
        for name, value in mapping(item).items():
            if isinstance(value, (str, int, float)) and str(value) not in found.setdefault(f"matrix.{name}", []):
                found[f"matrix.{name}"].append(str(value))
    return {name: values for name, values in found.items() if values}


def _versions(values: list[str]) -> Iterator[str]:
    for value in values:
        for line in value.split("\n"):
            if line.strip()[:1].isdigit() and not is_open(line.strip()):
                yield line.strip()
