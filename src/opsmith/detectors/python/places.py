"""Folders that code computes from where it stands: `BASE_DIR / "media"`, `os.path.join(os.path.dirname(__file__), "..", "media")`."""

from __future__ import annotations

import ast
import posixpath

from opsmith.detectors.python.source import Module, Source, argument, text_of

_DEPTH = 12
_LATER = 4
"""What stands further behind in a sum or a join is followed less far, so that no expression multiplies."""
_LONGEST = 300
_ROOT = "@"
"""Stands for the repository's root in front of a path; without it a path is relative to where the process runs, or absolute."""
_SAME = ("os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser", "os.fspath", "str", "environ.Path")
_SAME_METHODS = ("resolve", "absolute", "as_posix", "expanduser", "strip", "rstrip")


def in_image(source: Source, module: Module, node: ast.expr) -> str | None:
    """Where the folder lies once the project is /app; None when that cannot be told, or lies outside of it without being absolute."""
    found = _place(source, module, node, 0)
    if not found:
        return None
    path = _normal(found)
    if path is None or path.startswith(_ROOT):
        home = posixpath.join(_ROOT, source.root).rstrip("/") + "/"
        return f"/app/{path[len(home) :]}" if path and path.startswith(home) else None
    if path.startswith("/"):
        return path if path.count("/") > 1 else None
    return None if path.startswith(".") else f"/app/{path}"


def _normal(path: str) -> str | None:
    """None for what leads out of the repository."""
    if not path.startswith(_ROOT):
        return posixpath.normpath(path)
    inner = posixpath.normpath(path[len(_ROOT) :].lstrip("/") or ".")
    return None if inner.startswith("..") else posixpath.normpath(f"{_ROOT}/{inner}")


def _place(source: Source, module: Module, node: ast.AST | None, depth: int) -> str | None:
    if node is None or depth > _DEPTH:
        return None
    match node:
        case ast.Constant():
            return text_of(node)
        case ast.Name(id="__file__"):
            return f"{_ROOT}/{module.path}"
        case ast.Name():
            return _name(source, module, node, depth)
        case ast.Attribute(attr="parent"):
            return _above(_place(source, module, node.value, depth + 1))
        case ast.Subscript(value=ast.Attribute(attr="parents", value=inner), slice=steps):
            return _ancestor(_place(source, module, inner, depth + 1), steps, 1)
        case ast.BinOp(op=ast.Div()):
            return _joined(source, module, [node.left, node.right], depth)
        case ast.BinOp(op=ast.Sub()):
            return _ancestor(_place(source, module, node.left, depth + 1), node.right, 0)
        case ast.BinOp(op=ast.Add()):
            left, right = _place(source, module, node.left, depth + 1), _place(source, module, node.right, depth + _LATER)
            return left + right if left is not None and right is not None and len(left + right) < _LONGEST else None
        case ast.Call():
            return _call(source, module, node, depth)
        case _:
            return None


def _name(source: Source, module: Module, node: ast.Name, depth: int) -> str | None:
    values = module.assigns.get(node.id, [])
    if values:
        return _place(source, module, values[0], depth + 1)
    found = source.find(module.names[node.id], module.path) if node.id in module.names else None
    values = found[0].assigns.get(found[1], []) if found else []
    return _place(source, found[0], values[0], depth + 1) if found and values else None


def _call(source: Source, module: Module, call: ast.Call, depth: int) -> str | None:
    called = module.called(call)
    first = call.args[0] if call.args else None
    if called in ("os.path.join", "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath"):
        return _joined(source, module, call.args, depth)
    if called == "os.path.dirname":
        return _above(_place(source, module, first, depth + 1))
    if called in _SAME:
        return _place(source, module, first, depth + 1)
    if isinstance(call.func, ast.Attribute) and call.func.attr in _SAME_METHODS:
        return _place(source, module, call.func.value, depth + 1)
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("joinpath", "path"):
        return _joined(source, module, [call.func.value, *call.args], depth)
    default = argument(call, "default", 1)
    if default is not None:
        return _place(source, module, default, depth + 1)
    return _joined(source, module, [call.func, *call.args], depth) if isinstance(call.func, ast.Name) and call.args else None


def _joined(source: Source, module: Module, nodes: list[ast.expr], depth: int) -> str | None:
    parts = [_place(source, module, node, depth + (_LATER if index else 1)) for index, node in enumerate(nodes[:_LATER])]
    joined = posixpath.join("", *(part for part in parts if part is not None))
    return joined if parts and None not in parts and len(nodes) <= _LATER and len(joined) < _LONGEST else None


def _above(path: str | None) -> str | None:
    plain = _normal(path) if path is not None else None
    return posixpath.dirname(plain) if plain and plain != _ROOT else None


def _ancestor(path: str | None, steps: ast.AST, more: int) -> str | None:
    if not isinstance(steps, ast.Constant) or not isinstance(steps.value, int) or not 0 <= steps.value < _DEPTH:
        return None
    for _ in range(steps.value + more):
        path = _above(path)
    return path
