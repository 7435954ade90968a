"""Variables that fields of a pydantic BaseSettings class stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from opsmith.detectors.python.reads import Read, constant
from opsmith.detectors.python.source import Module, Source, argument, text_of


def is_settings_class(module: Module, node: ast.ClassDef, source: Source, depth: int = 0) -> bool:
    """Whether the class is a pydantic BaseSettings, directly or through a class of the project."""
    for base in node.bases:
        qualified = module.qualified(base)
        if qualified.endswith("BaseSettings") and qualified.startswith(("pydantic", "fastapi_settings")):
            return True
        if depth > 4 or not qualified:
            continue
        owner = (module, qualified) if qualified in module.classes else source.find(qualified, module.path)
        parent = owner[0].classes.get(owner[1]) if owner else None
        if owner and parent is not None and parent is not node and is_settings_class(owner[0], parent, source, depth + 1):
            return True
    return False


def fields(module: Module, node: ast.ClassDef, source: Source) -> Iterator[Read]:
    if not is_settings_class(module, node, source):
        return
    prefix = _prefix(module, node)
    for field in node.body:
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if field.target.id.startswith("_") or field.target.id == "model_config" or _is_no_variable(module, field.annotation, source):
            continue
        required = field.value is None and not _allows_none(field.annotation)
        value = field.value
        name: str = (prefix + field.target.id).upper()
        if isinstance(value, ast.Call) and module.called(value).rpartition(".")[2] == "Field":
            name = _alias(module, value) or name
            given = argument(value, "default", 0)
            required = argument(value, "default_factory") is None and (given is None or _is_ellipsis(given)) and not _allows_none(field.annotation)
            value = None if given is None or _is_ellipsis(given) else given
        elif value is not None and _is_ellipsis(value):
            required, value = True, None
        if value is not None and _reads_environment(module, value):
            continue
        yield Read(name=name, required=required, default=constant(module, value), module=module, node=field)


def _reads_environment(module: Module, value: ast.expr) -> bool:
    return any(module.qualified(node) in ("os.environ", "os.getenv") for node in ast.walk(value))


def _prefix(module: Module, node: ast.ClassDef) -> str:
    for item in ast.walk(node):
        if isinstance(item, ast.Call) and (found := constant(module, argument(item, "env_prefix"))) is not None:
            return found
        if isinstance(item, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "env_prefix" for target in item.targets):
            return text_of(item.value) or ""
        if isinstance(item, ast.Dict):
            for key, value in zip(item.keys, item.values, strict=True):
                if text_of(key) == "env_prefix":
                    return text_of(value) or ""
    return ""


def _alias(module: Module, call: ast.Call) -> str | None:
    for keyword in ("validation_alias", "alias", "env"):
        given = argument(call, keyword)
        if isinstance(given, ast.Call) and given.args:
            given = given.args[0]
        if isinstance(given, (ast.List, ast.Tuple)) and given.elts:
            given = given.elts[0]
        if (name := constant(module, given)) is not None:
            return name.upper()
    return None


def _is_no_variable(module: Module, annotation: ast.expr, source: Source) -> bool:
    """ClassVar, and fields that are settings classes or models of their own."""
    text = ast.unparse(annotation)
    if text.startswith(("ClassVar", "typing.ClassVar", "InitVar")):
        return True
    if not isinstance(annotation, ast.Name):
        return False
    if annotation.id in module.classes:
        return bool(module.classes[annotation.id].bases) and not _is_enum(module, module.classes[annotation.id])
    found = source.find(module.names[annotation.id], module.path) if annotation.id in module.names else None
    return found is not None and found[1] in found[0].classes and not _is_enum(found[0], found[0].classes[found[1]])


def _is_enum(module: Module, node: ast.ClassDef) -> bool:
    return any("Enum" in module.qualified(base) for base in node.bases)


def _allows_none(annotation: ast.expr) -> bool:
    """Only `X | None` written so has no implied default in pydantic 2; version 1 gave it None, and authors rely on either."""
    return any(isinstance(node, ast.Constant) and node.value is None for node in ast.walk(annotation)) or ast.unparse(annotation).startswith(
        ("Optional", "typing.Optional")
    )


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
