from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from opsmith import catalog, tools
from opsmith.cli.main import main
from opsmith.tools import Command, Result

BAD = '[{"code":"DL3020","column":1,"file":"Dockerfile","level":"error","line":2,"message":"Use COPY instead of ADD for files and folders"}]'


class Hadolint:
    """Only hadolint is installed, and it dislikes ADD."""

    def find(self, tool: str) -> str | None:
        return "/usr/bin/hadolint" if tool == "hadolint" else None

    def version(self, tool: str) -> str | None:
        return "2.15.1" if tool == "hadolint" else None

    def run(self, command: Command, tree: Path) -> Result:
        if command.tool != "hadolint":
            return Result(missing=True)
        bad = "ADD" in (tree / command.arguments[-1]).read_text()
        return Result(exit_code=int(bad), stdout=BAD if bad else "[]")


def _hadolint(**_: object) -> Hadolint:
    return Hadolint()


@pytest.fixture(autouse=True)
def one_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "LocalRunner", _hadolint)
    monkeypatch.setattr(catalog, "CHECKS", ())
    monkeypatch.setattr(catalog, "PROVERS", ("hadolint", "shellcheck"))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def write(**files: str) -> Path:
        for name, text in files.items():
            (tmp_path / name.replace("_sh", ".sh")).write_text(text)
        return tmp_path

    return write


def test_files_that_hold(folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(folder(Dockerfile="FROM scratch\n", run_sh="echo\n"))]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "proved:",
        "  hadolint 2.15.1               hadolint finds no error and no warning (left aside: versions of distribution packages): Dockerfile",
        "could not check:",
        "  shellcheck                    shellcheck is not installed: run.sh; get it with: pip install 'opsmith[verify]'",
    ]


def test_files_that_do_not(folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    root = folder(Dockerfile="FROM debian\nADD . /app\n")
    assert main(["verify", str(root)]) == 3
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "refuted:",
        "  high  Dockerfile:2  hadolint/DL3020  Use COPY instead of ADD for files and folders",
    ]
    assert said.err == f"opsmith: In {root}, 1 verdict speaks against the files.\n  next: mend what is listed under 'refuted', then run this again\n"


def test_only_the_tools_that_were_named(folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(folder(Dockerfile="FROM debian\nADD . /app\n", run_sh="echo\n")), "--tool", "shellcheck", "--format", "json"]) == 0
    assert [(proof["tool"], proof["outcome"]) for proof in json.loads(capsys.readouterr().out)["proofs"]] == [("shellcheck", "could_not_check")]


def test_an_unknown_tool(folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(folder(Dockerfile="FROM scratch\n")), "--tool", "haddock"]) == 2
    assert capsys.readouterr().err == "opsmith: There is no tool 'haddock' here.\n  why:  known are hadolint, shellcheck.\n  next: opsmith tools\n"


def test_nothing_to_verify(folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    root = folder(README="hello\n")
    assert main(["verify", str(root)]) == 2
    assert capsys.readouterr().err.splitlines()[0] == f"opsmith: {root} holds no deployment files that a tool here understands."


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert main(["verify", str(tmp_path / "nowhere")]) == 4


def test_sarif(folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", str(folder(Dockerfile="FROM debian\nADD . /app\n", run_sh="echo\n")), "--format", "sarif"])
    hadolint, shellcheck, own = json.loads(capsys.readouterr().out)["runs"]
    where = {"uri": "Dockerfile", "uriBaseId": "SRCROOT"}
    replaced = {
        "deletedRegion": {"startLine": 2, "startColumn": 1, "endLine": 3, "endColumn": 1},
        "insertedContent": {"text": "COPY . /app\n"},
    }
    assert hadolint["tool"]["driver"] == {"name": "hadolint", "version": "2.15.1", "rules": [{"id": "hadolint/DL3020"}]}
    assert hadolint["results"] == [
        {
            "ruleId": "hadolint/DL3020",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": "Use COPY instead of ADD for files and folders"},
            "locations": [{"physicalLocation": {"artifactLocation": where, "region": {"startLine": 2}}}],
            "fixes": [
                {
                    "description": {"text": "ADD does what COPY does for a source that is neither an archive nor a URL"},
                    "artifactChanges": [{"artifactLocation": where, "replacements": [replaced]}],
                }
            ],
            "properties": {"security-severity": "8.0", "confidence": 1.0},
        }
    ]
    assert shellcheck["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [
                {
                    "level": "warning",
                    "message": {"text": "could not check: shellcheck is not installed; get it with: pip install 'opsmith[verify]'"},
                    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "run.sh", "uriBaseId": "SRCROOT"}}}],
                }
            ],
        }
    ]
    assert (own["tool"]["driver"]["name"], own["results"]) == ("opsmith", [])


def test_junit(folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", str(folder(Dockerfile="FROM debian\nADD . /app\n", run_sh="echo\n")), "--format", "junit"])
    assert capsys.readouterr().out == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="opsmith verify">\n'
        '  <testsuite name="hadolint" tests="1" failures="1" skipped="0">\n'
        '    <testcase classname="hadolint" '
        'name="Dockerfile: hadolint finds no error and no warning (left aside: versions of distribution packages)" file="Dockerfile">\n'
        '      <failure message="Use COPY instead of ADD for files and folders">'
        "high Dockerfile:2 hadolint/DL3020 Use COPY instead of ADD for files and folders</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        '  <testsuite name="shellcheck" tests="1" failures="0" skipped="1">\n'
        '    <testcase classname="shellcheck" name="run.sh: shellcheck finds no error and no warning" file="run.sh">\n'
        "      <skipped message=\"could not check: shellcheck is not installed (pip install 'opsmith[verify]')\" />\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        '  <testsuite name="opsmith" tests="0" failures="0" skipped="0" />\n'
        "</testsuites>\n\n"
    )


def test_tools(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "TOOLS", {name: tools.TOOLS[name] for name in ("hadolint", "promtool")})
    assert main(["tools"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "here     hadolint             Dockerfiles                                             /usr/bin/hadolint (2.15.1)",
        "missing  promtool             Prometheus configuration, rules, tests                  get it with: apt-get install prometheus",
        "1 of 2 tools are here; what a missing one would prove is reported as could not check.",
    ]
    assert main(["tools", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["tools"][0] == {
        "name": "hadolint",
        "path": "/usr/bin/hadolint",
        "version": "2.15.1",
        "proves": "Dockerfiles",
        "how_to_get": "pip install 'opsmith[verify]'",
    }
