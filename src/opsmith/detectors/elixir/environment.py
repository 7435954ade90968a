"""Environment variables: which are read, which must be set, what is taken without them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.elixir.configs import is_of_production
from opsmith.detectors.elixir.source import Call, Source, ancestors, line, literal, text
from opsmith.detectors.elixir.values import Values
from opsmith.detectors.services import is_secret
from opsmith.model.survey import BackingService, EnvVar, Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

_BRANCHES = frozenset(("if", "unless", "case", "cond", "with"))
_OF_THE_RELEASE = ("RELEASE_", "MIX_", "HOME", "PATH", "ERL_")


@dataclass(frozen=True, slots=True)
class Read:
    name: str
    required: bool
    default: str | None
    file: str
    line: int


def reads(sources: list[Source], configuration: Collection[Source], values: Values) -> list[Read]:
    """One for each variable; where several places read it, one that needs it counts, then one that has a default."""
    best: dict[str, Read] = {}
    for source in sources:
        if source.path.endswith(".exs") and source not in configuration:
            continue
        for item in _in_file(source, values, always=source in configuration or source.mentions(b"use Application\n")):
            known = best.get(item.name)
            if known is None or (item.required, item.default is not None) > (known.required, known.default is not None):
                best[item.name] = item
    return [best[name] for name in sorted(best) if not name.startswith(_OF_THE_RELEASE)]


def variables(found: list[Read], services: tuple[BackingService, ...]) -> tuple[EnvVar, ...]:
    """With those needed that carry, without a default, the address of a service that is needed."""
    addresses = {
        name for service in services if not service.optional for name in service.env if name.rpartition("_")[2] in ("URL", "URI", "HOST", "HOSTNAME")
    }
    return tuple(
        EnvVar(
            name=item.name,
            required=item.required or (item.default is None and item.name in addresses),
            secret=is_secret(item.name, item.default),
            default=item.default,
        )
        for item in found
    )


def evidence(found: list[Read]) -> tuple[Evidence, ...]:
    return tuple(Evidence(file=item.file, line=item.line, shows=item.name, confidence=0.9) for item in found)


def _in_file(source: Source, values: Values, *, always: bool) -> Iterator[Read]:
    """`always`: what stands in the file is run whenever the process starts."""
    marks = (b"System", b"env", b"Env", b":system", *(name.encode() for name in values.wrappers))
    if not source.mentions(*marks):
        return
    for call in source.calls():
        name = values.variable(call)
        if name and is_of_production(call.node):
            default = _default(call)
            yield Read(name, always and default is None and _is_needed(call, values), default, source.path, call.line)
    if source.mentions(b"{:system"):
        yield from _tuples(source, always=always)


def _tuples(source: Source, *, always: bool) -> Iterator[Read]:
    from opsmith.detectors.elixir.source import walk

    for node in walk(source.root):
        if node.type == "tuple" and text(node)[:8] == "{:system" and is_of_production(node):
            told = [value for item in node.named_children if item.type in ("string", "integer") and (value := literal(item)) is not None]
            if told:
                yield Read(told[0], len(told) == 1 and always, told[1] if len(told) > 1 else None, source.path, line(node))


def _default(call: Call) -> str | None:
    rest = [value for item in call.arguments[1:] if item.type in ("string", "integer", "boolean") and (value := literal(item)) is not None]
    if rest and not (len(call.arguments) == 2 and call.arguments[0].type == "identifier"):
        return rest[-1]
    right = _alternative(call.node)
    return literal(right) if right is not None and right.type in ("string", "integer", "boolean") else None


def _alternative(node: Node) -> Node | None:
    """What stands behind the `||` after a call, pipes between them passed over."""
    inner = node
    for above in ancestors(node):
        if above.type != "binary_operator":
            return None
        operator, left = text(above.child_by_field_name("operator")), above.child_by_field_name("left")
        if operator == "||" and left == inner:
            return above.child_by_field_name("right")
        if operator not in ("|>", "||"):
            return None
        inner = above
    return None


def _is_needed(call: Call, values: Values) -> bool:
    """Whether the process ends without it, provided that the code is reached whatever else is set."""
    if _stands_in_branch(call.node):
        return False
    right = _alternative(call.node)
    raises = right is not None and text(right).startswith(("raise", "Mix.raise", "System.halt"))
    insists = values.wrappers.get(call.name, call.name.endswith("!"))
    return insists or raises or (right is None and _converted(call.node))


def _converted(node: Node) -> bool:
    """`String.to_integer(System.get_env("X"))` ends the process where X is missing."""
    arguments = node.parent
    outer = arguments.parent if arguments is not None and arguments.type == "arguments" else None
    if outer is None and arguments is not None and arguments.type == "binary_operator" and text(arguments.child_by_field_name("operator")) == "|>":
        return text(arguments.child_by_field_name("right")).startswith("String.to_")
    return outer is not None and text(outer.child_by_field_name("target")).startswith("String.to_")


def _stands_in_branch(node: Node) -> bool:
    """Inside a branch on something other than the environment that is built for; what the branch asks is outside of it."""
    inner = node
    for above in ancestors(node):
        if above.type == "call" and text(above.child_by_field_name("target")) in _BRANCHES and inner.type == "do_block":
            condition = next((text(child) for child in above.named_children if child.type == "arguments"), "")
            if "config_env()" not in condition and "Mix.env" not in condition:
                return True
        if above.type == "call" and text(above.child_by_field_name("target")) in ("def", "defp", "defmacro"):
            return False
        inner = above
    return False
