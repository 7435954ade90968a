"""NestJS: controllers with their prefixes and versions, and where the compiled program lies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.javascript.facts import join, json_table, table, written
from opsmith.detectors.javascript.health import Route, rank
from opsmith.detectors.javascript.source import Module, Sources
from opsmith.detectors.javascript.syntax import arguments, callee, entries, first_argument, line, method, string_value, text
from opsmith.detectors.javascript.values import resolve

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Routing:
    """What main.ts says of every path. `certain` is False when the prefix could not be followed."""

    prefix: str
    version: str | None
    excluded: tuple[str, ...]
    certain: bool = True


def routing(sources: Sources) -> Routing:
    """`app.setGlobalPrefix("api", { exclude })` and `app.enableVersioning({ type: URI, defaultVersion: "1" })`."""
    prefix, version, excluded, certain = "", None, tuple[str, ...](), True
    for module in sources.modules():
        for call, name in module.named_calls():
            if name == "setGlobalPrefix":
                value = resolve(sources, module, first_argument(call))
                prefix = (value.literal if value else None) or ""
                certain = bool(value and value.literal is not None)
                excluded = tuple(_excluded(call))
            elif name == "enableVersioning":
                version = _default_version(sources, module, call)
    return Routing(prefix.strip("/"), version, excluded, certain)


def _excluded(call: Node) -> Iterator[str]:
    given = arguments(call)
    listed = entries(given[1]).get("exclude") if len(given) > 1 else None
    for item in listed.named_children if listed is not None else ():
        path = string_value(item) or string_value(entries(item).get("path"))
        if path:
            yield path.strip("/")


def _default_version(sources: Sources, module: Module, call: Node) -> str | None:
    """The segment that URI versioning puts before a path."""
    options = entries(first_argument(call))
    if "URI" not in text(options.get("type")) and "type" in options:
        return None
    value = resolve(sources, module, options.get("defaultVersion"))
    given = text(options.get("prefix"))
    mark = "" if given == "false" else string_value(options.get("prefix")) or "v"
    return f"{mark}{value.literal}" if value and value.literal else None


def health_routes(sources: Sources, rules: Routing) -> Iterator[Route]:
    for module in sources.modules(b"@Controller"):
        for declared in module.classes:
            yield from _controller(module, declared, rules)


def _controller(module: Module, declared: Node, rules: Routing) -> Iterator[Route]:
    mark = next((call for name, call in _decorators(declared) if name == "Controller"), None)
    body = declared.child_by_field_name("body")
    if mark is None or body is None:
        return
    base, version = _controller_path(mark, rules)
    checks = b"@HealthCheck(" in module.data
    decorators: list[tuple[str, Node]] = []
    for member in body.named_children:
        if member.type == "decorator":
            decorators += _decorator(member)
            continue
        for name, call in decorators + _decorators(member):
            if name == "Get":
                inner = string_value(first_argument(call)) or ""
                path = "/" + join(base, inner)
                if rank(path) is not None or (checks and any(other == "HealthCheck" for other, _ in decorators)):
                    yield Route(_full(path, version, rules), module.path, line(call), f"@Controller('{base}') @Get('{inner}')", rules.certain)
        decorators = []


def _controller_path(mark: Node, rules: Routing) -> tuple[str, str | None]:
    given = first_argument(mark)
    options = entries(given)
    base = (string_value(given) or string_value(options.get("path")) or "").strip("/")
    if "version" not in options:
        return base, rules.version
    said = string_value(options["version"])
    return base, None if said is None else f"v{said}" if rules.version or said else None


def _full(path: str, version: str | None, rules: Routing) -> str:
    bare = path.strip("/")
    if any(re.fullmatch(re.escape(item).replace(r"\(\.\*\)", ".*").replace(r"\*", ".*"), bare) for item in rules.excluded):
        return "/" + join(version or "", bare)
    return "/" + join(rules.prefix, version or "", bare)


def _decorators(node: Node) -> list[tuple[str, Node]]:
    """Decorators inside the node or, for an exported class, right before it."""
    owners = [node]
    if node.parent is not None and node.parent.type == "export_statement":
        owners.append(node.parent)
    return [pair for owner in owners for child in owner.children if child.type == "decorator" for pair in _decorator(child)]


def _decorator(node: Node) -> list[tuple[str, Node]]:
    call = next((child for child in node.named_children if child.type == "call_expression"), None)
    return [(text(callee(call)), call)] if call is not None else []


def creates_application(sources: Sources) -> tuple[str, int, str] | None:
    """File, line and kind ("create", "createMicroservice", "createApplicationContext") of the first NestFactory call."""
    for module in sources.modules(b"NestFactory"):
        for call in module.calls:
            if text(callee(call)).startswith("NestFactory."):
                return module.path, line(call), method(call)
    return None


def compiled_main(sources: Sources, folder: str) -> str:
    """Where `nest build` puts main.ts: `dist/main`, deeper when sources outside src/ are compiled along."""
    config = json_table(sources.repo, join(folder, "nest-cli.json"))
    options = table(json_table(sources.repo, join(folder, "tsconfig.json")).get("compilerOptions"))
    return join(written(options.get("outDir")) or "dist", written(config.get("entryFile")) or "main")
