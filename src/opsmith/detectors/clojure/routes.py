"""HTTP routes: Compojure's lists, the vectors of Reitit and Bidi, Pedestal's sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.clojure.reader import Form
from opsmith.detectors.clojure.source import Source
from opsmith.detectors.healthpaths import joined

_VERBS = frozenset(("GET", "ANY", "HEAD", "POST", "resources", "undocumented"))
_MARKS = (b'"/', b"GET")


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    file: str
    line: int


def routes(sources: list[Source]) -> list[Route]:
    return [route for source in sources if source.mentions(*_MARKS) for route in _in_file(source)]


def _in_file(source: Source) -> Iterator[Route]:
    pending = [(form, "") for form in reversed(source.forms)]
    while pending:
        form, prefix = pending.pop()
        path = _path(form)
        inner = prefix
        if path is not None:
            yield Route(joined(prefix, path), source.path, form.line)
            inner = joined(prefix, path) if form.kind == "vector" or form.head().rpartition("/")[2] == "context" else prefix
        elif form.kind == "map":
            yield from (
                Route(joined(prefix, key.text), source.path, key.line) for key in form.items[::2] if key.kind == "string" and key.text[:1] == "/"
            )
        pending.extend((item, inner) for item in reversed(form.items))


def _path(form: Form) -> str | None:
    """The path that a route or a group of routes begins with."""
    if form.kind == "vector" and form.items and form.items[0].kind == "string" and form.items[0].text.startswith("/"):
        return form.items[0].text if len(form.items) > 1 and form.items[1].kind != "string" else None
    if form.kind == "list" and len(form.items) > 1 and form.head().rpartition("/")[2] in (*_VERBS, "context"):
        told = form.items[1]
        text = told.items[0].text if told.kind == "vector" and told.items else told.text
        return text if text.startswith("/") else None
    return None
