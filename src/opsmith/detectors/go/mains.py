"""Which main packages are deployed, and what they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsmith.detectors.go.modules import Module, inside, owner
from opsmith.detectors.go.source import Sources

_NOT_DEPLOYED = frozenset(
    (
        "tools", "tool", "hack", "script", "scripts", "example", "examples", "_examples", "_example", "test", "tests", "testing", "testdata", "e2e",
        "build", "dev", "gen", "generate", "generator", "generators", "codegen", "docs", "doc", "benchmark", "benchmarks", "bench", "demo", "demos",
        "sample", "samples", "magefiles", "mock", "mocks", "fixtures", "third_party", "playground", "contrib", "misc", "experimental", "testutil",
        "ci", ".ci", ".github", "integration", "loadtest", "fuzz", "swagger", "snippets", "tutorial", "tutorials", "deploy", "deployments",
    )
)  # fmt: skip
_TOOL_NAME = re.compile(
    r"(?i)(^|[-_])(gen|generate|generator|codegen|docgen|mockgen|lint|linter|bench|benchmark|examples?|test|fixtures?)([-_]|$)|^protoc-gen-|^build-"
)
_GROUPS = frozenset(("cmd", "cmds", "command", "commands", "bin", "app", "apps", "main", "src", "entrypoints", "entrypoint", "exec"))
_COMMON = frozenset(
    ("server", "service", "svc", "main", "app", "cmd", "src", "job", "interface", "internal", "pkg", "go", "golang", "code", "source")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Main:
    """A main package that is deployed. `folder` is its own, `path` the component's."""

    folder: str
    path: str
    module: Module
    binary: str
    name: str


def mains(known: tuple[Module, ...], sources: Sources) -> tuple[Main, ...]:
    found = [(folder, module) for folder, _ in sources.mains() if (module := owner(known, folder)) is not None]
    deployed = [(folder, module) for folder, module in found if not _is_tool(folder)]
    deployed = [item for item in deployed if not _is_internal(*item)] or _lone_example(found) or deployed
    return tuple(_main(folder, module, [other for other, _ in deployed]) for folder, module in sorted(deployed, key=lambda item: item[0]))


def _is_tool(folder: str) -> bool:
    parts = folder.split("/") if folder else []
    kept_apart = any(
        part.lower() in _NOT_DEPLOYED or part.startswith(("_", ".")) or part.lower().endswith(("-examples", "-samples")) for part in parts
    )
    return kept_apart or bool(parts and _TOOL_NAME.search(parts[-1]))


def _is_internal(folder: str, module: Module) -> bool:
    """Deep inside what a module keeps to itself: what its own build runs."""
    return "/internal/" in f"/{folder[len(module.folder) :]}/"


def _lone_example(found: list[tuple[str, Module]]) -> list[tuple[str, Module]]:
    """A framework's only example is what people deploy of it."""
    examples = [item for item in found if re.search(r"(?:^|/)_?examples?/", item[0] + "/")]
    return examples if len(examples) == 1 else []


def _main(folder: str, module: Module, all_folders: list[str]) -> Main:
    path = _unit(folder, module)
    siblings = [other for other in all_folders if other != folder and inside(other, module.folder) and _unit(other, module) == path]
    base = _module_name(module, path)
    binary = folder.rpartition("/")[2] if folder != module.folder else _module_name(module, folder)
    binary = binary if binary.lower() not in ("cmd", "src", "main") else base
    name = binary if siblings or binary.lower() not in _COMMON else base
    return Main(folder=folder, path=path, module=module, binary=binary, name=_label(name))


def _unit(folder: str, module: Module) -> str:
    """The folder of the deployable that a main package belongs to: what stands before `cmd/`, or the package's own folder.

    A main package directly below a module is part of that module unless it has a name of its own among several services.
    """
    relative = folder[len(module.folder) :].lstrip("/").split("/") if folder != module.folder else []
    for index, part in enumerate(relative):
        if part in _GROUPS and ((part != "app" and part != "apps") or index == len(relative) - 1):
            return "/".join(item for item in (module.folder, *relative[:index]) if item)
    if len(relative) == 1 and relative[0].lower() in _COMMON:
        return module.folder
    return folder


def _module_name(module: Module, folder: str) -> str:
    """The last telling word of the folder, or of the module's path for the module itself."""
    relative = folder[len(module.folder) :].strip("/").split("/")
    telling = [part for part in relative if part and part.lower() not in _COMMON]
    if telling:
        return telling[-1]
    parts = [part for part in (module.path or module.folder or "app").split("/") if not re.fullmatch(r"v\d+", part)]
    own = module.folder.rpartition("/")[2]
    telling = [part for part in parts if part.lower() not in _COMMON] or parts
    return telling[-1] if telling else own or "app"


def _label(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "app"
