from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsmith.cli.main import main
from opsmith.errors import DeliveryError
from opsmith.model.artifact import Artifact, LineOrigin
from opsmith.model.blueprint import Origin
from opsmith.model.report import FileChange
from opsmith.stages.deliver import changes, deliver, outcome
from opsmith.stages.explain import explain


@pytest.fixture(autouse=True)
def fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of the disk is asked; it only need not arrive there."""

    def done(_: int) -> None: ...

    monkeypatch.setattr(os, "fsync", done)


ORIGINS = {"builds.api": (Origin(kind="fact", text="a Python application", file="pyproject.toml", line=1),)}


def artifact(path: str, text: str, *, executable: bool = False) -> Artifact:
    return Artifact(path=path, text=text, target="docker", origins=(LineOrigin(first=1, last=1, node="builds.api"),), executable=executable)


def put(root: Path, *files: tuple[str, str], force: bool = False) -> list[tuple[str, str, str | None]]:
    made = deliver([artifact(path, text) for path, text in files], ORIGINS, root, force=force)
    return [(change.path, change.change, change.written) for change in made]


def tree(root: Path) -> dict[str, str]:
    """Every file below `root` but those of .opsmith, with its text."""
    return {
        str(path.relative_to(root)): path.read_bytes().decode("utf-8", "replace")
        for path in sorted(root.rglob("*"))
        if (path.is_file() or path.is_symlink()) and ".opsmith" not in path.relative_to(root).parts
    }


def everything(root: Path) -> dict[str, bytes | None]:
    """Every file and folder below `root`, with bytes."""
    return {str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in sorted(root.rglob("*"))}


# -- the rules -----------------------------------------------------------------------------------------------------------------------


def test_first_delivery_creates_and_remembers(tmp_path: Path) -> None:
    assert put(tmp_path, ("k8s/api.yaml", "a: 1\n"), ("Dockerfile", "FROM x\n")) == [
        ("Dockerfile", "create", "Dockerfile"),
        ("k8s/api.yaml", "create", "k8s/api.yaml"),
    ]
    assert tree(tmp_path) == {"Dockerfile": "FROM x\n", "k8s/api.yaml": "a: 1\n"}
    assert sorted(path.name for path in (tmp_path / ".opsmith").iterdir()) == [".gitignore", "delivered.json"]
    mark = {"first": 1, "last": 1, "node": "builds.api"}
    assert json.loads((tmp_path / ".opsmith/delivered.json").read_text()) == {
        "version": 1,
        "files": {
            "Dockerfile": {
                "text": "FROM x\n",
                "target": "docker",
                "sha256": "5e50475e952eb91b6fba4296a115731d832b3e0e4e13360c83ab165751303f3a",
                "origins": [mark],
            },
            "k8s/api.yaml": {
                "text": "a: 1\n",
                "target": "docker",
                "sha256": "37b128c59f1f5097f73f82691cb519f1f568667faab5ced1b4ab979d36837eae",
                "origins": [mark],
            },
        },
        "offers": {},
        "origins": {"builds.api": [{"kind": "fact", "text": "a Python application", "file": "pyproject.toml", "line": 1}]},
    }


def test_same_input_is_same_bytes_and_second_run_writes_nothing(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    put(one, ("b", "b\n"), ("a", "a\n"))
    put(two, ("a", "a\n"), ("b", "b\n"))
    assert everything(one) == everything(two)
    before = {path: path.stat().st_mtime_ns for path in one.rglob("*")}
    assert put(one, ("a", "a\n"), ("b", "b\n")) == [("a", "unchanged", None), ("b", "unchanged", None)]
    assert {path: path.stat().st_mtime_ns for path in one.rglob("*") if path.is_file()} == {p: t for p, t in before.items() if p.is_file()}


def test_unedited_file_is_updated(tmp_path: Path) -> None:
    put(tmp_path, ("a", "1\n"))
    assert put(tmp_path, ("a", "2\n")) == [("a", "update", "a")]
    assert tree(tmp_path) == {"a": "2\n"}


BASE = "one\ntwo\nthree\nfour\nfive\n"


def test_edit_elsewhere_is_merged(tmp_path: Path) -> None:
    put(tmp_path, ("a", BASE))
    (tmp_path / "a").write_text("one\ntwo\nthree\nfour\nFIVE\nsix\n")
    assert put(tmp_path, ("a", BASE.replace("one", "ONE"))) == [("a", "merge", "a")]
    assert tree(tmp_path) == {"a": "ONE\ntwo\nthree\nfour\nFIVE\nsix\n"}
    assert put(tmp_path, ("a", BASE.replace("one", "ONE"))) == [("a", "unchanged", None)]


def test_merge_keeps_line_ends_and_the_missing_last_one(tmp_path: Path) -> None:
    put(tmp_path, ("a", BASE))
    (tmp_path / "a").write_bytes(b"one\r\ntwo\r\nthree\nfour\r\nmine")
    assert put(tmp_path, ("a", BASE.replace("one\n", "one\nand\n"))) == [("a", "merge", "a")]
    assert (tmp_path / "a").read_bytes() == b"one\r\nand\r\ntwo\r\nthree\nfour\r\nmine"


def test_changed_line_ends_alone_are_kept(tmp_path: Path) -> None:
    put(tmp_path, ("a", BASE))
    (tmp_path / "a").write_bytes(BASE.replace("\n", "\r\n").encode())
    assert put(tmp_path, ("a", BASE)) == [("a", "unchanged", None)]
    assert put(tmp_path, ("a", BASE.replace("five", "FIVE"))) == [("a", "merge", "a")]
    assert (tmp_path / "a").read_bytes() == b"one\r\ntwo\r\nthree\r\nfour\r\nFIVE\r\n"


def test_edit_stays_when_ours_has_not_changed(tmp_path: Path) -> None:
    put(tmp_path, ("a", BASE))
    (tmp_path / "a").write_text("mine\n")
    assert put(tmp_path, ("a", BASE)) == [("a", "unchanged", None)]
    assert tree(tmp_path) == {"a": "mine\n"}


def test_conflict_goes_beside_until_it_is_dealt_with(tmp_path: Path) -> None:
    put(tmp_path, ("a", BASE))
    (tmp_path / "a").write_text(BASE.replace("one", "mine"))
    ours = BASE.replace("one", "ours")
    for _ in range(2):
        assert put(tmp_path, ("a", ours)) == [("a", "conflict", "a.opsmith.new")]
        assert tree(tmp_path) == {"a": BASE.replace("one", "mine"), "a.opsmith.new": ours}
        assert outcome([artifact("a", ours)], tmp_path) == {"a": BASE.replace("one", "mine")}
    (tmp_path / "a").write_text(BASE.replace("one", "both"))
    (tmp_path / "a.opsmith.new").unlink()
    assert put(tmp_path, ("a", ours)) == [("a", "unchanged", None)]
    assert put(tmp_path, ("a", ours.replace("five", "FIVE"))) == [("a", "merge", "a")]
    assert tree(tmp_path) == {"a": "both\ntwo\nthree\nfour\nFIVE\n"}


def test_an_edited_offer_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine\n")
    assert put(tmp_path, ("a", "1\n")) == [("a", "foreign", "a.opsmith.new")]
    assert put(tmp_path, ("a", "2\n")) == [("a", "foreign", "a.opsmith.new")]
    (tmp_path / "a.opsmith.new").write_text("my notes\n")
    assert put(tmp_path, ("a", "3\n")) == [("a", "foreign", "a.opsmith.new.2")]
    assert tree(tmp_path) == {"a": "mine\n", "a.opsmith.new": "my notes\n", "a.opsmith.new.2": "3\n"}


def test_a_settled_offer_is_taken_over_by_the_next(tmp_path: Path) -> None:
    put(tmp_path, ("a", BASE))
    (tmp_path / "a").write_text(BASE.replace("one", "mine"))
    put(tmp_path, ("a", BASE.replace("one", "ours")))
    assert put(tmp_path, ("a", BASE.replace("five", "FIVE"))) == [("a", "merge", "a")]
    assert put(tmp_path, ("a", BASE.replace("one", "ours"))) == [("a", "conflict", "a.opsmith.new")]
    assert tree(tmp_path) == {"a": "mine\ntwo\nthree\nfour\nFIVE\n", "a.opsmith.new": BASE.replace("one", "ours")}


def test_an_offer_taken_away_after_it_was_settled_means_nothing(tmp_path: Path) -> None:
    put(tmp_path, ("a", BASE))
    (tmp_path / "a").write_text(BASE.replace("one", "mine"))
    put(tmp_path, ("a", BASE.replace("one", "ours")))
    put(tmp_path, ("a", BASE.replace("five", "FIVE")))
    (tmp_path / "a.opsmith.new").unlink()
    assert put(tmp_path, ("a", BASE.replace("five", "six"))) == [("a", "merge", "a")]
    assert tree(tmp_path) == {"a": "mine\ntwo\nthree\nfour\nsix\n"}


@pytest.mark.parametrize("content", [b"FROM y\n", b"\xff\xfe\x00", b"caf\xe9\n", b""])
def test_foreign_file_is_left_alone_unless_forced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "Dockerfile").write_bytes(content)
    for _ in range(2):
        assert put(tmp_path, ("Dockerfile", "FROM x\n")) == [("Dockerfile", "foreign", "Dockerfile.opsmith.new")]
        assert (tmp_path / "Dockerfile").read_bytes() == content
    assert put(tmp_path, ("Dockerfile", "FROM x\n"), force=True) == [("Dockerfile", "update", "Dockerfile")]
    assert (tmp_path / "Dockerfile").read_text() == "FROM x\n"


def test_delivered_file_that_became_binary_is_foreign(tmp_path: Path) -> None:
    put(tmp_path, ("a", "1\n"))
    (tmp_path / "a").write_bytes(b"\x00\x01")
    assert put(tmp_path, ("a", "2\n")) == [("a", "foreign", "a.opsmith.new")]
    assert (tmp_path / "a").read_bytes() == b"\x00\x01"


def test_link_in_place_of_a_file_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("1\n")
    (tmp_path / "a").symlink_to("other")
    assert put(tmp_path, ("a", "1\n")) == [("a", "foreign", "a.opsmith.new")]
    assert put(tmp_path, ("a", "1\n"), force=True) == [("a", "update", "a")]
    assert not (tmp_path / "a").is_symlink()
    assert (tmp_path / "other").read_text() == "1\n"


def test_removed_file_stays_away_unless_forced(tmp_path: Path) -> None:
    put(tmp_path, ("a", "1\n"))
    (tmp_path / "a").unlink()
    assert put(tmp_path, ("a", "2\n")) == [("a", "conflict", None)]
    assert tree(tmp_path) == {}
    assert put(tmp_path, ("a", "2\n"), force=True) == [("a", "create", "a")]


def test_file_of_an_earlier_run_stays_remembered(tmp_path: Path) -> None:
    put(tmp_path, ("a", "1\n"))
    put(tmp_path, ("b", "1\n"))
    assert put(tmp_path, ("a", "2\n")) == [("a", "update", "a")]


def test_force_overwrites_a_conflict_but_merges_what_fits(tmp_path: Path) -> None:
    put(tmp_path, ("a", BASE), ("b", BASE))
    (tmp_path / "a").write_text(BASE.replace("one", "mine"))
    (tmp_path / "b").write_text(BASE.replace("five", "mine"))
    ours = BASE.replace("one", "ours")
    assert put(tmp_path, ("a", ours), ("b", ours), force=True) == [("a", "update", "a"), ("b", "merge", "b")]
    assert tree(tmp_path) == {"a": ours, "b": "ours\ntwo\nthree\nfour\nmine\n"}


def test_modes(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        deliver([artifact("run.sh", "1\n", executable=True), artifact("a", "1\n")], {}, tmp_path)
        assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("run.sh", "a")] == [0o755, 0o644]
        (tmp_path / "a").chmod(0o600)
        put(tmp_path, ("a", "2\n"))
        assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(old)


def test_changes_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine\n")
    before = everything(tmp_path)
    wanted = [artifact("mine", "ours"), artifact("new", "1\n2\n")]
    assert changes(wanted, tmp_path) == (
        FileChange(
            path="mine",
            change="foreign",
            written="mine.opsmith.new",
            diff="--- a/mine\n+++ b/mine.opsmith.new\n@@ -1 +1 @@\n-mine\n+ours\n\\ No newline at end of file\n",
        ),
        FileChange(path="new", change="create", written="new", diff="--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+1\n+2\n"),
    )
    assert everything(tmp_path) == before
    assert changes(wanted, tmp_path) == deliver(wanted, ORIGINS, tmp_path)


def test_changes_does_not_make_the_destination(tmp_path: Path) -> None:
    assert [change.change for change in changes([artifact("a", "1\n")], tmp_path / "x/y")] == ["create"]
    assert everything(tmp_path) == {}


def test_nothing_to_deliver_leaves_nothing(tmp_path: Path) -> None:
    assert deliver([], ORIGINS, tmp_path) == ()
    assert everything(tmp_path) == {}


# -- confinement ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/etc/x", "../x", "a/../../x", "", "a//b", "./a", ".git/hooks/pre-commit", ".GIT/config", ".opsmith/lock", "a\x00b", "a\nb"]
)
def test_path_that_is_not_for_deliverables(tmp_path: Path, path: str) -> None:
    with pytest.raises(DeliveryError, match="is no path to deliver to"):
        put(tmp_path, (path, "1\n"))
    assert everything(tmp_path) == {}


def test_link_that_leaves_the_destination(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "k8s").symlink_to(outside)
    with pytest.raises(DeliveryError, match="k8s is a link that leaves"):
        put(root, ("k8s/a.yaml", "1\n"))
    assert everything(outside) == {}


def test_link_that_stays_inside_is_followed(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "k8s").symlink_to("deploy")
    put(tmp_path, ("k8s/a.yaml", "1\n"))
    assert (tmp_path / "deploy/a.yaml").read_text() == "1\n"


@pytest.mark.parametrize("paths", [("k8s/a",), ("k8s/x/y",)])
def test_file_where_a_folder_should_be(tmp_path: Path, paths: tuple[str, ...]) -> None:
    (tmp_path / "k8s").write_text("mine\n")
    with pytest.raises(DeliveryError, match="k8s is a file, so"):
        put(tmp_path, *((path, "1\n") for path in paths))
    assert everything(tmp_path) == {"k8s": b"mine\n"}


def test_artifacts_that_exclude_one_another(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="a would be both a file and the folder of a/b"):
        put(tmp_path, ("a", "1\n"), ("a/b", "1\n"))
    with pytest.raises(DeliveryError, match="a would be delivered twice"):
        put(tmp_path, ("a", "1\n"), ("a", "2\n"))


def test_folder_where_a_file_should_be(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").mkdir()
    assert put(tmp_path, ("Dockerfile", "1\n")) == [("Dockerfile", "foreign", "Dockerfile.opsmith.new")]
    with pytest.raises(DeliveryError, match="Dockerfile is a folder or a special file"):
        put(tmp_path, ("Dockerfile", "1\n"), force=True)


def test_own_folder_that_is_a_link(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / ".opsmith").symlink_to(outside)
    for call in (lambda: put(root, ("a", "1\n")), lambda: changes([artifact("a", "1\n")], root)):
        with pytest.raises(DeliveryError, match="has to be a folder of its own"):
            call()
    assert everything(outside) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 2}', '{"files": {"a": {"text": "x", "target": "t", "sha256": "0"}}}', "[" * 100_000])
def test_broken_state_is_told_and_nothing_guessed(tmp_path: Path, text: str) -> None:
    put(tmp_path, ("a", "1\n"))
    (tmp_path / ".opsmith/delivered.json").write_text(text)
    with pytest.raises(DeliveryError, match=r"delivered\.json (is broken|was written by another opsmith)"):
        put(tmp_path, ("a", "2\n"))
    assert tree(tmp_path) == {"a": "1\n"}


@pytest.mark.parametrize("path", ["../x", ".git/config"])
def test_journal_that_came_with_a_repository_moves_nothing(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    (root / ".opsmith/staging").mkdir(parents=True)
    (root / ".opsmith/staging/0.new").write_text("evil")
    operation = {"path": path, "staged": "0.new", "saved": None, "before": None, "after": "4c4ea3e9cbbdd6f4f0d4d9d3a3a1d1f9"}
    (root / ".opsmith/journal.json").write_text(json.dumps({"operations": [operation], "folders": []}))
    with pytest.raises(DeliveryError, match="is no path to deliver to"):
        put(root, ("a", "1\n"))
    assert not (tmp_path / "x").exists()
    (root / ".opsmith/journal.json").write_text("{")
    with pytest.raises(DeliveryError, match="is no journal of ours"):
        put(root, ("a", "1\n"))


def staged(root: Path, content: str, *, path: str = "stolen", saved: str | None = None) -> None:
    """A journal in `root` that has `content` still to be put at `path`."""
    (root / ".opsmith").mkdir(parents=True)
    after = hashlib.sha256(content.encode()).hexdigest()
    operation = {"path": path, "staged": "0.new", "saved": saved, "before": None, "after": after}
    (root / ".opsmith/journal.json").write_text(json.dumps({"operations": [operation], "folders": []}))


def refuses(root: Path, message: str) -> None:
    for call in (lambda: put(root, ("a", "1\n")), lambda: changes([artifact("a", "1\n")], root), lambda: explain(root, "a", 1)):
        with pytest.raises(DeliveryError, match=message):
            call()


def test_a_journal_fetches_nothing_through_a_link(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (outside / "0.new").write_text("secret\n")
    staged(root, "secret\n")
    (root / ".opsmith/staging").symlink_to(outside)
    refuses(root, r"\.opsmith/staging is no folder")
    (root / ".opsmith/staging").unlink()
    (root / ".opsmith/staging").write_text("")
    refuses(root, r"\.opsmith/staging is no folder")
    (root / ".opsmith/staging").unlink()
    (root / ".opsmith").rename(root / "own")
    (root / ".opsmith").symlink_to("own")
    refuses(root, "has to be a folder of its own")
    assert everything(outside) == {"0.new": b"secret\n"}
    assert not (root / "stolen").exists()


@pytest.mark.parametrize("name", ["0.new", "0.old"])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_a_journal_moves_files_only(tmp_path: Path, kind: str, name: str) -> None:
    staged(tmp_path, "x", saved="0.old")
    (tmp_path / ".opsmith/staging").mkdir()
    place = tmp_path / ".opsmith/staging" / name
    if kind == "link":
        place.symlink_to("/etc/hostname")
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.mkdir()
    refuses(tmp_path, r"\.opsmith/staging holds what is no file of ours")
    assert tree(tmp_path) == {}


def test_a_link_that_was_forced_away_comes_back(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").symlink_to("else")
    put(tmp_path, ("a", "1\n"))

    def ended(*_: Any) -> None:
        raise PowerOff

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("opsmith.stages.delivery.journal._require_untouched", ended)
        patch.setattr("opsmith.stages.delivery.journal._take_back", ended)
        with pytest.raises(PowerOff):
            put(tmp_path, ("Dockerfile", "1\n"), force=True)
    assert (tmp_path / ".opsmith/rollback.json").exists()
    assert tree(tmp_path)["Dockerfile"] == "1\n"
    put(tmp_path, ("a", "1\n"))
    assert (tmp_path / "Dockerfile").readlink() == Path("else")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_stranger_s_journal_is_not_carried_out(tmp_path: Path) -> None:
    staged(tmp_path, "x")
    (tmp_path / ".opsmith/staging").mkdir()
    (tmp_path / ".opsmith/staging/0.new").write_text("x")
    os.chown(tmp_path / ".opsmith/journal.json", 4711, 4711)
    refuses(tmp_path, r"journal\.json belongs neither to you nor to whom")
    os.chown(tmp_path, 4711, 4711)
    put(tmp_path, ("a", "1\n"))
    assert tree(tmp_path) == {"a": "1\n", "stolen": "x"}


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", ".git/config"])
def test_a_state_that_names_what_lies_elsewhere(tmp_path: Path, path: str) -> None:
    put(tmp_path, ("a", "1\n"))
    place = tmp_path / ".opsmith/delivered.json"
    plain = json.loads(place.read_text())
    for hostile in (
        {**plain, "files": {path: plain["files"]["a"]}},
        {**plain, "offers": {"a": {"at": path, "offered": plain["files"]["a"], "settled": False}}},
    ):
        place.write_text(json.dumps(hostile))
        refuses(tmp_path, rf"delivered\.json is broken: '{path}' is no path that is delivered to")
        with pytest.raises(DeliveryError):
            explain(tmp_path, path, 1)


# -- the system fails ----------------------------------------------------------------------------------------------------------------

CALLS = ("open", "write", "fsync", "replace", "link", "unlink", "mkdir", "rmdir", "lstat", "fchmod", "chown")


class PowerOff(BaseException):
    pass


class System:
    """Counts the calls of the operating system; call number `at` raises `error`, and with `forever` every later one too."""

    def __init__(self, patch: pytest.MonkeyPatch, root: Path, at: int, error: BaseException, *, forever: bool) -> None:
        self.count, self.at, self.error, self.forever = 0, at, error, forever
        for name in CALLS:
            patch.setattr(os, name, self._watched(getattr(os, name), name))

    def _watched(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            if self.count == self.at or (self.forever and self.count > self.at):
                raise self.error
            return real(*arguments, **options)

        return call


OLD = {"a": "1\n", "b": BASE + "six\n", "mine": "mine\n"}
NEW = {"a": "2\n", "b": BASE.replace("one", "ONE") + "six\n", "mine": "mine\n", "mine.opsmith.new": "ours\n", "deep/er/c": "3\n"}
WANTED = [artifact("a", "2\n"), artifact("b", BASE.replace("one", "ONE")), artifact("deep/er/c", "3\n", executable=True), artifact("mine", "ours\n")]


def fresh(root: Path, *, delivered: bool = True) -> Path:
    root.mkdir()
    (root / "mine").write_text("mine\n")
    if delivered:
        put(root, ("a", "1\n"), ("b", BASE))
        (root / "b").write_text(BASE + "six\n")
    return root


def steps(
    tmp_path: Path, error: BaseException, *, forever: bool, delivered: bool = True, every: int = 1
) -> Iterator[tuple[Path, dict[str, bytes | None], BaseException | None]]:
    """Deliver WANTED again and again, failing `every` calls later each time, until a run gets through."""
    start = fresh(tmp_path / "start", delivered=delivered)
    for at in range(1, 1000, every):
        root = tmp_path / str(at)
        shutil.copytree(start, root)
        before = everything(root)
        caught: BaseException | None = None
        with pytest.MonkeyPatch.context() as patch:
            system = System(patch, root, at, error, forever=forever)
            try:
                deliver(WANTED, ORIGINS, root)
            except BaseException as problem:
                caught = problem
        yield root, before, caught
        if system.count < at:
            return
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "delivered", "every"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True, 1),
        (OSError(errno.EIO, "Input/output error"), False, 3),
        (KeyboardInterrupt(), True, 4),
    ],
)
def test_any_call_that_fails_once_leaves_all_or_nothing(tmp_path: Path, error: BaseException, delivered: bool, every: int) -> None:
    outcomes: set[str] = set()
    for root, before, caught in steps(tmp_path, error, forever=False, delivered=delivered, every=every):
        clean = not any((root / ".opsmith" / name).exists() for name in ("staging", "journal.json", "rollback.json"))
        if everything(root) == before:
            outcomes.add("nothing")
            assert isinstance(caught, DeliveryError | KeyboardInterrupt)
        elif clean:
            outcomes.add("all")
            assert (root / "deep/er/c").read_text() == "3\n"
            assert (root / ".opsmith/delivered.json").exists()
        else:
            outcomes.add("left for the next run")
            assert caught is None or isinstance(caught, DeliveryError | KeyboardInterrupt)
            assert all(text in (OLD.get(name), NEW.get(name), BASE.replace("one", "ONE")) for name, text in tree(root).items())
        deliver(WANTED, ORIGINS, root)
        assert not any((root / ".opsmith" / name).exists() for name in ("staging", "journal.json", "rollback.json"))
        assert tree(root)["deep/er/c"] == "3\n"
        assert tree(root) == NEW if delivered else tree(root)["a"] == "2\n"
    assert {"nothing", "all"} <= outcomes


@pytest.mark.parametrize(("error", "every"), [(PowerOff(), 1), (OSError(errno.EROFS, "Read-only file system"), 5)])
def test_the_next_run_completes_what_ended_at_any_call(tmp_path: Path, error: BaseException, every: int) -> None:
    for root, _, caught in steps(tmp_path, error, forever=True, every=every):
        assert caught is None or isinstance(caught, PowerOff | DeliveryError)
        for name, text in tree(root).items():
            assert text in (OLD.get(name), NEW.get(name)), name
        expected = {change.path: change.change for change in changes(WANTED, root)}
        assert {change.path: change.change for change in deliver(WANTED, ORIGINS, root)} == expected
        assert tree(root) == NEW
        assert sorted(path.name for path in (root / ".opsmith").iterdir()) == [".gitignore", "delivered.json"]


def test_the_next_run_undoes_what_cannot_be_finished(tmp_path: Path) -> None:
    """Ended with the journal written; then the user edits a file that was not replaced yet."""
    for root, _, _ in steps(tmp_path, PowerOff(), forever=True, every=2):
        (root / "b").write_text("edited after the crash\n")
        expected = {change.path: change.change for change in changes(WANTED, root)}
        result = {change.path: change.change for change in deliver(WANTED, ORIGINS, root)}
        assert tree(root)["b"] == "edited after the crash\n"
        assert result == expected
        assert result["b"] in ("conflict", "unchanged")
        assert tree(root)["a"] == "2\n"


def test_what_fails_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(DeliveryError) as caught:
        put(tmp_path, ("a", "1\n"))
    assert str(caught.value) == (
        f"Delivering to {tmp_path} failed: No space left on device. Nothing was changed.\n  why:  the disk is full.\n  next: df -h {tmp_path}"
    )
    assert everything(tmp_path) == {}


def test_destination_that_was_made_goes_away_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(DeliveryError, match="Input/output error"):
        put(tmp_path / "x/y", ("a", "1\n"))
    assert everything(tmp_path) == {}


def test_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", none)
    root = fresh(tmp_path / "root")
    deliver(WANTED, ORIGINS, root)
    assert tree(root) == NEW


def test_edit_while_delivering_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fresh(tmp_path / "root")
    real = os.replace

    def replace(source: Any, target: Any) -> None:
        if str(target).endswith("/a"):
            with (root / "a").open("a") as editor:
                real(source, target)
                editor.write("typed just now\n")
        else:
            real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(DeliveryError, match="a was changed while it was being delivered"):
        deliver(WANTED, ORIGINS, root)
    assert tree(root) == {"a": "1\ntyped just now\n", "b": BASE + "six\n", "mine": "mine\n"}


@pytest.mark.parametrize("name", ["b", "deep/er/c"])
def test_file_saved_by_an_editor_while_delivering_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    root = fresh(tmp_path / "root")
    before = tree(root)
    real = os.replace

    def replace(source: Any, target: Any) -> None:
        real(source, target)
        if str(target).endswith("/a"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "draft").write_text("saved just now\n")
            real(root / "draft", root / name)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(DeliveryError, match=f"{name} was changed while it was being delivered"):
        deliver(WANTED, ORIGINS, root)
    assert tree(root) == before | {name: "saved just now\n"}


def test_second_run_at_once_ends(tmp_path: Path) -> None:
    (tmp_path / ".opsmith").mkdir()
    with (tmp_path / ".opsmith/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DeliveryError, match="Another opsmith is writing"):
            put(tmp_path, ("a", "1\n"))
    assert put(tmp_path, ("a", "1\n")) == [("a", "create", "a")]


KILLED = """
import os, signal, sys
from pathlib import Path
from opsmith.model.artifact import Artifact
from opsmith.stages.deliver import deliver
real, left = os.replace, int(sys.argv[2])
def replace(*arguments):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(*arguments)
os.replace = replace
wanted = [("a", "2\\n"), ("b", "ONE\\ntwo\\nthree\\nfour\\nfive\\n"), ("deep/er/c", "3\\n"), ("mine", "ours\\n")]
deliver([Artifact(path=path, text=text, target="docker") for path, text in wanted], {}, Path(sys.argv[1]),
        notes={"assessment.json": "{}\\n"})
"""


@pytest.mark.parametrize("renames", [0, 2, 5])
def test_killed(tmp_path: Path, renames: int) -> None:
    root = fresh(tmp_path / "root")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(root), str(renames)], check=False)
    assert ended.returncode == -signal.SIGKILL
    deliver(WANTED, ORIGINS, root)
    assert tree(root) == NEW


@pytest.mark.parametrize("renames", [0, 2, 5])
def test_killed_in_a_folder_of_its_own(tmp_path: Path, renames: int) -> None:
    """`--out` wants an empty folder; one that a run was killed in is gone on with."""
    out = tmp_path / "out"
    subprocess.run([sys.executable, "-c", KILLED, str(out), str(renames)], check=False)
    example = Path(__file__).parent.parent / "examples/greeter"
    assert main(["run", "Containerise this", "--repo", str(example), "--out", str(out), "--prove", "none"]) == 0
    assert {"Dockerfile", "a", "b", "mine"} <= set(os.listdir(out)) if renames else "Dockerfile" in os.listdir(out)
    assert main(["run", "Containerise this", "--repo", str(example), "--out", str(out), "--prove", "none"]) == 2


def test_full_disk(tmp_path: Path) -> None:
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path], check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small tmpfs")
    try:
        put(tmp_path, ("a", "1\n"))
        before = everything(tmp_path)
        with pytest.raises(DeliveryError, match="No space left on device"):
            put(tmp_path, ("a", "2\n"), ("b/c", "x" * 100_000))
        assert everything(tmp_path) == before
    finally:
        subprocess.run(["umount", tmp_path], check=True)


# -- no edit is ever lost ------------------------------------------------------------------------------------------------------------

ROWS = st.lists(st.sampled_from(["a", "b", "c", "", "d: 1"]), max_size=8)
EDIT = st.lists(st.tuples(st.sampled_from(["insert", "delete"]), st.integers(0, 8), st.sampled_from(["\n", "\r\n", ""])), max_size=4)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(base=ROWS, ours=ROWS, edit=EDIT, again=ROWS)
def test_no_edit_is_lost(base: list[str], ours: list[str], edit: list[tuple[str, int, str]], again: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        place = root / "a"
        put(root, ("a", "".join(f"{row}\n" for row in base)))
        lines = [f"{row}\n" for row in base]
        for number, (kind, at, end) in enumerate(edit):
            if kind == "insert":
                lines.insert(at, f"user {number}{end}")
            elif at < len(lines):
                del lines[at]
        place.write_bytes("".join(lines).encode())
        typed = place.read_bytes()
        for wanted in (ours, again, base):
            was = place.read_bytes()
            [(_, change, written)] = put(root, ("a", "".join(f"{row}\n" for row in wanted)))
            now = place.read_bytes()
            assert (now != was) == (written == "a")
            assert written != "a" or change in ("merge", "update")
            for number in range(len(edit)):
                mark = f"user {number}".encode()
                assert now.count(mark) == typed.count(mark)
