"""What an auditor asks of a repository itself."""

from __future__ import annotations

import re

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Estate
from opsmith.standard import TEAM, Standard
from opsmith.standards.verdicts import could_not_check, does_not_apply, each, met, not_met

NAME = "compliance"
TITLE = "Compliance"

_OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_UPDATES = re.compile(r"(?:^|/)(?:\.github/dependabot\.ya?ml|(?:\.github/|\.gitlab/)?\.?renovate(?:rc)?(?:\.json5?)?|renovate-config\.json)$")
_POLICY = re.compile(r"^(?:\.github/|docs/|\.gitlab/)?SECURITY(?:-\w+)?\.(?:md|rst|txt|adoc)$", re.IGNORECASE)


def _nothing(estate: Estate) -> bool:
    return not estate.shipped and not estate.existing


def _review(estate: Estate) -> Judgement:
    if _nothing(estate):
        return does_not_apply("nothing that runs was recognised")
    if found := [Spot(file=path) for path in _OWNERS if path in estate.files]:
        return met("who has to agree to a change is told", found)
    return could_not_check("no CODEOWNERS; whether the host asks for a review cannot be told from files")


def _updates(estate: Estate) -> Judgement:
    if _nothing(estate):
        return does_not_apply("nothing that runs was recognised")
    if found := [Spot(file=path) for path in sorted(estate.files) if _UPDATES.search(path)]:
        return met("updates are proposed by a bot", found)
    return not_met("nobody proposes updates of dependencies: no Dependabot, no Renovate", task="Write a GitHub Actions pipeline with Dependabot")


def _policy(estate: Estate) -> Judgement:
    if _nothing(estate):
        return does_not_apply("nothing that runs was recognised")
    if found := [Spot(file=path) for path in sorted(estate.files) if _POLICY.search(path)]:
        return met("how to report a weakness is told", found)
    return could_not_check("no SECURITY.md; an organisation may have one for all of its repositories")


def _retention(estate: Estate) -> Judgement:
    groups = estate.resources("aws_cloudwatch_log_group")
    if not groups:
        return does_not_apply("no log group is described")
    bad = [block for block in groups if block.values.get("retention_in_days", "0") == "0"]
    return each([block.spot() for block in groups if block not in bad], [block.spot() for block in bad], what="log group", fails="keeping logs for ever",
                holds="for a stated time", named=[".".join(block.labels) for block in bad], task="Harden the Terraform: log retention")  # fmt: skip


def _audit(estate: Estate) -> Judgement:
    clusters = estate.resources("aws_eks_cluster")
    if not clusters:
        return does_not_apply("no cluster of AWS is described, whose audit log has to be asked for")
    bad = [
        block
        for block in clusters
        if "audit" not in block.values.get("enabled_cluster_log_types", "") and "var." not in block.values.get("enabled_cluster_log_types", "")
    ]
    return each([block.spot() for block in clusters if block not in bad], [block.spot() for block in bad], what="cluster", fails="without an audit log",
                holds="with an audit log", named=[".".join(block.labels) for block in bad], task="Harden the Terraform: audit logs")  # fmt: skip


STANDARDS = (
    Standard(
        id="compliance/updates",
        summary="dependencies are kept up to date",
        source="SOC 2 CC7.1; PCI DSS 6.3.3; OpenSSF Scorecard",
        weight=2,
        judge=_updates,
    ),
    Standard(id="compliance/review", summary="changes are reviewed by their owners", source="SOC 2 CC8.1; PCI DSS 6.5.1", weight=1, judge=_review),
    Standard(
        id="compliance/policy",
        summary="weaknesses can be reported",
        source="ISO/IEC 29147; OpenSSF Scorecard: Security-Policy",
        weight=1,
        judge=_policy,
    ),
    Standard(
        id="compliance/retention",
        summary="logs are kept for a stated time",
        source=f"{TEAM}: log retention; GDPR 5(1)(e); PCI DSS 10.5",
        weight=1,
        judge=_retention,
    ),
    Standard(id="compliance/audit", summary="what is done to a cluster is logged", source="CIS EKS 2.1; SOC 2 CC7.2", weight=2, judge=_audit),
)
