"""Measures opsmith as whole processes against its aims: wall time, processor time and peak memory, several runs after one that warms the caches.

Prints "reached" or "missed" for each aim and ends with 0 either way: a busy machine is no bug. `--repositories FOLDER`, or the variable
OPSMITH_BENCH_REPOSITORIES, adds a survey of each folder in it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench import monorepo, stacks

REPOSITORY = Path(__file__).resolve().parent.parent
OPSMITH = str(Path(sys.executable).parent / "opsmith")
SIZES = (1_000, 10_000, 100_000, 300_000)
COMPONENTS = (1, 10, 100, 1_000)
AIMED = 100_000
AIM_LARGEST = 4.0
"""Seconds for a survey of AIMED files; for another number its share, but never less than the start-up."""
START = 0.15
SURVEY_FLOOR = 0.6
SURVEY_MEGABYTES = 300.0
"""For AIMED files; for more of them their share."""


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    argv: tuple[str, ...]
    seconds: float | None
    megabytes: float | None
    runs: int


@dataclass(frozen=True, slots=True)
class Run:
    """`seconds` by the clock, `busy` of the processor in user mode: another program's load lengthens mostly the first."""

    seconds: float
    busy: float
    megabytes: float


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench")
    options.add_argument("--repositories", metavar="FOLDER", default=os.environ.get("OPSMITH_BENCH_REPOSITORIES"))
    repositories = options.parse_args().repositories
    print(f"{'':36} {'min':>7} {'median':>7} {'max':>7}   {'user':>7}   {'peak':>7}   aim")
    for case in (_help(), _dry_run()):
        _tell(case, _measured(case))
    _tell_growth("files", [(files, _surveyed(files)) for files in SIZES])
    _tell_growth("components", [(components, _surveyed_components(components)) for components in COMPONENTS])
    if repositories:
        _tell_repositories(Path(repositories))


def _surveyed(files: int) -> float:
    with tempfile.TemporaryDirectory(prefix="opsmith-bench-") as folder:
        monorepo.write(Path(folder), files)
        case = _survey(folder, files)
        return _told(case)


def _surveyed_components(components: int) -> float:
    with tempfile.TemporaryDirectory(prefix="opsmith-bench-") as folder:
        stacks.write(Path(folder), components)
        return _told(Case(f"survey of {components} components", (OPSMITH, "survey", folder, "--format", "json"), None, SURVEY_MEGABYTES, runs=3))


def _told(case: Case) -> float:
    """Median of the processor's time."""
    runs = _measured(case)
    _tell(case, runs)
    return statistics.median(run.busy for run in runs)


def _tell_growth(what: str, medians: list[tuple[int, float]]) -> None:
    """How much each one more costs, from step to step: the same where the time grows linearly."""
    costs = ", ".join(f"{1000 * (after - before) / (more - fewer):.3f} ms to {more}" for (fewer, before), (more, after) in pairwise(medians))
    print(f"each further one of the {what} takes {costs} (linear: the same)", flush=True)


def _tell_repositories(folder: Path) -> None:
    took: list[float] = []
    for place in sorted(item for item in folder.iterdir() if item.is_dir()):
        case = Case(place.name[-36:], (OPSMITH, "survey", str(place), "--format", "json"), None, None, runs=1)
        runs = _measured(case)
        _tell(case, runs)
        took.append(runs[0].seconds)
    if took:
        print(f"{len(took)} repositories: median {1000 * statistics.median(took):.0f} ms, max {1000 * max(took):.0f} ms")


def _help() -> Case:
    return Case("--help", (OPSMITH, "--help"), START, None, runs=7)


def _dry_run() -> Case:
    example = REPOSITORY / "examples" / "notes"
    task = (example / "task.txt").read_text(encoding="utf-8")
    return Case(
        "run --prove none --dry-run (notes)", (OPSMITH, "run", task, "--repo", str(example), "--prove", "none", "--dry-run"), 0.6, None, runs=5
    )


def _survey(folder: str, files: int) -> Case:
    aim = max(SURVEY_FLOOR, AIM_LARGEST * files / AIMED)
    return Case(f"survey of {files} files", (OPSMITH, "survey", folder, "--format", "json"), aim, SURVEY_MEGABYTES * max(1, files / AIMED), runs=3)


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
    return Run(time.perf_counter() - began, usage.ru_utime, kilobytes / 1024)


def _tell(case: Case, runs: Sequence[Run]) -> None:
    seconds = [run.seconds for run in runs]
    print(
        f"{case.name:36} {min(seconds):6.2f}s {statistics.median(seconds):6.2f}s {max(seconds):6.2f}s   "
        f"{statistics.median(run.busy for run in runs):6.2f}s   {max(run.megabytes for run in runs):4.0f} MB   {_verdict(case, runs)}",
        flush=True,
    )


def _verdict(case: Case, runs: Sequence[Run]) -> str:
    aims = [f"{case.seconds:.2f} s"] if case.seconds else []
    aims += [f"{case.megabytes:.0f} MB"] if case.megabytes else []
    in_time = case.seconds is None or statistics.median(run.seconds for run in runs) <= case.seconds
    in_memory = case.megabytes is None or max(run.megabytes for run in runs) <= case.megabytes
    return f"{', '.join(aims)}: {'reached' if in_time and in_memory else 'missed'}" if aims else ""


if __name__ == "__main__":
    main()
