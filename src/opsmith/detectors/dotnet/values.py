"""What an expression is worth, as far as the text tells: literals, constants, variables, configuration and what callers hand in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from tree_sitter import Node

from opsmith.detectors.dotnet.program import Program
from opsmith.detectors.dotnet.settings import Settings
from opsmith.detectors.dotnet.source import (
    Source,
    argument,
    arguments,
    callee,
    line,
    literal,
    method_of,
    name_of,
    parameters,
    text,
    type_of,
)  # fmt: skip

_MAX_DEPTH = 12
_MAX_VALUES = 8
_MAX_STEPS = 4000
CONFIGURATION = re.compile(r"(?i)(?:^|[._])(?:_?config\w*|configurationroot|builder\.configuration)$|configuration$|GetSection\(.*\)$")
_OWN_LOOKUP = re.compile(r"(?:Get|Resolve)(?:Host|Ip|IP|Dns)\w*")
_SAME = frozenset(
    (
        "Parse", "ToInt32", "ToString", "Trim", "TrimEnd", "ToLower", "ToLowerInvariant", "NotNullOrEmpty", "NotNull", "NullOrEmpty",
        "GetHostEntry", "GetHostEntryAsync", "GetHostAddresses", "GetHostAddressesAsync",
    )
)  # fmt: skip
"""Methods whose result is as good as what they are given."""


_Field = tuple[str, Node, Source]
"""Class and value of a field or property."""


@dataclass(frozen=True, slots=True)
class Value:
    """A text, or the configuration key that holds it; `key` is `A:B`, or a variable's name as it is."""

    text: str
    file: str
    line: int
    key: str | None = None


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a name means where it stands: the values given to it near by, else a parameter of the method, else a field of the type."""

    name: str
    near: list[Node]
    method: Node | None
    position: int | None
    owner: str


class Resolver:
    def __init__(self, program: Program, settings: Settings) -> None:
        self.program, self.settings = program, settings
        self.steps = 0
        self._by_name: dict[str, list[_Field]] | None = None
        self._scopes: dict[int, _Scope] = {}
        self._callers: dict[tuple[int, int], list[tuple[Node, Source] | Value]] = {}

    def values(self, node: Node | None, source: Source) -> list[Value]:
        self.steps = 0
        return self._resolve(node, source, frozenset()) if node is not None else []

    def texts(self, node: Node | None, source: Source) -> list[str]:
        return [value.text for value in self.values(node, source) if value.key is None]

    def keys(self, node: Node | None, source: Source) -> list[str]:
        return [value.key for value in self.values(node, source) if value.key is not None]

    def _resolve(self, node: Node, source: Source, path: frozenset[int]) -> list[Value]:
        self.steps += 1
        if node.id in path or len(path) > _MAX_DEPTH or self.steps > _MAX_STEPS:
            return []
        known = literal(node)
        if known is not None:
            return [Value(known, source.path, line(node))]
        inner = path | {node.id}
        match node.type:
            case "identifier":
                return self._name(node, source, inner)
            case "member_access_expression":
                return self._member(node, source, inner)
            case "interpolated_string_expression":
                return self._interpolated(node, source, inner)
            case "binary_expression":
                return self._binary(node, source, inner)
            case "element_access_expression":
                return self._index(node, source, inner)
            case "invocation_expression" | "object_creation_expression":
                return self._call(node, source, inner)
            case "conditional_expression":
                branches = [node.child_by_field_name("consequence"), node.child_by_field_name("alternative")]
                return [value for branch in branches if branch is not None for value in self._resolve(branch, source, inner)]
            case "parenthesized_expression" | "postfix_unary_expression" | "cast_expression" | "await_expression" | "equals_value_clause":
                return self._resolve(node.named_children[-1], source, inner) if node.named_children else []
            case _:
                return []

    def _binary(self, node: Node, source: Source, path: frozenset[int]) -> list[Value]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = text(node.child_by_field_name("operator"))
        if left is None or right is None or operator not in ("+", "??"):
            return []
        sides = [self._resolve(side, source, path) for side in (left, right)]
        return [*sides[0], *sides[1]] if operator == "??" else _joined(sides, source, node)

    def _interpolated(self, node: Node, source: Source, path: frozenset[int]) -> list[Value]:
        parts: list[list[Value]] = []
        for piece in node.named_children:
            if piece.type == "string_content":
                parts.append([Value(text(piece), source.path, line(piece))])
            elif piece.type == "interpolation":
                held = next((child for child in piece.named_children if child.type != "interpolation_brace"), None)
                parts.append(self._resolve(held, source, path) if held is not None else [])
        return _joined(parts, source, node)

    # -- names -------------------------------------------------------------------------------------------------------------------------

    def _name(self, node: Node, source: Source, path: frozenset[int]) -> list[Value]:
        if node.id not in self._scopes:
            self._scopes[node.id] = _scope(node, source)
        scope = self._scopes[node.id]
        found = [value for item in scope.near for value in self._resolve(item, source, path)]
        if found or scope.method is None:
            return list(dict.fromkeys(found or self._constant(scope.name, None, path)))
        if scope.position is not None:
            return self._passed(scope.method, scope.position, scope.name, path)
        return self._constant(scope.name, scope.owner, path)

    def _passed(self, method: Node, position: int, name: str, path: frozenset[int]) -> list[Value]:
        """What callers hand in as a parameter, and its default."""
        key = (method.id, position)
        if key not in self._callers:
            self._callers[key] = list(self._given(method, position, name))
        found: list[Value] = []
        for item in self._callers[key]:
            found.extend([item] if isinstance(item, Value) else self._resolve(*item, path))
        return list(dict.fromkeys(found))

    def _given(self, method: Node, position: int, name: str) -> Iterator[tuple[Node, Source] | Value]:
        given = parameters(method)
        extension = bool(given) and text(given[0][1]).lstrip().startswith("this ")
        default = given[position][1].named_children[-1] if len(given[position][1].named_children) > 2 else None
        for call in self.program.calls.get(name_of(method), ())[:20]:
            value = argument(call.node, position - (1 if extension and call.receiver else 0), name)
            if value is not None:
                yield value, call.source
            elif default is not None and literal(default) is not None:
                yield Value(literal(default) or "", call.source.path, call.line)

    def _member(self, node: Node, source: Source, path: frozenset[int]) -> list[Value]:
        owner, name = text(node.child_by_field_name("expression"))[-100:], text(node.child_by_field_name("name"))
        if name == "Value":
            return self._resolve(child, source, path) if (child := node.child_by_field_name("expression")) is not None else []
        return self._constant(name, owner.rpartition(".")[2], path)

    def _constant(self, name: str, owner: str | None, path: frozenset[int]) -> list[Value]:
        found = [
            item for source in self.program.types.get(owner or "", ())[:3] for item in _fields(source, always=True).get(name, ()) if item[0] == owner
        ]
        if not found:
            known = self._constants().get(name, [])
            found = known if len(known) == 1 else []
        return [value for _, node, source in found[:3] for value in self._resolve(node, source, path)]

    def _constants(self) -> dict[str, list[_Field]]:
        """Fields and properties with a value, by name."""
        if self._by_name is None:
            self._by_name = {}
            for source in self.program.sources:
                for name, items in _fields(source).items():
                    self._by_name.setdefault(name, []).extend(items)
        return self._by_name

    # -- calls and configuration -----------------------------------------------------------------------------------------------------------

    def _index(self, node: Node, source: Source, path: frozenset[int]) -> list[Value]:
        base, key = node.child_by_field_name("expression"), argument(node, 0)
        if base is None or key is None:
            return []
        passed = self._wrapped(base, key, path)
        if passed is not None:
            return [value for full, at, where in passed for value in self.configured(full, at, where)]
        section = self.section(base, source, path)
        found = self._resolve(key, source, path) if section is not None else []
        return [value for item in found if item.key is None for value in self.configured(under(section or "", item.text), node, source)]

    def _wrapped(self, base: Node, key: Node, path: frozenset[int]) -> list[tuple[str, Node, Source]] | None:
        """`Get(this IConfiguration configuration, string name) => configuration[name]`: the keys that callers ask for, with their sections."""
        method = method_of(key)
        names = [name for name, _ in parameters(method)] if method is not None else []
        if method is None or text(key) not in names or text(base) not in names:
            return None
        extension = text(parameters(method)[0][1]).lstrip().startswith("this ")
        found: list[tuple[str, Node, Source]] = []
        for call in self.program.calls.get(name_of(method), ())[:40]:
            if not self.program.reached(call.node, call.source):
                continue
            shift = 1 if extension and call.receiver else 0
            function = call.node.child_by_field_name("function")
            on = function.child_by_field_name("expression") if shift and function is not None else argument(call.node, names.index(text(base)))
            section = self.section(on, call.source, path)
            asked = argument(call.node, names.index(text(key)) - shift, text(key))
            values = self._resolve(asked, call.source, path) if asked is not None and section is not None else []
            found.extend((under(section or "", value.text), call.node, call.source) for value in values if value.key is None)
        return found

    def configured(self, key: str, node: Node, source: Source) -> list[Value]:
        """The key itself, and what the settings files say for it."""
        setting = self.settings.get(key)
        told = [Value(setting.value, setting.file, self.settings.line(setting) or 1)] if setting is not None else []
        return [*told, Value("", source.path, line(node), key=key)]

    def section(self, node: Node | None, source: Source, path: frozenset[int] = frozenset()) -> str | None:
        """The section that an expression is: "" for the configuration itself, None for what is none."""
        if node is None or len(path) > _MAX_DEPTH:
            return None
        if node.type == "invocation_expression":
            receiver, name = callee(node)
            first = argument(node, 0)
            if name in ("GetSection", "GetRequiredSection") and first is not None:
                function = node.child_by_field_name("function")
                outer = self.section(function.child_by_field_name("expression") if function is not None else None, source, path | {node.id})
                names = [value.text for value in self._resolve(first, source, path) if value.key is None]
                return under(outer or "", names[0]) if names else None
            return "" if name in ("Build", "AddEnvironmentVariables") and "onfig" in receiver else None
        written = text(node)[-120:]
        if node.type == "identifier" and not CONFIGURATION.search(written):
            near = [value for value, _ in source.given().get(written, ()) if value.type == "invocation_expression" and value.id not in path]
            return self.section(near[0], source, path | {near[0].id}) if near else None
        return "" if CONFIGURATION.search(written) else None

    def _call(self, node: Node, source: Source, path: frozenset[int]) -> list[Value]:
        receiver, name = callee(node)
        first = argument(node, 0)
        function = node.child_by_field_name("function")
        on = function.child_by_field_name("expression") if function is not None and function.type == "member_access_expression" else None
        if node.type == "object_creation_expression":
            return self._resolve(first, source, path) if first is not None and text(node.child_by_field_name("type")) == "Uri" else []
        if name == "nameof" and first is not None:
            return [Value(text(first).rpartition(".")[2], source.path, line(node))]
        if name == "GetEnvironmentVariable" and first is not None:
            return [Value("", source.path, line(node), key=value.text) for value in self._resolve(first, source, path) if value.text]
        if name == "GetConnectionString" and first is not None:
            names = [value.text for value in self._resolve(first, source, path) if value.key is None]
            return [value for item in names for value in self.configured(f"ConnectionStrings:{item}", node, source)]
        if name == "GetValue" and first is not None and (section := self.section(on, source, path)) is not None:
            default = argument(node, 1)
            keys = [value.text for value in self._resolve(first, source, path) if value.key is None]
            found = [value for key in keys for value in self.configured(under(section, key), node, source)]
            return [*found, *(self._resolve(default, source, path) if default is not None else [])]
        if name == "Format" and receiver.lower() == "string":
            return self._format([value for _, value in arguments(node)], source, node, path)
        if name in _SAME or _OWN_LOOKUP.fullmatch(name):
            chosen = on if name in ("ToString", "Trim", "TrimEnd", "ToLower", "ToLowerInvariant") else first
            return self._resolve(chosen, source, path) if chosen is not None else []
        return []

    def _format(self, given: list[Node], source: Source, node: Node, path: frozenset[int]) -> list[Value]:
        form = literal(given[0]) if given else None
        parts: list[list[Value]] = []
        for piece in re.split(r"(\{\d+\})", form or ""):
            index = int(piece[1:-1]) + 1 if re.fullmatch(r"\{\d{1,2}\}", piece) else None
            if index is None:
                parts.append([Value(piece, source.path, line(node))])
            else:
                parts.append(self._resolve(given[index], source, path) if index < len(given) else [])
        return _joined(parts, source, node)


def under(section: str, key: str) -> str:
    return f"{section}:{key}" if section else key


def variable(key: str) -> str:
    """The environment variable that sets a configuration key."""
    return key.replace(":", "__")


def _joined(parts: list[list[Value]], source: Source, node: Node) -> list[Value]:
    """Every text that the parts make one after the other, an unknown part being empty; the keys among them as they are."""
    keys = [value for part in parts for value in part if value.key is not None]
    texts = [[value.text for value in part if value.key is None][:3] or [""] for part in parts[:20]]
    made = [Value("".join(chosen), source.path, line(node)) for chosen, _ in zip(product(*texts), range(_MAX_VALUES), strict=False)]
    return [*dict.fromkeys(made), *keys]


def _fields(source: Source, *, always: bool = False) -> dict[str, list[_Field]]:
    """By name; `always`: also of a file in which nothing else matters."""
    if source.fields and (source.fields[1] or not always):
        known: dict[str, list[_Field]] = source.fields[0]
        return known
    found: dict[str, list[_Field]] = {}
    for node in source.syntax("variable", always=always):
        declaration = node.parent.parent if node.parent is not None else None
        if declaration is not None and declaration.type == "field_declaration" and len(node.named_children) > 1:
            found.setdefault(name_of(node), []).append((name_of(type_of(node)), node.named_children[-1], source))
    for node in source.syntax("property", always=always):
        value = node.child_by_field_name("value")
        if value is not None:
            found.setdefault(name_of(node), []).append((name_of(type_of(node)), value, source))
    source.fields[:] = [found, always]
    return found


def _scope(node: Node, source: Source) -> _Scope:
    name, method = text(node), method_of(node)
    outer = method_of(method) if method is not None else None
    around = {None, *(item.id for item in (method, outer) if item is not None)}
    near = [value for value, place in source.given().get(name, ()) if method is None or place in around]
    position = next((index for index, (given, _) in enumerate(parameters(method)) if given == name), None) if method is not None else None
    return _Scope(name, near[:6], method, position, name_of(type_of(node)))
