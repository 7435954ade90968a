"""What a Gemfile and its lock file say: gems with their groups, the versions that are locked, the Ruby that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from opsmith.detectors.paths import join
from opsmith.detectors.ruby.syntax import Source, ancestors, arguments, literal, method, options, receiver, shown, text, values
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

_FILES = (("Gemfile", "Gemfile.lock"), ("gems.rb", "gems.locked"))
NOT_PRODUCTION = frozenset(
    (
        "development", "test", "dev", "ci", "cucumber", "lint", "linting", "rubocop", "docs", "doc", "deploy", "local", "guard", "tools",
        "capistrano", "debug", "profile", "benchmark", "release", "tooling", "optional", "quality", "types", "sorbet", "documentation", "testing",
    )
)  # fmt: skip
_LOCKED = re.compile(r"^ {4}(\S+) \(([^)]+)\)$")
_NEEDED = re.compile(r"^ {6}(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gem:
    name: str
    requirement: str | None
    groups: frozenset[str]
    path: str | None
    evidence: Evidence

    @property
    def in_production(self) -> bool:
        return not self.groups or not self.groups <= NOT_PRODUCTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """`locked` are versions by gem; `needs` what each locked gem depends on; `ruby` the versions that are asked for, with where."""

    folder: str
    file: str
    lock: str | None
    gems: Mapping[str, Gem]
    locked: Mapping[str, str]
    needs: Mapping[str, tuple[str, ...]]
    ruby: tuple[tuple[str, Evidence], ...]
    has_gemspec: bool
    insists: bool = False
    """Whether the Gemfile itself asks for a version of Ruby, so that Bundler refuses another."""
    platforms: tuple[str, ...] = ()
    """What the lock file was made for; () where there is none."""
    _closure: list[frozenset[str]] = field(default_factory=list[frozenset[str]])

    def gem(self, *names: str) -> Gem | None:
        """The first of `names` that the Gemfile lists for production."""
        return next((gem for name in names if (gem := self.gems.get(name)) is not None and gem.in_production), None)

    def lists(self, *names: str) -> bool:
        """Whether one of `names` is listed, for development and tests too."""
        return any(name in self.gems for name in names)

    def version(self, name: str) -> tuple[int, ...]:
        """Of a gem, as locked or else as required; () when nobody says."""
        listed = self.gems.get(name)
        told = self.locked.get(name) or (listed.requirement if listed else None) or ""
        return tuple(int(part) for part in re.findall(r"\d{1,6}", told)[:3])

    @property
    def production(self) -> frozenset[str]:
        """Every gem that production installs: those listed, and what they depend on."""
        if not self._closure:
            pending, found = [name for name, gem in self.gems.items() if gem.in_production], set[str]()
            while pending:
                name = pending.pop()
                if name not in found:
                    found.add(name)
                    pending.extend(self.needs.get(name, ()))
            self._closure.append(frozenset(found))
        return self._closure[0]


def read_bundle(repo: Repo, folder: str) -> Bundle | None:
    """The bundle in `folder`; None where there is no Gemfile or it cannot be read."""
    for name, lock in _FILES:
        file = join(folder, name)
        if repo.has(file) and (written := repo.read(file)) is not None:
            return _bundle(repo, folder, Source(file, written.encode()), join(folder, lock))
    return None


def _bundle(repo: Repo, folder: str, source: Source, lock: str) -> Bundle:
    gems = {gem.name: gem for call in source.calls("gem") if (gem := _gem(source, call)) is not None}
    if not gems and source.nodes("call") == [] and re.search(rb"^\s*gem\b", source.data, re.MULTILINE):
        repo.problem(source.path, "broken Ruby: no gem can be read", manifest=True)
    has_gemspec = bool(re.search(rb"^[ \t]*gemspec\b", source.data, re.MULTILINE))
    if has_gemspec:
        gems = {**{gem.name: gem for gem in _specified(repo, folder)}, **gems}
    rows = (repo.read(lock) or "").splitlines() if repo.has(lock) else []
    return Bundle(
        folder=folder,
        file=source.path,
        lock=lock if repo.has(lock) else None,
        gems=gems,
        locked=_locked(rows),
        needs=_needs(rows),
        ruby=(*_asked(repo, folder, source), *_locked_ruby(lock, rows)),
        has_gemspec=has_gemspec,
        insists=bool(source.calls("ruby")),
        platforms=_platforms(rows),
    )


def _gem(source: Source, call: Node) -> Gem | None:
    given, named = arguments(call), options(call)
    name = literal(given[0]) if given else None
    if not name or receiver(call):
        return None
    own = {value for key in ("group", "groups") for value in values(named.get(key))}
    around = {
        value for outer in ancestors(call) if outer.type == "call" and method(outer) == "group" for node in arguments(outer) for value in values(node)
    }
    asked = [value for node in given[1:] for value in values(node)]
    return Gem(
        name=name,
        requirement=", ".join(asked) or None,
        groups=frozenset(own | around),
        path=literal(named.get("path")),
        evidence=Evidence(file=source.path, line=source.line(call), shows=shown(call), confidence=0.95),
    )


def _specified(repo: Repo, folder: str) -> Iterator[Gem]:
    """The dependencies at run time that a gemspec in the folder declares."""
    for name in repo.folder(folder):
        file = join(folder, name)
        written = repo.read(file) if name.endswith(".gemspec") else None
        source = Source(file, (written or "").encode())
        for call in source.calls("add_dependency", "add_runtime_dependency") if written else ():
            given = [literal(node) for node in arguments(call)]
            if given and given[0]:
                shows = Evidence(file=file, line=source.line(call), shows=shown(call), confidence=0.9)
                yield Gem(name=given[0], requirement=", ".join(filter(None, given[1:])) or None, groups=frozenset(), path=None, evidence=shows)


def _locked(rows: Iterable[str]) -> dict[str, str]:
    """The version of each gem; the build for Linux where there is one."""
    found: dict[str, str] = {}
    for row in rows:
        match = _LOCKED.match(row)
        if match is not None and "-linux" not in found.get(match[1], ""):
            found[match[1]] = match[2]
    return found


def _platforms(rows: list[str]) -> tuple[str, ...]:
    start = rows.index("PLATFORMS") + 1 if "PLATFORMS" in rows else len(rows)
    return tuple(row.strip() for row in takewhile(str.strip, rows[start:]))


def _needs(rows: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    current = ""
    for row in rows:
        if match := _LOCKED.match(row):
            current = match[1]
            found.setdefault(current, ())
        elif current and (match := _NEEDED.match(row)):
            found[current] = (*found[current], match[1].rstrip("!"))
        elif not row.startswith(" "):
            current = ""
    return found


def _asked(repo: Repo, folder: str, source: Source) -> Iterator[tuple[str, Evidence]]:
    """The `ruby` line; a file that it names is read by versions.py."""
    for call in source.calls("ruby"):
        asked = [value for node in arguments(call) for value in values(node)]
        named = literal(options(call).get("file")) or (".ruby-version" if "ruby-version" in text(call) else None)
        if not asked and named and named not in (".ruby-version", ".tool-versions"):
            asked = [(repo.read(join(folder, named)) or "").strip().removeprefix("ruby-")[:40]]
        if asked and asked[0]:
            yield ", ".join(asked), Evidence(file=source.path, line=source.line(call), shows=shown(call), confidence=0.95)


def _locked_ruby(lock: str, rows: list[str]) -> Iterator[tuple[str, Evidence]]:
    for number, row in enumerate(rows, start=1):
        if row == "RUBY VERSION" and number < len(rows):
            match = re.match(r"\s+ruby (\d+(?:\.\d+)*)", rows[number])
            if match:
                yield match[1], Evidence(file=lock, line=number + 1, shows=rows[number].strip(), confidence=0.9)
