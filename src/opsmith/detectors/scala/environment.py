"""Environment variables of code (`sys.env`, Ciris, ZIO) and of HOCON (`${?PORT}`): which must be set, what is taken without them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.scala.hocon import Setting
from opsmith.detectors.scala.source import Source, ancestors, arguments, callee, last_name, line, literal, text
from opsmith.detectors.services import is_secret
from opsmith.model.survey import BackingService, EnvVar, Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

_MARKS = (b"sys.env", b"getenv", b"envOrElse", b"envOrNone", b"env(", b"envOrOption")
_READS = re.compile(r"(?:^|\.)(?:sys\.env(?:\.get|\.getOrElse|\.apply)?|System\.getenv(?:\(\)\.get)?|env|envOrElse|envOrNone|envOrOption|Env\.get)$")
_LENIENT = frozenset(("get", "getOrElse", "envOrElse", "envOrNone", "envOrOption", "getenv", "contains"))
_FALLBACKS = frozenset(("getOrElse", "orElse", "default", "option", "or", "fold", "toOption", "optional", "withDefault", "useOrElse"))
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_ADDRESS = ("URL", "URI", "HOST", "DSN", "PASSWORD", "USER", "USERNAME", "SERVER", "SERVERS", "BROKERS")


@dataclass(frozen=True, slots=True)
class Read:
    name: str
    required: bool
    default: str | None
    file: str
    line: int


def reads(sources: list[Source], settings: list[Setting]) -> list[Read]:
    """One for each variable; one that needs it counts before one that has a default."""
    best: dict[str, Read] = {}
    for item in (*(read for source in sources if source.mentions(*_MARKS) for read in _in_code(source)), *_in_settings(settings)):
        known = best.get(item.name)
        if known is None or (item.required, item.default is not None) > (known.required, known.default is not None):
            best[item.name] = item
    return [best[name] for name in sorted(best)]


def variables(found: list[Read], services: tuple[BackingService, ...]) -> tuple[EnvVar, ...]:
    """With those needed that carry, without a default, the address of a service that is needed."""
    addresses = {name for service in services if not service.optional for name in service.env if name.rpartition("_")[2] in _ADDRESS}
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


def variable_of(call: Node) -> str | None:
    """The variable that a call reads."""
    given = arguments(call)
    name = literal(given[0]) if given else None
    return name if name and _NAME.fullmatch(name) and _READS.search(callee(call)) else None


def _in_code(source: Source) -> Iterator[Read]:
    for call in source.nodes("call_expression"):
        name = variable_of(call)
        if name is not None:
            default = _default(call)
            yield Read(name, default is None and _is_needed(call), default, source.path, line(call))


def _default(call: Node) -> str | None:
    """`sys.env.getOrElse("X", "y")`, `sys.env.get("X").getOrElse("y")`, `env("X").default(y)`."""
    given = arguments(call)
    if len(given) > 1 and (value := literal(given[1])) is not None:
        return value
    for outer in _chain(call):
        if last_name(outer) in _FALLBACKS and (value := literal(next(iter(arguments(outer)), None))) is not None:
            return value
    return None


def _chain(call: Node) -> Iterator[Node]:
    """The calls that are made on the result, through the argument of `Option(...)`."""
    for above in ancestors(call):
        if above.type == "call_expression":
            yield above
        elif above.type not in ("field_expression", "arguments", "generic_function"):
            return


def _is_needed(call: Node) -> bool:
    if last_name(call) in _LENIENT:
        return False
    fields = (text(above.child_by_field_name("field")) for above in ancestors(call) if above.type == "field_expression")
    return not any(last_name(outer) in _FALLBACKS for outer in _chain(call)) and next(fields, "") not in _FALLBACKS


def _in_settings(settings: list[Setting]) -> Iterator[Read]:
    """The literal that stands before a variable of the same key is its default."""
    plain: dict[tuple[str, ...], str] = {}
    for item in settings:
        if item.env is None and item.value is not None:
            plain[item.path] = item.value
        elif item.env is not None:
            secret_of_play = item.path[-3:] == ("http", "secret", "key") or item.path[-2:] == ("crypto", "secret")
            default = None if secret_of_play else plain.get(item.path)
            yield Read(item.env, (item.needed and default is None) or secret_of_play, default, item.file, item.line)
