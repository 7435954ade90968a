"""What an expression comes to, as far as it can be told without running it: a text, and the variable that may change it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from opsmith.detectors.python.pydantic_settings import is_settings_class
from opsmith.detectors.python.reads import constant
from opsmith.detectors.python.source import Module, Source, argument, text_of

_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Value:
    text: str | None = None
    env: str | None = None

    @property
    def number(self) -> int | None:
        return int(self.text) if self.text and self.text.isascii() and self.text.isdigit() and 0 < int(self.text) < 65536 else None


UNKNOWN = Value()


def resolve(source: Source, module: Module, node: ast.AST | None, depth: int = 0) -> Value:
    """Follow names, attributes of settings, environment reads, concatenations, f-strings and command line defaults."""
    if node is None or depth > _DEPTH:
        return UNKNOWN
    match node:
        case ast.Constant():
            return Value(constant(module, node))
        case ast.Name():
            return _name(source, module, node, depth)
        case ast.Attribute():
            return _attribute(source, module, node, depth)
        case ast.Call():
            return _call(source, module, node, depth)
        case ast.Subscript():
            return Value(None, text_of(node.slice)) if module.qualified(node.value) == "os.environ" else UNKNOWN
        case ast.BoolOp(op=ast.Or()):
            return _merged([resolve(source, module, value, depth + 1) for value in node.values])
        case ast.IfExp():
            return _merged([resolve(source, module, value, depth + 1) for value in (node.body, node.orelse)])
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return _joined([resolve(source, module, part, depth + 1) for part in (node.left, node.right)])
        case ast.JoinedStr():
            return _joined([resolve(source, module, part, depth + 1) for part in node.values])
        case ast.FormattedValue():
            return resolve(source, module, node.value, depth + 1)
        case _:
            return UNKNOWN


def _merged(values: list[Value]) -> Value:
    return Value(
        next((value.text for value in values if value.text is not None), None), next((value.env for value in values if value.env is not None), None)
    )


def _joined(values: list[Value]) -> Value:
    """`"[::]:%s" % port` counts as both parts one after the other; an unknown part makes the text unknown but keeps the variable."""
    env = next((value.env for value in values if value.env is not None), None)
    texts = [value.text for value in values]
    return Value(None, env) if None in texts else Value("".join(text for text in texts if text is not None).replace("%s", "").replace("%d", ""), env)


def _name(source: Source, module: Module, node: ast.Name, depth: int) -> Value:
    values = _bindings(module, node)
    if values:
        found = [resolve(source, module, value, depth + 1) for value in values[:4]]
        return _merged(found)
    option = _command_option(source, module, node.id, depth) or _parameter(source, module, node, depth)
    if option is not None:
        return option
    return _imported(source, module, module.names[node.id], depth) if node.id in module.names else UNKNOWN


def _bindings(module: Module, node: ast.Name) -> list[ast.expr]:
    """Assignments to the name: those of the same function when there are any, else those of the module."""
    values = module.assigns.get(node.id, [])
    scope = module.function_of(node)
    local = [value for value in values if module.function_of(value) is scope]
    return local or [value for value in values if module.function_of(value) is None]


def _parameter(source: Source, module: Module, node: ast.Name, depth: int) -> Value | None:
    """The default of a function's parameter, else what its only literal call gives."""
    function = module.function_of(node)
    if function is None:
        return None
    arguments = [*function.args.posonlyargs, *function.args.args]
    names = [item.arg for item in arguments]
    if node.id not in names:
        return None
    position = names.index(node.id) - (len(names) - len(function.args.defaults))
    if position >= 0:
        return resolve(source, module, function.args.defaults[position], depth + 1)
    calls = [call for call in module.calls if module.called(call) == function.name]
    return resolve(source, module, argument(calls[0], node.id, names.index(node.id)), depth + 1) if len(calls) == 1 else None


def _imported(source: Source, module: Module, qualified: str, depth: int) -> Value:
    found = source.find(qualified, module.path)
    if found is None:
        return UNKNOWN
    owner, name = found
    values = owner.assigns.get(name, [])
    return resolve(source, owner, values[0], depth + 1) if values else UNKNOWN


def _attribute(source: Source, module: Module, node: ast.Attribute, depth: int) -> Value:
    """`settings.PORT`, `args.port`, `config.PORT` of a module, or an attribute assigned in some class of the project."""
    qualified = module.qualified(node)
    if "." in qualified and (value := _imported(source, module, qualified, depth)) != UNKNOWN:
        return value
    option = _command_option(source, module, node.attr, depth)
    if option is not None:
        return option
    return _class_attribute(source, module, node.attr, depth)


def _command_option(source: Source, module: Module, name: str, depth: int) -> Value | None:
    """The default of `--name` in argparse, click or typer."""
    flag = "--" + name.replace("_", "-")
    for call in module.calls:
        if module.called(call).rpartition(".")[2] in ("add_argument", "option", "add_option", "Option"):
            flags = {text_of(given) for given in call.args}
            if flag in flags or "--" + name in flags:
                return resolve(source, module, argument(call, "default"), depth + 1)
    return None


def _class_attribute(source: Source, module: Module, name: str, depth: int) -> Value:
    """The value that settings classes of the project agree on for an attribute."""
    values: set[Value] = set()
    for owner in (module, *source.modules()):
        for node in owner.classes.values():
            for item in node.body:
                target, given = _class_binding(item)
                if target == name and given is not None:
                    value = resolve(source, owner, given, depth + 1)
                    settings = is_settings_class(owner, node, source)
                    values.add(Value(value.text, name.upper()) if settings and value.env is None else value)
    return values.pop() if len(values) == 1 else UNKNOWN


def _class_binding(item: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
        return item.target.id, item.value
    if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
        return item.targets[0].id, item.value
    return None, None


def _call(source: Source, module: Module, node: ast.Call, depth: int) -> Value:
    name = module.called(node)
    if name in ("os.getenv", "os.environ.get"):
        given = resolve(source, module, argument(node, "default", 1), depth + 1)
        return Value(given.text, constant(module, argument(node, "key", 0)))
    if name in ("int", "str", "float", "cast", "typing.cast", "pathlib.Path") and node.args:
        return resolve(source, module, node.args[-1], depth + 1)
    if name.rpartition(".")[2] == "Field":
        return resolve(source, module, argument(node, "default", 0), depth + 1)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _joined([resolve(source, module, part, depth + 1) for part in (node.func.value, *node.args[-1:])])
    first = constant(module, argument(node, "key", 0))
    if first and first.isupper() and len(node.args) + len(node.keywords) > 1:
        default = resolve(source, module, argument(node, "default", 1), depth + 1)
        return Value(default.text, first)
    return UNKNOWN
