"""opsmith.yaml, OPSMITH_ variables and flags: what is taken, what is refused and how it is said, and that the manual lists every key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from opsmith import settings
from opsmith.cli.main import main
from opsmith.errors import SettingsError
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Proxy, Runtime

ROOT = Path(__file__).parent.parent
API = Component(name="api", path="api", role="web", language="python", ports=(8000,))


def load(root: Path, text: str, **environment: str) -> settings.Settings:
    (root / "opsmith.yaml").write_text(text)
    return settings.load(root, environment=environment)


def error(root: Path, text: str, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(root, text, **environment)
    assert caught.value.exit_code == 7
    return str(caught.value)


def component(key: str, value: str) -> str:
    return f"components:\n  web: {{ports: [1]}}\n  api:\n    {key}: {value}\n"


WRONG = {
    "name": ["[1]", "my shop", '"shop\\nx"', "--", "5"],
    "registry": ["ghcr.io/acme/my shop", "https://ghcr.io/acme", "ghcr.io/Acme", "ghcr.io/acme:1", "localhost:5000", "/", "3"],
    "namespace": ["Shop", "my shop", "-a", "a_b", '"a\\nb"', "[a]"],
    "branch": ["a b", "../x", "a..b", "x.lock", "/x", "3"],
    "version": ["1 2", "-1", "a/b", '"1\\n"', "true", ".nan", f"{'a' * 129}"],
    "replicas": ["-3", "0", "1.5", ".nan", ".inf", "true", "two"],
    "ingress_host": ["a b; x", "a_b.example.com", "10.0.0.1", "Shop.example.com", "shop.example.com:80", "'*.example.com'", "a..b"],
    "slo.availability": [".nan", "0", "100", "-1", "true"],
    "slo.latency_ms": ["0", "-5", ".inf", "soon"],
    "slo.latency_percentile": ["0", "100", "101", "-1"],
    "slo.window_days": ["0", "91", "28.5", "true"],
    "resources.cpu_request": ["xm", "0", "-1", "0.5m", "512Mi", "1e3", ".nan", "true", "2"],
    "resources.cpu_limit": ["xm", "0m", "m", "100m"],
    "resources.memory_request": ["512m", "12 Mi", "Mi", "0", "1Gi"],
    "resources.memory_limit": ["512MB", "-1Gi", "128Mi"],
    "monitoring_namespace": ["a b"],
    "ingress_namespace": ["a b"],
    "backing_placement": ["elsewhere", "true"],
    "volume_size": ["large", "0Gi", "[10Gi]"],
    "ignore": ["legacy", "[3]", "['']", "{a: b}"],
    "targets": ["docker", "[3]"],
    "build_variables": ["3", "[a]", "{a b: c}", "{A: [1]}", "{A: {B: c}}", "{A: }"],
}
WRONG_OF_A_COMPONENT = {
    "name": ["[1]", "", "a b"],
    "role": ["nonsense", "7", "[web]"],
    "language": ["cobol", "3"],
    "framework": ["[x]", "a b"],
    "package_manager": ["brew", "3"],
    "runtime_version": ["[3]", "", "true", "'3; x'", ".nan"],
    "build_command": ["3", "''", "' '", "[make]"],
    "start_command": ["[a, 1]", "'a \"b'", '"a\\nb"', "7"],
    "install_command": ["3"],
    "test_command": ["3"],
    "lint_command": ["3"],
    "ports": ["8080", "[-1]", "[0]", "[70000]", "[true]", "['80']", "[8.5]", ""],
    "health_path": ["5", "healthz", "/a b", "'/x;y'", "http://x/"],
    "metrics_path": ["[1]", "metrics", "/metrics?x", "grpc"],
    "migration_command": ["[migrate]", '"it\'s"'],
    "static_dir": ["../x", "/srv", "a b", "3", "''"],
    "backing_services": ["postgres", "[{name: x}]", "[3]", "[{kind: [x]}]", "[{kind: x, version: [1]}]", "[{kind: redis, port: 1}]", "['a b']"],
    "env": ["3", "[3]", "[{x: 1}]", "[{required: true}]", "[{name: A, secret: 1}]", "[A B]", "[{name: A, default: [1]}]"],
    "depends_on": ["worker", "[3]", "[{name: worker}]"],
    "protocol": ["udp", "3"],
    "port_env": ["A B", "3", "1A"],
    "context": ["../..", "/srv", "a/../..", "3", "' '", "'a;b'"],
    "server_packages": ["gunicorn", "[3]", "['a b c']", "['x @ https://example.com/x.tar.gz']"],
    "build_packages": ["[3]", "['a b']", "[--yes]"],
    "runtime_packages": ["[3]", "['a;b']"],
    "proxies": ["3", "[{prefix: /api}]", "[api]", "[{url: 3}]", "[{url: 'http://api', prefix: api}]", "[{url: 'http://api', strips: 1}]"],
    "skip": ["3", "maybe", ""],
}
WRONG_OF_A_BACKING_SERVICE = {
    "placement": ["cloud", "3", "true"],
    "image": ["postgres 16", "3", "'postgres:'", "postgres@sha256:12", "Postgres"],
    "volume_size": ["large", "0"],
    "version": ["[16]", "'16; x'", "true"],
}


def test_every_key_has_wrong_values() -> None:
    assert set(WRONG) == set(settings.DEFAULTS)
    assert set(WRONG_OF_A_COMPONENT) == set(settings.COMPONENT_FACTS)
    assert set(WRONG_OF_A_BACKING_SERVICE) == set(settings.BACKING_KEYS)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_setting(tmp_path: Path, name: str, value: str) -> None:
    group, _, key = name.rpartition(".")
    text = f"\n{group}:\n  {key}: {value}\n" if group else f"\n\n{key}: {value}\n"
    assert re.match(rf"opsmith\.yaml:3: `{re.escape(name)}", error(tmp_path, text))


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WRONG_OF_A_COMPONENT.items() for value in values])
def test_a_wrong_fact_of_a_component(tmp_path: Path, key: str, value: str) -> None:
    assert re.match(rf"opsmith\.yaml:4: (`|there is no setting `)components\.api\.{key}", error(tmp_path, component(key, value)))


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WRONG_OF_A_BACKING_SERVICE.items() for value in values])
def test_a_wrong_setting_of_a_backing_service(tmp_path: Path, key: str, value: str) -> None:
    assert error(tmp_path, f"backing:\n  postgres:\n    {key}: {value}\n").startswith(f"opsmith.yaml:3: `backing.postgres.{key}` has to be ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("replicas: 1.5", "opsmith.yaml:1: `replicas` has to be a whole number from 1 to 1000, not 1.5."),
        ("slo:\n  availability: 100", "opsmith.yaml:2: `slo.availability` has to be a number above 0 and below 100, not 100."),
        ("slo.availability: high", "opsmith.yaml:1: `slo.availability` has to be a number."),
        ("slo: 3", "opsmith.yaml:1: `slo` has to be a mapping of availability, latency_ms, latency_percentile, window_days, not 3."),
        ("slo: {availabilty: 9}", "opsmith.yaml:1: there is no setting `slo.availabilty`.\n  next: did you mean `slo.availability`?"),
        ("3: x\nname: a", "opsmith.yaml:1: there is no setting `3`.\n  next: one of: " + ", ".join((*settings.DEFAULTS, "components", "backing"))),
        ("components: [a]", "opsmith.yaml:1: `components` has to be a mapping of names to their settings, such as {NAME: {name: ...}}, not ['a']."),
        ("components:\n  api: 3", "opsmith.yaml:2: `components.api` has to be a mapping of settings, not 3."),
        ("backing:", "opsmith.yaml:1: `backing` has to be a mapping of names to their settings, such as {NAME: {placement: ...}}, not empty."),
        (
            "components:\n  api:\n    ports:\n    - 80\n    - 70000\n",
            "opsmith.yaml:5: `components.api.ports[1]` has to be a whole number from 1 to 65535, not 70000.",
        ),
        (
            component("env", "[{name: A, secrt: true}]"),
            "opsmith.yaml:4: there is no setting `components.api.env[0].secrt`.\n  next: did you mean `secret`?",
        ),
        (
            component("backing_services", "[{name: x}]"),
            "opsmith.yaml:4: `components.api.backing_services[0]` has to be a kind of service or {kind: redis, name: cache}, not {'name': 'x'}.",
        ),
        (
            component("start_command", "'a \"b'"),
            "opsmith.yaml:4: `components.api.start_command` has to be a command whose quotes are closed, not 'a \"b'.",
        ),
        (
            "resources:\n  cpu_request: 1",
            "opsmith.yaml:2: `resources.cpu_request` (1) is more than `resources.cpu_limit` (500m).\n  next: set resources.cpu_limit as well",
        ),
        (
            "name: '" + "x" * 99 + "'",
            "opsmith.yaml:1: `name` has to be a name of letters, digits, '-', '_' and '.', such as shop, not '" + "x" * 56 + "....",
        ),
    ],
)
def test_what_is_told(tmp_path: Path, text: str, message: str) -> None:
    assert error(tmp_path, text) == message


@pytest.mark.parametrize("character", ["\\0", "\\n", "\\e", "\\x7f", "\\u0085", "\\u2028", "\\u202e", "\\ue000", "\\uf8ff"])
def test_no_value_and_no_key_holds_a_character_that_is_no_text(tmp_path: Path, character: str) -> None:
    end = "; a setting is one line of plain text."
    assert error(tmp_path, component("test_command", f'"make{character}all"')).startswith("opsmith.yaml:4: `components.api.test_command` holds the ")
    assert error(tmp_path, f'build_variables: {{A: "x{character}"}}').endswith(end)
    assert error(tmp_path, f'components: {{"a{character}": {{}}}}').endswith(end)


def test_an_unknown_component_that_is_called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("api", "worker"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "go.mod").write_text(f"module example.com/{name}\n\ngo 1.26\n")
        (tmp_path / name / "main.go").write_text('package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n')

    def survey(text: str) -> str:
        (tmp_path / "opsmith.yaml").write_text(text)
        code = main(["survey", str(tmp_path)])
        told = capsys.readouterr().err
        assert code == (7 if told else 0)
        return told

    known = "opsmith: opsmith.yaml:3: there is no component `{}`.\n  next: {}\n"
    assert survey("components:\n  api:\n    depends_on: [worker]\n") == ""
    assert survey("components:\n  api:\n    depends_on: [nope]\n") == known.format("nope", "there are: api, worker")
    assert survey("components:\n  api:\n    depends_on: [jobs]\n  worker: {name: jobs}\n") == ""
    assert survey("components:\n  api:\n    depends_on: [worker]\n  worker: {name: works}\n") == known.format("worker", "did you mean works?")
    assert survey("components:\n  api:\n    depends_on: [worker]\n  worker: {skip: true}\n") == known.format("worker", "there are: api")
    assert survey("components:\n  api: {}\n  worker: {name: api}\n") == "opsmith: opsmith.yaml:3: another component is called `api` already.\n"


# -- what is taken -----------------------------------------------------------------------------------------------------------------------


def test_every_setting_is_taken(tmp_path: Path) -> None:
    text = """\
name: My.shop
registry: localhost:5000/acme/shop/
namespace: shop-live
branch: release/2.x
version: 2.10
replicas: 3
ingress_host: shop.example.com
slo: {availability: 99.95, latency_ms: 200, latency_percentile: 99.9, window_days: 28}
resources: {cpu_request: 0.5, cpu_limit: 2, memory_request: 64M, memory_limit: 1.5Gi}
monitoring_namespace: observability
ingress_namespace: traefik
backing_placement: external
volume_size: 1Ti
ignore: [legacy, "tools/*"]
targets: [docker, compose]
build_variables: {VITE_DEBUG: true, VITE_VERSION: 1.10, VITE_NAME: ""}
"""
    loaded = load(tmp_path, text)
    values: dict[str, Any] = {
        "name": "My.shop",
        "registry": "localhost:5000/acme/shop",
        "namespace": "shop-live",
        "branch": "release/2.x",
        "version": "2.10",
        "replicas": 3,
        "ingress_host": "shop.example.com",
        "slo.availability": 99.95,
        "slo.latency_ms": 200,
        "slo.latency_percentile": 99.9,
        "slo.window_days": 28,
        "resources.cpu_request": "0.5",
        "resources.cpu_limit": "2",
        "resources.memory_request": "64M",
        "resources.memory_limit": "1.5Gi",
        "monitoring_namespace": "observability",
        "ingress_namespace": "traefik",
        "backing_placement": "external",
        "volume_size": "1Ti",
        "ignore": ("legacy", "tools/*"),
        "targets": ("docker", "compose"),
        "build_variables": {"VITE_DEBUG": "true", "VITE_VERSION": "1.10", "VITE_NAME": ""},
    }
    assert loaded.values == values
    lines = [1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 9, 9, 9, 9, 10, 11, 12, 13, 14, 15, 16]
    assert loaded.sources == {name: f"opsmith.yaml:{line}" for name, line in zip(values, lines, strict=True)}


def test_every_fact_of_a_component_is_taken(tmp_path: Path) -> None:
    text = """\
components:
  api:
    name: storefront
    role: static
    language: typescript
    framework: "@nestjs/core"
    package_manager: pnpm
    runtime_version: 3.10
    build_command: npm run build
    start_command: gunicorn "a b":app
    install_command: npm ci
    test_command:
    lint_command: ruff check .
    ports: [8080, 9090, 8080]
    health_path: /healthz?full=1
    metrics_path: /metrics
    migration_command: alembic upgrade head
    static_dir: ./dist/
    backing_services: [postgres, {kind: redis, name: cache, version: 7.0}]
    env: [LOG_LEVEL, {name: API_KEY, secret: true}, {name: DEBUG, required: false, default: true}]
    depends_on: [worker]
    protocol: http
    port_env: PORT
    context: services/
    server_packages: [gunicorn, "uvicorn[standard]==0.35"]
    build_packages: [libpq-dev]
    runtime_packages: [libpq5, libstdc++6]
    proxies: [{prefix: /api, url: "http://api:8000", strips: true}, "ws://localhost:3000/x"]
    skip: false
"""
    loaded = load(tmp_path, text)
    assert set(loaded.components["api"]) == set(settings.COMPONENT_FACTS)
    assert loaded.override(API) == Component(
        name="storefront",
        path="api",
        role="static",
        language="typescript",
        framework="@nestjs/core",
        package_manager="pnpm",
        runtime=Runtime(name="python", version="3.10"),
        build_command="npm run build",
        start_command='gunicorn "a b":app',
        install_command="npm ci",
        lint_command="ruff check .",
        ports=(8080, 9090),
        health_path="/healthz?full=1",
        metrics_path="/metrics",
        migration_command="alembic upgrade head",
        static_dir="dist",
        backing_services=(BackingService(kind="postgres", name="postgres"), BackingService(kind="redis", name="cache", version="7.0")),
        env=(
            EnvVar(name="LOG_LEVEL", required=True),
            EnvVar(name="API_KEY", required=True, secret=True),
            EnvVar(name="DEBUG", required=False, default="true"),
        ),
        depends_on=("worker",),
        protocol="http",
        port_env="PORT",
        context="services",
        server_packages=("gunicorn", "uvicorn[standard]==0.35"),
        build_packages=("libpq-dev",),
        runtime_packages=("libpq5", "libstdc++6"),
        proxies=(Proxy(prefix="/api", url="http://api:8000", strips=True), Proxy(prefix=None, url="ws://localhost:3000/x")),
    )
    assert loaded.source("components.api.ports") == "opsmith.yaml:14"


def test_what_is_set_is_no_longer_ambiguous(tmp_path: Path) -> None:
    unsure = tuple(Ambiguity(fact=fact, component="api", choices=(), how_to_decide="set it") for fact in ("ports", "role"))
    loaded = load(tmp_path, "components: {api: {ports: [1], context: .}, old: {skip: true}}")
    assert loaded.override(Component(name="api", path="api", role="web", language="go", ambiguities=unsure)) == Component(
        name="api", path="api", role="web", language="go", ports=(1,), context="", ambiguities=unsure[1:]
    )
    assert loaded.override(Component(name="old", path="", role="web", language="go")) is None
    assert loaded.override(Component(name="new", path="", role="web", language="go")) == Component(name="new", path="", role="web", language="go")


def test_backing_services(tmp_path: Path) -> None:
    digest = "0" * 64
    loaded = load(tmp_path, f"backing:\n  postgres: {{placement: external, image: 'acme/pg:16@sha256:{digest}', volume_size: 1Gi, version: 16}}\n")
    assert loaded.backing == {"postgres": {"placement": "external", "image": f"acme/pg:16@sha256:{digest}", "volume_size": "1Gi", "version": "16"}}


def test_an_empty_value_says_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "registry:\nslo:\nresources: {cpu_limit: }\n") == settings.Settings(file="opsmith.yaml")
    assert load(tmp_path, "") == settings.Settings(file="opsmith.yaml")
    (tmp_path / "opsmith.yaml").unlink()
    assert settings.load(tmp_path, environment={}) == settings.Settings()


# -- environment and flags ---------------------------------------------------------------------------------------------------------------


def test_default_file_environment_flag(tmp_path: Path) -> None:
    (tmp_path / "opsmith.yaml").write_text("registry: ghcr.io/acme/file\nversion: 1.0.0\ntargets: [docker]\nslo: {window_days: 7}\n")
    environment = {
        "OPSMITH_REGISTRY": "ghcr.io/acme/environment", "OPSMITH_NAMESPACE": "live", "OPSMITH_REPLICAS": "3", "OPSMITH_SLO_AVAILABILITY": "99.5",
        "OPSMITH_VERSION": "", "OPSMITH_IGNORE": "x", "OPSMITH_SERVICE_HOST": "10.0.0.1", "OPSMITH_RESOURCES_CPU_LIMIT": "2",
    }  # fmt: skip
    loaded = settings.load(tmp_path, {"targets": ("compose",), "namespace": "flagged", "name": None}, environment)
    assert loaded.values == {
        **settings.DEFAULTS, "registry": "ghcr.io/acme/environment", "namespace": "flagged", "replicas": 3, "slo.availability": 99.5,
        "version": "1.0.0", "slo.window_days": 7, "targets": ("compose",), "resources.cpu_limit": "2",
    }  # fmt: skip
    assert loaded.sources == {
        "registry": "environment OPSMITH_REGISTRY",
        "version": "opsmith.yaml:2",
        "targets": "flag --targets",
        "slo.window_days": "opsmith.yaml:4",
        "namespace": "flag --namespace",
        "replicas": "environment OPSMITH_REPLICAS",
        "slo.availability": "environment OPSMITH_SLO_AVAILABILITY",
        "resources.cpu_limit": "environment OPSMITH_RESOURCES_CPU_LIMIT",
    }


def test_the_environment_of_the_process_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPSMITH_INGRESS_HOST", "shop.example.com")
    assert settings.load(tmp_path)["ingress_host"] == "shop.example.com"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("OPSMITH_REPLICAS", "many", "`replicas` has to be a whole number from 1 to 1000, not 'many'"),
        ("OPSMITH_REPLICAS", "9" * 5000, "`replicas` has to be a whole number from 1 to 1000, not '" + "9" * 56 + "..."),
        ("OPSMITH_SLO_AVAILABILITY", "nan", "`slo.availability` has to be a number"),
        ("OPSMITH_SLO_WINDOW_DAYS", "400", "`slo.window_days` has to be a whole number from 1 to 90, not 400"),
        ("OPSMITH_NAMESPACE", "a\nb", "`namespace` holds the character U+000A; a setting is one line of plain text"),
        ("OPSMITH_BRANCH", "a\udcff", "`branch` holds the character U+DCFF; a setting is one line of plain text"),
        ("OPSMITH_BACKING_PLACEMENT", "cloud", "`backing_placement` has to be one of in_cluster, external, not 'cloud'"),
    ],
)
def test_a_wrong_variable(tmp_path: Path, name: str, value: str, message: str) -> None:
    assert error(tmp_path, "", **{name: value}) == f"environment {name}: {message}."


def test_a_variable_that_asks_for_more_than_the_limit(tmp_path: Path) -> None:
    assert error(tmp_path, "", OPSMITH_RESOURCES_MEMORY_LIMIT="100Mi") == (
        "environment OPSMITH_RESOURCES_MEMORY_LIMIT: `resources.memory_limit` (100Mi) is less than `resources.memory_request` (256Mi).\n"
        "  next: set resources.memory_request as well"
    )


# -- the manual --------------------------------------------------------------------------------------------------------------------------


def documented() -> dict[str, dict[str, str]]:
    """By heading, the keys of its table's first column, with the cell that shows the default."""
    found: dict[str, dict[str, str]] = {}
    for part in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        rows = [re.split(r" *\| *", row)[1:-1] for row in part.splitlines() if row.startswith("| `")]
        found[part.splitlines()[0]] = {key: row[1] for row in rows for key in re.findall(r"`([\w.]+)`", row[0])}
    return found


def test_the_manual_lists_every_key() -> None:
    tables = documented()
    of_a_component, of_a_backing = tables.pop("`components.NAME`: one component"), tables.pop("`backing.NAME`: one backing service")
    assert sorted(of_a_component) == sorted(settings.COMPONENT_FACTS)
    assert sorted(of_a_backing) == sorted(settings.BACKING_KEYS)
    plain = {name: default for table in tables.values() for name, default in table.items()}
    assert sorted(plain) == sorted(settings.DEFAULTS)
    told = {name: default for name, default in settings.DEFAULTS.items() if default not in (None, (), {})}
    assert {name: plain[name] for name in told} == {name: f"`{default}`" for name, default in told.items()}


def test_the_manual_names_variables_that_there_are() -> None:
    manual = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(OPSMITH_\w+[A-Z])`", manual))
    assert len(named) == 4
    assert named <= {settings.variable(name) for name in settings.DEFAULTS}


def test_the_example_of_the_manual(tmp_path: Path) -> None:
    manual = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    loaded = load(tmp_path, manual.partition("```yaml\n")[2].partition("```")[0])
    assert loaded.components == {"api": {"ports": (8080,), "health_path": "/healthz"}}
    assert loaded.backing == {"postgres": {"placement": "external"}}
    assert (loaded["name"], loaded["registry"], loaded["slo.availability"]) == ("shop", "ghcr.io/acme/shop", 99.9)


def test_a_large_file_is_read_in_linear_time(tmp_path: Path) -> None:
    loaded = load(tmp_path, "components:\n" + "".join(f"  c{number}: {{skip: true}}\n" for number in range(8000)))
    assert loaded.source("components.c7999.skip") == "opsmith.yaml:8001"
