"""Environment variables that PHP code reads: `env()`, `getenv()`, `$_ENV`, `$_SERVER`, with what they fall back to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opsmith.detectors.php.syntax import Source, ancestors, arguments, line, literal, name_of, owner, shown, text
from opsmith.detectors.services import is_secret
from opsmith.model.survey import EnvVar, Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{1,100}")
_READERS = frozenset(("env", "getenv", "env_get", "getenv_docker"))
_GIVEN = re.compile(
    r"(?:HTTP_|REQUEST_|REMOTE_|SERVER_|SCRIPT_|PHP_|QUERY_|DOCUMENT_|PATH_|GATEWAY_|CONTENT_|REDIRECT_|AUTH_|ORIG_|SSL_|UNIQUE_ID|HTTPS$|HOME$|PATH$|"
    r"USER$|PWD$|argv|argc|SHELL$|TERM$|CI$|HOSTNAME$|TMPDIR$|TEMP$|TMP$|APPDATA$|LANG$|PHPUNIT|LARAVEL_SAIL$|XDEBUG|COLUMNS$|LINES$)"
)


@dataclass(frozen=True, slots=True)
class Read:
    """One place that reads a variable."""

    name: str
    required: bool
    default: str | None
    evidence: Evidence


def reads(sources: Iterable[Source]) -> tuple[Read, ...]:
    """Every read, one for each variable: the default that any place tells, required where one place cannot do without."""
    found: dict[str, Read] = {}
    for source in sources:
        for read in _reads(source) if source.holds(b"env(", b"_ENV", b"_SERVER", b"Env::get") else ():
            known = found.get(read.name)
            found[read.name] = read if known is None else _both(known, read)
    return tuple(found.values())


def _both(one: Read, other: Read) -> Read:
    default = one.default if one.default is not None else other.default
    return replace(one, default=default, required=(one.required or other.required) and default is None)


def variables(found: Iterable[Read]) -> tuple[EnvVar, ...]:
    made = (EnvVar(name=read.name, required=read.required, secret=secret(read.name, read.default), default=read.default) for read in found)
    return tuple(sorted(made, key=lambda variable: variable.name))


def secret(name: str, value: str | None = None) -> bool:
    """`DB_CONNECTION` and its like name an entry of the settings, they address nothing."""
    return is_secret(name, value) and not name.endswith("_CONNECTION")


def _reads(source: Source) -> Iterator[Read]:
    for node in source.nodes("call", "static", "subscript"):
        name = variable(node)
        if name is not None and not _GIVEN.match(name):
            yield Read(name, _stops(node), default(node), Evidence(file=source.path, line=line(node), shows=shown(node), confidence=0.9))


def variable(node: Node) -> str | None:
    """The variable that the node reads, when it reads one."""
    if node.type == "subscript_expression":
        inner = node.named_children
        name = literal(inner[1]) if len(inner) > 1 and text(inner[0]) in ("$_ENV", "$_SERVER") else None
    else:
        given = arguments(node)
        reads_one = name_of(node) in _READERS if node.type == "function_call_expression" else (owner(node), name_of(node)) == ("Env", "get")
        name = literal(given[0]) if given and reads_one else None
    return name if name is not None and _VARIABLE.fullmatch(name) else None


def default(node: Node) -> str | None:
    """The literal that takes its place: the second argument of `env`, or what stands after `?:` or `??`."""
    if node.type != "subscript_expression":
        given = arguments(node)
        if len(given) > 1 and name_of(node) != "getenv":
            return _fallback(given[1])
    outer = node
    for above in ancestors(node):
        if above.type == "parenthesized_expression" or above.type == "cast_expression":
            outer = above
            continue
        if above.type == "binary_expression" and text(above.child_by_field_name("operator")) == "??" and above.child_by_field_name("left") == outer:
            return _fallback(above.child_by_field_name("right"))
        if above.type == "conditional_expression" and above.child_by_field_name("body") is None and above.child_by_field_name("condition") == outer:
            return _fallback(above.child_by_field_name("alternative"))
        return None
    return None


def _fallback(node: Node | None) -> str | None:
    """A literal that says something; `env('A', env('B', 'c'))` falls back to c in the end."""
    for _ in range(10):
        if node is None or node.type == "null":
            return None
        if node.type == "function_call_expression" and name_of(node) in _READERS:
            given = arguments(node)
            node = given[1] if len(given) > 1 else None
            continue
        return literal(node)
    return None


def _stops(node: Node) -> bool:
    """`getenv('X') ?: throw …`, `$_ENV['X'] ?? die(…)`"""
    above = node.parent
    if above is None or above.type not in ("binary_expression", "conditional_expression"):
        return False
    last = above.named_children[-1]
    return last != node and text(last)[:6].startswith(("throw", "die(", "exit("))
