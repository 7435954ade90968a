"""Hugo: hugo.toml and its like, or a config.* that has a base address and lies beside Hugo's folders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from opsmith.detectors.static.javascript import Tooling, tooling
from opsmith.detectors.static.site import Site, inside, is_aside, is_for_documents, join, parent, pinned
from opsmith.model.survey import Evidence, Runtime
from opsmith.repo import Repo
from opsmith.shapes import table

_CONFIGS = ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml", "config.yaml", "config.yml", "config.json")
_SECTIONS = ("optionalDependencies", "devDependencies", "dependencies")
_FOLDERS = ("content", "layouts", "archetypes", "themes", "i18n")


def sites(repo: Repo) -> Iterator[Site]:
    seen: set[str] = set()
    for file in repo.named(*_CONFIGS):
        folder, name = parent(file), file.rpartition("/")[2]
        home = re.sub(r"(^|/)config/_default$", "", folder)
        if home in seen or is_aside(home) or _is_of_an_environment(repo, home):
            continue
        if _is_site(repo, home, file) and (settings := _read(repo, file)) and _speaks_of_hugo(name, settings):
            seen.add(home)
            yield _site(repo, home, file, settings)


def _is_of_an_environment(repo: Repo, folder: str) -> bool:
    """`config/production` only says what is different there."""
    place = parent(folder)
    return place.rpartition("/")[2] == "config" and bool(repo.folder(join(place, "_default")))


def _is_site(repo: Repo, home: str, file: str) -> bool:
    """Cheaply: a config.yaml may be anybody's."""
    if file.rpartition("/")[2].startswith("hugo."):
        return True
    return any(repo.under(join(home, folder)) for folder in _FOLDERS) and b"baseurl" in (repo.bytes(file) or b"").lower()


def _speaks_of_hugo(name: str, settings: Mapping[str, Any]) -> bool:
    keys = {key.lower() for key in settings}
    return name.startswith("hugo.") or "baseurl" in keys


def _read(repo: Repo, file: str) -> dict[str, Any]:
    if file.endswith(".toml"):
        return repo.toml(file) or {}
    if file.endswith(".json"):
        return table(repo.json(file))
    return table(next(iter(repo.yaml(file) or ()), None))


def _site(repo: Repo, home: str, file: str, settings: Mapping[str, Any]) -> Site:
    told = {key.lower(): value for key, value in settings.items()}
    tools = tooling(repo, home, "hugo")
    asked = re.search(r"\bhugo\b[^&|;]{0,300}?\s(?:-d|--destination)[ =]([\w./-]+)", tools.script.shows if tools.script is not None else "")
    output = inside(asked[1] if asked is not None else told.get("publishdir"), "public")
    version = _version(repo, home, file, told)
    evidence = {
        "framework": Evidence(file=file, shows=file.rpartition("/")[2], confidence=0.95),
        "static_dir": Evidence(file=file, line=_line(repo, file, "publishDir"), shows=f"publishDir {output}", confidence=0.9)
        if "publishdir" in told
        else Evidence(file=file, shows="Hugo's own publishDir", confidence=0.85),
        "build_command": tools.script if tools.script is not None else Evidence(file=file, shows="Hugo's build", confidence=0.85),
    }
    evidence |= {"runtime": version[1]} if version else {}
    return Site(
        path=home,
        framework="hugo",
        language="html",
        output=output,
        build=tools.build or "hugo --minify",
        install=tools.install,
        manager=tools.manager or ("hugo" if repo.has(join(home, "go.mod")) else None),
        runtime=Runtime(name="hugo", version=version[0] if version else None),
        manifests=(*tools.manifests, *(path for name in ("go.mod", "go.sum") if repo.has(path := join(home, name)))),
        traits=_traits(repo, home, told, tools),
        documents=is_for_documents(home),
        evidence=evidence,
    )


def _line(repo: Repo, file: str, key: str) -> int | None:
    return repo.line_of(file, key) or repo.line_of(file, key.lower())


def _traits(repo: Repo, home: str, told: Mapping[str, Any], tools: Tooling) -> tuple[str, ...]:
    """What a build needs besides Hugo itself: the extended edition, Go for modules, submodules for themes, Node for PostCSS."""
    marks = ["hugo-extended"] if _is_extended(repo, home, told) else []
    marks += ["hugo-modules"] if repo.has(join(home, "go.mod")) else []
    marks += ["git-submodules"] if b"themes/" in (repo.bytes(".gitmodules") or b"") and told.get("theme") else []
    return (*marks, *(("node",) if tools.install else ()))


def _is_extended(repo: Repo, home: str, told: Mapping[str, Any]) -> bool:
    asked = table(table(told.get("module")).get("hugoVersion")).get("extended")
    return asked is True or bool(repo.under(join(home, "assets"), ".scss", ".sass")) or "hugo-extended" in _of_package(repo, home)


def _of_package(repo: Repo, home: str) -> dict[str, str]:
    """What package.json says of Hugo, which npm can bring, too."""
    file = join(home, "package.json")
    manifest = table(repo.json(file) if repo.has(file) else None)
    listed = {name: version for section in _SECTIONS for name, version in table(manifest.get(section)).items()}
    return {name: version for name, version in listed.items() if name in ("hugo-extended", "hugo-bin") and isinstance(version, str)}


def _version(repo: Repo, home: str, file: str, told: Mapping[str, Any]) -> tuple[str, Evidence] | None:
    """A version file, package.json, the hosting's settings, a workflow, else the least version that the configuration asks for."""
    stated = pinned(repo, home, "hugo", plain=(".hugo-version",))
    if stated is not None:
        return stated
    for name, version in _of_package(repo, home).items():
        place = join(home, "package.json")
        return version.lstrip("^~v"), Evidence(file=place, line=repo.line_of(place, f'"{name}"'), shows=f"{name} {version}")
    hosted = next(_hosted(repo, home), None)
    if hosted is not None:
        return hosted
    least = table(table(told.get("module")).get("hugoVersion")).get("min")
    return (
        (f">={least}", Evidence(file=file, line=_line(repo, file, "min"), shows=f"module.hugoVersion.min {least}"))
        if isinstance(least, str)
        else None
    )


def _hosted(repo: Repo, home: str) -> Iterator[tuple[str, Evidence]]:
    for file in dict.fromkeys((join(home, "netlify.toml"), "netlify.toml")):
        settings = table((repo.toml(file) if repo.has(file) else None) or {})
        version = table(table(settings.get("build")).get("environment")).get("HUGO_VERSION")
        version = version or table(table(table(settings.get("context")).get("production")).get("environment")).get("HUGO_VERSION")
        if isinstance(version, str):
            yield version, Evidence(file=file, line=repo.line_of(file, "HUGO_VERSION"), shows=f"HUGO_VERSION = {version}")
    for file in repo.under(".github/workflows", ".yml", ".yaml"):
        if b"hugo" in (repo.bytes(file) or b"").lower():
            match = re.search(r"""^[ \t]*(?:hugo-version|HUGO_VERSION):[ \t]*["']?(\d[\w.]*)["']?[ \t]*$""", repo.read(file) or "", re.MULTILINE)
            if match:
                yield match[1], Evidence(file=file, line=repo.line_of(file, match[0].strip()), shows=match[0].strip())
