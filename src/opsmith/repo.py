"""The one door to the user's tree: confined to the root, bounded, cached, never executing anything.

Repository content is hostile until parsed: links that leave the root, files that are no text, broken or bomb-like documents become
`Problem`s that the survey tells, never exceptions that escape.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from opsmith.contents import Contents, Unread
from opsmith.errors import RepositoryError
from opsmith.model.survey import Problem
from opsmith.xml_safe import Element, load_xml
from opsmith.yaml_safe import load_yaml

MAX_TOML = 256 * 1024
"""The parser takes quadratic time on adversarial tables."""
MAX_FILES = 1_000_000
Data = bytes
"""By another name, for `Repo.bytes` is a method."""

SKIPPED_FOLDERS = frozenset(
    (
        ".git", ".hg", ".svn", "node_modules", "bower_components", ".venv", "venv", "__pycache__", ".mypy_cache", ".pytest_cache",
        ".ruff_cache", ".tox", ".nox", ".next", ".nuxt", ".svelte-kit", ".turbo", ".nx", ".gradle", ".terraform", "vendor", ".opsmith",
        "site-packages", ".claude", ".pnpm-store",
    )
)  # fmt: skip


SESSIONS = "Docs/hive-mind"
"""What agents write about the repository is no part of it."""


class Repo:
    """A repository as it lies on disk.

    `files` are POSIX paths relative to the root, sorted; what `SKIPPED_FOLDERS` names is left out, as are links to folders.
    Raises RepositoryError when the root is missing, no folder, or holds no file.
    """

    def __init__(self, root: Path | str, *, ignore: tuple[str, ...] = ()) -> None:
        self.root = Path(os.path.abspath(root))  # noqa: PTH100  # "." has a name too, and links are kept as the user wrote them
        self.problems: list[Problem] = []
        self._ignore = ignore
        require_folder(self.root)
        self._base = os.path.join(self.root, "")  # plain text: a Path for each of 100 000 files would take longer than reading them
        self._contents = Contents(self._base)
        self._over: dict[str, Data] = {}
        self._see(tuple(self._walk()))
        self._walked = tuple(self.problems)

    def _see(self, files: tuple[str, ...]) -> None:
        self.files = files
        if not files:
            raise RepositoryError(
                f"{self.root} holds no files.",
                why="a clone that did not finish, or the wrong folder.",
                next_step="opsmith survey PATH-TO-A-CHECKOUT",
            )
        self._by_name: dict[str, list[str]] | None = None
        self._by_folder: dict[str, list[str]] | None = None
        self._known = frozenset(files)
        self._parsed: dict[tuple[str, str], Any] = {}

    def without(self, paths: Iterable[str]) -> Repo:
        """As if these files were not there; nothing is walked or read again. Raises RepositoryError when no other is left."""
        gone = frozenset(paths)
        view = copy(self)
        view.problems = [problem for problem in self._walked if problem.file not in gone]
        view._see(tuple(path for path in self.files if path not in gone))
        return view

    def with_over(self, over: Mapping[str, str]) -> Repo:
        """As it will be once `over` (path to text) has been delivered; nothing is walked or read again."""
        view = copy(self)
        view.problems = list(self._walked)
        view._over = {path: text.encode("utf-8", "surrogatepass") for path, text in over.items()}
        view._see(tuple(sorted({*self.files, *view._over})))
        return view

    def _walk(self) -> Iterator[str]:
        pending = [""]
        found: list[str] = []
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(self._base + folder))
            except OSError as error:
                self.problem(folder, f"the folder cannot be read ({error.strerror})")
                continue
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if not _is_printable(entry.name):
                    self.problem(
                        path.encode("unicode_escape", "backslashreplace").decode(), "left out: the name holds control characters or is no UTF-8"
                    )
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_FOLDERS and not self._is_ignored(path):
                        pending.append(path)
                elif not self._is_ignored(path) and (entry.is_file(follow_symlinks=False) or (entry.is_symlink() and self._stays_inside(path))):
                    found.append(path)
            if len(found) > MAX_FILES:
                self.problem("", f"more than {MAX_FILES} files: the rest was not read")
                break
        found.sort()
        yield from found

    def _stays_inside(self, path: str) -> bool:
        """Whether the link at `path` ends at a regular file inside the root."""
        try:
            target = (self.root / path).resolve(strict=True)
            inside = target.is_relative_to(self.root.resolve())
        except (OSError, RuntimeError):
            self.problem(path, "left out: the link leads nowhere or in a circle")
            return False
        if not inside:
            self.problem(path, "left out: the link leads out of the repository")
        return inside and target.is_file()

    def _is_ignored(self, path: str) -> bool:
        if path == SESSIONS or path.endswith((".yarn/cache", ".yarn/unplugged")):
            return True
        return bool(self._ignore) and any(
            path == pattern or fnmatchcase(path, pattern) or path.startswith(pattern.rstrip("/") + "/") for pattern in self._ignore
        )

    def problem(self, file: str, what: str, *, line: int | None = None, manifest: bool = False) -> None:
        """Remember that `file` could not be used; told once."""
        entry = Problem(file=file, line=line, what=what, manifest=manifest)
        if entry not in self.problems:
            self.problems.append(entry)

    # -- what is there ---------------------------------------------------------------------------------------------------------------

    def has(self, path: str) -> bool:
        return path in self._known

    def lies_at(self, path: str) -> bool:
        """Whether anything is at `path`, what `files` leaves out included: folders that are skipped, links, empty folders. Never outside."""
        place = os.path.normpath(self._base + path)
        parent = os.path.realpath(place.rpartition("/")[0])
        root = os.path.realpath(self.root)
        return (parent == root or parent.startswith(os.path.join(root, ""))) and os.path.lexists(place)

    def named(self, *names: str) -> list[str]:
        """Every file with one of these base names, shallowest first."""
        if self._by_name is None:
            self._by_name = {}
            for path in self.files:
                self._by_name.setdefault(path.rpartition("/")[2], []).append(path)
        found = [path for name in names for path in self._by_name.get(name, ())]
        return sorted(found, key=lambda path: (path.count("/"), path))

    def folder(self, folder: str) -> list[str]:
        """Base names of the files directly in `folder` ("" = root)."""
        return self._folders().get(folder, [])

    def folders(self) -> list[str]:
        """Every folder that holds a file directly, sorted."""
        return sorted(self._folders())

    def _folders(self) -> dict[str, list[str]]:
        if self._by_folder is None:
            self._by_folder = {}
            for path in self.files:
                parent, _, name = path.rpartition("/")
                self._by_folder.setdefault(parent, []).append(name)
        return self._by_folder

    def under(self, folder: str, *suffixes: str) -> list[str]:
        """Files below `folder` (at any depth) that end in one of `suffixes` (all, when none is given). Uses the sort order: O(log n + found)."""
        if not folder:
            return [path for path in self.files if not suffixes or path.endswith(suffixes)]
        from bisect import bisect_left

        prefix = folder + "/"
        start = bisect_left(self.files, prefix)
        end = bisect_left(self.files, folder + "0")  # "0" is the character after "/"
        return [path for path in self.files[start:end] if not suffixes or path.endswith(suffixes)]

    def glob(self, pattern: str) -> list[str]:
        """Files whose whole path matches `pattern`; `*` does not stop at a slash."""
        return [path for path in self.files if fnmatchcase(path, pattern)]

    # -- what is in it ---------------------------------------------------------------------------------------------------------------

    def bytes(self, path: str) -> Data | None:
        """What is in a file; None when it is missing, too large or cannot be read (the last two are told as problems)."""
        if path not in self._known:
            return None
        if path in self._over:
            return self._over[path]
        data = self._contents.of(path)
        if isinstance(data, Unread):
            if data.why:
                self.problem(path, data.why)
            return None
        return data

    def read(self, path: str) -> str | None:
        """The text of a file; None when it is missing, too large, binary or no UTF-8 (the last three are told as problems)."""
        data = self.bytes(path)
        if data is None:
            return None
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            encoding = "utf-16"
        elif b"\0" in data:
            self.problem(path, "not read: binary")
            return None
        else:
            encoding = "utf-8-sig"
        try:
            return data.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            self.problem(path, f"not read: no UTF-8 at byte {error.start}")
            return None

    def line_of(self, path: str, needle: str, *, after: int = 0) -> int | None:
        """The number of the first line (after line `after`) that contains `needle`."""
        text = self.read(path)
        if text is None:
            return None
        for number, line in enumerate(text.splitlines(), start=1):
            if number > after and needle in line:
                return number
        return None

    def toml(self, path: str) -> dict[str, Any] | None:
        document: dict[str, Any] | None = self._parse(path, "TOML", _load_toml)
        return document

    def json(self, path: str) -> Any:
        """The parsed document. Comments and trailing commas (tsconfig style) are tolerated; anything else broken is a manifest problem."""
        return self._parse(path, "JSON", _load_json)

    def yaml(self, path: str) -> list[Any] | None:
        """All documents of a YAML file; unknown tags become None, anchors are bounded."""
        documents: list[Any] | None = self._parse(path, "YAML", load_yaml)
        return documents

    def xml(self, path: str) -> Element | None:
        """The root element; document types and entities are refused."""
        document: Element | None = self._parse(path, "XML", load_xml)
        return document

    def _parse(self, path: str, kind: str, load: Callable[[str], Any]) -> Any:
        key = (kind, path)
        if key not in self._parsed:
            text = self.read(path)
            value: Any = None
            if text is not None:
                try:
                    value = load(text)
                except RecursionError:
                    self.problem(path, f"broken {kind}: nested too deeply", manifest=True)
                except ValueError as error:
                    line, what = _position(error)
                    self.problem(path, f"broken {kind}: {what}", line=line, manifest=True)
            self._parsed[key] = value
        return self._parsed[key]


def require_folder(root: Path) -> None:
    """Raises RepositoryError when `root` is missing, no folder, or cannot be read."""
    try:
        mode = root.stat().st_mode
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise RepositoryError(f"{root} does not exist.", why="a typo, or a path relative to another folder.", next_step="ls -d PATH") from None
        raise RepositoryError(f"{str(root)[:200]} cannot be read: {error.strerror}.", next_step=f"ls -ld {str(root)[:200]}") from None
    if not stat.S_ISDIR(mode):
        raise RepositoryError(f"{root} is a file, not a folder.", next_step=f"opsmith survey {root.parent}")
    if not os.access(root, os.R_OK | os.X_OK):
        raise RepositoryError(f"{root} cannot be read.", why="it belongs to another user.", next_step=f"ls -ld {root}")


def _load_toml(text: str) -> dict[str, Any]:
    if len(text) > MAX_TOML and "[[package]]" not in text[:10_000]:  # lock files grow, manifests that people write do not
        raise ValueError(f"longer than {MAX_TOML // 1024} KiB")
    return tomllib.loads(text)


def _is_printable(name: str) -> bool:
    return name.isprintable() or not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or 0xD800 <= ord(char) <= 0xDFFF for char in name)


def _position(error: ValueError) -> tuple[int | None, str]:
    """Line and first line of the message of a parser's error."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    line = getattr(error, "lineno", None)
    if line is None and (match := re.search(r"line (\d+)", str(error))):
        line = int(match[1])
    return line, text


_JSON_NOISE = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)


def _load_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        without = _JSON_NOISE.sub(lambda match: match[1] or re.sub(r"[^\n]", " ", match[0]), text)
        try:
            return json.loads(without)
        except json.JSONDecodeError:
            raise error from None
