"""How the project tests and lints itself, by its configuration; a tool counts only when some manifest installs it."""

from __future__ import annotations

from opsmith.detectors.python.packages import Packages, join
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

Answer = tuple[str, Evidence]


def test_command(repo: Repo, packages: Packages, runner: str, *, manage: str | None) -> Answer | None:
    root = packages.root
    tests = _test_file(repo, root)
    if tests is None:
        return None
    shown = Evidence(file=tests, line=None, shows="tests", confidence=0.8)
    if packages.lists_anywhere("pytest") or packages.lists_anywhere("pytest-django"):
        return f"{runner}pytest", _pytest_config(repo, root) or shown
    if manage is not None:
        return f"{runner}python {manage} test", shown
    if packages.lists_anywhere("tox") and repo.has(join(root, "tox.ini")):
        return f"{runner}tox", Evidence(file=join(root, "tox.ini"), line=None, shows="tox configuration", confidence=0.8)
    if packages.lists_anywhere("nose2"):
        return f"{runner}nose2", shown
    if "import unittest" in (repo.read(tests) or ""):
        return f"{runner}python -m unittest discover", shown
    return None


def _test_file(repo: Repo, root: str) -> str | None:
    for path in repo.under(root, ".py"):
        name = path.rpartition("/")[2]
        if (name.startswith("test_") or name.endswith("_test.py") or name == "tests.py") and "{{" not in path:
            return path
    return None


def _pytest_config(repo: Repo, root: str) -> Evidence | None:
    for name, needle in (("pytest.ini", "[pytest]"), ("pyproject.toml", "[tool.pytest"), ("setup.cfg", "[tool:pytest]"), ("tox.ini", "[pytest]")):
        path = join(root, name)
        line = repo.line_of(path, needle) if repo.has(path) else None
        if line:
            return Evidence(file=path, line=line, shows="pytest configuration", confidence=0.95)
    return None


def lint_command(packages: Packages, runner: str) -> Answer | None:
    for tool, command in (("ruff", "ruff check ."), ("flake8", "flake8"), ("pylint", "pylint --recursive=y ."), ("pycodestyle", "pycodestyle .")):
        listed = packages.development.get(tool) or packages.main.get(tool) or packages.optional.get(tool)
        if listed is not None:
            return f"{runner}{command}", listed.evidence
    return None
