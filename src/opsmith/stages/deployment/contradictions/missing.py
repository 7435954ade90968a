"""Files and folders that a deployment file takes from the repository, and that are not there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from opsmith.detectors.deployed import Deployed
from opsmith.detectors.deployed.dockerfile import Dockerfile
from opsmith.detectors.deployed.told import is_open
from opsmith.model.finding import Finding
from opsmith.repo import SKIPPED_FOLDERS, Repo
from opsmith.stages.deployment.contradictions.ignored import Ignored
from opsmith.stages.deployment.pairing import Pairs, builds_of
from opsmith.stages.deployment.places import is_within

RULE = "deployed/missing-file"
_MADE = frozenset(
    (
        "dist", "build", "target", "out", "bin", "output", "publish", "release", "releases", "artifacts", "obj", "public", "static", "coverage",
        "generated", "libs", "packages", "assets", "staging", "result", "_build", "_output", "deps", "wheels", "bundle", "certs", "ssl", "data",
        "tmp", "logs", "version", "VERSION",
    )
)  # fmt: skip
"""Folders and files that a build makes."""
_MADE_ENDINGS = (
    ".jar", ".war", ".whl", ".tar", ".tar.gz", ".tgz", ".zip", ".exe", ".dll", ".so", ".deb", ".rpm", ".apk", ".gz", ".pem", ".crt", ".key", ".env",
)  # fmt: skip


def missing(repo: Repo, deployed: Deployed, pairs: Pairs) -> Iterator[Finding]:
    there = There(repo, deployed)
    for item in deployed.dockerfiles:
        yield from _copied(item, pairs.contexts.get(item.path, ()), there)
    yield from _composed(deployed, there)
    yield from _piped(deployed, there)
    yield from _kustomized(deployed, there)
    for platform in deployed.platforms:
        told = platform.dockerfile
        if told is not None and there.lacks(told.value):
            yield _finding(platform.path, told.line, f"builds {told.value}, which is not there")


class There:
    """Whether something is in the repository, may be made before it is used, or is surely missing."""

    def __init__(self, repo: Repo, deployed: Deployed) -> None:
        self._repo = repo
        self._ignored = Ignored(repo)
        self._submodules = tuple(re.findall(r"(?m)^\s*path\s*=\s*(\S+)\s*$", repo.read(".gitmodules") or "")) if repo.has(".gitmodules") else ()
        self._commands = "\n".join(command.value for pipeline in deployed.pipelines for command in pipeline.commands)
        self._scripts = [path for path in repo.named("Makefile", "justfile", "Taskfile.yml", "package.json", "Rakefile") if path.count("/") < 3]
        self._scripts += [path for path in repo.files if path.endswith(".sh") and path.count("/") < 3][:100]

    def lacks(self, path: str) -> bool:
        """Surely missing: not there, not ignored by git, in no submodule, not what builds make, and no script speaks of it."""
        return not self.has(path) and not self._may_be_made(path)

    def has(self, path: str) -> bool:
        if not path or self._repo.has(path) or self._repo.under(path):
            return True
        return self._repo.lies_at(path)

    def _may_be_made(self, path: str) -> bool:
        parts = path.split("/")
        name = parts[-1]
        return (
            bool((_MADE | SKIPPED_FOLDERS) & set(parts))
            or name.endswith(_MADE_ENDINGS)
            or any(is_within(path, folder) for folder in self._submodules)
            or self._ignored.has(path)
            or self._is_spoken_of(name)
        )

    def _is_spoken_of(self, name: str) -> bool:
        word = name.encode()
        return name in self._commands or any(word in (self._repo.bytes(path) or b"") for path in self._scripts)


def _finding(path: str, line: int, message: str) -> Finding:
    return Finding(rule=RULE, severity="high", message=message, path=path, line=line)


# -- Dockerfiles -----------------------------------------------------------------------------------------------------------------------


def _copied(item: Dockerfile, contexts: tuple[str, ...], there: There) -> Iterator[Finding]:
    """A source is missing where it is in none of the folders that the file may be built in."""
    folder = item.path.rpartition("/")[0]
    above = [folder]
    while above[-1]:
        above.append(above[-1].rpartition("/")[0])
    places = contexts or tuple(above)
    for copy in (copy for stage in item.stages for copy in stage.copies if copy.stage is None):
        for source in copy.sources:
            if _is_plain(source) and all(_lacks(place, source, there) for place in places):
                where = " or ".join(place or "the root folder" for place in places[:3])
                yield _finding(item.path, copy.line, f"copies {source}, which is not in {where}")


def _is_plain(source: str) -> bool:
    return not re.search(r"[$*?\[\]{}]|://|^git@|\.git(?:#|$)", source) and source.strip("./ ") != "" and ".." not in source.split("/")


def _lacks(place: str, source: str, there: There) -> bool:
    return there.lacks(posixpath.normpath(posixpath.join(place, source.lstrip("/"))))


# -- compose files, pipelines, kustomizations ------------------------------------------------------------------------------------------


def _composed(deployed: Deployed, there: There) -> Iterator[Finding]:
    for service in deployed.services:
        build = service.build
        if build is None or build.context is None:
            continue
        if build.context and there.lacks(build.context):
            yield _finding(service.path, build.line, f"service {service.name} is built from {build.context}, which is not there")
        elif build.dockerfile is not None and there.has(build.context) and there.lacks(build.dockerfile):
            yield _finding(service.path, build.line, f"service {service.name} is built by {build.dockerfile}, which is not there")


def _piped(deployed: Deployed, there: There) -> Iterator[Finding]:
    elsewhere = {pipeline.path for pipeline in deployed.pipelines if pipeline.elsewhere}
    for path, build in builds_of(deployed):
        if path in elsewhere:
            continue
        if build.context and there.lacks(build.context):
            yield _finding(path, build.line, f"builds an image from {build.context}, which is not there")
        elif build.dockerfile is not None and build.context is not None and there.lacks(build.dockerfile):
            yield _finding(path, build.line, f"builds an image by {build.dockerfile}, which is not there")


def _kustomized(deployed: Deployed, there: There) -> Iterator[Finding]:
    for item in deployed.kustomizations:
        folder = item.path.rpartition("/")[0]
        for told in item.resources:
            path = posixpath.normpath(posixpath.join(folder, told.value))
            if _is_here(told.value, path) and there.lacks(path):
                yield _finding(item.path, told.line, f"takes {told.value}, which is not there")


def _is_here(written: str, path: str) -> bool:
    elsewhere = re.search(r"://|^git@|github\.com|\?ref=|^/", written) is not None
    return not is_open(written) and not elsewhere and path != "." and not path.startswith("..")
