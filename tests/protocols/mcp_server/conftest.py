"""A small repository, and `tests.fakes` and `serving` importable however pytest is started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

FILES = {
    "app.py": 'from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route("/health")\ndef health():\n    return "ok"\n\n\nif __name__ == "__main__":\n'
    "    app.run(port=8000)\n",
    "requirements.txt": "flask==3.1.0\ngunicorn==23.0.0\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    for name, content in FILES.items():
        (root / name).write_text(content)
    return root
