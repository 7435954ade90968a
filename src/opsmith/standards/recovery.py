"""How long an outage may take, how much may be lost, and what is done then."""

from __future__ import annotations

import re

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Block, Estate
from opsmith.standard import TEAM, Standard
from opsmith.standards.stores import saved, stores
from opsmith.standards.verdicts import could_not_check, does_not_apply, each, met, not_met
from opsmith.standards.watching import nothing_served

NAME = "recovery"
TITLE = "Recovery targets"
TASK = "Set up disaster recovery with RTO 1h and RPO 30m"

_TARGETS = re.compile(
    r"\b(?:RTO|recovery time objective)\b[\s\S]{0,400}?\b(?:RPO|recovery point objective)\b|\bRPO\b[\s\S]{0,400}?\bRTO\b", re.IGNORECASE
)


def _targets(estate: Estate) -> Judgement:
    if not saved(estate):
        return does_not_apply("no database that keeps data was found")
    found = [Spot(file=path, line=text.count("\n", 0, match.start()) + 1) for path, text in estate.texts.items() if (match := _TARGETS.search(text))]
    if found:
        return met("recovery time and recovery point are stated", found)
    if not stores(estate):
        return could_not_check("the database is run elsewhere; what is promised for it cannot be told", task=TASK)
    return not_met("how long an outage may take (RTO) and how much data may be lost (RPO) is stated nowhere", task=TASK)


_RUNBOOK = re.compile(
    r"(?:^|/)(?:runbooks?|playbooks?)(?:/|[\w.-]*\.(?:md|rst|adoc)$)|(?:^|/)(?:disaster|recovery|incident)[\w.-]*\.(?:md|rst|adoc)$", re.IGNORECASE
)


def _procedure(estate: Estate) -> Judgement:
    if nothing_served(estate):
        return does_not_apply("nothing here answers requests")
    found = [Spot(file=path) for path in sorted(estate.files) if _RUNBOOK.search(path) and path.endswith((".md", ".rst", ".adoc"))]
    if found:
        return met("what to do in an outage is written down", found)
    return not_met("what to do in an outage is written down nowhere", task="Write runbooks for every service")


def _zones(estate: Estate) -> Judgement:
    managed = estate.resources("aws_db_instance", "google_sql_database_instance", "aws_elasticache_replication_group")
    if not managed:
        return does_not_apply("no managed database is described")
    good = [block.spot() for block in managed if _survives(block)]
    bad = [block for block in managed if not _survives(block)]
    return each(good, [block.spot() for block in bad], what="database", fails="lost with its zone", holds="in more than one zone",
                named=[".".join(block.labels) for block in bad], task="Harden the Terraform: multi-AZ databases")  # fmt: skip


def _survives(block: Block) -> bool:
    regional = any(inner.values.get("availability_type") == '"REGIONAL"' for inner in block.within("settings"))
    return regional or any(block.values.get(key, "false") != "false" for key in ("multi_az", "multi_az_enabled", "replicate_source_db"))


STANDARDS = (
    Standard(
        id="recovery/targets", summary="recovery targets are stated", source=f"{TEAM}: RTO/RPO tiers 15m/5m, 1h/30m, 4h/24h", weight=2, judge=_targets
    ),
    Standard(id="recovery/procedure", summary="there are runbooks", source=f"{TEAM}: incident response", weight=2, judge=_procedure),
    Standard(id="recovery/zones", summary="databases survive the loss of a zone", source=f"{TEAM}: multi-AZ deployment", weight=2, judge=_zones),
)
