"""Programs that Meson or a Makefile alone builds: the executable's name and its files, where they are stated as plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.cpp.cmake import SOURCES, Project, Target, join
from opsmith.detectors.cpp.lexer import arguments, texts
from opsmith.repo import Repo

_EXECUTABLE = re.compile(r"^[ \t]*(?:\w+[ \t]*=[ \t]*)?executable[ \t]*\(", re.MULTILINE)
_LISTED = re.compile(r"^[ \t]*(\w+)[ \t]*\+?=[ \t]*(?:files[ \t]*\()?\[?([^\])=]{1,2000})", re.MULTILINE)
_SET = re.compile(r"^([A-Za-z_]\w*)[ \t]*[:?]?=[ \t]*([^\n#]{1,300})", re.MULTILINE)
_OUTPUT = re.compile(r"^\t[^\n#]*(?:\$[({](?:CXX|CC|LD|LINK)[)}]|\b(?:g|clang)\+\+|\b(?:gcc|clang|cc)\b)[^\n]*?-o[ \t]+(\S+)", re.MULTILINE)
_MAIN = re.compile(r"^[ \t]*(?:int|auto)[ \t\n]+main[ \t]*\(", re.MULTILINE)
_MAKEFILES = ("Makefile", "makefile", "GNUmakefile")


def meson(repo: Repo) -> list[Project]:
    """One project for each outermost meson.build; `executable` with a plain name."""
    found: dict[str, Project] = {}
    for path in repo.named("meson.build"):
        folder = path.rpartition("/")[0]
        root = next((known for known in found if not known or folder == known or folder.startswith(known + "/")), folder)
        project = found.setdefault(root, Project(root, root.rpartition("/")[2]))
        text = re.sub(r"#[^\n]*", "", repo.read(path) or "")
        listed = {match[1]: re.findall(r"'([^']+)'", match[2]) for match in _LISTED.finditer(text)}
        for match in _EXECUTABLE.finditer(text):
            given = arguments(text.replace("'", '"'), match.end() - 1)
            name = next(iter(texts(given[0])), None) if given else None
            if name and re.fullmatch(r"[\w.-]+", name):
                named = [value for argument in given[1:] for value in (texts(argument) or listed.get(argument.strip(), []))]
                target = Target(name, folder, path, text.count("\n", 0, match.start()) + 1, executable=True)
                target.files = [item for value in named if repo.has(item := join(folder, value))]
                target.installed = "install" in " ".join(given)
                project.targets.setdefault(name, target)
    return list(found.values())


def make(repo: Repo, taken: list[str]) -> list[Project]:
    """One project for each Makefile that links a program, outside folders that another build system has."""
    return [project for path in repo.named(*_MAKEFILES) for project in _makefile(repo, path, taken)]


def _makefile(repo: Repo, path: str, taken: list[str]) -> Iterator[Project]:
    folder = path.rpartition("/")[0]
    if any(not known or folder == known or folder.startswith(known + "/") for known in taken):
        return
    text = repo.read(path) or ""
    values = {match[1]: match[2].strip() for match in _SET.finditer(text)}
    for match in _OUTPUT.finditer(text):
        name = _filled(match[1], values, _rule(text, match.start()))
        mains = _with_main(repo, folder)
        if name is None or name.endswith((".o", ".so", ".a")) or not mains:
            continue
        target = Target(name.rpartition("/")[2], folder, path, text.count("\n", 0, match.start()) + 1, executable=True, output=name, installed=True)
        target.files = [item for item in _sources(repo, folder) if item not in mains] + mains[:1]
        yield Project(folder, folder.rpartition("/")[2], {target.name: target})
        return


def _rule(text: str, at: int) -> str:
    """The target of the rule that a line belongs to."""
    found = re.findall(r"^([^\s:#=][^:=\n]*):(?!=)", text[:at], re.MULTILINE)
    return found[-1].strip() if found else ""


def _filled(word: str, values: dict[str, str], rule: str) -> str | None:
    for _ in range(3):
        word = re.sub(r"\$[({](\w+)[)}]", lambda match: values.get(match[1], match[0]), word).replace("$@", rule)
    return word if re.fullmatch(r"[\w./-]+", word) else None


def _sources(repo: Repo, folder: str) -> list[str]:
    own = [join(folder, name) for name in repo.folder(folder) if name.endswith(SOURCES)]
    return own + repo.under(join(folder, "src"), *SOURCES)[:300]


def _with_main(repo: Repo, folder: str) -> list[str]:
    return [path for path in _sources(repo, folder) if _MAIN.search(repo.read(path) or "")]
