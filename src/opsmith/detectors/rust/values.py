"""What an expression can be when the program starts: texts, and variables of the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from opsmith.detectors.rust.config import Layers
from opsmith.detectors.rust.declared import told_of
from opsmith.detectors.rust.flow import chain_after, matched, tails
from opsmith.detectors.rust.hints import related, same_function, type_of
from opsmith.detectors.rust.program import Expression, Field, Program
from opsmith.detectors.rust.source import arguments, callee, function_of, literal, name_of, parameters, text

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_VALUES = 12
DEEPEST = 24
MOST_STEPS = 1500
"""For one question: names that mean many things make many ways."""
_THROUGH = frozenset(
    (
        "reference_expression", "try_expression", "await_expression", "parenthesized_expression", "unary_expression", "type_cast_expression",
        "async_block", "unsafe_block", "generic_function",
    )
)  # fmt: skip
_OR = frozenset(("unwrap_or", "unwrap_or_else", "or", "or_else", "map_or", "map_or_else", "get_or_insert_with", "get_or_init", "unwrap_or_default"))
_WRAPPERS = frozenset(
    (
        "Some",
        "Ok",
        "from",
        "new",
        "String",
        "Box",
        "Arc",
        "Cow",
        "from_str",
        "into",
        "leak",
        "Lazy",
        "format",
        "Into",
        "NonZeroU16",
        "call_once",
        "V4",
    )
)
_LOCAL = {"UNSPECIFIED": "0.0.0.0", "LOCALHOST": "127.0.0.1"}  # noqa: S104  # what Rust's constants mean; nothing is bound
READS = frozenset(("var", "var_os"))
_PLACE = re.compile(r"\{([^{}:]*)(?::[^{}]*)?\}")


@dataclass(frozen=True, slots=True)
class Value:
    """A text, or (where `env` is given) whatever that variable holds."""

    text: str
    file: str
    line: int | None
    env: str | None = None


Bound = Mapping[str, list[Value]]


class Resolver:
    def __init__(self, program: Program, layers: Layers) -> None:
        self.program = program
        self.layers = layers
        self._known_values: dict[int, list[Value]] = {}
        self._steps = 0

    def values(self, at: Expression) -> list[Value]:
        self._steps = 0
        return self._resolve(at, {}, ())

    def texts(self, at: Expression) -> list[str]:
        return [value.text for value in self.values(at) if value.env is None]

    def result(self, name: str) -> list[str]:
        """What a function or constant of the program gives."""
        return [value.text for value in self._all(self._known(name), {}, ()) if value.env is None]

    def _all(self, found: Iterable[Expression], bound: Bound, path: tuple[int, ...]) -> list[Value]:
        return list(dict.fromkeys(value for item in found for value in self._resolve(item, bound, path)))[:MOST_VALUES]

    def _resolve(self, at: Expression, bound: Bound, path: tuple[int, ...]) -> list[Value]:
        self._steps += 1
        if at.node.id in path or len(path) > DEEPEST or self._steps > MOST_STEPS:
            return []
        if bound:
            return self._read(at, bound, (*path, at.node.id))
        if at.node.id in self._known_values:
            return self._known_values[at.node.id]
        found = self._read(at, bound, (*path, at.node.id))
        if self._steps <= MOST_STEPS:  # else it was cut short
            self._known_values[at.node.id] = found
        return found

    def _read(self, at: Expression, bound: Bound, path: tuple[int, ...]) -> list[Value]:
        node = at.node
        told = literal(node)
        if told is not None:
            return [Value(told, at.source.path, at.line)]
        if node.type in _THROUGH:
            inner = node.named_children[-1 if node.type in ("reference_expression", "unary_expression") else 0] if node.named_children else None
            return self._resolve(Expression(inner, at.source), bound, path) if inner is not None else []
        match node.type:
            case "identifier" | "scoped_identifier":
                return self._name(at, bound, path)
            case "field_expression":
                return self._member(at, path)
            case "call_expression":
                return self._call(at, bound, path)
            case "macro_invocation":
                return self._macro(at, bound, path)
            case "tuple_expression" | "array_expression":
                return self._sequence(at, bound, path)
            case "closure_expression":
                body = node.child_by_field_name("body")
                return self._resolve(Expression(body, at.source), bound, path) if body is not None else []
            case "block" | "if_expression" | "match_expression" | "function_item" | "expression_statement" | "else_clause":
                return self._all((Expression(tail, at.source) for tail in tails(node)), bound, path)
            case "const_item" | "static_item":
                value = node.child_by_field_name("value")
                return self._resolve(Expression(value, at.source), bound, path) if value is not None else []
            case _:
                return []

    # -- names -----------------------------------------------------------------------------------------------------------------------

    def _name(self, at: Expression, bound: Bound, path: tuple[int, ...]) -> list[Value]:
        name = text(at.node).rpartition("::")[2]
        if name in bound:
            return bound[name]
        if name in _LOCAL:
            return [Value(_LOCAL[name], at.source.path, at.line)]
        local = self._local(name, at) if at.node.type == "identifier" else None
        if local is not None:
            return self._resolve(local, bound, path)
        constants = self.program.constants.get(name, [])
        near = [item for item in constants if item.source.path == at.source.path] or constants
        if near:
            return self._all(near[:3], {}, path)
        return self._parameter(name, at, path)

    def _local(self, name: str, at: Expression) -> Expression | None:
        """The last `let` before this place in the same function; or what a pattern around this place has taken apart."""
        taken = matched(name, at)
        if taken is not None:
            return taken
        function = function_of(at.node)
        within = (function.start_byte, function.end_byte) if function is not None else (0, len(at.source.data))
        before = [
            item
            for item in self.program.lets.get((at.source.path, name), [])
            if (item.source is at.source and within[0] <= item.node.start_byte and item.node.end_byte <= at.node.start_byte < within[1])
            or (item.source is not at.source and item.line <= at.line and same_function(item, at))
        ]
        value = before[-1].node.child_by_field_name("value") if before else None
        return Expression(value, before[-1].source) if value is not None else None

    def _parameter(self, name: str, at: Expression, path: tuple[int, ...]) -> list[Value]:
        """What callers hand in."""
        function = function_of(at.node)
        names = [given for given, _ in parameters(function)] if function is not None else []
        if function is None or name not in names:
            return []
        position = names.index(name)
        found: list[Expression] = []
        for call in self.program.callers(name_of(function))[:20]:
            given = arguments(call.node)
            if position < len(given) and len(given) == len(names):
                found.append(Expression(given[position], call.source))
        return self._all(found, {}, path)

    def _member(self, at: Expression, path: tuple[int, ...]) -> list[Value]:
        """What a field holds: attributes of its declaration, struct expressions, configuration files."""
        operand, name = text(at.node.child_by_field_name("value")), text(at.node.child_by_field_name("field"))
        if name.isdigit():
            return []
        words = tuple(word for word in re.split(r"\W+", re.sub(r"\([^()]*\)", "", operand)) if word and word not in ("self", "clone", "as_ref"))
        hint = " ".join((*words, type_of(words[0] if words else "self", at)))
        declared = related(hint, self.program.fields.get(name, []))
        found: list[Value] = []
        for item in declared:
            found += self._declared(item, path)
        chosen = {item.owner for item in declared}
        given = [item for item in self.program.given.get(name, []) if not chosen or item.owner in chosen or not item.owner[:1].isupper()]
        found += self._all(given[:10], {}, path)
        found += [Value(item.value, item.file, item.line, item.env) for item in self.layers.lookup((*words, name))]
        return list(dict.fromkeys(found))

    def _declared(self, item: Field, path: tuple[int, ...]) -> list[Value]:
        found: list[Value] = []
        for told in told_of(item, self.program):
            if told.env is not None:
                found.append(Value("", told.file, told.line, told.env))
            elif told.text is not None:
                found.append(Value(told.text, told.file, told.line))
            elif told.function is not None:
                found += self._all(self._known(told.function), {}, path)
        return found

    def _known(self, name: str) -> list[Expression]:
        last = name.rpartition("::")[2]
        return [*self.program.functions.get(last, [])[:3], *self.program.constants.get(last, [])[:1]]

    # -- calls -----------------------------------------------------------------------------------------------------------------------

    def _call(self, at: Expression, bound: Bound, path: tuple[int, ...]) -> list[Value]:
        receiver, _, name = callee(at.node)
        given = [Expression(node, at.source) for node in arguments(at.node)]
        if name in READS and receiver is None and len(given) == 1:
            return [Value("", at.source.path, at.line, env=value.text) for value in self._resolve(given[0], bound, path) if value.text]
        if receiver is not None:
            return self._method(at, receiver, name, given, bound, path)
        if name in ("new", "from") and len(given) >= 2:
            return self._joined(at, [self._resolve(item, bound, path) for item in given], "." if len(given) == 4 else ":")
        inlined = self._inlined(name, given, bound, path)
        if inlined:
            return inlined
        return self._resolve(given[0], bound, path) if given and name in _WRAPPERS else []

    def _method(self, at: Expression, receiver: Node, name: str, given: list[Expression], bound: Bound, path: tuple[int, ...]) -> list[Value]:
        if name == "get_one" or (name.startswith(("get", "value_of")) and len(given) == 1):
            found = self._key(given, bound, path)
            if found:
                return found
        own = self.program.functions.get(name, [])
        if own and len(own) <= 3 and name not in ("parse", "into", "from", "clone"):
            found = self._inlined(name, given, bound, path)
            if found:
                return found
        inner = self._resolve(Expression(receiver, at.source), bound, path)
        others = [value for item in given for value in self._resolve(item, bound, path)] if name in _OR else []
        return list(dict.fromkeys((*inner, *others)))

    def _key(self, given: list[Expression], bound: Bound, path: tuple[int, ...]) -> list[Value]:
        """`settings.get("server.port")`, `matches.get_one("port")`."""
        for key in (value.text for item in given for value in self._resolve(item, bound, path) if value.env is None):
            found = [Value(item.value, item.file, item.line, item.env) for item in self.layers.lookup(tuple(re.split(r"[.:]", key)))]
            return [*found, *self._argument(key, path)]
        return []

    def _argument(self, name: str, path: tuple[int, ...]) -> list[Value]:
        """Default and variable of a clap argument that is built by calls."""
        for call in self.program.called("new", "with_name"):
            first = next(iter(arguments(call.node)), None)
            if literal(first) == name and callee(call.node)[1].endswith("Arg"):
                return [value for node, method in chain_after(call.node) for value in self._builder(Expression(node, call.source), method, path)]
        return []

    def _builder(self, at: Expression, method: str, path: tuple[int, ...]) -> list[Value]:
        given = [Expression(node, at.source) for node in arguments(at.node)]
        if method in ("default_value", "default_value_t"):
            return self._all(given[:1], {}, path)
        return [Value("", at.source.path, at.line, env=value.text) for value in self._all(given[:1], {}, path)] if method == "env" else []

    def _inlined(self, name: str, given: list[Expression], bound: Bound, path: tuple[int, ...]) -> list[Value]:
        """What a function of the program returns for these arguments."""
        candidates = self.program.functions.get(name, [])
        found: list[Value] = []
        for function in candidates if len(candidates) <= 4 else ():
            names = [parameter for parameter, _ in parameters(function.node)]
            inner = {parameter: self._resolve(value, bound, path) for parameter, value in zip(names, given, strict=False)}
            found += self._all((Expression(tail, function.source) for tail in tails(function.node)), inner, path)
        return list(dict.fromkeys(found))

    # -- texts made of parts ---------------------------------------------------------------------------------------------------------

    def _macro(self, at: Expression, bound: Bound, path: tuple[int, ...]) -> list[Value]:
        name = text(at.node.child_by_field_name("macro")).rpartition("::")[2]
        body = at.source.body(at.node) if name in ("format", "concat", "env", "option_env", "vec") else None
        call = next(iter(body.syntax("call")), None) if body is not None else None
        if body is None or call is None or name in ("env", "option_env"):
            return []
        given = [Expression(node, body) for node in arguments(call)]
        if name in ("concat", "vec"):
            return self._joined(at, [self._resolve(item, bound, path) for item in given], "")
        return self._format(at, given, bound, path)

    def _format(self, at: Expression, given: list[Expression], bound: Bound, path: tuple[int, ...]) -> list[Value]:
        form = literal(given[0].node) if given else None
        rest = iter(item for item in given[1:] if item.node.type != "assignment_expression")
        named = {text(item.node.child_by_field_name("left")): item for item in given[1:] if item.node.type == "assignment_expression"}
        parts: list[list[Value]] = []
        for index, piece in enumerate(_PLACE.split(form or "")):
            if index % 2 == 0:
                parts.append([Value(piece, at.source.path, at.line)])
            elif piece in named:
                value = named[piece].node.child_by_field_name("right")
                parts.append(self._resolve(Expression(value, named[piece].source), bound, path) if value is not None else [])
            elif piece and not piece.isdigit():
                parts.append(self._inline_name(piece, at, bound, path))
            else:
                argument = next(rest, None)
                parts.append(self._resolve(argument, bound, path) if argument is not None else [])
        return self._joined(at, parts, "")

    def _inline_name(self, name: str, at: Expression, bound: Bound, path: tuple[int, ...]) -> list[Value]:
        """`{port}` in a format string."""
        if name in bound:
            return bound[name]
        local = self._local(name, at)
        if local is not None:
            return self._resolve(local, bound, path)
        constants = self.program.constants.get(name, [])
        return self._all(constants[:3], {}, path) if constants else self._parameter(name, at, path)

    def _sequence(self, at: Expression, bound: Bound, path: tuple[int, ...]) -> list[Value]:
        """A host and a port; or the numbers of an address."""
        parts = [self._resolve(Expression(node, at.source), bound, path) for node in at.node.named_children[:16] if not node.type.endswith("comment")]
        return self._joined(at, parts, ":" if at.node.type == "tuple_expression" or len(parts) == 8 else ".")

    def _joined(self, at: Expression, parts: list[list[Value]], between: str) -> list[Value]:
        """Every text that the parts make one after the other, an unknown part being empty; the variables among them as they are."""
        variables = [value for part in parts for value in part if value.env is not None]
        texts = [[value for value in part if value.env is None][:4] or [Value("", at.source.path, at.line)] for part in parts]
        made: list[Value] = []
        for chosen in _first(product(*texts)):
            where = next((value for value in reversed(chosen) if re.search(r"\d", value.text)), chosen[-1]) if chosen else None
            if where is not None:
                made.append(Value(between.join(value.text for value in chosen), where.file, where.line))
        return [*made, *variables]


def _first(combinations: Iterable[tuple[Value, ...]]) -> Iterator[tuple[Value, ...]]:
    for count, chosen in enumerate(combinations):
        if count >= MOST_VALUES:
            return
        yield chosen
