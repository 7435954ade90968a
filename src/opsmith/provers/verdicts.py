"""What provers share: from a tool's findings to a verdict, and from what it printed to values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from opsmith.model.finding import SEVERITIES, Finding, Severity
from opsmith.prover import Verdict
from opsmith.shapes import is_list, items
from opsmith.tools import Result

REFUTING: frozenset[Severity] = frozenset(("critical", "high", "medium"))
"""What says no. `low` and `info` are remarks: they are told, and do not refute."""

LEVELS: dict[str, Severity] = {"error": "high", "warning": "medium", "info": "low", "style": "info"}
"""How linters grade."""


def judged(findings: Iterable[Finding]) -> Verdict:
    """Refuted by the first finding that is more than a remark; proved otherwise."""
    found = tuple(sorted(set(findings), key=_place))
    refuted = any(finding.severity in REFUTING for finding in found)
    return Verdict(outcome="refuted" if refuted else "proved", findings=found)


def agreed(result: Result, findings: Iterable[Finding]) -> Verdict:
    """As `judged`, for a tool whose exit code says whether it found something: a complaint that cannot be read is no pass."""
    verdict = judged(findings)
    return unclear(result) if result.exit_code and not verdict.findings else verdict


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path or "", finding.line or 0, SEVERITIES.index(finding.severity), finding.rule, finding.message


def unclear(result: Result, why: str = "") -> Verdict:
    """The tool gave no verdict that can be read."""
    said = first_line(result.stderr) or first_line(result.stdout)
    return Verdict(outcome="could_not_check", reason=why or f"unexpected answer (exit code {result.exit_code})" + (f": {said}" if said else ""))


_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NOISE = re.compile(r"^\s*(?:E?\d{4} [\d:.]+\s+\d+ \S+\] |Error: )")


def plain(text: str) -> str:
    return _COLOUR.sub("", text)


def first_line(text: str) -> str:
    lines = (_NOISE.sub("", line).strip() for line in plain(text).splitlines())
    return short(next((line for line in lines if line), ""))


def short(text: str, limit: int = 400) -> str:
    """One line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def read_json(text: str) -> Any:
    """Raises ValueError for anything but JSON."""
    return json.loads(text)


def read_list(text: str) -> list[Any]:
    """Raises ValueError for anything but a JSON list."""
    value: Any = json.loads(text)
    if not is_list(value):
        raise ValueError("no list")
    return items(value)


def batches(paths: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """`paths` in pieces that a command line holds and a tool answers within its time."""
    return [tuple(paths[start : start + size]) for start in range(0, len(paths), size)]


def batches_by_folder(paths: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """The same for a tool that judges files by those beside them: no folder is divided, unless it alone is too large for one piece."""
    made: list[tuple[str, ...]] = []
    for _, grouped in groupby(sorted(paths, key=_folder), key=_folder):
        for piece in batches(tuple(grouped), size):
            if made and len(made[-1]) + len(piece) <= size:
                made[-1] += piece
            else:
                made.append(piece)
    return made


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def argument(path: str) -> str:
    """`path` so that no tool takes it for an option."""
    return f"./{path}" if path.startswith("-") else path


def relative(path: str) -> str:
    return path.removeprefix("./")
