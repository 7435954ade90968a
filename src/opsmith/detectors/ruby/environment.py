"""Environment variables that Ruby code reads: `ENV["X"]`, `ENV.fetch`, with what they fall back to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opsmith.detectors.ruby.syntax import Source, ancestors, arguments, block, block_value, literal, method, receiver, shown, text
from opsmith.detectors.services import is_secret
from opsmith.model.survey import EnvVar, Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

_VARIABLE = re.compile(r"[A-Za-z_]\w{0,100}")
_GIVEN = frozenset(
    (
        "HOME", "PATH", "USER", "HOSTNAME", "PWD", "LANG", "TERM", "EDITOR", "CI", "TMPDIR", "GEM_HOME", "BUNDLE_GEMFILE", "BUNDLE_PATH", "DYNO",
        "LD_LIBRARY_PATH", "SHELL", "COVERAGE", "SPRING", "DISABLE_SPRING", "DEBUG", "VERBOSE", "RUBYOPT", "TEST_ENV_NUMBER", "BOOTSNAP_CACHE_DIR",
        "PIDFILE", "SOURCE_VERSION", "HEROKU_APP_NAME", "HEROKU_SLUG_COMMIT", "RAILS_ROOT",
    )
)  # fmt: skip
"""What the system, a build or a developer's shell sets; nobody configures a deployment by it."""
_ASKS = frozenset(("present?", "blank?", "nil?", "empty?", "key?", "has_key?", "include?", "=="))
_CASTS = frozenset(("to_i", "to_s", "to_f", "to_sym", "presence", "strip", "downcase", "freeze", "split", "chomp"))
_GUARDS = frozenset(("if", "unless", "if_modifier", "unless_modifier", "conditional", "rescue_modifier", "when", "elsif"))


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
        for read in _reads(source) if source.holds(b"ENV") else ():
            known = found.get(read.name)
            found[read.name] = read if known is None else _both(known, read)
    return tuple(found.values())


def _both(one: Read, other: Read) -> Read:
    default = one.default if one.default is not None else other.default
    return replace(one, default=default, required=(one.required or other.required) and default is None)


def variables(found: Iterable[Read]) -> tuple[EnvVar, ...]:
    made = (EnvVar(name=read.name, required=read.required, secret=is_secret(read.name, read.default), default=read.default) for read in found)
    return tuple(sorted(made, key=lambda variable: variable.name))


def value_of(node: Node) -> tuple[str | None, str | None]:
    """What an expression is when nothing is set, and the variable that sets it: a literal, or a read with its default."""
    known = literal(node)
    if known is not None:
        return known, None
    for inner in (node, *_inside(node)):
        name = _variable(inner)
        if name is not None:
            return _default(inner), name
    return None, None


def fallback(source: Source) -> tuple[str | None, str | None]:
    """The same for a whole piece of Ruby, such as a tag in a settings file."""
    for node in sorted((*source.nodes("call"), *source.nodes("element")), key=lambda node: node.start_byte):
        name = _variable(node)
        if name is not None:
            return _default(node), name
    return None, None


def _inside(node: Node) -> Iterator[Node]:
    pending = list(reversed(node.named_children))
    for _ in range(200):
        if not pending:
            return
        current = pending.pop()
        yield current
        pending.extend(reversed(current.named_children))


def _reads(source: Source) -> Iterator[Read]:
    for node in (*source.nodes("element"), *source.nodes("call")):
        name = _variable(node)
        if name is not None and name not in _GIVEN:
            shows = Evidence(file=source.path, line=source.line(node), shows=shown(node), confidence=0.9)
            yield Read(name, _is_required(node), _default(node), shows)


def _variable(node: Node) -> str | None:
    """The variable that the node reads, when it reads one."""
    if node.type == "element_reference":
        inner = node.named_children[1:2] if text(node.child_by_field_name("object")) == "ENV" else []
    elif node.type == "call" and receiver(node) == "ENV" and method(node) in ("fetch", "[]", "key?", "has_key?", "include?"):
        inner = arguments(node)[:1]
    else:
        inner = []
    name = literal(inner[0]) if inner and inner[0].type == "string" else None
    return name if name and _VARIABLE.fullmatch(name) else None


def _default(node: Node) -> str | None:
    if node.type == "call":
        given = arguments(node)
        own = literal(given[1]) if len(given) > 1 else block_value(node)
        if own is not None:
            return own
    outer = node
    for above in ancestors(node):
        if above.type == "binary" and text(above.child_by_field_name("operator")) in ("||", "or") and above.child_by_field_name("left") == outer:
            return literal(above.child_by_field_name("right"))
        if above.type == "parenthesized_statements" or (
            above.type == "call" and method(above) in _CASTS and above.child_by_field_name("receiver") == outer
        ):
            outer = above
            continue
        return None
    return None


def _is_required(node: Node) -> bool:
    """Whether the code stops without it: `fetch` with nothing to fall back to, or `|| raise`; and nothing around asks first."""
    if _default(node) is not None:
        return False
    strict = node.type == "call" and method(node) == "fetch" and len(arguments(node)) == 1 and block(node) is None
    return (strict and not _is_guarded(node)) or _raises(node)


def _is_guarded(node: Node) -> bool:
    inner = node
    for above in ancestors(node):
        if above.type in ("method", "class", "module", "program"):
            return False
        if above.type in _GUARDS and above.child_by_field_name("condition") != inner:
            return True
        if (
            above.type == "binary"
            and text(above.child_by_field_name("operator")) in ("&&", "and", "||", "or")
            and above.child_by_field_name("left") != inner
        ):
            return True
        inner = above
    return False


def _raises(node: Node) -> bool:
    above = node.parent
    if above is None or above.type != "binary" or above.child_by_field_name("left") != node:
        return False
    right = above.child_by_field_name("right")
    return right is not None and text(above.child_by_field_name("operator")) in ("||", "or") and text(right).startswith(("raise", "abort", "fail"))
