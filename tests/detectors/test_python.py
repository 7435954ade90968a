"""What the Python detector says of small projects, field by field."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors import python, services
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, RequestMetric, Runtime
from opsmith.repo import Repo

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
SETTINGS = (
    'INSTALLED_APPS = ["django.contrib.auth", "django.contrib.staticfiles"]\nROOT_URLCONF = "shop.urls"\nWSGI_APPLICATION = "shop.wsgi.application"\n'
)
DJANGO = {
    "requirements.txt": "Django==5.1\ngunicorn==23.0.0\n",
    "manage.py": MANAGE,
    "shop/__init__.py": "",
    "shop/settings.py": SETTINGS,
    "shop/urls.py": "urlpatterns = []\n",
    "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
}


def detected(root: Path, files: dict[str, str]) -> list[Component]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(python.detect(Repo(root)))


def only(root: Path, files: dict[str, str]) -> Component:
    found = detected(root, files)
    assert len(found) == 1
    return found[0]


def test_the_whole_of_a_small_service(tmp_path: Path) -> None:
    source = (
        "import os\nimport uvicorn\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/healthz")\ndef healthz():\n    return {}\n\n\n'
        'if __name__ == "__main__":\n    uvicorn.run(app, port=int(os.environ.get("PORT", "9000")))\n'
    )
    found = only(tmp_path, {"api/main.py": source, "api/requirements.txt": "fastapi\nuvicorn==0.34.0\n", "api/.python-version": "3.12.4\n"})
    assert found == Component(
        name="api",
        path="api",
        role="web",
        language="python",
        framework="fastapi",
        package_manager="pip",
        runtime=Runtime(name="python", version="3.12.4"),
        start_command="uvicorn main:app --host 0.0.0.0 --port 9000",
        ports=(9000,),
        health_path="/healthz",
        env=(EnvVar(name="PORT", required=False, default="9000"),),
        protocol="http",
        port_env="PORT",
        install_command="pip install -r requirements.txt",
        manifests=("api/.python-version", "api/requirements.txt"),
        traits=("asgi",),
        evidence={
            "framework": (Evidence(file="api/main.py", line=5, shows="fastapi application app", confidence=0.95),),
            "ports": (Evidence(file="api/main.py", line=14, shows="listens on 9000, or what PORT says", confidence=0.9),),
            "start_command": (
                Evidence(file="api/main.py", line=5, shows="app is the application object", confidence=0.9),
                Evidence(file="api/requirements.txt", line=2, shows="depends on uvicorn==0.34.0", confidence=0.9),
            ),
            "health_path": (Evidence(file="api/main.py", line=8, shows="answers /healthz", confidence=0.85),),
            "env": (Evidence(file="api/main.py", line=14, shows="reads PORT (default '9000')", confidence=0.95),),
            "package_manager": (Evidence(file="api/requirements.txt", line=None, shows="pip project", confidence=0.95),),
            "install_command": (Evidence(file="api/requirements.txt", line=None, shows="pip project", confidence=0.95),),
            "runtime": (Evidence(file="api/.python-version", line=1, shows="Python 3.12.4", confidence=0.95),),
        },
    )


@pytest.mark.parametrize(
    ("files", "command", "packages"),
    [
        ({"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK}, "gunicorn app:app --bind 0.0.0.0:8000", ()),
        ({"requirements.txt": "flask\n", "app.py": FLASK}, "gunicorn app:app --bind 0.0.0.0:8000", ("gunicorn==27.0.1",)),
        ({"requirements.txt": "flask\nwaitress\n", "app.py": FLASK}, "waitress-serve --listen=0.0.0.0:8000 app:app", ()),
        (
            {"requirements.txt": "flask\nuwsgi\n", "app.py": FLASK},
            "uwsgi --http-socket 0.0.0.0:8000 --master --die-on-term --module app:app",
            (),
        ),
        (
            {
                "requirements.txt": "flask\n",
                "shop/__init__.py": "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    return app\n",
            },
            "gunicorn 'shop:create_app()' --bind 0.0.0.0:8000",
            ("gunicorn==27.0.1",),
        ),
        (
            {
                "requirements.txt": "flask\n",
                "shop/__init__.py": "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n",
                "wsgi.py": "from shop import create_app\napp = create_app()\n",
            },
            "gunicorn wsgi:app --bind 0.0.0.0:8000",
            ("gunicorn==27.0.1",),
        ),
        (
            {"requirements.txt": "flask\n", "bin/__init__.py": "from .core import *\n", "bin/core.py": FLASK},
            "gunicorn bin:app --bind 0.0.0.0:8000",
            ("gunicorn==27.0.1",),
        ),
        ({"requirements.txt": "fastapi[standard]\n", "app/main.py": FASTAPI}, "uvicorn app.main:app --host 0.0.0.0 --port 8000", ()),
        (
            {"requirements.txt": "fastapi\nhypercorn\n", "src/main.py": "import deps\n" + FASTAPI, "src/deps.py": ""},
            "uvicorn --app-dir src main:app --host 0.0.0.0 --port 8000",
            ("uvicorn==0.54.0",),
        ),
        (
            {"requirements.txt": "fastapi\nuvicorn\ngunicorn\n", "main.py": FASTAPI},
            "gunicorn main:app --worker-class uvicorn.workers.UvicornWorker --bind 0.0.0.0:8000",
            (),
        ),
        ({"requirements.txt": "aiohttp\n", "main.py": "from aiohttp import web\napp = web.Application()\nweb.run_app(app)\n"}, "python main.py", ()),
    ],
)
def test_start_commands(tmp_path: Path, files: dict[str, str], command: str, packages: tuple[str, ...]) -> None:
    found = only(tmp_path, files)
    assert (found.start_command, found.server_packages) == (command, packages)


def test_a_port_below_1024_gives_way_when_the_server_is_ours(tmp_path: Path) -> None:
    found = only(tmp_path, {"requirements.txt": "flask\n", "app.py": FLASK + 'if __name__ == "__main__":\n    app.run(port=80)\n'})
    assert found.ports == (8000,)
    assert found.evidence["ports"] == (Evidence(file="app.py", line=4, shows="listens on 80; a port below 1024 needs root, so 8000", confidence=0.6),)


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({".python-version": "3.12\n", "runtime.txt": "python-3.11.2\n"}, "3.12"),
        ({"runtime.txt": "python-3.11.2\n", "setup.cfg": "[options]\npython_requires = >=3.8\n"}, "3.11.2"),
        ({"Pipfile": '[requires]\npython_version = "3.9"\n'}, "3.9"),
        ({".tool-versions": "nodejs 20\npython 3.10.1\n"}, "3.10.1"),
        ({"pyproject.toml": '[project]\nname = "a"\nrequires-python = ">=3.11"\n'}, ">=3.11"),
        ({"pyproject.toml": '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.10"\n'}, "^3.10"),
        ({"setup.py": 'from setuptools import setup\nsetup(name="a", classifiers=["Programming Language :: Python :: 3.9"])\n'}, "3.9"),
        ({}, None),
    ],
)
def test_runtime_precedence(tmp_path: Path, files: dict[str, str], version: str | None) -> None:
    found = only(tmp_path, {"requirements.txt": "flask\n", "app.py": FLASK, **files})
    assert found.runtime == Runtime(name="python", version=version)


@pytest.mark.parametrize(
    ("files", "manager", "command"),
    [
        ({"pyproject.toml": '[project]\nname = "a"\n', "uv.lock": "version = 1\n"}, "uv", "uv sync --locked"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\nflask = "*"\n', "poetry.lock": ""}, "poetry", "poetry install --no-interaction"),
        ({"Pipfile": '[packages]\nflask = "*"\n', "Pipfile.lock": "{}"}, "pipenv", "pipenv sync --dev"),
        ({"requirements/prod.txt": "-r base.txt\n", "requirements/base.txt": "flask\n"}, "pip", "pip install -r requirements/prod.txt"),
        ({"environment.yml": "dependencies:\n  - flask=3\n"}, "conda", "conda env update --file environment.yml"),
        ({"setup.py": 'from setuptools import setup\nsetup(name="a")\n'}, "pip", "pip install ."),
    ],
)
def test_package_managers(tmp_path: Path, files: dict[str, str], manager: str, command: str) -> None:
    found = only(tmp_path, {"app.py": FLASK, **files})
    assert (found.package_manager, found.install_command) == (manager, command)


def test_a_member_of_a_uv_workspace_sees_the_workspace(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["services/*"]\n',
        "uv.lock": "version = 1\n",
        "services/api/pyproject.toml": '[project]\nname = "shop-api"\ndependencies = ["fastapi", "uvicorn"]\n',
        "services/api/main.py": FASTAPI,
    }
    found = only(tmp_path, files)
    assert (found.context, found.install_command) == ("", "uv sync --locked --package shop-api")
    assert found.manifests == ("pyproject.toml", "services/api/pyproject.toml", "uv.lock")


def test_django(tmp_path: Path) -> None:
    files = {
        **DJANGO,
        "shop/settings.py": SETTINGS + 'import os\nSECRET_KEY = os.environ["SECRET_KEY"]\nSTATIC_ROOT = "static"\n',
        "shop/urls.py": 'from django.urls import include, path\nstatus = [path("status/", v)]\nurlpatterns = [path("api/v1/", include(status)), '
        'path("api/v2/", include(status))]\n',
        "shop/management/commands/listen.py": "class Command:\n    def handle(self):\n        while True:\n            poll()\n",
        "shop/tests.py": "import unittest\n",
    }
    web, worker = detected(tmp_path, files)
    assert (web.framework, web.start_command) == ("django", "gunicorn shop.wsgi:application --bind 0.0.0.0:8000")
    assert (web.build_command, web.migration_command) == ("python manage.py collectstatic --noinput", "python manage.py migrate --noinput")
    assert (web.traits, web.health_path, web.test_command) == (
        ("django", "wsgi", "django-static", "static-unserved"),
        "/api/v2/status/",
        "python manage.py test",
    )
    assert EnvVar(name="SECRET_KEY", required=True, secret=True) in web.env
    assert (worker.name, worker.role, worker.start_command, worker.ports) == ("listen", "worker", "python manage.py listen", ())


def test_django_below_the_folder_of_its_manifest(tmp_path: Path) -> None:
    files = {f"src/{name}" if name != "requirements.txt" else name: text for name, text in DJANGO.items()}
    found = only(tmp_path, files)
    assert found.start_command == "gunicorn --chdir src shop.wsgi:application --bind 0.0.0.0:8000"
    assert found.migration_command == "python src/manage.py migrate --noinput"


def test_django_is_told_of_its_production_settings(tmp_path: Path) -> None:
    files = {name: text for name, text in DJANGO.items() if name != "shop/settings.py"}
    files["manage.py"] = MANAGE.replace("shop.settings", "shop.settings.dev")
    files |= {"shop/settings/__init__.py": "", "shop/settings/dev.py": "", "shop/settings/production.py": SETTINGS}
    assert only(tmp_path, files).env == (EnvVar(name="DJANGO_SETTINGS_MODULE", required=True, default="shop.settings.production"),)


def test_a_database_beside_a_sqlite_default_is_optional(tmp_path: Path) -> None:
    engine = 'import os\nDATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\nif os.getenv("DB") == "postgres":\n'
    engine += '    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.getenv("DB_HOST")}}\n'
    engine += 'elif os.getenv("DB") == "mysql":\n    DATABASES = {"default": {"ENGINE": "django.db.backends.mysql"}}\n'
    found = only(tmp_path, {**DJANGO, "shop/settings.py": SETTINGS + engine})
    assert found.backing_services == (
        BackingService(kind="postgres", name="postgres", env=("DB_HOST",), optional=True, instead_of_file=True, selected_by=(("DB", "postgres"),)),
    )


def test_celery_beside_a_web_application(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "flask\ncelery\nredis\n",
        "app.py": "from tasks import add\n" + FLASK,
        "tasks.py": "import os\nfrom celery import Celery\nqueue = Celery(__name__)\n"
        'queue.conf.broker_url = os.environ.get("CELERY_BROKER_URL", "redis://localhost:6379/0")\nqueue.conf.beat_schedule = {}\n',
    }
    found = detected(tmp_path, files)
    redis = (BackingService(kind="redis", name="redis", env=("CELERY_BROKER_URL",)),)
    assert [(item.role, item.start_command, item.backing_services, item.traits) for item in found] == [
        ("web", "gunicorn app:app --bind 0.0.0.0:8000", redis, ("wsgi",)),
        ("worker", "celery -A tasks.queue worker --loglevel=info --concurrency=2", redis, ()),
        ("worker", "celery -A tasks.queue beat --loglevel=info --schedule=/tmp/celerybeat-schedule", redis, ("singleton",)),
    ]


def test_several_applications_in_one_folder_get_what_they_reach(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "streamlit\nfastapi\nuvicorn\nneo4j\n",
        "bot.py": "import os\nimport streamlit as st\nimport graph\nst.title(os.getenv('TITLE', 'Bot'))\n",
        "api.py": FASTAPI,
        "graph.py": "import os\nimport neo4j\nuri = os.getenv('NEO4J_URI')\n",
    }
    api, bot = sorted(detected(tmp_path, files), key=lambda item: item.name)
    assert (api.name, api.env, api.backing_services) == ("api", (), ())
    assert (bot.name, bot.framework, bot.ports, bot.health_path) == ("bot", "streamlit", (8501,), "/_stcore/health")
    assert bot.start_command == "streamlit run bot.py --server.port=8501 --server.address=0.0.0.0 --server.headless=true"
    assert bot.env == (EnvVar(name="NEO4J_URI", required=True), EnvVar(name="TITLE", required=False, default="Bot"))
    assert bot.backing_services == (BackingService(kind="neo4j", name="neo4j", env=("NEO4J_URI",)),)


def test_grpc(tmp_path: Path) -> None:
    source = (
        "import os\nimport grpc\nfrom grpc_health.v1 import health_pb2_grpc\n\n\ndef serve():\n    server = grpc.server(None)\n"
        "    health_pb2_grpc.add_HealthServicer_to_server(None, server)\n    port = os.environ.get('PORT', '50051')\n"
        "    server.add_insecure_port(f'[::]:{port}')\n\n\nif __name__ == '__main__':\n    serve()\n"
    )
    found = only(tmp_path, {"requirements.txt": "grpcio\n", "mail_server.py": source})
    assert (found.framework, found.protocol, found.ports, found.port_env, found.health_path) == ("grpc", "grpc", (50051,), "PORT", "grpc")
    assert found.start_command == "python mail_server.py"


def test_every_way_to_read_the_environment(tmp_path: Path) -> None:
    config = """
import os
from decouple import config
from pydantic_settings import BaseSettings, SettingsConfigDict

def need(name):
    value = os.getenv(name)
    if not value:
        raise RuntimeError(name)
    return value

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    mail_host: str
    mail_port: int = 25

A = os.environ["A"]
B = os.getenv("B") or "b"
C = need("C")
D = config("D_TOKEN", default="d")
E = os.environ.get("E", "")
if not E:
    raise SystemExit
try:
    F = os.environ["F"]
except KeyError:
    F = None
"""
    found = only(tmp_path, {"requirements.txt": "flask\n", "app.py": FLASK, "config.py": config})
    assert found.env == (
        EnvVar(name="A", required=True),
        EnvVar(name="B", required=False, default="b"),
        EnvVar(name="C", required=True),
        EnvVar(name="D_TOKEN", required=False, secret=True, default="d"),
        EnvVar(name="E", required=True),
        EnvVar(name="F", required=False),
        EnvVar(name="SHOP_MAIL_HOST", required=True),
        EnvVar(name="SHOP_MAIL_PORT", required=False, default="25"),
    )


def test_health_path_through_routers_of_other_modules(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "fastapi\nuvicorn\n",
        "app/__init__.py": "",
        "app/main.py": "from fastapi import FastAPI\nfrom app.api import router\nfrom app.config import settings\napp = FastAPI()\n"
        "app.include_router(router, prefix=settings.PREFIX)\n",
        "app/api.py": "from fastapi import APIRouter\nfrom app import utils\nrouter = APIRouter()\n"
        "router.include_router(utils.router, prefix='/utils')\n",
        "app/utils.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/health-check/')\ndef check():\n    return True\n",
        "app/config.py": "from pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n    PREFIX: str = '/api/v1'\nsettings = Settings()\n",
    }
    assert only(tmp_path, files).health_path == "/api/v1/utils/health-check/"


def test_metrics_of_a_known_library(tmp_path: Path) -> None:
    source = "from prometheus_fastapi_instrumentator import Instrumentator\n" + FASTAPI + "Instrumentator().instrument(app).expose(app)\n"
    found = only(tmp_path, {"requirements.txt": "fastapi\nuvicorn\n", "main.py": source})
    metric = RequestMetric(counter="http_requests_total", errors='status="5xx"', histogram="http_request_duration_seconds")
    assert (found.metrics_path, found.request_metric) == ("/metrics", metric)


def test_migrations_native_packages_and_tools(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "flask\npsycopg2\nflask-migrate\nsqlalchemy\n",
        "requirements-dev.txt": "pytest\nruff\n",
        "shop.py": FLASK,
        "migrations/alembic.ini": "",
        "tests/test_shop.py": "def test(): ...\n",
    }
    found = only(tmp_path, files)
    assert (found.migration_command, found.test_command, found.lint_command) == ("flask --app shop db upgrade", "pytest", "ruff check .")
    assert (found.build_packages, found.runtime_packages) == (("gcc", "libc6-dev", "libpq-dev"), ("libpq5",))
    assert found.install_command == "pip install -r requirements.txt -r requirements-dev.txt"
    assert found.backing_services == (BackingService(kind="postgres", name="postgres"),)


def test_two_drivers_and_nothing_that_tells_are_an_ambiguity(tmp_path: Path) -> None:
    found = only(tmp_path, {"requirements.txt": "flask\nsqlalchemy\npsycopg2-binary\nPyMySQL\n", "app.py": FLASK})
    ambiguity = Ambiguity(
        fact="backing_services",
        component=found.name,
        choices=("postgres", "mysql"),
        how_to_decide=f"set components.{found.name}.backing_services in opsmith.yaml",
    )
    assert found.ambiguities == (ambiguity,)


def test_a_procfile_adds_processes(tmp_path: Path) -> None:
    files = {"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK, "Procfile": "web: gunicorn app:app\nclock: python clock.py\nrelease: true\n"}
    assert [(item.name, item.role, item.start_command) for item in detected(tmp_path, files)][1:] == [("clock", "worker", "python clock.py")]


def test_a_consumer_without_a_server(tmp_path: Path) -> None:
    source = "import pika\nchannel = pika.BlockingConnection(pika.ConnectionParameters(host='queue')).channel()\nchannel.start_consuming()\n"
    found = only(tmp_path, {"mailer/requirements.txt": "pika\n", "mailer/consume.py": source})
    assert (found.name, found.role, found.start_command, found.ports) == ("mailer", "worker", "python consume.py", ())
    assert found.backing_services == (BackingService(kind="rabbitmq", name="rabbitmq", host="queue"),)


def test_what_is_no_deployable(tmp_path: Path) -> None:
    files = {"requirements.txt": "flask\n", "tests/test_app.py": FLASK, "docs/conf.py": FLASK, "examples/app.py": FLASK, "tool.py": "print(1)\n"}
    assert detected(tmp_path, files) == []


def test_a_package_is_a_library_and_with_a_script_a_program(tmp_path: Path) -> None:
    project = '[build-system]\nrequires = []\n[project]\nname = "tool"\n'
    assert only(tmp_path, {"pyproject.toml": project, "tool/__init__.py": ""}).role == "library"
    with_script = only(tmp_path, {"pyproject.toml": project + '[project.scripts]\ntool = "tool:main"\n'})
    assert (with_script.role, with_script.start_command) == ("cli", "tool")


@pytest.mark.parametrize(
    "text", ["def broken(:\n", "app = Flask(" + "(" * 500, "from flask import Flask\napp = Flask(__name__)\x00", "print 'two'\n"]
)
def test_files_that_do_not_parse_are_told_and_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "app.py").write_text("import os; os.environ\n" + text)
    (tmp_path / "requirements.txt").write_text("flask\n")
    repo = Repo(tmp_path)
    assert list(python.detect(repo)) == []
    assert [problem.file for problem in repo.problems] == ["app.py"]


@pytest.mark.parametrize(
    ("name", "secret", "kind"),
    [
        ("DATABASE_URL", True, None),
        ("REDIS_URL", True, "redis"),
        ("REDIS_HOST", False, "redis"),
        ("NEO4J_URI", False, "neo4j"),
        ("mongoUrl", True, "mongodb"),
        ("PGPASSWORD", True, "postgres"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", False, None),
        ("NEXT_PUBLIC_API_KEY", False, None),
        ("OPENAI_API_KEY", True, None),
        ("TOKEN_UPDATE_LAST_LOGIN_THRESHOLD", False, None),
        ("JWT_SECRET_NAME", False, None),
        ("ACCESS_TOKEN_EXPIRES_IN", False, None),
        ("OAUTH_TOKEN_URL", False, None),
        ("PASSWORD_LOGIN_DISABLED", False, None),
        ("FILE_ENCRYPTION_KEY", True, None),
        ("DJANGO_SECRET_KEY", True, None),
        ("SESSION_SECRET", True, None),
    ],
)
def test_what_a_variable_name_gives_away(name: str, *, secret: bool, kind: str | None) -> None:
    assert (services.is_secret(name), services.kind_of_env(name)) == (secret, kind)


@pytest.mark.parametrize(
    ("name", "default", "secret"),
    [
        ("TOKEN_REFRESH", "30 days", False),
        ("TOKEN_CHECKS", "3", False),
        ("VERIFY_TOKEN", "true", False),
        ("POSTGRES_PASSWORD", "1234", True),
        ("DB_PASSWORD", "postgres", True),
        ("JWT_SECRET_KEY", "dev-secret", True),
        ("STORAGE", "http://user:pass@storage", True),
        ("STORAGE", "http://storage", False),
    ],
)
def test_what_a_default_tells_of_a_secret(name: str, default: str, *, secret: bool) -> None:
    assert services.is_secret(name, default) is secret


def test_what_urls_and_packages_give_away() -> None:
    urls = ("postgresql+psycopg2://a", "mongodb+srv://a", "rediss://a", "sqlite:///a", "https://a", "postgres")
    assert [services.kind_of_url(url) for url in urls] == ["postgres", "mongodb", "redis", None, None, None]
    packages = (("go", "github.com/redis/go-redis/v9/x"), ("python", "Django_Redis"), ("node", "bullmq"), ("node", "left-pad"))
    assert [services.kind_of_package(*package) for package in packages] == ["redis", "redis", "redis", None]


def test_a_worker_takes_from_every_queue_that_tasks_are_put_into(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "celery[redis]\n",
        "jobs/__init__.py": "",
        "jobs/aside.py": "from celery import Celery\napp = Celery('aside')\nMAIL = 'mail'\n",
        "jobs/celery.py": "from celery import Celery\napp = Celery('jobs', broker='redis://redis')\n"
        "app.conf.task_routes = {'jobs.x': {'queue': 'slow'}}\n"
        "app.autodiscover_tasks()\n",
        "jobs/tasks.py": "from jobs.aside import MAIL, app\nfrom celery import shared_task\n\n@app.task(queue=MAIL)\ndef send(): ...\n\n"
        "@shared_task\ndef plain(): ...\n\ndef later():\n    plain.apply_async(queue='images')\n    plain.apply_async(queue=unknown())\n",
    }
    found = only(tmp_path, files)
    assert found.start_command == "celery -A jobs.celery.app worker --loglevel=info --concurrency=2 --queues=celery,images,mail,slow"
    (unsure,) = found.ambiguities
    assert unsure.how_to_decide == (
        "set components.worker.start_command in opsmith.yaml (jobs/tasks.py:12 works out into which queue a task goes, "
        "and the worker takes only from those it is told of)"
    )


@pytest.mark.parametrize("told", ["app.conf.task_queues = (1,)\n", "app.conf.task_default_queue = 'mail'\n"])
def test_where_celery_knows_its_queues_nothing_is_added(tmp_path: Path, told: str) -> None:
    tasks = f"from celery import Celery\napp = Celery('jobs')\n{told}\n@app.task(queue='mail')\ndef send(): ...\n"
    assert only(tmp_path, {"requirements.txt": "celery\n", "tasks.py": tasks}).start_command == (
        "celery -A tasks.app worker --loglevel=info --concurrency=2"
    )


def test_dependency_groups_where_no_project_lists_what_runs(tmp_path: Path) -> None:
    groups = '[dependency-groups]\nmain = ["flask", "gunicorn"]\ndev = ["pytest", "ruff"]\n"x; y test" = ["z"]\n'
    found = only(tmp_path, {"pyproject.toml": groups, "app.py": FLASK, "test_app.py": "def test(): ...\n"})
    assert (found.package_manager, found.install_command) == ("pip", "pip install --group=main --group=dev")
    assert (found.test_command, found.lint_command, found.server_packages) == ("pytest", "ruff check .", ())
    assert found.traits == ("wsgi", "pip-group:main")


def test_dependency_groups_beside_a_project_are_for_development(tmp_path: Path) -> None:
    groups = '[project]\nname = "shop"\ndependencies = ["flask"]\n[dependency-groups]\nmain = ["gunicorn"]\n'
    found = only(tmp_path, {"pyproject.toml": groups, "app.py": FLASK})
    assert (found.install_command, found.server_packages, found.traits) == ("pip install .", ("gunicorn==27.0.1",), ("wsgi",))


def test_static_files_that_whitenoise_serves(tmp_path: Path) -> None:
    files = {**DJANGO, "requirements.txt": "Django\nwhitenoise\n", "shop/settings.py": SETTINGS + 'STATIC_ROOT = "static"\n'}
    assert only(tmp_path, files).traits == ("django", "wsgi", "django-static")
