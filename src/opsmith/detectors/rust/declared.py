"""What the declaration of a field says of its value: attributes of clap, serde, envconfig and confique, and structs that envy fills."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.rust.program import Field, Program
from opsmith.detectors.rust.source import (
    ancestors,
    arguments,
    attribute_name,
    attribute_settings,
    attribute_tokens,
    callee,
    function_of,
    literal,
    text,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_COMMAND_LINE = frozenset(("arg", "clap", "structopt"))
_DEFAULTS = ("default_value", "default_value_t", "default_values", "default_value_os_t")


@dataclass(frozen=True, slots=True)
class Told:
    """One of: a variable, a text, the name of a function or constant that gives the value."""

    file: str
    line: int
    env: str | None = None
    text: str | None = None
    function: str | None = None


def told_of(item: Field, program: Program) -> list[Told]:
    found = [told for attribute in item.attributes for told in _attribute(item, attribute)]
    prefix = filled_by_envy(program).get(item.owner)
    if prefix is not None:
        found.append(Told(item.source.path, item.line, env=prefix + _serde_name(item).upper()))
    return found


def is_optional(item: Field, *, switches: bool = True) -> bool:
    """Whether the process goes on without it: its type says so, or something stands in for it. `switches`: a bool or list is one by itself."""
    return bool(re.match(r"(?:\w+::)*(?:Option|Vec)<|bool$" if switches else r"(?:\w+::)*Option<", item.type)) or any(
        name in ("default", *_DEFAULTS) for attribute in item.attributes for name in (attribute_name(attribute), *attribute_settings(attribute))
    )


def _attribute(item: Field, attribute: Node) -> Iterator[Told]:
    name, settings = attribute_name(attribute), attribute_settings(attribute)
    where = item.source.path, item.source.line(attribute)
    if name in _COMMAND_LINE and "env" in settings:
        yield Told(*where, env=_plain(settings["env"]) or item.name.upper())
    if name in ("envconfig", "config", "env") and (variable := _plain(settings.get("from") or settings.get("env"))):
        yield Told(*where, env=variable)
    if name == "default":
        for token in attribute_tokens(attribute)[:1]:
            told = literal(token)
            yield Told(*where, text=told) if told is not None else Told(*where, function=text(token))
    for key in (*(_DEFAULTS if name in _COMMAND_LINE else ()), "default"):
        value = settings.get(key)
        if value is None:
            continue
        if name == "serde" or (value.type == "identifier" and literal(value) is None):
            yield Told(*where, function=literal(value) or text(value))
        elif (told := _plain(value)) is not None:
            yield Told(*where, text=told)


def _plain(node: Node | None) -> str | None:
    return literal(node) if node is not None else None


def _serde_name(item: Field) -> str:
    renamed = (attribute_settings(attribute).get("rename") for attribute in item.attributes if attribute_name(attribute) == "serde")
    return next((told for node in renamed if (told := literal(node))), item.name)


def filled_by_envy(program: Program) -> Mapping[str, str]:
    """Structs that `envy` fills from the environment, with the prefix of the variables."""
    return program.remembered("envy", lambda: dict(_envy(program)))


def _envy(program: Program) -> Iterator[tuple[str, str]]:
    if not program.uses("envy"):
        return
    for call in program.called("from_env"):
        receiver, module, _ = callee(call.node)
        if receiver is None and not module.endswith("envy"):
            continue
        prefix = (
            next((literal(node) or "" for node in arguments(receiver)[:1]), "") if receiver is not None and receiver.type == "call_expression" else ""
        )
        struct = wanted(call.node)
        if struct:
            yield struct, prefix


def wanted(call: Node) -> str:
    """The type that a call is asked for: by its turbofish, the `let` it fills, or what the function returns."""
    match = re.search(r"::<\s*(?:\w+::)*(\w+)\s*>", text(call.child_by_field_name("function")))
    if match and match[1] != "Self":
        return match[1]
    for above in ancestors(call):
        if above.type == "let_declaration" and (kind := text(above.child_by_field_name("type"))):
            return kind.rpartition("::")[2]
        if above.type in ("function_item", "closure_expression"):
            break
    function = function_of(call)
    returned = re.findall(r"\w+", text(function.child_by_field_name("return_type"))) if function is not None else []
    named = next((word for word in returned if word not in ("Result", "anyhow", "Option", "std", "eyre")), "")
    owner = next((above for above in ancestors(call) if above.type == "impl_item"), None)
    return text(owner.child_by_field_name("type")) if named == "Self" and owner is not None else named
