"""What every CI system's files come down to: images that are built, tools that are set up, services beside the tests, commands."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from opsmith.detectors.deployed.told import Image, Told, image_of, is_open, words_of
from opsmith.model import estate
from opsmith.shapes import is_list, is_mapping, items, mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageBuild:
    """`context` and `dockerfile` are relative to the repository; None: decided by a variable, or outside. `images` are those with a plain name."""

    context: str | None
    dockerfile: str | None
    images: tuple[Image, ...]
    line: int
    open: bool = False
    """One of the images has a name that a variable decides."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A version that the jobs run with; no version where a file or a variable decides."""

    runtime: str
    versions: tuple[str, ...]
    line: int


@dataclass(frozen=True, kw_only=True)
class Pipeline(estate.Pipeline):
    """With what its jobs come down to."""

    builds: tuple[ImageBuild, ...] = ()
    toolchains: tuple[Toolchain, ...] = ()
    services: tuple[Told[Image], ...] = ()
    commands: tuple[Told[str], ...] = ()
    watched: tuple[str, ...] = ()
    """Patterns of paths: a change of others does not start it."""
    names: tuple[str, ...] = ()
    """Images whose tag it sets when they are deployed, as manifests name them."""
    elsewhere: bool = False
    """Other repositories, or this one in another folder, are checked out too: its paths may mean theirs."""


RUNTIME_IMAGES = {
    "python": "python", "node": "node", "golang": "go", "go": "go", "openjdk": "java", "eclipse-temurin": "java", "amazoncorretto": "java",
    "ruby": "ruby", "php": "php", "rust": "rust", "elixir": "elixir", "oven/bun": "bun", "denoland/deno": "deno", "maven": "java", "gradle": "java",
}  # fmt: skip
"""Official images of runtimes, by name."""
_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(?:$|[-_a-z])")
_JDK = re.compile(r"(?:jdk|temurin|openjdk|jre|java|corretto)-?(\d+)")


def runtime_of(image: Image) -> tuple[str, str | None] | None:
    """The runtime that an official image brings, and its version as the tag states it: `python`, `3.12`."""
    name = image.repository.removeprefix("docker.io/").removeprefix("library/").removeprefix("cimg/").removeprefix("circleci/")
    name = re.sub(r"^mcr\.microsoft\.com/dotnet/.*", "dotnet", name)
    runtime = "dotnet" if name == "dotnet" else RUNTIME_IMAGES.get(name)
    if runtime is None:
        return None
    match = _JDK.search(image.tag or "") if name in ("maven", "gradle") else _VERSION.match(image.tag or "")
    return runtime, match[1] if match else None


# -- commands --------------------------------------------------------------------------------------------------------------------------

_WITH_VALUE = frozenset(
    (
        "-t", "--tag", "-f", "--file", "--target", "--build-arg", "--platform", "--cache-from", "--cache-to", "--label", "--secret", "--ssh",
        "--network", "--progress", "-o", "--output", "--iidfile", "--metadata-file", "--builder", "--build-context", "--add-host", "--memory", "-m",
        "--attest", "--allow", "--annotation", "--shm-size", "--ulimit", "--cpus", "--isolation", "--format", "--layers", "--arch",
    )
)  # fmt: skip
_CUT = re.compile(r"&&|\|\||;|\||\n")
MOST_TEXT = 100_000


def assembled(whole: estate.Pipeline, commands: list[Told[str]], images: list[Told[Image]], services: list[Told[Image]]) -> Pipeline:
    """Of a system whose jobs are commands in images."""
    known = [(found, told.line) for told in images if (found := runtime_of(told.value)) is not None]
    return Pipeline(
        path=whole.path,
        system=whole.system,
        jobs=whole.jobs,
        document=whole.document,
        on_change=whole.on_change,
        builds=tuple(build for command in commands for build in shell_builds(command, "")),
        toolchains=tuple(Toolchain(runtime, (version,) if version else (), line) for (runtime, version), line in known),
        services=tuple(services),
        commands=tuple(commands),
    )


def told_lines(text: str, line: int) -> Told[str]:
    return Told(text[:MOST_TEXT], line)


def shell_builds(command: Told[str], folder: str | None) -> Iterator[ImageBuild]:
    """`docker build` and its likes in a script that starts in `folder` (None: unknown)."""
    offset = 1 if "\n" in command.value.strip() else 0
    text = command.value.replace("\\\n", "  ") if "\\\n" in command.value else command.value
    for part, start in _parts(text):
        words = words_of(part) if "cd" in part or "build" in part else []
        if words[:1] == ["cd"] and len(words) > 1:
            folder = joined(folder, words[1])
        elif _is_build(words):
            yield _build(words[_is_build(words) :], folder, command.line + offset + text.count("\n", 0, start) if offset else command.line)


def _parts(text: str) -> Iterator[tuple[str, int]]:
    at = 0
    for match in _CUT.finditer(text):
        yield text[at : match.start()].strip(), at
        at = match.end()
    yield text[at:].strip(), at


def _is_build(words: list[str]) -> int:
    """How many words come before the options; 0 for another command."""
    rest = words[1:] if words[:1] == ["sudo"] else words
    skipped = len(words) - len(rest)
    for known in (("docker", "build"), ("docker", "buildx", "build"), ("docker", "image", "build"), ("podman", "build"), ("buildah", "bud")):
        if tuple(rest[: len(known)]) == known:
            return len(known) + skipped
    return 0


def _build(words: list[str], folder: str | None, line: int) -> ImageBuild:
    tags: list[str] = []
    file: str | None = None
    context: str | None = None
    waiting = iter(words)
    for word in waiting:
        name, separator, value = word.partition("=")
        if name in _WITH_VALUE:
            value = value if separator else next(waiting, "")
            tags += [value] if name in ("-t", "--tag") else []
            file = value if name in ("-f", "--file") else file
        elif not word.startswith("-") or word == "-":
            context = word
    return image_build(folder, context, file, tags, line, from_context=False)


def image_build(
    folder: str | None, context: str | None, file: str | None, tags: Iterable[str], line: int, *, from_context: bool, default: str = "Dockerfile"
) -> ImageBuild:
    """`file` is relative to the context (compose's rule) or to where the command runs."""
    names = [tag.strip() for tag in tags if tag.strip()]
    images = tuple(dict.fromkeys(Image(image.repository) for tag in names if (image := image_of(tag)) is not None))
    place = joined(folder, context) if context is not None else None
    dockerfile = joined(place, default) if file is None else joined(place if from_context else folder, file)
    return ImageBuild(context=place, dockerfile=dockerfile, images=images, line=line, open=not names or any(image_of(tag) is None for tag in names))


def joined(folder: str | None, path: str) -> str | None:
    if folder is None or is_open(path) or "://" in path or path.startswith(("/", "~", "git@")) or path == "-":
        return None
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else None if joined == ".." or joined.startswith("../") else joined


def folder_of(value: object) -> str | None:
    """A working directory as a folder of the repository; the root where none is told."""
    return "" if value is None else joined("", value) if isinstance(value, str) else None


# -- walking documents -----------------------------------------------------------------------------------------------------------------

Path = tuple[str | int, ...]


def walk(value: Any, most: int = 20_000) -> Iterator[tuple[Path, dict[Any, Any]]]:
    """Every mapping inside, with the path to it, outermost and first ones first."""
    pending: list[tuple[Path, Any]] = [((), value)]
    for _ in range(most):
        if not pending:
            return
        path, item = pending.pop()
        body = mapping(item)
        if body:
            yield path, body
            pending.extend(((*path, str(key)), child) for key, child in reversed(list(body.items())) if is_mapping(child) or is_list(child))
        else:
            pending.extend(((*path, index), child) for index, child in reversed(list(enumerate(items(item)))) if is_mapping(child) or is_list(child))


def texts(value: object) -> list[str]:
    """One text or a list of texts, nested lists flattened once."""
    if isinstance(value, str):
        return [value]
    return [str(part) for item in items(value) for part in (items(item) or [item]) if isinstance(part, (str, int, float))]
