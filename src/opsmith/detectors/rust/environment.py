"""Environment variables that a program reads: directly, through functions of its own, through attributes, through what overrides its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.rust.declared import filled_by_envy, is_optional, told_of
from opsmith.detectors.rust.extracted import filled
from opsmith.detectors.rust.fallback import INSISTS, Fallback, fallback
from opsmith.detectors.rust.flow import chain_after
from opsmith.detectors.rust.program import Expression, Field, Program
from opsmith.detectors.rust.source import arguments, callee, function_of, literal, name_of, parameters, text
from opsmith.detectors.rust.values import READS, Resolver
from opsmith.detectors.services import is_secret, kind_of_env

if TYPE_CHECKING:
    from tree_sitter import Node

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{1,80}")
_MODULES = frozenset(("env", "std::env", "dotenvy", "dotenv", "dotenv_codegen"))
_NOT_OURS = frozenset(
    (
        "HOME", "PATH", "USER", "HOSTNAME", "TMPDIR", "PWD", "SHELL", "TERM", "EDITOR", "VISUAL", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "NO_COLOR",
        "CI",
        "XDG_CACHE_HOME", "OUT_DIR", "CARGO_MANIFEST_DIR", "CARGO", "RUST_BACKTRACE", "PAGER", "LANG", "APPDATA", "USERPROFILE", "DISPLAY",
        "TMUX", "STY", "TERM_PROGRAM", "CARGO_HOME", "CARGO_TARGET_DIR", "TARGET", "COLORTERM", "SSH_AUTH_SOCK", "SYSTEMROOT",
    )
)  # fmt: skip
_SPEAKS = re.compile(r"(?i)port$|host|addr|url|uri|password|secret|token|username|user$|key$|dsn|broker|database")


@dataclass(frozen=True, slots=True)
class Read:
    """One place where a variable is read. `guarded`: the code goes on without it; `assigns`: only to leave a setting empty."""

    name: str
    required: bool
    default: str | None
    guarded: bool
    file: str
    line: int | None
    assigns: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """A function of the program that reads the variable its parameter `position` names."""

    position: int
    default: int | None
    fallback: Fallback


def reads(program: Program, resolver: Resolver) -> tuple[Read, ...]:
    """Every variable, by name: the strictest read, with the first default that is known."""
    found: dict[str, Read] = {}
    sources = (_direct(program, resolver), _through_readers(program, resolver), _declared(program, resolver), _built(program, resolver))
    for item in (item for source in sources for item in source):
        if _NAME.fullmatch(item.name) and item.name not in _NOT_OURS and not item.name.startswith("CARGO_PKG_"):
            found[item.name] = _merged(found.get(item.name), item)
    for item in (*_overriding(resolver), *_filled(program, resolver)):
        found[item.name] = _merged(found.get(item.name), item) if item.required else found.get(item.name, item)
    return tuple(found.values())


def _merged(one: Read | None, other: Read) -> Read:
    if one is None:
        return other
    default = one.default if one.default is not None else other.default
    required = (one.required or other.required) and default is None
    return Read(one.name, required, default, one.guarded and other.guarded, one.file, one.line, one.assigns or other.assigns)


def needed(read: Read, connected: frozenset[str]) -> bool:
    """Whether the process does not work without it: the code says so, or it alone tells where a service is that is always connected to."""
    kind = kind_of_env(read.name)
    alone = read.default is None and (not read.guarded or read.assigns)
    return read.required or (alone and kind is not None and kind in connected)


def secret(read: Read) -> bool:
    return is_secret(read.name, read.default)


def _direct(program: Program, resolver: Resolver) -> Iterator[Read]:
    for call in program.called(*READS):
        given = arguments(call.node)
        if not given or not is_read(call) or not program.reached(call):
            continue
        if given[0].type == "identifier" and text(given[0]) in dict(parameters(function_of(call.node) or call.node)):
            continue
        for name in resolver.texts(Expression(given[0], call.source))[:1]:
            yield _read(name, fallback(call, resolver), call)


def _read(name: str, found: Fallback, call: Expression) -> Read:
    return Read(name, found.ends, found.default, found.goes_on, call.source.path, call.line, found.assigns)


def is_read(call: Expression) -> bool:
    """`env::var(x)`; a bare `var(x)` where the file imports it."""
    receiver, module, name = callee(call.node)
    if receiver is not None or name not in READS:
        return False
    return module.removeprefix("::") in _MODULES or (not module and call.source.mentions(b"env::var;", b"env::{") and len(arguments(call.node)) == 1)


def _readers(program: Program, resolver: Resolver) -> dict[str, Reader]:
    """Functions that hand a parameter of theirs to `env::var`, or to another such function."""
    found: dict[str, Reader] = {}
    fresh = _readers_around([(call, Reader(0, None, fallback(call, resolver))) for call in program.called(*READS) if is_read(call)])
    for _ in range(3):
        found = {**fresh, **found}
        calls = [(call, reader) for name, reader in fresh.items() for call in program.callers(name)]
        calls = [(call, Reader(inner.position, None, _both(inner.fallback, fallback(call, resolver)))) for call, inner in calls]
        fresh = {name: reader for name, reader in _readers_around(calls).items() if name not in found}
    return found


def _readers_around(calls: list[tuple[Expression, Reader]]) -> dict[str, Reader]:
    found: dict[str, Reader] = {}
    for call, inner in calls:
        function = function_of(call.node)
        given = arguments(call.node)
        names = [name for name, _ in parameters(function)] if function is not None else []
        key = text(given[inner.position]).lstrip("&") if len(given) > inner.position else ""
        if function is not None and key in names and name_of(function) not in ("main", "m", ""):
            told = Fallback(ends=True, insists=True) if INSISTS.search(name_of(function)) else inner.fallback
            found.setdefault(name_of(function), Reader(names.index(key), _default_of(function, names, key), told))
    return found


def _default_of(function: Node, names: list[str], key: str) -> int | None:
    """The parameter that stands in for the variable: the one that ends up in what is returned instead."""
    body = text(function.child_by_field_name("body"))
    pattern = r"unwrap_or\w*\((?:\|[^|]*\|\s*)?[^;]*?\b{0}\b|(?:=>|else\s*\{{)\s*[^,;}}]*\b{0}\b"
    return next((index for index, name in enumerate(names) if name != key and re.search(pattern.format(re.escape(name)), body)), None)


def _through_readers(program: Program, resolver: Resolver) -> Iterator[Read]:
    for name, reader in _readers(program, resolver).items():
        for call in program.callers(name):
            given = arguments(call.node)
            if len(given) <= reader.position or callee(call.node)[0] is not None or not program.reached(call):
                continue
            keys = resolver.texts(Expression(given[reader.position], call.source))
            default = None
            if reader.default is not None and reader.default < len(given):
                default = next(iter(resolver.texts(Expression(given[reader.default], call.source))), None)
            outer = fallback(call, resolver)
            for key in [key for key in keys[:1] if key.upper() == key]:
                yield _through(key, reader, default, outer, call)


def _through(key: str, reader: Reader, default: str | None, outer: Fallback, call: Expression) -> Read:
    """What the function does without the variable; where it hands that on, what its caller does."""
    whole = _both(reader.fallback, outer)
    default = default if default is not None else whole.default
    ends = whole.ends and default is None and reader.default is None
    return Read(key, ends, default, reader.default is not None or (whole.goes_on and not ends), call.source.path, call.line)


def _both(own: Fallback, outer: Fallback) -> Fallback:
    """A function's own fallback, and what its caller does with what it gives."""
    if own.ends and not outer.goes_on:
        return own
    if own.goes_on and own.default is None and not outer.insists:  # a `?` here is about another error
        return Fallback(goes_on=True, default=outer.default, hands_on=outer.hands_on)
    default = own.default if own.default is not None else outer.default
    ends = default is None and (outer.insists or (outer.ends and not own.goes_on))
    return Fallback(ends=ends, goes_on=not ends and (own.goes_on or outer.goes_on), default=default, hands_on=outer.hands_on, insists=outer.insists)


def _declared(program: Program, resolver: Resolver) -> Iterator[Read]:
    """Fields that clap, envconfig, confique or envy fill."""
    envy = filled_by_envy(program)
    for fields in program.fields.values():
        for item in fields:
            if (item.attributes or item.owner in envy) and program.owns(item):
                yield from _of_field(item, program, resolver)


def _of_field(item: Field, program: Program, resolver: Resolver) -> Iterator[Read]:
    told = told_of(item, program)
    texts = [one.text for one in told if one.text is not None]
    functions = [one.function for one in told if one.function is not None]
    default = next(iter(texts), None) or next((value for name in functions for value in resolver.result(name)), None)
    optional = is_optional(item) or default is not None
    for one in told:
        if one.env is not None:
            yield Read(one.env, not optional, default, optional, one.file, one.line)


def _built(program: Program, resolver: Resolver) -> Iterator[Read]:
    """`Arg::new("port").env("PORT").default_value("8080")`."""
    for call in program.called("new", "with_name", "long"):
        if not callee(call.node)[1].endswith("Arg"):
            continue
        chained = {method: arguments(node) for node, method in chain_after(call.node)}
        named = next((literal(node) for node in chained.get("env", ())), None)
        default = next((value for node in chained.get("default_value", ()) for value in resolver.texts(Expression(node, call.source))), None)
        required = any(literal(node) == "true" for node in chained.get("required", ()))
        if named:
            yield Read(named, required and default is None, default, not required, call.source.path, call.line)


def _filled(program: Program, resolver: Resolver) -> Iterator[Read]:
    for item in filled(program, resolver.layers):
        if item.required or _SPEAKS.search(item.key[-1]):
            yield Read(item.variable, item.required, None, not item.required, item.field.source.path, item.field.line)


def _overriding(resolver: Resolver) -> Iterator[Read]:
    """Keys of loaded files that a variable overrides, where they speak of an address or a secret."""
    for item in resolver.layers.settings[:200]:
        name = resolver.layers.variable(item.key)
        if name and _NAME.fullmatch(name) and _SPEAKS.search(item.key[-1]):
            yield Read(name, required=False, default=item.value, guarded=True, file=item.file, line=item.line)
