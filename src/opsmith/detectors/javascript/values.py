"""What an expression comes to, as far as it can be read without running it: a literal, an environment variable, or both."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opsmith.detectors.javascript.source import Module, Sources
from opsmith.detectors.javascript.syntax import arguments, entries, first_argument, line, method, receiver, string_value, text, unwrapped

if TYPE_CHECKING:
    from tree_sitter import Node

_DEPTH = 8
_CONVERSIONS = frozenset(("Number", "parseInt", "parseFloat", "String", "normalizePort", "toNumber", "int", "num", "number", "Boolean", "toInteger"))
_ENV_OBJECTS = frozenset(("process.env", "import.meta.env", "Bun.env", "Deno.env.toObject()"))
_DOTENV = re.compile(r"@?std(?:@[^/]*)?/dotenv|deno\.land/x/dotenv")
"""Deno's own: what `load` returns is the environment itself."""
_ENV_GETTER = re.compile(r"(?:get|read)_?Env\w*|env(?:Or|Int|Number|Port)\w*")
ENV_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Value:
    """`literal` is text or a number as text; `env` the variable that overrides it. `file` and `line` tell where the literal (or read) stands."""

    literal: str | None
    env: str | None
    file: str
    line: int


def env_name(module: Module, node: Node) -> str | None:
    """The variable that `process.env.X`, `process.env["X"]` or the same through an alias reads."""
    if node.type not in ("member_expression", "subscript_expression"):
        return None
    base = node.child_by_field_name("object")
    if base is None or not is_env(module, base):
        return None
    key = node.child_by_field_name("property") or node.child_by_field_name("index")
    name = string_value(key) if key is not None and key.type == "string" else text(key) if node.type == "member_expression" else None
    return name if name and re.fullmatch(r"[A-Za-z_]\w*", name) else None


def is_env(module: Module, node: Node) -> bool:
    name = text(unwrapped(node))
    if name in _ENV_OBJECTS:
        return True
    if name in module.names:
        value = unwrapped(module.names[name])
        return text(value) in _ENV_OBJECTS or _loads_dotenv(module, value)
    imported = module.imports.get(name)
    if imported is None or imported.name not in ("env", None):
        return False
    return imported.specifier.startswith("$env/") or (imported.specifier in ("process", "node:process") and imported.name == "env")


def _loads_dotenv(module: Module, node: Node) -> bool:
    imported = module.imports.get(method(node)) if node.type == "call_expression" else None
    return imported is not None and _DOTENV.search(imported.specifier) is not None


def resolve(sources: Sources, module: Module, node: Node | None, depth: int = _DEPTH) -> Value | None:
    """None when the expression says nothing that can be known without running it."""
    if node is None or depth <= 0:
        return None
    node = unwrapped(node)
    literal = string_value(node)
    if literal is not None or node.type == "number":
        return Value(literal if literal is not None else text(node).replace("_", ""), None, module.path, line(node))
    env = env_name(module, node)
    if env is not None:
        return Value(None, env, module.path, line(node))
    match node.type:
        case "identifier" | "shorthand_property_identifier":
            return _named(sources, module, text(node), depth)
        case "member_expression":
            return _member(sources, module, node, depth)
        case "binary_expression":
            return _either(
                sources,
                module,
                node.child_by_field_name("left"),
                node.child_by_field_name("right"),
                text(node.child_by_field_name("operator")),
                depth,
            )
        case "ternary_expression":
            return _either(sources, module, node.child_by_field_name("consequence"), node.child_by_field_name("alternative"), "||", depth)
        case "unary_expression":
            return resolve(sources, module, node.child_by_field_name("argument"), depth - 1)
        case "array":
            return _first_of(sources, module, node.named_children, depth)
        case "call_expression":
            return _called(sources, module, node, depth)
        case _:
            return None


def _either(sources: Sources, module: Module, left: Node | None, right: Node | None, operator: str, depth: int) -> Value | None:
    if operator not in ("||", "??"):
        return None
    first, second = resolve(sources, module, left, depth - 1), resolve(sources, module, right, depth - 1)
    if first is None or second is None:
        return first or second
    if first.literal is not None:
        return replace(first, env=first.env or second.env)
    return replace(second, env=first.env or second.env)


def _first_of(sources: Sources, module: Module, nodes: list[Node], depth: int) -> Value | None:
    """A list of alternatives: the last variable and the first literal."""
    values = [value for node in nodes if (value := resolve(sources, module, node, depth - 1)) is not None]
    literal = next((value for value in values if value.literal is not None), None)
    env = next((value.env for value in reversed(values) if value.env), None)
    return replace(literal, env=env) if literal else next(iter(values), None)


def _named(sources: Sources, module: Module, name: str, depth: int) -> Value | None:
    if name in module.names and name not in module.imports:
        return resolve(sources, module, module.names[name], depth - 1)
    for pattern, value in module.patterns:
        hit = _destructured(sources, module, pattern, value, name, depth)
        if hit is not None:
            return hit
    origin = _imported(sources, module, name)
    if origin is None:
        return None
    other, imported = origin
    return _named(sources, other, imported, depth - 1) if imported else resolve(sources, other, other.exported, depth - 1)


def _imported(sources: Sources, module: Module, name: str) -> tuple[Module, str | None] | None:
    """The module of the repository that `name` comes from, and its name there."""
    imported = module.imports.get(name)
    path = sources.resolve(module, imported.specifier) if imported else None
    other = sources.module(path) if path else None
    return (other, imported.name) if other is not None and imported is not None and other is not module else None


def _destructured(sources: Sources, module: Module, pattern: Node, value: Node, name: str, depth: int) -> Value | None:
    for key, bound, default in pattern_entries(pattern):
        if bound == name:
            fallback = resolve(sources, module, default, depth - 1)
            if is_env(module, value):
                return Value(fallback.literal if fallback else None, key, module.path, line(pattern))
            return _property(sources, module, value, key, depth) or fallback
    return None


def pattern_entries(pattern: Node) -> list[tuple[str, str, Node | None]]:
    """Key, local name and default of each entry of `{ a, b = 1, c: d }`."""
    result: list[tuple[str, str, Node | None]] = []
    for child in pattern.named_children:
        if child.type == "shorthand_property_identifier_pattern":
            result.append((text(child), text(child), None))
        elif child.type == "object_assignment_pattern":
            name = text(child.child_by_field_name("left"))
            result.append((name, name, child.child_by_field_name("right")))
        elif child.type == "pair_pattern":
            value = child.child_by_field_name("value")
            if value is not None and value.type == "assignment_pattern":
                result.append((text(child.child_by_field_name("key")), text(value.child_by_field_name("left")), value.child_by_field_name("right")))
            else:
                result.append((text(child.child_by_field_name("key")), text(value), None))
    return result


def _member(sources: Sources, module: Module, node: Node, depth: int) -> Value | None:
    whole = text(node)
    if whole in module.names:
        return resolve(sources, module, module.names[whole], depth - 1)
    base, key = node.child_by_field_name("object"), text(node.child_by_field_name("property"))
    if base is None:
        return None
    return _property(sources, module, base, key, depth)


def _property(sources: Sources, module: Module, base: Node, key: str, depth: int) -> Value | None:
    """`key` of what `base` means: of an object literal, found here or in the module that it is imported from."""
    home = literal_object(sources, module, base, depth)
    if home is not None:
        owner, literal = home
        value = entries(literal).get(key)
        if value is not None:
            return resolve(sources, owner, value, depth - 1)
        if ENV_NAME.fullmatch(key) is None:
            return None
    name = text(base).rpartition(".")[2].lower()
    return Value(None, key, module.path, line(base)) if ENV_NAME.fullmatch(key) and re.search(r"env|config|settings|value", name) else None


def literal_object(sources: Sources, module: Module, node: Node, depth: int = _DEPTH) -> tuple[Module, Node] | None:
    """The object literal that `node` comes to, and the module where it stands."""
    node = unwrapped(node)
    if depth <= 0:
        return None
    if node.type == "object":
        return module, node
    if node.type in ("identifier", "shorthand_property_identifier"):
        name = text(node)
        if name in module.names and name not in module.imports:
            return literal_object(sources, module, module.names[name], depth - 1)
        origin = _imported(sources, module, name)
        if origin is None:
            return None
        other, imported = origin
        target = other.names.get(imported) if imported else None
        target = target if target is not None else other.exported
        hit = literal_object(sources, other, target, depth - 1) if target is not None else None
        inner = entries(hit[1]).get(imported) if hit is not None and imported and target is other.exported else None
        return literal_object(sources, hit[0], inner, depth - 1) if hit is not None and inner is not None else hit
    if node.type == "member_expression":
        base = node.child_by_field_name("object")
        home = literal_object(sources, module, base, depth - 1) if base is not None else None
        value = entries(home[1]).get(text(node.child_by_field_name("property"))) if home else None
        return literal_object(sources, home[0], value, depth - 1) if home is not None and value is not None else None
    if node.type == "call_expression":
        argument = first_argument(node)
        if argument is not None and method(node) in ("freeze", "seal", "convict", "registerAs", "defineConfig"):
            return literal_object(sources, module, arguments(node)[-1], depth - 1)
    if node.type in ("arrow_function", "function_expression"):
        return _returned(sources, module, node, depth)
    return None


def _returned(sources: Sources, module: Module, function: Node, depth: int) -> tuple[Module, Node] | None:
    body = function.child_by_field_name("body")
    if body is None:
        return None
    if body.type != "statement_block":
        return literal_object(sources, module, body, depth - 1)
    answers = [child for child in body.named_children if child.type == "return_statement" and child.named_children]
    return literal_object(sources, module, answers[-1].named_children[0], depth - 1) if answers else None


def _called(sources: Sources, module: Module, node: Node, depth: int) -> Value | None:
    name, given = method(node), arguments(node)
    if name in _CONVERSIONS and given:
        return resolve(sources, module, given[0], depth - 1)
    if given and (name in ("get", "getOrThrow", "env", "getString", "getNumber", "getenv") or _ENV_GETTER.fullmatch(name)):
        key = string_value(given[0])
        if key and ENV_NAME.fullmatch(key):
            default = resolve(sources, module, given[1], depth - 1) if len(given) > 1 and given[1].type != "object" else None
            return Value(default.literal if default else None, key, module.path, line(node))
        return _dotted(sources, key, depth) if key else None
    if name in ("find", "map", "filter", "at"):
        return resolve(sources, module, receiver(node), depth - 1)
    if name in ("default", "asPortNumber", "asString", "required", "asInt", "trim", "toString", "asIntPositive"):
        inner = resolve(sources, module, receiver(node), depth - 1)
        fallback = resolve(sources, module, given[0], depth - 1) if name == "default" and given else None
        return Value(fallback.literal, inner.env, module.path, line(node)) if inner and fallback else inner
    return None


def _dotted(sources: Sources, key: str, depth: int) -> Value | None:
    """`config.get("app.port")`: the last name of the key in a configuration object of the repository."""
    last = key.rpartition(".")[2]
    for other in sources.modules(last.encode()):
        if "config" not in other.path.lower():
            continue
        for pair in other.pairs:
            if text(pair.child_by_field_name("key")).strip("'\"") == last:
                value = pair.child_by_field_name("value")
                spec = entries(value)
                if "default" in spec:
                    found = resolve(sources, other, spec["default"], depth - 1)
                    env = string_value(spec.get("env"))
                    return replace(found, env=env) if found else None
                hit = resolve(sources, other, value, depth - 1)
                if hit is not None:
                    return hit
    return None
