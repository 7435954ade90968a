"""What an expression can be when nobody configures anything: literals, the variables it reads, the defaults behind names and fields.

A resolver follows names through assignments, constants, parameters, fields, flags, struct tags and loaded configuration files.
It never evaluates; what it cannot follow has no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from opsmith.detectors.go.config import Setting, plain
from opsmith.detectors.go.keys import TAG, Index, env_tag
from opsmith.detectors.go.program import FLAG_KINDS, VARIABLE, Expression, Field, Program, flag_of
from opsmith.detectors.go.source import arguments, callee, declared_type, function_of, line, literal, name_of, parameters, text

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_DEPTH = 14
_MAX_STEPS = 3000
_MAX_VALUES = 8
_MAX_BODY = 4000
_FIRST_ARGUMENT = frozenset(
    (
        "Itoa", "FormatInt", "FormatUint", "Atoi", "ParseInt", "ParseUint", "Sprint", "TrimSpace", "Trim", "TrimLeft", "TrimPrefix", "TrimRight",
        "Clean", "ToLower", "string", "int", "uint", "uint16", "int32", "int64", "String", "StringValue", "Deref", "ExpandEnv", "MustParse",
        "Parse", "Ptr",
    )
)  # fmt: skip
_BACKING = re.compile(
    r"(?i)(redis|postgre|pgsql|mysql|maria|mongo|database|\bdb|db\b|dbconfig|smtp|mail|kafka|rabbit|amqp|nats|elastic|cache|s3|minio|ldap|consul|etcd)"
)
_KEY_TAGS = ("mapstructure", "koanf", "yaml", "toml", "json", "ini", "config", "key", "conf", "properties")


@dataclass(frozen=True, slots=True)
class Value:
    """A literal (`env` None), or the variable `env` (then `text` is empty)."""

    text: str
    file: str
    line: int | None
    env: str | None = None


@dataclass(slots=True)
class Resolver:
    program: Program
    settings: tuple[Setting, ...]
    samples: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    """What the repository's .env files and samples of them set."""
    steps: int = 0
    _cache: dict[tuple[str, int], list[Value]] = field(default_factory=dict[tuple[str, int], list[Value]])
    _index: Index | None = None

    @property
    def index(self) -> Index:
        if self._index is None:
            self._index = Index(self.program)
        return self._index

    def values(self, expression: Expression) -> list[Value]:
        self.steps = 0
        return self._resolve(expression, {}, frozenset())

    def texts(self, expression: Expression) -> list[str]:
        return [value.text for value in self.values(expression) if value.env is None]

    def key(self, name: str) -> list[Value]:
        self.steps = 0
        return self._key((name,), {}, frozenset())

    # -- expressions -----------------------------------------------------------------------------------------------------------------

    def _resolve(self, at: Expression, bound: Mapping[str, list[Value]], path: frozenset[int]) -> list[Value]:
        key = (at.source.path, (at.node.start_byte * 2**32 + at.node.end_byte) * 8 + min(at.result, 7))
        if not bound and key in self._cache:
            return self._cache[key]
        self.steps += 1
        if at.node.id in path or len(path) > _MAX_DEPTH or self.steps > _MAX_STEPS:
            return []
        found = self._read(at, bound, path | {at.node.id})
        if not bound and self.steps <= _MAX_STEPS:
            self._cache[key] = found
        return found

    def _read(self, at: Expression, bound: Mapping[str, list[Value]], path: frozenset[int]) -> list[Value]:
        node = at.node
        known = literal(node)
        if known is not None:
            return [Value(known, at.source.path, line(node))]
        match node.type:
            case "identifier":
                return self._name(at, bound, path)
            case "selector_expression":
                return self._selector(at, bound, path)
            case "binary_expression":
                return self._sum(at, bound, path)
            case "parenthesized_expression" | "unary_expression" | "type_conversion_expression":
                inner = node.child_by_field_name("operand") or (node.named_children[-1] if node.named_children else None)
                return self._resolve(Expression(inner, at.source), bound, path) if inner is not None else []
            case "call_expression":
                return self._call(at, bound, path)
            case _:
                return []

    def _all(self, found: list[Expression], bound: Mapping[str, list[Value]], path: frozenset[int]) -> list[Value]:
        return list(dict.fromkeys(value for item in found[:12] for value in self._resolve(item, bound, path)))

    def _name(self, at: Expression, bound: Mapping[str, list[Value]], path: frozenset[int]) -> list[Value]:
        name, around = text(at.node), function_of(at.node)
        if name in bound:
            return bound[name]
        if around is not None:
            near = [
                item for item in self.program.locals.get((at.source.path, name), ()) if around.start_byte <= item.node.start_byte < around.end_byte
            ]
            parameter = self._parameter(name, around)
            passed = self._passed(around, at.source.folder, parameter, path) if parameter is not None else []
            if parameter is not None or any(_declares(item.node) for item in near):
                return list(dict.fromkeys([*self._all(near, bound, path), *passed]))
            if near:
                return list(
                    dict.fromkeys([*self._all(self.program.globals.get((at.source.folder, name), []), {}, path), *self._all(near, bound, path)])
                )
        return self._all(self.program.globals.get((at.source.folder, name), []), {}, path)

    @staticmethod
    def _parameter(name: str, function: Node) -> int | None:
        return next((index for index, (given, _) in enumerate(parameters(function)) if given == name), None)

    def _passed(self, function: Node, folder: str, position: int, path: frozenset[int]) -> list[Value]:
        """What callers hand in as a parameter."""
        found: list[Expression] = []
        for call in self.program.calls.get(name_of(function), ())[:40]:
            given = arguments(call.node)
            if position < len(given) and _calls_into(call, folder):
                found.append(Expression(given[position], call.source))
        return self._all(found, {}, path)

    def _sum(self, at: Expression, bound: Mapping[str, list[Value]], path: frozenset[int]) -> list[Value]:
        left, right = at.node.child_by_field_name("left"), at.node.child_by_field_name("right")
        if left is None or right is None or text(at.node.child_by_field_name("operator")) != "+":
            return []
        return self._joined(at, [self._resolve(Expression(side, at.source), bound, path) for side in (left, right)])

    @staticmethod
    def _joined(at: Expression, parts: list[list[Value]]) -> list[Value]:
        """Every text that the parts make one after the other, an unknown part being empty; the variables among them as they are."""
        variables = [value for part in parts for value in part if value.env is not None]
        texts = [[value for value in part if value.env is None] or [Value("", at.source.path, line(at.node))] for part in parts]
        made: list[Value] = []
        for chosen in list(product(*texts))[:_MAX_VALUES]:
            where = next((value for value in reversed(chosen) if re.search(r"\d", value.text)), chosen[-1])
            made.append(Value("".join(value.text for value in chosen), where.file, where.line))
        return [*made, *variables]

    # -- calls -----------------------------------------------------------------------------------------------------------------------

    def _call(self, at: Expression, bound: Mapping[str, list[Value]], path: frozenset[int]) -> list[Value]:
        operand, name = callee(at.node)
        given = [Expression(node, at.source) for node in arguments(at.node)]
        if name in ("Getenv", "LookupEnv") and given:
            return [Value("", at.source.path, line(at.node), env=value.text) for value in self._resolve(given[0], bound, path) if value.text]
        if name == "Sprintf" and given:
            return self._format(at, given, bound, path)
        if name == "JoinHostPort" and len(given) == 2:
            colon = [Value(":", at.source.path, line(at.node))]
            return self._joined(at, [self._resolve(given[0], bound, path), colon, self._resolve(given[1], bound, path)])
        if name == "Or" and operand == "cmp":
            return self._all(given, bound, path)
        if name.removesuffix("P") in FLAG_KINDS and len(given) >= 3:
            flag = flag_of(at)
            return self._key((flag.name,), bound, path) if flag is not None else []
        if len(given) == 1 and (key := literal(given[0].node)) and re.match(r"Get|MustGet|String$|Int$|Uint|Path|Value$|Key$", name):
            found = self._key(tuple(re.split(r"[.:]", key)), bound, path)
            if found:
                return found
        named = [value for item in given if (value := literal(item.node)) and VARIABLE.fullmatch(value)]
        if len(named) == 1 and any(item.node.type == "unary_expression" for item in given) and self._reads_environment(name):
            return [Value("", at.source.path, line(at.node), env=named[0])]
        inlined = self._inlined(name, operand, given, at, bound, path)
        if inlined:
            return inlined
        return self._resolve(given[0], bound, path) if given and name in _FIRST_ARGUMENT else []

    def _reads_environment(self, name: str) -> bool:
        return any(re.search(r"\b(Getenv|LookupEnv)\(", text(item.node)) for item in self.program.functions.get(name, ()))

    def _format(self, at: Expression, given: list[Expression], bound: Mapping[str, list[Value]], path: frozenset[int]) -> list[Value]:
        form = literal(given[0].node) or next((value.text for value in self._resolve(given[0], bound, path) if value.env is None), "")
        parts: list[list[Value]] = []
        rest = iter(given[1:])
        for piece in re.split(r"(%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z])", form):
            if piece.startswith("%") and len(piece) > 1:
                argument = next(rest, None)
                parts.append(self._resolve(argument, bound, path) if argument is not None else [])
            else:
                parts.append([Value(piece, at.source.path, line(at.node))])
        return self._joined(at, parts)

    def _inlined(
        self, name: str, operand: str, given: list[Expression], at: Expression, bound: Mapping[str, list[Value]], path: frozenset[int]
    ) -> list[Value]:
        """What a function of the program returns for these arguments."""
        found: list[Value] = []
        candidates = self.program.functions.get(name, ())
        if not operand:
            candidates = [item for item in candidates if item.source.folder == at.source.folder]
        for function in candidates if len(candidates) <= 4 else ():
            if function.node.end_byte - function.node.start_byte > _MAX_BODY:
                continue
            names = [parameter for parameter, _ in parameters(function.node)]
            inner = {parameter: self._resolve(value, bound, path) for parameter, value in zip(names, given, strict=False)}
            results = [Expression(node, function.source) for node in returned(function.node, at.result)]
            found.extend(self._all(results, inner, path))
        return list(dict.fromkeys(found))

    # -- names that configuration fills ------------------------------------------------------------------------------------------------

    def _selector(self, at: Expression, bound: Mapping[str, list[Value]], path: frozenset[int]) -> list[Value]:
        operand, name = text(at.node.child_by_field_name("operand")), text(at.node.child_by_field_name("field"))
        target = at.source.imports.get(operand)
        if target is not None:
            folders = {source.folder for source in self.program.sources if source.folder and target.endswith("/" + source.folder.rpartition("/")[2])}
            return [value for folder in sorted(folders) for value in self._all(self.program.globals.get((folder, name), []), {}, path)]
        hint = operand + " " + declared_type(operand.partition(".")[0], at.node)
        given = [item for item in self.program.fields.get(name, []) if self.program.reached(item)]
        if operand.isidentifier() and (kind := declared_type(operand.partition(".")[0], at.node)) and "." not in kind:
            given = [item for item in given if item.source.folder == at.source.folder] or given
        tags = self.program.tags.get(name, [])
        tags = [tag for tag in tags if tag.source.folder == at.source.folder] or tags
        owners = [item.owner for item in given] + [".".join(tag.owners) for tag in tags]
        chosen = _related(hint, owners)
        values = self._all([item for item in given if item.owner in chosen], {}, path)
        for tag in tags:
            if ".".join(tag.owners) in chosen:
                values += self._tagged(tag, hint, bound, path)
        if not tags:
            parents = tuple(word for word in re.split(r"\W+", operand) if word)
            values = [*self._from_files((name,), parents, strict=bool(values)), *values]
        return list(dict.fromkeys(values))

    def _tagged(self, item: Field, hint: str, bound: Mapping[str, list[Value]], path: frozenset[int]) -> list[Value]:
        tags = dict(TAG.findall(item.tag))
        found: list[Value] = []
        env = env_tag(item, self.index.prefix(item))
        default = tags.get("default", env.default if env else None)
        if default:
            found.append(Value(default, item.source.path, item.line))
        if env:
            found.append(Value("", item.source.path, item.line, env=env.name))
        key = next((name for tag in _KEY_TAGS if (name := tags.get(tag, "").partition(",")[0]) and name != "-"), item.name)
        parents = (*item.owners[1:], *(word for word in re.split(r"\W+", hint) if word), *item.owners[:1])
        return found + self._key((key,), bound, path, parents=parents)

    def _key(self, key: tuple[str, ...], bound: Mapping[str, list[Value]], path: frozenset[int], *, parents: tuple[str, ...] = ()) -> list[Value]:
        """The default of a configuration key: a flag, a default set in code, a loaded file; and the variable that overrides it."""
        name = ".".join(key)
        found = list(self._from_files(key, parents))
        flag = self.program.flags.get(name)
        if flag is not None and flag.default is not None:
            found += self._resolve(flag.default, bound, path)
        for declared in (name, *(f"{parent}.{name}" for parent in parents)):
            found += self._all(self.index.defaults.get(declared.lower(), []), {}, path)
        variable = self.index.variable(name) if not parents or self.index.unmarshals else None
        if variable and (found or name.isupper()):
            found.append(Value("", self.program.sources[0].path, None, env=variable))
        return found

    def _from_files(self, key: tuple[str, ...], parents: tuple[str, ...], *, strict: bool = False) -> Iterator[Value]:
        """Values of loaded files; `strict`: only those whose section one of `parents` names."""
        wanted = tuple(plain(part) for part in key)
        around = [plain(parent) for parent in parents if plain(parent)]
        same = [item for item in self.settings if item.key[-len(wanted) :] == wanted]
        close = [item for item in same if len(item.key) > len(wanted) and _near(item.key[-len(wanted) - 1], around)]
        flat = [item for item in same if len(item.key) == len(wanted)]
        if strict:
            flat = same = []
        chosen = close or flat or (same if same and len({item.key for item in same}) == 1 and not _BACKING.search(same[0].key[0]) else [])
        for item in chosen[:1]:
            yield Value(item.value, item.file, item.line)


def returned(function: Node, result: int = 0) -> list[Node]:
    """The value (or another result) of every return statement, those of closures left out."""
    body = function.child_by_field_name("body")
    pending = [body] if body is not None else []
    found: list[Node] = []
    while pending:
        node = pending.pop()
        if node.type == "return_statement":
            values = node.named_children[0].named_children if node.named_children else []
            found.extend(values[result : result + 1])
        elif node.type != "func_literal":
            pending.extend(reversed(node.named_children))
    return found


def _calls_into(call: Expression, folder: str) -> bool:
    """Whether a call can mean a function of the package in `folder`."""
    operand = callee(call.node)[0]
    target = call.source.imports.get(operand)
    if not operand:
        return call.source.folder == folder
    return target is None or not folder or target.endswith("/" + folder.rpartition("/")[2])


def _declares(value: Node) -> bool:
    """Whether a value stands in a declaration, not in an assignment to something declared elsewhere."""
    statement = value.parent.parent if value.parent is not None else None
    return statement is not None and statement.type in ("short_var_declaration", "var_spec", "const_spec")


def _related(hint: str, owners: list[str]) -> set[str]:
    """The owners that a hint such as `cfg.Server` speaks of; else those that are no backing service's."""
    distinct = set(owners)
    words = [plain(word) for word in re.split(r"\W+", hint) if len(plain(word)) > 2]
    close = {owner for owner in distinct if any(_near(word, [plain(part) for part in re.split(r"\W+", owner)]) for word in words)}
    pool = close | {owner for owner in distinct if not re.search(r"\w{3}", owner)} if close else distinct
    return pool if _BACKING.search(hint) else {owner for owner in pool if not _BACKING.search(owner)}


def _near(word: str, others: list[str]) -> bool:
    return any(word in other or other in word for other in others if len(other) > 2)
