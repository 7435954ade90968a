"""No file is read twice, and what is vendored, ignored or another program's is not looked into."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.skeletons import STACKS

COUNTED = """\
import atexit, json, os, sys
root = os.path.realpath(sys.argv[1]) + os.sep
opened = []
def note(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str):
        place = os.path.abspath(arguments[0])
        if (place + os.sep).startswith(root):
            opened.append((event, place[len(root):]))
sys.addaudithook(note)
from opsmith.cli.main import main
code = main(sys.argv[3:])
with open(sys.argv[2], "w") as stream:
    json.dump([code, opened], stream)
"""
SKIPPED = ("node_modules/left-pad", "vendor/lib", ".venv/lib", ".git/objects", "generated", ".opsmith/state", "Docs/hive-mind/notes")
FILES = {
    "Dockerfile": "FROM node:22\nCOPY . .\nCMD [\"node\", \"server.js\"]\n",
    "docker-compose.yml": "services:\n  api:\n    build: .\n    ports: ['3000:3000']\n",
    "k8s/api.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {template: {spec: {containers: [{name: api}]}}}\n",
    ".github/workflows/ci.yaml": "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps: [{run: npm test}]\n",
    "opsmith.yaml": "ignore: [generated]\n",
    "README.md": "# Shop\n",
}  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Something of every stack, deployment files, and folders that hold what would be read elsewhere."""
    root = tmp_path / "tree"
    files = {f"{stack}/{path}": text for stack, texts in STACKS.items() for path, text in texts.items()} | FILES
    files |= {f"{folder}/{name}": text for folder in SKIPPED for name, text in STACKS["python"].items()}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", errors="surrogateescape")
    return root


def _read(tree: Path, *arguments: str) -> tuple[int, Counter[str], set[str]]:
    """The exit code, how often each file was opened, and the folders that were listed."""
    note = tree.parent / "note.json"
    told = subprocess.run([sys.executable, "-c", COUNTED, str(tree), str(note), *arguments], capture_output=True, text=True, check=False)
    assert note.is_file(), told.stderr
    code, opened = json.loads(note.read_text(encoding="utf-8"))
    return code, Counter(path for event, path in opened if event == "open"), {path for event, path in opened if event != "open"}


def _under(folder: str, paths: set[str]) -> set[str]:
    return {path for path in paths if path == folder or path.startswith(f"{folder}/")}


@pytest.mark.parametrize(
    "command",
    [
        ("survey", "{}", "--format", "json"),
        ("assess", "{}", "--format", "json", "--no-tools"),
        ("run", "Containerise everything and deploy it to Kubernetes", "--repo", "{}", "--prove", "none", "--dry-run"),
    ],
    ids=lambda command: command[0],
)
def test_every_file_is_read_once_and_vendored_ones_never(tree: Path, command: tuple[str, ...]) -> None:
    code, opened, listed = _read(tree, *(part.format(tree) for part in command))
    assert code == 0
    assert {path: times for path, times in opened.items() if times > 1} == {"opsmith.yaml": 2}  # once as settings, once as a file like any other
    assert len(opened) > 40
    for folder in SKIPPED:
        assert _under(folder, {*opened, *listed}) == set()
    assert _under(".git", set(opened)) <= {".git/config", ".git/HEAD", ".git/refs/remotes/origin/HEAD"}
    assert _under(".git", listed) | _under("node_modules", listed) | _under("vendor", listed) == set()
