"""What the draft makes of variables, databases and documentation: what is taken, what is asked for, what is left to the person."""

from __future__ import annotations

import pytest

from opsmith.errors import RepositoryError
from opsmith.model.blueprint import Blueprint, Variable
from opsmith.model.intent import Intent
from opsmith.model.survey import BackingService, Component, EnvVar, Survey
from opsmith.settings import Settings
from opsmith.stages.draft import draft

CHOICE = BackingService(kind="postgres", name="postgres", env=("DB_HOST",), optional=True, instead_of_file=True, selected_by=(("DB", "postgres"),))


def drafted(*env: EnvVar, backing: tuple[BackingService, ...] = ()) -> Blueprint:
    component = Component(
        name="api", path="", role="web", language="python", package_manager="pip", start_command="gunicorn a:b", ports=(8000,), protocol="http",
        env=env, backing_services=backing,
    )  # fmt: skip
    return draft(Survey(root="/shop", components=(component,)), Intent(kind="deliver", targets=("kubernetes",)), Settings())


def variables(blueprint: Blueprint) -> tuple[Variable, ...]:
    return blueprint.services[0].variables


def optional(name: str, default: str | None = None) -> EnvVar:
    return EnvVar(name=name, required=False, secret=True, default=default)


def test_a_database_server_is_taken_where_the_code_would_fall_back_to_a_file() -> None:
    made = drafted(EnvVar(name="DB", required=False), EnvVar(name="DB_HOST", required=False), backing=(CHOICE,))
    assert [item.name for item in made.backings] == ["postgres"]
    assert variables(made) == (
        Variable(name="DB", kind="literal", value="postgres"),
        Variable(name="DB_HOST", kind="literal", value="postgres"),
    )
    assert "postgres, not the SQLite file that api falls back to: several replicas cannot share a file" in [
        origin.text for origin in made.origins["backings.postgres"]
    ]


def test_what_works_without_is_left_to_the_person() -> None:
    made = drafted(backing=(BackingService(kind="redis", name="redis", optional=True),))
    assert made.backings == ()
    assert "api can use redis but works without; list it under components.api.backing_services to add it" in made.open_points


def test_secrets_of_features_that_are_off_are_not_asked_for() -> None:
    names = ("STRIPE_SECRET_KEY", "TRELLO_APP_KEY", "GITHUB_CLIENT_SECRET")
    made = drafted(*map(optional, names), optional("EMAIL_HOST_PASSWORD", ""))
    assert variables(made) == ()


def test_keys_that_sign_and_secrets_that_stand_in_the_code_are_asked_for() -> None:
    made = drafted(optional("DJANGO_SECRET_KEY"), optional("SECRET_KEY_BASE"), optional("ADMIN_PASSWORD", "changeme"))
    assert variables(made) == tuple(
        Variable(name=name, kind="secret", secret="api-secrets", key=name) for name in ("DJANGO_SECRET_KEY", "SECRET_KEY_BASE", "ADMIN_PASSWORD")
    )


def documentation(*others: Component, named: tuple[str, ...] = ()) -> Blueprint:
    pages = Component(name="docs", path="docs", role="static", language="javascript", traits=("documentation",), build_command="npm run build")
    return draft(Survey(root="/shop", components=(pages, *others)), Intent(kind="deliver", targets=("docker",), components=named), Settings())


def test_documentation_is_delivered_when_it_is_named_or_alone() -> None:
    api = Component(name="api", path="api", role="web", language="go", start_command="./api", ports=(8000,), protocol="http")
    made = documentation(api)
    assert [item.name for item in made.services] == ["api"]
    assert "docs (docs) is documentation and is left out; name it in the task to deliver it, too" in made.open_points
    assert [item.name for item in documentation(api, named=("docs",)).services] == ["docs"]
    assert [item.name for item in documentation().services] == ["docs"]


POSTGRES = BackingService(kind="postgres", name="postgres")
SPRING = Component(name="orders", path="orders", role="web", language="java", ports=(8080,), protocol="http", backing_services=(POSTGRES,))


def test_nothing_is_laid_out_around_what_has_no_image() -> None:
    api = Component(name="api", path="api", role="web", language="go", start_command="./api", ports=(8000,), protocol="http")
    made = draft(Survey(root="/shop", components=(api, SPRING)), Intent(kind="deliver", targets=("compose",)), Settings())
    assert ([item.name for item in made.services], made.backings) == (["api"], ())
    assert "orders: opsmith builds no java images yet" in made.open_points


def test_a_repository_of_which_nothing_can_be_built_is_refused() -> None:
    with pytest.raises(RepositoryError, match=r"opsmith builds no images for java yet, and nothing else runs here: orders\."):
        draft(Survey(root="/shop", components=(SPRING,)), Intent(kind="deliver", targets=("compose",)), Settings())
