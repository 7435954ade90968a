"""What a form may come to: numbers and texts in it, and the environment variables that decide, through names and configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from opsmith.detectors.clojure.reader import Form, plain, table
from opsmith.detectors.clojure.source import Source

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_TAGS = frozenset(("env", "duct/env", "envf", "system/env", "config/env"))
_DEEP = 6
_MOST = 200
_STEPS = 4000
"""Names that stand for names that stand for names multiply."""
_PASSED = frozenset(("or", "if", "if-let", "when", "some->", "->", "->>", "some-", "parse-long", "parse-int", "str", "do", "int", "long", "get-port"))


@dataclass(frozen=True, slots=True)
class Value:
    """Either a text, or the name of an environment variable."""

    text: str
    env: str | None
    file: str
    line: int

    @property
    def port(self) -> int | None:
        number = int(self.text) if self.env is None and self.text.isascii() and self.text.isdigit() and len(self.text) < 6 else 0
        return number if 0 < number < 65536 else None


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A value of a configuration file by the names of its keys, without colons: ("server", "port")."""

    path: tuple[str, ...]
    form: Form
    source: Source


def settings(configs: list[Source]) -> list[Setting]:
    return [item for config in configs for form in config.forms for item in _flat((), form, config)]


def _flat(path: tuple[str, ...], form: Form, source: Source) -> Iterator[Setting]:
    pending = [(path, form)]
    while pending:
        at, inner = pending.pop()
        if at:
            yield Setting(at, inner, source)
        inner = _profile(inner)
        if len(at) < 8:
            pending.extend(((*at, key.lstrip(":")), value) for key, value in reversed(list(table(inner).items())))


def _profile(form: Form) -> Form:
    """The branch of aero's `#profile` that production takes, and what other tags stand before."""
    if form.kind == "tagged" and form.text == "profile":
        branches = table(form.items[0])
        return next((branches[name] for name in (":prod", ":production", ":default") if name in branches), form.items[0])
    if form.kind == "tagged" and form.text in ("ig/ref", "ref", "ig/refset"):
        return Form("symbol", "", form.line)
    return form.items[0] if form.kind == "tagged" and form.text in ("merge", "ig/profile", "duct/include") else form


class Values:
    """`overridden`: cprop puts environment variables over the keys of configuration (`PORT`, `DATABASE__URL`)."""

    def __init__(self, found: list[Setting], *, overridden: bool) -> None:
        self.settings = found
        self.overridden = overridden
        self._steps = 0

    def of_setting(self, item: Setting) -> list[Value]:
        found = self.of(item.form, item.source)
        if self.overridden and found and all(value.env is None for value in found):
            name = "__".join(item.path).replace("-", "_").upper()
            return [*found, Value("", name, item.source.path, item.form.line)]
        return found

    def of(self, form: Form, source: Source) -> list[Value]:
        """Everything that the form mentions, in the order of the text, as far as _STEPS."""
        self._steps = 0
        return list(islice(self._of(form, source, 0), _MOST))

    def _of(self, form: Form, source: Source, depth: int) -> Iterator[Value]:
        self._steps += 1
        if depth > _DEEP or self._steps > _STEPS:
            return
        variable = variable_of(form, source)
        if variable is not None:
            yield Value("", variable, source.path, form.line)
        match form.kind:
            case "number" | "string":
                yield Value(form.text, None, source.path, form.line)
            case "symbol":
                bound = source.bound(form.text)
                if bound is not None:
                    yield from self._of(bound, source, depth + 1)
            case "tagged":
                inner = _profile(form)
                if form.text == "ref" and form.items[0].kind == "vector":
                    yield from self.at(tuple(item.text.lstrip(":") for item in form.items[0].items), depth + 1)
                elif inner is not form:
                    yield from self._of(inner, source, depth + 1)
                elif form.text not in _TAGS:
                    yield from self._of(form.items[0], source, depth + 1)
                elif form.items[0].kind == "vector":
                    yield from self._duct(form.items[0], source, depth)
            case "list":
                yield from self._list(form, source, depth)
            case "vector":
                for item in form.items:
                    yield from self._of(item, source, depth + 1)
            case "keyword" | "map" | "set" | "regex" | "char" | "quote":
                return

    def _duct(self, form: Form, source: Source, depth: int) -> Iterator[Value]:
        """`#duct/env ["PORT" Int :or 3000]`."""
        for key, value in pairwise(form.items):
            if key.text == ":or":
                yield from self._of(value, source, depth + 1)

    def _list(self, form: Form, source: Source, depth: int) -> Iterator[Value]:
        path = lookup(form)
        if path:
            yield from self.at(path, depth + 1)
        for item in form.items[1:] if form.head().rpartition("/")[2] not in ("getenv", "env") else form.items[2:]:
            yield from self._of(item, source, depth + 1)

    def at(self, path: tuple[str, ...], depth: int = 0) -> Iterator[Value]:
        """What configuration holds under these last keys; only where one place alone does."""
        found = [item for item in self.settings if item.path[-len(path) :] == path]
        chosen = [item for item in found if item.path == path] or (found if len({item.path for item in found}) == 1 else [])
        for item in chosen[:2]:
            yield from self._of(item.form, item.source, depth + 1)


def lookup(form: Form) -> tuple[str, ...]:
    """The keys that a form takes out of a map: `(:port config)`, `(get-in config [:server :port])`, `(config :port)`, `(-> config :a :b)`."""
    items = form.items
    if len(items) == 2 and items[0].kind == "keyword":
        inner = lookup(items[1]) if items[1].kind == "list" else ()
        return (*inner, items[0].text.lstrip(":"))
    if len(items) >= 2 and items[0].kind == "symbol" and items[1].kind == "keyword" and items[0].text.rpartition("/")[2] != "env":
        return (items[1].text.lstrip(":"),)
    if form.head() in ("get-in", "get", "config/get-in", "->", "some->") and len(items) >= 3:
        keys = items[2].items if items[2].kind == "vector" else items[2:]
        return tuple(key.text.lstrip(":") for key in keys if key.kind == "keyword")
    return ()


def variable_of(form: Form, source: Source) -> str | None:
    """The environment variable that a form reads itself."""
    if form.kind == "tagged" and form.text in _TAGS:
        inner = form.items[0]
        named = plain(inner.items[0]) if inner.kind == "vector" and inner.items else plain(inner)
        return named if named and VARIABLE.fullmatch(named) else None
    if form.kind != "list" or len(form.items) < 2:
        return None
    name = plain(form.items[1])
    if form.head() in ("System/getenv", "java.lang.System/getenv", "getenv", "env/get-env", "get-env") and name and VARIABLE.fullmatch(name):
        return name
    return _environ(form, source)


def _environ(form: Form, source: Source) -> str | None:
    """`(env :database-url)` and `(:database-url env)` of environ and its like, `(get env :x)` too."""
    if not source.mentions(b"environ", b"config.core", b".config", b"[env]", b"cprop", b"env.interface"):
        return None
    first, second = form.items[0], form.items[1]
    key = None
    if first.kind == "symbol" and first.text.rpartition("/")[2] == "env" and second.kind == "keyword":
        key = second
    elif first.kind == "keyword" and second.text in ("env", "environ/env", "environ.core/env"):
        key = first
    elif first.text == "get" and second.text in ("env", "environ/env") and len(form.items) > 2 and form.items[2].kind == "keyword":
        key = form.items[2]
    if key is None:
        return None
    return key.text.lstrip(":").replace("-", "_").replace(".", "_").upper()
