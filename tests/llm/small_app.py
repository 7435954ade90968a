"""A small application, and a model for each protocol."""

from __future__ import annotations

MODELS = {"chat": "openai-chat:gpt-4o", "responses": "openai:gpt-5", "anthropic": "anthropic:claude-opus-4-7"}
MAIN = """\
import os

import uvicorn
from fastapi import FastAPI

app = FastAPI()
LIMIT = os.environ["UPLOAD_LIMIT"]
TOKEN = os.environ["PAYMENT_TOKEN"]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/ready")
def ready() -> dict[str, str]:
    return {"status": "ok", "limit": "25mb"}


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8000)
"""
