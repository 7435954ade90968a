"""Existing deployment files against the code and against each other: pairing, evidence, contradictions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opsmith.detectors.existing import existing
from opsmith.model.survey import Ambiguity, BackingService, Component, Evidence, Runtime
from opsmith.repo import Repo
from opsmith.stages.deployment import Compared, compared
from opsmith.stages.deployment.statements import asked_path


def component(name: str, **facts: Any) -> Component:
    given: dict[str, Any] = {"path": name, "role": "web", "language": "python", **facts}
    return Component(name=name, **given)


def against(root: Path, files: dict[str, str], *components: Component) -> tuple[Compared, Repo]:
    for name, text in {"README.md": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    repo = Repo(root)
    return compared(repo, components, existing(repo)), repo


def found(compared_: Compared) -> list[tuple[str, str, str | None, int | None, str]]:
    return [(item.rule, item.severity, item.path, item.line, item.message) for item in compared_.findings]


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
        - name: NAME
          image: IMAGE
          ports: [{containerPort: 8000, name: http}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
"""


def deployment(name: str, image: str) -> str:
    return DEPLOYMENT.replace("NAME", name).replace("IMAGE", image)


def test_image_manifest_and_pipeline_are_paired(tmp_path: Path) -> None:
    files = {
        "api/Dockerfile": "FROM python:3.12\nCOPY . .\n",
        "web.Dockerfile": "FROM nginx\n",
        "compose.yaml": "services:\n  a: {build: api}\n  b: {build: {context: ., dockerfile: web.Dockerfile}}\n",
        "k8s/one.yaml": deployment("one", "ghcr.io/acme/backend:1"),
        "k8s/one-service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: one}\n"
        "spec: {selector: {app: one}, ports: [{port: 80, targetPort: http}]}\n",
        "k8s/redis.yaml": deployment("redis", "redis:7"),
        ".github/workflows/api.yml": "jobs: {a: {steps: [{run: docker build -t ghcr.io/acme/backend api}]}}\n",
        "api/a.py": "x = '/ready'\n",
    }
    result, repo = against(tmp_path, files, component("api"), component("web", role="static", language="javascript"))
    assert {item.path: item.component for item in result.existing} == {
        ".github/workflows/api.yml": "api",
        "api/Dockerfile": "api",
        "compose.yaml": None,
        "k8s/one-service.yaml": "api",
        "k8s/one.yaml": "api",
        "k8s/redis.yaml": None,
        "web.Dockerfile": "web",
    }
    assert (found(result), repo.problems) == ([], [])


@pytest.mark.parametrize(
    ("on", "of"),
    [
        ("push: {paths: ['api/**', '.github/workflows/a.yml', '!api/docs/**']}", "api"),
        ("{push: {paths: [api/**]}, pull_request: {paths: [api/**, web/**]}}", None),
        ("push: {paths: ['**.py', api/**]}", None),
        ("push", None),
        ("push: {paths: [api/**, 3]}", "api"),
    ],
)
def test_a_pipeline_without_images_belongs_to_what_starts_it(on: str, of: str | None, tmp_path: Path) -> None:
    text = f"on:\n  {on}\njobs: {{a: {{steps: [{{run: make}}]}}}}\n"
    result, _ = against(tmp_path, {".github/workflows/a.yml": text, "api/a.py": "", "web/b.py": ""}, component("api"), component("web"))
    assert {item.path: item.component for item in result.existing} == {".github/workflows/a.yml": of}


def test_open_facts_are_filled_with_file_and_line(tmp_path: Path) -> None:
    files = {
        "api/Dockerfile": "FROM python:3.12-slim\nWORKDIR /srv\nEXPOSE 9000\nHEALTHCHECK CMD curl -f http://localhost:9000/up\n"
        'CMD ["python", "/srv/run.py"]\n',
        "compose.yaml": "services:\n  api:\n    build: api\n    depends_on: [db]\n"
        "    environment: {DB_URL: 'postgres://db/x', API_TOKEN: }\n  db: {image: postgres:16-alpine}\n",
        "Procfile": "release: python migrate.py\n",
    }
    result, _ = against(tmp_path, files, component("api", runtime=Runtime(name="python")))
    assert result.components == [
        component(
            "api",
            runtime=Runtime(name="python", version="3.12"),
            start_command="python run.py",
            ports=(9000,),
            protocol="http",
            health_path="/up",
            migration_command="python migrate.py",
            backing_services=(BackingService(kind="postgres", name="postgres", version="16", env=("DB_URL",)),),
            env=result.components[0].env,
            evidence={
                "start_command": (Evidence(file="api/Dockerfile", line=5, shows="python run.py", confidence=0.85),),
                "ports": (Evidence(file="api/Dockerfile", line=3, shows="9000", confidence=0.8),),
                "health_path": (Evidence(file="api/Dockerfile", line=4, shows="/up", confidence=0.8),),
                "migration_command": (Evidence(file="Procfile", line=1, shows="python migrate.py", confidence=0.85),),
                "runtime": (Evidence(file="api/Dockerfile", line=1, shows="3.12", confidence=0.8),),
                "env": result.components[0].evidence["env"],
                "backing_services": (Evidence(file="compose.yaml", line=4, shows="api needs db, image postgres:16-alpine", confidence=0.75),),
            },
        )
    ]
    assert [(item.name, item.required, item.secret) for item in result.components[0].env] == [("DB_URL", False, True), ("API_TOKEN", True, True)]


@pytest.mark.parametrize(
    ("written", "code", "stated_in", "start", "choices"),
    [
        ("uvicorn app:app --host 0.0.0.0 --port 9000", "gunicorn app:app", "api/app.py", "uvicorn app:app --host 0.0.0.0 --port 9000", True),
        ("uvicorn app:app --host 0.0.0.0 --port 9000", "gunicorn app:app", "api/pyproject.toml", "gunicorn app:app", True),
        ("gunicorn -b 0.0.0.0:9000 app:app", "gunicorn app:app", "api/app.py", "gunicorn -b 0.0.0.0:9000 app:app", False),
        ("gunicorn app:app", "gunicorn app:app --bind 0.0.0.0:8000", "api/app.py", "gunicorn app:app --bind 0.0.0.0:8000", False),
        ("./start.sh", "gunicorn app:app", "api/app.py", "gunicorn app:app", True),
        ("python manage.py runserver 0.0.0.0:8000", "gunicorn app:app", "api/app.py", "gunicorn app:app", True),
    ],
)
def test_which_start_command_wins(tmp_path: Path, written: str, code: str, stated_in: str, start: str, choices: bool) -> None:
    files = {"api/Dockerfile": f"FROM python:3.12\nCMD {written}\n", "api/requirements.txt": "uvicorn\ngunicorn\n"}
    known = component(
        "api", start_command=code, ports=(8000,), manifests=("api/requirements.txt",),
        evidence={"start_command": (Evidence(file=stated_in, line=1, shows="app"),)},
    )  # fmt: skip
    result, _ = against(tmp_path, files, known)
    (settled,) = result.components
    assert settled.start_command == start
    how = "set components.api.start_command in opsmith.yaml"
    both = (written, code) if start == written else (code, written)
    assert settled.ambiguities == ((Ambiguity(fact="start_command", component="api", choices=both, how_to_decide=how),) if choices else ())
    assert Evidence(file="api/Dockerfile", line=2, shows=written, confidence=0.85) in settled.evidence["start_command"]


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("curl -f http://localhost:9000/up?full=1", "/up"), ("wget -q http://[::1]:80", "/"), ("true", None),
        ("curl http://localhost:$PORT/up", "/up"),
        ("""["python", "-c", "get(f'http://127.0.0.1:{os.environ['PORT']}/up')"]""", "/up"), ("grpc_health_probe -addr=:9000", "grpc"),
        ("curl http://localhost/$NAME", None),
    ],
)  # fmt: skip
def test_path_that_a_health_command_asks(command: str, path: str | None) -> None:
    assert asked_path(command) == path


def test_what_only_deployment_files_know_is_told(tmp_path: Path) -> None:
    files = {
        "api/Dockerfile": "FROM python:3.12\n",
        "proxy/Dockerfile": "FROM nginx:1.27\nEXPOSE 80\n",
        "compose.yaml": "services:\n  api: {build: api}\n  proxy: {build: proxy}\n  mailer: {build: api, command: python mail.py}\n",
    }
    _, repo = against(tmp_path, files, component("api", start_command="gunicorn app:app"))
    assert [(item.file, item.line, item.what, item.manifest) for item in repo.problems] == [
        (
            "compose.yaml",
            3,
            "service proxy is built from proxy, where nothing that runs was recognised: it is missing here (on nginx:1.27, port 80)",
            False,
        ),
        ("compose.yaml", 4, "service mailer starts `python mail.py` from the code of api, which is shown nowhere else", False),
    ]


def test_missing_files(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM python:3.12\nCOPY setup.cfg api/ ./\nCOPY dist/x generated.txt secret.pem *.toml ./\nCOPY --from=a /x /y\n",
        "api/a.py": "",
        ".gitignore": "generated.txt\n",
        "compose.yaml": "services:\n  a: {build: nowhere}\n  b: {build: {context: api, dockerfile: Dockerfile.b}}\n  c: {depends_on: [lost]}\n",
        "k/kustomization.yaml": "resources: [gone.yaml, https://x/y.yaml]\n",
    }
    result, _ = against(tmp_path, files, component("api", path=""))
    assert found(result) == [
        ("deployed/missing-file", "high", "Dockerfile", 2, "copies setup.cfg, which is not in the root folder"),
        ("deployed/missing-file", "high", "compose.yaml", 2, "service a is built from nowhere, which is not there"),
        ("deployed/missing-file", "high", "compose.yaml", 3, "service b is built by api/Dockerfile.b, which is not there"),
        ("deployed/service-missing", "high", "compose.yaml", 4, "service c needs service lost, which no compose file here has"),
        ("deployed/missing-file", "high", "k/kustomization.yaml", 1, "takes gone.yaml, which is not there"),
    ]


def test_versions_that_differ(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM python:3.9\nCOPY . .\n",
        "compose.yaml": "services: {db: {image: 'postgres:16'}}\n",
        ".github/workflows/a.yml": "jobs:\n  a:\n    services: {d: {image: 'postgres:12'}}\n    steps:\n"
        "      - uses: actions/setup-python@v5\n        with: {python-version: '3.11'}\n",
    }
    stated = {"runtime": (Evidence(file="pyproject.toml", line=3, shows=">=3.10"),)}
    known = component("api", path="", runtime=Runtime(name="python", version=">=3.10"), evidence=stated)
    result, _ = against(tmp_path, files, known)
    assert found(result) == [
        ("deployed/runtime-mismatch", "high", "Dockerfile", 1, "the image has python 3.9, but pyproject.toml:3 asks for >=3.10"),
        ("deployed/runtime-mismatch", "medium", ".github/workflows/a.yml", 6, "sets up python 3.11, but Dockerfile:1 takes 3.9"),
        ("deployed/backing-version-mismatch", "low", ".github/workflows/a.yml", 3, "tests against postgres 12, but compose.yaml:1 runs 16"),
    ]


def test_ports_health_and_selectors(tmp_path: Path) -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: api}\nspec:\n  selector: {app: apy}\n  ports: [{port: 80, targetPort: http}]\n"
    files = {
        "Dockerfile": "FROM python:3.12\nCOPY . .\nEXPOSE 8000\nCMD python app.py\n",
        "fly.toml": "app = 'x'\n[http_service]\ninternal_port = 8080\n",
        "k8s/api.yaml": deployment("api", "acme/api:1")
        .replace("port: http", "port: web")
        .replace("{app: api}}\n  template", "{app: other}}\n  template"),
        "k8s/service.yaml": service,
        "app.py": "",
        ".github/workflows/a.yml": "jobs: {a: {steps: [{run: docker build -t acme/api .}]}}\n",
    }
    result, _ = against(tmp_path, files, component("api", path="", ports=(8000,)))
    assert found(result) == [
        ("deployed/port-mismatch", "high", "fly.toml", 3, "fly sends to port 8080, but the image exposes 8000"),
        ("deployed/selector-dangling", "high", "k8s/api.yaml", 5, "Deployment api selects app=other, but its pods have app=api"),
        ("deployed/health-path-unknown", "high", "k8s/api.yaml", 13, "asks api for /ready, which stands nowhere in its code"),
        ("deployed/port-mismatch", "high", "k8s/api.yaml", 13, "the readiness probe of api asks port web, which is not among its ports (http 8000)"),
        ("deployed/selector-dangling", "high", "k8s/service.yaml", 5, "service api selects app=apy, which no pod has; Deployment api has app=api"),
    ]


def test_images_and_targets_that_nothing_makes(tmp_path: Path) -> None:
    files = {
        "api/Dockerfile": "FROM python:3.12\n",
        "web/Dockerfile": "FROM python:3.12\n",
        "k8s/web.yaml": deployment("web", "acme/web:1"),
        ".github/workflows/a.yml": "jobs: {a: {steps: [{run: docker build -t acme/api api}]}}\n",
        "compose.yaml": "services:\n  p: {image: prom/prometheus, volumes: ['./prometheus.yml:/etc/p.yml']}\n",
        "prometheus.yml": "scrape_configs:\n  - static_configs: [{targets: ['p:9090', 'gone:80', 'a.example:80']}]\n",
        "web/a.py": "'/ready'",
    }
    result, _ = against(tmp_path, files, component("api"), component("web"))
    assert found(result) == [
        ("deployed/image-not-built", "medium", "k8s/web.yaml", 11, "runs acme/web, which no pipeline builds (acme/api is built)"),
        ("deployed/scrape-target-unknown", "medium", "prometheus.yml", 2, "asks gone:80 for metrics, but compose.yaml has no service of that name"),
    ]


def test_broken_files_and_no_components_stop_nothing(tmp_path: Path) -> None:
    files = {"Dockerfile": "FROM $X\nCOPY ../../etc/passwd a\n", "compose.yaml": "services: {a: {build: '../..'}}\n", "Jenkinsfile": "pipeline { {{{"}
    result, _ = against(tmp_path, files)
    assert (result.components, found(result)) == ([], [])


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("curl -f http://localhost:8080/healthz || exit 1", "/healthz"),
        ("wget -qO- http://127.0.0.1:${PORT:-3000}/up?full=1", "/up"),
        ("curl http://[::1]:8080", "/"),
        ("python -c import os,urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/health\", timeout=2)", "/health"),
        ("curl http://localhost:8080/$BASE/health", None),
        ("python -c 'get(\"http://localhost:\" + port)'", None),
        ("curl http://127.0.0.1[::/health", None),
        ("grpc_health_probe -addr=:50051", "grpc"),
        ("pg_isready", None),
    ],
)
def test_the_path_that_a_health_command_asks(command: str, path: str | None) -> None:
    assert asked_path(command) == path
