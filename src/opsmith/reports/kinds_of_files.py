"""Which targets and tools are of one kind, as far as reports tell of them."""

from __future__ import annotations

CLUSTERS = ("kubernetes", "kustomize", "helm")
PIPELINES = ("github_actions", "gitlab_ci", "jenkins", "circleci", "azure_pipelines")
SCANNERS = ("trivy", "checkov", "hadolint")
BACKUPS = ("velero", "backups")
