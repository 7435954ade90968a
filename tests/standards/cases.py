"""A small tree that meets each standard and one that does not."""

from __future__ import annotations

from opsmith.model.survey import BackingService, Component, EnvVar, Evidence

Tree = dict[str, str]

API = Component(name="api", path="", role="web", language="python", ports=(8000,), manifests=("requirements.txt",),
                evidence={"ports": (Evidence(file="main.py", line=3, shows="port=8000"),)})  # fmt: skip


def api(**facts: object) -> Component:
    import dataclasses

    return dataclasses.replace(API, **facts)  # type: ignore[arg-type]


def pod(container: str = "", spec: str = "", *, kind: str = "Deployment", name: str = "api", head: str = "", image: str = "shop/api:1.2") -> str:
    """A workload with one container that listens; `container`, `spec` and `head` are further lines at their places."""
    lines = [
        f"apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: {name}\n  labels: {{app: {name}}}\nspec:",
        *(f"  {line}" for line in head.splitlines()),
        f"  template:\n    metadata:\n      labels: {{app: {name}}}\n    spec:",
        *(f"      {line}" for line in spec.splitlines()),
        f"      containers:\n        - name: {name}\n          image: {image}\n          ports: [{{containerPort: 8000}}]",
        *(f"          {line}" for line in container.splitlines()),
    ]
    return "\n".join(lines) + "\n"


def k8s(*args: str, **kwargs: str) -> Tree:
    return {"k8s/api.yaml": pod(*args, **kwargs)}


def workflow(steps: str, *, top: str = "", job: str = "") -> Tree:
    indented = "".join(f"      {line}\n" for line in steps.splitlines())
    return {".github/workflows/ci.yml": f"on: push\n{top}jobs:\n  release:\n{job}    runs-on: ubuntu-24.04\n    steps:\n{indented}"}


def terraform(text: str) -> Tree:
    return {"main.tf": text}


def alert(*, annotations: str = "{runbook_url: docs/api.md}", labels: str = "{severity: critical}", wait: str = "5m", expr: str = "up == 0") -> str:
    return (
        "groups:\n  - name: api\n    rules:\n      - alert: Down\n"
        f"        expr: {expr}\n        for: {wait}\n        labels: {labels}\n        annotations: {annotations}\n"
    )


def alerts(**facts: str) -> Tree:
    return {"monitoring/rules.yml": alert(**facts), **k8s()}


COMPOSE = "services:\n  api:\n    build: .\n    ports: ['8000:8000']\n"
IMAGE = {"Dockerfile": "FROM python:3.12-slim\nUSER app\nEXPOSE 8000\n"}
BOUND = "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: api}}\n"
POSTGRES = pod(kind="StatefulSet", name="db", image="postgres:17.2")
DUMP = """apiVersion: batch/v1
kind: CronJob
metadata: {name: save}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: save
              image: postgres:17.2
              command: [sh, -c, "pg_dump > /backup/$(date +%F)RETAIN"]
"""
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: api}\nspec:\n  podSelector: {matchLabels: {app: api}}\n"
DENY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec:\n  podSelector: {}\n  policyTypes: [Ingress]\n"
INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec:\n  rules: []\n"
BUDGET = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: api}\nspec:\n  selector: {matchLabels: {app: api}}\n"
SCRAPED = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: api}\nspec: {}\n"
RDS = 'resource "aws_db_instance" "main" {\n  engine = "postgres"\n%s}\n'
ROUTES = "route: {receiver: ops}\nreceivers:\n  - name: ops\n%s"
TWO = "replicas: 2"
BUILD = "- run: docker build -t shop .\n"
PUSH = "- run: docker build -t shop .\n- run: docker push shop\n"
DEPLOY = "- run: kubectl apply -k k8s\n"

Case = tuple[Tree, tuple[Component, ...], Tree, tuple[Component, ...], str, tuple[str, ...]]
"""Files and components that meet it; files and components that do not; what is said then, and where."""


def case(good: Tree, bad: Tree, message: str, *places: str, has: tuple[Component, ...] = (API,), lacks: tuple[Component, ...] | None = None) -> Case:
    return good, has, bad, has if lacks is None else lacks, message, places


CASES: dict[str, Case] = {
    "build/image": case(IMAGE, {"main.py": ""}, "no Dockerfile and no other build of an image"),
    "build/locked": case({"requirements.txt": "flask==3.1.0\n"}, {"requirements.txt": "flask\n"}, "1 of 1 component without a lock file: api", "requirements.txt"),
    "build/stages": case(
        {"Dockerfile": "FROM golang:1.23 AS build\nRUN go build\nFROM scratch\nCOPY --from=build /a /a\n"},
        {"Dockerfile": "FROM golang:1.23\nRUN go build\n"},
        "1 of 1 Dockerfile compiling in the only stage, so tools and sources are shipped", "Dockerfile:2",
    ),
    "build/context": case(
        {"Dockerfile": "FROM a:1\nCOPY . .\n", ".dockerignore": ".git\n"}, {"Dockerfile": "FROM a:1\nCOPY . .\n"},
        "1 of 1 Dockerfile copying everything, with no .dockerignore to keep .git, secrets and build results out", "Dockerfile:2",
    ),
    "build/layers": case(
        {"Dockerfile": "FROM node:22\nCOPY package.json .\nRUN npm ci\nCOPY . .\n"}, {"Dockerfile": "FROM node:22\nCOPY . .\nRUN npm ci\n"},
        "1 of 1 installation repeated after every change of a source", "Dockerfile:3",
    ),
    "image/non-root": case(IMAGE, {"Dockerfile": "FROM python:3.12-slim\n"}, "1 of 1 image running as root: Dockerfile", "Dockerfile:1"),
    "image/no-secrets": case(
        {"Dockerfile": "FROM a:1\nENV API_TOKEN=changeme\n"}, {"Dockerfile": "FROM a:1\nENV DB_PASSWORD=hunter2b\n"},
        "secrets are written into an image: DB_PASSWORD", "Dockerfile:2",
    ),
    "image/version": case(IMAGE, {"Dockerfile": "FROM node\n"}, "1 of 1 base image that may be another one tomorrow: node", "Dockerfile:1"),
    "image/digest": case(
        {"Dockerfile": f"FROM node:22@sha256:{'a' * 64}\n"}, IMAGE, "1 of 1 base image without a digest, so a build today and one tomorrow differ", "Dockerfile:1",
    ),
    "image/small": case(IMAGE, {"Dockerfile": "FROM python:3.12\n"}, "1 of 1 image shipping a whole toolchain or distribution: python:3.12", "Dockerfile:1"),
    "image/health": case(
        {"Dockerfile": "FROM a:1\nEXPOSE 80\nHEALTHCHECK CMD true\n"}, IMAGE, "1 of 1 image listening without a health check: Dockerfile", "Dockerfile:3",
    ),
    "image/signals": case(
        {"Dockerfile": 'FROM a:1\nCMD ["app"]\n'}, {"Dockerfile": "FROM a:1\nCMD app\n"},
        "1 of 1 image started through a shell, which keeps SIGTERM from the process", "Dockerfile:2",
    ),
    "configuration/deployed": case(
        {"compose.yaml": COMPOSE}, IMAGE, "nothing describes how it is deployed: no compose file, manifest, chart, platform or infrastructure file",
    ),
    "configuration/variables": case(
        {".env.example": "PAYMENTS=\n"}, {"main.py": ""}, "required and told in no .env.example, README, compose file, manifest or Terraform: PAYMENTS", "main.py:9",
        has=(api(env=(EnvVar(name="PAYMENTS", required=True),), evidence={"env": (Evidence(file="main.py", line=9, shows="PAYMENTS"),)}),),
    ),
    "configuration/health": case(
        {"main.py": ""}, {"main.py": ""}, "no endpoint for health checks was found in the code of api", "main.py:3", has=(api(health_path="/health", evidence={"health_path": (Evidence(file="main.py", line=5, shows="/health"),)}),), lacks=(API,),
    ),
    "configuration/compose-health": case(
        {"compose.yaml": COMPOSE + "    healthcheck: {test: [CMD, 'true']}\n"}, {"compose.yaml": COMPOSE},
        "1 of 1 service listening without a health check: api", "compose.yaml:2",
    ),
    "configuration/compose-limits": case(
        {"compose.yaml": COMPOSE + "    mem_limit: 1g\n"}, {"compose.yaml": COMPOSE}, "1 of 1 service free to take all memory of the machine: api", "compose.yaml:2",
    ),
    "configuration/compose-restart": case(
        {"compose.yaml": COMPOSE + "    restart: always\n"}, {"compose.yaml": COMPOSE}, "1 of 1 service left down after a crash or reboot: api", "compose.yaml:2",
    ),
    "configuration/compose-images": case(
        {"compose.yaml": "services:\n  db:\n    image: postgres:17\n"}, {"compose.yaml": "services:\n  db:\n    image: postgres\n"},
        "1 of 1 image that may be another one tomorrow: postgres", "compose.yaml:3",
    ),
    "configuration/compose-volumes": case(
        {"compose.yaml": "services:\n  db:\n    image: postgres:17\n    volumes: ['data:/var/lib/postgresql/data']\n"},
        {"compose.yaml": "services:\n  db:\n    image: postgres:17\n"},
        "1 of 1 database without a volume: the data goes with the container: db", "compose.yaml:2",
    ),
    "secrets/manifests": case(
        k8s("env:\n  - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: a, key: b}}}"), k8s("env:\n  - {name: DB_PASSWORD, value: hunter2b}"),
        "secrets stand in manifests: DB_PASSWORD", "k8s/api.yaml:16",
    ),
    "secrets/compose": case(
        {"compose.yaml": COMPOSE + "    environment: {DB_PASSWORD: '${DB_PASSWORD}'}\n"}, {"compose.yaml": COMPOSE + "    environment: {DB_PASSWORD: hunter2b}\n"},
        "secrets stand in compose files: api.DB_PASSWORD", "compose.yaml:5",
    ),
    "secrets/env-files": case(
        {".env": "LEVEL=info\n"}, {".env": "LEVEL=info\nDB_PASSWORD=hunter2b\n"}, "secrets stand in files of variables: DB_PASSWORD", ".env:2",
    ),
    "secrets/ignored": case(
        {".env.example": "A=\n", ".gitignore": ".env\n"}, {".env.example": "A=\n", ".gitignore": "dist\n"},
        "a copy of the example would be committed: .gitignore does not name .env", ".env.example",
    ),
    "kubernetes/memory-limit": case(
        k8s("resources: {limits: {memory: 1Gi}}"), k8s(), "1 of 1 container without a memory limit: api/api", "k8s/api.yaml:12",
    ),
    "kubernetes/requests": case(
        k8s("resources: {requests: {cpu: 1, memory: 1Gi}}"), k8s(), "1 of 1 container without requests for CPU and memory: api/api", "k8s/api.yaml:12",
    ),
    "kubernetes/readiness": case(
        k8s("readinessProbe: {httpGet: {path: /, port: 8000}}"), k8s(), "1 of 1 container sent requests before being ready: api/api", "k8s/api.yaml:12",
    ),
    "kubernetes/liveness": case(
        k8s("livenessProbe: {httpGet: {path: /, port: 8000}}"), k8s(), "1 of 1 container left alone when hanging: api/api", "k8s/api.yaml:12",
    ),
    "kubernetes/non-root": case(
        k8s("", "securityContext: {runAsNonRoot: true}"), k8s("securityContext: {runAsUser: 0}"), "1 of 1 container free to run as root: api/api", "k8s/api.yaml:15",
    ),
    "kubernetes/escalation": case(
        k8s("securityContext: {allowPrivilegeEscalation: false}"), k8s(), "1 of 1 container free to gain rights: api/api", "k8s/api.yaml:12",
    ),
    "kubernetes/capabilities": case(
        k8s("securityContext: {capabilities: {drop: [ALL]}}"), k8s(), "1 of 1 container with capabilities that nobody dropped: api/api", "k8s/api.yaml:12",
    ),
    "kubernetes/seccomp": case(
        k8s("", "securityContext: {seccompProfile: {type: RuntimeDefault}}"), k8s(), "1 of 1 container without a seccomp profile: api/api", "k8s/api.yaml:12",
    ),
    "kubernetes/read-only": case(
        k8s("securityContext: {readOnlyRootFilesystem: true}"), k8s(), "1 of 1 container with a root filesystem that can be written: api/api", "k8s/api.yaml:12",
    ),
    "kubernetes/isolated": case(k8s(), k8s("", "hostNetwork: true"), "pods reach into their node: api: hostNetwork", "k8s/api.yaml:11"),
    "kubernetes/images": case(k8s(), k8s(image="shop/api"), "1 of 1 image that may be another one tomorrow: shop/api", "k8s/api.yaml:13"),
    "kubernetes/replicas": case(
        k8s(head=TWO), k8s(), "1 of 1 deployment with a single replica: a node's end is an outage: api", "k8s/api.yaml:6",
    ),
    "kubernetes/disruption": case(
        k8s(head=TWO) | {"k8s/budget.yaml": BUDGET}, k8s(head=TWO),
        "1 of 1 deployment without a disruption budget: one drained node may take all pods: api", "k8s/api.yaml:1",
    ),
    "kubernetes/spread": case(
        k8s("", "topologySpreadConstraints: [{maxSkew: 1}]", head=TWO), k8s(head=TWO), "1 of 1 deployment with pods that may all be on one node: api", "k8s/api.yaml:11",
    ),
    "kubernetes/tokens": case(
        k8s("", "automountServiceAccountToken: false"), k8s(), "1 of 1 workload with a token for the cluster's API and no right that it is for: api", "k8s/api.yaml:10",
    ),
    "kubernetes/rights": case(
        {"k8s/role.yaml": BOUND.format(kind="Role") + "rules:\n  - {verbs: [get], resources: [pods]}\n"},
        {"k8s/role.yaml": BOUND.format(kind="Role") + "rules:\n  - {verbs: ['*'], resources: ['*']}\n"},
        "api may do everything", "k8s/role.yaml:5",
    ),
    "network/policies": case(
        k8s() | {"k8s/policy.yaml": POLICY}, k8s(), "every pod may be reached by every other one: there is no network policy", "k8s/api.yaml:1",
    ),
    "network/deny": case(
        k8s() | {"k8s/deny.yaml": DENY}, k8s() | {"k8s/policy.yaml": POLICY},
        "a new pod may be reached by every other one: no policy denies by default", "k8s/policy.yaml:1",
    ),
    "network/tls": case(
        {"k8s/ingress.yaml": INGRESS + "  tls: [{hosts: [shop.example.com]}]\n"}, {"k8s/ingress.yaml": INGRESS}, "1 of 1 entrance not encrypted: shop", "k8s/ingress.yaml:4",
    ),
    "network/stores": case(
        {"compose.yaml": "services:\n  db:\n    image: postgres:17\n    ports: ['127.0.0.1:5432:5432']\n"},
        {"compose.yaml": "services:\n  db:\n    image: postgres:17\n    ports: ['5432:5432']\n"},
        "reachable from outside: db", "compose.yaml:4",
    ),
    "iac/state": case(
        terraform('terraform {\n  backend "gcs" {}\n}\nprovider "google" {}\n'), terraform('provider "aws" {}\n'),
        "1 of 1 configuration with its state in a local file: .", "main.tf:1",
    ),
    "iac/locking": case(
        terraform('terraform {\n  backend "s3" {\n    use_lockfile = true\n  }\n}\n'), terraform('terraform {\n  backend "s3" {}\n}\n'),
        "1 of 1 state open to two changes at once", "main.tf:2",
    ),
    "iac/pinned": case(
        terraform('module "vpc" {\n  source  = "a/vpc/aws"\n  version = "5.0.0"\n}\n'), terraform('module "vpc" {\n  source = "a/vpc/aws"\n}\n'),
        "1 of 1 dependency without a version: vpc", "main.tf:2",
    ),
    "iac/encrypted": case(terraform(RDS % "  storage_encrypted = true\n"), terraform(RDS % ""), "1 of 1 store not encrypted: aws_db_instance.main", "main.tf:1"),
    "iac/least-privilege": case(
        terraform('data "aws_iam_policy_document" "a" {\n  statement {\n    actions = ["s3:GetObject"]\n  }\n}\n'),
        terraform('data "aws_iam_policy_document" "a" {\n  statement {\n    actions = ["*"]\n  }\n}\n'),
        "rights for everything: aws_iam_policy_document.a", "main.tf:3",
    ),
    "iac/closed": case(
        terraform('resource "aws_security_group" "a" {\n  ingress {\n    from_port = 443\n    to_port = 443\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n'),
        terraform('resource "aws_security_group" "a" {\n  ingress {\n    from_port = 22\n    to_port = 22\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n'),
        "open to everybody beyond the web's ports: aws_security_group.a", "main.tf:2",
    ),
    "iac/private": case(terraform(RDS % ""), terraform(RDS % "  publicly_accessible = true\n"), "1 of 1 store public: aws_db_instance.main", "main.tf:1"),
    "pipeline/present": case(workflow("- run: make"), IMAGE, "there is no pipeline: nothing tests, scans or ships a change by itself"),
    "pipeline/tests": case(workflow("- run: pytest"), workflow("- run: echo"), "no step runs tests", ".github/workflows/ci.yml"),
    "pipeline/lint": case(workflow("- run: ruff check"), workflow("- run: echo"), "no step lints, formats or checks types", ".github/workflows/ci.yml"),
    "pipeline/scan": case(workflow("- run: pip-audit"), workflow("- run: echo"), "no step scans code or dependencies", ".github/workflows/ci.yml"),
    "pipeline/image-scan": case(workflow(BUILD + "- run: trivy image shop"), workflow(BUILD), "images are built and never scanned", ".github/workflows/ci.yml:6"),
    "pipeline/delivery": case(
        workflow(PUSH), workflow("- run: echo"), "the pipeline ends before anything is published or deployed", ".github/workflows/ci.yml",
    ),
    "pipeline/rollback": case(
        workflow(DEPLOY + "- run: kubectl rollout undo deployment/api"), workflow(DEPLOY), "nothing rolls a bad deployment back, by itself or by hand",
        ".github/workflows/ci.yml:3",
    ),
    "pipeline/provenance": case(
        workflow(PUSH + "- run: cosign sign shop"), workflow(PUSH), "images are published without signature, provenance or bill of materials", ".github/workflows/ci.yml:7",
    ),
    "pipeline/permissions": case(
        workflow("- run: echo", top="permissions: {contents: read}\n"), workflow("- run: echo"),
        "1 of 1 workflow leaving the token's permissions at the repository's default: ci.yml", ".github/workflows/ci.yml:3",
    ),
    "pipeline/pinned": case(
        workflow(f"- uses: actions/checkout@{'a' * 40}"), workflow("- uses: actions/checkout@v4"), "1 of 1 action by a tag or branch that can be moved", ".github/workflows/ci.yml:6",
    ),
    "pipeline/keys": case(
        workflow("- uses: aws-actions/configure-aws-credentials@v4\n  with: {role-to-assume: a}"),
        workflow("- uses: aws-actions/configure-aws-credentials@v4\n  with: {aws-secret-access-key: a}"),
        "1 of 1 sign-in with a key that lasts", ".github/workflows/ci.yml:6",
    ),
    "pipeline/limits": case(
        workflow("- run: echo", job="    timeout-minutes: 5\n"), workflow("- run: echo"), "1 of 1 job without a time limit: release", ".github/workflows/ci.yml:3",
    ),
    "pipeline/order": case(
        workflow(DEPLOY, top="concurrency: release\n"), workflow(DEPLOY), "1 of 1 deployment that may overtake another one", ".github/workflows/ci.yml:3",
    ),
    "monitoring/metrics": case(
        {"main.py": ""}, {"main.py": ""}, "no metrics endpoint was found in the code of api", "main.py:3", has=(api(metrics_path="/metrics"),), lacks=(API,),
    ),
    "monitoring/collected": case(
        k8s() | {"k8s/monitor.yaml": SCRAPED}, k8s(),
        "nothing here collects metrics: no scrape configuration, monitor object, telemetry agent or cloud monitoring",
    ),
    "monitoring/dashboards": case(
        k8s() | {"k8s/monitor.yaml": SCRAPED, "grafana/api.json": '{"panels": [], "schemaVersion": 39}'}, k8s() | {"k8s/monitor.yaml": SCRAPED},
        "what is collected is shown on no dashboard", "k8s/monitor.yaml:1",
    ),
    "monitoring/traces": case(
        k8s("env:\n  - {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: 'http://otel:4317'}"), k8s(),
        "a request that passes through several components cannot be followed", has=(api(depends_on=("web",)), api(name="web")),
    ),
    "alerts/present": case(alerts(), k8s(), "nobody is told when the system is down"),
    "alerts/down": case(alerts(), alerts(expr="cpu > 1").copy() | {"monitoring/rules.yml": alert(expr="cpu > 1").replace("Down", "Busy")},
                        "no alert tells that something is down or silent", "monitoring/rules.yml:4"),
    "alerts/objective": case(alerts(expr="errors > 1"), alerts(), "no alert is about errors or latency that users notice", "monitoring/rules.yml:4"),
    "alerts/fast": case(alerts(), alerts(wait="1h"), "1 of 1 urgent alert waiting more than 5 minutes: Down", "monitoring/rules.yml:4"),
    "alerts/severity": case(alerts(), alerts(labels="{team: a}"), "1 of 1 alert without a severity: Down", "monitoring/rules.yml:4"),
    "alerts/runbook": case(alerts(), alerts(annotations="{summary: a}"), "1 of 1 alert without a runbook: Down", "monitoring/rules.yml:4"),
    "alerts/tested": case(
        alerts() | {"monitoring/tests/api.test.yml": "rule_files: [../rules.yml]\ntests: []\n"}, alerts(), "no test shows that an alert fires", "monitoring/rules.yml:4",
    ),
    "alerts/routed": case(
        alerts() | {"alertmanager.yml": ROUTES % "    slack_configs: [{channel: ops}]\n"}, alerts() | {"alertmanager.yml": ROUTES % ""},
        "the Alertmanager here tells nobody", "alertmanager.yml:2",
    ),
    "backups/present": case(
        {"k8s/db.yaml": POSTGRES, "k8s/save.yaml": DUMP}, {"k8s/db.yaml": POSTGRES}, "nothing saves the data of postgres", "k8s/db.yaml:13",
    ),
    "backups/retention": case(
        {"k8s/db.yaml": POSTGRES, "k8s/save.yaml": DUMP.replace("RETAIN", "; find /backup -mtime +7 -delete")},
        {"k8s/db.yaml": POSTGRES, "k8s/save.yaml": DUMP.replace("RETAIN", "")}, "how long backups are kept is not told", "k8s/save.yaml:10",
    ),
    "backups/restore": case(
        {"k8s/db.yaml": POSTGRES, "k8s/save.yaml": DUMP, "docs/runbook.md": "Run pg_restore.\n"}, {"k8s/db.yaml": POSTGRES, "k8s/save.yaml": DUMP},
        "backups are made, and nothing tells or tries how to restore them", "k8s/save.yaml:10",
    ),
    "recovery/targets": case(
        {"k8s/db.yaml": POSTGRES, "docs/recovery.md": "RTO 1h, RPO 30m\n"}, {"k8s/db.yaml": POSTGRES},
        "how long an outage may take (RTO) and how much data may be lost (RPO) is stated nowhere",
        has=(api(backing_services=(BackingService(kind="postgres", name="db"),)),),
    ),
    "recovery/procedure": case({"docs/runbooks/api.md": "# api\n"}, {"main.py": ""}, "what to do in an outage is written down nowhere"),
    "recovery/zones": case(terraform(RDS % "  multi_az = true\n"), terraform(RDS % ""), "1 of 1 database lost with its zone: aws_db_instance.main", "main.tf:1"),
    "cost/tags": case(
        terraform(RDS % "  tags = { team = \"a\" }\n"), terraform(RDS % ""), "1 of 1 resource without a tag that tells whose it is: aws_db_instance.main", "main.tf:1",
    ),
    "cost/labels": case(
        k8s(), {"k8s/api.yaml": pod().replace("app: api", "tier: api")}, "1 of 1 workload without a label that tells whose cost it is: api", "k8s/api.yaml:3",
    ),
    "cost/budget": case(
        terraform((RDS % "") + 'resource "aws_budgets_budget" "a" {}\n'), terraform(RDS % ""), "nobody is told when more is spent than planned", "main.tf",
    ),
    "compliance/updates": case(
        {".github/dependabot.yml": "version: 2\n"}, {"main.py": ""}, "nobody proposes updates of dependencies: no Dependabot, no Renovate",
    ),
    "compliance/retention": case(
        terraform('resource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = 30\n}\n'), terraform('resource "aws_cloudwatch_log_group" "a" {}\n'),
        "1 of 1 log group keeping logs for ever: aws_cloudwatch_log_group.a", "main.tf:1",
    ),
    "compliance/audit": case(
        terraform('resource "aws_eks_cluster" "a" {\n  enabled_cluster_log_types = ["audit"]\n}\n'), terraform('resource "aws_eks_cluster" "a" {}\n'),
        "1 of 1 cluster without an audit log: aws_eks_cluster.a", "main.tf:1",
    ),
}  # fmt: skip
