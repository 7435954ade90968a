"""Environment variables that a program reads: directly, through functions of its own, through struct tags, viper and flag libraries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.go.keys import env_tag
from opsmith.detectors.go.program import Expression, Program, keyed
from opsmith.detectors.go.source import arguments, callee, function_of, line, literal, name_of, parameters, text
from opsmith.detectors.go.values import Resolver
from opsmith.detectors.services import is_secret, kind_of_env

if TYPE_CHECKING:
    from tree_sitter import Node

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{1,80}")
_FATAL = re.compile(r"panic\(|[Ff]atal|[Pp]anic|os\.Exit|Errorf?\(|errors\.\w+\(|return\b[^\n]*[eE]rr")
_ENV_LIBRARIES = (
    "github.com/caarlos0/env", "github.com/kelseyhightower/envconfig", "github.com/ilyakaznacheev/cleanenv", "github.com/sethvargo/go-envconfig",
    "github.com/joeshaw/envdecode", "github.com/alexflint/go-arg", "github.com/vrischmann/envconfig", "github.com/Netflix/go-env",
    "github.com/codingconcepts/env", "github.com/alecthomas/kong", "github.com/jessevdk/go-flags", "github.com/ardanlabs/conf",
)  # fmt: skip
_TRANSPARENT = frozenset(
    ("Getenv", "LookupEnv", "TrimSpace", "ToLower", "ToUpper", "Atoi", "ParseInt", "ParseBool", "ParseDuration", "Split", "len", "string", "byte")
)
_NOT_OURS = frozenset(
    (
        "HOME", "PATH", "USER", "HOSTNAME", "TMPDIR", "PWD", "SHELL", "TERM", "EDITOR", "GOPATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "NO_COLOR",
        "CI", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "INVOCATION_ID", "JOURNAL_STREAM",
    )
)  # fmt: skip
"""Set by the system, by tools or by systemd, never by whoever deploys."""


@dataclass(frozen=True, slots=True)
class Read:
    """One place where a variable is read. `guarded`: the code goes on without it."""

    name: str
    required: bool
    default: str | None
    guarded: bool
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Reader:
    """A function of the program that reads the variable its parameter `position` names."""

    position: int
    default: int | None
    required: bool


def reads(program: Program, resolver: Resolver) -> tuple[Read, ...]:
    """Every read, one per name: the strictest, with the first default that is known."""
    found: dict[str, Read] = {}
    for item in (*_direct(program, resolver), *_through_readers(program, resolver), *_tagged(program, resolver), *_declared(program, resolver)):
        if _NAME.fullmatch(item.name) and item.name not in _NOT_OURS:
            found[item.name] = _merged(found.get(item.name), item)
    return tuple(found.values())


def _merged(one: Read | None, other: Read) -> Read:
    if one is None:
        return other
    default = one.default if one.default is not None else other.default
    return Read(one.name, (one.required or other.required) and default is None, default, one.guarded and other.guarded, one.file, one.line)


def secret(read: Read) -> bool:
    return is_secret(read.name, read.default)


def needed(read: Read) -> bool:
    """Whether the process does not work without it: said by the code, or an address or password of a service without any default."""
    speaks_of_service = kind_of_env(read.name) is not None or bool(re.match(r"(?:\w+_)?(DB|DATABASE)_", read.name)) or is_secret(read.name)
    return read.required or (read.default is None and not read.guarded and speaks_of_service)


def _direct(program: Program, resolver: Resolver) -> Iterator[Read]:
    for call in program.called("Getenv", "LookupEnv"):
        if not program.reached(call):
            continue
        given = arguments(call.node)
        function = function_of(call.node)
        if not given or (given[0].type == "identifier" and function is not None and text(given[0]) in dict(parameters(function))):
            continue
        required, default, guarded = _guard(call, resolver)
        asked = only_when_asked(call.node, program)
        required, guarded = required and not asked, guarded or asked
        for name in resolver.texts(Expression(given[0], call.source))[:1]:
            yield Read(name, required, default, guarded, call.source.path, line(call.node))


def _guard(call: Expression, resolver: Resolver) -> tuple[bool, str | None, bool]:
    """Whether the code ends, what it takes instead, or whether it only goes another way when the variable is empty."""
    statement = call.node.parent
    while statement is not None and statement.type not in (
        "short_var_declaration",
        "assignment_statement",
        "var_spec",
        "if_statement",
        "block",
        "source_file",
    ):
        if statement.type == "call_expression" and callee(statement) == ("cmp", "Or"):
            others: list[str | None] = [value for node in arguments(statement)[1:] for value in resolver.texts(Expression(node, call.source))]
            return False, next(iter(others), None), True
        if statement.type == "call_expression" and callee(statement)[1] not in _TRANSPARENT:
            return False, None, False
        statement = statement.parent
    if statement is None:
        return False, None, False
    if statement.type == "if_statement":
        return _branch(statement, call, text(call.node), resolver)
    left = statement.child_by_field_name("left") or statement.child_by_field_name("name")
    names = [text(node) for node in left.named_children] if left is not None and left.type == "expression_list" else [text(left)]
    names = [name for name in names if name and name != "_"]
    for test in _tests_after(statement):
        condition = text(test.child_by_field_name("condition"))
        if any(re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", condition) for name in names):
            return _branch(test, call, names[0], resolver)
    return False, None, False


def _tests_after(statement: Node) -> Iterator[Node]:
    """The `if` that the statement opens, and those that follow in the same block."""
    if statement.parent is not None and statement.parent.type == "if_statement":
        yield statement.parent
        return
    current = statement.next_named_sibling
    for _ in range(12):
        if current is None:
            return
        if current.type == "if_statement":
            yield current
        current = current.next_named_sibling


def _branch(test: Node, call: Expression, target: str, resolver: Resolver) -> tuple[bool, str | None, bool]:
    condition = text(test.child_by_field_name("condition"))
    if re.search(r"\berr\w*\s*!=\s*nil", condition):
        return bool(_FATAL.search(text(test.child_by_field_name("consequence")))), None, True
    missing = bool(re.search(r'==\s*""|!\s*\w*(ok|found|exists|set|present)\b|==\s*0|<\s*1', condition))
    branch = test.child_by_field_name("consequence" if missing else "alternative")
    body = text(branch)
    if branch is not None and _FATAL.search(body):
        return True, None, False
    return False, _assigned(branch, call, target, resolver), True


def _assigned(branch: Node | None, call: Expression, target: str, resolver: Resolver) -> str | None:
    statements = branch.named_children[0].named_children if branch is not None and branch.type == "block" and branch.named_children else []
    for statement in statements:
        right = statement.child_by_field_name("right")
        if statement.type == "assignment_statement" and right is not None and text(statement.child_by_field_name("left")) == target:
            return next(iter(resolver.texts(Expression(right.named_children[0], call.source))), None)
        if statement.type == "return_statement" and statement.named_children:
            return next(iter(resolver.texts(Expression(statement.named_children[0].named_children[0], call.source))), None)
    return None


_ASKED = re.compile(r"env|Env|ENV|[Ff]lag|[cC]onfig|[cC]fg|[Ee]nabled?")
SWITCHED_ON = re.compile(r'Getenv\("[^"]*"\)\s*(?:!=\s*""|==\s*"(?:1|true|yes|on)")')
"""A condition that holds only when somebody sets a variable for it."""


def only_when_asked(node: Node, program: Program, condition: re.Pattern[str] = _ASKED, depth: int = 0) -> bool:
    """Whether `node` runs only under a condition that a variable or flag has to meet."""
    current = node.parent
    while current is not None and current.type not in ("function_declaration", "method_declaration"):
        tested = _tested(current, node)
        if tested and (condition.search(tested) or (condition is _ASKED and _comes_from_environment(tested, node))):
            return True
        current = current.parent
    name = name_of(current)
    callers = program.calls.get(name, []) if name not in ("", "main", "init") else []
    return depth < 3 and bool(callers) and all(only_when_asked(caller.node, program, condition, depth + 1) for caller in callers[:10])


def _tested(statement: Node, node: Node) -> str:
    """The condition of an `if` or the value of a `switch` that `node` depends on; "" where it depends on none."""
    if statement.type == "if_statement":
        inside = statement.child_by_field_name("consequence")
        holds = inside is not None and inside.start_byte <= node.start_byte < inside.end_byte
        return text(statement.child_by_field_name("condition")) + text(statement.child_by_field_name("initializer")) if holds else ""
    if statement.type == "expression_case" and statement.parent is not None:
        return text(statement.parent.child_by_field_name("value")) or text(statement.child_by_field_name("value"))
    return ""


def _comes_from_environment(tested: str, node: Node) -> bool:
    """`tracing := os.Getenv("TRACING") == "1"`, then `if tracing {`."""
    function = function_of(node)
    body = text(function.child_by_field_name("body")) if function is not None and len(tested) < 200 else ""
    names = set(re.findall(r"(?<![\w.\"])[a-z]\w*", tested)) - {"err", "nil", "true", "false", "ok"}
    read = set(re.findall(r"(?m)^[ \t]*(?:var[ \t]+)?(\w+)(?:,[ \t]*\w+)?[^\n=]{0,20}=[^\n]{0,60}?(?:Getenv|LookupEnv)\(", body))
    return bool(names & read)


def _readers(program: Program, resolver: Resolver) -> dict[str, Reader]:
    """Functions that hand a parameter of theirs to Getenv, or to another such function."""
    found: dict[str, Reader] = {}
    known = {"Getenv": Reader(0, None, False), "LookupEnv": Reader(0, None, False)}
    for _ in range(3):
        fresh: dict[str, Reader] = {}
        for name, inner in known.items():
            for call in program.calls.get(name, ()):
                reader = _reader(call, inner, resolver)
                function = name_of(function_of(call.node))
                if reader is not None and function not in found and function not in ("Getenv", "LookupEnv"):
                    fresh[function] = reader
        found.update(fresh)
        known = fresh
    return found


def _reader(call: Expression, inner: Reader, resolver: Resolver) -> Reader | None:
    function = function_of(call.node)
    given = arguments(call.node)
    if function is None or len(given) <= inner.position or given[inner.position].type != "identifier":
        return None
    names = [name for name, _ in parameters(function)]
    key = text(given[inner.position])
    if key not in names:
        return None
    position = names.index(key)
    body = text(function.child_by_field_name("body"))
    default = next(
        (index for index, name in enumerate(names) if index != position and re.search(rf"\b(return|=)[^\n]*\b{re.escape(name)}\b", body)), None
    )
    direct = callee(call.node)[1] in ("Getenv", "LookupEnv")
    required = inner.required or (direct and default is None and _guard(call, resolver)[0])
    return Reader(position, default, required)


def _through_readers(program: Program, resolver: Resolver) -> Iterator[Read]:
    for name, reader in _readers(program, resolver).items():
        for call in program.calls.get(name, ()):
            given = arguments(call.node)
            if len(given) <= reader.position or not program.reached(call) or callee(call.node)[0] in ("os", "syscall"):
                continue
            default = None
            if reader.default is not None and reader.default < len(given):
                default = next(iter(resolver.texts(Expression(given[reader.default], call.source))), None)
            key = literal(given[reader.position]) or next(iter(resolver.texts(Expression(given[reader.position], call.source))), "")
            required = reader.required and not only_when_asked(call.node, program)
            guarded = reader.default is not None or (reader.required and not required)
            if key.upper() == key:
                yield Read(key, required and default is None, default, guarded, call.source.path, line(call.node))


def _tagged(program: Program, resolver: Resolver) -> Iterator[Read]:
    if not any(path.startswith(_ENV_LIBRARIES) for path in program.imports):
        return
    for items in program.tags.values():
        for item in items:
            tag = env_tag(item, resolver.index.prefix(item))
            if tag is not None and not item.type.startswith("struct"):
                yield Read(tag.name, tag.required, tag.default, tag.default is not None, item.source.path, item.line)


def _declared(program: Program, resolver: Resolver) -> Iterator[Read]:
    """viper keys that variables override, and the EnvVars of command-line libraries."""
    yield from _viper(program, resolver)
    for composite in resolver.index.program_composites(b"Flag{"):
        parts = dict(keyed(composite.node))
        named = next((parts[name] for name in ("EnvVars", "EnvVar", "Sources") if name in parts), None)
        default = next(iter(resolver.texts(Expression(parts["Value"], composite.source))), None) if "Value" in parts else None
        for name in re.findall(r'"([A-Z][A-Z0-9_]+)"', text(named))[:1]:
            required = literal(parts.get("Required")) == "true"
            yield Read(name, required and default is None, default, not required, composite.source.path, line(composite.node))
    for call in program.called("Envar"):
        for node in arguments(call.node)[:1]:
            if (name := literal(node)) is not None:
                yield Read(name, False, None, True, call.source.path, line(call.node))


def _viper(program: Program, resolver: Resolver) -> Iterator[Read]:
    if not resolver.index.unmarshals:
        return
    for call in program.called(
        "GetString", "GetInt", "GetBool", "GetDuration", "GetStringSlice", "GetInt64", "GetUint", "Get", "BindEnv", "MustBindEnv"
    ):
        given = arguments(call.node)
        key = literal(given[0]) if given else None
        variable = resolver.index.variable(key) if key else None
        if key and variable and any("viper" in path for path in call.source.imported):
            yield Read(variable, False, _key_default(resolver, key), True, call.source.path, line(call.node))
    for items in program.tags.values():
        for item in items:
            key = dict(re.findall(r'(mapstructure):"([^",]+)"', item.tag)).get("mapstructure")
            variable = resolver.index.variable(key) if key and key.isupper() else None
            if key and variable:
                default = _key_default(resolver, key)
                yield Read(variable, False, default, default is not None, item.source.path, item.line)


def _key_default(resolver: Resolver, key: str) -> str | None:
    return next((value.text for value in resolver.key(key) if value.env is None), None)
