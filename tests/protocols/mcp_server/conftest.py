"""A small repository."""

from __future__ import annotations

from pathlib import Path

import pytest

FILES = {
    "app.py": """\
from flask import Flask

app = Flask(__name__)


@app.route("/health")
def health():
    return "ok"


if __name__ == "__main__":
    app.run(port=8000)
""",
    "requirements.txt": "flask==3.1.0\ngunicorn==23.0.0\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    for name, content in FILES.items():
        (root / name).write_text(content)
    return root
