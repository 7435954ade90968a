"""What the Python detector says of task tables, Celery's command lines, files that are written, wrappers and load generators."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors import python
from opsmith.detectors.unrecognised import tell_unrecognised
from opsmith.model.survey import Ambiguity, Component, EnvVar, Evidence
from opsmith.repo import Repo

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
CELERY = {"requirements.txt": "celery\nredis\n", "tasks.py": "from celery import Celery\nqueue = Celery(__name__)\n"}
SCHEDULED = {**CELERY, "tasks.py": CELERY["tasks.py"] + "queue.conf.beat_schedule = {}\n"}
DJANGO = {
    "requirements.txt": "Django==5.1\ngunicorn==23.0.0\n",
    "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
    "shop/__init__.py": "",
    "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
}
SETTINGS = 'import os\nfrom pathlib import Path\nINSTALLED_APPS = ["django.contrib.auth"]\nBASE_DIR = Path(__file__).resolve().parent.parent\n'


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


def pyproject(tables: str) -> dict[str, str]:
    return {"pyproject.toml": f'[project]\nname = "shop"\ndependencies = []\n{tables}'}


@pytest.mark.parametrize(
    ("more", "options"),
    [
        ({}, "--loglevel=info --concurrency=2"),
        ({"Procfile": "worker: celery -A tasks worker -c 4 -Q mail,default\n"}, "--loglevel=info -c 4 -Q mail,default"),
        ({"Procfile": "worker: celery -A tasks worker -Q a\nmailer: celery -A tasks worker -Q b\n"}, "--loglevel=info --concurrency=2"),
        ({"Procfile": "worker: celery -A tasks worker --concurrency=$MANY\n"}, "--loglevel=info --concurrency=2"),
        ({"Procfile": "worker: celery -A tasks worker --concurrency 'two $(id)'\n"}, "--loglevel=info --concurrency=2"),
        ({"Procfile": "worker: celery -A tasks worker --pool=gevent 'broken\n"}, "--loglevel=info --concurrency=2"),
        (pyproject('[tool.poe.tasks]\nworker.cmd = "celery --app tasks worker -E --pool solo"\n'), "--loglevel=info -E --pool=solo"),
        (pyproject('[tool.pdm.scripts]\nworker = "celery -A tasks worker --autoscale=8,2"\n'), "--loglevel=info --autoscale=8,2"),
        (pyproject('[tool.pdm.scripts]\nworker = {cmd = ["celery", "-A", "tasks", "worker", "-c", "3"]}\n'), "--loglevel=info -c 3"),
        (pyproject('[tool.taskipy.tasks]\nworker = {cmd = "cd . && celery -A tasks worker -c 5", help = ""}\n'), "--loglevel=info -c 5"),
        (pyproject('[tool.hatch.envs.default.scripts]\nworker = ["echo", "celery -A tasks worker -c 6"]\n'), "--loglevel=info -c 6"),
        (pyproject("[tool]\npoe = 1\npdm = []\nhatch = {envs = 2}\n"), "--loglevel=info --concurrency=2"),
        ({"settings.py": "import os\nos.environ\nCELERY_WORKER_CONCURRENCY = 4\n"}, "--loglevel=info"),
        ({"settings.py": "import os\nos.environ\n# CELERY_WORKER_CONCURRENCY = 4\n"}, "--loglevel=info --concurrency=2"),
    ],
)
def test_what_a_worker_is_started_with(tmp_path: Path, more: dict[str, str], options: str) -> None:
    found = detected(tmp_path, {**CELERY, **more})
    assert next(item.start_command for item in found if item.name == "worker") == f"celery -A tasks.queue worker {options}"


@pytest.mark.parametrize(
    ("files", "options"),
    [
        (SCHEDULED, "--loglevel=info --schedule=/tmp/celerybeat-schedule"),
        ({**SCHEDULED, "Procfile": "beat: celery -A tasks beat -s schedule.db\n"}, "--loglevel=info --schedule=/tmp/celerybeat-schedule"),
        ({**SCHEDULED, "Procfile": "beat: celery -A tasks beat -s /tmp/own\n"}, "--loglevel=info -s /tmp/own"),
        ({**SCHEDULED, "settings.py": "import os\nos.environ\nCELERY_BEAT_SCHEDULER = 'own'\n"}, "--loglevel=info"),
        (
            {**CELERY, **pyproject('[tool.poe.tasks]\nscheduler.cmd = "celery --app tasks beat --scheduler shop.Scheduler"\n')},
            "--loglevel=info --scheduler=shop.Scheduler",
        ),
    ],
)
def test_what_the_scheduler_is_started_with(tmp_path: Path, files: dict[str, str], options: str) -> None:
    beat = next(item for item in detected(tmp_path, files) if item.name == "beat")
    assert (beat.start_command, beat.traits) == (f"celery -A tasks.queue beat {options}", ("singleton",))


def test_commands_of_the_repository_are_evidence(tmp_path: Path) -> None:
    task = '[tool.poe.tasks]\nstart = "uvicorn main:app --reload"\nqueue = "arq jobs.Settings"\nlint = "ruff check"\n'
    found = detected(tmp_path, {**pyproject(task), "main.py": "from fastapi import FastAPI\napp = FastAPI()\n"})
    assert [(item.role, item.start_command) for item in found] == [
        ("web", "uvicorn main:app --host 0.0.0.0 --port 8000"),
        ("worker", "arq jobs.Settings"),
    ]
    shown = Evidence(file="pyproject.toml", line=5, shows="task start: uvicorn main:app --reload", confidence=0.8)
    assert found[0].evidence["start_command"][-1] == shown


@pytest.mark.parametrize(
    ("setting", "folder"),
    [
        ('BASE_DIR / "media"', "/app/media"),
        ('str(BASE_DIR.joinpath("var", "media"))', "/app/var/media"),
        ('os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "media/")', "/app/media"),
        ('os.path.normpath(os.path.join(os.path.dirname(__file__), "..", "media"))', "/app/media"),
        ('Path(__file__).parents[1] / "media"', "/app/media"),
        ('os.environ.get("MEDIA_ROOT", BASE_DIR / "uploads")', "/app/uploads"),
        ('"media/"', "/app/media"),
        ('"/var/media"', "/var/media"),
        ('BASE_DIR.parent / "media"', None),
        ('os.path.join(BASE_DIR, "..", "media")', None),
        ('os.environ["MEDIA_ROOT"]', None),
        ("MEDIA_ROOT + MEDIA_ROOT", None),
    ],
)
def test_where_uploads_are_written(tmp_path: Path, setting: str, folder: str | None) -> None:
    found = only(tmp_path, {**DJANGO, "shop/settings.py": f"{SETTINGS}MEDIA_ROOT = {setting}\n"})
    shown = (Evidence(file="shop/settings.py", line=5, shows=f"MEDIA_ROOT is {folder} in the image", confidence=0.85),) if folder else ()
    assert [mark for mark in found.traits if mark.startswith("media")] == ([f"media-files:{folder}"] if folder else [])
    assert found.evidence.get("traits", ()) == shown


def test_uploads_of_a_project_in_a_folder(tmp_path: Path) -> None:
    files = {f"backend/{name}": text for name, text in {**DJANGO, "shop/settings.py": SETTINGS + 'MEDIA_ROOT = BASE_DIR / "media"\n'}.items()}
    assert only(tmp_path, files).traits == ("django", "wsgi", "media-files:/app/media")


ENGINE = 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}\n'


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        (
            {**DJANGO, "shop/settings.py": SETTINGS + ENGINE},
            (Evidence(file="shop/settings.py", line=5, shows="SQLite is a default", confidence=0.8),),
        ),
        (
            {"requirements.txt": "flask\n", "app.py": FLASK + 'app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"\n'},
            (Evidence(file="app.py", line=3, shows="SQLite is a default", confidence=0.8),),
        ),
        (
            {"requirements.txt": "flask\n", "app.py": "import sqlite3\n" + FLASK + 'sqlite3.connect("shop.db")\n'},
            (Evidence(file="app.py", line=4, shows="opens a SQLite file", confidence=0.8),),
        ),
        ({"requirements.txt": "flask\n", "app.py": FLASK + 'URL = "sqlite:///:memory:"\n'}, ()),
        ({"requirements.txt": "flask\n", "app.py": FLASK + 'URL = "sqlite:///a.db"\nOTHER = "postgresql://db/shop"\n'}, ()),
        ({"requirements.txt": "flask\n", "app.py": FLASK + 'def fits(url):\n    return url.startswith("sqlite:///")\n'}, ()),
    ],
)
def test_a_file_as_the_only_database(tmp_path: Path, files: dict[str, str], shown: tuple[Evidence, ...]) -> None:
    found = only(tmp_path, files)
    assert ("sqlite" in found.traits, found.evidence.get("traits", ())) == (bool(shown), shown)


WRAPPER = "def health_check(application, health_url):\n    async def wrapped(scope, receive, send):\n        {}\n    return wrapped\n"


@pytest.mark.parametrize(
    ("test", "path"),
    [
        ('if scope.get("path") != health_url: await application(scope, receive, send)', "/health/"),
        ('if health_url == scope["path"]: await send({})', "/health/"),
        ('if scope["path"] == "/alive": await send({})', "/alive"),
        ('if environ["PATH_INFO"] == "/ready": return []', "/ready"),
        ('if request.path == "/health": return application(request)', None),
        ('if scope["path"] == other: pass', None),
    ],
)
def test_health_that_a_wrapper_answers(tmp_path: Path, test: str, path: str | None) -> None:
    files = {
        **DJANGO,
        "shop/settings.py": SETTINGS,
        "shop/health.py": "import os\nos.environ\n" + WRAPPER.format(test),
        "shop/wsgi.py": "import os\nfrom shop.health import health_check\n"
        + DJANGO["shop/wsgi.py"]
        + 'application = health_check(application, "/health/")\n',
    }
    found = only(tmp_path, files)
    shown = (Evidence(file="shop/health.py", line=5, shows=f"answers {path}", confidence=0.7),) if path else ()
    assert (found.health_path, found.evidence.get("health_path", ())) == (path, shown)


def test_secrets_and_switches_with_defaults(tmp_path: Path) -> None:
    settings = (
        'SECRET_KEY = os.environ.get("SECRET_KEY", get_random_secret_key())\nJWT_SECRET = os.getenv("JWT_SECRET", "dev-secret")\n'
        'DEBUG = os.environ.get("DEBUG", "True") == "True"\nLAST = os.environ.get("TOKEN_UPDATE_THRESHOLD", "5 seconds")\n'
    )
    assert only(tmp_path, {**DJANGO, "shop/settings.py": SETTINGS + settings}).env == (
        EnvVar(name="DEBUG", required=False, default="True"),
        EnvVar(name="DJANGO_SETTINGS_MODULE", required=False, default="shop.settings"),
        EnvVar(name="JWT_SECRET", required=False, secret=True, default="dev-secret"),
        EnvVar(name="SECRET_KEY", required=False, secret=True),
        EnvVar(name="TOKEN_UPDATE_THRESHOLD", required=False, default="5 seconds"),
    )


LOCUST = "from locust import FastHttpUser\n\nclass Visitor(FastHttpUser):\n    pass\n"


def test_a_load_generator_that_is_not_told_whom_to_load(tmp_path: Path) -> None:
    found = only(tmp_path, {"load/requirements.txt": "locust\n", "load/locustfile.py": LOCUST})
    assert (found.name, found.role, found.framework, found.start_command) == ("load", "library", "locust", None)
    assert found.ambiguities == (
        Ambiguity(
            fact="start_command",
            component="load",
            choices=(),
            how_to_decide="set components.load.start_command in opsmith.yaml "
            "(a load generator: with role `job` it runs as `locust -f locustfile.py --headless --host=<address>`)",
        ),
    )


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        (
            {"locustfile.py": LOCUST.replace("pass", 'host = "http://shop:8080"')},
            Evidence(file="load/locustfile.py", line=4, shows="loads http://shop:8080", confidence=0.8),
        ),
        (
            {"locustfile.py": LOCUST, "locust.conf": "users = 3\nhost = http://shop\n"},
            Evidence(file="load/locust.conf", line=2, shows="loads http://shop", confidence=0.9),
        ),
    ],
)
def test_a_load_generator_with_a_host_is_a_job(tmp_path: Path, files: dict[str, str], shown: Evidence) -> None:
    found = only(tmp_path, {"load/requirements.txt": "locust\n", **{f"load/{name}": text for name, text in files.items()}})
    assert (found.role, found.start_command, found.ambiguities) == ("job", "locust -f locustfile.py --headless", ())
    assert found.evidence["start_command"] == (shown,)


def test_load_generators_of_other_tools_are_told(tmp_path: Path) -> None:
    files = {
        "k6/one.js": 'import http from "k6/http";\n',
        "k6/two.js": 'import { sleep } from "k6";\n',
        "loadtest/shop.yml": 'config:\n  target: "http://shop"\nscenarios:\n  - flow: []\n',
        "loadtest/other.yml": "target: 1\n",
        "web/k6.js": "console.log(1)\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    repo = Repo(tmp_path)
    tell_unrecognised(repo)
    assert [(problem.file, problem.what) for problem in repo.problems] == [
        ("k6/one.js", "a load generator for k6, which opsmith does not run: it is missing here"),
        ("loadtest/shop.yml", "a load generator for Artillery, which opsmith does not run: it is missing here"),
    ]


def test_settings_that_manage_py_leaves_to_the_environment(tmp_path: Path) -> None:
    manage = "import sys\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n"
    found = only(tmp_path, DJANGO | {"manage.py": manage, "shop/settings.py": SETTINGS, "shop/sub/settings.py": "COLOUR = 1\n"})
    assert (found.framework, found.start_command) == ("django", "gunicorn shop.wsgi:application --bind 0.0.0.0:8000")
    assert found.env == (EnvVar(name="DJANGO_SETTINGS_MODULE", required=True, default="shop.settings"),)
    assert found.evidence["env"] == (
        Evidence(file="manage.py", line=None, shows="names no settings; shop.settings are the ones found", confidence=0.7),
    )


def test_an_application_wrapped_by_another_is_none_of_its_own(tmp_path: Path) -> None:
    outer = (
        "from a2wsgi import WSGIMiddleware\nfrom starlette.applications import Starlette\nfrom starlette.routing import Mount\n"
        "from shop import app as inner\nfrom admin import app as other\n"
        'app = Starlette(routes=[Mount("/admin", app=other), Mount("/", WSGIMiddleware(inner))])\n'
    )
    files = {"requirements.txt": "flask\nstarlette\nuvicorn\n", "shop.py": FLASK, "admin.py": FLASK, "gate.py": outer}
    found = only(tmp_path, files)
    assert (found.framework, found.start_command) == ("starlette", "uvicorn gate:app --host 0.0.0.0 --port 8000")


@pytest.mark.parametrize("text", ["print('once')\n", "def go(): ...\n\n\nif __name__ == '__main__':\n    go()\n"])
def test_a_program_that_ends_is_a_job_unless_told_otherwise(tmp_path: Path, text: str) -> None:
    found = only(tmp_path, {"requirements.txt": "requests\n", "main.py": text, "setup.py": "setup()\n"})
    assert (found.role, found.start_command, found.ports) == ("job", "python main.py", ())
    how = f"set components.{found.name}.role in opsmith.yaml"
    assert found.ambiguities == (Ambiguity(fact="role", component=found.name, choices=("job", "worker", "cli"), how_to_decide=how),)


def test_what_only_defines_or_lies_deeper_is_no_job(tmp_path: Path) -> None:
    assert detected(tmp_path, {"requirements.txt": "requests\n", "main.py": "def go(): ...\n", "tools/main.py": "print(1)\n"}) == []


def test_a_command_that_the_package_installs_comes_before_its_main(tmp_path: Path) -> None:
    tables = '[project.scripts]\nshop = "shop:go"\n[build-system]\nrequires = ["hatchling"]\n'
    found = only(tmp_path, pyproject(tables) | {"main.py": "print(1)\n"})
    assert (found.role, found.start_command) == ("cli", "shop")


def test_pyramid_by_what_its_configurator_makes(tmp_path: Path) -> None:
    config = "from pyramid.config import Configurator\n\n\ndef configure():\n    return Configurator()\n"
    gateway = "from shop.config import configure\n\napplication = configure().make_wsgi_app()\n"
    files = {"requirements.txt": "pyramid\ngunicorn\n", "shop/__init__.py": "", "shop/config.py": config, "shop/wsgi.py": gateway}
    found = only(tmp_path, files)
    assert (found.framework, found.start_command) == ("pyramid", "gunicorn shop.wsgi:application --bind 0.0.0.0:8000")
