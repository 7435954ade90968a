"""Environment variables that the code reads: os.environ, os.getenv, django-environ, environs, decouple, Starlette's Config, pydantic settings,
and the project's own small wrappers around them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.python import pydantic_settings
from opsmith.detectors.python.reads import Read, constant, works_out
from opsmith.detectors.python.source import Function, Module, Source, argument

_PLATFORM = frozenset(
    (
        "PATH", "HOME", "USER", "USERNAME", "LOGNAME", "PWD", "SHELL", "LANG", "LC_ALL", "TERM", "TMPDIR", "TEMP", "TMP", "PYTHONPATH", "HOSTNAME",
        "VIRTUAL_ENV", "EDITOR", "DISPLAY", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST",
        "APPDATA", "LOCALAPPDATA", "COMSPEC", "PYTEST_XDIST_WORKER", "WERKZEUG_RUN_MAIN", "RUN_MAIN", "COLUMNS", "NO_COLOR", "_",
    )
)  # fmt: skip
"""Set by the system or by tools, never by whoever deploys."""

_ENV_OBJECTS = frozenset(
    (
        "environ.Env",
        "environ.FileAwareEnv",
        "environs.Env",
        "environs.FileAwareEnv",
        "starlette.config.Config",
        "decouple.Config",
        "decouple.AutoConfig",
    )
)
_READY_OBJECTS = frozenset(("decouple.config", "environs.env"))
_NO_READS = frozenset(("read_env", "read_envfile", "prefixed", "seal", "dump", "add_parser", "parser_for", "get_value"))
_URL_METHODS = {"db": "DATABASE_URL", "db_url": "DATABASE_URL", "dj_db_url": None, "cache": "CACHE_URL", "cache_url": "CACHE_URL"}


def reads(source: Source) -> list[Read]:
    """Every read in every marked file."""
    modules = [module for module in source.modules() if not _is_errand(source, module)]
    wrappers = {(module.path, name): wrapper for module in modules for name, wrapper in _wrappers(module)}
    found = [read for module in modules for read in _reads_of(module, source, wrappers)]
    return [read for read in found if read.name not in _PLATFORM and _is_name(read.name)]


def _is_errand(source: Source, module: Module) -> bool:
    """Scripts for developers and releases read variables that no deployment sets."""
    return module.path[len(source.root) :].lstrip("/").partition("/")[0] in ("scripts", "script", "bin", "tools", "ci")


def _reads_of(module: Module, source: Source, wrappers: dict[tuple[str, str], _Wrapper]) -> Iterator[Read]:
    yield from _subscripts(module)
    for call in module.calls:
        yield from _direct(module, call)
        yield from _through_object(module, call, source)
        yield from _through_wrapper(module, call, source, wrappers)
    for settings_class in module.classes.values():
        yield from pydantic_settings.fields(module, settings_class, source)


# -- os.environ and os.getenv ------------------------------------------------------------------------------------------------------------


def _subscripts(module: Module) -> Iterator[Read]:
    for node in module.of(ast.Subscript):
        if isinstance(node.ctx, ast.Load) and module.qualified(node.value) == "os.environ":
            name = constant(module, node.slice)
            if name is not None:
                yield Read(name=name, required=not _is_guarded(module, node), default=None, module=module, node=node)
    for test in module.of(ast.Compare):
        if isinstance(test.ops[0], (ast.In, ast.NotIn)) and module.qualified(test.comparators[0]) == "os.environ":
            name = constant(module, test.left)
            if name is not None:
                yield Read(name=name, required=_raises_below(module, test), default=None, module=module, node=test)


def _direct(module: Module, call: ast.Call) -> Iterator[Read]:
    if module.called(call) not in ("os.getenv", "os.environ.get", "os.environ.pop", "os.environ.setdefault"):
        return
    name = constant(module, argument(call, "key", 0))
    if name is None:
        return
    given = argument(call, "default", 1)
    default = constant(module, given) or _alternative(module, call)
    required = default in (None, "") and _is_checked(module, call)
    yield Read(name=name, required=required, default=None if required else default, module=module, node=call, computed=works_out(module, given))


def _alternative(module: Module, call: ast.Call) -> str | None:
    """`os.getenv("X") or "literal"`."""
    parent = module.parents.get(call)
    if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or) and parent.values[-1] is not call:
        return constant(module, parent.values[-1])
    return None


def _is_checked(module: Module, call: ast.Call) -> bool:
    """Whether the program gives up when the value is missing: `x = os.getenv(...)`, then `if not x: raise`."""
    parent = module.parents.get(call)
    if not isinstance(parent, (ast.Assign, ast.NamedExpr)):
        return False
    target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
    if not isinstance(target, ast.Name):
        return False
    scope = module.function_of(call)
    later = (node for node in module.of(ast.If) if node.lineno >= call.lineno and module.function_of(node) is scope)
    return any(_tests_emptiness(node.test, target.id) and _gives_up(node.body) for node in later)


def _tests_emptiness(test: ast.expr, name: str) -> bool:
    if isinstance(test, ast.BoolOp):
        return any(_tests_emptiness(value, name) for value in test.values)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return isinstance(test.operand, ast.Name) and test.operand.id == name
    if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == name:
        other = test.comparators[0]
        return isinstance(test.ops[0], (ast.Is, ast.Eq)) and isinstance(other, ast.Constant) and other.value in (None, "")
    return False


def _gives_up(body: list[ast.stmt]) -> bool:
    return any(
        isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _is_exit(node.value)) for node in body
    )


def _is_exit(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
    return name in ("exit", "_exit", "quit", "abort")


def _raises_below(module: Module, node: ast.Compare) -> bool:
    return isinstance(node.ops[0], ast.NotIn) and isinstance(parent := module.parents.get(node), ast.If) and _gives_up(parent.body)


def _is_guarded(module: Module, node: ast.AST) -> bool:
    """Whether the read is caught when it fails, or only happens when some variable asks for it."""
    inner = node
    for parent in module.enclosing(node):
        if isinstance(parent, ast.Try) and inner in parent.body and any(_catches_missing(handler) for handler in parent.handlers):
            return True
        if isinstance(parent, (ast.If, ast.IfExp)) and inner is not parent.test and _asks_environment(module, parent.test):
            return True
        if isinstance(parent, Function):
            return False
        inner = parent
    return False


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    names = {getattr(node, "id", None) for node in ast.walk(handler.type)} if handler.type else {None}
    given_up = any(isinstance(node, ast.Raise) for node in handler.body)
    return not given_up and bool(names & {None, "KeyError", "LookupError", "Exception", "BaseException"})


def _asks_environment(module: Module, test: ast.expr) -> bool:
    for node in ast.walk(test):
        if module.qualified(node) in ("os.environ", "os.getenv"):
            return True
        if isinstance(node, ast.Name) and any(
            isinstance(value, ast.Call) and module.called(value) in ("os.getenv", "os.environ.get") for value in module.assigns.get(node.id, ())
        ):
            return True
    return False


# -- libraries ---------------------------------------------------------------------------------------------------------------------------


def _through_object(module: Module, call: ast.Call, source: Source) -> Iterator[Read]:
    qualified = module.called(call)
    if qualified == "dj_database_url.config":
        default = argument(call, "default", 1)
        variable = constant(module, argument(call, "env", 0)) or "DATABASE_URL"
        required = default is None and not _is_guarded(module, call)
        yield Read(name=variable, required=required, default=constant(module, default), module=module, node=call)
        return
    holder, _, method = qualified.rpartition(".")
    if _is_env_object(module, qualified, source):
        method = ""
    elif not holder or method in _NO_READS or not _is_env_object(module, holder, source):
        return
    name = constant(module, argument(call, "var", 0)) or _URL_METHODS.get(method)
    if name is None:
        return
    given = argument(call, "default", 1)
    if isinstance(given, ast.Name) and given.id in ("str", "int", "bool", "float"):
        given = argument(call, "default", 2)
    declared, scheme_default = _scheme(module, holder or qualified, name, source)
    required = given is None and not declared and not _is_switched(module, call, source)
    literal = constant(module, given) or scheme_default
    yield Read(name=name, required=required, default=literal, module=module, node=call, computed=works_out(module, given))


def _is_switched(module: Module, node: ast.AST, source: Source) -> bool:
    """Whether the read only happens when a variable that is off by default asks for it: `if USE_S3:` below `USE_S3 = env.bool("USE_S3", False)`."""
    inner = node
    for parent in module.enclosing(node):
        if isinstance(parent, Function):
            return False
        if isinstance(parent, ast.If) and inner in parent.body and isinstance(parent.test, ast.Name) and _is_off(module, parent.test.id, source):
            return True
        inner = parent
    return False


def _is_off(module: Module, name: str, source: Source) -> bool:
    values = module.assigns.get(name, [])
    return bool(values) and all(isinstance(value, ast.Call) and _reads_off(module, value, source) for value in values)


def _reads_off(module: Module, call: ast.Call, source: Source) -> bool:
    qualified = module.called(call)
    given = argument(call, "default", 1)
    known = any(_is_env_object(module, item, source) for item in (qualified, qualified.rpartition(".")[0]) if item)
    return known and isinstance(given, ast.Constant) and not given.value


def _is_env_object(module: Module, qualified: str, source: Source) -> bool:
    return qualified in _READY_OBJECTS or _env_object(module, qualified, source) is not None


def _env_object(module: Module, qualified: str, source: Source) -> tuple[Module, ast.Call] | None:
    """The call that made the object, here or in the module it was imported from."""
    found = (module, qualified) if "." not in qualified and qualified in module.assigns else _from_elsewhere(module, qualified, source)
    if found is None:
        return None
    owner, name = found
    for value in owner.assigns.get(name, ()):
        if isinstance(value, ast.Call) and owner.called(value) in _ENV_OBJECTS:
            return owner, value
    return None


def _from_elsewhere(module: Module, qualified: str, source: Source) -> tuple[Module, str] | None:
    """Settings for one environment take everything of the common ones: `from .base import *`."""
    if "." in qualified:
        return source.find(qualified, module.path)
    return next((found for star in module.stars if (found := source.find(f"{star}.{qualified}", module.path))), None)


def _scheme(module: Module, qualified: str, name: str, source: Source) -> tuple[bool, str | None]:
    """django-environ declares defaults once: Env(DEBUG=(bool, False))."""
    found = _env_object(module, qualified, source)
    given = argument(found[1], name) if found else None
    if found is None or not isinstance(given, ast.Tuple) or len(given.elts) != 2:
        return False, None
    return True, constant(found[0], given.elts[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrapper:
    position: int
    parameter: str
    default_position: int | None
    default_parameter: str | None
    required: bool


def _wrappers(module: Module) -> Iterator[tuple[str, _Wrapper]]:
    """Functions whose parameter is the name of the variable they read."""
    for node in (*module.calls, *module.of(ast.Subscript)):
        key, strict = _inner_read(module, node)
        function = module.function_of(node) if isinstance(key, ast.Name) else None
        if function is not None and isinstance(key, ast.Name):
            parameters = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
            if key.id in parameters:
                handed_on = any(isinstance(item, ast.Return) and item.value is node for item in ast.walk(function))
                yield function.name, _wrapper(function, parameters, key.id, strict=strict and not _is_guarded(module, node), handed_on=handed_on)


def _inner_read(module: Module, node: ast.AST) -> tuple[ast.expr | None, bool]:
    if isinstance(node, ast.Call) and module.called(node) in ("os.getenv", "os.environ.get"):
        return argument(node, "key", 0), False
    if isinstance(node, ast.Subscript) and module.qualified(node.value) == "os.environ":
        return node.slice, True
    return None, False


def _wrapper(function: Function, parameters: list[str], parameter: str, *, strict: bool, handed_on: bool) -> _Wrapper:
    """`handed_on`: what the environment says is returned as it is, nothing included; a `raise` in there is about something else."""
    fallback = next((item for item in parameters if "default" in item.lower() or "fallback" in item.lower()), None)
    others = [item for item in parameters if item not in (parameter, "self", "cls")]
    if fallback is None and others and function.args.defaults:
        fallback = others[0]
    gives_up = any(isinstance(node, ast.Raise) for node in ast.walk(function))
    offset = 1 if parameters[0] in ("self", "cls") else 0
    return _Wrapper(
        position=parameters.index(parameter) - offset,
        parameter=parameter,
        default_position=parameters.index(fallback) - offset if fallback else None,
        default_parameter=fallback,
        required=(strict or (gives_up and not handed_on)) and not (fallback and _has_default(function, parameters, fallback)),
    )


def _has_default(function: Function, parameters: list[str], name: str) -> bool:
    """Whether the parameter may be left out for a value other than None."""
    position = parameters.index(name) - (len(parameters) - len(function.args.defaults))
    if position < 0:
        return False
    value = function.args.defaults[position]
    return not (isinstance(value, ast.Constant) and value.value is None)


def _through_wrapper(module: Module, call: ast.Call, source: Source, wrappers: dict[tuple[str, str], _Wrapper]) -> Iterator[Read]:
    qualified = module.called(call)
    if not qualified:
        return
    if "." in qualified:
        found = source.find(qualified, module.path) if any(name == qualified.rpartition(".")[2] for _, name in wrappers) else None
        key = (found[0].path, found[1]) if found else None
    else:
        key = (module.path, qualified)
    wrapper = wrappers.get(key) if key else None
    name = constant(module, argument(call, wrapper.parameter, wrapper.position)) if wrapper else None
    if wrapper is None or name is None:
        return
    given = argument(call, wrapper.default_parameter, wrapper.default_position) if wrapper.default_parameter else None
    required, default = wrapper.required and given is None, constant(module, given)
    yield Read(name=name, required=required, default=default, module=module, node=call, computed=works_out(module, given))


def _is_name(name: str) -> bool:
    return name.isascii() and name.replace("_", "").isalnum() and not name[0].isdigit()
