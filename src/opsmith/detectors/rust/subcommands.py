"""Subcommands that clap derives: the one that serves, those that work in the background, the one that migrates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.rust.program import Program
from opsmith.detectors.rust.source import attribute_name, attribute_settings, attribute_tokens, attributes, literal, name_of, text
from opsmith.model.survey import Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

    from opsmith.detectors.rust.source import Source

_SERVES = ("serve", "server", "start", "run", "api", "web", "start-server", "http", "daemon")
_WORKS = re.compile(r"workers?|consumers?|scheduler|jobs?-runner|background|work")
_MIGRATES = re.compile(r"migrate|migrations?|run-migrations|db-migrate|migrate-up")


@dataclass(frozen=True, slots=True)
class Subcommand:
    name: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Subcommands:
    serves: Subcommand | None = None
    """None where the program serves without one."""
    works: tuple[Subcommand, ...] = ()
    migrates: Subcommand | None = None


def subcommands(program: Program) -> Subcommands:
    found = [item for source in program.sources if source.mentions(b"Subcommand") for item in _enums(source)]
    for needed, listed in sorted(((_is_required(name, program), listed) for name, listed in found), key=lambda item: not item[0]):
        named = {item.name: item for item in listed}
        serves = next((named[name] for name in _SERVES if name in named), None)
        migrates = next((item for name, item in named.items() if _MIGRATES.fullmatch(name)), None)
        works = tuple(item for name, item in named.items() if _WORKS.fullmatch(name)) if serves is not None or not needed else ()
        if serves is not None or migrates is not None or works:
            return Subcommands(serves if needed else None, works, migrates)
    return Subcommands()


def _enums(source: Source) -> Iterator[tuple[str, list[Subcommand]]]:
    for node in source.syntax("enum"):
        derived = [text(token) for attribute in attributes(node) if attribute_name(attribute) == "derive" for token in attribute_tokens(attribute)]
        body = node.child_by_field_name("body")
        if "Subcommand" in derived and body is not None:
            yield name_of(node), [_variant(item, source) for item in body.named_children if item.type == "enum_variant"]


def _variant(node: Node, source: Source) -> Subcommand:
    told = (
        attribute_settings(attribute).get("name") for attribute in attributes(node) if attribute_name(attribute) in ("command", "clap", "structopt")
    )
    name = next((value for item in told if (value := literal(item))), None) or _kebab(name_of(node))
    return Subcommand(name, Evidence(file=source.path, line=source.line(node), shows=f"subcommand {name}", confidence=0.8))


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _is_required(enum: str, program: Program) -> bool:
    """Whether a field of this type has to be given: `command: Commands`, not `Option<Commands>`."""
    kinds = [item.type.rpartition("::")[2] for fields in program.fields.values() for item in fields if enum in item.type]
    return enum in kinds or not any(enum in kind for kind in kinds)
