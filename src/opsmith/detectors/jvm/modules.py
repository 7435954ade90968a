"""One module of a build, whatever tool builds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from opsmith.model.survey import Evidence


@dataclass(frozen=True, slots=True)
class Dependency:
    """`test`: only tests see it. `version` is None where a platform or a parent decides it."""

    group: str
    name: str
    version: str | None
    test: bool
    file: str
    line: int | None

    @property
    def evidence(self) -> Evidence:
        return Evidence(file=self.file, line=self.line, shows=f"{self.group}:{self.name}", confidence=0.9)


@dataclass(frozen=True, slots=True)
class Start:
    """How the build packs a program. `kind`: jar (`file` holds everything), script (`file` starts it), classpath, war, or none known.

    `task` are the words of the build command that make it.
    """

    kind: Literal["jar", "script", "classpath", "war"]
    file: str
    task: str
    evidence: Evidence
    packer: str | None = None
    """spring-boot: its plugin packs the jar, and nobody changed into which layers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """`folder` holds the manifest, `context` is the folder of the whole build. `siblings` are the folders of modules it depends on."""

    folder: str
    context: str
    manifest: str
    tool: Literal["maven", "gradle"]
    name: str
    version: str | None = None
    address: str = ""
    """What names the module in a command of the build: `:api`, `services/api`; "" is the whole build."""
    wrapper: bool = False
    dependencies: tuple[Dependency, ...] = ()
    plugins: frozenset[str] = frozenset()
    """Gradle ids, or Maven artifact ids."""
    siblings: tuple[str, ...] = ()
    java: tuple[str, Evidence] | None = None
    main_classes: tuple[tuple[str, Evidence], ...] = ()
    """Those that the build names."""
    start: Start | None = None
    sources: tuple[str, ...] = ("src/main/java", "src/main/kotlin")
    manifests: tuple[str, ...] = ()
    exposed: tuple[int, Evidence] | None = None
    """A port that the build gives to an image."""
    managed: dict[str, str] = field(default_factory=dict[str, str], compare=False)
    """Versions of the frameworks by group, where the build states them."""

    def has(self, *names: str) -> Dependency | None:
        """The first product dependency whose `group:name` begins with one of `names`."""
        return next((item for item in self.dependencies if not item.test and f"{item.group}:{item.name}".startswith(names)), None)


def join(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def normal(path: str) -> str | None:
    """A path without dots; "" is the root, None leads out of it."""
    found: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        if part == "..":
            if not found:
                return None
            found.pop()
        elif part not in ("", "."):
            found.append(part)
    return "/".join(found)


def folders_up(folder: str) -> Iterator[str]:
    yield folder
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def reachable(module: Module, modules: dict[str, Module]) -> Iterable[Module]:
    """The module and those of the repository that it depends on, nearest first."""
    found: dict[str, Module] = {}
    pending = [module]
    while pending:
        current = pending.pop(0)
        if current.folder not in found:
            found[current.folder] = current
            pending.extend(modules[folder] for folder in current.siblings if folder in modules)
    return found.values()
