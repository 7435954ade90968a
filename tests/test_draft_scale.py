"""Scale and environments: the arithmetic that is shown, what does not scale, and what differs between environments."""

from __future__ import annotations

from typing import Any

import pytest

from opsmith.model.blueprint import Blueprint, Scaling, Variable
from opsmith.model.intent import Environment, Intent, Scale, Understood
from opsmith.model.survey import Component, EnvVar, Role, Survey
from opsmith.settings import Settings
from opsmith.stages.draft import draft


def component(name: str = "api", role: Role = "web", **changes: Any) -> Component:
    plain: dict[str, Any] = {
        "path": "", "language": "python", "package_manager": "pip", "start_command": "gunicorn a:b", "ports": (8000,), "protocol": "http",
    }  # fmt: skip
    return Component(name=name, role=role, **plain | changes)


def drafted(*components: Component, scale: Scale | None = None, environments: tuple[Environment, ...] = (), **settings: Any) -> Blueprint:
    intent = Intent(
        kind="deliver", targets=("kubernetes",), scale=scale or Scale(), environments=environments,
        understood=(Understood(words="10k users", sets="scale.concurrent_users", value=10000),),
    )  # fmt: skip
    values = Settings().values
    return draft(Survey(root="/shop", components=components or (component(),)), intent, Settings(values={**values, **settings}))


@pytest.mark.parametrize(
    ("scale", "wanted", "why"),
    [
        (
            Scale(concurrent_users=10_000),
            Scaling(minimum=2, maximum=30, cpu_percent=70),
            "at most 30 pods: 10000 users / 10 s between two requests = 1000 requests/s / 50 from one pod x 1.5 for peaks",
        ),
        (
            Scale(requests_per_second=101, concurrent_users=5),
            Scaling(minimum=2, maximum=4, cpu_percent=70),
            "at most 4 pods: 101 requests/s / 50 from one pod x 1.5 for peaks",
        ),
        (
            Scale(concurrent_users=10_000_000),
            Scaling(minimum=2, maximum=100, cpu_percent=70),
            "at most 100 pods: 10000000 users / 10 s between two requests = 1e+06 requests/s / 50 from one pod x 1.5 for peaks, at most 100",
        ),
        (Scale(concurrent_users=10), Scaling(minimum=2, maximum=2, cpu_percent=70), None),
        (Scale(min_replicas=3, max_replicas=9), Scaling(minimum=3, maximum=9, cpu_percent=70), None),
    ],
)
def test_the_stated_load_becomes_pods(scale: Scale, wanted: Scaling, why: str | None) -> None:
    made = drafted(scale=scale)
    assert made.services[0].scaling == wanted
    texts = [origin.text for origin in made.origins["services.api.scaling"]]
    assert texts[0] == '"10k users" asks for scale.concurrent_users = 10000'
    assert texts[-1] == "70 % of the requested CPU: room for the seconds until a new pod serves"
    assert why is None or why in texts


def test_an_unmeasured_capacity_is_an_open_point() -> None:
    told = (
        "the largest number of pods of api rests on 50 requests a second from one pod, which nobody has measured: "
        "put load on it, then set the maximum to what was seen"
    )
    assert told in drafted(scale=Scale(concurrent_users=10_000)).open_points
    assert told not in drafted(scale=Scale(max_replicas=5)).open_points


@pytest.mark.parametrize(
    ("item", "settings"),
    [
        (component(traits=("singleton",)), {}),
        (component(traits=("sqlite",)), {}),
        (component(traits=("embedded-database",)), {}),
        (component(role="worker", ports=()), {}),
        (component(), {"replicas": 3}),
    ],
)
def test_what_does_not_scale(item: Component, settings: dict[str, Any]) -> None:
    assert drafted(item, scale=Scale(concurrent_users=10_000), **settings).services[0].scaling is None


def test_nobody_asks_for_scale() -> None:
    assert drafted().services[0].scaling is None


def test_environments_differ_in_namespace_host_replicas_and_what_names_the_host() -> None:
    env = (EnvVar(name="ALLOWED_HOSTS", required=True),)
    made = drafted(
        component(framework="django", env=env), scale=Scale(max_replicas=6), environments=("production", "dev", "staging"), ingress_host="shop.org"
    )
    assert made.targets == ("docker", "compose", "kubernetes", "kustomize")
    assert [(item.name, item.namespace, item.services[0].host, item.services[0].scaling) for item in made.environments] == [
        ("dev", "shop-dev", "dev.shop.org", Scaling(minimum=1, maximum=2, cpu_percent=70)),
        ("staging", "shop-staging", "staging.shop.org", Scaling(minimum=2, maximum=6, cpu_percent=70)),
        ("production", "shop", "shop.org", Scaling(minimum=2, maximum=6, cpu_percent=70)),
    ]
    assert made.environments[-1].services == made.services
    hosts = [[item.value for item in place.services[0].variables if item.name == "ALLOWED_HOSTS"] for place in made.environments]
    assert hosts == [["dev.shop.org,api,localhost,127.0.0.1"], ["staging.shop.org,api,localhost,127.0.0.1"], ["shop.org,api,localhost,127.0.0.1"]]


def test_one_environment_needs_no_overlay() -> None:
    assert drafted(environments=("production",)).environments == ()
    assert "kustomize" not in drafted(environments=("production",)).targets


def test_only_whole_host_names_aremoved() -> None:
    from opsmith.stages.draft.environments import moved

    hosts = {"example.com": "dev.example.com", "api.example.com": "api.dev.example.com"}
    assert [moved(text, hosts) for text in ("https://api.example.com/x,example.com", "mail@example.com", "example.com.au", "my-example.com")] == [
        "https://api.dev.example.com/x,dev.example.com", "mail@example.com", "example.com.au", "my-example.com",
    ]  # fmt: skip
    assert Variable(name="A", kind="literal", value=moved("x", {})).value == "x"
