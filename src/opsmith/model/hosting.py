"""Resources of Terraform that run a system's own parts."""

from __future__ import annotations

RUNNING = (
    "aws_apprunner_service", "aws_ecs_service", "aws_ecs_task_definition", "aws_eks_", "aws_elastic_beanstalk_environment", "aws_lambda_function",
    "azurerm_app_service", "azurerm_container_app", "azurerm_container_group", "azurerm_kubernetes_cluster", "azurerm_linux_web_app",
    "digitalocean_app", "digitalocean_kubernetes_cluster", "google_app_engine", "google_cloud_run", "google_cloudfunctions",
    "google_container_cluster", "helm_release", "heroku_app", "kubernetes_deployment", "render_",
)  # fmt: skip
"""Their types begin so."""
