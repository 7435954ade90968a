"""A site while it is looked for, and the component that it becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from opsmith.model.survey import Component, EnvVar, Evidence, Runtime
from opsmith.repo import Repo
from opsmith.shapes import table

NGINX = "nginx -g 'daemon off;'"
NGINX_PORT = 8080
"""An unprivileged nginx cannot open port 80."""
_ASIDE = frozenset(
    (
        "example", "examples", "examplesite", "test", "tests", "__tests__", "spec", "fixture", "fixtures", "__fixtures__", "testdata", "template",
        "templates", "themes", "_themes", "theme", "sample", "samples", "demo", "demos", "mock", "mocks", "bench", "benchmark", "benchmarks",
        "third_party", "starters", "scaffold", "scaffolds", "skeleton", "cookiecutter", "e2e", "integration-tests", "snippets", "playground",
    )
)  # fmt: skip
"""Folders whose sites nobody deploys."""
_DOCS = frozenset(("docs", "doc", "documentation", "manual", "guide", "book", "userguide", "user-guide", "dev-docs", "handbook"))
_STACKS = (
    "package.json", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "requirements.txt", "go.mod", "Cargo.toml", "pom.xml", "build.gradle",
    "build.gradle.kts", "build.sbt", "composer.json", "mix.exs", "Gemfile", "deno.json", "deno.jsonc", "CMakeLists.txt", "pubspec.yaml",
    "project.clj", "deps.edn", "manage.py", "Package.swift", "stack.yaml", "config.ru", "meson.build",
)  # fmt: skip
_STACK_ENDINGS = (".csproj", ".sln", ".fsproj", ".cabal", ".xcodeproj", ".gemspec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`evidence` holds, by fact, where each was read."""

    path: str
    framework: str | None
    language: str
    output: str
    build: str | None = None
    install: str | None = None
    manager: str | None = None
    runtime: Runtime | None = None
    manifests: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    documents: bool = False
    """Made by a tool for documentation, or in a folder for it."""
    evidence: Mapping[str, Evidence] = field(default_factory=dict[str, Evidence])


def component(repo: Repo, site: Site) -> Component:
    main = site.evidence.get("framework") or site.evidence["static_dir"]
    port = Evidence(file=main.file, shows="static files, served by an unprivileged nginx", confidence=0.8)
    start = Evidence(file=main.file, shows=f"static files in {site.output}", confidence=0.85)
    docs = ("documentation",) if site.documents else ()
    return Component(
        name=_name(repo, site),
        path=site.path,
        role="static",
        language=site.language,
        framework=site.framework,
        package_manager=site.manager,
        runtime=site.runtime,
        install_command=site.install,
        build_command=site.build,
        start_command=NGINX,
        ports=(NGINX_PORT,),
        protocol="http",
        static_dir=site.output,
        env=site.env,
        manifests=tuple(sorted(site.manifests)),
        traits=tuple(sorted({*site.traits, *docs, "multi-page"})),
        evidence={**{fact: (entry,) for fact, entry in site.evidence.items()}, "start_command": (start,), "ports": (port,)},
    )


def _name(repo: Repo, site: Site) -> str:
    """The folder's name. At the root the repository's, unless another stack lies there, whose documentation this is."""
    folder = site.path.rpartition("/")[2]
    if folder in ("src", "source", "site") and "/" in site.path:
        folder = site.path.split("/")[-2]
    name = folder or ("docs" if site.documents and manifest_in(repo, "") else repo.root.resolve().name)
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].rstrip("-") or "site"


# -- places ------------------------------------------------------------------------------------------------------------------------------


def join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def parent(path: str) -> str:
    return path.rpartition("/")[0]


def ancestors(folder: str) -> list[str]:
    """`folder` itself, then every one above it, the root ("") last."""
    result = [folder]
    while folder:
        folder = parent(folder)
        result.append(folder)
    return result


def is_aside(folder: str) -> bool:
    return any(part.lower() in _ASIDE for part in folder.split("/"))


def is_for_documents(folder: str) -> bool:
    return any(part.lower() in _DOCS for part in folder.split("/"))


def manifest_in(repo: Repo, folder: str) -> str | None:
    """The manifest of a stack directly in `folder`."""
    names = repo.folder(folder)
    return next((name for name in names if name in _STACKS or name.endswith(_STACK_ENDINGS)), None)


def inside(told: object, usual: str) -> str:
    """A folder that a configuration names, as long as it stays inside the site's; else the usual one."""
    if not isinstance(told, str):
        return usual
    path = told.strip().removeprefix("./").rstrip("/")
    return path if re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*", path) and ".." not in path.split("/") else usual


def pinned(repo: Repo, folder: str, tool: str, *, plain: tuple[str, ...] = ()) -> tuple[str, Evidence] | None:
    """The version that a version file states for `tool`, nearest folder first: `plain` files, .tool-versions, mise.toml."""
    for above in ancestors(folder):
        for name in plain:
            for number, row in enumerate((repo.read(join(above, name)) or "").splitlines()[:20] if repo.has(join(above, name)) else (), start=1):
                word = row.partition("#")[0].strip().removeprefix(f"{tool}-")
                if word:
                    return word, Evidence(file=join(above, name), line=number, shows=row)
        told = _of_tools(repo, above, tool)
        if told is not None:
            return told
    return None


def _of_tools(repo: Repo, folder: str, tool: str) -> tuple[str, Evidence] | None:
    file = join(folder, ".tool-versions")
    for number, row in enumerate((repo.read(file) or "").splitlines()[:200] if repo.has(file) else (), start=1):
        words = row.partition("#")[0].split()
        if len(words) > 1 and words[0] == tool:
            return words[1], Evidence(file=file, line=number, shows=row)
    for name in ("mise.toml", ".mise.toml", ".config/mise.toml"):
        file = join(folder, name)
        told = table(table(repo.toml(file) if repo.has(file) else None).get("tools")).get(tool)
        value = table(told).get("version", told)
        if isinstance(value, str):
            return value, Evidence(file=file, line=repo.line_of(file, tool), shows=f"{tool} = {value}")
    return None
