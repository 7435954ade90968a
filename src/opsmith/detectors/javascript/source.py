"""JavaScript and TypeScript as syntax trees: which files belong to a package, and what stands in them. No meaning is given to it here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from opsmith.detectors.javascript.facts import items, join, parent, table
from opsmith.detectors.javascript.syntax import first_argument, line, method, sides, string_value, text
from opsmith.detectors.marks import grouped, holds_any
from opsmith.detectors.nesting import parsed
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Query

SUFFIXES = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx")
_MAX_SOURCE = 400_000
_MAX_LINE = 5_000
_NOT_APP = re.compile(
    r"^(e2e|integration|extra|examples?|docs|dist|build|out|coverage|public|benchmarks?|scripts|tools|\.\w[\w-]*|bin(?!/(?:www|server|worker|app|main|index)\b))/"
    r"|(^|/)(__tests__|__mocks__|tests?|cypress|playwright|mocks?|fixtures|stories|storybook|generated|node_modules|e2e-tests|test-utils|"
    r"remix\.init|testing|\.storybook)/"
    r"|\.(test|spec|e2e-spec|stories|story|cy|min|bundle|d|mock|bench)\.[cm]?[jt]sx?$|_test\.[cm]?[jt]sx?$"
    r"|(^|/)(jest|vitest|cypress|playwright|webpack|rollup|babel|eslint|prettier|tailwind|postcss|karma|commitlint|gulpfile|gruntfile|"
    r"lint-staged|stylelint|tsup|esbuild|release|renovate|wallaby|metro|codegen|dangerfile|ecosystem|vite|svelte|svgo|unocss|uno|"
    r"drizzle|lingui|crowdin|sst|cdk|capacitor|forge|electron)(\.[\w-]+)*\.?config(\.[\w-]+)*\.[cm]?[jt]s$"
    r"|(^|/)(gulpfile|gruntfile|dangerfile)\.[cm]?[jt]s$|(^|/)(jest|vitest|test)[-.]?setup[\w.-]*$|(^|/)\.[\w.-]+rc\.[cm]?js$",
    re.IGNORECASE,
)
_IN_ANY_FILE = grouped((b"process.env", b"import.meta.env", b"Bun.env", b"Deno.env", b"$env/"), (b"env",))
_IN_PROGRAMS = grouped(
    (
        b"sqlite", b"libsql",
        b".listen(", b"bindAsync", b"serve(", b"ealth", b"/live", b"/ready", b"/alive", b"/ping", b"/status", b"cleanEnv", b"createEnv",
        b"envsafe", b"Joi", b"joi", b"z.object", b"convict", b"env-var", b"@fastify/env", b"@Controller", b"onfigService", b".getOrThrow",
        b"setGlobalPrefix", b"enableVersioning", b"prom-client", b"prom-bundle", b"/metrics", b"nestjs-prometheus", b"fastify-metrics",
        b"port:", b"PORT", b"host:", b"://", b"createTerminus", b".register(", b".use(", b".route(", b"NestFactory", b"class-validator",
        b"dialect", b"client:", b"DataSource", b"TypeOrm", b"basePath", b"fetch:",
    ),
    (b"/", b"nv", b"oi", b"prom", b"sql", b"Nest", b"nest", b"Config", b"onfig"),
)  # fmt: skip
"""What makes a file worth parsing; views (.jsx, .tsx) only say something about the environment, unless they start a server."""
_IN_SERVING_VIEWS = grouped((b"Bun.serve", b"Deno.serve", b"new Elysia", b"new Hono", b"new Application", b"node-server", b"express()"), ())


@dataclass(frozen=True, slots=True)
class Import:
    """`name` is None for the whole module."""

    specifier: str
    name: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed file. `names` holds what each top-level or local name was declared as (the first declaration wins)."""

    path: str
    data: bytes
    root: Node
    calls: tuple[Node, ...]
    methods: tuple[str, ...]
    """Of each call what `syntax.method` says."""
    members: tuple[Node, ...]
    classes: tuple[Node, ...]
    pairs: tuple[Node, ...]
    strings: tuple[Node, ...]
    names: Mapping[str, Node]
    patterns: tuple[tuple[Node, Node], ...]
    """Destructuring declarations: the pattern and the value."""
    imports: Mapping[str, Import]
    exported: Node | None
    """The value of `export default` or `module.exports =`."""

    def named_calls(self) -> Iterator[tuple[Node, str]]:
        """Each call with what `syntax.method` says of it."""
        return zip(self.calls, self.methods, strict=True)


@dataclass(slots=True)
class Sources:
    """The files of one component; parsed when asked for, once."""

    repo: Repo
    files: tuple[str, ...]
    interesting: tuple[str, ...]
    parsed: dict[str, Module | None]
    _paths: dict[str, list[tuple[str, str]]] = field(default_factory=dict[str, "list[tuple[str, str]]"])

    def module(self, path: str) -> Module | None:
        if path not in self.parsed:
            data = self.repo.bytes(path) if path.endswith(SUFFIXES) else None
            self.parsed[path] = _parse(path, data) if data and is_written_by_hand(data) else None
        return self.parsed[path]

    def modules(self, mark: bytes | None = None) -> Iterator[Module]:
        """Every interesting file (that contains `mark`)."""
        for path in self.interesting:
            if mark is None or mark in (self.repo.bytes(path) or b""):
                module = self.module(path)
                if module is not None:
                    yield module

    def resolve(self, module: Module, specifier: str) -> str | None:
        """The file that an import of `specifier` in `module` means, when it is one of the repository's."""
        if specifier.startswith("."):
            return self._existing(join(parent(module.path), specifier))
        for folder in _folders_above(module.path):
            for pattern, target in self._aliases(folder):
                head, star, tail = pattern.partition("*")
                if specifier.startswith(head) and specifier.endswith(tail) and (star or specifier == pattern):
                    middle = specifier[len(head) : len(specifier) - len(tail)] if star else ""
                    hit = self._existing(join(target.replace("*", middle)))
                    if hit is not None:
                        return hit
        if specifier.startswith(("@/", "~/", "src/")):
            rest = specifier.partition("/")[2]
            homes = [folder for folder in _folders_above(module.path) if self.repo.has(join(folder, "package.json"))][:1]
            return next((hit for home in homes for base in ("src", "app", "") if (hit := self._existing(join(home, base, rest)))), None)
        return None

    def _aliases(self, folder: str) -> list[tuple[str, str]]:
        """`paths` of the folder's TypeScript configuration: pattern and target, relative to the root."""
        if folder not in self._paths:
            self._paths[folder] = [
                pair for name in ("tsconfig.json", "jsconfig.json", "tsconfig.base.json") for pair in _configured_paths(self.repo, folder, name)
            ]
            self._paths[folder] += [pair for name in ("deno.json", "deno.jsonc") for pair in _mapped_imports(self.repo, folder, name)]
        return self._paths[folder]

    def _existing(self, path: str) -> str | None:
        stem = re.sub(r"\.[cm]?js$", "", path)
        tries = [path, *(stem + suffix for suffix in SUFFIXES), *(join(path, "index" + suffix) for suffix in SUFFIXES)]
        return next((item for item in tries if self.repo.has(item) and item.endswith(SUFFIXES)), None)


def _folders_above(path: str) -> list[str]:
    result: list[str] = []
    while path:
        path = parent(path)
        result.append(path)
    return result


def _configured_paths(repo: Repo, folder: str, name: str) -> Iterator[tuple[str, str]]:
    file = join(folder, name)
    options = table(table(repo.json(file) if repo.has(file) else None).get("compilerOptions"))
    base = options.get("baseUrl")
    for pattern, targets in table(options.get("paths")).items():
        for target in items(targets):
            if isinstance(target, str):
                yield pattern, join(folder, base if isinstance(base, str) else "", target)


def _mapped_imports(repo: Repo, folder: str, name: str) -> Iterator[tuple[str, str]]:
    """What the import map of Deno's configuration says of the repository's own files; a name that ends in a slash stands for all below it."""
    file = join(folder, name)
    for alias, target in table(table(repo.json(file) if repo.has(file) else None).get("imports")).items():
        if isinstance(target, str) and target.startswith(("./", "../", "/")):
            star = "*" if alias.endswith("/") else ""
            yield alias + star, join(folder, target) + ("/" + star if star else "")


def collect(repo: Repo, folders: Iterable[str], without: Iterable[str], known: Sources | None = None) -> Sources:
    """The application's own files below `folders`: no tests, tools, generated or bundled ones, none of the folders `without`.

    What `known` has parsed already is not parsed again.
    """
    skip = tuple(folder + "/" for folder in without if folder)
    files: dict[str, None] = {}
    for folder in dict.fromkeys(folders):
        size = len(folder) + 1 if folder else 0
        inside = tuple(item for item in skip if not (folder + "/").startswith(item))
        files |= dict.fromkeys(path for path in repo.under(folder, *SUFFIXES) if not path.startswith(inside) and not _NOT_APP.search(path[size:]))
    if known is not None and tuple(files) == known.files:
        return known
    old = (set(known.files), set(known.interesting)) if known is not None else (set[str](), set[str]())
    interesting = tuple(path for path in files if (path in old[1] if path in old[0] else _is_interesting(repo, path)))
    return Sources(repo, tuple(files), interesting, known.parsed if known is not None else {})


def _is_interesting(repo: Repo, path: str) -> bool:
    data = repo.bytes(path) or b""
    return holds_any(data, _IN_ANY_FILE) or holds_any(data, _IN_SERVING_VIEWS if path.endswith("x") else _IN_PROGRAMS)


def is_written_by_hand(data: bytes) -> bool:
    return len(data) <= _MAX_SOURCE and max((len(row) for row in data.splitlines()), default=0) <= _MAX_LINE


@cache
def _language(kind: str) -> Language:
    import tree_sitter_javascript
    import tree_sitter_typescript
    from tree_sitter import Language

    javascript: Any = tree_sitter_javascript
    typescript: Any = tree_sitter_typescript
    grammars = {"js": javascript.language, "ts": typescript.language_typescript, "tsx": typescript.language_tsx}
    grammar: object = grammars[kind]()
    return Language(grammar)


def _kind(path: str) -> str:
    if path.endswith((".ts", ".mts", ".cts")):
        return "ts"
    return "tsx" if path.endswith(".tsx") else "js"


_QUERY = """
(call_expression) @call
(new_expression) @call
(member_expression) @member
(subscript_expression) @member
(class_declaration) @class
(pair) @pair
(string) @string
(template_string) @string
(variable_declarator name: (identifier) value: (_)) @name
(variable_declarator name: (object_pattern) value: (_)) @pattern
(assignment_expression left: (_) right: (_)) @assign
(import_statement source: (string)) @import
(export_statement source: (string)) @import
(export_statement value: (_) @exported)
"""


@cache
def _query(kind: str) -> Query:
    from tree_sitter import Query

    return Query(_language(kind), _QUERY)


def _parse(path: str, data: bytes) -> Module:
    from tree_sitter import Parser

    from opsmith.detectors.captures import captures

    kind = _kind(path)
    root = parsed(Parser(_language(kind)), data)
    marks = captures(_query(kind), root)
    calls = tuple(marks.get("call", ()))
    return Module(
        path=path,
        data=data,
        root=root,
        calls=calls,
        methods=tuple(map(method, calls)),
        members=tuple(marks.get("member", ())),
        classes=tuple(marks.get("class", ())),
        pairs=tuple(marks.get("pair", ())),
        strings=tuple(marks.get("string", ())),
        names=_names(marks.get("name", ()), marks.get("assign", ())),
        patterns=tuple(sides(node, "name", "value") for node in marks.get("pattern", ())),
        imports=_imports(marks.get("import", ()), marks.get("name", ()), marks.get("pattern", ())),
        exported=_exported(marks.get("exported", ()), marks.get("assign", ())),
    )


def _names(declarators: Iterable[Node], assignments: Iterable[Node]) -> dict[str, Node]:
    result: dict[str, Node] = {}
    for node in declarators:
        name, value = sides(node, "name", "value")
        result.setdefault(text(name), value)
    for node in assignments:
        name, value = sides(node, "left", "right")
        result.setdefault(text(name), value)
    return result


def _exported(values: Iterable[Node], assignments: Iterable[Node]) -> Node | None:
    value = next(iter(values), None)
    if value is not None:
        return value
    pairs = (sides(node, "left", "right") for node in assignments)
    return next((right for left, right in pairs if text(left) in ("module.exports", "exports")), None)


def _imports(statements: Iterable[Node], declarators: Iterable[Node], patterns: Iterable[Node]) -> dict[str, Import]:
    result: dict[str, Import] = {}
    for node in statements:
        specifier = string_value(node.child_by_field_name("source")) or ""
        clauses = [child for child in node.children if child.type == "import_clause"]
        for name, imported in (pair for clause in clauses for pair in _clause(clause)):
            result[name] = Import(specifier, imported, line(node))
        if not clauses:
            result[f" {specifier}"] = Import(specifier, None, line(node))
    for node in (*declarators, *patterns):
        left, right = sides(node, "name", "value")
        required = _required(right)
        if required is not None:
            for name, imported in _pattern(left):
                result.setdefault(name, Import(required, imported, line(node)))
    return result


def _clause(clause: Node) -> Iterator[tuple[str, str | None]]:
    for child in clause.named_children:
        if child.type == "identifier":
            yield text(child), None
        elif child.type == "namespace_import":
            yield text(child.named_children[0]), None
        elif child.type == "named_imports":
            for item in child.named_children:
                name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                if name is not None:
                    yield text(alias or name), text(name)


def _pattern(left: Node) -> Iterator[tuple[str, str | None]]:
    if left.type == "identifier":
        yield text(left), None
    for child in left.named_children if left.type == "object_pattern" else ():
        if child.type == "shorthand_property_identifier_pattern":
            yield text(child), text(child)
        elif child.type == "pair_pattern":
            key, value = sides(child, "key", "value")
            yield text(value), text(key)


def _required(node: Node) -> str | None:
    """The specifier of `require('x')`, also where it is called or a member of it is taken at once."""
    while node.type in ("member_expression", "call_expression", "await_expression"):
        if node.type == "call_expression" and text(node.child_by_field_name("function")) in ("require", "import"):
            return string_value(first_argument(node))
        inner = (
            node.child_by_field_name("object") or node.child_by_field_name("function") or (node.named_children[0] if node.named_children else None)
        )
        if inner is None or inner.id == node.id:
            return None
        node = inner
    return None
