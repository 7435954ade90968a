from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opsmith.planner import Allowance, Desk
from opsmith.planners import choose
from opsmith.planners.llm import metered
from opsmith.planners.llm.session import Session
from tests.fake_models import FakeModels
from tests.llm.small_app import MAIN, MODELS


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's own: no state of other runs, no key, no proxy."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeModels]:
    with FakeModels() as served:
        for name, value in served.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(metered, "MAX_WAIT", 5.0)
        yield served


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "app"
    root.mkdir()
    (root / "main.py").write_text(MAIN)
    (root / "requirements.txt").write_text("fastapi==0.115.0\nuvicorn==0.30.6\n")
    (root / "README.md").write_text("# app\n\nA small service.\n")
    return root


@pytest.fixture
def session(repo: Path) -> Callable[..., Session]:
    def opened(model: str = MODELS["chat"], **desk: object) -> Session:
        allowance = desk.pop("allowance", Allowance(seconds=10))
        planner = choose(model, Desk(repo=repo, allowance=allowance, **desk))  # type: ignore[arg-type]
        assert isinstance(planner, Session)
        return planner

    return opened
