"""CMake projects: executables with the files and libraries that they are made of. Commands are read, never run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from opsmith.repo import Repo

_COMMAND = re.compile(r"(?:#\[(=*)\[.*?\]\1\])|#[^\n]*|([A-Za-z_]\w*)[ \t]*\(", re.DOTALL)
_WORD = re.compile(
    r'#\[(?P<c>=*)\[.*?\](?P=c)\]|#[^\n]*|"(?P<q>(?:\\.|[^"\\])*)"|\[(?P<b>=*)\[(?P<t>.*?)\](?P=b)\]|(?P<p>[()])|(?P<w>[^\s()"#]+)', re.DOTALL
)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][\w.-]*)\}")
_NO_SOURCE = frozenset(("WIN32", "MACOSX_BUNDLE", "EXCLUDE_FROM_ALL", "PRIVATE", "PUBLIC", "INTERFACE", "STATIC", "SHARED", "OBJECT", "MODULE"))
SOURCES = (".cpp", ".cc", ".cxx", ".c", ".C", ".c++", ".cppm")
MOST_WORDS = 5000
MOST_VALUE = 4000


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    words: tuple[str, ...]
    line: int


@dataclass(slots=True)
class Target:
    """`files` are paths of the repository, `links` names of libraries. `output` is where the build leaves it, below its own folder."""

    name: str
    folder: str
    file: str
    line: int
    executable: bool
    files: list[str] = field(default_factory=list[str])
    links: list[str] = field(default_factory=list[str])
    output: str | None = None
    installed: bool = False


@dataclass(slots=True)
class Project:
    """Everything below one outermost CMakeLists.txt."""

    folder: str
    name: str
    targets: dict[str, Target] = field(default_factory=dict[str, Target])
    packages: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    """What find_package asks for, with the place."""


def projects(repo: Repo) -> list[Project]:
    """Outermost first; a folder whose CMakeLists.txt another one adds is part of that one."""
    found: list[Project] = []
    read: set[str] = set()
    for path in repo.named("CMakeLists.txt"):
        if path not in read:
            project = Project(path.rpartition("/")[0], "")
            _enter(repo, project, path, {}, read)
            found.append(project)
    return found


def join(*parts: str) -> str:
    path = posixpath.normpath("/".join(part for part in parts if part) or ".")
    return "" if path in (".", "..") or path.startswith(("../", "/")) else path


def commands(text: str) -> Iterator[Command]:
    position = 0
    while (match := _COMMAND.search(text, position)) is not None:
        position = match.end()
        if match[2] is not None:
            words, position = _words(text, position)
            yield Command(match[2].lower(), tuple(words), text.count("\n", 0, match.start()) + 1)


def _words(text: str, start: int) -> tuple[list[str], int]:
    found: list[str] = []
    depth = 1
    for match in _WORD.finditer(text, start):
        if match["p"] == "(":
            depth += 1
        elif match["p"] == ")":
            depth -= 1
            if depth == 0 or len(found) > MOST_WORDS:
                return found, match.end()
        else:
            word = match["q"] if match["q"] is not None else match["t"] if match["t"] is not None else match["w"]
            if word is not None:
                found.append(word)
    return found, len(text)


def _enter(repo: Repo, project: Project, path: str, given: dict[str, str], read: set[str]) -> None:
    """Read one file, then those that it adds, each with the variables that are set before."""
    pending = [(path, given)]
    while pending:
        file, variables = pending.pop(0)
        if file in read:
            continue
        read.add(file)
        folder = file.rpartition("/")[0]
        known = {**variables, "CMAKE_CURRENT_SOURCE_DIR": "/" + folder, "CMAKE_CURRENT_LIST_DIR": "/" + folder}
        known.setdefault("CMAKE_SOURCE_DIR", "/" + folder)
        known.setdefault("PROJECT_SOURCE_DIR", "/" + folder)
        for command in commands(repo.read(file) or ""):
            words = [word for item in command.words for word in _filled(item, known)]
            below = _apply(repo, project, command, words, known, file)
            if below is not None and repo.has(join(below, "CMakeLists.txt")):
                pending.append((join(below, "CMakeLists.txt"), dict(known)))


def _filled(word: str, known: dict[str, str]) -> list[str]:
    """With variables put in, twice; a list falls apart at its semicolons. One that nobody sets stays as it is."""
    for _ in range(2):
        if "${" not in word:
            break
        word = _VARIABLE.sub(lambda match: known.get(match[1], match[0]), word)[:MOST_VALUE]
    return [part for part in word.split(";") if part]


def _apply(repo: Repo, project: Project, command: Command, words: list[str], known: dict[str, str], file: str) -> str | None:
    """What a command means; the folder that it adds, if it does."""
    folder = file.rpartition("/")[0]
    match command.name, words:
        case "project", [name, *_]:
            known["PROJECT_NAME"] = name
            known.setdefault("CMAKE_PROJECT_NAME", name)
            known["PROJECT_SOURCE_DIR"] = "/" + folder
            project.name = project.name or name
        case "set", [name, *values]:
            known[name] = ";".join(values[: next((i for i, word in enumerate(values) if word in ("CACHE", "PARENT_SCOPE")), len(values))])[
                :MOST_VALUE
            ]
        case "list", ["APPEND", name, *values]:
            known[name] = ";".join([known.get(name, ""), *values]).strip(";")[:MOST_VALUE]
        case "file", [("GLOB" | "GLOB_RECURSE") as verb, name, *patterns]:
            known[name] = ";".join("/" + path for path in _globbed(repo, folder, patterns, deep=verb == "GLOB_RECURSE"))[:MOST_VALUE]
        case "aux_source_directory", [place, name]:
            below = _place(place, folder)
            listed = ["/" + join(below, item) for item in repo.folder(below) if item.endswith(SOURCES)]
            known[name] = ";".join([known.get(name, ""), *listed]).strip(";")[:MOST_VALUE]
        case ("add_executable" | "add_library") as verb, [name, *rest] if not {"IMPORTED", "ALIAS"} & set(rest) and "${" not in name:
            target = Target(name, folder, file, command.line, verb == "add_executable", output=_output(known))
            target.files = [path for word in rest if word not in _NO_SOURCE for path in [_place(word, folder)] if repo.has(path)]
            project.targets.setdefault(name, target)
        case "target_sources", [name, *rest] if name in project.targets:
            project.targets[name].files += [path for word in rest for path in [_place(word, folder)] if repo.has(path)]
        case "target_link_libraries", [name, *rest] if name in project.targets:
            project.targets[name].links += [word for word in rest if word not in _NO_SOURCE]
        case "find_package", [name, *_]:
            project.packages.setdefault(name, (file, command.line))
        case (("pkg_check_modules" | "pkg_search_module"), [_, *rest]):
            for word in rest:
                project.packages.setdefault(re.split(r"[<>=]", word)[0], (file, command.line))
        case "install", ["TARGETS", *rest]:
            for word in rest:
                if word in project.targets:
                    project.targets[word].installed = True
        case "add_subdirectory", [place, *_]:
            return _place(place, folder)
        case _:
            pass
    return None


def _place(word: str, folder: str) -> str:
    return join(word.lstrip("/")) if word.startswith("/") else join(folder, word)


def _globbed(repo: Repo, folder: str, patterns: list[str], *, deep: bool) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        place, _, name = _place(pattern, folder).rpartition("/")
        ending = name.rpartition("*")[2]
        if pattern in ("CONFIGURE_DEPENDS", "RELATIVE") or "*" in place or "*" not in name or not ending.endswith(SOURCES):
            continue
        found += repo.under(place, ending) if deep else [join(place, item) for item in repo.folder(place) if item.endswith(ending)]
    return found[:500]


def _output(known: dict[str, str]) -> str | None:
    """Below the build folder, where the project says so."""
    told = known.get("CMAKE_RUNTIME_OUTPUT_DIRECTORY") or known.get("EXECUTABLE_OUTPUT_PATH")
    match = re.fullmatch(r"\$\{(?:CMAKE|PROJECT)_BINARY_DIR\}/?([\w./-]*)", told or "")
    return match[1] if match else None
