"""Databases, caches and queues that a program on Deno connects to."""

from __future__ import annotations

from collections.abc import Mapping

from opsmith.detectors.deno.clients import WORDS, kind_of
from opsmith.detectors.deno.projects import Project
from opsmith.detectors.deno.specifiers import package_of, uses
from opsmith.detectors.javascript.backing import Sign, host_near, of_addresses, summed_up
from opsmith.detectors.javascript.facts import Read
from opsmith.detectors.javascript.source import Sources
from opsmith.model.survey import BackingService, Evidence


def backing_services(
    sources: Sources, project: Project, reads: list[Read], listed: Mapping[str, Read]
) -> tuple[tuple[BackingService, ...], tuple[Evidence, ...]]:
    """Every kind that an imported client library speaks for."""
    signs = [
        Sign(kind, use.file, use.line, use.shows, 0.9, host_near(sources, use.file, kind))
        for use in uses(sources, project.imports, WORDS + _named(project))
        if (kind := kind_of(use.package)) is not None
    ]
    return summed_up([*signs, *of_addresses(sources, {sign.kind for sign in signs})], reads, listed)


def _named(project: Project) -> tuple[bytes, ...]:
    """What the import map calls the client libraries."""
    return tuple(alias.encode() for alias in project.imports if (name := package_of(alias, project.imports)) and kind_of(name))
