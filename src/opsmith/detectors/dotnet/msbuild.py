"""Project files as MSBuild reads them: what stands around them (Directory.Build.props, Directory.Packages.props), imports, conditions.

The order decides: Directory.Build.props, the project itself, Directory.Build.targets; a later value replaces an earlier one.
Reading stands in for a release build: `$(Configuration)` is Release.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from opsmith.detectors.dotnet.conditions import expanded, holds
from opsmith.repo import Repo
from opsmith.xml_safe import Element

MAX_IMPORTS = 60
_ABOVE = re.compile(r"GetPathOfFileAbove\(\s*'?([\w.]+)")
_HERE = ("$(msbuildthisfiledirectory)", "$(msbuildprojectdirectory)/", "$(msbuildprojectdirectory)")
_PRIVATE = re.compile(r"(?i)\ball\b")


@dataclass(frozen=True, slots=True)
class Value:
    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Package:
    """A package that the project refers to; `private`: a tool of the build, of which nothing is shipped."""

    name: str
    version: str | None
    file: str
    line: int
    private: bool = False


@dataclass(slots=True)
class Project:
    """One evaluated project file. Property names stand in lower case; paths are relative to the repository's root."""

    path: str
    folder: str
    name: str
    sdks: list[str] = field(default_factory=list[str])
    properties: dict[str, Value] = field(default_factory=dict[str, Value])
    packages: dict[str, Package] = field(default_factory=dict[str, Package])
    """By name in lower case."""
    references: list[str] = field(default_factory=list[str])
    frameworks: set[str] = field(default_factory=set[str])
    linked: list[str] = field(default_factory=list[str])
    """Files outside the folder that are compiled or copied with it."""
    ports: list[Value] = field(default_factory=list[Value])
    files: list[str] = field(default_factory=list[str])
    """Everything that was read for it, the project file first."""

    def text(self, name: str) -> str:
        found = self.properties.get(name.lower())
        return found.text if found is not None else ""

    def says(self, name: str) -> bool:
        return self.text(name).lower() == "true"


def evaluate(repo: Repo, path: str) -> Project | None:
    """None when the file cannot be read, which is told as a problem."""
    root = repo.xml(path)
    if root is None or root.tag != "Project":
        return None
    folder, _, file = path.rpartition("/")
    project = Project(path=path, folder=folder, name=file.rpartition(".")[0], files=[path])
    evaluation = _Evaluation(repo, project)
    evaluation.surrounding("Directory.Build.props")
    evaluation.file(path, root)
    evaluation.surrounding("Directory.Build.targets")
    evaluation.surrounding("Directory.Packages.props")
    evaluation.central_versions()
    return project


class _Evaluation:
    """One pass over the files of one project, in their order."""

    def __init__(self, repo: Repo, project: Project) -> None:
        self.repo, self.project = repo, project
        self.texts: dict[str, str] = {"configuration": "Release", "platform": "AnyCPU", "msbuildprojectname": project.name, "os": "Unix"}
        self.central: dict[str, str] = {}
        self.read: set[str] = set()

    def surrounding(self, name: str) -> None:
        """The nearest file of that name; it imports the next one itself, if it wants to."""
        found = above(self.repo, self.project.folder, name)
        if found is not None:
            self.imported(found)

    def imported(self, path: str) -> None:
        if path in self.read or len(self.read) >= MAX_IMPORTS:
            return
        self.read.add(path)
        root = self.repo.xml(path)
        if root is not None:
            self.project.files.append(path)
            self.file(path, root)

    def file(self, path: str, root: Element) -> None:
        if root.attributes.get("Sdk"):
            self.project.sdks.extend(sdk.strip().partition("/")[0] for sdk in root.attributes["Sdk"].split(";"))
        for element in root.children:
            self.element(path, element)

    def element(self, path: str, element: Element) -> None:
        certain = holds(element.attributes.get("Condition"), self.texts)
        match element.tag:
            case "PropertyGroup" if certain:
                for child in element.children:
                    self.property(path, child)
            case "ItemGroup" if certain is not False:
                for child in element.children:
                    self.item(path, child)
            case "Import" if certain is not False:
                self.importing(path, element)
            case "Sdk":
                self.project.sdks.append(element.attributes.get("Name", "").partition("/")[0])
            case "Choose":
                for child in _alternatives(element):
                    self.element(path, child)
            case _:
                pass

    def property(self, path: str, element: Element) -> None:
        if holds(element.attributes.get("Condition"), self.texts):
            text = expanded(element.text, self.texts)
            self.texts[element.tag.lower()] = text
            self.project.properties[element.tag.lower()] = Value(text, path, element.line)

    def item(self, path: str, element: Element) -> None:
        if holds(element.attributes.get("Condition"), self.texts) is False:
            return
        for name in self.names(element):
            match element.tag:
                case "PackageReference" | "GlobalPackageReference":
                    self.package(path, element, name)
                case "PackageVersion":
                    self.central[name.lower()] = self.version(element) or ""
                case "ProjectReference":
                    self.reference(name)
                case "FrameworkReference":
                    self.project.frameworks.add(name)
                case "Compile" | "Content" | "None" | "EmbeddedResource" if name.startswith(".."):
                    self.project.linked.append(self.place(self.project.folder, name))
                case "ContainerPort" if name.isdigit():
                    self.project.ports.append(Value(name, path, element.line))
                case "Reference" if name.startswith("System.Web"):
                    self.project.frameworks.add("System.Web")
                case _:
                    pass

    def names(self, element: Element) -> Iterator[str]:
        listed = element.attributes.get("Include") or element.attributes.get("Update") or ""
        for name in expanded(listed, self.texts).split(";"):
            if name.strip():
                yield name.strip().replace("\\", "/")

    def package(self, path: str, element: Element, name: str) -> None:
        known = self.project.packages.get(name.lower())
        if known is None and "Include" not in element.attributes:
            return  # Update changes what is referred to, and refers to nothing
        private = bool(_PRIVATE.search(element.attributes.get("PrivateAssets") or element.value("PrivateAssets") or ""))
        version = self.version(element) or (known.version if known else None)
        self.project.packages[name.lower()] = Package(name, version, path, element.line, private)

    def version(self, element: Element) -> str | None:
        told = element.attributes.get("Version") or element.attributes.get("VersionOverride") or element.value("Version")
        return expanded(told, self.texts) if told else None

    def reference(self, name: str) -> None:
        place = self.place(self.project.folder, name)
        if self.repo.has(place) and place not in self.project.references:
            self.project.references.append(place)

    def importing(self, path: str, element: Element) -> None:
        if element.attributes.get("Sdk"):
            self.project.sdks.append(element.attributes["Sdk"].partition("/")[0])
            return
        told = element.attributes.get("Project", "")
        match = _ABOVE.search(told)
        found = self.next_above(path, match[1]) if match is not None else self.place(path.rpartition("/")[0], expanded(_relative(told), self.texts))
        if found is not None and self.repo.has(found) and found != path:
            self.imported(found)

    def next_above(self, path: str, name: str) -> str | None:
        """A file above the one that asks for it, where that has the same name itself."""
        here, _, own = path.rpartition("/")
        if own.lower() != name.lower():
            return above(self.repo, here, name)
        return above(self.repo, here.rpartition("/")[0], name) if here else None

    @staticmethod
    def place(folder: str, name: str) -> str:
        return posixpath.normpath(posixpath.join(folder, _relative(name)))

    def central_versions(self) -> None:
        for key, package in self.project.packages.items():
            if package.version is None and self.central.get(key):
                self.project.packages[key] = Package(package.name, self.central[key], package.file, package.line, package.private)


def _alternatives(choose: Element) -> Iterator[Element]:
    """What stands in the branches: items are taken from all of them, as reading cannot tell which one is taken."""
    for branch in choose.children[:20]:
        yield from (element for element in branch.children if element.tag == "ItemGroup")


def _relative(name: str) -> str:
    plain = name.strip().replace("\\", "/")
    for start in _HERE:
        if plain.lower().startswith(start):
            return plain[len(start) :].lstrip("/") or "."
    return plain


def above(repo: Repo, folder: str, name: str) -> str | None:
    """The nearest file called `name` in `folder` or above it, whatever the case of its letters."""
    current = folder
    while True:
        for file in repo.folder(current):
            if file.lower() == name.lower():
                return f"{current}/{file}" if current else file
        if not current:
            return None
        current = current.rpartition("/")[0]
