"""Whether data that is lost can be had again."""

from __future__ import annotations

import re

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Block, Estate
from opsmith.shapes import items, table
from opsmith.standard import TEAM, Standard
from opsmith.standards.stores import MANAGED, saved, stores
from opsmith.standards.verdicts import could_not_check, does_not_apply, listed, met, not_met

NAME = "backups"
TITLE = "Backups"
TASK = "Set up database backups"
NO_DATA = "no database that keeps data was found"

_TOOLS = re.compile(
    r"pg_dump|pg_basebackup|wal-g|pgbackrest|barman|mysqldump|xtrabackup|mariabackup|mongodump|velero|restic|borg|kopia|litestream|postgres-backup|"
    r"db-backup|mysql-backup|sqlcmd[^\n]{0,300}BACKUP|duplicity|rclone|neo4j-admin (?:database )?dump|clickhouse-backup|\bmedusa\b", re.IGNORECASE,
)  # fmt: skip
_RESTORES = re.compile(r"pg_restore|velero restore|wal-g backup-fetch|mongorestore|pgbackrest[^\n]{0,300}restore|restic restore|restore (?:the )?(?:database|backup|data|from)|psql[^\n]{0,300}<|"
                       r"restoring (?:the )?(?:database|backup|data|from)|litestream restore|restore drill|restore[- ]test", re.IGNORECASE)  # fmt: skip
_PLANS = (
    "aws_backup_plan",
    "google_gke_backup_backup_plan",
    "azurerm_backup_policy",
    "azurerm_data_protection_backup_policy",
    "aws_dlm_lifecycle_policy",
)


def places(estate: Estate) -> list[Spot]:
    """What makes backups: scheduled objects, containers, managed databases that say so, scripts that are about it."""
    found = [
        item.spot() for item in estate.objects if item.kind in ("Schedule", "ScheduledBackup", "BackupSchedule", "VolumeSnapshot", "PerconaPGBackup")
    ]
    found += [
        item.spot("spec", "backup")
        for item in estate.objects
        if item.kind in ("Cluster", "PostgresCluster", "postgresql") and "backup" in str(item.spec)[:20_000].lower()
    ]
    for workload in estate.workloads:
        found += [c.spot() for c in workload.containers() if _TOOLS.search(f"{c.image} {c.body.get('command') or ''} {c.body.get('args') or ''}")]
    found += [
        service.spot()
        for service in estate.compose
        if _TOOLS.search(f"{service.image} {service.body.get('command') or ''} {service.body.get('entrypoint') or ''}")
    ]
    found += [block.spot() for block in estate.resources(*MANAGED) if _keeps(block)]
    found += [block.spot() for block in estate.resources(*_PLANS)]
    found += [Spot(file=path) for path, text in estate.texts.items() if path.endswith((".sh", ".bash")) and _TOOLS.search(text)]
    return found + [step.spot for item in estate.pipelines for step in item.steps if _TOOLS.search(step.words[:50_000])]


def _keeps(block: Block) -> bool:
    resource = block.labels[0]
    days = block.values.get("backup_retention_period", block.values.get("backup_retention_days"))
    if resource.startswith("google_sql"):
        return any(inner.values.get("enabled") == "true" for inner in block.within("backup_configuration"))
    if resource.startswith("azurerm_"):
        return True  # on by default, for seven days
    return days not in (None, "0") or resource in ("aws_rds_cluster", "aws_docdb_cluster")  # those two keep one day by default


def _present(estate: Estate) -> Judgement:
    kinds = saved(estate)
    if not kinds:
        return does_not_apply(NO_DATA)
    found = places(estate)
    if found:
        return met(f"backups of {listed(sorted(kinds))} are made", found)
    if not stores(estate):
        return could_not_check(f"{listed(sorted(kinds))} is run elsewhere; whether somebody saves it cannot be told", task=TASK)
    return not_met(f"nothing saves the data of {listed(sorted(kinds))}", stores(estate), task=TASK)


def _retention(estate: Estate) -> Judgement:
    found = places(estate)
    if not found:
        return does_not_apply("no backup is made, or none is known")
    told = [
        item.spot("spec")
        for item in estate.objects
        if item.kind in ("Schedule", "Cluster", "PostgresCluster") and re.search(r"ttl|retention", str(item.spec), re.IGNORECASE)
    ]
    told += [
        block.spot()
        for block in estate.resources(*MANAGED, *_PLANS)
        if re.search(r"retention|delete_after|retained", " ".join([*block.values, *_inner(block)]))
    ]
    told += [
        container.spot()
        for workload in estate.workloads
        for container in workload.containers()
        if _TOOLS.search(str(container.body)) and re.search(r"retention|retain|keep|expire|-mtime|delete", str(container.body), re.IGNORECASE)
    ]
    told += [
        service.spot()
        for service in estate.compose
        if _TOOLS.search(service.image)
        and re.search(r"KEEP|RETENTION|RETAIN", str(items(service.body.get("environment")) or table(service.body.get("environment"))))
    ]
    told += [
        Spot(file=path)
        for path, text in estate.texts.items()
        if path.endswith((".sh", ".bash")) and _TOOLS.search(text) and re.search(r"retention|retain|-mtime|keep", text, re.IGNORECASE)
    ]
    if told:
        return met("how long backups are kept is told", told)
    return not_met("how long backups are kept is not told", found[:3], task="Set up database backups with retention")


def _inner(block: Block) -> list[str]:
    return [key for inner in block.blocks for key in (*inner.values, inner.kind, *_inner(inner))]


def _restored(estate: Estate) -> Judgement:
    if not saved(estate):
        return does_not_apply(NO_DATA)
    found = [Spot(file=path, line=text.count("\n", 0, match.start()) + 1) for path, text in estate.texts.items() if (match := _RESTORES.search(text))]
    if found:
        return met("how to restore is told", found)
    if not places(estate):
        return does_not_apply("there is no backup that could be restored, or none is known")
    return not_met(
        "backups are made, and nothing tells or tries how to restore them", places(estate)[:3], task="Set up database backups with a restore drill"
    )


STANDARDS = (
    Standard(id="backups/present", summary="data is saved", source=f"{TEAM}: automated backups", weight=3, judge=_present),
    Standard(id="backups/retention", summary="how long backups are kept is told", source=f"{TEAM}: backup retention", weight=1, judge=_retention),
    Standard(
        id="backups/restore",
        summary="restoring is described or tried",
        source=f"{TEAM}: regular disaster recovery testing",
        weight=2,
        judge=_restored,
    ),
)
