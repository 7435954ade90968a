"""Runbooks: every alert has its section, and every name in a command is one of the blueprint."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from opsmith.model.blueprint import Blueprint, Probe
from opsmith.targets import prometheus, runbooks
from tests.targets.blueprints import ALL, GATEWAY, SHOP, SITE, monitoring, postgres, requests_slo, service, slo

REASON = "{.items[*].status.containerStatuses[*].lastState.terminated.reason}"


def page(blueprint: Blueprint, name: str) -> str:
    return next(item.text for item in runbooks.render(blueprint) if item.path == f"docs/runbooks/{name}.md")


def section(text: str, heading: str) -> str:
    return text.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def only(blueprint: Blueprint, kind: str) -> Blueprint:
    watched = blueprint.monitoring
    assert watched is not None
    return replace(blueprint, monitoring=replace(watched, alerts=tuple(alert for alert in watched.alerts if alert.kind == kind)))


def test_it_is_wanted_with_alerts() -> None:
    assert runbooks.wanted(SHOP)
    assert not runbooks.wanted(replace(SHOP, monitoring=None))
    assert not runbooks.wanted(replace(SHOP, monitoring=monitoring()))
    assert not runbooks.wanted(replace(SHOP, targets=("prometheus",)))


def test_a_page_on_compose() -> None:
    assert page(only(SITE, "burn_fast"), "site") == (
        "# site\n"
        "\n"
        "| | |\n"
        "|---|---|\n"
        "| Objective | 99 % of probes succeed over 30 days |\n"
        '| Measured by | `probe_success{job="blackbox",service="site"}`: the blackbox exporter, a container in the same network; '
        "published ports, reverse proxies and TLS are not in that path |\n"
        "| Runs | one container of the image `site` |\n"
        "| Limits | 512Mi of memory and 500m of CPU in each container |\n"
        "| Health | `GET /healthz` on port 8080 answers with 2xx or 3xx |\n"
        "\n"
        "## SiteErrorBudgetBurnFast\n"
        "\n"
        "P1: site: burn_fast.\n"
        "\n"
        "**Means:** more than 14.4 % of probes failed over 1h and 5m, or more than 6 % over 6h and 30m. The objective allows 1 %; at 14.4 times "
        "that a full budget lasts 2.08 days, at 6 times 5 days. Fewer than 5 failed probes in the long window never fire it.\n"
        "\n"
        "**Hurt:** whoever reaches `site` from outside.\n"
        "\n"
        "**Look first:**\n"
        "\n"
        "```sh\n"
        "docker compose ps --all site\n"
        "docker compose logs --since 30m --tail 200 site\n"
        "git log --oneline --max-count 10\n"
        "```\n"
        "\n"
        "In Prometheus, one line at a time:\n"
        "\n"
        "```promql\n"
        'service:sli_error:ratio_rate1h{service="site"}\n'
        'service:sli_error:ratio_rate5m{service="site"}\n'
        'service:sli_error:ratio_rate6h{service="site"}\n'
        'service:sli_error:ratio_rate30m{service="site"}\n'
        'probe_success{job="blackbox",service="site"}\n'
        "```\n"
        "\n"
        "**Likely causes:**\n"
        "\n"
        "- A release: does the start of the trouble match the newest line of `git log --oneline --max-count 10`?\n"
        "- The memory limit of 512Mi: `docker inspect --format '{{.State.OOMKilled}} {{.RestartCount}}' "
        '"$(docker compose ps --all --quiet site)"` says `true` first.\n'
        "\n"
        "**What helps:**\n"
        "\n"
        "- It began with a release: go back:\n"
        "\n"
        "  ```sh\n"
        "  git switch --detach HEAD~1\n"
        "  docker compose up --detach --build --no-deps --wait site\n"
        "  ```\n"
        "\n"
        "- It hangs, or its connections are stale: restart it:\n"
        "\n"
        "  ```sh\n"
        "  docker compose restart site\n"
        "  ```\n"
        "\n"
        "**Escalate:** to the owners of `site` after 15 minutes without improvement, with the output of the commands above and what was tried.\n"
        "\n"
        '**Over when:** `service:sli_error:ratio_rate5m{service="site"}` is below 0.144 and '
        '`service:sli_error:ratio_rate30m{service="site"}` below 0.06.\n'
    )


def test_causes_and_help_on_kubernetes_are_those_of_this_service() -> None:
    text = section(page(SHOP, "api"), "ApiErrorBudgetBurnFast")
    kubectl = "kubectl --namespace shop"
    assert [line for line in text.splitlines() if line.startswith("- ")] == [
        f"- A release: does the start of the trouble match the newest line of `{kubectl} rollout history deployment/api`?",
        f"- `postgres` (postgres, port 5432) is down or full: `{kubectl} exec statefulset/postgres -- pg_isready --username=app --dbname=app`.",
        f"- `redis` (redis, port 6379) is down or full: `{kubectl} exec statefulset/redis -- redis-cli ping`.",
        f"- The migration `api-migrate` did not finish: `{kubectl} logs job/api-migrate`.",
        f"- The memory limit of 512Mi: `{kubectl} get pods --selector app.kubernetes.io/name=api --output jsonpath='{REASON}'` says `OOMKilled`.",
        "- A secret was changed or expired; the service reads `DATABASE_URL`, `CELERY_BROKER_URL`, `SECRET_KEY`.",
        "- It began with a release: go back; the database keeps its new schema, which the version before has to work with:",
        "- It hangs, or its connections are stale: restart it:",
        "- There is more traffic than it can take: run more of it until the next release sets the number back:",
    ]
    assert [line.strip() for line in text.splitlines() if line.startswith(f"  {kubectl}")] == [
        f"{kubectl} rollout undo deployment/api",
        f"{kubectl} rollout undo deployment/worker",
        f"{kubectl} rollout status deployment/api --timeout 5m",
        f"{kubectl} rollout status deployment/worker --timeout 5m",
        f"{kubectl} rollout restart deployment/api",
        f"{kubectl} scale deployment/api --replicas 4",
    ]


def fact(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"| {name} |"))


def test_on_kubernetes_the_exporter_is_a_pod_beside_the_service() -> None:
    assert fact(page(GATEWAY, "web"), "Measured by") == (
        '| Measured by | `probe_success{job="blackbox",service="web"}`: the blackbox exporter, a pod in the same namespace, through the Service; '
        "Ingress and TLS are not in that path |"
    )
    assert fact(page(SHOP, "api"), "Measured by") == '| Measured by | `http_requests_total{service="api"}`: its own request metrics |'


def test_where_only_connections_are_tried_the_page_says_so() -> None:
    text = page(GATEWAY, "gateway")
    seen = "only whether its port accepts connections is measured, so neither failing answers nor a hanging process count"
    assert fact(text, "Objective") == f"| Objective | 99.95 % of probes succeed over 7 days; {seen} |"
    assert fact(text, "Health") == "| Health | port 9000 accepts connections |"
    assert text.count("**Means:**") == text.count(f". Of gateway {seen}.\n") == 3
    assert seen not in page(GATEWAY, "web")


def test_a_grpc_service_is_asked_for_its_health() -> None:
    probe = Probe(kind="grpc", port=9000)
    blueprint = replace(GATEWAY, services=(replace(GATEWAY.services[0], probe=probe), GATEWAY.services[1]))
    text = page(blueprint, "gateway")
    assert fact(text, "Objective") == "| Objective | 99.95 % of probes succeed over 7 days |"
    assert fact(text, "Health") == "| Health | the gRPC health service on port 9000 answers `SERVING` |"
    assert next(line for line in section(text, "GatewayErrorBudgetBurnFast").splitlines() if line.startswith("- ")) == (
        '- Its health service does not answer `SERVING`, or there is none: `probe_grpc_status_code{job="blackbox",service="gateway"}` '
        "is 0 in the first case, 12 in the second."
    )


def test_a_service_that_is_no_more_measured() -> None:
    text = section(page(GATEWAY, "web"), "WebMetricsAbsent")
    assert "**Hurt:** nobody yet, as far as is known; the service `gateway`, which calls it, if it is down.\n" in text
    assert [line for line in text.splitlines() if line.startswith("kubectl")] == [
        "kubectl --namespace edge get pods --selector app.kubernetes.io/name=web --output wide",
        "kubectl --namespace edge get endpointslices --selector kubernetes.io/service-name=web",
        "kubectl --namespace edge describe networkpolicy web",
        "kubectl --namespace edge get pods --selector app.kubernetes.io/name=blackbox-exporter --output wide",
    ]
    assert [line for line in text.splitlines() if line.startswith("- ")] == [
        "- `web` is down: no replica is ready.",
        "- `blackbox-exporter` is down, or Prometheus cannot reach it on port 9115.",
        "- Prometheus does not run in the namespace `monitoring`, the only one that the NetworkPolicy `blackbox-exporter` lets in.",
        "- Prometheus does not run, or has not loaded `monitoring/prometheus/prometheus.yml`.",
        "- The service is down or hangs: restart it:",
        "- The exporter is down: restart it:",
    ]


def test_latency_looks_at_what_slows() -> None:
    text = section(page(SHOP, "api"), "ApiLatencyHigh")
    assert "**Means:** the 99th percentile of the answers over 10m is above 200 ms, with at least 100 requests in that time.\n" in text
    assert "- The CPU limit of 500m: `kubectl --namespace shop top pods --selector app.kubernetes.io/name=api` shows it close to the limit.\n" in text
    assert text.endswith("**Over when:** the percentile stays below 200 ms for 10m.\n")


def test_a_database_run_elsewhere_is_somebody_elses() -> None:
    text = section(page(replace(SHOP, backings=(postgres(placement="external"), SHOP.backings[1])), "api"), "ApiErrorBudgetBurnFast")
    assert "- `postgres` (postgres, run elsewhere) is down or out of reach: ask whoever runs it.\n" in text
    assert "**Escalate:** to the owners of `api`, and to whoever runs `postgres`, after 15 minutes without improvement" in text


def test_text_of_the_repository_cannot_leave_its_place() -> None:
    probe = Probe(kind="http", port=8000, path="/a`b | c\n# d")
    blueprint = replace(SHOP, services=(service("api", probe=probe), SHOP.services[1]))
    assert "| Health | `GET /a'b \\| c # d` on port 8000 answers with 2xx or 3xx |\n" in page(blueprint, "api")


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_alert_has_a_page_with_its_section(name: str) -> None:
    """Headings are the alerts' names, and the pages are where the rules point."""
    blueprint = ALL[name]
    assert blueprint.monitoring is not None
    pages = {item.path: item.text for item in runbooks.render(blueprint)}
    for alert in blueprint.monitoring.alerts:
        assert f"\n## {alert.name}\n" in pages[alert.runbook]
    told = {url for item in prometheus.render(blueprint) for url in re.findall(r"docs/runbooks/[\w-]+\.md", item.text)}
    assert told == set(pages)


@pytest.mark.parametrize("name", sorted(ALL))
def test_commands_name_only_what_is_delivered(name: str) -> None:
    blueprint = ALL[name]
    known = {item.name for item in blueprint.services} | {item.name for item in blueprint.backings} | {"blackbox-exporter"}
    known |= {f"{item.name}-migrate" for item in blueprint.services if item.migration}
    text = "".join(item.text for item in runbooks.render(blueprint))
    named = re.findall(r"(?:deployment|statefulset|job)/([\w-]+)|/(?:name|service-name)=([\w-]+)|networkpolicy ([\w-]+)", text)
    assert {part for match in named for part in match if part} <= known
    assert set(re.findall(r"kubectl --namespace (\S+)", text)) <= {blueprint.namespace}


@pytest.mark.parametrize("name", sorted(ALL))
def test_pages_are_tidy(name: str) -> None:
    """What Markdown linters ask for: one blank line between blocks, a language for every fence, one first heading, one new line at the end."""
    for item in runbooks.render(ALL[name]):
        assert "\n\n\n" not in item.text
        assert item.text.endswith("\n")
        assert not item.text.endswith("\n\n")
        assert [line for line in item.text.splitlines() if line != line.rstrip()] == []
        assert re.findall(r"^# .*$", item.text.replace("```sh\n#", ""), re.MULTILINE) == [f"# {item.path.rpartition('/')[2].removesuffix('.md')}"]
        fences = re.findall(r"^ *```(\w*)$", item.text, re.MULTILINE)
        assert set(fences[::2]) <= {"sh", "promql"}
        assert set(fences[1::2]) == {""}


def test_lines_know_where_they_came_from() -> None:
    made = next(item for item in runbooks.render(SHOP) if item.path == "docs/runbooks/api.md")
    line = made.text.splitlines().index("| Needs | `postgres`, `redis` |") + 1
    assert [mark.node for mark in made.origins if mark.first <= line <= mark.last] == ["services.api", "services.api.needs"]


def test_a_budget_of_a_week() -> None:
    text = page(replace(SHOP, monitoring=monitoring(requests_slo("api", objective=99.5, window_days=7), slo("worker"))), "api")
    assert "at 14.4 times that a full budget lasts 11.7 hours, at 6 times 28 hours." in text
