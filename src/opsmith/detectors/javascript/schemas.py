"""Environment variables that a schema demands: Joi, zod, yup, envalid, t3-env, convict, JSON Schema of @fastify/env, class-validator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsmith.detectors.javascript.facts import Read
from opsmith.detectors.javascript.source import Module, Sources
from opsmith.detectors.javascript.syntax import arguments, callee, entries, first_argument, line, method, receiver, string_value, text
from opsmith.detectors.javascript.values import ENV_NAME, resolve

if TYPE_CHECKING:
    from tree_sitter import Node

_SHAPES = frozenset(
    (
        "object",
        "keys",
        "strictObject",
        "looseObject",
        "Object",
        "cleanEnv",
        "customCleanEnv",
        "createEnv",
        "envsafe",
        "parseEnv",
        "validateEnv",
        "append",
    )
)
_PATHS = re.compile(r"(?i)(^|[/._-])(env\w*|config\w*|settings|validat\w*)([/._-]|$)")
_ABOUT_ENVIRONMENT = re.compile(
    rb"(?:arse|alidate\w*|arseAsync)\(\s*(?:process\.env|Bun\.env|import\.meta\.env|env\b)|validationSchema|cleanEnv|createEnv|envsafe|EnvSchema|envSchema"
)
_WAYS_OUT = frozenset(("optional", "default", "nullish", "catch", "nullable", "prefault", "undefined"))


def demanded(sources: Sources, module: Module) -> Iterator[Read]:
    yield from _shapes(sources, module)
    yield from _convict(sources, module)
    yield from _json_schema(sources, module)
    yield from _validated_classes(sources, module)


def _shapes(sources: Sources, module: Module) -> Iterator[Read]:
    if not _PATHS.search(module.path) and not _ABOUT_ENVIRONMENT.search(module.data):
        return
    for call, called in module.named_calls():
        if called in _SHAPES:
            for argument in arguments(call):
                for name, value in _flattened(argument):
                    need, default = _judged(sources, module, value)
                    if need:
                        yield Read(name, need, default, module.path, line(value), f"schema: {text(value)[:80]}")


def _flattened(node: Node, depth: int = 3) -> Iterator[tuple[str, Node]]:
    """Entries with the name of a variable, also inside `server: {…}`, `client: {…}`, `shared: {…}`."""
    for key, value in entries(node).items():
        if depth and key in ("server", "client", "shared") and value.type == "object":
            yield from _flattened(value, depth - 1)
        elif ENV_NAME.fullmatch(key) and value.type == "call_expression":
            yield key, value


def _judged(sources: Sources, module: Module, value: Node) -> tuple[str, str | None]:
    """Need and default of one entry, by the library at the root of the chain; "" when it is none."""
    chain = list(_chain(value))
    names = [method(call) for call in chain]
    root = text(callee(chain[-1]))
    base = root.partition(".")[0].lower()
    default = _chained_default(sources, module, chain, names)
    if base in ("joi", "yup", "env"):
        return ("must" if "required" in names and default is None else "may"), default
    if base in ("z", "zod", "v", "type", "t", "s", "valibot"):
        return ("may" if _WAYS_OUT & {name.lower() for name in names} or "optional(" in text(value).lower() else "must"), default
    if re.fullmatch(r"[a-z]\w*", root):
        return _validator(sources, module, chain[-1])
    return "", None


def _chain(node: Node) -> Iterator[Node]:
    """The calls of `a.b().c().d()`, last first."""
    current: Node | None = node
    while current is not None and current.type == "call_expression":
        yield current
        current = receiver(current)


def _chained_default(sources: Sources, module: Module, chain: list[Node], names: list[str]) -> str | None:
    if "default" not in names:
        return None
    value = resolve(sources, module, first_argument(chain[names.index("default")]))
    return value.literal if value else ""


def _validator(sources: Sources, module: Module, call: Node) -> tuple[str, str | None]:
    """envalid: `str({ default: "x" })`."""
    options = entries(next((argument for argument in arguments(call) if argument.type == "object"), None))
    if "default" in options:
        value = resolve(sources, module, options["default"])
        return "may", value.literal if value else None
    return ("may", None) if "requiredWhen" in options or "allowEmpty" in options else ("must", None)


def _convict(sources: Sources, module: Module) -> Iterator[Read]:
    if b"convict" not in module.data:
        return
    for pair in module.pairs:
        name = string_value(pair.child_by_field_name("value")) if text(pair.child_by_field_name("key")) == "env" else None
        if name and ENV_NAME.fullmatch(name):
            options = entries(pair.parent)
            default = resolve(sources, module, options.get("default"))
            demanded_here = "default" in options and text(options["default"]) == "null" and "nullable" not in options
            yield Read(
                name, "must" if demanded_here else "may", default.literal if default else None, module.path, line(pair), f"schema: convict {name}"
            )


def _json_schema(sources: Sources, module: Module) -> Iterator[Read]:
    for pair in module.pairs:
        if text(pair.child_by_field_name("key")) != "properties":
            continue
        needed = text(entries(pair.parent).get("required"))
        for name, value in entries(pair.child_by_field_name("value")).items():
            if (ENV_NAME.fullmatch(name) and value.type == "object" and "_" in name) or name in ("PORT", "HOST"):
                default = resolve(sources, module, entries(value).get("default"))
                must = re.search(rf"['\"]{re.escape(name)}['\"]", needed) is not None and default is None
                yield Read(
                    name, "must" if must else "may", default.literal if default else None, module.path, line(value), f"schema: properties.{name}"
                )


def _validated_classes(sources: Sources, module: Module) -> Iterator[Read]:
    if b"class-validator" not in module.data:
        return
    for declared in module.classes:
        body = declared.child_by_field_name("body")
        marks: list[str] = []
        for member in body.named_children if body is not None else ():
            if member.type == "decorator":
                marks.append(text(member))
                continue
            name = text(member.child_by_field_name("name")) if member.type == "public_field_definition" else ""
            if len(name) > 2 and ENV_NAME.fullmatch(name):
                yield _field(
                    sources, module, member, name, " ".join([*marks, *(text(child) for child in member.children if child.type == "decorator")])
                )
            marks = []


def _field(sources: Sources, module: Module, member: Node, name: str, marks: str) -> Read:
    """A value that does not mention the variable itself is its default."""
    given = member.child_by_field_name("value")
    default = resolve(sources, module, given)
    optional = (
        not marks
        or re.search(r"IsOptional|ValidateIf|CannotUse", marks) is not None
        or re.search(r"(\|\||\?\?)(?!\s*(''|\"\"))|[Oo]ptional", text(given)) is not None
        or (given is not None and name not in text(given))
        or "?" in text(member).partition(":")[0]
    )
    return Read(name, "may" if optional else "must", default.literal if default else None, module.path, line(member), f"schema: {marks} {name}")
