"""The six gates after the run, in their fixed order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from opsmith.model.blueprint import Service
from opsmith.model.proof import Proof
from opsmith.model.report import FileChange, RunReport
from opsmith.protocols.markdown import Document
from opsmith.protocols.write_zone import document, scope, secrets, zone
from opsmith.protocols.write_zone.review import Item, Review
from opsmith.protocols.write_zone.scorecard import Scorecard
from opsmith.protocols.write_zone.settings import VALIDATORS, Settings
from opsmith.protocols.write_zone.task import Task
from opsmith.protocols.write_zone.validation import SEVERITY, Finding, Result, blocks

_CODE = (".py", ".js", ".ts", ".tsx", ".jsx", ".go", ".java", ".rb", ".php", ".rs", ".cs", ".kt", ".ex", ".exs", ".vue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that the gates look at: texts before and after, and what the run says. `touched` are protected files that changed meanwhile."""

    settings: Settings
    task: Task
    report: RunReport
    review: Review
    scorecard: Scorecard | None
    scorecard_there: bool
    work: str
    entry: str
    context_before: str
    context_after: str
    has_example: bool
    scanned: tuple[Proof, ...]
    touched: tuple[str, ...] = ()


Check = Callable[[Outcome], tuple[list[Finding], str]]
"""What it finds, and why it could not look (empty: it did)."""


def validate(outcome: Outcome) -> tuple[Result, ...]:
    """Every gate's result; after the first that stops the work, with FAIL_FAST, the rest is not run."""
    results: list[Result] = []
    for name in VALIDATORS:
        stopped = outcome.settings.fail_fast and any(blocks(result, outcome.settings.mode) for result in results)
        if name not in outcome.settings.validators or (stopped and name != "secret-scan"):
            results.append(Result(validator=name, severity=SEVERITY[name], status="NOT_RUN"))
        else:
            results.append(_result(name, *_CHECKS[name](outcome)))
    return tuple(results)


def secret_scan(outcome: Outcome) -> Result:
    """The one gate that is also asked before anything is written."""
    return _result("secret-scan", *_secrets(outcome))


def _result(name: str, findings: list[Finding], unknown: str) -> Result:
    if findings or not unknown:
        return Result(validator=name, severity=SEVERITY[name], status="FAIL" if findings else "PASS", findings=tuple(findings))
    told = Finding(file=".claude/work.md", line=None, rule="could-not-check", message=unknown)
    return Result(validator=name, severity=SEVERITY[name], status="COULD_NOT_CHECK", findings=(told,))


def _found(settings: Settings, rule: str, message: str, line: int | None = None, justification: str = "") -> Finding:
    return Finding(file=f".claude/{settings.work}", line=line, rule=rule, message=message, justification=justification)


# -- the gates ---------------------------------------------------------------------------------------------------------------------------


def _scorecard(outcome: Outcome) -> tuple[list[Finding], str]:
    settings, review = outcome.settings, outcome.review
    lines = outcome.work.split("\n")
    found: list[Finding] = []
    if settings.checklist_required and "## Acceptance Criteria (Self-Review)" not in lines:
        found.append(_found(settings, "checklist-missing", "there is no acceptance checklist"))
    if settings.scorecard_required and outcome.scorecard_there and "## Scorecard" not in lines:
        found.append(_found(settings, "scorecard-missing", "scorecard.md is there, and work.md has no Scorecard"))
    if outcome.report.status in ("refused", "nothing_to_do"):
        why = "its own proofs refused the work" if outcome.report.status == "refused" else "the task asks for nothing that this agent does"
        found.append(_found(settings, "nothing-delivered", why))
    items = [*review.ours, *review.criteria, *review.checklist, *(outcome.scorecard.items if outcome.scorecard else ())]
    found += [_found(settings, "no-mitigation", f"no way out is told for: {item.text}") for item in items if not item.passed and not item.mitigation]
    if review.rate < settings.acceptance_rate:
        found += [_found(settings, "criterion-not-shown", _not_shown(item), _line(lines, item)) for item in review.criteria if not item.passed]
    if outcome.scorecard and outcome.scorecard.overall == "FAIL":
        found.append(_found(settings, "scorecard-failed", f"fewer than {settings.scorecard_rate:.0%} of its items pass"))
    return found, ""


def _not_shown(item: Item) -> str:
    return f"{item.text}: {item.reason}"


def _line(lines: Sequence[str], item: Item) -> int | None:
    start = document.marked(item)[:60]
    return next((number for number, line in enumerate(lines, start=1) if line.startswith(start)), None)


def _guard(outcome: Outcome) -> tuple[list[Finding], str]:
    settings = outcome.settings
    context = f".claude/{settings.context}"
    found = [Finding(file=f".claude/{name}", line=None, rule="foreign-change", message="changed during the run") for name in outcome.touched]
    if not zone.is_confined(outcome.context_before, outcome.context_after):
        found.append(Finding(file=context, line=None, rule="outside-zone", message="bytes outside of the own zone differ"))
    lines = [line for line in outcome.entry.split("\n") if line.strip()]
    if (
        not lines
        or not re.match(rf"## {zone.AGENT} - \d{{4}}-\d{{2}}-\d{{2}}$", lines[0])
        or outcome.entry.strip() not in zone.entries(outcome.context_after)
    ):
        found.append(Finding(file=context, line=None, rule="no-entry", message="there is no dated entry of this run"))
    if not settings.shortest_entry <= len(lines) <= settings.longest_entry:
        wanted = f"{settings.shortest_entry} to {settings.longest_entry}"
        found.append(Finding(file=context, line=None, rule="entry-length", message=f"the entry has {len(lines)} lines, {wanted} are wanted"))
    return found, ""


def _secrets(outcome: Outcome) -> tuple[list[Finding], str]:
    settings = outcome.settings
    found = list(secrets.found(f".claude/{settings.work}", outcome.work, settings.placeholders))
    found += secrets.found(f".claude/{settings.context}", outcome.entry, settings.placeholders)
    by_tool, unknown = secrets.by_gitleaks(outcome.scanned)
    known = {(item.file, item.line) for item in found}
    found += [item for item in by_tool if (item.file, item.line) not in known]
    found = [replace(item, message=_whence(item, outcome.work)) for item in found]
    variables = any(variable.kind != "literal" for service in _services(outcome.report) for variable in service.variables)
    if variables and not outcome.has_example and f"#### `{document.ENV_EXAMPLE}`" not in outcome.work:
        found.append(_found(settings, "no-env-example", "variables are used, and no .env.example names them"))
    return found, unknown


def _whence(item: Finding, work: str) -> str:
    """Where it comes from: a work.md with a secret is not written, so its lines alone tell nobody anything."""
    file = document.file_at(work, item.line) if item.file.endswith("work.md") else ""
    return f"{item.message} (in {file})" if file else item.message


def _services(report: RunReport) -> Sequence[Service]:
    return report.blueprint.services if report.blueprint else ()


def _discipline(outcome: Outcome) -> tuple[list[Finding], str]:
    settings, report = outcome.settings, outcome.report
    found = [_rewrite(settings, change) for change in report.changes if _is_wide(change)]
    for line in outcome.task.outside:
        words = {word.casefold() for word in re.findall(r"[A-Za-z][\w.-]{2,}", line)}
        hit = next(
            (item.path for item in report.artifacts if item.target.replace("_", " ") in line.casefold() or item.path.casefold() in words), None
        )
        if hit:
            found.append(_found(settings, "beyond-scope", f"{hit} is made, and task.md leaves out: {line[:120]}"))
    return found, ""


def _is_wide(change: FileChange) -> bool:
    """Most of a file that people may have edited is replaced."""
    removed = sum(line.startswith("-") and not line.startswith("---") for line in change.diff.split("\n"))
    kept = sum(line.startswith(" ") for line in change.diff.split("\n"))
    return change.change in ("update", "merge") and removed > 40 and removed > 2 * kept


def _rewrite(settings: Settings, change: FileChange) -> Finding:
    why = "this agent wrote the file before and nobody has edited it since" if change.change == "update" else ""
    return _found(settings, "wide-rewrite", f"{change.path} is rewritten for the most part", justification=why)


def _format(outcome: Outcome) -> tuple[list[Finding], str]:
    return lint(outcome.work, outcome.settings), ""


def lint(text: str, settings: Settings) -> list[Finding]:
    """Sections missing or out of order, fences without a language or never closed, and a document that is too large."""
    there = document.outline(text)
    found = [_found(settings, "section-missing", f"the section {title} is missing") for title in document.SECTIONS if title not in there]
    if [title for title in document.SECTIONS if title in there] != there:
        found.append(_found(settings, "section-order", "the seven sections stand in another order, or twice"))
    for fence in Document(text).fences:
        if fence.last is None:
            found.append(_found(settings, "fence-unbalanced", "a code fence is never closed", fence.first + 1))
        elif not fence.info:
            found.append(_found(settings, "fence-language", "a code fence names no language", fence.first + 1))
    size = len(text.encode("utf-8", "surrogateescape"))
    if size > settings.largest_work * 1024:
        found.append(_found(settings, "too-large", f"{size // 1024} KiB, {settings.largest_work} are the most"))
    return found


def _hierarchy(outcome: Outcome) -> tuple[list[Finding], str]:
    """Files of another agent's domain need an approved overlap request."""
    if scope.approved(outcome.context_before):
        return [], ""
    foreign = [item.path for item in outcome.report.artifacts if item.path.endswith(_CODE) or item.path.rpartition("/")[2] == "vercel.json"]
    foreign += [
        item.path for item in outcome.report.artifacts if outcome.report.intent.cloud == "gcp" and item.target in ("terraform", "pulumi", "cdk")
    ]
    told = [_found(outcome.settings, "foreign-scope", f"{path} belongs to another agent, and no overlap request was approved") for path in foreign]
    return told, ""


_CHECKS: dict[str, Check] = {
    "scorecard-validator": _scorecard,
    "write-zone-guard": _guard,
    "secret-scan": _secrets,
    "diff-discipline": _discipline,
    "format-lint": _format,
    "hierarchy-governance": _hierarchy,
}
