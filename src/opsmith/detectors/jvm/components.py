"""From modules to components: which ones somebody starts, and what is told of each."""

from __future__ import annotations

import dataclasses
import re

from opsmith.detectors.jvm import gradle, maven, scripts
from opsmith.detectors.jvm.app import App
from opsmith.detectors.jvm.calls import connected
from opsmith.detectors.jvm.component import component
from opsmith.detectors.jvm.config_server import CLIENT, Served
from opsmith.detectors.jvm.deployables import is_showing, is_started, is_testing, serving
from opsmith.detectors.jvm.modules import Module, reachable
from opsmith.detectors.jvm.program import Program, Sources
from opsmith.detectors.jvm.settings import Files, Settings, settings_files
from opsmith.model.survey import Component
from opsmith.repo import Repo

_NONE: frozenset[str] = frozenset()
_READ_SETTINGS = ("org.springframework", "io.quarkus", "io.micronaut", "io.helidon", "io.dropwizard")


def components(repo: Repo) -> list[Component]:
    known = _modules(repo)
    by_folder = {module.folder: module for module in known}
    sources, files = Sources(repo), Files(repo)
    served, started = Served(repo, known, files), scripts.lines(repo)
    made: list[tuple[App, Component]] = []
    for module in known:
        if is_testing(module):
            continue
        app = _app(repo, module, by_folder, sources, files, served, scripts.of_module(started, module))
        found = serving(app)
        if found is not None and is_started(app, found):
            made.append((app, component(app, found)))
    product = [entry for entry in made if not is_showing(entry[0].module)]
    return list(connected(product or made))


def _modules(repo: Repo) -> list[Module]:
    """Maven's reading of a folder goes before Gradle's, which is remembered as the other choice."""
    found = {module.folder: module for module in maven.modules(repo)}
    for module in gradle.modules(repo):
        known = found.get(module.folder)
        found[module.folder] = module if known is None else dataclasses.replace(known, managed={**known.managed, "gradle": module.manifest})
    return [found[folder] for folder in sorted(found)]


def _app(
    repo: Repo, module: Module, by_folder: dict[str, Module], sources: Sources, files: Files, served: Served, script: scripts.Line | None
) -> App:
    parts = tuple(reachable(module, by_folder))
    program = Program(sources.of(part) for part in parts)
    named, plain_code = _chosen_names(program), not any(part.has(*_READ_SETTINGS) for part in parts)
    places = [entry for part in reversed(parts) for entry in settings_files(repo, part, named if part is module else _NONE, plain_code=plain_code)]
    entries = [item for path, profile in places for item in files.read(path, profile)]
    client = any(part.has(*CLIENT) is not None for part in parts)
    name = next((item.value for item in reversed(entries) if item.key == "spring.application.name"), module.name)
    handed = list(served.settings(name)) if client else []
    return App(repo, module, parts, program, Settings(repo, [*entries, *handed]), program.mains(), client and not handed, script)


def _chosen_names(program: Program) -> frozenset[str]:
    """Words in a file that sets spring.config.name: one of them is the name of the settings."""
    found: set[str] = set()
    for source in program.own:
        if b"spring.config.name" in source.data:
            found |= {match.decode() for match in re.findall(rb"[\w.-]{3,60}", source.data)}
    return frozenset(found)
