"""Which Celery queues tasks are put into by name: a worker that is not told of them leaves their tasks lying."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.python.source import Module, Source, argument
from opsmith.detectors.python.values import resolve
from opsmith.model.survey import Evidence

_CALLS = frozenset(("task", "shared_task", "apply_async"))
_TABLES = re.compile(r"(?:routes|schedule)$", re.IGNORECASE)
_DEFINED = re.compile(rb"^[^#\n]*\b(?:task_queues|CELERY_TASK_QUEUES|CELERY_QUEUES)\b[\"']?\s*[=:]", re.MULTILINE)
_DEFAULT = re.compile(rb"^[^#\n]*\b(?:task_default_queue|CELERY_(?:TASK_)?DEFAULT_QUEUE)\b[\"']?\s*[=:]\s*[\"']([\w.-]+)", re.MULTILINE)
_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Queues:
    """`names` is empty where Celery itself is told its queues, or no other than the default one is named; else the default one comes first."""

    names: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    worked_out: Evidence | None = None
    """Where a queue's name may be another than the ones found."""


def queues(source: Source) -> Queues:
    files = [(path, source.repo.bytes(path) or b"") for path in source.files]
    if any(_DEFINED.search(data) for _, data in files):
        return Queues()
    named: dict[str, Evidence] = {}
    worked_out: Evidence | None = None
    for path, data in files:
        module = source.module(path) if b"queue" in data and (b"task" in data or b"apply_async" in data) else None
        for node in _places(module) if module else ():
            text = resolve(source, module, node).text if module else None
            if module and text and _NAME.fullmatch(text):
                named.setdefault(text, module.evidence(node, f"a task goes into the queue {text}", 0.85))
            if module and worked_out is None and (text is None or _is_handed_in(module, node)):
                worked_out = module.evidence(node, "the queue of a task is worked out", 0.8)
    default = next((match[1].decode() for _, data in files if (match := _DEFAULT.search(data))), "celery")
    if not set(named) - {default} and worked_out is None:
        return Queues()
    names = (default, *sorted(set(named) - {default})) if set(named) - {default} else ()
    return Queues(names, tuple(named[name] for name in sorted(named)), worked_out)


def _is_handed_in(module: Module, node: ast.expr) -> bool:
    function = module.function_of(node)
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs] if function else []
    return isinstance(node, ast.Name) and any(item.arg == node.id for item in arguments)


def _places(module: Module) -> Iterator[ast.expr]:
    for call in module.calls:
        given = argument(call, "queue")
        if given is not None and module.called(call).rpartition(".")[2] in _CALLS:
            yield given
    for table in module.of(ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "queue" and _is_routing(module, table):
                yield value


def _is_routing(module: Module, table: ast.Dict) -> bool:
    """Within `task_routes = {...}` or a schedule, also as a keyword."""
    for parent in module.enclosing(table):
        if isinstance(parent, ast.keyword):
            return bool(parent.arg and _TABLES.search(parent.arg))
        if isinstance(parent, (ast.Assign, ast.AnnAssign)):
            targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            return any(_TABLES.search(ast.unparse(target)) for target in targets)
    return False
