"""Any tree at all: no detector raises, reads outside of it, runs or writes anything, or takes long."""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from opsmith import catalog
from opsmith.repo import Repo
from opsmith.settings import load
from opsmith.stages.survey import survey
from tests.skeletons import STACKS

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "40"))
"""So few that the usual run stays short; more of them look at trees of their own each time: HOSTILE_EXAMPLES=5000."""
FUZZED = settings(
    max_examples=EXAMPLES,
    derandomize="HOSTILE_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # a failing tree is told as it is: to shrink it takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
ALL = {f"{stack}/{path}": text for stack, files in STACKS.items() for path, text in files.items()}
BAIT = "outside-bait"

SECONDS_PER_MEGABYTE = 30.0
"""About one is usual; a machine under load takes a few, quadratic work on a megabyte takes minutes."""

NASTY = (
    "", "\0", "\x1b[2J", "\ufeff", "'", '"', "`", "\\", "${", "{{", "<!--", "/*", "<?php", '"""', "=begin\n", "\r", "\u2028", "../", "/etc/passwd",
    "[" * 400, "{" * 400, "(" * 400, "<a>" * 300, "-" * 2_000, "9" * 5_000, "1e999999", "-1", "0x" + "f" * 2_000, "NaN", "null", "true", "[]", "{}",
    "[null]", '{"a": [[[{}]]]}', "&a [*a, *a]", "*a", "<<: *a", "!!python/object/apply:os.system [touch x]", "%", "$(touch x)", "`touch x`",
)  # fmt: skip
DOCTYPE = '<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]><project>&b;</project>'


class Watch:
    """What the process did while a tree was looked at; an audit hook cannot be taken away again, so there is one for all tests."""

    FORBIDDEN = ("os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork", "os.startfile", "subprocess.Popen", "socket.connect", "socket.bind",
                 "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate",
                 "shutil.", "pty.spawn")  # fmt: skip
    OURS = tuple(
        os.path.realpath(place)
        for place in (*sys.path, sys.prefix, sys.base_prefix, sysconfig.get_paths()["stdlib"], str(Path(__file__).parent.parent / "src"))
        if os.path.isdir(place)
    )

    def __init__(self) -> None:
        self.tree: str | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.tree is None:
            return
        if event.startswith(self.FORBIDDEN):
            self.seen.append(f"{event} {arguments}")
        elif event == "open" and isinstance(arguments[0], str | bytes):
            self._opened(os.fsdecode(arguments[0]), arguments[2])
        elif event == "exec" and str(arguments[0].co_filename).startswith(self.tree):
            self.seen.append(f"ran {arguments[0].co_filename}")

    def _opened(self, path: str, flags: int) -> None:
        if path.startswith(self.OURS) or path == os.devnull:
            return
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            self.seen.append(f"opened for writing: {path}")
        elif not os.path.realpath(path).startswith(f"{self.tree}/"):
            self.seen.append(f"read outside of the tree: {path}")

    @contextmanager
    def over(self, tree: Path) -> Generator[list[str]]:
        self.tree, self.seen = os.path.realpath(tree), []
        try:
            yield self.seen
        finally:
            self.tree = None


WATCH = Watch()


def mutated(draw: st.DrawFn, text: str) -> bytes:
    """`text` with up to four wounds."""
    data = text.encode()
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(("cut", "flip", "insert", "swap", "repeat", "delete", "quoted", "lines")))
        if kind == "cut":
            data = data[:at]
        elif kind == "flip" and at < len(data):
            data = data[:at] + bytes([data[at] ^ draw(st.integers(1, 255))]) + data[at + 1 :]
        elif kind == "insert":
            data = data[:at] + draw(st.sampled_from(NASTY)).encode() + data[at:]
        elif kind == "swap":
            end = draw(st.integers(at, len(data)))
            data = data[end:] + data[at:end] + data[:at]
        elif kind == "repeat":
            data = data[:at] + data[at : at + 40] * draw(st.integers(2, 60)) + data[at:]
        elif kind == "delete":
            data = data[:at] + data[at + draw(st.integers(1, 20)) :]
        elif kind == "quoted":
            data = another_type(data, at, draw(st.sampled_from(NASTY)).encode())
        else:
            rows = data.split(b"\n")
            data = b"\n".join(draw(st.permutations(rows))) if len(rows) < 40 else data
    return data


def another_type(data: bytes, at: int, value: bytes) -> bytes:
    """The next quoted text becomes another value: a list where a name stood, a number for a version."""
    begin = data.find(b'"', at)
    end = data.find(b'"', begin + 1)
    return data[:begin] + value + data[end + 1 :] if 0 <= begin < end else data


@st.composite
def trees(draw: st.DrawFn) -> dict[str, bytes]:
    """One stack whole or in part, wounded, with parts of others between it and at wrong places."""
    stack = draw(st.sampled_from(sorted(STACKS)))
    prefix = draw(st.sampled_from(("", "", "", "services/api/", "a b/ü/", "test/", "examples/x/")))
    files = {f"{prefix}{path}": mutated(draw, text) for path, text in STACKS[stack].items() if draw(st.integers(0, 9))}
    for path in draw(st.lists(st.sampled_from(sorted(ALL)), max_size=3)):
        inner = path.partition("/")[2]
        files.setdefault(draw(st.sampled_from((inner, f"{prefix}{inner}", f"x/{inner}"))), mutated(draw, ALL[path]))
    if draw(st.integers(0, 4)) == 0:  # what is in one manifest stands under the name of another
        names = sorted(files) or ["package.json"]
        files[draw(st.sampled_from(names))] = draw(st.sampled_from((b"", b"[]", b"null", b"0", DOCTYPE.encode(), b"\xff\xfe\0", *files.values())))
    return files


def lay(root: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        place = root / path
        if any(parent.is_file() for parent in place.parents) or place.is_dir():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def look(root: Path) -> None:
    """Every detector alone, then the survey of them all."""
    repo = Repo(root)
    for detector in catalog.detectors():
        list(detector.detect(repo))
    survey(root, load(root))


@pytest.fixture(scope="module", autouse=True)
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Grammars and modules are loaded once, so that no example is blamed for it."""
    for stack, files in STACKS.items():
        root = tmp_path_factory.mktemp(stack)
        lay(root, {path: text.encode() for path, text in files.items()})
        look(root)


def test_every_detector_finds_its_stack_in_the_skeletons(tmp_path: Path) -> None:
    """A mutated skeleton reaches a detector's inner parts only if the whole one is recognised."""
    silent = set(catalog.DETECTORS)
    for stack, files in STACKS.items():
        lay(tmp_path / stack, {path: text.encode() for path, text in files.items()})
        repo = Repo(tmp_path / stack)
        silent -= {name for name, detector in zip(catalog.DETECTORS, catalog.detectors(), strict=True) if list(detector.detect(repo))}
    assert silent == set()


@FUZZED
@given(files=trees())
def test_no_tree_breaks_a_detector(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        lay(root, {"README.md": b"", **files})
        (Path(folder) / BAIT).write_text("secret = 'do not read'\n")
        began = time.perf_counter()
        with WATCH.over(root) as seen:
            look(root)
        assert seen == []
        assert time.perf_counter() - began < SECONDS_PER_MEGABYTE


@FUZZED
@given(names=st.sets(st.sampled_from(sorted(ALL)), min_size=1, max_size=12), target=st.sampled_from((BAIT, "tree", ".", "tree/loop")))
def test_links_lead_no_detector_out(names: set[str], target: str) -> None:
    """Each manifest of the tree is a link to what lies beside the tree, to the tree itself, or to nothing."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        lay(root, {"README.md": b"", "package.json": ALL["node/package.json"].encode(), "src/index.js": ALL["node/src/index.js"].encode()})
        (Path(folder) / BAIT).write_text(ALL["python/pyproject.toml"])
        for name in sorted(names):
            place = root / "linked" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(Path(folder) / target)
        with WATCH.over(root) as seen:
            look(root)
        assert seen == []


@pytest.mark.parametrize("unit", ["{text}", " ", "(", "'\\", "a.b(c).", "- &a\n", "<!--\n"])
def test_a_large_tree_takes_no_long_time(tmp_path: Path, unit: str) -> None:
    """Each manifest and source of every stack, grown by repetition; alone the growth of its own text is what people have."""
    size = 256 * 1024 // len(ALL) // 2
    files: dict[str, bytes] = {}
    for name, text in ALL.items():
        piece = unit.replace("{text}", text)
        files[f"pure/{name}"] = (piece * (size // len(piece) + 1))[:size].encode()
        files[f"after/{name}"] = (text + piece * (size // len(piece) + 1))[:size].encode()
    lay(tmp_path, files)
    began = time.perf_counter()
    look(tmp_path)
    assert time.perf_counter() - began < SECONDS_PER_MEGABYTE
