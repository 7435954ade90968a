"""What Prometheus is told, and what promtool says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from opsmith import conventions
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint, Port, Probe, Slo
from opsmith.model.survey import RequestMetric
from opsmith.targets import kubernetes, prometheus
from opsmith.targets.prometheus.matchers import failing, passing
from tests.targets.blueprints import ALL, GATEWAY, SHOP, SITE, build, monitoring, requests_slo, service, slo
from tests.targets.realtools import ask, said, written

FOLDER = "monitoring/prometheus"
GRPC = replace(
    GATEWAY,
    services=(service("gateway", port=Port(number=9000, name="grpc", protocol="grpc"), probe=Probe(kind="grpc", port=9000)),),
    monitoring=monitoring(slo("gateway")),
)
NAMED = replace(SITE, services=(service("site", probe=Probe(kind="http", port=8000, path="/up", host="localhost")),))
SEEN = "Only whether its port accepts connections is measured, so neither failing answers nor a hanging process count."


def document(blueprint: Blueprint, path: str) -> Any:
    return yaml.safe_load(artifact(blueprint, path).text)


def artifact(blueprint: Blueprint, path: str) -> Artifact:
    return next(item for item in prometheus.render(blueprint) if item.path == path)


def watching(*slos: Slo, **changes: Any) -> Blueprint:
    services = tuple(service(item.service, build="api") for item in slos)
    return replace(SHOP, builds=(build("api"),), services=services, backings=(), monitoring=monitoring(*slos), **changes)


def test_it_is_wanted_with_something_to_watch() -> None:
    assert prometheus.wanted(SHOP)
    assert not prometheus.wanted(replace(SHOP, monitoring=None))
    assert not prometheus.wanted(replace(SHOP, targets=("docker",)))


def test_files_of_each_blueprint() -> None:
    assert {name: [item.path for item in prometheus.render(blueprint)] for name, blueprint in ALL.items()} == {
        "shop": [f"{FOLDER}/prometheus.yml", f"{FOLDER}/rules/api-slo.yml", f"{FOLDER}/tests/api-slo.test.yml"],
        "site": [
            f"{FOLDER}/prometheus.yml",
            f"{FOLDER}/rules/site-slo.yml",
            f"{FOLDER}/tests/site-slo.test.yml",
            "monitoring/blackbox.yml",
        ],
        "gateway": [
            f"{FOLDER}/prometheus.yml",
            f"{FOLDER}/rules/gateway-slo.yml",
            f"{FOLDER}/rules/web-slo.yml",
            f"{FOLDER}/tests/gateway-slo.test.yml",
            f"{FOLDER}/tests/web-slo.test.yml",
            "monitoring/blackbox.yml",
        ],
    }


def test_a_cluster_is_asked_for_the_service_and_its_port() -> None:
    assert document(SHOP, f"{FOLDER}/prometheus.yml") == {
        "global": {"scrape_interval": "30s", "evaluation_interval": "30s", "external_labels": {"system": "shop"}},
        "rule_files": ["rules/*.yml"],
        "scrape_configs": [
            {
                "job_name": "api",
                "metrics_path": "/metrics",
                "kubernetes_sd_configs": [{"role": "endpointslice", "namespaces": {"names": ["shop"]}}],
                "relabel_configs": [
                    {
                        "source_labels": ["__meta_kubernetes_service_name", "__meta_kubernetes_endpointslice_port_name"],
                        "regex": "api;http",
                        "action": "keep",
                    },
                    {"target_label": "service", "replacement": "api"},
                    {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
                    {"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "pod"},
                ],
            }
        ],
    }


def test_compose_is_scraped_by_name() -> None:
    assert document(replace(SHOP, targets=("compose", "prometheus")), f"{FOLDER}/prometheus.yml")["scrape_configs"] == [
        {
            "job_name": "api",
            "metrics_path": "/metrics",
            "static_configs": [{"targets": ["api:8000"], "labels": {"service": "api"}}],
        }
    ]


@pytest.mark.parametrize(
    ("blueprint", "asked", "exporter", "modules"),
    [
        (
            GATEWAY,
            [
                {"targets": ["gateway.edge.svc:9000"], "labels": {"service": "gateway", "__param_module": "tcp_connect"}},
                {"targets": ["http://web.edge.svc:3000/ready"], "labels": {"service": "web", "__param_module": "http_2xx"}},
            ],
            "blackbox-exporter.edge.svc:9115",
            ["http_2xx", "tcp_connect"],
        ),
        (
            SITE,
            [{"targets": ["http://site:8080/healthz"], "labels": {"service": "site", "__param_module": "http_2xx"}}],
            "blackbox-exporter:9115",
            ["http_2xx"],
        ),
        (
            GRPC,
            [{"targets": ["gateway.edge.svc:9000"], "labels": {"service": "gateway", "__param_module": "grpc"}}],
            "blackbox-exporter.edge.svc:9115",
            ["grpc"],
        ),
        (
            NAMED,
            [
                {
                    "targets": ["http://site:8000/up"],
                    "labels": {"service": "site", "__param_module": "http_2xx", "__param_hostname": "localhost"},
                }
            ],
            "blackbox-exporter:9115",
            ["http_2xx"],
        ),
    ],
)
def test_services_without_metrics_are_asked_by_the_exporter(blueprint: Blueprint, asked: list[Any], exporter: str, modules: list[str]) -> None:
    assert document(blueprint, f"{FOLDER}/prometheus.yml")["scrape_configs"] == [
        {
            "job_name": "blackbox",
            "metrics_path": "/probe",
            "static_configs": asked,
            "relabel_configs": [
                {"source_labels": ["__address__"], "target_label": "__param_target"},
                {"source_labels": ["__param_target"], "target_label": "instance"},
                {"target_label": "__address__", "replacement": exporter},
            ],
        }
    ]
    assert list(document(blueprint, "monitoring/blackbox.yml")["modules"]) == modules


def test_the_exporter_is_configured_for_the_kinds_of_its_probes() -> None:
    kinds: set[str] = {"http", "grpc", "tcp"}
    assert conventions.blackbox_modules(kinds) == {
        "modules": {
            "http_2xx": {"prober": "http", "timeout": "5s", "http": {"preferred_ip_protocol": "ip4"}},
            "grpc": {"prober": "grpc", "timeout": "5s", "grpc": {"tls": False, "preferred_ip_protocol": "ip4"}},
            "tcp_connect": {"prober": "tcp", "timeout": "5s", "tcp": {"preferred_ip_protocol": "ip4"}},
        }
    }
    assert conventions.blackbox_modules(set()) == {"modules": {}}


@pytest.mark.parametrize("blueprint", [GATEWAY, GRPC, NAMED])
def test_cluster_and_compose_give_the_exporter_the_same_modules(blueprint: Blueprint) -> None:
    """And the network lets it ask, at the port that it asks."""
    made = {item.path.removeprefix("k8s/base/"): yaml.safe_load(item.text) for item in kubernetes.render(blueprint) if item.path.endswith(".yaml")}
    delivered = yaml.safe_load(made["blackbox-exporter/configmap.yaml"]["data"]["blackbox.yml"])
    assert delivered == document(blueprint, "monitoring/blackbox.yml")
    ports = [item.port.number for item in blueprint.services if item.port]
    edges = made["blackbox-exporter/networkpolicy.yaml"]["spec"]["egress"]
    assert [(rule["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"], rule["ports"]) for rule in edges] == [
        (item.name, [{"protocol": "TCP", "port": port}]) for item, port in zip(blueprint.services, ports, strict=True)
    ]
    for item, port in zip(blueprint.services, ports, strict=True):
        assert {
            "from": [{"podSelector": {"matchLabels": conventions.selector(blueprint.name, "blackbox-exporter")}}],
            "ports": [{"protocol": "TCP", "port": port}],
        } in made[f"{item.name}/networkpolicy.yaml"]["spec"]["ingress"]


def test_alerts_of_requests() -> None:
    rules = document(SHOP, f"{FOLDER}/rules/api-slo.yml")["groups"][0]["rules"]
    assert [(rule["record"], rule["expr"]) for rule in rules if "record" in rule][::7] == [
        (
            "service:sli_error:ratio_rate5m",
            (
                '(sum(rate(http_requests_total{service="api",status=~"5.."}[5m])) or vector(0))'
                ' / (sum(rate(http_requests_total{service="api"}[5m])) > 0)'
            ),
        ),
        ("service:sli_failed:increase1h", 'sum(increase(http_requests_total{service="api",status=~"5.."}[1h]))'),
    ]
    alerts = {rule["alert"]: rule for rule in rules if "alert" in rule}
    assert list(alerts) == ["ApiErrorBudgetBurnFast", "ApiErrorBudgetBurnSlow", "ApiMetricsAbsent", "ApiLatencyHigh"]
    assert alerts["ApiErrorBudgetBurnFast"] == {
        "alert": "ApiErrorBudgetBurnFast",
        "expr": (
            "(\n"
            '  service:sli_error:ratio_rate1h{service="api"} > 0.0144\n'
            '  and service:sli_error:ratio_rate5m{service="api"} > 0.0144\n'
            '  and service:sli_failed:increase1h{service="api"} >= 5\n'
            ")\n"
            "or\n"
            "(\n"
            '  service:sli_error:ratio_rate6h{service="api"} > 0.006\n'
            '  and service:sli_error:ratio_rate30m{service="api"} > 0.006\n'
            '  and service:sli_failed:increase6h{service="api"} >= 5\n'
            ")\n"
        ),
        "for": "2m",
        "labels": {"severity": "P1", "service": "api", "slo": "api-requests"},
        "annotations": {
            "summary": "api: burn_fast",
            "description": (
                "{{ $value | humanizePercentage }} of the requests of api failed. The alert stands for more than 1.44 % over 1h and 5m, or 0.6 % "
                "over 6h and 30m; the objective of 99.9 % over 30 days allows 0.1 %. At 14.4 times that a full budget lasts 2.08 days."
            ),
            "runbook_url": "https://github.com/acme/shop/blob/main/docs/runbooks/api.md",
        },
    }
    assert alerts["ApiMetricsAbsent"]["expr"] == 'absent(http_requests_total{service="api"})'
    assert alerts["ApiLatencyHigh"]["expr"] == (
        'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="api"}[10m]))) > 0.2\n'
        "and\n"
        'sum(increase(http_request_duration_seconds_count{service="api"}[10m])) >= 100\n'
    )


def test_the_slow_alert_of_probes() -> None:
    rules = document(GATEWAY, f"{FOLDER}/rules/gateway-slo.yml")["groups"][0]["rules"]
    slow = next(rule for rule in rules if rule.get("alert") == "GatewayErrorBudgetBurnSlow")
    assert (slow["for"], slow["labels"]) == ("15m", {"severity": "P3", "service": "gateway", "slo": "gateway-probe"})
    assert slow["expr"] == (
        "(\n"
        '  service:sli_error:ratio_rate1d{service="gateway"} > 0.0015\n'
        '  and service:sli_error:ratio_rate2h{service="gateway"} > 0.0015\n'
        '  and service:sli_failed:increase1d{service="gateway"} >= 5\n'
        ")\n"
        "or\n"
        "(\n"
        '  service:sli_error:ratio_rate3d{service="gateway"} > 0.0005\n'
        '  and service:sli_error:ratio_rate6h{service="gateway"} > 0.0005\n'
        '  and service:sli_failed:increase3d{service="gateway"} >= 5\n'
        ")\n"
    )


def test_alerts_on_connections_say_that_they_see_no_more() -> None:
    text = artifact(GATEWAY, f"{FOLDER}/rules/gateway-slo.yml").text
    assert f"      # The share of probes that failed.\n      # {SEEN}\n" in text
    rules = yaml.safe_load(text)["groups"][0]["rules"]
    told = {rule["alert"]: rule["annotations"]["description"] for rule in rules if "alert" in rule}
    assert {name: text.endswith(f". {SEEN}") for name, text in told.items()} == {
        "GatewayErrorBudgetBurnFast": True,
        "GatewayErrorBudgetBurnSlow": True,
        "GatewayMetricsAbsent": True,
    }
    assert told["GatewayMetricsAbsent"] == (
        f'There has been no sample of probe_success{{job="blackbox",service="gateway"}} for 10m, so the objective of 99.95 % is not watched. {SEEN}'
    )


COUNTED = replace(SHOP, services=(replace(SHOP.services[0], probe=Probe(kind="tcp", port=8000)),))
"""Its requests are counted, whatever the probe sees."""


@pytest.mark.parametrize(("blueprint", "rules"), [(GATEWAY, "web-slo"), (GRPC, "gateway-slo"), (SHOP, "api-slo"), (COUNTED, "api-slo")])
def test_alerts_on_answers_do_not(blueprint: Blueprint, rules: str) -> None:
    assert "accepts connections" not in artifact(blueprint, f"{FOLDER}/rules/{rules}.yml").text


@pytest.mark.parametrize(
    ("registry", "url"),
    [
        ("ghcr.io/acme/shop", "https://github.com/acme/shop/blob/main/docs/runbooks/api.md"),
        ("ghcr.io/acme/shop/images", "https://github.com/acme/shop/blob/main/docs/runbooks/api.md"),
        ("ghcr.io/example/shop", "docs/runbooks/api.md"),
        ("registry.example.org/acme/shop", "docs/runbooks/api.md"),
    ],
)
def test_the_runbook_is_where_the_registry_says(registry: str, url: str) -> None:
    rules = document(replace(SHOP, registry=registry), f"{FOLDER}/rules/api-slo.yml")["groups"][0]["rules"]
    assert {rule["annotations"]["runbook_url"] for rule in rules if "alert" in rule} == {url}


@pytest.mark.parametrize(
    ("matchers", "selected", "left_out"),
    [
        ('status=~"5.."', 'status="500"', 'status="200"'),
        ('status="5xx"', 'status="5xx"', 'status="200"'),
        ('status_code=~"5[0-9]{2}"', 'status_code="500"', 'status_code="200"'),
        ('grpc_code!="OK"', 'grpc_code="500"', 'grpc_code="OK"'),
        ('grpc_code=~"Unavailable|DataLoss"', 'grpc_code="Unavailable"', 'grpc_code="200"'),
        ('code=~"5..",method!="OPTIONS"', 'code="500",method="500"', 'code="200",method="OPTIONS"'),
    ],
)
def test_values_for_test_series(matchers: str, selected: str, left_out: str) -> None:
    assert (failing(matchers), passing(matchers)) == (selected, left_out)


def test_lines_know_the_objective_and_the_image_of_their_numbers() -> None:
    made = artifact(SHOP, f"{FOLDER}/rules/api-slo.yml")
    line = made.text.splitlines().index('            service:sli_error:ratio_rate1h{service="api"} > 0.0144') + 1
    assert [mark.node for mark in made.origins if mark.first <= line <= mark.last] == [
        "monitoring.slos.api",
        "monitoring.slos.api",
        "monitoring.slos.api.objective",
    ]


# -- with the real promtool --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(ALL))
def test_promtool_accepts_what_is_delivered(name: str, tmp_path: Path) -> None:
    folder = written(prometheus.render(ALL[name]), tmp_path) / FOLDER
    checked = ask(folder, "promtool", "check", "config", "--syntax-only", "prometheus.yml")
    if checked.exit_code and "field kubernetes_sd_configs not found" in checked.stderr:
        assert "kubernetes_sd_configs" in (folder / "prometheus.yml").read_text()  # distributions build promtool without it
    else:
        assert checked.exit_code == 0, said(checked)
    for rules in sorted(folder.glob("rules/*.yml")):
        assert said(ask(folder, "promtool", "check", "rules", str(rules)))[0] == 0
    for tests in sorted(folder.glob("tests/*.yml")):
        assert said(ask(folder, "promtool", "test", "rules", str(tests))) == (0, f"Unit Testing:  {tests}\n  SUCCESS")


@pytest.mark.full
@pytest.mark.parametrize("platform", ["kubernetes", "compose"])
@pytest.mark.parametrize(
    "probe", [Probe(kind="http", port=8000, path="/up", host="localhost"), Probe(kind="grpc", port=8000), Probe(kind="tcp", port=8000)]
)
def test_promtool_agrees_for_every_kind_of_probe(probe: Probe, platform: str, tmp_path: Path) -> None:
    slos = (slo("asked"), requests_slo("counted"), requests_slo("timed", latency_ms=300.0, latency_percentile=95.0))
    services = tuple(service(item.service, build="api", probe=probe) for item in slos)
    blueprint = replace(watching(*slos), services=services, targets=(platform, "prometheus"))
    folder = written(prometheus.render(blueprint), tmp_path) / FOLDER
    assert said(ask(folder, "promtool", "check", "config", "--syntax-only", "prometheus.yml"))[0] == 0
    result = ask(folder, "promtool", "test", "rules", *(f"tests/{item.service}-slo.test.yml" for item in slos))
    assert (result.exit_code, result.stdout.count("SUCCESS")) == (0, 3), said(result)


@pytest.mark.full
@pytest.mark.parametrize("objective", [99.0, 99.95, 100.0])
def test_promtool_agrees_at_every_objective(objective: float, tmp_path: Path) -> None:
    metric = RequestMetric(counter="rpc_seconds_count", errors='code=~"Internal|Unknown",type!="stream"', histogram="rpc_seconds")
    blueprint = watching(
        slo("asked", objective=objective, window_days=7),
        requests_slo("counted", objective=objective),
        requests_slo("timed", objective=objective, metric=metric, latency_ms=1500.0, latency_percentile=99.9),
    )
    folder = written(prometheus.render(blueprint), tmp_path) / FOLDER
    result = ask(folder, "promtool", "test", "rules", *(f"tests/{name}-slo.test.yml" for name in ("asked", "counted", "timed")))
    assert (result.exit_code, result.stdout.count("SUCCESS")) == (0, 3), said(result)


@pytest.mark.full
@pytest.mark.parametrize(
    ("rules", "found", "broken"),
    [
        ("api-slo", ">= 5", ">= 0"),  # the low-traffic guard of requests
        ("api-slo", "> 0.0144", "> 1.0144"),
        ("api-slo", "> 0.006", "> 1.006"),
        ("api-slo", "> 0.001", "> 1.001"),
        ("api-slo", '"5.."', '"4.."'),
        ("api-slo", ">= 100", ">= 1"),  # the low-traffic guard of the latency
        ("api-slo", "absent(http_requests_total", "absent(http_requests"),
        ("api-slo", "for: 10m", "for: 1h"),
        ("site-slo", ">= 5", ">= 0"),
        ("site-slo", "> 0.06", "> 1.06"),
        ("site-slo", "and service:sli_error:ratio_rate5m", "or service:sli_error:ratio_rate1h"),
        ("site-slo", "absent(probe_success", "absent(up"),
    ],
)
def test_the_delivered_tests_see_a_broken_rule(rules: str, found: str, broken: str, tmp_path: Path) -> None:
    folder = written(prometheus.render(SHOP if rules == "api-slo" else SITE), tmp_path) / FOLDER
    path = folder / f"rules/{rules}.yml"
    text = path.read_text()
    assert found in text
    path.write_text(text.replace(found, broken))
    assert ask(folder, "promtool", "test", "rules", f"tests/{rules}.test.yml").exit_code == 1
