"""Paths that are answered outside of routers: middleware and ASGI or WSGI wrappers that compare a request's path with a text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from opsmith.detectors.python.source import Function, Module, Source, argument, text_of
from opsmith.detectors.python.values import resolve

_KEYS = ("path", "PATH_INFO", "raw_path")
_ATTRIBUTES = ("path", "path_info")
_PATH_NAME = re.compile(r"(?i)path|url|route|endpoint|health|ready|live|ping|probe")
_HANDS_ON = ("call_next", "get_response", "app", "application", "inner", "next", "handler")


def compared(source: Source, modules: list[Module]) -> Iterator[tuple[str, Module, ast.Compare]]:
    for module in modules:
        for node in module.of(ast.Compare):
            if isinstance(node.ops[0], (ast.Eq, ast.NotEq)) and not _only_hands_on(module, node):
                for one, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
                    path = _text(source, module, other, follow=not isinstance(one, ast.Name)) if _is_request_path(one) else None
                    if path and path.startswith("/"):
                        yield path, module, node


def _is_request_path(node: ast.expr) -> bool:
    """`request.path`, `scope["path"]`, `scope.get("path")`, `environ["PATH_INFO"]`, or a name `path`."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "get" and text_of(argument(node, "key", 0)) in _KEYS
    if isinstance(node, ast.Subscript):
        return text_of(node.slice) in _KEYS
    return (node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else "") in _ATTRIBUTES


def _only_hands_on(module: Module, node: ast.Compare) -> bool:
    """`if request.path == "/health": return call_next(request)` leaves a path out of something; it does not answer."""
    branch = module.parents.get(node)
    if not isinstance(branch, ast.If) or not isinstance(node.ops[0], ast.Eq) or len(branch.body) != 1 or not isinstance(branch.body[0], ast.Return):
        return False
    value = branch.body[0].value
    call = value.value if isinstance(value, ast.Await) else value
    name = call.func if isinstance(call, ast.Call) else None
    return (name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else "") in _HANDS_ON


def _text(source: Source, module: Module, node: ast.expr, *, follow: bool) -> str | None:
    """A literal, or what a name that speaks of a path comes to."""
    literal = text_of(node)
    if literal is not None or not follow or not isinstance(node, ast.Name) or not _PATH_NAME.search(node.id):
        return literal
    for parent in module.enclosing(node):
        if isinstance(parent, Function) and node.id in (names := _parameters(parent)):
            return _given(source, module, parent, node.id, names.index(node.id))
    return resolve(source, module, node).text


def _parameters(function: Function) -> list[str]:
    return [item.arg for item in (*function.args.posonlyargs, *function.args.args)]


def _given(source: Source, module: Module, function: Function, name: str, position: int) -> str | None:
    """What the first call of the function says, wherever in the project it stands; else the parameter's default."""
    for other in source.modules():
        for call in other.calls:
            qualified = other.called(call)
            if qualified.rpartition(".")[2] == function.name and _means(source, other, qualified, module):
                value = argument(call, name, position)
                return resolve(source, other, value).text if value is not None else _default(function, position)
    return _default(function, position)


def _means(source: Source, caller: Module, qualified: str, module: Module) -> bool:
    if "." not in qualified:
        return caller is module
    found = source.find(qualified, caller.path)
    return found is not None and found[0] is module


def _default(function: Function, position: int) -> str | None:
    index = position - (len(_parameters(function)) - len(function.args.defaults))
    return text_of(function.args.defaults[index]) if index >= 0 else None
