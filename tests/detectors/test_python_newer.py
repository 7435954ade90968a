"""Python newer than the one that opsmith runs on: written as an older one reads it, line by line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from opsmith.detectors import python
from opsmith.detectors.python.newer import as_older
from opsmith.model.survey import BackingService
from opsmith.repo import Repo


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("try:\n    f()\nexcept A, b.C:\n    pass\n", "try:\n    f()\nexcept (A, b.C):\n    pass\n"),
        ("type Name = str | None\n", "Name = str | None\n"),
        ("type Pair[A, B] = tuple[A, B]\n", "Pair = tuple[A, B]\n"),
        ("def first[T: dict[str, int]](x: T) -> T:\n    return x\n", "def first(x: T) -> T:\n    return x\n"),
        ("async def first[\n    T,\n](x: T): ...\n", "async def first\\\n\\\n(x: T): ...\n"),
        ("class Box[T](Base[T]): ...\n", "class Box(Base[T]): ...\n"),
        ('f"{a["b"]} c"\n', "f\"{a['b']} c\"\n"),
        ("rf'{a['b']}'\n", "rf'{a[\"b\"]}'\n"),
        ('f"{a["b"]}{c[\'d\']}"\n', 'f""\n'),
        ('f"{f"{a["b"]}"}"\n', "f\"{f'{a['b']}'}\"\n"),
        ('f"{{" + f"{a["b"]}"\n', 'f"{{" + f"{a[\'b\']}"\n'),
        ('x = "f\\"{a}"  # f"{a["b"]}"\n', 'x = "f\\"{a}"  # f"{a["b"]}"\n'),
        ('"""type X = 1"""\nf"""{a["b"]}"""\n', '"""type X = 1"""\nf"""{a["b"]}"""\n'),
        ('type = 3\nf"{x!r:>{width}}"\n', 'type = 3\nf"{x!r:>{width}}"\n'),
    ],
)
def test_as_older(newer: str, older: str) -> None:
    assert as_older(newer) == older


def test_a_program_in_new_syntax_keeps_its_facts(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask\npsycopg\n")
    (tmp_path / "app.py").write_text(
        "import os\nimport psycopg\nfrom flask import Flask\n\ntype Name = str\napp = Flask(__name__)\n\n\ndef first[T](items: list[T]) -> T:\n"
        '    return items[0]\n\n\nurl = f"postgresql://{os.environ["DB_HOST"]}/shop"\n\n\n@app.get("/healthz")\ndef health():\n    try:\n'
        "        psycopg.connect(url)\n    except ValueError, TypeError:\n        return {}\n"
    )
    repo = Repo(tmp_path)
    (found,) = python.detect(repo)
    assert (found.framework, found.health_path, [variable.name for variable in found.env]) == ("flask", "/healthz", ["DB_HOST"])
    assert found.backing_services == (BackingService(name="postgres", kind="postgres", env=("DB_HOST",)),)
    assert found.evidence["health_path"][0].line == 16
    assert repo.problems == []


@pytest.mark.parametrize("part", ['f"{', "f'{\"", "f\"{f'{", "def f[\n", 'f"{a["b"]}"\n', "type ", "{" * 9 + "'"])
def test_text_that_ends_nowhere_costs_bounded_time(part: str) -> None:
    began = time.monotonic()
    as_older(part * 20_000)
    assert time.monotonic() - began < 5
