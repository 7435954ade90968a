"""What the draft makes of variables, databases and documentation: what is taken, what is asked for, what is left to the person."""

from __future__ import annotations

import pytest

from opsmith.errors import RepositoryError
from opsmith.model.blueprint import Blueprint, Variable
from opsmith.model.intent import Intent
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Survey
from opsmith.settings import Settings
from opsmith.stages.draft import draft
from opsmith.targets import docker

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


def test_a_server_whose_port_nothing_tells_is_told_with_what_that_costs() -> None:
    unsure = Ambiguity(fact="ports", component="api", choices=(), how_to_decide="set components.api.ports in opsmith.yaml")
    server = Component(name="api", path="", role="web", language="go", start_command="./api", protocol="http", ambiguities=(unsure,))
    survey = Survey(root="/shop", components=(server,), ambiguities=(unsure,))
    made = draft(survey, Intent(kind="deliver", targets=("kubernetes",)), Settings())
    assert [point for point in made.open_points if point.startswith("api")] == [
        "api serves, but nothing tells on which port, so nothing reaches, probes or watches it; set components.api.ports in opsmith.yaml"
    ]


def test_one_cache_under_a_name_for_each_purpose() -> None:
    names = ("REDIS_ACTIVITY_URL", "REDIS_BROKER_HOST", "REDIS_BROKER_PASSWORD", "REDIS_SENTINEL_HOST", "REDIS_EXPORTER_URL")
    made = drafted(
        *(EnvVar(name=name, required=False) for name in names), backing=(BackingService(kind="redis", name="redis", env=("REDIS_ACTIVITY_URL",)),)
    )
    assert variables(made) == (
        Variable(
            name="REDIS_ACTIVITY_URL", kind="composed", value="redis://:${REDIS_PASSWORD}@redis:6379/0", secret="redis-secrets", key="REDIS_PASSWORD"
        ),
        Variable(name="REDIS_BROKER_HOST", kind="literal", value="redis"),
        Variable(name="REDIS_BROKER_PASSWORD", kind="secret", secret="redis-secrets", key="REDIS_PASSWORD"),
    )


def test_collecting_static_files_gets_what_the_settings_ask_for() -> None:
    needed = ("DATABASE_URL", "DB_PORT", "DJANGO_ALLOWED_HOSTS", "SMTP_PORT")
    component = Component(
        name="shop", path="", role="web", language="python", framework="django", package_manager="pip",
        traits=("django", "django-static", "static-unserved", "pip-group:main"),
        start_command="gunicorn a:b", build_command="python manage.py collectstatic --noinput", ports=(8000,), protocol="http",
        manifests=("pyproject.toml",),
        env=(
            *(EnvVar(name=name, required=True) for name in needed), EnvVar(name="STRIPE_KEY", required=False),
            EnvVar(name="DEBUG", required=False, default="True"), EnvVar(name="SECRET_KEY", required=False, secret=True, default="insecure"),
            EnvVar(name="DJANGO_SETTINGS_MODULE", required=True, default="shop.settings.production"),
            EnvVar(name="ZONE", required=True, default="$(id)"),
        ),
        backing_services=(BackingService(kind="postgres", name="postgres", env=("DATABASE_URL", "DB_PORT")),),
    )  # fmt: skip
    made = draft(Survey(root="/shop", components=(component,)), Intent(kind="deliver", targets=("docker",)), Settings())
    assert made.builds[0].build_variables == (
        ("DATABASE_URL", "postgresql://localhost:5432/app"),
        ("DB_PORT", "5432"),
        ("DEBUG", "False"),
        ("DJANGO_ALLOWED_HOSTS", "localhost"),
        ("DJANGO_SETTINGS_MODULE", "shop.settings.production"),
        ("SECRET_KEY", "build-only"),
        ("SMTP_PORT", "1"),
        ("ZONE", "build-only"),
    )
    assert (
        "nothing serves the static files that shop collects: Django does so only with DEBUG; "
        "add whitenoise, or put them into a storage (STORAGES) that browsers reach"
    ) in made.open_points
    (dockerfile, *_) = docker.render(made)
    assert (
        dockerfile.text[dockerfile.text.index("# Dependencies first") : dockerfile.text.index("FROM", 10)]
        == """\
# Dependencies first: they change less often than the code, and this layer is then reused.
COPY pyproject.toml ./
RUN --mount=type=cache,target=/root/.cache/pip \\
    pip install pip==26.3 \\
 && pip install --group=main
COPY . ./
RUN DATABASE_URL=postgresql://localhost:5432/app \\
    DB_PORT=5432 \\
    DEBUG=False \\
    DJANGO_ALLOWED_HOSTS=localhost \\
    DJANGO_SETTINGS_MODULE=shop.settings.production \\
    SECRET_KEY=build-only \\
    SMTP_PORT=1 \\
    ZONE=build-only \\
    python manage.py collectstatic --noinput

"""
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
FORTRAN = Component(name="orders", path="orders", role="web", language="fortran", ports=(8080,), protocol="http", backing_services=(POSTGRES,))


def test_nothing_is_laid_out_around_what_has_no_image() -> None:
    api = Component(name="api", path="api", role="web", language="go", start_command="./api", ports=(8000,), protocol="http")
    made = draft(Survey(root="/shop", components=(api, FORTRAN)), Intent(kind="deliver", targets=("compose",)), Settings())
    assert ([item.name for item in made.services], made.backings) == (["api"], ())
    assert "orders: opsmith builds no fortran images yet" in made.open_points


def test_a_repository_of_which_nothing_can_be_built_is_refused() -> None:
    with pytest.raises(RepositoryError, match=r"orders: opsmith builds no fortran images yet\. Nothing else runs here\."):
        draft(Survey(root="/shop", components=(FORTRAN,)), Intent(kind="deliver", targets=("compose",)), Settings())
