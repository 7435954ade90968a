"""Where deployment files contradict the code, or each other. Only what is certain is told: both sides are plain text and nothing decides between."""

from __future__ import annotations

from collections.abc import Sequence

from opsmith.detectors.deployed import Deployed
from opsmith.model.finding import SEVERITIES, Finding
from opsmith.repo import Repo
from opsmith.stages.deployment.contradictions.health import health
from opsmith.stages.deployment.contradictions.missing import missing
from opsmith.stages.deployment.contradictions.ports import ports
from opsmith.stages.deployment.contradictions.selectors import selectors
from opsmith.stages.deployment.contradictions.services import services
from opsmith.stages.deployment.contradictions.versions import versions
from opsmith.stages.deployment.pairing import Pairs
from opsmith.stages.deployment.statements import Statement

_RULES = (missing, ports, versions, selectors, services)


def contradictions(repo: Repo, deployed: Deployed, pairs: Pairs, said: Sequence[Statement]) -> tuple[Finding, ...]:
    """`said` is what the files say of each component."""
    found = {finding for rule in _RULES for finding in rule(repo, deployed, pairs)} | {*health(repo, said, pairs)}
    return tuple(sorted(found, key=lambda item: (SEVERITIES.index(item.severity), item.path or "", item.line or 0, item.rule, item.message)))
