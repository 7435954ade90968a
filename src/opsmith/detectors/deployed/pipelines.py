"""GitLab CI, CircleCI and Azure Pipelines: jobs of commands in images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opsmith.detectors.deployed.ci import (
    ImageBuild,
    Path,
    Pipeline,
    Toolchain,
    image_build,
    runtime_of,
    shell_builds,
    skaffold_builds,
    texts,
    told_lines,
    walk,
)
from opsmith.detectors.deployed.documents import Document, documents
from opsmith.detectors.deployed.told import Image, Told, image_of
from opsmith.repo import Repo
from opsmith.shapes import items, mapping

_GITLAB_WORDS = frozenset(
    ("stages", "variables", "include", "workflow", "default", "cache", "spec", "image", "services", "before_script", "after_script")
)
_AZURE_TASKS: Mapping[str, tuple[str, str]] = {
    "NodeTool": ("node", "versionSpec"), "UseNode": ("node", "version"), "UsePythonVersion": ("python", "versionSpec"), "GoTool": ("go", "version"),
    "UseDotNet": ("dotnet", "version"), "JavaToolInstaller": ("java", "versionSpec"), "UseRubyVersion": ("ruby", "versionSpec"),
}  # fmt: skip


def gitlab(repo: Repo, path: str) -> Pipeline:
    found = documents(repo, path)
    commands = [command for document in found for command in _gitlab_commands(document)]
    images = [told for document in found for told in _gitlab_images(document, "image")]
    services = [told for document in found for told in _gitlab_images(document, "services")]
    return _pipeline(path, "gitlab_ci", commands, images, services)


def _gitlab_commands(document: Document) -> Iterator[Told[str]]:
    for name, body in mapping(document.value).items():
        for key in ("before_script", "script"):
            if name not in _GITLAB_WORDS and mapping(body).get(key) is not None:
                yield told_lines("\n".join(texts(mapping(body)[key])), document.line(str(name), key))


def _gitlab_images(document: Document, key: str) -> Iterator[Told[Image]]:
    for path, body in walk(document.value):
        values = items(body.get(key)) if key == "services" else [body.get(key)]
        for index, value in enumerate(values):
            image = image_of(mapping(value).get("name", value))
            if len(path) < 2 and image is not None:
                yield Told(image, document.line(*path, key, *((index,) if key == "services" else ())))


def circleci(repo: Repo, path: str) -> Pipeline:
    found = documents(repo, path)
    commands = [command for document in found for command in _circle_commands(document)]
    images: list[Told[Image]] = []
    services: list[Told[Image]] = []
    for document in found:
        for place, body in walk(document.value):
            for index, item in enumerate(items(body.get("docker"))):
                image = image_of(mapping(item).get("image"))
                if image is not None:
                    (services if index else images).append(Told(image, document.line(*place, "docker", index)))
    return _pipeline(path, "circleci", commands, images, services)


def _circle_commands(document: Document) -> Iterator[Told[str]]:
    for place, body in walk(document.value):
        run = body.get("run")
        text = mapping(run).get("command", run)
        if isinstance(text, str) and place and isinstance(place[-1], int):
            yield told_lines(text, document.line(*place, "run", "command"))


def azure(repo: Repo, path: str) -> Pipeline:
    commands: list[Told[str]] = []
    builds: list[ImageBuild] = []
    tools: list[Toolchain] = []
    for document in documents(repo, path):
        for place, body in walk(document.value):
            for key in ("script", "bash", "powershell", "pwsh"):
                commands += [told_lines(body[key], document.line(*place, key))] if isinstance(body.get(key), str) else []
            if isinstance(body.get("task"), str):
                builds += _azure_build(body, document, place)
                tools += _azure_tool(body, document, place)
    made = _pipeline(path, "azure_pipelines", commands, [], [])
    return Pipeline(path=path, system=made.system, builds=(*builds, *made.builds), toolchains=tuple(tools), commands=made.commands)


def _azure_build(body: dict[Any, Any], document: Document, place: Path) -> Iterator[ImageBuild]:
    given = mapping(body.get("inputs"))
    if body["task"].partition("@")[0] != "Docker" or str(given.get("command", "buildAndPush")) not in ("build", "buildAndPush"):
        return
    file = str(given.get("Dockerfile", given.get("dockerfile", "**/Dockerfile"))).replace("$(Build.SourcesDirectory)/", "")
    context = given.get("buildContext")
    folder = file.rpartition("/")[0] or "." if context is None or context == "**" else str(context).replace("$(Build.SourcesDirectory)", ".")
    yield image_build("", folder, file, [str(given.get("repository", ""))], document.line(*place, "task"), from_context=False)


def _azure_tool(body: dict[Any, Any], document: Document, place: Path) -> Iterator[Toolchain]:
    runtime, key = _AZURE_TASKS.get(body["task"].partition("@")[0], ("", ""))
    version = str(mapping(body.get("inputs")).get(key, ""))
    if runtime and version:
        yield Toolchain(runtime, () if "$" in version else (version,), document.line(*place, "inputs", key))


def skaffold(repo: Repo, path: str) -> Pipeline:
    found = documents(repo, path)
    builds = (build for document in found for build in skaffold_builds(document.value, path, document.line("build", "artifacts")))
    return Pipeline(path=path, system="skaffold", builds=tuple(builds))


def _pipeline(path: str, system: str, commands: list[Told[str]], images: list[Told[Image]], services: list[Told[Image]]) -> Pipeline:
    known = [(found, told.line) for told in images if (found := runtime_of(told.value)) is not None]
    return Pipeline(
        path=path,
        system=system,
        builds=tuple(build for command in commands for build in shell_builds(command, "")),
        toolchains=tuple(Toolchain(runtime, (version,) if version else (), line) for (runtime, version), line in known),
        services=tuple(services),
        commands=tuple(commands),
    )
