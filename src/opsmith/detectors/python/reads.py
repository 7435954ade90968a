"""A place that reads an environment variable, and what all places together say of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from opsmith.detectors import services
from opsmith.detectors.python.source import Module
from opsmith.model.survey import EnvVar, Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One place that reads a variable."""

    name: str
    required: bool
    default: str | None
    module: Module
    node: ast.AST
    computed: bool = False
    """The code works out a default of its own, from other variables for the most part."""

    @property
    def evidence(self) -> Evidence:
        tail = (
            "required"
            if self.required
            else f"default {self.default!r}"
            if self.default is not None and not services.is_secret(self.name, self.default)
            else "optional"
        )
        return self.module.evidence(self.node, f"reads {self.name} ({tail})", 0.95)


def variables(found: list[Read]) -> tuple[EnvVar, ...]:
    """One entry per name, sorted; required where any place requires it and none gives a default."""
    by_name: dict[str, list[Read]] = {}
    for read in found:
        by_name.setdefault(read.name, []).append(read)
    return tuple(_variable(name, by_name[name]) for name in sorted(by_name))


def _variable(name: str, places: list[Read]) -> EnvVar:
    default = next((read.default for read in places if read.default is not None), None)
    required = default is None and any(read.required for read in places)
    return EnvVar(name=name, required=required, secret=services.is_secret(name, default), default=default)


def works_out(module: Module, given: ast.AST | None) -> bool:
    """Whether a default is given that is no literal."""
    return given is not None and not isinstance(given, ast.Constant) and constant(module, given) is None


def constant(module: Module, node: ast.AST | None) -> str | None:
    """The text of a literal, also through one module-level name or a conversion such as int("8000")."""
    if isinstance(node, ast.Constant):
        return None if node.value is None or node.value is ... or isinstance(node.value, bytes) else str(node.value)
    if isinstance(node, ast.Name):
        values = module.assigns.get(node.id, ())
        return constant(module, values[0]) if len(values) == 1 and isinstance(values[0], ast.Constant) else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("str", "int", "float") and len(node.args) == 1:
        return constant(module, node.args[0])
    return None
