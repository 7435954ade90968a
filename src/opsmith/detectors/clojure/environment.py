"""Environment variables: which are read, which must be set, what is taken without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from opsmith.detectors.clojure.reader import Form, plain, walk
from opsmith.detectors.clojure.source import Source
from opsmith.detectors.clojure.values import variable_of
from opsmith.detectors.services import is_secret
from opsmith.model.survey import BackingService, EnvVar, Evidence

_MARKS = (b"getenv", b"environ", b"[env]", b"#env", b"/env", b"config.core", b"get-env", b"cprop")
_NO_NEED = frozenset(("HOME", "USER", "PATH", "PWD"))
_ADDRESS = ("URL", "URI", "HOST", "DSN", "PASSWORD", "USER", "USERNAME", "SERVER", "SERVERS", "BROKERS", "DBNAME")


@dataclass(frozen=True, slots=True)
class Read:
    name: str
    required: bool
    default: str | None
    file: str
    line: int


def reads(sources: list[Source]) -> list[Read]:
    """One for each variable; where several places read it, one that needs it counts, then one that has a default."""
    best: dict[str, Read] = {}
    for source in sources:
        for item in _in_file(source) if source.mentions(*_MARKS) else ():
            known = best.get(item.name)
            if known is None or (item.required, item.default is not None) > (known.required, known.default is not None):
                best[item.name] = item
    return [best[name] for name in sorted(best) if name not in _NO_NEED]


def variables(found: list[Read], services: tuple[BackingService, ...]) -> tuple[EnvVar, ...]:
    """With those needed that carry, without a default, the address of a service that is needed."""
    addresses = {name for service in services if not service.optional for name in service.env if name.rpartition("_")[2] in _ADDRESS}
    return tuple(
        EnvVar(
            name=item.name,
            required=item.required or (item.default is None and item.name in addresses),
            secret=is_secret(item.name, item.default),
            default=item.default,
        )
        for item in found
    )


def evidence(found: list[Read]) -> tuple[Evidence, ...]:
    return tuple(Evidence(file=item.file, line=item.line, shows=item.name, confidence=0.9) for item in found)


def _in_file(source: Source) -> Iterator[Read]:
    pending: list[tuple[Form, Form | None]] = [(form, None) for form in reversed(source.forms)]
    while pending:
        form, choice = pending.pop()
        name = variable_of(form, source)
        if name is not None:
            default = _own_default(form) or _default(choice, form)
            yield Read(name, default is None and _raises(choice), default, source.path, form.line)
        through = form.kind == "tagged" or (form.kind == "list" and len(form.items) <= 2) or (choice is not None and choice.items[0] is form)
        inner = form if _chooses(form) else choice if through else None
        pending.extend((item, inner) for item in reversed(form.items))


def _chooses(form: Form) -> bool:
    """`(or x default)`, `#or [x default]`."""
    return (
        form.head() == "or" or (form.kind == "tagged" and form.text == "or") or (form.kind == "list" and form.head() in ("get", "some->", "if-let"))
    )


def _own_default(form: Form) -> str | None:
    """`(env :port 3000)`, `(get env :port 3000)`, `#duct/env ["PORT" Int :or 3000]`."""
    items = form.items[0].items if form.kind == "tagged" and form.items[0].kind == "vector" else form.items
    if form.kind == "tagged":
        return next((plain(value) for key, value in pairwise(items) if key.text == ":or"), None)
    rest = items[3:] if form.head() == "get" else items[2:]
    return rest[0].text if rest and rest[0].kind in ("number", "string") else None


def _default(choice: Form | None, form: Form) -> str | None:
    if choice is None or choice.head() in ("get", "some->", "if-let"):
        return None
    items = choice.items[0].items if choice.kind == "tagged" else choice.items[1:]
    behind = [item for item in items if item.kind in ("string", "number") and item.line >= form.line]
    return behind[-1].text if behind else None


def _raises(choice: Form | None) -> bool:
    return choice is not None and any(form.head() in ("throw", "System/exit", "assert") for form in walk(choice))
