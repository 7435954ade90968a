"""Configuration files that a program loads, as flat keys, and the variables that override them (config, figment)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from opsmith.detectors.rust.flow import chain_after
from opsmith.detectors.rust.manifests import join
from opsmith.detectors.rust.program import Program
from opsmith.detectors.rust.source import arguments, callee, literal
from opsmith.repo import Repo
from opsmith.shapes import is_list, items, table

_SUFFIXES = (".toml", ".yaml", ".yml", ".json")
_FOLDERS = ("", "config", "configuration", "configs", "conf", "settings", "cfg")
_LOADS = (b"File::", b"Toml::", b"Yaml::", b"Json::", b"from_file", b"read_to_string", b"config.", b"include_str!", b"from_toml")
_TEXT = re.compile(rb'"([\w./{}-]{2,80})"')
_NOT_CONFIGURATION = frozenset(("Cargo.toml", "rust-toolchain.toml", "rustfmt.toml", ".rustfmt.toml", "clippy.toml", "deny.toml", "package.json",
                                "cliff.toml", "diesel.toml", "fly.toml", "Trunk.toml", "Dioxus.toml", "mise.toml", "typos.toml"))  # fmt: skip
_ENV_FILES = (".env", ".env.example", ".env.sample", ".env.dist", ".env.template", ".env.default", ".env.dev", ".env.development", ".env.local",
              "env.example", "example.env", "sample.env", "template.env", ".env-sample", ".env_example")  # fmt: skip
_BACKING = re.compile(r"(?i)database|postgres|mysql|redis|mongo|kafka|rabbit|amqp|smtp|email|mail|^db|cache|queue|client|metric|upstream|telemetry")
MOST_FILES = 20
MOST_SETTINGS = 2000


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of a loaded file; where `env` is given, the variable that overrides it instead."""

    key: tuple[str, ...]
    value: str
    file: str
    line: int | None
    env: str | None = None


@dataclass(frozen=True, slots=True)
class Overrides:
    """How the variables are called that override keys: `APP_` before, `__` between the parts."""

    prefix: str
    between: str | None


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


class Layers:
    """The files that the program's code names, and what overrides them."""

    def __init__(self, repo: Repo, program: Program) -> None:
        loads = program.uses(
            "config", "figment", "toml", "serde_yaml", "serde_yml", "serde_json", "confy", "rocket", "basic-toml", "twelf", "confique"
        )
        self.settings = tuple(item for path in _loaded(repo, program) for item in _read(repo, path)) if loads else ()
        self.overrides = next(_overrides(program), None)

    def lookup(self, words: tuple[str, ...]) -> Iterator[Setting]:
        """The value that `settings.application.port` has in the first file that sets it, and its variable."""
        wanted, around = plain(words[-1]), [plain(word) for word in words[:-1] if len(word) > 2]
        same = [item for item in self.settings if plain(item.key[-1]) == wanted]
        close = [item for item in same if len(item.key) > 1 and any(_near(plain(item.key[-2]), word) for word in around)]
        flat = [item for item in same if len(item.key) == 1]
        lone = same if len({item.key for item in same}) == 1 and not any(_BACKING.search(part) for part in same[0].key) else []
        for item in (close or flat or lone)[:1]:
            yield item
            variable = self.variable(item.key)
            if variable:
                yield Setting(item.key, "", item.file, item.line, variable)

    def variable(self, key: tuple[str, ...]) -> str | None:
        if self.overrides is None or (len(key) > 1 and not self.overrides.between):
            return None
        return self.overrides.prefix + (self.overrides.between or "").join(key).upper().replace("-", "_")


def _near(one: str, other: str) -> bool:
    return bool(one and other) and (one in other or other in one)


def samples(repo: Repo, folders: tuple[str, ...]) -> dict[str, Setting]:
    """Variables that .env files and samples of them set, the innermost file first."""
    found: dict[str, Setting] = {}
    for folder in dict.fromkeys(folders):
        for path in (join(folder, name) for name in _ENV_FILES):
            for number, row in enumerate((repo.read(path) or "").splitlines() if repo.has(path) else (), start=1):
                match = re.match(r"[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*([^#]*)", row)
                if match and match[2].strip():
                    found.setdefault(match[1], Setting((match[1],), match[2].strip().strip("\"'"), path, number))
    return found


def _loaded(repo: Repo, program: Program) -> list[str]:
    """Files beside the package or the workspace that a text of the code names, with or without their ending."""
    named = _named(program)
    places = dict.fromkeys((program.package.folder, program.package.workspace))
    found: list[str] = []
    for folder in dict.fromkeys(join(place, below) for place in places for below in _FOLDERS):
        for name in sorted(repo.folder(folder), key=_rank):
            stem, inner = name.rpartition(".")[0], folder.rpartition("/")[2]
            spoken = (
                name in named
                or f"/{name}" in named
                or f"{inner}/{name}" in named
                or f"{inner}/{stem}" in named
                or (stem in named and (inner in named or not inner))
            )
            if name.endswith(_SUFFIXES) and name not in _NOT_CONFIGURATION and spoken:
                found.append(join(folder, name))
    return found[:MOST_FILES]


def _rank(name: str) -> tuple[int, str]:
    """What holds for every environment first, samples last."""
    order = ("base", "default", "defaults", "config", "settings", "app", "application", "production", "prod")
    stem = name.partition(".")[0].lower()
    sample = bool(re.search(r"(?i)example|sample|test|dev|local", name))
    return (order.index(stem) if stem in order else len(order)) + 100 * sample, name


def _named(program: Program) -> set[str]:
    found: set[str] = set()
    for source in program.sources:
        if source.mentions(*_LOADS):
            for match in _TEXT.findall(source.data):
                found.update((match.decode().removeprefix("./"), "/" + match.decode().rpartition("/")[2]))
    return found


def _read(repo: Repo, path: str) -> Iterator[Setting]:
    if path.endswith(".toml"):
        document: object = repo.toml(path)
    elif path.endswith(".json"):
        document = repo.json(path)
    else:
        document = next(iter(repo.yaml(path) or []), None)
    rows = (repo.read(path) or "").splitlines()
    for key, value in _flat(document):
        yield Setting(key, value, path, _line(rows, key[-1], value))


def _flat(document: object) -> Iterator[tuple[tuple[str, ...], str]]:
    pending: list[tuple[tuple[str, ...], object]] = [((), document)]
    count = 0
    while pending and count < MOST_SETTINGS:
        key, value = pending.pop(0)
        count += 1
        if table(value) and len(key) < 8:
            pending.extend(((*key, name), inner) for name, inner in table(value).items())
        elif key and isinstance(value, (str, int, float)):
            yield key, str(value)
        elif key and is_list(value):
            yield key, next((str(item) for item in items(value)[:1] if isinstance(item, (str, int))), "")


def _line(rows: list[str], key: str, value: str) -> int | None:
    pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[:=]""")
    return next((number for number, row in enumerate(rows, start=1) if pattern.match(row) and value[:40] in row), None)


def _overrides(program: Program) -> Iterator[Overrides]:
    for call in program.called("with_prefix", "prefixed", "default", "raw", "new"):
        owner = callee(call.node)[1].rpartition("::")[2]
        if owner in ("Environment", "Env"):
            given = next((literal(node) for node in arguments(call.node)), None)
            chained = {method: next((literal(item) for item in arguments(node)), None) for node, method in chain_after(call.node)}
            yield _figment(given or "", chained) if owner == "Env" else _config(given, chained)


def _figment(prefix: str, chained: dict[str, str | None]) -> Overrides:
    return Overrides(prefix.upper(), chained.get("split"))


def _config(prefix: str | None, chained: dict[str, str | None]) -> Overrides:
    """The config crate: the prefix is followed by its own separator, else by the one between the parts, else by an underscore."""
    between = chained.get("separator")
    prefix = prefix or chained.get("prefix")
    after = chained.get("prefix_separator") or between or "_"
    return Overrides((prefix + after).upper() if prefix else "", between)
