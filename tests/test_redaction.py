from __future__ import annotations

import time

import pytest

from opsmith.model.survey import EnvVar, Evidence
from opsmith.redaction import redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("const w = process.env.WEBHOOK || 'https://u:NODEHOOKSECRET@x/'", "const w = process.env.WEBHOOK || 'https://***@x/'"),
        ("API_TOKEN=BUILDSECRET tsc", "API_TOKEN=*** tsc"),
        ("STRIPE=sk_live_SCRIPTSECRET node i.js", "STRIPE=*** node i.js"),
        ("redis://:hunter2@localhost:6379/0", "redis://***@localhost:6379/0"),
        ("reads DATABASE_URL (required)", "reads DATABASE_URL (required)"),
        ("JWT_SECRET: Joi.string().required()", "JWT_SECRET: Joi.string().required()"),
        ("password: process.env.PASSWORD", "password: process.env.PASSWORD"),
        ("uvicorn main:app --host 0.0.0.0 --port 8000", "uvicorn main:app --host 0.0.0.0 --port 8000"),
        ("packageManager: pnpm@9.11.0", "packageManager: pnpm@9.11.0"),
        ("key = 'Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA'", "key = '***'"),
    ],
)
def test_what_may_be_a_secret_is_hidden(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_evidence_and_defaults_never_hold_one() -> None:
    assert Evidence(file="a.js", shows="TOKEN=hunter22 node a.js").shows == "TOKEN=*** node a.js"
    assert EnvVar(name="API_KEY", required=False, secret=True, default="dev-key-1") == EnvVar(
        name="API_KEY", required=False, secret=True, default="***"
    )
    assert EnvVar(name="BROKER", required=False, secret=True, default="redis://localhost:6379").default == "redis://localhost:6379"


def test_a_long_line_takes_no_time() -> None:
    began = time.process_time()
    for text in ("password" * 50_000, "a://" * 100_000, "A1b" * 100_000, "token=" * 60_000):
        redacted(text)
    assert time.process_time() - began < 5
