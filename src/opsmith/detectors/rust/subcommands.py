"""Subcommands that clap derives: the one that serves, those that work in the background, the one that migrates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.rust.program import Program
from opsmith.detectors.rust.source import attribute_name, attribute_settings, attribute_tokens, attributes, literal, name_of, text
from opsmith.model.survey import Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

    from opsmith.detectors.rust.source import Source

_SERVES = ("serve", "server", "start", "run", "api", "web", "start-server", "http", "daemon")
_DERIVED = (b"Subcommand", b"Parser", b"StructOpt", b"Clap")
_WORKS = re.compile(r"(?:background-|run-|start-|job-)?workers?|consumers?|scheduler|jobs?-runner|background|work")
_MIGRATES = re.compile(r"migrate|migrations?|run-migrations|db-migrate|migrate-up")


@dataclass(frozen=True, slots=True)
class Subcommand:
    name: str
    evidence: Evidence
    nested: bool = False
    """It wants a further subcommand."""


@dataclass(frozen=True, slots=True)
class Subcommands:
    serves: Subcommand | None = None
    """None where the program serves without one."""
    works: tuple[Subcommand, ...] = ()
    migrates: Subcommand | None = None


def subcommands(program: Program) -> Subcommands:
    for source in program.sources:
        for node in source.syntax("enum") if source.mentions(*_DERIVED) else ():
            needed = _is_needed(node, program)
            found = _chosen(list(_listed(node, source, program)), needed=needed) if needed is not None else None
            if found is not None:
                return found
    return Subcommands()


def _listed(enum: Node, source: Source, program: Program) -> Iterator[Subcommand]:
    """Its own, and those of the enums that it takes in (`#[command(flatten)] Admin(admin::Command)`)."""
    for item in _variants(enum):
        if any("flatten" in attribute_settings(attribute) for attribute in attributes(item)):
            yield from _taken_in(item, program)
        else:
            yield _variant(item, source)


def _taken_in(variant: Node, program: Program) -> Iterator[Subcommand]:
    named = re.search(r"\(\s*(?:(\w+)::)?(\w+)\s*\)", text(variant))
    for source in program.sources if named is not None else ():
        inside = named is not None and (named[1] is None or f"/{named[1]}.rs" in source.path or f"/{named[1]}/mod.rs" in source.path)
        for node in source.syntax("enum") if inside and source.mentions(*_DERIVED) else ():
            if named is not None and name_of(node) == named[2]:
                yield from (_variant(item, source) for item in _variants(node))


def _chosen(listed: list[Subcommand], *, needed: bool) -> Subcommands | None:
    named = {item.name: item for item in listed}
    serves = next((named[name] for name in _SERVES if name in named), None)
    migrates = next((item for name, item in named.items() if _MIGRATES.fullmatch(name) and not item.nested), None)
    works = tuple(item for name, item in named.items() if _WORKS.fullmatch(name))
    if serves is None and migrates is None and not works:
        return None
    return Subcommands(serves if needed else None, works, migrates)


def _is_needed(enum: Node, program: Program) -> bool | None:
    """Whether one of them has to be given; None where they are no subcommands of the program itself, but of a subcommand."""
    derived = _derived(attributes(enum))
    if derived & {"Parser", "StructOpt", "Clap"}:
        return True
    name = name_of(enum)
    for fields in program.fields.values() if "Subcommand" in derived else ():
        for item in fields:
            if re.search(rf"\b{re.escape(name)}\b", item.type) and _derived(item.owner_attributes) & {"Parser", "StructOpt", "Clap"}:
                return not item.type.startswith("Option")
    return None


def _derived(found: Iterable[Node]) -> set[str]:
    return {text(token) for attribute in found if attribute_name(attribute) == "derive" for token in attribute_tokens(attribute)}


def _variants(enum: Node) -> list[Node]:
    body = enum.child_by_field_name("body")
    return [item for item in body.named_children if item.type == "enum_variant"] if body is not None else []


def _variant(node: Node, source: Source) -> Subcommand:
    told = (
        attribute_settings(attribute).get("name") for attribute in attributes(node) if attribute_name(attribute) in ("command", "clap", "structopt")
    )
    name = next((value for item in told if (value := literal(item))), None) or _kebab(name_of(node))
    shown = Evidence(file=source.path, line=source.line(node), shows=f"subcommand {name}", confidence=0.8)
    return Subcommand(name, shown, nested="subcommand" in text(node))


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
