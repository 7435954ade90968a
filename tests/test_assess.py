from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from opsmith import encoding, settings
from opsmith.cli.main import main
from opsmith.model.assessment import Assessment, Change, Comparison, Result, Score, Spot, State
from opsmith.model.estate import Estate
from opsmith.model.finding import Finding
from opsmith.model.proof import Outcome, Proof
from opsmith.reports import assessment as text
from opsmith.reports.assessment_html import html
from opsmith.reports.assessment_markdown import markdown
from opsmith.reports.assessment_sarif import sarif
from opsmith.stages.assess import assess
from opsmith.stages.assess.hcl import blocks
from opsmith.stages.assess.scoring import compared, score
from opsmith.standards.tools import asked


def result(name: str, state: State, weight: int = 1, *, file: str = "k8s/a.yaml", task: str | None = None) -> Result:
    return Result(
        id=name, layer=name.partition("/")[0], summary="s", source="CIS 1", weight=weight, state=state, message=f"m {file}", task=task,
        evidence=(Spot(file=file, line=3),),
    )  # fmt: skip


def assessment(*results: Result) -> Assessment:
    return Assessment(root=".", score=score(results), layers=(), results=results)


def test_score_is_the_weight_of_what_is_met_in_what_was_judged() -> None:
    results = (result("a/1", "met", 3), result("a/2", "not_met", 1), result("a/3", "could_not_check", 3), result("a/4", "does_not_apply", 3))
    assert score(results) == Score(percent=75, met=1, not_met=1, could_not_check=1, does_not_apply=1)


def test_score_of_nothing_judged_is_none() -> None:
    assert score([result("a/1", "could_not_check")]).percent is None


def test_whole_is_said_only_where_nothing_is_missing() -> None:
    assert score([*(result(f"a/{number}", "met", 3) for number in range(99)), result("a/x", "not_met")]).percent == 99


def test_comparison() -> None:
    before = assessment(result("a/1", "not_met"), result("a/2", "met"), result("a/3", "met"))
    after = assessment(result("a/1", "met"), result("a/2", "met"), result("a/4", "not_met"))
    assert compared(before, after) == Comparison(
        before=before.score,
        after=after.score,
        changes=(
            Change(id="a/1", before="not_met", after="met"),
            Change(id="a/4", before=None, after="not_met"),
            Change(id="a/3", before="met", after=None),
        ),
    )


def test_text_of_a_gap() -> None:
    assert text.text(assessment(result("a/1", "not_met", 2, task="Do it"), result("b/2", "could_not_check"))).splitlines() == [
        "Readiness of .: 0 %",
        "",
        "  layer  score  met  not met  could not check",
        "  Whole  0 %    0    1        1",
        "",
        "Not met",
        "  a/1  !!",
        "      m k8s/a.yaml",
        "      at k8s/a.yaml:3",
        "      source: CIS 1",
        '      closed by: opsmith run "Do it"',
        "",
        "Could not check (counted neither as met nor as not met)",
        "  b/2: m k8s/a.yaml",
    ]


HOSTILE = "<script>alert(1)</script>|[a](b).yaml"


def test_names_of_files_are_no_markup() -> None:
    found = assessment(result("a/1", "not_met", file=HOSTILE))
    assert "<script>" not in html(found)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;|[a](b).yaml" in html(found)
    assert r"\<script\>alert(1)\</script\>\|\[a\](b).yaml:3" in markdown(found)


def test_page_loads_nothing() -> None:
    page = html(assessment(result("a/1", "met")))
    assert not any(word in page for word in ("http://", "https://", "src=", "<script", "<link"))


def test_sarif() -> None:
    log = sarif(assessment(result("a/1", "met"), result("a/2", "not_met", 3, task="Do it"), result("a/3", "could_not_check")))
    (run,) = log["runs"]
    place = {"physicalLocation": {"artifactLocation": {"uri": "k8s/a.yaml", "uriBaseId": "SRCROOT"}, "region": {"startLine": 3}}}
    assert run["results"] == [
        {
            "ruleId": "a/2", "ruleIndex": 1, "level": "error", "message": {"text": 'm k8s/a.yaml; closed by: opsmith run "Do it"'},
            "locations": [place],
        }
    ]  # fmt: skip
    assert [item["message"]["text"] for item in run["invocations"][0]["toolExecutionNotifications"]] == ["could not check: m k8s/a.yaml"]


def proof(outcome: Outcome, *findings: Finding, reason: str = "", get: str = "") -> Estate:
    made = Proof(tool="hadolint", claim="c", paths=("Dockerfile",), outcome=outcome, findings=findings, reason=reason, how_to_get=get)
    return Estate(proofs=(made,), tools_asked=True)


def finding(rule: str) -> Finding:
    return Finding(rule=f"hadolint/{rule}", severity="medium", message="odd", path="Dockerfile", line=2)


@pytest.mark.parametrize(
    ("estate", "state", "message"),
    [
        (Estate(), "could_not_check", "hadolint was not asked (--no-tools)"),
        (Estate(tools_asked=True), "does_not_apply", "none"),
        (proof("proved"), "met", "hadolint accepts 1 Dockerfile"),
        (proof("refuted", finding("DL1")), "not_met", "hadolint has 1 objection to 1 Dockerfile: DL1"),
        (proof("refuted", finding("DL2")), "met", "hadolint accepts 1 Dockerfile"),
        (proof("refuted", finding("DL3")), "could_not_check", "hadolint cannot read it: odd"),
        (proof("could_not_check", reason="hadolint is not installed", get="pip install a"), "could_not_check",
         "hadolint is not installed; get it with: pip install a"),
    ],
)  # fmt: skip
def test_verdicts_of_tools(estate: Estate, state: str, message: str) -> None:
    said = asked(estate, "hadolint", "Dockerfile", none="none", task=None, without=("DL2",), unreadable=("DL3",))
    assert (said.state, said.message) == (state, message)


def test_hcl() -> None:
    source = """# resource "no" "no" {}
resource "aws_s3_bucket" "a" { # one
  name = "x-${var.a["}"]}"  // two
  tags = {
    team = "}"
  }
  text = <<-EOT
    } resource "b" "c" {
  EOT
  rule { on = true }
}
/* resource "no" "no" {} */
variable "open" {
"""
    (bucket, variable) = blocks("a.tf", source)
    assert (bucket.kind, bucket.labels, bucket.line) == ("resource", ("aws_s3_bucket", "a"), 2)
    assert list(bucket.values) == ["name", "tags", "text"]
    assert (bucket.values["name"], bucket.lines["text"]) == ('"x-${var.a["}"]}"', 7)
    assert [(inner.kind, dict(inner.values)) for inner in bucket.blocks] == [("rule", {"on": "true"})]
    assert variable.labels == ("open",)


@pytest.mark.parametrize("source", ["{" * 5_000, 'a "' + "${" * 5_000, "a = <<X\n" * 2_000, 'r "a" {\n' * 2_000, "}" * 5_000, "a = [" * 5_000, '"\\'])
def test_hostile_hcl_ends(source: str) -> None:
    blocks("a.tf", source)


def test_broken_files_are_told_and_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {a: [\n")
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/ci.yml").write_text("on: push\njobs: {\n")
    found = assess(tmp_path, settings.load(tmp_path), components=())
    assert [line.partition(":")[0] for line in found.unread] == [".github/workflows/ci.yml", "compose.yaml"]


def cli(*arguments: str) -> int:
    return main(["assess", *arguments, "--no-tools"])


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM python\nEXPOSE 8000\n")
    return folder


def read(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_before_and_after(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = str(tmp_path / "before.json")
    assert cli(str(shop), "--format", "json", "--save", kept, "--layer", "image") == 0
    before = encoding.from_plain(read(capsys), Assessment)
    assert encoding.from_plain(json.loads(Path(kept).read_text()), Assessment) == before
    (shop / "Dockerfile").write_text("FROM python:3.12-slim\nUSER app\nEXPOSE 8000\n")
    assert cli(str(shop), "--format", "json", "--compare", kept, "--layer", "image") == 0
    assert read(capsys)["compared"]["changes"] == [
        {"id": "image/non-root", "before": "not_met", "after": "met"},
        {"id": "image/version", "before": "not_met", "after": "met"},
        {"id": "image/small", "before": "not_met", "after": "met"},
    ]


def test_it_writes_nothing_by_itself(shop: Path) -> None:
    cli(str(shop))
    assert [path.name for path in shop.iterdir()] == ["Dockerfile"]


def test_fail_under(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(str(shop), "--fail-under", "99") == 3
    assert "at least 99 % is asked for" in capsys.readouterr().err
    assert cli(str(shop), "--fail-under", "0") == 0


def test_what_is_no_assessment_is_refused(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(str(shop), "--compare", str(shop / "Dockerfile")) == 2
    assert "is no assessment of opsmith" in capsys.readouterr().err
    assert cli(str(shop), "--layer", "moon") == 2


def test_a_broken_memory_is_no_memory(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / ".opsmith").mkdir()
    (shop / ".opsmith/assessment.json").write_text("[")
    assert cli(str(shop), "--format", "json") == 0
    assert read(capsys)["compared"] is None


def test_a_run_remembers_how_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.py").write_text("import flask\napp = flask.Flask(__name__)\n@app.get('/health')\ndef health(): return ''\n")
    (tmp_path / "requirements.txt").write_text("flask==3.1.0\n")
    assert main(["run", "Containerise this", "--repo", str(tmp_path), "--yes", "--prove", "none", "--format", "json"]) == 0
    report = read(capsys)
    assert report["readiness"]["after"]["percent"] > report["readiness"]["before"]["percent"]
    assert cli(str(tmp_path), "--format", "json") == 0
    after = read(capsys)
    assert after["compared"]["before"] == report["readiness"]["before"]
    assert after["score"] == report["readiness"]["after"]
    assert {"id": "build/image", "before": "not_met", "after": "met"} in after["compared"]["changes"]


@pytest.mark.parametrize("word", ["make ", "docker buildx ", "push=", "mvn ", "npm run -w a ", "ssh ", "pip install ", "restore ", "RTO "])
def test_long_lines_take_no_long_time(word: str, tmp_path: Path) -> None:
    (tmp_path / "Jenkinsfile").write_text(word * (200_000 // len(word)))
    (tmp_path / "Dockerfile").write_text("FROM a:1\nRUN " + word * (200_000 // len(word)))
    (tmp_path / "README.md").write_text(word * (200_000 // len(word)))
    began = time.monotonic()
    assess(tmp_path, settings.load(tmp_path), components=())
    assert time.monotonic() - began < 20
