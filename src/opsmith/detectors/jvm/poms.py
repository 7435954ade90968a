"""Maven's model as files state it: inheritance, properties, management, profiles that are active without anybody asking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from opsmith.detectors.jvm.modules import join, normal
from opsmith.repo import Repo
from opsmith.xml_safe import Element

_PLACEHOLDER = re.compile(r"\$\{([^${}]{1,200})\}")
_MOST_PARENTS = 20
_MOST_TEXT = 500


@dataclass(eq=False, slots=True)
class Pom:
    """`chain` is the file itself and its parents that lie in the repository, nearest first."""

    path: str
    folder: str
    root: Element
    chain: list[Pom] = field(default_factory=list["Pom"])
    properties: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def artifact(self) -> str:
        return self.root.value("artifactId") or ""

    @property
    def group(self) -> str:
        return self.root.value("groupId") or self.root.value("parent", "groupId") or ""

    @property
    def version(self) -> str | None:
        stated = self.root.value("version") or self.root.value("parent", "version")
        return self.text(stated) if stated else None

    def text(self, value: str | None) -> str:
        """`value` with its properties filled in, as far as they are known."""
        current = value or ""
        for _ in range(10):
            filled = _PLACEHOLDER.sub(lambda match: self.properties.get(match[1], match[0]), current)
            if filled == current or len(filled) > _MOST_TEXT:
                break
            current = filled
        return current[:_MOST_TEXT]

    def parts(self, repo: Repo) -> Iterator[tuple[Pom, Element]]:
        """The elements that hold dependencies and builds: of each file of the chain, then of its active profiles."""
        for pom in self.chain:
            yield pom, pom.root
            for profile in pom.root.all("profiles", "profile"):
                if _is_active(repo, self, profile):
                    yield pom, profile


def poms(repo: Repo) -> dict[str, Pom]:
    """Every pom.xml by path."""
    found: dict[str, Pom] = {}
    for path in repo.named("pom.xml"):
        root = repo.xml(path)
        if root is not None and root.tag == "project":
            found[path] = Pom(path, path.rpartition("/")[0], root)
    by_coordinates = {(pom.group, pom.artifact): pom for pom in reversed(found.values())}
    for pom in found.values():
        pom.chain = list(_chain(pom, found, by_coordinates))
        pom.properties = _properties(pom, repo)
    return found


def _chain(pom: Pom, known: dict[str, Pom], by_coordinates: dict[tuple[str, str], Pom]) -> Iterator[Pom]:
    seen: set[str] = set()
    current: Pom | None = pom
    while current is not None and current.path not in seen and len(seen) < _MOST_PARENTS:
        seen.add(current.path)
        yield current
        current = _parent(current, known, by_coordinates)


def _parent(pom: Pom, known: dict[str, Pom], by_coordinates: dict[tuple[str, str], Pom]) -> Pom | None:
    parent = pom.root.first("parent")
    if parent is None:
        return None
    wanted = (parent.value("groupId") or "", parent.value("artifactId") or "")
    relative = parent.value("relativePath") or "../pom.xml"
    place = normal(join(pom.folder, relative))
    for path in (place, join(place, "pom.xml") if place is not None else None):
        if path in known and known[path].artifact == wanted[1]:
            return known[path]
    found = by_coordinates.get(wanted)
    return found if found is not pom else None


def _properties(pom: Pom, repo: Repo) -> dict[str, str]:
    """The nearest file wins; what Maven itself defines comes last."""
    found: dict[str, str] = {}
    for above in reversed(pom.chain):
        for holder in (above.root, *(profile for profile in above.root.all("profiles", "profile") if _is_active(repo, pom, profile))):
            for block in holder.all("properties"):
                found |= {item.tag: item.text for item in block.children if len(item.text) <= _MOST_TEXT}
    version = pom.root.value("version") or pom.root.value("parent", "version") or ""
    named = {"artifactId": pom.artifact, "groupId": pom.group, "version": version, "name": pom.root.value("name") or pom.artifact}
    for key, value in named.items():
        found[f"project.{key}"] = found[f"pom.{key}"] = value
    found["project.parent.version"] = pom.root.value("parent", "version") or ""
    found |= {"basedir": ".", "project.basedir": "."}
    return found


def _is_active(repo: Repo, pom: Pom, profile: Element) -> bool:
    """Active by default, for production by its name, or because a file is there that has to be."""
    if profile.value("activation", "activeByDefault") == "true" or (profile.value("id") or "").lower() in ("prod", "production"):
        return True
    wanted = profile.value("activation", "file", "exists")
    if wanted is None:
        return False
    path = normal(join(pom.folder, re.sub(r"\$\{(project\.)?basedir\}/?", "", wanted)))
    return path is not None and repo.has(path)
