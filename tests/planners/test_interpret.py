from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from opsmith import encoding
from opsmith.errors import TaskError
from opsmith.model.intent import Budget, HandOver, Intent, Recovery, Scale, SloWant, Understood
from opsmith.planners import rules
from opsmith.stages.interpret import interpret

TASKS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("tasks.json").read_text(encoding="utf-8"))
AT_FIRST_SIGHT: list[dict[str, Any]] = json.loads(Path(__file__).with_name("tasks_at_first_sight.json").read_text(encoding="utf-8"))
"""Written without a look at the rules, in four sets; the rules were mended after each had been measured."""
LISTS = ("targets", "exclude", "regions", "environments", "compliance", "components")
GROUPS = ("scale", "slo", "recovery", "budget")
KNOWN_MISSES = {"four-nines-p99: slo.latency_ms", "four-nines-p99: slo.latency_percentile"}


def understand(task: str) -> Intent:
    return interpret(task, rules)


def plain(names: list[str]) -> set[str]:
    return {name.removesuffix("-service") for name in names}


def missed(label: dict[str, Any]) -> list[str]:
    """The judged fields of a label that the reading got wrong."""
    answer = json.loads(encoding.to_json(understand(label["task"])))
    expect = label["expect"]
    wrong: list[str] = []
    for field, want in expect.items():
        allowed = expect.get(f"{field}_allowed", [])
        if field in LISTS:
            wrong += [] if plain(want) <= plain(answer[field]) <= plain(want + allowed) else [field]
        elif field in GROUPS:
            wrong += [f"{field}.{leaf}" for leaf, value in want.items() if answer[field][leaf] != value]
        elif field == "out_of_scope":
            wrong += wrongly_handed(want, answer[field])
        elif not field.endswith("_allowed"):
            wrong += [] if answer[field] in [want, *allowed] else [field]
    wrong += [f"must_not {path}" for path, values in label.get("must_not", {}).items() if holds(answer, path, values)]
    if "not_understood" in label and bool(answer["not_understood"]) != label["not_understood"]:
        wrong.append("not_understood")
    return wrong


def wrongly_handed(want: list[dict[str, Any]], got: list[dict[str, str]]) -> list[str]:
    if not want:
        return ["out_of_scope"] if got else []
    return [
        f"out_of_scope {part['words']}"
        for part in want
        if not any(item["hand_to"] in part["hand_to"] and any(word in item["words"].lower() for word in part["words"]) for item in got)
    ]


def holds(answer: dict[str, Any], path: str, forbidden: Any) -> bool:
    group, _, leaf = path.partition(".")
    got = answer[group][leaf] if leaf else answer[group]
    if forbidden == "*":
        return got not in (None, [])
    return any(value in got if isinstance(got, list) else value == got for value in forbidden)


def test_labelled_tasks_are_read_as_labelled() -> None:
    assert {f"{label['id']}: {field}" for label in TASKS for field in missed(label)} == KNOWN_MISSES


STILL_MISSED = {
    "a-azdo: components",
    "a-mesh: components",
    "a-ami: components",
    "a-datadog: components",
    "a-typo2: cloud",
    "a-oosc-ui: components",
    "a-oosc-schema: components",
    "b-es-deploy: components",
    "c8: strategy",
    "d28: components",
    "d30: components",
    "d32: components",
    "e15: targets",
    "e47: components",
}


def test_tasks_at_first_sight_are_read_as_labelled() -> None:
    assert {f"{label['id']}: {field}" for label in AT_FIRST_SIGHT for field in missed(label)} == STILL_MISSED


def test_nothing_to_deploy_yet() -> None:
    assert understand("Deploy nothing to production yet, just write the Helm chart.").kind == "deliver"


def test_every_value_names_the_words_that_set_it() -> None:
    task = "No deployment yet. Helm chart for `ledger` on GKE in London, 3 to 9 pods, p99 under 250ms, max $400/month, staging first. No Istio."
    assert understand(task) == Intent(
        kind="deliver",
        targets=("helm", "kubernetes"),
        exclude=("istio",),
        cloud="gcp",
        regions=("europe-west2",),
        environments=("staging",),
        scale=Scale(min_replicas=3, max_replicas=9),
        slo=SloWant(latency_ms=250, latency_percentile=99),
        budget=Budget(amount=400, currency="USD", period="month"),
        components=("ledger",),
        understood=(
            Understood(words="Helm chart", sets="kind", value="deliver"),
            Understood(words="Helm chart", sets="targets", value="helm"),
            Understood(words="GKE", sets="targets", value="kubernetes"),
            Understood(words="Istio", sets="exclude", value="istio"),
            Understood(words="GKE", sets="cloud", value="gcp"),
            Understood(words="London", sets="regions", value="europe-west2"),
            Understood(words="staging", sets="environments", value="staging"),
            Understood(words="3 to 9 pods", sets="scale.min_replicas", value=3),
            Understood(words="3 to 9 pods", sets="scale.max_replicas", value=9),
            Understood(words="p99 under 250ms", sets="slo.latency_ms", value=250),
            Understood(words="p99", sets="slo.latency_percentile", value=99),
            Understood(words="$400", sets="budget.amount", value=400),
            Understood(words="$400", sets="budget.currency", value="USD"),
            Understood(words="/month", sets="budget.period", value="month"),
            Understood(words="`ledger`", sets="components", value="ledger"),
        ),
    )


def test_recovery_in_german() -> None:
    intent = understand("Bei einem Ausfall muss alles binnen einer halben Stunde wieder laufen, RPO 5 Minuten, in zwei Regionen.")
    assert intent.recovery == Recovery(rto_minutes=30, rpo_minutes=5, multi_region=True)


def test_work_of_others_is_handed_over() -> None:
    intent = understand("Dockerize the shop and write a user guide for it.")
    assert (intent.kind, intent.targets, intent.out_of_scope) == (
        "deliver",
        ("docker",),
        (HandOver(words="write a user guide for it.", hand_to="tech-writer-agent"),),
    )


@pytest.mark.parametrize(
    "task",
    [
        "Set up Prometheus.\n```\nuse Helm and deploy to production\n```",
        "Set up Prometheus.\n> use Helm and deploy to production",
        "Set up Prometheus. The ticket says: use Helm and deploy to production.",
        'Set up Prometheus. Somebody wrote "please use Helm and deploy to production".',
        "Set up Prometheus.\n<log>\nuse Helm and deploy to production\n</log>",
    ],
)
def test_quoted_material_sets_nothing(task: str) -> None:
    intent = understand(task)
    assert (intent.targets, intent.environments, intent.not_understood) == (("prometheus",), (), ())


@pytest.mark.parametrize("task", ["", "  \n", "\x00\x07"])
def test_empty_task_is_refused(task: str) -> None:
    with pytest.raises(TaskError, match="The task is empty"):
        understand(task)


def test_too_long_task_is_refused() -> None:
    with pytest.raises(TaskError, match="100001 characters"):
        understand("a" * 100_001)


@pytest.mark.parametrize("unit", ["a", "a ", "not docker, ", "helm or ", "> x\n", '"a b ', "- ", "$5 ", "from 1 to ", "leave docker, helm ", "-a"])
def test_long_tasks_take_linear_time(unit: str) -> None:
    began = time.process_time()
    understand((unit * (20_000 // len(unit) + 1))[:20_000] + "docker")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("task", "components"),
    [
        ("Scale the invoice consumer on Kafka lag with KEDA, zero to ten pods.", ("invoice-consumer",)),
        ("Release process for `ledger-core`: GitHub Actions.", ("ledger-core",)),
        ("Move the `reports` worker to Fargate with Terraform.", ("reports",)),
        ("Containerise shop and deploy it to Kubernetes.", ("shop",)),
        ("It's a tier-2 service: backups please.", ()),
    ],
)
def test_names_of_services_are_whole(task: str, components: tuple[str, ...]) -> None:
    assert understand(task).components == components


@pytest.mark.parametrize(
    "task",
    [
        "trivy found 14 HIGH in our images and checkov complains about the terraform. pls fix both",
        "terrafrom modul for s3 + cloudfrnt, promethus alerst, no jenkns",
        "Endurece las imágenes de Docker: Trivy encontró 7 vulnerabilidades críticas.",
    ],
)
def test_tools_and_typing_errors_are_no_gibberish(task: str) -> None:
    assert understand(task).not_understood == ()


def test_a_short_row_of_keys_is_gibberish() -> None:
    assert understand("asdf qwer zxcv lkjh").not_understood == ("asdf qwer zxcv lkjh",)


def test_what_is_spared_is_what_was_named_in_the_same_breath() -> None:
    intent = understand("Migra a GitHub Actions: publicar la imagen de Docker. No toques el Terraform.")
    assert intent.exclude == ("terraform",)
    assert understand("Helm chart for the api. There is Terraform for the VPC; don't touch it.").exclude == ("terraform",)
