"""Which Python files can hold a fact: told from their paths and bytes, so that the others are never parsed."""

from __future__ import annotations

import re

from opsmith.detectors import services
from opsmith.detectors.marks import grouped, holds_any

_NO_DEPLOYABLE = frozenset(
    (
        "tests", "test", "testing", "unittests", "integration_tests", "e2e", "docs", "doc", "examples", "samples", "sample", "benchmarks", "bench",
        "fixtures", "testdata", "test_data", "snippets", "hack", "tutorials", "notebooks", "third_party", "typings", "stubs", ".github", ".circleci",
        ".agents", ".claude", "dist", "build", "htmlcov", "cookiecutter",
    )
)  # fmt: skip
_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|tests|conftest|noxfile|fabfile|dodo)\.py$")
_MARKS = grouped(
    (
        b"environ", b"getenv", b"Flask(", b"OpenAPI(", b"FastAPI(", b"Starlette(", b"Sanic(", b"Quart(", b"Litestar(", b"Bottle(", b"Dash(",
        b"Robyn(", b"FastHTML(", b"fast_app(", b"AsyncApp(", b"Celery(", b"Env(", b"Application(", b"APIRouter(", b"Blueprint(", b"Config(",
        b"Redis(", b"MongoClient(", b"create_app", b"create_engine(", b"BaseSettings", b"Settings)", b"falcon.", b"import grpc", b"gradio",
        b"streamlit", b"chainlit", b"nicegui", b"decouple", b"INSTALLED_APPS", b"urlpatterns", b"__main__", b"start_consuming", b"dramatiq", b"huey",
        b"taskiq", b"WorkerSettings", b"prometheus", b"register_blueprint", b"include_router", b"run_polling", b"discord", b"dj_database_url",
        b"beat_schedule", b"BEAT_SCHEDULE", b"from rq", b"import rq", b"PostgresDsn", b"RedisDsn", b"MongoDsn", b"AmqpDsn", b"on_after_configure",
        b"make_wsgi_app(", b"/health", b"/ready", b"/live", b"/alive", b"/status", b"/ping", b"/heartbeat", b"/up\"", b"/up'", b"heartbeat__",
        b"sqlite3.connect(", b"aiosqlite.connect(", b"SqliteDatabase(", b"SqliteExtDatabase(", b"HttpUser", b"PATH_INFO",
        b"scope[", b"scope.get(",
    ),
    (b"/", b"nv", b"pp", b"API", b"Dsn", b"qlite", b"Settings", b"lueprint", b"scope", b"url", b"lit", b" rq", b"create_"),
)  # fmt: skip
"""A file without any of these holds no fact; a plain search is much cheaper than parsing."""
_ADDRESS = re.compile(rb"\b(?:" + b"|".join(re.escape(scheme.encode()) for scheme in services.KIND_BY_SCHEME) + rb")(?:\+\w{1,20})?://")
_MIGRATION = re.compile(r"/migrations/|/versions/[0-9a-f]{8,}_|_pb2(?:_grpc)?\.py$")
"""Generated files: many, and never the place of a fact."""


def is_aside(path: str) -> bool:
    """Whether a path belongs to tests, documentation or examples, none of which is deployed."""
    return not _NO_DEPLOYABLE.isdisjoint(path.split("/")[:-1]) or "{{" in path or _TEST_FILE.search(path) is not None


def is_marked(path: str, data: bytes) -> bool:
    return (holds_any(data, _MARKS) or (b"://" in data and _ADDRESS.search(data) is not None)) and not _MIGRATION.search(path)
