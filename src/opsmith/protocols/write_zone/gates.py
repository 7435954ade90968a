"""The six validators that run after the work, in their fixed order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from opsmith.model.report import RunReport
from opsmith.protocols.worklog.entries import outside_code
from opsmith.protocols.write_zone import places, zone
from opsmith.protocols.write_zone.criteria import Judged
from opsmith.protocols.write_zone.places import Settings
from opsmith.redaction import redacted

Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"]
Status = Literal["PASS", "FAIL", "COULD_NOT_CHECK"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Never the value of what was found."""

    file: str
    line: int | None
    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    validator: str
    severity: Severity
    status: Status
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """`overall` is PASS only when every validator that blocks in this mode passed; what could not be checked has not."""

    agent: str
    task: str
    checked_at: str
    mode: str
    overall: Literal["PASS", "FAIL"]
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the run would leave behind, beside what was there before."""

    work: str
    context_before: str
    context_after: str
    entry: str
    task_changed: bool


BLOCKING: dict[str, frozenset[str]] = {
    "strict": frozenset(("CRITICAL", "HIGH", "MEDIUM", "LOW")),
    "normal": frozenset(("CRITICAL", "HIGH", "MEDIUM")),
    "permissive": frozenset(("CRITICAL", "HIGH")),
}


def validation(report: RunReport, task: str, judged: Sequence[Judged], written: Written, settings: Settings, checked_at: str) -> Validation:
    results = (
        _result("scorecard-validator", "HIGH", _checklist(judged, written, settings)),
        _result("write-zone-guard", "HIGH", _guard(written, settings)),
        _secrets(report, written, settings),
        _result("diff-discipline", "MEDIUM", _size(written, settings)),
        _result("format-lint", "LOW", _format(written.work)),
        _result("hierarchy-governance", "MEDIUM", _scope(report)),
    )
    failed = any(item.status != "PASS" and item.severity in BLOCKING[settings.mode] for item in results)
    return Validation(agent=places.NAME, task=task, checked_at=checked_at, mode=settings.mode, overall="FAIL" if failed else "PASS", results=results)


def is_critical(result: Validation) -> bool:
    """Whether work.md must not be written at all."""
    return any(item.severity == "CRITICAL" and item.status != "PASS" for item in result.results)


def _result(name: str, severity: Severity, findings: Iterator[Finding]) -> Result:
    found = tuple(findings)
    return Result(validator=name, severity=severity, status="FAIL" if found else "PASS", findings=found)


def _checklist(judged: Sequence[Judged], written: Written, settings: Settings) -> Iterator[Finding]:
    if "## Acceptance Criteria (Self-Review)" not in written.work:
        yield Finding(file=places.WORK, line=None, rule="checklist-missing", message="work.md holds no acceptance checklist")
    rate = sum(item.passed for item in judged) / len(judged) if judged else 1.0
    if rate < settings.acceptance_rate:
        failed = [item for item in judged if not item.passed]
        for item in failed:
            yield Finding(file=places.WORK, line=None, rule="criterion-failed", message=f"{item.text}: {item.reason}")


def _guard(written: Written, settings: Settings) -> Iterator[Finding]:
    if written.task_changed:
        yield Finding(file=places.TASK, line=None, rule="task-changed", message="task.md is not what it was before the run")
    if _kept(written.context_before) != _kept(written.context_after):
        yield Finding(file=places.CONTEXT, line=None, rule="outside-zone", message="something outside the zone would change")
    count = sum(bool(line.strip()) for line in written.entry.splitlines())
    if not settings.shortest <= count <= settings.longest:
        what = f"the entry has {count} lines, not {settings.shortest} to {settings.longest}"
        yield Finding(file=places.CONTEXT, line=None, rule="entry-length", message=what)


def _kept(text: str) -> list[str]:
    """The lines outside our zone; blank lines and rules around it come and go with a zone that is new."""
    return [line for line in zone.outside(text) if line.strip() not in ("", "---")]


def _secrets(report: RunReport, written: Written, settings: Settings) -> Result:
    """Our own rules over what would be written, and the secret scanner over what was delivered. Never overridable."""
    found = [*_leaks(places.WORK, written.work, settings), *_leaks(places.CONTEXT, written.entry, settings)]
    scans = [proof for proof in report.proofs if proof.tool == "gitleaks"]
    found += [
        Finding(file=finding.path or "", line=finding.line, rule=finding.rule, message="the scanner found a secret")
        for proof in scans
        for finding in proof.findings
        if proof.outcome == "refuted"
    ]
    if found:
        return Result(validator="secret-scan", severity="CRITICAL", status="FAIL", findings=tuple(found))
    unchecked = [proof for proof in scans if proof.outcome == "could_not_check"]
    if unchecked or (report.artifacts and not scans):
        why = unchecked[0].reason if unchecked else "no secret scanner was asked"
        told = Finding(file=places.WORK, line=None, rule="could-not-check", message=why)
        return Result(validator="secret-scan", severity="CRITICAL", status="COULD_NOT_CHECK", findings=(told,))
    return Result(validator="secret-scan", severity="CRITICAL", status="PASS")


_PLACEHOLDER = re.compile(
    r"\$\{[^}]*\}|\$\([^)]*\)|YOUR_\w+_HERE|process\.env\.\w+|<[^<>\s][^<>]*>|\b[\w.+-]+@(?:[\w-]+\.)*example\.(?:com|org|net)\b"
)
_KEYS = (
    ("private-key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("e-mail-address", re.compile(r"(?<![\w/@:.])[\w.+-]+@(?!sha256)(?:[a-z0-9-]+\.)+[a-z]{2,}\b", re.IGNORECASE)),
)


def _leaks(file: str, text: str, settings: Settings) -> Iterator[Finding]:
    allowed = [re.compile(pattern) for pattern in settings.placeholders if _compiles(pattern)]
    for number, line in enumerate(text.splitlines(), start=1):
        bare = _PLACEHOLDER.sub("", line)
        if any(pattern.search(line) for pattern in allowed):
            continue
        for rule, pattern in _KEYS:
            if pattern.search(bare):
                yield Finding(file=file, line=number, rule=rule, message="looks like something that must not be written")
        if "://" in bare and redacted(bare) != bare and re.search(r"://[^/\s:@$]+:[^/\s@$]+@", bare):
            yield Finding(file=file, line=number, rule="connection-string", message="a connection string with a real password")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _size(written: Written, settings: Settings) -> Iterator[Finding]:
    size = len(written.work.encode("utf-8", "replace"))
    if size > settings.largest_work:
        what = f"work.md would have {size} bytes, more than {settings.largest_work} (MAX_WORK_FILE_SIZE)"
        yield Finding(file=places.WORK, line=None, rule="too-large", message=what)


SECTIONS = (
    "Summary & Intent", "Deliverables", "Implementation Details", "Usage Examples", "Testing", "Integration Notes", "Acceptance Checklist",
)  # fmt: skip


_SECTION = re.compile(rf"#{{2,3}}[ \t]+(?:\d\.[ \t]+)?({'|'.join(SECTIONS)})[ \t]*$")


def _format(text: str) -> Iterator[Finding]:
    lines = text.splitlines()
    visible = set(outside_code(lines))
    found = [match[1] for number in sorted(visible) if (match := _SECTION.match(lines[number]))]
    if tuple(found) != SECTIONS:
        yield Finding(file=places.WORK, line=None, rule="sections", message="the seven sections are not there in their order")
    opened = ""
    for number, line in enumerate(lines, start=1):
        mark = re.match(r"[ \t]{0,3}(`{3,}|~{3,})[ \t]*(\S*)", line)
        if mark and not opened:
            opened = mark[1]
            if not mark[2]:
                yield Finding(file=places.WORK, line=number, rule="fence-language", message="a code block names no language")
        elif mark and opened and mark[1][0] == opened[0] and len(mark[1]) >= len(opened) and not mark[2]:
            opened = ""
    if opened:
        yield Finding(file=places.WORK, line=len(lines), rule="fence-open", message="a code block is not closed")


_CODE = re.compile(r"\.(?:py|jsx?|tsx?|mjs|go|java|kt|rb|php|rs|cs|ex|exs|scala|clj|c|cc|cpp|vue|svelte)$")


def _scope(report: RunReport) -> Iterator[Finding]:
    """Application code belongs to its developers, and a platform of its own to that platform's expert."""
    for artifact in report.artifacts:
        if _CODE.search(artifact.path):
            yield Finding(file=artifact.path, line=None, rule="application-code", message="application code belongs to the developers")
        if artifact.path.endswith(("vercel.json", "netlify.toml")):
            yield Finding(file=artifact.path, line=None, rule="platform", message="belongs to deployment-integration-expert")
