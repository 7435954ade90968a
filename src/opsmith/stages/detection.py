"""Asks every detector. A large repository is read by two processes; what comes out is the same either way, to the last byte."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opsmith import catalog
from opsmith.detectors.existing import existing
from opsmith.model.survey import Component, Existing, Problem
from opsmith.repo import Repo

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

WORTH_TWO = 5_000
"""With fewer files the second process costs more than it saves."""

Work = Callable[[Repo], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one work found, and the problems that it met, in their order."""

    found: Sequence[Any]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class Detected:
    components: tuple[Component, ...]
    existing: tuple[Existing, ...]
    problems: list[Problem]
    """Of the deployment files: told after those of everything else."""


def detected(repo: Repo) -> Detected:
    """Every component, in the order of the detectors, and every deployment file."""
    works: list[Work] = [*(_listed(detector.detect) for detector in catalog.detectors()), existing]
    *seen, files = _by_two(repo, works) if _is_worth_two(repo) else _by_one(repo, works)
    for one in seen:
        tell(repo, one.problems)
    return Detected(tuple(component for one in seen for component in one.found), tuple(files.found), files.problems)


def tell(repo: Repo, problems: list[Problem]) -> None:
    for problem in problems:
        repo.problem(problem.file, problem.what, line=problem.line, manifest=problem.manifest)


def _listed(detect: Callable[[Repo], Any]) -> Work:
    return lambda repo: list(detect(repo))


def _seen(repo: Repo, work: Work) -> Seen:
    """Done with the problems kept apart, so that they can be told in the order of the works."""
    told, repo.problems = repo.problems, []
    try:
        return Seen(work(repo), repo.problems)
    finally:
        repo.problems = told


def _by_one(repo: Repo, works: Sequence[Work]) -> list[Seen]:
    return [_seen(repo, work) for work in works]


def _is_worth_two(repo: Repo) -> bool:
    """A process with threads must not be copied; on macOS neither one that has used the system's libraries."""
    return len(repo.files) >= WORTH_TWO and sys.platform == "linux" and threading.active_count() == 1 and (os.cpu_count() or 1) > 1


def _by_two(repo: Repo, works: Sequence[Work]) -> list[Seen]:
    """A copy of this process does the first and the last of the works, this one those between. What the copy cannot do is done here."""
    from multiprocessing import get_context

    context = get_context("fork")
    answer, sender = context.Pipe(duplex=False)
    repo.folders()  # both need the table
    copy = context.Process(target=_answer, args=(sender, repo, (works[0], works[-1])), daemon=True)
    copy.start()
    sender.close()
    try:
        between = _by_one(repo, works[1:-1])
        first, last = _received(answer) or _by_one(repo, (works[0], works[-1]))
    finally:
        copy.kill()
        copy.join()
    return [first, *between, last]


def _answer(sender: Connection, repo: Repo, works: Sequence[Work]) -> None:
    try:
        sender.send(_by_one(repo, works))
    except BaseException:  # the other process does the work again, and meets what is wrong
        os._exit(1)


def _received(answer: Connection) -> list[Seen] | None:
    try:
        seen: list[Seen] = answer.recv()
    except (EOFError, OSError):
        return None
    return seen
