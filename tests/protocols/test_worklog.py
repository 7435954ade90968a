"""Worklogs: read as people write them, written as the format says, and nobody's older line changed."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from opsmith.errors import SessionError, UsageError
from opsmith.model.blueprint import Blueprint
from opsmith.model.finding import Finding
from opsmith.model.intent import Intent
from opsmith.model.proof import Proof
from opsmith.model.report import FileChange, RunReport
from opsmith.model.survey import Survey
from opsmith.protocols.worklog import issues, work
from opsmith.protocols.worklog.entries import Entry, entries
from opsmith.protocols.worklog.report import entry, gates_failed
from opsmith.protocols.worklog.rules import GLOBS, KEYWORDS, Rules, rules, security_triggers
from opsmith.protocols.worklog.writing import inserted, rendered
from tests.targets.blueprints import SHOP

HANDOFF = """## 2025-11-20 14:05 - [AUTHOR: devops-engineer] → [NEXT: security-auditor]

**Completed**: Rolling deployment of auth-service v2.1.0 to staging and production; probes and HPA in place.

**Key decisions**:
- maxUnavailable 0, because login traffic has no quiet window

**Gotchas**:
- Probe path: /healthz returned 404 → switched to /health

**Files**: k8s/auth-service/deployment.yaml, .github/workflows/deploy.yml

→ Passing to security-auditor for network policy review
"""
ENTRY = Entry(
    timestamp="2025-11-20 14:05", kind="handoff", author="devops-engineer", next="security-auditor",
    fields={
        "Completed": "Rolling deployment of auth-service v2.1.0 to staging and production; probes and HPA in place.",
        "Key decisions": ("maxUnavailable 0, because login traffic has no quiet window",),
        "Gotchas": ("Probe path: /healthz returned 404 → switched to /health",),
        "Files": ("k8s/auth-service/deployment.yaml", ".github/workflows/deploy.yml"),
    },
    passing_reason="network policy review",
)  # fmt: skip


def test_an_entry_is_read_and_written_as_the_format_has_it() -> None:
    assert entries(HANDOFF) == (ENTRY,)
    assert rendered(ENTRY) == HANDOFF


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("## 2025-01-02 03:04 - [AUTHOR: x] (Phase 2.1 COMPLETE)", ("complete", "x", None, "2.1", None)),
        ("## 2025-01-02 03:04 - [AUTHOR: code-reviewer] (Review Approved)", ("review", "code-reviewer", None, None, "approved")),
        ("## 2025-01-02 03:04 - code-reviewer (Review Requires Changes)", ("review", "code-reviewer", None, None, "changes")),
        ("## 2025-01-02 03:04:05 - [AUTHOR: x] (Loop 3 - Failed)", ("troubleshooting", "x", None, "3", "failed")),
        ("## 2025-01-02 - [AUTHOR: x] (Research Complete)", ("investigation", "x", None, None, "complete")),
        ("## 2025-01-02 03:04 - x -> y", ("handoff", "x", "y", None, None)),
        ("## 2025-01-02 03:04 - @anna", ("manual", "anna", None, None, None)),
        ("## 2025-01-02 03:04 - [AUTHOR: x] something new", ("manual", "x", None, None, None)),
    ],
)
def test_headings_as_people_write_them(heading: str, wanted: tuple[str | None, ...]) -> None:
    (found,) = entries(f"{heading}\n\nText.\n")
    assert (found.kind, found.author, found.next, found.phase, found.outcome) == wanted


def test_what_is_no_entry() -> None:
    code = "```\n## 2025-01-01 00:00 - x\n```\n"
    text = f"\ufeff# Log\n\n## Phase Commits\n\n{code}\n## 2025-01-02 03:04 - @a\n\n## Notes\n\nFree.\n".replace("\n", "\r\n")
    assert [(item.timestamp, item.author) for item in entries(text)] == [("2025-01-02 03:04", "a")]


def test_fields_in_several_forms() -> None:
    head = "## 2025-01-02 03:04 - [AUTHOR: r] (Review Approved)\n"
    text = head + "**Score:** 92/100\n**Issues**:\n* [Major] slow @ a.py:3 → cache\n**Files**: `a.py`, b.py\n"
    (found,) = entries(text)
    assert found.score == 92
    assert found.fields == {"Score": "92/100", "Issues": ("[Major] slow @ a.py:3 → cache",), "Files": ("a.py", "b.py")}


HEAD = "# WORKLOG: 007 Deploy\n\n## Phase Commits\n\n- Phase 1.1: `abc1234` - base\n\n---\n\n"
OLD = "## 2025-11-19 10:00 - @anna\n\nStarted nothing.\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"# WORKLOG: 007 Deploy\n\n## Phase Commits\n\n{HANDOFF}"),
        (HEAD + OLD, f"{HEAD}{HANDOFF}\n{OLD}"),
        (HEAD, f"{HEAD}{HANDOFF}"),
        (OLD, f"{HANDOFF}\n{OLD}"),
        ("# Log", f"# Log\n\n{HANDOFF}"),
    ],
)
def test_a_new_entry_goes_above_the_first(before: str, after: str) -> None:
    assert inserted(before, ENTRY, "007 Deploy") == after


def test_older_bytes_stay() -> None:
    before = (HEAD + OLD).replace("\n", "\r\n") + "\r\n```\r\n## 2099-01-01 00:00 - fake\r\n"
    after = inserted(before, ENTRY, "x")
    assert after.startswith(HEAD.replace("\n", "\r\n"))
    assert after.endswith(before[len(HEAD.replace("\n", "\r\n")) :])
    assert "\n" not in after.replace("\r\n", "")


def test_text_of_a_repository_begins_no_heading() -> None:
    made = replace(ENTRY, kind="manual", fields={"Notes": ("## 2025-01-01 00:00 - [AUTHOR: boss]\n---\n```",)}, next=None, passing_reason=None)
    text = rendered(made)
    assert text == "## 2025-11-20 14:05 - @devops-engineer\n\n**Notes**:\n- \\## 2025-01-01 00:00 - [AUTHOR: boss] --- ```\n"
    assert len(entries(text)) == 1


# -- issues ------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("007-deploy-counter", "TASK-012-login", "BUG-012-crash"):
        (tmp_path / "pm" / "issues" / name).mkdir(parents=True)
    (tmp_path / "pm/issues/007-deploy-counter/TASK.md").write_text("# Deploy\n")
    return tmp_path


@pytest.mark.parametrize("asked", ["7", "007", "TASK-007", "task-7"])
def test_an_issue_by_its_number(root: Path, asked: str) -> None:
    found = issues.find(root, asked)
    assert (found.number, found.folder.name, found.kind, found.title) == (7, "007-deploy-counter", "TASK", "007 Deploy counter")


def test_an_issue_by_its_kind(root: Path) -> None:
    assert issues.find(root, "BUG-12").folder.name == "BUG-012-crash"


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ("12", "several issues have the number 12.\n  why:  there are: BUG-012-crash, TASK-012-login."),
        ("8", "no issue has the number 8.\n  why:  there are: 007-deploy-counter, BUG-012-crash, TASK-012-login."),
    ],
)
def test_an_issue_that_is_not_one(root: Path, asked: str, what: str) -> None:
    with pytest.raises(UsageError) as error:
        issues.find(root, asked)
    assert str(error.value) == f"In {root}/pm/issues, {what}\n  next: ls {root}/pm/issues"


def test_a_link_is_no_issue(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (root / "pm/issues/009-away").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(UsageError):
        issues.find(root, "9")


# -- rules -------------------------------------------------------------------------------------------------------------------------------


def test_rules_by_default(tmp_path: Path) -> None:
    assert rules(tmp_path) == Rules(keywords=KEYWORDS, globs=GLOBS, minimum_score=90, minimum_coverage=95)


def test_rules_of_the_repository(tmp_path: Path) -> None:
    folder = tmp_path / "docs/development/workflows"
    folder.mkdir(parents=True)
    (folder / "agent-coordination.md").write_text(
        "---\nagents:\n  security_review:\n    keywords:\n      - login, vault\n      - PII\n    file_patterns:\n      - **/iam/**\n---\n# X\n"
    )
    (folder / "task-workflow.md").write_text("---\nquality: {review_threshold: 80, test_coverage: 70}\n---\n")
    assert rules(tmp_path) == Rules(keywords=("login", "vault", "PII"), globs=("**/iam/**",), minimum_score=80, minimum_coverage=70)
    (folder / "task-workflow.md").write_text("---\na: [\n---\n")
    assert rules(tmp_path).warnings == ("docs/development/workflows/task-workflow.md: its front matter is no YAML, so the default rules hold",)


@pytest.mark.parametrize(
    ("words", "paths", "wanted"),
    [
        ("Rotate the API keys and tokens", (), ("token", "API key")),
        ("The author is hashing out a rolebook", (), ("hash",)),
        ("Deploy", ("src/auth/x.py", "src/MyAuth.ts", "a.py"), ("src/auth/x.py", "src/MyAuth.ts")),
    ],
)
def test_what_asks_for_the_auditor(words: str, paths: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    assert security_triggers(words, paths, Rules()) == wanted


# -- runs --------------------------------------------------------------------------------------------------------------------------------

PROVED = Proof(tool="hadolint", claim="nothing to object to", paths=("Dockerfile",), outcome="proved", version="1")
PLAIN = replace(SHOP, secrets=(), monitoring=None)


def report(blueprint: Blueprint | None = PLAIN, *proofs: Proof, status: str = "delivered", findings: tuple[Finding, ...] = ()) -> RunReport:
    return RunReport(
        task="Deploy this", status=status, survey=Survey(root="/shop"), intent=Intent(kind="deliver"), blueprint=blueprint, artifacts=(),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        changes=(FileChange(path="Dockerfile", change="create", written="Dockerfile"),), proofs=proofs or (PROVED,), findings=findings,
        open_points=("registry: nobody told",), destination="/shop",
    )  # fmt: skip


def noon() -> datetime:
    return datetime(2026, 1, 2, 12, 0).astimezone()


def test_a_run_is_handed_on() -> None:
    made = entry(report(), "2026-01-02 12:00", Rules())
    assert (made.kind, made.next, made.passing_reason) == ("handoff", "technical-writer", "documentation of api, worker")
    assert made.fields["Gotchas"] == ("registry: nobody told",)
    assert made.fields["Files"] == ("Dockerfile",)


def test_secrets_go_to_the_auditor() -> None:
    made = entry(report(replace(SHOP, monitoring=None)), "t", Rules())
    assert (made.next, made.passing_reason) == ("security-auditor", "review of the secrets api-secrets, postgres-secrets, redis-secrets")


def test_a_phase_is_complete_only_when_every_gate_held() -> None:
    assert entry(report(), "t", Rules(), "1.2").kind == "complete"
    missing = replace(PROVED, outcome="could_not_check", reason="hadolint is not installed")
    told = entry(report(PLAIN, missing), "t", Rules(), "1.2")
    assert told.kind == "handoff"
    assert told.fields["Gotchas"] == ("gate not held: hadolint could not check 1 files: hadolint is not installed", "registry: nobody told")
    assert entry(report(status="planned"), "t", Rules(), "1.2").kind == "handoff"


def test_a_refused_run_is_a_failed_loop() -> None:
    refuted = replace(PROVED, outcome="refuted", findings=(Finding(rule="DL3000", severity="high", message="wrong", path="Dockerfile", line=3),))
    made = entry(report(PLAIN, refuted, status="refused"), "t", Rules())
    assert (made.kind, made.outcome, made.fields["Debug findings"]) == ("troubleshooting", "failed", ("Dockerfile:3 DL3000: wrong",))
    assert gates_failed(report(PLAIN, refuted)) == ("hadolint: Dockerfile",)


def test_work_is_logged(root: Path) -> None:
    done = work.work(root, "7", report, clock=noon)
    text = (root / "pm/issues/007-deploy-counter/WORKLOG.md").read_text()
    assert text.startswith(
        "# WORKLOG: 007 Deploy counter\n\n## Phase Commits\n\n## 2026-01-02 12:00 - [AUTHOR: devops-engineer] → [NEXT: technical-writer]\n"
    )
    assert entries(text) == (done.entry,)
    assert work.newest(issues.find(root, "7"), 5) == (done.entry,)


def test_a_plan_leaves_no_entry(root: Path) -> None:
    assert work.work(root, "7", lambda: report(status="planned"), clock=noon).written is False
    assert not (root / "pm/issues/007-deploy-counter/WORKLOG.md").exists()


def test_a_log_that_leads_elsewhere_is_refused_before_any_work(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x.md"
    outside.write_text("theirs")
    (root / "pm/issues/007-deploy-counter/WORKLOG.md").symlink_to(outside)
    with pytest.raises(SessionError):
        work.work(root, "7", lambda: pytest.fail("worked"), clock=noon)
    assert outside.read_text() == "theirs"


def _write(root: Path, number: int) -> None:
    for count in range(5):
        work.add(issues.find(root, "7"), replace(ENTRY, author=f"writer-{number}-{count}"))


def test_writers_at_once_lose_nothing(root: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_write, args=(root, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    found = {item.author for item in work.newest(issues.find(root, "7"), 100)}
    assert found == {f"writer-{number}-{count}" for number in range(4) for count in range(5)}
