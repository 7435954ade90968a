"""Whether what is spent can be told by who spends it."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Block, Estate
from opsmith.shapes import table
from opsmith.standard import TEAM, Standard
from opsmith.standards.containers import absent
from opsmith.standards.verdicts import does_not_apply, each, met, not_met

NAME = "cost"
TITLE = "Cost tags"
TASK = "Harden the Terraform: cost tags on all resources and a budget alarm"

_TAGGED = (
    "aws_instance", "aws_db_instance", "aws_rds_cluster", "aws_s3_bucket", "aws_eks_cluster", "aws_ecs_cluster", "aws_ecs_service", "aws_lb", "aws_vpc",
    "aws_nat_gateway", "aws_elasticache", "aws_lambda_function", "aws_dynamodb_table", "aws_ebs_volume", "aws_efs_file_system", "aws_msk_cluster",
    "aws_mq_broker", "aws_apprunner_service", "google_compute_instance", "google_container_cluster", "google_sql_database_instance", "google_storage_bucket",
    "google_redis_instance", "google_cloud_run", "azurerm_resource_group", "azurerm_kubernetes_cluster", "azurerm_postgresql", "azurerm_storage_account",
    "azurerm_linux_web_app", "azurerm_container_app", "azurerm_redis_cache", "azurerm_virtual_network",
)  # fmt: skip
_KEYS = ("tags", "labels", "tag", "user_labels", "resource_labels")
_PARTS = ("aws_lb_listener", "aws_lb_target_group_attachment", "aws_s3_bucket_", "aws_vpc_", "aws_lambda_function_", "google_storage_bucket_", "google_cloud_run_service_iam",
          "google_compute_instance_group", "google_compute_instance_iam", "aws_elasticache_parameter", "aws_rds_cluster_role", "azurerm_postgresql_flexible_server_",
          "azurerm_storage_account_", "aws_ecs_cluster_capacity", "azurerm_postgresql_firewall", "google_cloud_run_v2_service_iam")  # fmt: skip


def _clouds(blocks: Iterable[Block]) -> set[str]:
    """The clouds whose resources are described."""
    return {cloud for block in blocks if block.kind == "resource" and block.labels for cloud in _CLOUDS if block.labels[0].startswith(f"{cloud}_")}


_CLOUDS = ("aws", "google", "azurerm", "oci", "digitalocean", "hcloud", "alicloud", "ibm")


def _tags(estate: Estate) -> Judgement:
    resources = [block for block in estate.resources(*_TAGGED) if not block.labels[0].startswith(_PARTS)]
    if not resources:
        return does_not_apply("no resource is described that costs money" if estate.blocks else "there is no Terraform")
    by_default = {
        block.labels[0]
        for block in estate.blocks
        if block.kind == "provider" and block.labels and (list(block.within("default_tags")) or "default_labels" in block.values)
    }
    good = [block.spot() for block in resources if _is_tagged(block, by_default)]
    bad = [block for block in resources if not _is_tagged(block, by_default)]
    return each(good, [block.spot() for block in bad], what="resource", fails="without a tag that tells whose it is", holds="tagged",
                named=[".".join(block.labels) for block in bad], task=TASK)  # fmt: skip


def _is_tagged(block: Block, by_default: set[str]) -> bool:
    inside = any(key in inner.values for inner in block.within("settings") for key in _KEYS)
    return any(key in block.values for key in _KEYS) or inside or block.labels[0].partition("_")[0] in by_default


def _budget(estate: Estate) -> Judgement:
    if not _clouds(estate.blocks):
        return does_not_apply("no resource of a cloud is described")
    found = [
        block.spot()
        for block in estate.resources("aws_budgets_budget", "google_billing_budget", "azurerm_consumption_budget", "aws_ce_anomaly_monitor")
    ]
    if found:
        return met("somebody is told when more is spent than planned", found)
    first = next(block for block in estate.resources())
    return not_met("nobody is told when more is spent than planned", [Spot(file=first.file)], task=TASK)


def _labels(estate: Estate) -> Judgement:
    if why := absent(estate):
        return why
    owners = ("app.kubernetes.io/part-of", "app.kubernetes.io/name", "app.kubernetes.io/instance", "team", "owner", "cost-center", "app", "k8s-app")
    common = any(key in item.body for item in estate.kustomizations for key in ("commonLabels", "labels"))
    good = [
        item.object.spot("metadata")
        for item in estate.workloads
        if common or set(owners) & {*table(item.object.metadata.get("labels")), *item.labels}
    ]
    bad = [item for item in estate.workloads if not common and not set(owners) & {*table(item.object.metadata.get("labels")), *item.labels}]
    return each(good, [item.object.spot("metadata") for item in bad], what="workload", fails="without a label that tells whose cost it is", holds="labelled",
                named=[item.name for item in bad], task="Deploy it to Kubernetes with recommended labels")  # fmt: skip


STANDARDS = (
    Standard(
        id="cost/tags",
        summary="resources are tagged",
        source=f"{TEAM}: all resources tagged for cost tracking; FinOps: allocation",
        weight=2,
        judge=_tags,
    ),
    Standard(id="cost/labels", summary="workloads are labelled", source="Kubernetes: recommended labels; OpenCost", weight=1, judge=_labels),
    Standard(id="cost/budget", summary="there is a budget alarm", source=f"{TEAM}: budget alerts", weight=1, judge=_budget),
)
