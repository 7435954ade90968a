from __future__ import annotations

from pathlib import Path

from opsmith.detectors import python
from opsmith.repo import Repo


def test_a_wrapper_that_hands_on_nothing_requires_nothing(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask==3.1\n")
    (tmp_path / "app.py").write_text(
        "import os\nfrom flask import Flask\n\n"
        "def secret(name, default=None):\n"
        "    if path := os.getenv(name + '_FILE'):\n        raise ValueError(path)\n"
        "    return os.getenv(name, default)\n\n"
        "TWILIO_AUTH = secret('TWILIO_AUTH')\napp = Flask(__name__)\n"
    )
    (component,) = python.detect(Repo(tmp_path))
    assert [(variable.name, variable.required) for variable in component.env] == [("TWILIO_AUTH", False)]
