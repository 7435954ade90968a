"""Environment variables: what code reads of them and of the configuration that they override (`A:B` is set by `A__B`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tree_sitter import Node

from opsmith.detectors.dotnet.clients import CONNECTION_CALLS
from opsmith.detectors.dotnet.lines import line_calls
from opsmith.detectors.dotnet.options import bound_properties
from opsmith.detectors.dotnet.program import Program, in_development
from opsmith.detectors.dotnet.source import Call, Source, ancestors, argument, callee, line, method_of, name_of, text
from opsmith.detectors.dotnet.values import Resolver, under, variable
from opsmith.detectors.services import is_secret

LOCAL = re.compile(r"(?i)localhost|127\.0\.0\.1|\(localdb\)|\\sqlexpress|host\.docker\.internal|(?:server|data source)=\.(?:;|\\|$)")
_FILE = re.compile(r"(?i)(?:data source|filename|datasource)\s*=\s*[^;]*(?:\.(?:db|sqlite3?|s3db)\b|:memory:)")
_NOT_TOLD = re.compile(
    r"(?i)^(?:Logging|Serilog|AllowedHosts|NLog|urls)(?::|$)|^(?:ASPNETCORE_ENVIRONMENT|DOTNET_ENVIRONMENT|DOTNET_RUNNING_IN_CONTAINER)$"
)
_VARIABLE = re.compile(r"[A-Za-z_][\w.-]{0,120}")
MOST = 300


@dataclass(frozen=True, slots=True)
class Read:
    """`key` is the configuration key or the variable's name; `guarded`: the code does without it."""

    key: str
    file: str
    line: int
    required: bool = False
    default: str | None = None
    guarded: bool = False
    sensitive: bool = False

    @property
    def name(self) -> str:
        return variable(self.key)

    @property
    def secret(self) -> bool:
        if self.key.lower().startswith("connectionstrings:"):
            return not is_file(self.default)
        return self.sensitive or is_secret(self.name, self.default)


def reads(program: Program, resolver: Resolver) -> tuple[Read, ...]:
    """Each variable once, in the order of its name; what one place needs is needed."""
    found: dict[str, Read] = {}
    for read in (
        *_direct(program, resolver),
        *_connections(program, resolver),
        *bound_reads(program, resolver),
        *_on_lines(program),
        *_listed(resolver),
    ):
        if _VARIABLE.fullmatch(read.name) and not _NOT_TOLD.search(read.key):
            known = found.get(read.name.lower())
            found[read.name.lower()] = read if known is None else _merged(known, read)
    settled = sorted((_settled(read, resolver) for read in found.values()), key=lambda read: read.name)
    return tuple(settled[:MOST])


def _merged(known: Read, other: Read) -> Read:
    return replace(known, required=known.required or other.required, default=known.default or other.default, guarded=known.guarded and other.guarded)


def _settled(read: Read, resolver: Resolver) -> Read:
    """With what the settings files say. A connection that leads to the developer's own machine has to be set."""
    setting = resolver.settings.get(read.key)
    default = read.default if setting is None else setting.value or read.default
    connection = read.key.lower().startswith("connectionstrings:")
    if is_file(default):
        return replace(read, required=False, default=default)
    nowhere = not default or (connection and bool(LOCAL.search(default)))
    return replace(read, required=nowhere and not read.guarded and (read.required or connection), default=default or None)


def is_file(value: str | None) -> bool:
    """Whether a connection string names a SQLite file."""
    return bool(value and _FILE.search(value))


# -- what code reads by its key -----------------------------------------------------------------------------------------------------------


def _direct(program: Program, resolver: Resolver) -> Iterator[Read]:
    for call in program.called("GetEnvironmentVariable", "GetConnectionString", "GetValue"):
        for value in resolver.values(call.node, call.source):
            if value.key is not None:
                yield _read(value.key, call.node, call.source, resolver)
    for source in program.sources:
        for node in source.syntax("index"):
            if not _is_written(node) and program.reached(node, source) and not in_development(node):
                for key in resolver.keys(node, source):
                    yield _read(key, node, source, resolver)


def _is_written(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "assignment_expression" and parent.child_by_field_name("left") == node


def _read(key: str, node: Node, source: Source, resolver: Resolver) -> Read:
    default, throws = _fallback(node, source, resolver)
    guarded, refused = _asked(node)
    needed = throws or refused or _is_asserted(node)
    return Read(key, source.path, line(node), required=needed and not guarded, default=default, guarded=guarded and not throws)


def _fallback(node: Node, source: Source, resolver: Resolver) -> tuple[str | None, bool]:
    """What stands after `??` or as the default of GetValue: a literal, or a throw."""
    _, name = callee(node)
    told = argument(node, 1) if name == "GetValue" else None
    if told is not None:
        return next(iter(resolver.texts(told, source)), None), False
    for above in ancestors(node):
        if above.type == "binary_expression" and text(above.child_by_field_name("operator")) == "??":
            right = above.child_by_field_name("right")
            if right is not None and right.type == "throw_expression":
                return None, True
            if right is not None and not right.start_byte <= node.start_byte < right.end_byte:
                texts = resolver.texts(right, source)
                return (texts[0] if texts else ""), False
        elif above.type not in (
            "argument",
            "argument_list",
            "invocation_expression",
            "member_access_expression",
            "parenthesized_expression",
            "binary_expression",
        ):
            break
    return None, False


def _is_asserted(node: Node) -> bool:
    """`x!`, or a value that is parsed at once."""
    parent = node.parent
    if parent is not None and parent.type == "postfix_unary_expression":
        return True
    call = parent.parent.parent if parent is not None and parent.type == "argument" and parent.parent is not None else None
    return (
        call is not None
        and call.type in ("invocation_expression", "object_creation_expression")
        and (callee(call)[1] in ("Parse", "ToInt32") or text(call.child_by_field_name("type")) == "Uri")
    )


def _asked(node: Node) -> tuple[bool, bool]:
    """Whether the code asks if there is a value and does without it; whether it refuses to go on."""
    declarator = next((above for above in ancestors(node) if above.type in ("variable_declarator", "if_statement", "block")), None)
    if (declarator is not None and declarator.type == "if_statement") or _has_been_asked(node):
        return True, False
    name = name_of(declarator) if declarator is not None and declarator.type == "variable_declarator" else ""
    if not name:
        return False, False
    method = method_of(node)
    around = method if method is not None else _root(node)
    rest = text(around)[:20_000]
    written = re.escape(name)
    match = re.search(
        rf"(!?)\s*string\.IsNullOr\w+\(\s*{written}\s*\)|\b{written}\s*(?:!=|==|is(?: not)?)\s*null\b|\b{written}\?\.", rest, re.IGNORECASE
    )
    if match is None:
        return False, False
    refuses = re.match(r"[^;]{0,200}?\bthrow\b", rest[match.end() : match.end() + 300]) is not None
    return not refuses, refuses


def _has_been_asked(node: Node) -> bool:
    """Whether it stands in the branch of an `if` that asks for the same value."""
    written = text(node)[:200]
    conditions = (
        text(above.child_by_field_name("condition"))[:500] for above in ancestors(node) if above.type in ("if_statement", "conditional_expression")
    )
    return any(written in condition for condition in conditions)


def _root(node: Node) -> Node:
    current = node
    for above in ancestors(node):
        current = above
    return current


# -- what is read by other means ------------------------------------------------------------------------------------------------------------


def _connections(program: Program, resolver: Resolver) -> Iterator[Read]:
    """`builder.AddNpgsqlDataSource("db")` of Aspire's client packages reads `ConnectionStrings:db`."""
    if not any(name.startswith("aspire.") for name in program.packages):
        return
    for call in program.called(*CONNECTION_CALLS):
        first = argument(call.node, 0, "connectionName")
        for name in resolver.texts(first, call.source) if first is not None else ():
            yield Read(f"ConnectionStrings:{name}", call.source.path, call.line, required=True)


def bound_reads(program: Program, resolver: Resolver) -> Iterator[Read]:
    """The properties of options classes that are bound to a section."""
    for section, kind in _bindings(program, resolver):
        for item in bound_properties(program, kind):
            key = under(section, item.name)
            setting = resolver.settings.get(key)
            if setting is not None or item.required or is_secret(variable(key), item.default) or item.is_address:
                yield Read(key, item.file, item.line, required=item.required, default=item.default)


def _bindings(program: Program, resolver: Resolver) -> Iterator[tuple[str, str]]:
    """Sections with the class that they are bound to."""
    for call in program.called("Configure", "Get", "BindConfiguration", "Bind", "ConfigureOptions", "AddOptions"):
        kind = next(iter(_types(call)), None)
        for section in _sections(call, resolver):
            if section and kind:
                yield section, kind.rpartition(".")[2]


def _sections(call: Call, resolver: Resolver) -> Iterable[str | None]:
    function = call.node.child_by_field_name("function")
    on = function.child_by_field_name("expression") if function is not None and function.type == "member_access_expression" else None
    first = argument(call.node, 0)
    match call.name:
        case "Get":
            return (resolver.section(on, call.source),)
        case "BindConfiguration":
            return resolver.texts(first, call.source)
        case "Bind" if first is not None and first.type == "invocation_expression":
            return (resolver.section(first, call.source),)
        case "Bind":
            return (resolver.section(on, call.source),)
        case "Configure":
            return (resolver.section(first, call.source),)
        case _:
            return ()


def _types(call: Call) -> Iterator[str]:
    """The class of `Configure<T>(...)`, of `AddOptions<T>().Bind(...)`, or of the variable that `Bind(variable)` fills."""
    from opsmith.detectors.dotnet.source import type_arguments

    yield from type_arguments(call.node)
    function = call.node.child_by_field_name("function")
    on = function.child_by_field_name("expression") if function is not None and function.type == "member_access_expression" else None
    for _ in range(6):
        if on is None or on.type != "invocation_expression":
            break
        yield from type_arguments(on)
        inner = on.child_by_field_name("function")
        on = inner.child_by_field_name("expression") if inner is not None and inner.type == "member_access_expression" else None
    first = argument(call.node, 1) or argument(call.node, 0)
    if call.name == "Bind" and first is not None:
        made = first if first.type == "object_creation_expression" else next((value for value, _ in call.source.given().get(text(first), ())), None)
        if made is not None and made.type == "object_creation_expression":
            yield text(made.child_by_field_name("type"))


def _on_lines(program: Program) -> Iterator[Read]:
    """What F# and Visual Basic ask for by a literal name."""
    for source in program.own:
        for call in line_calls(source):
            if call.name == "GetEnvironmentVariable":
                yield Read(call.texts[0], source.path, call.line)
            elif call.name == "GetConnectionString":
                yield Read(f"ConnectionStrings:{call.texts[0]}", source.path, call.line, required=True)


def _listed(resolver: Resolver) -> Iterator[Read]:
    """Connection strings of the settings file, whoever reads them."""
    for setting in resolver.settings.below("ConnectionStrings"):
        yield Read(setting.key, setting.file, resolver.settings.line(setting) or 1)
