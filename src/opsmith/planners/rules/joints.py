"""The joints at which tables of words have nothing to propose: what the stages do by themselves stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from opsmith.model.artifact import Artifact
from opsmith.model.finding import Finding
from opsmith.model.proposal import Account, Amendment, Draft, Edit, Situation
from opsmith.model.report import RunReport


def amend(situation: Situation) -> Sequence[Amendment]:
    """None: the draft already holds everything that facts, words, settings and defaults decide."""
    return ()


def author(situation: Situation, taken: Collection[str]) -> Sequence[Draft]:
    """None: what no target covers stays an open point, which the draft has told."""
    return ()


def mend(artifacts: Sequence[Artifact], findings: Sequence[Finding]) -> Sequence[Edit]:
    """None beyond the mends that findings bring along and mark safe."""
    return ()


def narrate(report: RunReport) -> str:
    """Nothing goes before the report."""
    return ""


def account() -> Account | None:
    """No model took part."""
    return None


def settle(*, delivered: bool) -> None:
    """Nothing was remembered."""
