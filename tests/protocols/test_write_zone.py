"""The Write Zone: what is asked, what is shown, which gates hold, and that nothing outside the zone changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsmith.errors import SessionError, SettingsError, TaskError
from opsmith.model.artifact import Artifact
from opsmith.model.finding import Finding
from opsmith.model.intent import Intent
from opsmith.model.proof import Proof
from opsmith.model.report import RunReport
from opsmith.model.survey import Survey
from opsmith.protocols.write_zone import gates, places, task, zone
from opsmith.protocols.write_zone.criteria import judged
from opsmith.protocols.write_zone.work import work
from tests.targets.blueprints import SHOP

TASK = """# Task: Ship it

## Objective
Run it.

## Requirements
### Functional
- fast

## Acceptance Criteria
- [ ] Kubernetes manifests are valid
- [x] Product owner signs off

```
- [ ] in a code block
```

## Scope
### In
- deployment
### Out
- the login page
"""


def test_a_task_is_read() -> None:
    assert task.read("\ufeff" + TASK.replace("\n", "\r\n")) == task.Task(
        title="Ship it", objective="Run it.", requirements=("fast",), criteria=("Kubernetes manifests are valid", "Product owner signs off"),
        out_of_scope=("the login page",),
    )  # fmt: skip
    assert task.read(TASK).words == "Ship it\nRun it.\nfast\nNot part of it: the login page"


def test_a_task_without_a_subject_is_none() -> None:
    with pytest.raises(TaskError):
        task.read("Some text\n")


ENTRY = "## DevOps Architect - 2026-01-02\n- Implemented: it"
MOMENT = "2026-01-02 12:00"
CONTEXT = """# Session

## Write Zones

### Backend Developer - Write Zone
**Last Updated**: Never

---

### devops architect - Write Zone
**Last Updated**: [Never/YYYY-MM-DD HH:MM]
<!-- 3-8 lines -->

### DevOps Architect - 2025-01-01
- Implemented: older

---

### QC - Write Zone
**Last Updated**: Never

## Shared Context
Theirs.
"""


def test_an_entry_goes_to_the_end_of_our_zone() -> None:
    after = zone.with_entry(CONTEXT, ENTRY, MOMENT)
    assert after == CONTEXT.replace("[Never/YYYY-MM-DD HH:MM]", MOMENT).replace("- Implemented: older\n", f"- Implemented: older\n\n{ENTRY}\n")
    assert zone.outside(after) == zone.outside(CONTEXT)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (zone.SKELETON, f"# Session Context\n\n## Write Zones\n\n### DevOps Architect - Write Zone\n**Last Updated**: {MOMENT}\n\n{ENTRY}\n\n---\n"),
        ("# S\n", f"# S\n\n### DevOps Architect - Write Zone\n**Last Updated**: {MOMENT}\n\n{ENTRY}\n\n---\n"),
        (
            "## Write Zones\n\n## Other\n",
            f"## Write Zones\n\n### DevOps Architect - Write Zone\n**Last Updated**: {MOMENT}\n\n{ENTRY}\n\n---\n\n## Other\n",
        ),
        (
            "```\n### DevOps Architect - Write Zone\n```\n",
            f"```\n### DevOps Architect - Write Zone\n```\n\n### DevOps Architect - Write Zone\n**Last Updated**: {MOMENT}\n\n{ENTRY}\n\n---\n",
        ),
    ],
)
def test_a_file_without_an_entry_of_ours(before: str, after: str) -> None:
    assert zone.with_entry(before, ENTRY, MOMENT) == after


def test_line_ends_stay() -> None:
    before = CONTEXT.replace("\n", "\r\n")
    after = zone.with_entry(before, ENTRY, MOMENT)
    assert "\n" not in after.replace("\r\n", "")
    assert zone.outside(after) == zone.outside(before)


# -- settings ----------------------------------------------------------------------------------------------------------------------------


def test_settings(tmp_path: Path) -> None:
    assert places.settings(tmp_path) == places.Settings()
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/.env").write_text(
        "VALIDATION_MODE=strict\nMAX_WRITE_ZONE_LENGTH=6\nMIN_ACCEPTANCE_PASS_RATE='0.5'\nBLOCK_ON_SECRETS=false\n"
    )
    assert places.settings(tmp_path) == places.Settings(mode="strict", longest=6, acceptance_rate=0.5)
    assert places.settings(tmp_path, "permissive").mode == "permissive"
    (tmp_path / ".claude/.env").write_text("VALIDATION_MODE=lax\n")
    with pytest.raises(SettingsError):
        places.settings(tmp_path)


# -- what is shown -----------------------------------------------------------------------------------------------------------------------

MANIFEST = Artifact(path="k8s/base/api.yaml", text="kind: Deployment\n", target="kubernetes")
PROVED = Proof(tool="kubernetes-validate", claim="valid", paths=("k8s/base/api.yaml",), outcome="proved", version="1")
SCANNED = Proof(tool="gitleaks", claim="no secret", paths=("k8s/base/api.yaml",), outcome="proved", version="1")


def report(*proofs: Proof, artifacts: tuple[Artifact, ...] = (MANIFEST,)) -> RunReport:
    return RunReport(
        task="x", status="planned", survey=Survey(root="/x"), intent=Intent(kind="deliver"), blueprint=SHOP, artifacts=artifacts, changes=(),
        proofs=proofs, findings=(), open_points=(), destination="/x",
    )  # fmt: skip


UNMEASURED = "Reason: it wants a measurement, and nothing was measured, Mitigation: measure it on a running system"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Kubernetes manifests are valid", "- [x] PASS - Kubernetes manifests are valid (1 files accepted by kubernetes-validate, gitleaks)"),
        (
            "Kubernetes answers in < 200 ms",
            f"- [ ] FAIL - Kubernetes answers in < 200 ms ({UNMEASURED})",
        ),
        ("A Helm chart", "- [ ] FAIL - A Helm chart (Reason: no helm was delivered, Mitigation: name it in the task)"),
        (
            "The image builds",
            "- [ ] FAIL - The image builds (Reason: no image was built in this run, Mitigation: opsmith run TASK --prove build)",
        ),
        (
            "No secrets in the repository",
            "- [ ] FAIL - No secrets in the repository (Reason: only what was delivered was scanned, Mitigation: gitleaks git .)",
        ),
        ("No secrets in output", "- [x] PASS - No secrets in output (what was delivered is accepted by gitleaks)"),
        (
            "The boss is happy",
            "- [ ] FAIL - The boss is happy (Reason: nothing that this run proved shows it, Mitigation: a person checks it before release)",
        ),
        ("Every service has a health check", "- [x] PASS - Every service has a health check (api /health)"),
    ],
)
def test_a_criterion_passes_only_by_proof(text: str, line: str) -> None:
    assert judged([text], report(PROVED, SCANNED))[0].line == line


def test_what_could_not_be_checked_has_not_passed() -> None:
    missing = replace(PROVED, outcome="could_not_check", reason="kubernetes-validate is not installed", how_to_get="pip install x")
    found = judged(["Kubernetes manifests are valid"], report(missing))[0]
    assert (found.passed, found.reason, found.mitigation) == (
        False, "kubernetes-validate could not check it: kubernetes-validate is not installed", "pip install x",
    )  # fmt: skip


# -- gates -------------------------------------------------------------------------------------------------------------------------------

GOOD = (
    "\n\n".join(f"### {number}. {title}\n\ntext" for number, title in enumerate(gates.SECTIONS, start=1))
    + "\n\n## Acceptance Criteria (Self-Review)\n"
)
THREE = f"{ENTRY}\n- Tests: none"


def statuses(made: RunReport, **changes: str | bool) -> dict[str, str]:
    plain: dict[str, str | bool] = {"work": GOOD, "context_before": "", "context_after": "", "entry": THREE, "task_changed": False}
    written = gates.Written(**{**plain, **changes})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    found = gates.validation(made, "x", (), written, places.Settings(), "now")
    return {"overall": found.overall} | {item.validator: item.status for item in found.results if item.status != "PASS"}


def test_gates_that_hold() -> None:
    assert statuses(report(PROVED, SCANNED)) == {"overall": "PASS"}


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({"work": GOOD.replace("### 2. Deliverables", "### 2. Things")}, {"overall": "PASS", "format-lint": "FAIL"}),
        ({"work": GOOD + "\n```\nx\n"}, {"overall": "PASS", "format-lint": "FAIL"}),
        ({"work": GOOD + "\nmail me: someone@corp.io\n"}, {"overall": "FAIL", "secret-scan": "FAIL"}),
        ({"work": GOOD + "\npostgres://app:hunter2hunter@db:5432/x\n"}, {"overall": "FAIL", "secret-scan": "FAIL"}),
        ({"work": GOOD + "\npostgres://app:${PASSWORD}@db:5432/x someone@example.com\n"}, {"overall": "PASS"}),
        ({"work": GOOD + "\n-----BEGIN RSA PRIVATE KEY-----\n"}, {"overall": "FAIL", "secret-scan": "FAIL"}),
        ({"task_changed": True}, {"overall": "FAIL", "write-zone-guard": "FAIL"}),
        ({"entry": "one\ntwo"}, {"overall": "FAIL", "write-zone-guard": "FAIL"}),
        ({"context_before": "theirs\n", "context_after": "ours\n"}, {"overall": "FAIL", "write-zone-guard": "FAIL"}),
        ({"work": GOOD + "x" * 600_000}, {"overall": "FAIL", "diff-discipline": "FAIL"}),
    ],
)
def test_gates_that_do_not_hold(changes: dict[str, str | bool], failed: dict[str, str]) -> None:
    assert statuses(report(PROVED, SCANNED), **changes) == failed


def test_no_scanner_is_no_pass() -> None:
    missing = replace(SCANNED, outcome="could_not_check", reason="gitleaks is not installed")
    assert statuses(report(PROVED, missing)) == {"overall": "FAIL", "secret-scan": "COULD_NOT_CHECK"}
    assert statuses(report(PROVED)) == {"overall": "FAIL", "secret-scan": "COULD_NOT_CHECK"}


def test_application_code_belongs_to_others() -> None:
    code = Artifact(path="app/main.py", text="x = 1\n", target="kubernetes")
    assert statuses(report(PROVED, SCANNED, artifacts=(code,))) == {"overall": "FAIL", "hierarchy-governance": "FAIL"}


# -- runs --------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/task.md").write_text(TASK)
    return tmp_path


def noon() -> datetime:
    return datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def test_a_run(root: Path) -> None:
    asked: list[str] = []

    def run(words: str) -> RunReport:
        asked.append(words)
        return report(PROVED, SCANNED)

    done = work(root, run, init=True, clock=noon)
    assert asked == ["Ship it\nRun it.\nfast\nNot part of it: the login page"]
    assert (done.exit_code, done.written) == (3, (".claude/work.md", ".claude/tasks/context_session_1.md"))
    assert [item.line for item in done.criteria] == [
        "- [x] PASS - Kubernetes manifests are valid (1 files accepted by kubernetes-validate, gitleaks)",
        "- [ ] FAIL - Product owner signs off (Reason: nothing that this run proved shows it, Mitigation: a person checks it before release)",
    ]
    assert (root / places.TASK).read_text() == TASK
    assert (root / places.CONTEXT).read_text() == zone.SKELETON.replace("Never", "2026-01-02 12:00").replace(
        "\n---\n",
        "\n## DevOps Architect - 2026-01-02\n- Implemented: Ship it: kubernetes\n- Key files: k8s/base/api.yaml\n"
        "- Tests: 2 proofs accepted, 0 refused, 0 could not be checked; 1 of 2 criteria of task.md shown\n"
        "- Next steps: QC Automation Expert to test what was delivered\n\n---\n",
    )


def test_a_secret_keeps_everything_unwritten(root: Path) -> None:
    leak = Finding(rule="gitleaks/key", severity="critical", message="x", path="k8s/base/api.yaml", line=1)
    refuted = replace(SCANNED, outcome="refuted", findings=(leak,))
    done = work(root, lambda _: report(PROVED, refuted), init=True, clock=noon)
    assert (done.exit_code, done.written) == (3, ())
    assert not (root / places.WORK).exists()


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_without_a_task_nothing_happens(root: Path, text: str | None) -> None:
    (root / places.TASK).unlink() if text is None else (root / places.TASK).write_text(text)
    with pytest.raises(TaskError):
        work(root, lambda _: pytest.fail("worked"), init=True)
    assert sorted(path.name for path in (root / ".claude").iterdir()) == ([] if text is None else ["task.md"])


def test_without_a_context_nothing_happens(root: Path) -> None:
    with pytest.raises(TaskError):
        work(root, lambda _: pytest.fail("worked"))
    assert [path.name for path in (root / ".claude").iterdir()] == ["task.md"]


def test_a_link_is_not_followed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x.md"
    outside.write_text("theirs")
    (root / places.TASK).unlink()
    (root / places.TASK).symlink_to(outside)
    with pytest.raises(SessionError):
        work(root, lambda _: pytest.fail("worked"), init=True)
