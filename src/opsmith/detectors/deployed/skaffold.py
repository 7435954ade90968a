"""Skaffold: the images it builds and from where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsmith.detectors.deployed.ci import ImageBuild, Pipeline, image_build, joined
from opsmith.detectors.deployed.documents import documents
from opsmith.repo import Repo
from opsmith.shapes import items, mapping


def read(repo: Repo, path: str) -> Pipeline:
    found = documents(repo, path)
    return Pipeline(
        path=path,
        system="skaffold",
        jobs=(),
        document=next(iter(found), None),
        builds=tuple(build for document in found for build in _builds(document.value, path, document.line("build", "artifacts"))),
        names=tuple(str(image) for document in found for item in _artifacts(document.value) if (image := item.get("image"))),
    )


def _artifacts(value: object) -> list[dict[Any, Any]]:
    return [mapping(item) for item in items(mapping(mapping(value).get("build")).get("artifacts"))]


def _builds(value: object, path: str, line: int) -> Iterator[ImageBuild]:
    """The artifacts of a skaffold document, whose folders are relative to its file."""
    folder = path.rpartition("/")[0]
    for artifact in _artifacts(value):
        docker, image = mapping(artifact.get("docker")), artifact.get("image")
        context = joined(folder, str(artifact.get("context", ".")))
        if isinstance(image, str) and not {"buildpacks", "jib", "bazel", "ko", "custom", "kaniko"} & set(artifact):
            yield image_build(context, ".", docker.get("dockerfile"), [image], line, from_context=False)
