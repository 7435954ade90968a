"""Clojure files of a project: read once, and only where bytes say that it can matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from opsmith.detectors.clojure.reader import EdnError, Form, read, walk
from opsmith.repo import Repo

LARGEST = 400_000
_NAMESPACE = re.compile(rb"^\(ns\s+(?:\^\S{1,60}\s+)*([A-Za-z][\w.*+!?<>=-]*)", re.MULTILINE)
_LEFT_OUT = frozenset(("test", "tests", "target", "dev", "node_modules", "it", "spec", "checkouts", "fixtures", "test-resources", "dev-resources",
                       "development", "examples", "bench"))  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    path: str
    data: bytes
    repo: Repo
    _forms: list[tuple[Form, ...]] = field(default_factory=list[tuple[Form, ...]])
    _bound: list[Mapping[str, Form]] = field(default_factory=list[Mapping[str, Form]])

    def mentions(self, *words: bytes) -> bool:
        return any(word in self.data for word in words)

    @property
    def forms(self) -> tuple[Form, ...]:
        """None when the file is broken, which is told."""
        if not self._forms:
            self._forms.append(tuple(forms(self.repo, self.path, manifest=False)))
        return self._forms[0]

    def bound(self, name: str) -> Form | None:
        """What `(def name ...)` or `[name ...]` of a let binds."""
        if not self._bound:
            self._bound.append(_bound(self.forms))
        return self._bound[0].get(name)

    @property
    def namespace(self) -> str:
        """Of the form at the top; the rest of the file is not read for it."""
        match = _NAMESPACE.search(self.data, 0, 20_000)
        return match[1].decode() if match else ""


def sources(repo: Repo, folders: tuple[str, ...], nested: tuple[str, ...], shared: dict[str, Source]) -> list[Source]:
    """Product code below the folders of a project; `shared` keeps what several projects read."""
    found: dict[str, Source] = {}
    for folder in folders:
        for path in repo.under(folder, ".clj", ".cljc"):
            inside = path[len(folder) :].lstrip("/").split("/")
            if path not in found and len(inside) > 1 and not _LEFT_OUT & set(inside[:-1]) and not path.startswith(nested):
                data = repo.bytes(path)
                if data and len(data) <= LARGEST:
                    found[path] = shared.setdefault(path, Source(path, data, repo))
    return list(found.values())


def configs(repo: Repo, folders: tuple[str, ...], nested: tuple[str, ...]) -> list[Source]:
    """EDN that production reads: those of resources and config folders, and config.edn."""
    found: dict[str, Source] = {}
    for folder in folders:
        for path in repo.under(folder, ".edn"):
            inside = path[len(folder) :].lstrip("/").split("/")
            if (
                not _LEFT_OUT & set(inside[:-1])
                and not path.startswith(nested)
                and _is_config(inside)
                and len(data := repo.bytes(path) or b"") <= LARGEST
            ):
                found[path] = Source(path, data, repo)
    return list(found.values())


def _is_config(inside: list[str]) -> bool:
    name = inside[-1]
    if name.startswith(".") or name in ("deps.edn", "shadow-cljs.edn", "tests.edn", "bb.edn", "workspace.edn") or "migrations" in inside:
        return False
    speaks = any(word in name for word in ("config", "system", "settings", "env", "prod", "base", "secrets", "app"))
    return speaks and (len(inside) == 1 or bool({"resources", "config", "conf", "env"} & set(inside[:-1])) or "config" in name)


def forms(repo: Repo, path: str, *, manifest: bool) -> list[Form]:
    """The forms of a file; a broken one has none and is told as a problem."""
    text = repo.read(path)
    if text is None:
        return []
    try:
        return read(text)
    except EdnError as error:
        repo.problem(path, f"broken {'EDN' if path.endswith('.edn') else 'Clojure'}: {error}", line=error.lineno, manifest=manifest)
        return []


def _bound(found: tuple[Form, ...]) -> Mapping[str, Form]:
    result: dict[str, Form] = {}
    for form in walk(*found):
        if form.head() in ("def", "defonce", "def-", "defstate") and len(form.items) > 2:
            result.setdefault(form.items[1].text, form.items[-1])
        elif form.head() in ("let", "when-let", "if-let", "let*") and len(form.items) > 1 and form.items[1].kind == "vector":
            pairs = form.items[1].items
            for name, value in zip(pairs[::2], pairs[1::2], strict=False):
                if name.kind == "symbol":
                    result.setdefault(name.text, value)
    return result
