"""Which component a deployment file is about: image, manifest and pipeline are paired by folders, paths and the names of images."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from opsmith.detectors.deployed import Deployed
from opsmith.detectors.deployed.ci import ImageBuild
from opsmith.detectors.deployed.compose import ComposeService
from opsmith.detectors.deployed.dockerfile import Dockerfile
from opsmith.detectors.deployed.kubernetes import Container, Workload
from opsmith.detectors.deployed.told import Image
from opsmith.model.survey import Component
from opsmith.stages.deployment.places import is_aside, is_within

Found = tuple[Component, ...]
"""Components of one folder, or none."""


class Known:
    """The components by folder and by what they are called: each deployment file asks for some of them."""

    def __init__(self, components: Found) -> None:
        self.components = components
        self._by_folder: dict[str, Found] = {}
        self._by_name: dict[str, list[int]] = {}
        for index, item in enumerate(components):
            self._by_folder[item.path] = (*self._by_folder.get(item.path, ()), item)
            for name in _names(item):
                self._by_name.setdefault(name, []).append(index)

    def at(self, folder: str) -> Found:
        return self._by_folder.get(folder, ())

    def called(self, *names: str) -> Found:
        """As `is_called` by any of the names."""
        found = {index for name in names for index in self._by_name.get(_plain(name), ())}
        return tuple(self.components[index] for index in sorted(found))

    def around(self, path: str) -> Found:
        """Those of the innermost folder around a file; of the root folder only where the file lies in it."""
        folder = path
        while folder:
            if folder in self._by_folder:
                return self._by_folder[folder]
            folder = folder.rpartition("/")[0]
        return self.at("") if "/" not in path else ()


@dataclass(frozen=True, slots=True)
class Pairs:
    """For each Dockerfile, compose service and container the components that run from it; `contexts` are the folders a Dockerfile is built in."""

    known: Known
    dockerfiles: Mapping[str, Found]
    contexts: Mapping[str, tuple[str, ...]]
    images: Mapping[str, Found]
    """By repository of an image that is built here."""
    named: Mapping[str, str] = field(default_factory=dict[str, str])
    """By name that a manifest uses, the image that a kustomization puts in its place."""

    @property
    def components(self) -> Found:
        return self.known.components

    def of_build(self, context: str | None, dockerfile: str | None) -> Found:
        if dockerfile is not None and dockerfile in self.dockerfiles:
            return self.dockerfiles[dockerfile]
        return self.known.at(context) if context else ()

    def of_image(self, image: Image, *names: str) -> Found:
        """By the image's name; or because it ends in the component's name, as what runs it does."""
        repository = self.named.get(image.repository, image.repository)
        if repository in self.images:
            return self.images[repository]
        base = repository.rpartition("/")[2]
        same = [found for known, found in self.images.items() if known.rpartition("/")[2] == base]
        if same and all(found == same[0] for found in same):
            return same[0]
        called = [item for item in self.known.called(*names) if _ends_in(base, item)]
        return (called[0],) if len(called) == 1 else ()

    def of_service(self, service: ComposeService) -> Found:
        if service.build is not None:
            found = self.of_build(service.build.context, service.build.dockerfile)
        else:
            found = self.of_image(service.image.value, service.name) if service.image else ()
        return _chosen(found, service.name)

    def of_container(self, workload: Workload, container: Container) -> Found:
        return _chosen(self.of_image(container.image.value, container.name, workload.object.name), workload.object.name) if container.image else ()


def paired(components: Sequence[Component], deployed: Deployed) -> Pairs:
    known = Known(tuple(components))
    told = _contexts(deployed)
    contexts = {item.path: told.get(item.path, ()) for item in deployed.dockerfiles}
    dockerfiles = {item.path: _of_dockerfile(item, contexts[item.path], known) for item in deployed.dockerfiles}
    first = Pairs(known, dockerfiles, contexts, {})
    named = {name: image.value.repository for item in deployed.kustomizations for name, image in item.images.items()}
    return Pairs(known, dockerfiles, contexts, dict(_images(first, deployed)), named)


def lead(found: Iterable[Component]) -> Component | None:
    """Of several from one folder the one that answers requests; None where several folders are meant."""
    listed = list(found)
    if not listed or len({item.path for item in listed}) > 1:
        return None
    return next((item for role in ("web", "static") for item in listed if item.role == role), listed[0])


def _chosen(found: Found, name: str) -> Found:
    """Of several from one folder, the one that is called so."""
    same = tuple(item for item in found if is_called(item, name))
    return same if len(same) == 1 else found


# -- Dockerfiles -----------------------------------------------------------------------------------------------------------------------


def builds_of(deployed: Deployed) -> Iterator[tuple[str, ImageBuild]]:
    """Every build that a pipeline says, with the pipeline's path."""
    yield from ((pipeline.path, build) for pipeline in deployed.pipelines for build in pipeline.builds)


def _contexts(deployed: Deployed) -> dict[str, tuple[str, ...]]:
    """By Dockerfile."""
    told = [(service.build.dockerfile, service.build.context) for service in deployed.services if service.build]
    told += [(build.dockerfile, build.context) for pipeline in deployed.pipelines if not pipeline.elsewhere for build in pipeline.builds]
    found: dict[str, dict[str, None]] = {}
    for dockerfile, context in told:
        if dockerfile is not None and context is not None:
            found.setdefault(dockerfile, {})[context] = None
    return {dockerfile: tuple(contexts) for dockerfile, contexts in found.items()}


def _of_dockerfile(item: Dockerfile, contexts: tuple[str, ...], known: Known) -> Found:
    """By the name behind the dot, what it copies or builds, its folder, its context; at last the only one that lies below."""
    return next((found for found in _candidates(item, contexts, known) if found), ())


def _candidates(item: Dockerfile, contexts: tuple[str, ...], known: Known) -> Iterator[Found]:
    folder = item.path.rpartition("/")[0]
    yield _by_suffix(item.path, known)
    if folder:
        yield known.at(folder)
    yield from (known.at(context) for context in contexts if context)
    yield from (known.at(context) for context in contexts or (folder,) if _copies_all(item))
    yield _by_mention(item, contexts or (folder, ""), known)
    yield known.at(folder)
    yield from (_below(known.components, context) for context in contexts or (folder,))


def _copies_all(item: Dockerfile) -> bool:
    return any(source in (".", "./", "*") for stage in item.stages for copy in stage.copies if copy.stage is None for source in copy.sources)


def _below(components: Found, folder: str) -> Found:
    found = tuple(item for item in components if is_within(item.path, folder))
    return found if len({item.path for item in found}) == 1 else ()


def _by_suffix(path: str, known: Known) -> Found:
    """`Dockerfile.api`, `api.Dockerfile`, `docker/api/Dockerfile`."""
    folder, _, name = path.rpartition("/")
    word = re.sub(r"(?i)^(?:dockerfile|containerfile)[._-]?|[._-]?(?:dockerfile|containerfile)$", "", name)
    for called in (word, folder.rpartition("/")[2]):
        found = known.called(called) if called else ()
        if len(found) == 1:
            return found
    return ()


def _by_mention(item: Dockerfile, contexts: tuple[str, ...], known: Known) -> Found:
    """The folder that is copied by itself, or that a build or start command names."""
    paths = {component.path for component in known.components if component.path}
    words = " ".join([*_runs(item), item.final.starts.value if item.final.starts else ""])
    for stage in (item.final, *reversed(item.stages)):
        copied = {source.strip("./").rstrip("/") for copy in stage.copies if copy.stage is None for source in copy.sources}
        named = {path for path in paths for context in contexts if _relative(path, context) in copied}
        if len(named) == 1:
            return known.at(next(iter(named)))
    named = {path for path in paths if path in words and re.search(rf"(?<![\w-])(?:\./|apps?[:@/])?{re.escape(path)}(?![\w-])", words)}
    named |= {
        component.path
        for component in known.components
        if component.path and component.name in words and re.search(rf"(?<![\w/.-]){re.escape(component.name)}(?![\w/.-])", words)
    }
    return known.at(next(iter(named))) if len(named) == 1 else ()


def _runs(item: Dockerfile) -> list[str]:
    return [run.value[:5_000] for stage in item.stages for run in stage.runs]


def _relative(path: str, context: str) -> str | None:
    return path[len(context) :].strip("/") if is_within(path, context) and path != context else None


# -- images ----------------------------------------------------------------------------------------------------------------------------


def _images(pairs: Pairs, deployed: Deployed) -> Iterator[tuple[str, Found]]:
    for service in deployed.services:
        if service.build is not None and service.image is not None and not is_aside(service.path):
            yield service.image.value.repository, pairs.of_build(service.build.context, service.build.dockerfile)
    for _, build in builds_of(deployed):
        found = pairs.of_build(build.context, build.dockerfile)
        yield from ((image.repository, found) for image in build.images if found)


def is_called(component: Component, name: str) -> bool:
    return _plain(name) in _names(component)


def _names(component: Component) -> set[str]:
    return {_plain(component.name), _plain(component.path.rpartition("/")[2])} - {""}


def _plain(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return re.sub(r"(?:service|svc|server|deployment)$", "", plain) or plain


def _ends_in(base: str, component: Component) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", base.lower())
    return any(
        plain.endswith(_plain(word)) or _plain(base).endswith(_plain(word)) for word in (component.name, component.path.rpartition("/")[2]) if word
    )
