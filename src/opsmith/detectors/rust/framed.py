"""Listeners that a framework opens by itself: Rocket, Loco, Leptos, Dioxus, Shuttle; from their settings, else their documented default."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsmith.detectors.rust.listen import Listener, is_local, port_of
from opsmith.detectors.rust.manifests import join
from opsmith.detectors.rust.program import Program
from opsmith.detectors.rust.source import arguments, callee, literal
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import table

if TYPE_CHECKING:
    from tree_sitter import Node

_LOCO_FILES = ("config/production.yaml", "config/development.yaml")
_GET_ENV = re.compile(r"""get_env\(\s*name\s*=\s*["'](\w+)["'](?:\s*,\s*default\s*=\s*["']?([^"')]*)["']?)?\s*\)""")


def framed(repo: Repo, program: Program) -> tuple[Listener, ...]:
    for find in (_rocket, _loco, _leptos, _dioxus, _shuttle):
        found = tuple(find(repo, program))
        if found:
            return found
    return ()


def _rocket(repo: Repo, program: Program) -> Iterator[Listener]:
    """ROCKET_PORT over Rocket.toml, its release profile before its default one, over 8000."""
    if not program.uses("rocket"):
        return
    built = next((call for name in ("build", "custom", "ignite") for call in program.called(name) if "rocket" in callee(call.node)[1]), None)
    if built is None:
        return
    for folder in dict.fromkeys((program.package.folder, program.package.workspace, "")):
        path = join(folder, "Rocket.toml")
        for profile in ("release", "global", "default") if repo.has(path) else ():
            port = table(table(repo.toml(path)).get(profile)).get("port")
            if isinstance(port, int) and 0 < port < 65536:
                shown = f"[{profile}] port = {port}"
                yield _door(port, "ROCKET_PORT", path, repo.line_of(path, "port"), shown, 0.9, address=_address(repo, folder))
                return
    port = next((int(told) for call in program.called("merge") for told in _port_tuple(call.node)), None)
    address = _address(repo, program.package.folder)
    if port is not None:
        yield _door(port, "ROCKET_PORT", built.source.path, built.line, f'.merge(("port", {port}))', 0.9, address=address)
    else:
        shown = "Rocket's default port 8000; ROCKET_PORT sets another"
        yield _door(8000, "ROCKET_PORT", built.source.path, built.line, shown, 0.7, address=address)


def _address(repo: Repo, folder: str) -> str:
    """Where Rocket listens: only on this machine, unless its file says otherwise."""
    document = table(repo.toml(join(folder, "Rocket.toml"))) if repo.has(join(folder, "Rocket.toml")) else {}
    told = [table(document.get(profile)).get("address") for profile in ("release", "global", "default")]
    return next((item for item in told if isinstance(item, str)), "127.0.0.1")


def _port_tuple(call: Node) -> Iterator[str]:
    for node in arguments(call):
        parts = [literal(part) for part in node.named_children] if node.type == "tuple_expression" else []
        if len(parts) == 2 and parts[0] == "port" and (parts[1] or "").isdigit():
            yield parts[1] or ""


def _loco(repo: Repo, program: Program) -> Iterator[Listener]:
    """`server.port` of the configuration, which is a template over the environment: read as text, before any engine fills it in."""
    if not program.uses("loco-rs"):
        return
    for path in (join(program.package.folder, name) for name in _LOCO_FILES):
        rows = (repo.read(path) or "").splitlines() if repo.has(path) else []
        inside = False
        for number, row in enumerate(rows, start=1):
            inside = row.startswith("server:") or (inside and not re.match(r"\w", row))
            told = re.match(r"\s+port:\s*(.+)", row) if inside else None
            if told:
                variable = _GET_ENV.search(told[1])
                port = port_of((variable[2] or "") if variable else told[1].split("#")[0])
                yield _door(port, variable[1] if variable else None, path, number, row.strip(), 0.9)
                return
    yield _door(5150, None, program.package.manifest, repo.line_of(program.package.manifest, "loco-rs"), "Loco's default port 5150", 0.7)


def rocket_variables(doors: tuple[Listener, ...]) -> Iterator[tuple[str, str | None, str, int | None]]:
    """What sets Rocket's address and port, with what they are without: name, default, file, line."""
    for door in doors:
        if "ROCKET_PORT" in door.envs:
            yield "ROCKET_PORT", str(door.ports[0]) if door.ports else None, door.file, door.line
            yield "ROCKET_ADDRESS", door.address, door.file, door.line


def loco_variables(repo: Repo, program: Program) -> Iterator[tuple[str, str | None, str, int | None]]:
    """Variables that Loco's production configuration reads: name, default, file, line."""
    path = next((item for name in _LOCO_FILES if repo.has(item := join(program.package.folder, name))), None)
    if path is None or not program.uses("loco-rs"):
        return
    for number, row in enumerate((repo.read(path) or "").splitlines(), start=1):
        for match in _GET_ENV.finditer(row.partition("#")[0] if row.lstrip().startswith("#") else row):
            yield match[1], match[2], path, number


def _leptos(repo: Repo, program: Program) -> Iterator[Listener]:
    """`site-addr` of the package's or workspace's metadata, which LEPTOS_SITE_ADDR overrides."""
    if not program.uses("leptos_axum", "leptos_actix"):
        return
    for manifest in dict.fromkeys((program.package.manifest, join(program.package.workspace, "Cargo.toml"))):
        text = repo.read(manifest) or ""
        match = re.search(r'^[ \t]*site-addr[ \t]*=[ \t]*"([^"\n]+)"', text, re.MULTILINE)
        if match and (port := port_of(match[1])):
            yield _door(port, "LEPTOS_SITE_ADDR", manifest, text.count("\n", 0, match.start()) + 1, match[0].strip(), 0.9)
            return
    yield _door(3000, "LEPTOS_SITE_ADDR", program.package.manifest, None, "Leptos's default address 127.0.0.1:3000", 0.7)


def _dioxus(repo: Repo, program: Program) -> Iterator[Listener]:
    """A full-stack server takes IP and PORT, 8080 without them."""
    used = program.package.uses("dioxus")
    if used is not None and used.features & {"fullstack", "server"} | program.package.features & {"server", "fullstack"}:
        yield _door(8080, "PORT", program.package.manifest, repo.line_of(program.package.manifest, "dioxus"), "Dioxus's default port 8080", 0.6)


def _shuttle(repo: Repo, program: Program) -> Iterator[Listener]:
    if program.uses("shuttle-runtime"):
        manifest = program.package.manifest
        yield _door(8000, None, manifest, repo.line_of(manifest, "shuttle-runtime"), "Shuttle's default port 8000", 0.6)


def _door(port: int | None, env: str | None, file: str, line: int | None, shows: str, sure: float, *, address: str = "") -> Listener:
    ports, envs = (port,) if port else (), (env,) if env else ()
    return Listener("http", ports, envs, file, line, shows, local=is_local(address), confidence=sure, address=address)


def evidence(door: Listener) -> Evidence:
    return Evidence(file=door.file, line=door.line, shows=door.shows, confidence=door.confidence)
