"""Python files as parsed facts: names, calls, assignments. Nothing is imported or run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar, cast

from opsmith.detectors.pysyntax import tree_of
from opsmith.detectors.python.marking import is_aside, is_marked
from opsmith.detectors.python.newer import as_older
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

Node = TypeVar("Node", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef

_CLIENT_IMPORT = re.compile(rb"^[ \t]*(?:import|from)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)
_WITHOUT_PLACE = frozenset(("ctx", "op", "ops", "id", "attr", "arg", "asname", "module", "level", "type_comment", "conversion", "is_async"))
"""The fields that never hold nodes with a place in the file: operators, contexts and names."""


@dataclass(slots=True, eq=False)
class Module:
    """One parsed file. `names` maps what an import binds to its full dotted name (relative imports resolved against the project)."""

    path: str
    dotted: str
    tree: ast.Module
    names: dict[str, str] = field(default_factory=dict[str, str])
    stars: list[str] = field(default_factory=list[str])
    """Modules of which everything is imported, the last one first."""
    nodes: dict[type[ast.AST], list[ast.AST]] = field(default_factory=dict[type[ast.AST], list[ast.AST]])
    assigns: dict[str, list[ast.expr]] = field(default_factory=dict[str, list[ast.expr]])
    functions: dict[str, Function] = field(default_factory=dict[str, Function])
    classes: dict[str, ast.ClassDef] = field(default_factory=dict[str, ast.ClassDef])
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict[ast.AST, ast.AST])
    _called: dict[ast.Call, str] = field(default_factory=dict[ast.Call, str])

    def of(self, kind: type[Node]) -> list[Node]:
        """Every node of one type, outer ones first."""
        return cast("list[Node]", self.nodes.get(kind, []))

    @property
    def calls(self) -> list[ast.Call]:
        return self.of(ast.Call)

    def imports(self) -> list[ast.Import | ast.ImportFrom]:
        return [*self.of(ast.Import), *self.of(ast.ImportFrom)]

    def qualified(self, node: ast.AST | None) -> str:
        """Full dotted name of a name or an attribute chain; "" for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        parts.append(self.names.get(node.id, node.id))
        return ".".join(reversed(parts))

    def called(self, call: ast.Call) -> str:
        name = self._called.get(call)
        if name is None:
            name = self._called[call] = self.qualified(call.func)
        return name

    def enclosing(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around `node`, innermost first."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def function_of(self, node: ast.AST) -> Function | None:
        return next((parent for parent in self.enclosing(node) if isinstance(parent, Function)), None)

    def evidence(self, node: ast.AST | None, shows: str, confidence: float = 0.9) -> Evidence:
        return Evidence(file=self.path, line=getattr(node, "lineno", None), shows=shows, confidence=confidence)

    def top_level(self) -> Iterator[tuple[str, ast.expr]]:
        """Assignments that run on import, also below `if` and `try`."""
        for name, values in self.assigns.items():
            for value in values:
                if self.function_of(value) is None and not any(isinstance(parent, ast.ClassDef) for parent in self.enclosing(value)):
                    yield name, value

    @property
    def main_guard(self) -> ast.If | None:
        return next((node for node in self.tree.body if isinstance(node, ast.If) and _asks_for_main(node.test)), None)


@dataclass(slots=True, eq=False)
class Source:
    """The Python files of one project, parsed when asked for.

    `files` are those that can be deployed (no tests, docs, examples); `marked` the ones among them that can hold a fact;
    `imports` the dotted names each file imports, read without parsing.
    """

    repo: Repo
    root: str
    files: tuple[str, ...]
    marked: tuple[str, ...] = ()
    imports: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    inclusions: dict[tuple[str, str], list[tuple[Module, ast.Call]]] = field(default_factory=dict[tuple[str, str], "list[tuple[Module, ast.Call]]"])
    """Where routers are put into others, by the file and name of the router; filled when first asked for."""
    _parsed: dict[str, Module | None] = field(default_factory=dict[str, "Module | None"])
    folders: frozenset[str] = frozenset()
    """Every folder that holds one of `files`, at any depth."""
    _known: frozenset[str] = frozenset()
    _reached: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    _located: dict[tuple[str, str], str | None] = field(default_factory=dict[tuple[str, str], "str | None"])

    def module(self, path: str) -> Module | None:
        if path not in self._parsed:
            self._parsed[path] = parse(self.repo, path, self.root)
        return self._parsed[path]

    def modules(self) -> Iterator[Module]:
        """Every marked file that parses, in order."""
        for path in self.marked:
            if (module := self.module(path)) is not None:
                yield module

    def locate(self, dotted: str, near: str) -> str | None:
        """The file that `import dotted` means in the file `near`, if it is one of the project."""
        key = (dotted, near.rpartition("/")[0])
        if key not in self._located:
            self._located[key] = self._locate(dotted, near)
        return self._located[key]

    def _locate(self, dotted: str, near: str) -> str | None:
        tail = dotted.replace(".", "/")
        for base in bases(self.root, near):
            stem = f"{base}/{tail}" if base else tail
            for path in (f"{stem}.py", f"{stem}/__init__.py"):
                if path in self._known:
                    return path
        return None

    def has_package(self, base: str, top: str) -> bool:
        """Whether `import top` finds something of the project when `base` is on the path."""
        stem = f"{base}/{top}" if base else top
        return f"{stem}.py" in self._known or stem in self.folders

    def is_package(self, folder: str) -> bool:
        return f"{folder}/__init__.py" in self._known

    def find(self, qualified: str, near: str) -> tuple[Module, str] | None:
        """The module and the name in it that a full dotted name means; follows re-exports a few steps."""
        for _ in range(4):
            owner, _, name = qualified.rpartition(".")
            path = self.locate(owner, near) if owner else None
            module = self.module(path) if path else None
            if module is None:
                return None
            if name in module.assigns or name in module.functions or name in module.classes:
                return module, name
            if name not in module.names:
                return None
            qualified, near = module.names[name], module.path
        return None

    def reachable(self, entry: str) -> frozenset[str]:
        """`entry` and what it imports from this project, directly or not."""
        if entry not in self._reached:
            self._reached[entry] = self._reach(entry)
        return self._reached[entry]

    def _reach(self, entry: str) -> frozenset[str]:
        found: set[str] = set()
        pending = [entry]
        while pending:
            path = pending.pop()
            if path in found:
                continue
            found.add(path)
            module = self.module(path)
            for dotted in set(module.names.values()) if module else ():
                target = self.locate(dotted, path) or self.locate(dotted.rpartition(".")[0], path)
                if target:
                    pending.append(target)
        return frozenset(found)


def open_source(repo: Repo, root: str, paths: list[str]) -> Source:
    """Look over `paths` once: what each imports, and which deserve parsing."""
    files = tuple(path for path in paths if not is_aside(path))
    marked: list[str] = []
    imports: dict[str, frozenset[str]] = {}
    for path in files:
        data = repo.bytes(path)
        if data is None:
            continue
        imports[path] = frozenset(name.decode() for name in _CLIENT_IMPORT.findall(data))
        if is_marked(path, data):
            marked.append(path)
    return Source(repo, root, files, tuple(marked), imports, folders=_folders(files), _known=frozenset(files))


def _folders(files: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    for path in files:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)


def bases(root: str, near: str) -> list[str]:
    """Folders that may be on the import path of the file `near`: its own and those above up to the project, then src/."""
    found: list[str] = []
    folder = near.rpartition("/")[0]
    while True:
        found.append(folder)
        if folder == root or not folder:
            break
        folder = folder.rpartition("/")[0]
    src = f"{root}/src" if root else "src"
    return [root, src, *(item for item in found if item not in (root, src))]


def parse(repo: Repo, path: str, root: str) -> Module | None:
    text = repo.read(path)
    if text is None:
        return None
    try:
        tree = _tree(text)
    except SyntaxError as error:
        repo.problem(path, "not read: no syntax that this Python knows (a template, Python 2, or a newer Python)", line=error.lineno)
        return None
    except (RecursionError, ValueError, MemoryError):
        repo.problem(path, "not read: nested too deeply, or no text")
        return None
    module = Module(path, dotted_name(path, root), tree)
    _collect(module)
    return module


def _tree(text: str) -> ast.Module:
    try:
        return tree_of(text)
    except SyntaxError:
        older = as_older(text)
        if older == text:
            raise
        return tree_of(older)


def dotted_name(path: str, base: str) -> str:
    inner = path[len(base) :].lstrip("/") if base else path
    return inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _collect(module: Module) -> None:
    _collect_nodes(module)
    for node in module.of(ast.Import):
        for item in node.names:
            module.names[item.asname or item.name.partition(".")[0]] = item.name if item.asname else item.name.partition(".")[0]
    for taken in module.of(ast.ImportFrom):
        owner = _owner(module, taken)
        if any(item.name == "*" for item in taken.names):
            module.stars.insert(0, owner)
        for item in taken.names:
            module.names[item.asname or item.name] = f"{owner}.{item.name}" if owner else item.name
    functions: list[Function] = [*module.of(ast.FunctionDef), *module.of(ast.AsyncFunctionDef)]
    for function in functions:
        module.functions.setdefault(function.name, function)
    for made in module.of(ast.ClassDef):
        module.classes.setdefault(made.name, made)
    _collect_assignments(module)


def _collect_nodes(module: Module) -> None:
    """What ast.walk does, in a fraction of the time: most nodes are names and literals, which hold no others."""
    nodes, parents = module.nodes, module.parents
    fields: dict[type[ast.AST], tuple[str, ...]] = {}
    pending: list[ast.AST] = [module.tree]
    for node in pending:  # grows on the way
        kind = type(node)
        same = nodes.get(kind)
        if same is None:
            same = nodes[kind] = []
            fields[kind] = tuple(name for name in kind._fields if name not in _WITHOUT_PLACE and kind is not ast.Constant)
        same.append(node)
        for name in fields[kind]:
            value = getattr(node, name, None)
            if value is None:
                continue
            for child in cast("list[object]", value) if isinstance(value, list) else (value,):
                if isinstance(child, ast.AST):
                    parents[child] = node
                    pending.append(child)


def _collect_assignments(module: Module) -> None:
    for node in module.of(ast.Assign):
        for target in node.targets:
            _bind(module, target, node.value)
    single: list[ast.AnnAssign | ast.NamedExpr] = [*module.of(ast.AnnAssign), *module.of(ast.NamedExpr)]
    for item in single:
        if item.value is not None:
            _bind(module, item.target, item.value)


def _owner(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.dotted.split(".")
    depth = node.level - (1 if module.path.endswith("/__init__.py") else 0)
    parents = parts[: len(parts) - depth] if depth else parts
    return ".".join((*parents, *((node.module,) if node.module else ())))


def _bind(module: Module, target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Name):
        module.assigns.setdefault(target.id, []).append(value)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for left, right in zip(target.elts, value.elts, strict=True):
            _bind(module, left, right)


def _asks_for_main(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and any(isinstance(node, ast.Name) and node.id == "__name__" for node in (test.left, *test.comparators))
        and any(isinstance(node, ast.Constant) and node.value == "__main__" for node in (test.left, *test.comparators))
    )


def argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """The value given for a keyword, or at a position."""
    named = next((item.value for item in call.keywords if item.arg == name), None)
    if named is not None or position is None or position >= len(call.args):
        return named
    given = call.args[position]
    return None if isinstance(given, ast.Starred) else given


def text_of(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
