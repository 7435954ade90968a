"""What a project depends on, by its manifests: requirement files, pyproject.toml, setup.py, setup.cfg, Pipfile, environment.yml."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from opsmith.detectors.python.groups import Groups, groups
from opsmith.detectors.python.source import argument, parse, text_of
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import items, table

MANIFEST_NAMES = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "requirements.in", "Pipfile", "environment.yml", "environment.yaml")
LOCK_NAMES = ("uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "pylock.toml", "conda-lock.yml")
_SETTING_NAMES = (
    ".python-version", "runtime.txt", ".tool-versions", "mise.toml", ".mise.toml", "constraints.txt", "uv.toml", "poetry.toml", "pip.conf",
)  # fmt: skip
_PRODUCTION_FILES = ("production", "prod", "requirements", "base", "common", "main", "app", "default")
_DEVELOPMENT = re.compile(r"dev|test|lint|doc|local|ci\b|type|bench|debug|check|style|mypy|tools")
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_MAX_INCLUDES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    name: str
    """Normalised: lower case, dashes."""
    extras: tuple[str, ...]
    specifier: str
    evidence: Evidence


@dataclass(slots=True, kw_only=True)
class Packages:
    """`main` is what runs, `development` what tests and builds use; `optional` are extras nobody asked for by default."""

    root: str
    main: dict[str, Requirement] = field(default_factory=dict[str, Requirement])
    development: dict[str, Requirement] = field(default_factory=dict[str, Requirement])
    optional: dict[str, Requirement] = field(default_factory=dict[str, Requirement])
    manifests: list[str] = field(default_factory=list[str])
    requirement_files: list[str] = field(default_factory=list[str])
    development_files: list[str] = field(default_factory=list[str])
    groups: Groups = field(default_factory=Groups)
    name: str | None = None
    scripts: dict[str, str] = field(default_factory=dict[str, str])
    installable: bool = False
    """The project itself is a package that `pip install .` puts on the import path."""

    def lists(self, *names: str) -> Requirement | None:
        """The first of `names` that the running program depends on."""
        return next((self.main[name] for name in names if name in self.main), None)

    def lists_anywhere(self, name: str) -> bool:
        return name in self.main or name in self.development or name in self.optional

    def has_file(self, name: str) -> bool:
        return any(path.rpartition("/")[2] == name for path in self.manifests)


def read_packages(repo: Repo, root: str) -> Packages:
    packages = Packages(root=root)
    _read_pyproject(repo, packages)
    _read_pipfile(repo, packages)
    _read_setup(repo, packages)
    _read_setup_cfg(repo, packages)
    _read_requirement_files(repo, packages)
    _read_environment(repo, packages)
    for name in (*LOCK_NAMES, *_SETTING_NAMES):
        if name in repo.folder(root):
            packages.manifests.append(join(root, name))
    packages.manifests = sorted(set(packages.manifests))
    return packages


def join(root: str, name: str) -> str:
    return f"{root}/{name}" if root else name


def is_manifest(repo: Repo, path: str) -> bool:
    """Whether a file makes its folder a project. A pyproject.toml or setup.cfg that only configures tools does not."""
    name = path.rpartition("/")[2]
    if name == "pyproject.toml":
        document = repo.toml(path) or {}
        tool = table(document.get("tool"))
        return "project" in document or "poetry" in tool or "build-system" in document or "dependency-groups" in document
    if name == "setup.py":
        return any(mark in (repo.bytes(path) or b"") for mark in (b"setuptools", b"distutils", b"skbuild"))
    if name == "setup.cfg":
        return bool({"metadata", "options"} & set(_config(repo, path).sections()))
    return True


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement(text: str, file: str, line: int | None) -> Requirement | None:
    """One requirement as pip reads it; addresses count by their `#egg=` or `name @` part."""
    text = text.partition(" #")[0].strip()
    egg = re.search(r"#egg=([A-Za-z0-9._-]+)", text)
    if egg:
        text = egg[1]
    elif "://" in text and " @ " not in text:
        return None
    match = _REQUIREMENT.match(text)
    if not match:
        return None
    rest = text[match.end() :].partition(";")[0].strip()
    extras = tuple(normal(extra.strip()) for extra in (match[2] or "").split(",") if extra.strip())
    shown = text if len(text) < 80 else match[1]
    return Requirement(
        name=normal(match[1]),
        extras=extras,
        specifier="" if rest.startswith("@") else rest,
        evidence=Evidence(file=file, line=line, shows=f"depends on {shown}", confidence=0.9),
    )


# -- requirement files -------------------------------------------------------------------------------------------------------------------


def _read_requirement_files(repo: Repo, packages: Packages) -> None:
    chosen = _production_file(repo, packages.root)
    if chosen:
        packages.requirement_files.append(chosen)
        _read_requirements(repo, chosen, packages.main, packages.manifests)
    for path in _candidates(repo, packages.root):
        if _DEVELOPMENT.search(_label(path)) and path not in packages.manifests:
            packages.development_files.append(path)
            _read_requirements(repo, path, packages.development, packages.manifests)
        elif path not in packages.manifests:
            _read_requirements(repo, path, packages.optional, [])


def _candidates(repo: Repo, root: str) -> list[str]:
    """Requirement files of the project: beside its other manifests, and in requirements/."""
    beside = [join(root, name) for name in repo.folder(root) if re.fullmatch(r"requirements?[\w.-]*\.(?:txt|in)|[\w.-]+[-_]requirements\.txt", name)]
    folders = [join(root, name) for name in ("requirements", "reqs")]
    inside = [join(folder, name) for folder in folders for name in repo.folder(folder) if name.endswith((".txt", ".in"))]
    found = [*beside, *inside]
    return sorted(path for path in found if not (path.endswith(".in") and path[:-3] + ".txt" in found))


def _label(path: str) -> str:
    """What sets a requirement file apart: "dev" of requirements-dev.txt, "prod" of requirements/prod.txt, "" of requirements.txt."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    return re.sub(r"^requirements?[-_.]?|[-_.]requirements$", "", stem)


def _production_file(repo: Repo, root: str) -> str | None:
    files = _candidates(repo, root)
    plain = [path for path in files if not _label(path)]
    if plain:
        return min(plain, key=lambda path: (path.count("/"), path.endswith(".in")))
    return next((path for name in _PRODUCTION_FILES for path in files if _label(path) == name), None)


def _read_requirements(repo: Repo, path: str, into: dict[str, Requirement], manifests: list[str]) -> None:
    pending = [path]
    seen: set[str] = set()
    while pending and len(seen) < _MAX_INCLUDES:
        file = pending.pop(0)
        if file in seen or not repo.has(file):
            continue
        seen.add(file)
        manifests.append(file)
        for number, line in _logical_lines(repo.read(file) or ""):
            option = re.match(r"^(?:-r|--requirement|-c|--constraint)[ =]*(\S+)", line)
            if option:
                included = _beside(file, option[1])
                manifests.append(included) if line.startswith(("-c", "--c")) and repo.has(included) else pending.append(included)
            elif not line.startswith("-") or line.startswith(("-e", "--editable")):
                found = requirement(re.sub(r"^(?:-e|--editable)[ =]*", "", line), file, number)
                if found:
                    into.setdefault(found.name, found)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments and hashes, continued ones joined."""
    held, start = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        start = start if held else number
        held += line.strip().removesuffix("\\")
        if line.rstrip().endswith("\\"):
            continue
        content = held.partition(" --hash")[0].strip()
        held = ""
        if content and not content.startswith("#"):
            yield start, content


def _beside(file: str, name: str) -> str:
    parts = file.split("/")[:-1]
    for part in name.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


# -- pyproject.toml ----------------------------------------------------------------------------------------------------------------------


def _read_pyproject(repo: Repo, packages: Packages) -> None:
    path = join(packages.root, "pyproject.toml")
    document = repo.toml(path) if repo.has(path) else None
    if document is None:
        return
    packages.manifests.append(path)
    project, tool = table(document.get("project")), table(document.get("tool"))
    poetry = table(tool.get("poetry"))
    name = project.get("name") or poetry.get("name")
    packages.name = name if isinstance(name, str) else None
    packages.scripts = {
        key: value for key, value in {**table(project.get("scripts")), **table(poetry.get("scripts"))}.items() if isinstance(value, str)
    }
    packages.installable = bool(poetry.get("package-mode", True)) if poetry and "project" not in document else "build-system" in document
    _add(repo, packages.main, path, _texts(project.get("dependencies")))
    _add_poetry(repo, packages.main, path, table(poetry.get("dependencies")))
    _read_dynamic(repo, packages, tool)
    for group, entries in table(project.get("optional-dependencies")).items():
        _add(repo, packages.development if _DEVELOPMENT.search(group) else packages.optional, path, _texts(entries))
    packages.groups = groups(document, _DEVELOPMENT)
    for group, entries in table(document.get("dependency-groups")).items():
        _add(repo, packages.main if group in packages.groups.main else packages.development, path, _texts(entries))
    for manager in ("uv", "pdm"):
        entries = table(tool.get(manager)).get("dev-dependencies")
        for group in [*table(cast("object", entries)).values(), entries]:
            _add(repo, packages.development, path, _texts(group))
    _add_poetry(repo, packages.development, path, table(poetry.get("dev-dependencies")))
    for group, content in table(poetry.get("group")).items():
        into = packages.main if group in ("main", "prod", "production", "server") else packages.development
        _add_poetry(repo, into, path, table(table(content).get("dependencies")))


def _read_dynamic(repo: Repo, packages: Packages, tool: Mapping[str, Any]) -> None:
    """setuptools: `dynamic.dependencies.file`."""
    dynamic = table(table(table(tool.get("setuptools")).get("dynamic")).get("dependencies"))
    files = dynamic.get("file")
    for name in [files] if isinstance(files, str) else _texts(files):
        _read_requirements(repo, join(packages.root, name), packages.main, packages.manifests)


def _add(repo: Repo, into: dict[str, Requirement], path: str, texts: Iterable[str]) -> None:
    for text in texts:
        found = requirement(text, path, repo.line_of(path, text))
        if found:
            into.setdefault(found.name, found)


def _add_poetry(repo: Repo, into: dict[str, Requirement], path: str, entries: Mapping[str, Any]) -> None:
    for name, value in entries.items():
        if name.lower() == "python" or table(value).get("optional"):
            continue
        extras = ",".join(_texts(table(value).get("extras")))
        found = requirement(f"{name}[{extras}]" if extras else name, path, repo.line_of(path, name))
        if found:
            into.setdefault(found.name, found)


def _read_pipfile(repo: Repo, packages: Packages) -> None:
    path = join(packages.root, "Pipfile")
    document = repo.toml(path) if repo.has(path) else None
    if document is not None:
        packages.manifests.append(path)
        _add_poetry(repo, packages.main, path, table(document.get("packages")))
        _add_poetry(repo, packages.development, path, table(document.get("dev-packages")))


# -- setuptools and conda ----------------------------------------------------------------------------------------------------------------


def setup_call(repo: Repo, root: str) -> ast.Call | None:
    path = join(root, "setup.py")
    module = parse(repo, path, root) if repo.has(path) else None
    return next((call for call in module.calls if module.called(call).rpartition(".")[2] == "setup"), None) if module else None


def _read_setup(repo: Repo, packages: Packages) -> None:
    path = join(packages.root, "setup.py")
    if not repo.has(path):
        return
    packages.manifests.append(path)
    packages.installable = True
    call = setup_call(repo, packages.root)
    if call is None:
        return
    packages.name = packages.name or text_of(argument(call, "name"))
    listed = argument(call, "install_requires")
    if isinstance(listed, (ast.List, ast.Tuple)):
        for item in listed.elts:
            found = requirement(text_of(item) or "", path, item.lineno)
            if found:
                packages.main.setdefault(found.name, found)


def _read_setup_cfg(repo: Repo, packages: Packages) -> None:
    path = join(packages.root, "setup.cfg")
    if not repo.has(path):
        return
    config = _config(repo, path)
    if not {"metadata", "options"} & set(config.sections()):
        return
    packages.manifests.append(path)
    packages.name = packages.name or config.get("metadata", "name", fallback=None)
    _add(repo, packages.main, path, [line for line in config.get("options", "install_requires", fallback="").splitlines() if line.strip()])


def _config(repo: Repo, path: str) -> configparser.ConfigParser:
    config = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        config.read_string(repo.read(path) or "")
    except (configparser.Error, ValueError) as error:
        repo.problem(path, f"broken INI: {str(error).splitlines()[0]}")
    return config


def setup_cfg(repo: Repo, root: str) -> configparser.ConfigParser:
    return _config(repo, join(root, "setup.cfg"))


def _read_environment(repo: Repo, packages: Packages) -> None:
    for name in ("environment.yml", "environment.yaml"):
        path = join(packages.root, name)
        document = (repo.yaml(path) or [None])[0] if repo.has(path) else None
        if not isinstance(document, dict):
            continue
        packages.manifests.append(path)
        for entry in items(cast("dict[str, Any]", document).get("dependencies")):
            nested = [entry] if isinstance(entry, str) else _texts(table(cast("object", entry)).get("pip"))
            _add(repo, packages.main, path, (text.rpartition("::")[2] for text in nested))
        packages.main.pop("python", None)


def _texts(value: object) -> list[str]:
    return [item for item in items(value) if isinstance(item, str)]
