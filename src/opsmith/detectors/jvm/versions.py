"""Which Java a module wants.

Precedence, first that states one: the build itself (Gradle toolchain, then release and target, then source; Maven's compiler plugin, then the
properties maven.compiler.release, java.version, maven.compiler.target and source), .sdkmanrc, .java-version, .tool-versions, mise.toml,
system.properties, each of the module and then of the folders above it; last what the parent of Spring Boot takes by default.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.jvm.modules import Module, folders_up, join
from opsmith.model.survey import Evidence, Runtime
from opsmith.repo import Repo
from opsmith.shapes import table

_FILES = (
    (".sdkmanrc", re.compile(r"(?m)^\s*java\s*=\s*(?:\w+-)?(\d+(?:\.\d+)*)")),
    (".java-version", re.compile(r"(?m)^\s*(?:[a-z]+-?)*(\d+(?:\.\d+)*)")),
    (".tool-versions", re.compile(r"(?m)^java[ \t]+(?:[a-z]+-(?:jdk-|openj9-)?)*(\d+(?:\.\d+)*)")),
    ("system.properties", re.compile(r"(?m)^java\.runtime\.version\s*=\s*(?:\w+-)?(\d+(?:\.\d+)*)")),
)
_BOOT_DEFAULTS = {1: "6", 2: "8", 3: "17", 4: "17"}


def runtime(repo: Repo, module: Module) -> tuple[Runtime, Evidence | None]:
    found = next(_statements(repo, module), None)
    return (Runtime(name="java", version=_named(found[0])), found[1]) if found else (Runtime(name="java"), None)


def _statements(repo: Repo, module: Module) -> Iterator[tuple[str, Evidence]]:
    if module.java is not None:
        yield module.java
    for folder in folders_up(module.folder):
        yield from _of_files(repo, folder)
    parent = module.managed.get("org.springframework.boot")
    major = re.match(r"\d+", parent or "")
    default = _BOOT_DEFAULTS.get(int(major[0])) if major and module.tool == "maven" else None
    if default is not None:
        yield (
            default,
            Evidence(file=module.manifest, shows=f"{default} is the default of Spring Boot {parent}; no java.version is set", confidence=0.6),
        )


def _of_files(repo: Repo, folder: str) -> Iterator[tuple[str, Evidence]]:
    for name, pattern in _FILES:
        path = join(folder, name)
        match = pattern.search(repo.read(path) or "") if repo.has(path) else None
        if match:
            yield match[1], Evidence(file=path, line=repo.line_of(path, match[1]), shows=match[0].strip(), confidence=0.9)
    for name in ("mise.toml", ".mise.toml"):
        path = join(folder, name)
        stated = table(table(repo.toml(path)).get("tools")).get("java") if repo.has(path) else None
        match = re.search(r"\d+(?:\.\d+)*", stated) if isinstance(stated, str) else None
        if match:
            yield match[0], Evidence(file=path, line=repo.line_of(path, "java"), shows=f"java = {stated}", confidence=0.9)


def _named(version: str) -> str:
    """1.8 is Java 8."""
    return re.sub(r"^1\.(\d)$|^1\.(\d)\..*$", lambda match: match[1] or match[2], version)
