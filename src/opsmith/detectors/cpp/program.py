"""The code of one executable: its sources, those of the project's libraries that it links, and the headers of the repository they include."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from opsmith.detectors.cpp.cmake import Project, Target, join
from opsmith.detectors.cpp.lexer import arguments, texts, without_comments
from opsmith.repo import Repo

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
_DEFINED = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+([^\n]+)$", re.MULTILINE)
_ASSIGNED = re.compile(r"(?<![\w.>:])(\w+)\s*=(?!=)\s*([^;{}]{1,300}?|\{[^;{}]{1,200}\})\s*[;}]")
_MADE = re.compile(r"[\w>:*&]\s+(\w+)\s*[({]\s*([^;(){}]{1,100})\s*[)}]\s*;")
_FLAG = re.compile(r"\b(?:ABSL_FLAG|DEFINE_\w+)\s*\(")
_GETENV = re.compile(r'\b(?:std::)?(?:secure_)?getenv\s*\(\s*"([A-Za-z_]\w*)"\s*\)')
_NUMBER = re.compile(r"(?<![\w.\"])(\d{1,5})(?:u|U|l|L|us)*(?![\w.\"])")
_NAME = re.compile(r"(?<![\w\"])([A-Za-z_]\w*)(?![\w\"])")
_WORDS = frozenset(
    (
        "std", "string", "to_string", "getenv", "stoi", "atoi", "stoul", "strtol", "nullptr", "NULL", "static_cast", "unsigned", "short", "int",
        "uint16_t", "const", "char", "auto", "size_t", "htons", "absl", "GetFlag", "c_str", "boost", "asio", "ip", "tcp", "v4", "v6", "return",
    )
)  # fmt: skip
MOST_FILES = 400
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Code:
    """A file without its comments."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Address:
    """What an expression says of a port: numbers, variables of the environment, and the texts in it."""

    ports: tuple[int, ...]
    envs: tuple[str, ...]
    texts: tuple[str, ...]


class Program:
    def __init__(self, repo: Repo, files: list[str], folder: str, read: dict[str, Code | None]) -> None:
        self._repo, self._folder, self._read = repo, folder, read
        self.files = list(self._closure(files))

    @cached_property
    def includes(self) -> dict[str, tuple[str, int]]:
        """Everything included, with the first place."""
        found: dict[str, tuple[str, int]] = {}
        for code in self.files:
            for match in _INCLUDE.finditer(code.text):
                found.setdefault(match[1], (code.path, code.text.count("\n", 0, match.start()) + 1))
        return found

    @cached_property
    def values(self) -> dict[str, list[str]]:
        """What names are given: macros, variables, flags of absl and gflags."""
        found: dict[str, list[str]] = defaultdict(list)
        for code in self.files:
            for pattern in (_DEFINED, _ASSIGNED, _MADE):
                for match in pattern.finditer(code.text):
                    found[match[1]].append(match[2])
            for match in _FLAG.finditer(code.text):
                given = arguments(code.text, match.end() - 1)
                if len(given) >= 3:
                    absl = match[0].startswith("ABSL")
                    found["FLAGS_" + given[1 if absl else 0]].append(given[2 if absl else 1])
        return found

    def address(self, expression: str, depth: int = 0, seen: frozenset[str] = frozenset()) -> Address:
        """Follow names to what they are given, as far as _DEEPEST."""
        envs = _GETENV.findall(expression)
        told = texts(_GETENV.sub("", expression))
        bare = re.sub(r'"(?:\\.|[^"\\\n])*"', " ", expression)
        ports = [number for value in told for number in _in_text(value)] + [int(item) for item in _NUMBER.findall(bare) if 0 < int(item) < 65536]
        for name in dict.fromkeys(_NAME.findall(bare)) if depth < _DEEPEST else ():
            if name in _WORDS or name in seen:
                continue
            for value in (*self.values.get(name, ())[:3], *self._handed(name)[:2]):
                inner = self.address(value, depth + 1, seen | {name})
                ports += inner.ports
                envs += inner.envs
                told += inner.texts
        return Address(tuple(dict.fromkeys(ports)), tuple(dict.fromkeys(envs)), tuple(dict.fromkeys(told)))

    def _handed(self, name: str) -> list[str]:
        """What callers give for a parameter of this name."""
        return self._parameters.get(name, [])

    @cached_property
    def _parameters(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for function, names in self._functions():
            pattern = re.compile(rf"(?<![\w.>:]){function}\s*\(")
            for code in self.files:
                for match in pattern.finditer(code.text) if function in code.text else ():
                    given = arguments(code.text, match.end() - 1)
                    if len(given) == len(names) and not any(re.fullmatch(r"[\w:<>&* ]+[\s&*]\w+", item) for item in given):
                        for name, value in zip(names, given, strict=True):
                            found[name].append(value)
        return found

    def _functions(self) -> Iterator[tuple[str, list[str]]]:
        """Functions that are handed a port: name and parameters."""
        pattern = re.compile(
            r"\b(?:void|int|bool|auto)\s+(\w+)\s*\(([^(){};]*\b\w*(?:port|address|addr)\w*\b[^(){};]*)\)\s*(?:noexcept\s*)?\{", re.IGNORECASE
        )
        for code in self.files:
            for match in pattern.finditer(code.text):
                names = [words[-1] for item in match[2].split(",") if (words := re.findall(r"\w+", item.partition("=")[0]))]
                if match[1] != "main":
                    yield match[1], names

    def _closure(self, files: list[str]) -> Iterator[Code]:
        pending, seen = list(files), set(files)
        count = 0
        while pending and count < MOST_FILES:
            code = self._code(pending.pop(0))
            if code is None:
                continue
            count += 1
            yield code
            for match in _INCLUDE.finditer(code.text):
                for path in self._included(match[1], code.path):
                    if path not in seen:
                        seen.add(path)
                        pending.append(path)

    def _included(self, name: str, path: str) -> list[str]:
        """A header of the project and the source file of the same name beside it."""
        base = join(path.rpartition("/")[0], name)
        places = (base, *(join(self._folder, below, name) for below in ("", "src", "include", "inc", "lib")))
        header = next((place for place in places if place and self._repo.has(place)), None)
        if header is None:
            return []
        stem = header.rpartition(".")[0]
        return [header, *(stem + ending for ending in (".cpp", ".cc", ".cxx", ".c") if self._repo.has(stem + ending))]

    def _code(self, path: str) -> Code | None:
        if path not in self._read:
            text = self._repo.read(path)
            self._read[path] = Code(path, without_comments(text)) if text is not None else None
        return self._read[path]


def _in_text(value: str) -> list[int]:
    match = re.fullmatch(r"(?:(?:https?|tcp)://)?(?:\[[^\]]*\]|[\w.*-]*):(\d{1,5})(?:/.*)?|(\d{2,5})", value)
    number = int(match[1] or match[2]) if match else 0
    return [number] if 0 < number < 65536 else []


def files_of(target: Target, project: Project) -> list[str]:
    """Of the executable and of the project's own libraries behind it."""
    pending, seen = [target], {target.name}
    found: list[str] = []
    while pending:
        current = pending.pop(0)
        found += current.files
        for name in current.links:
            other = project.targets.get(name.rpartition("::")[2])
            if other is not None and other.name not in seen:
                seen.add(other.name)
                pending.append(other)
    return list(dict.fromkeys(found))
