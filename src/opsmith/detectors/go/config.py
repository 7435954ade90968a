"""Configuration files that a program loads, as flat keys."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from opsmith.detectors.go.modules import inside, join
from opsmith.detectors.go.program import Program
from opsmith.detectors.go.source import arguments, literal
from opsmith.repo import Repo
from opsmith.shapes import is_mapping, table

_SUFFIXES = (".yaml", ".yml", ".toml", ".json", ".ini", ".conf", ".env")
_FOLDERS = frozenset(("", "conf", "config", "configs", "etc", "settings", "cfg"))
_SAMPLE = re.compile(r"(?i)(example|sample|template|dist|test|prod|staging|docker)")
_ENV_FILES = (".env", ".env.example", ".env.sample", ".env.dist", ".env.template", ".env.default", ".env.dev", ".env.development", ".env.local",
              "env.example", "example.env", "sample.env", "app.env", "dev.env")  # fmt: skip
_NOT_CONFIGURATION = frozenset(("package.json", "composer.json", "swagger.json", "swagger.yaml", "openapi.yaml", "openapi.json", "tsconfig.json"))


@dataclass(frozen=True, slots=True)
class Setting:
    """`key` is the path inside the file, each part in lower case without separators."""

    key: tuple[str, ...]
    value: str
    file: str
    line: int | None


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def settings(repo: Repo, program: Program, base: str) -> tuple[Setting, ...]:
    """Settings of the files that the program's code names, below its own folder."""
    return tuple(setting for path in _loaded(repo, program, base) for setting in _read(repo, path))


def samples(repo: Repo, folders: tuple[str, ...]) -> dict[str, Setting]:
    """Variables that .env files and samples of them set, the innermost file first."""
    found: dict[str, Setting] = {}
    for folder in dict.fromkeys(folders):
        for name in _ENV_FILES:
            path = join(folder, name)
            for number, row in enumerate((repo.read(path) or "").splitlines() if repo.has(path) else (), start=1):
                match = re.match(r"[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*([^#]*)", row)
                if match and match[2].strip():
                    found.setdefault(match[1], Setting((plain(match[1]),), match[2].strip().strip("\"'"), path, number))
    return found


def _loaded(repo: Repo, program: Program, base: str) -> list[str]:
    places = dict.fromkeys((base, program.folder, program.module.folder))
    named_folders = config_folders(program, base)
    strings = {value for source in program.sources for node in source.syntax("string") if (value := literal(node)) and len(value) < 200}
    stems = {value for call in program.called("SetConfigName") for node in arguments(call.node)[:1] if (value := literal(node))}
    found: dict[str, None] = {}
    for path in _candidates(repo, places, named_folders):
        name = path.rpartition("/")[2]
        if name in _NOT_CONFIGURATION:
            continue
        stem = name.rpartition(".")[0] or name
        named = any(value.lstrip("./") == name or value.endswith("/" + name) for value in strings)
        folder = path.rpartition("/")[0].rpartition("/")[2]
        by_folder = folder in _FOLDERS and any(value.strip("./").rpartition("/")[2] == folder for value in strings if value.strip("./"))
        if named or stem in stems or by_folder or path.rpartition("/")[0] in named_folders:
            found[path] = None
    return sorted(found, key=lambda path: (bool(_SAMPLE.search(path.rpartition("/")[2])), path.count("/"), path))


def config_folders(program: Program, base: str) -> tuple[str, ...]:
    """Folders, other than the working one, in which viper is told to look."""
    given = (literal(node) for call in program.called("AddConfigPath") for node in arguments(call.node)[:1])
    return tuple(dict.fromkeys(folder for value in given if value and not value.startswith("/") and (folder := join(base, value)) != base))


def _candidates(repo: Repo, places: dict[str, None], more: tuple[str, ...]) -> Iterator[str]:
    folders = dict.fromkeys([*(join(place, name) for place in places for name in sorted(_FOLDERS)), *more])
    for folder in folders:
        for name in repo.folder(folder):
            if name.endswith(_SUFFIXES) and any(inside(folder, place) for place in places):
                yield join(folder, name)


def _read(repo: Repo, path: str) -> Iterator[Setting]:
    text = repo.read(path) or ""
    lines = text.splitlines()
    for key, value in _flat(_parsed(repo, path, text)):
        number = next((index for index, row in enumerate(lines, start=1) if key[-1] in row and value in row), None)
        yield Setting(tuple(plain(part) for part in key), value, path, number)


def _parsed(repo: Repo, path: str, text: str) -> Any:
    match path.rpartition(".")[2]:
        case "yaml" | "yml":
            documents = repo.yaml(path) or [None]
            return documents[0]
        case "toml":
            return repo.toml(path)
        case "json":
            return repo.json(path)
        case _:
            return _ini(text)


def _ini(text: str) -> dict[str, Any]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, delimiters=("=",), default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys are shown as they are written
    try:
        parser.read_string("[ ]\n" + text)
    except configparser.Error:
        return {}
    found: dict[str, Any] = {name: dict(parser.items(name)) for name in parser.sections() if name.strip()}
    return found | (dict(parser.items(" ")) if parser.has_section(" ") else {})


def _flat(value: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if is_mapping(value) and len(before) < 8:
        for key, inner in table(value).items():
            yield from _flat(inner, (*before, key))
    elif before and isinstance(value, (str, int)) and not isinstance(value, bool):
        yield before, str(value).strip("\"'")
