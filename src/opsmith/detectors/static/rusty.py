"""Zola and mdBook: one program and its settings in TOML."""

from __future__ import annotations

from collections.abc import Iterator

from opsmith.detectors.static.site import Site, inside, is_aside, is_for_documents, join, parent, pinned
from opsmith.model.survey import Evidence, Runtime
from opsmith.repo import Repo
from opsmith.shapes import table


def sites(repo: Repo) -> Iterator[Site]:
    yield from _zola(repo)
    yield from _mdbook(repo)


def _zola(repo: Repo) -> Iterator[Site]:
    """`base_url` with an underscore, and Zola's folders: Hugo writes it in one word."""
    for file in repo.named("config.toml", "zola.toml"):
        folder = parent(file)
        beside = [name for name in ("content", "templates", "sass", "themes") if repo.under(join(folder, name))]
        if is_aside(folder) or not beside or b"base_url" not in (repo.bytes(file) or b""):
            continue
        settings = repo.toml(file) or {}
        if isinstance(settings.get("base_url"), str):
            yield _site(repo, folder, file, "zola", inside(settings.get("output_dir"), "public"), "output_dir", documents=is_for_documents(folder))


def _mdbook(repo: Repo) -> Iterator[Site]:
    for file in repo.named("book.toml"):
        folder = parent(file)
        settings = {} if is_aside(folder) else (repo.toml(file) or {})
        source = inside(table(settings.get("book")).get("src"), "src")
        if settings and repo.has(join(folder, f"{source}/SUMMARY.md")):
            yield _site(repo, folder, file, "mdbook", inside(table(settings.get("build")).get("build-dir"), "book"), "build-dir", documents=True)


def _site(repo: Repo, folder: str, file: str, name: str, output: str, key: str, *, documents: bool) -> Site:
    version = pinned(repo, folder, name, plain=(f".{name}-version",))
    evidence = {
        "framework": Evidence(file=file, shows=file.rpartition("/")[2], confidence=0.95),
        "static_dir": Evidence(file=file, line=repo.line_of(file, key), shows=f"build folder {output}", confidence=0.9),
        "build_command": Evidence(file=file, shows=f"{name}'s build", confidence=0.85),
    }
    evidence |= {"runtime": version[1]} if version else {}
    return Site(
        path=folder,
        framework=name,
        language="html",
        output=output,
        build=f"{name} build",
        runtime=Runtime(name=name, version=version[0] if version else None),
        documents=documents,
        evidence=evidence,
    )
