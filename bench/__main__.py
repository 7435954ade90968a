"""Measures opsmith as whole processes against its aims: wall time and peak memory, several runs after one that warms the caches.

Prints "reached" or "missed" for each aim and ends with 0 either way: a busy machine is no bug.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import monorepo

REPOSITORY = Path(__file__).resolve().parent.parent
OPSMITH = str(Path(sys.executable).parent / "opsmith")
SIZES = (1_000, 10_000, 100_000)
AIM_LARGEST = 4.0
"""Seconds for the largest survey; for a smaller one its share, but never less than the start-up."""
START = 0.15
SURVEY_FLOOR = 0.6
SURVEY_MEGABYTES = 300.0


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    argv: tuple[str, ...]
    seconds: float
    megabytes: float | None
    runs: int


@dataclass(frozen=True, slots=True)
class Run:
    seconds: float
    megabytes: float


def main() -> None:
    print(f"{'':36} {'min':>7} {'median':>7} {'max':>7}   {'peak':>7}   aim")
    for case in (_help(), _dry_run()):
        _tell(case, _measured(case))
    medians: dict[int, float] = {}
    for files in SIZES:
        with tempfile.TemporaryDirectory(prefix="opsmith-bench-") as folder:
            monorepo.write(Path(folder), files)
            case = _survey(folder, files)
            runs = _measured(case)
        _tell(case, runs)
        medians[files] = statistics.median(run.seconds for run in runs)
    growth = (medians[SIZES[2]] - medians[SIZES[1]]) / (medians[SIZES[1]] - medians[SIZES[0]])
    print(f"from 10 000 to 100 000 files the time grows {growth:.1f} times as much as from 1 000 to 10 000 (linear: 10)")


def _help() -> Case:
    return Case("--help", (OPSMITH, "--help"), START, None, runs=7)


def _dry_run() -> Case:
    example = REPOSITORY / "examples" / "notes"
    task = (example / "task.txt").read_text(encoding="utf-8")
    return Case(
        "run --prove none --dry-run (notes)", (OPSMITH, "run", task, "--repo", str(example), "--prove", "none", "--dry-run"), 0.6, None, runs=5
    )


def _survey(folder: str, files: int) -> Case:
    aim = max(SURVEY_FLOOR, AIM_LARGEST * files / SIZES[-1])
    return Case(f"survey of {files} files", (OPSMITH, "survey", folder, "--format", "json"), aim, SURVEY_MEGABYTES, runs=3)


def _measured(case: Case) -> list[Run]:
    _run(case.argv)
    return [_run(case.argv) for _ in range(case.runs)]


def _run(argv: Sequence[str]) -> Run:
    # As an installed package runs: with its modules compiled once.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    with subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(argv)[:200]} ended with {process.returncode}:\n{said.decode(errors='replace')[-2000:]}")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Run(time.perf_counter() - began, kilobytes / 1024)


def _tell(case: Case, runs: Sequence[Run]) -> None:
    seconds = [run.seconds for run in runs]
    peak = max(run.megabytes for run in runs)
    aim = f"{case.seconds:.2f} s" + (f", {case.megabytes:.0f} MB" if case.megabytes else "")
    reached = statistics.median(seconds) <= case.seconds and (case.megabytes is None or peak <= case.megabytes)
    print(
        f"{case.name:36} {min(seconds):6.2f}s {statistics.median(seconds):6.2f}s {max(seconds):6.2f}s   {peak:4.0f} MB   "
        f"{aim}: {'reached' if reached else 'missed'}",
        flush=True,
    )


if __name__ == "__main__":
    main()
