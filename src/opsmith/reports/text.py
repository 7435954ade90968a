"""Encodings for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opsmith.model.blueprint import Blueprint, Origin
    from opsmith.model.finding import Finding
    from opsmith.model.proof import Proof
    from opsmith.model.report import FileChange, RunReport
    from opsmith.model.survey import Component, Survey

SIGNS = {"create": "+", "update": "~", "merge": "≈", "unchanged": "=", "conflict": "!", "foreign": "!"}


def table(rows: Sequence[Sequence[str]], head: Sequence[str], *, indent: str = "  ") -> str:
    """Columns as wide as their widest cell; the last one is left open."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)]
    return "\n".join(lines)


# -- survey ------------------------------------------------------------------------------------------------------------------------------


def survey(result: Survey) -> str:
    if not result.components:
        return "\n\n".join([f"Nothing that runs was recognised in {result.root}.", *_contradictions(result)])
    blocks = [_component(component) for component in result.components]
    if result.existing:
        blocks.append("Already there\n" + table([(item.path, item.kind, item.component or "") for item in result.existing], ("file", "kind", "of")))
    blocks += _contradictions(result)
    if result.ambiguities:
        blocks.append(
            "To decide\n"
            + "\n".join(
                f"  {item.component}.{item.fact}: {' or '.join(item.choices) or 'not certain'}; {item.how_to_decide}" for item in result.ambiguities
            )
        )
    return "\n\n".join(blocks)


def _contradictions(result: Survey) -> list[str]:
    return ["Contradictions\n" + "\n".join(_finding(item) for item in result.findings)] if result.findings else []


def _component(item: Component) -> str:
    runtime = f"{item.runtime.name} {item.runtime.version or '(no version stated)'}" if item.runtime else "unknown"
    facts: list[tuple[str, str, str]] = [
        ("runtime", runtime, _where(item, "runtime")),
        ("package manager", item.package_manager or "none", _where(item, "package_manager")),
        ("build", item.build_command or "", _where(item, "build_command")),
        ("start", item.start_command or "unknown", _where(item, "start_command")),
        ("ports", ", ".join(map(str, item.ports)), _where(item, "ports")),
        ("health path", item.health_path or "", _where(item, "health_path")),
        ("metrics path", item.metrics_path or "", _where(item, "metrics_path")),
        ("migration", item.migration_command or "", _where(item, "migration_command")),
        (
            "needs",
            ", ".join(service.kind + (" (optional)" if service.optional else "") for service in item.backing_services),
            _where(item, "backing_services"),
        ),
        ("calls", ", ".join(item.depends_on), _where(item, "depends_on")),
        ("variables", ", ".join(variable.name + ("" if variable.required else "?") for variable in item.env), ""),
    ]
    rows = [(name, value, where) for name, value, where in facts if value]
    title = f"{item.name}  {item.role}, {item.language}{f', {item.framework}' if item.framework else ''}, in {item.path or 'the root folder'}"
    return title + "\n" + "\n".join(f"  {name:16} {value}{f'   ({where})' if where else ''}" for name, value, where in rows)


def _where(item: Component, fact: str) -> str:
    found = item.evidence.get(fact, ())
    return ", ".join(f"{evidence.file}{f':{evidence.line}' if evidence.line else ''}" for evidence in found[:2] if evidence.file)


# -- plan --------------------------------------------------------------------------------------------------------------------------------


def plan(blueprint: Blueprint) -> str:
    lines = [f"{blueprint.name}: {', '.join(blueprint.targets)}", ""]
    for node, origins in blueprint.origins.items():
        lines.append(node)
        lines += [f"  {origin.kind:8} {origin.text}{_place(origin)}" for origin in origins]
    return "\n".join([*lines, *_open(blueprint.open_points)])


def _place(origin: Origin) -> str:
    if not origin.file:
        return ""
    return f"   ({origin.file}:{origin.line})" if origin.line else f"   ({origin.file})"


# -- run ---------------------------------------------------------------------------------------------------------------------------------


def run(report: RunReport, *, diff: bool = False) -> str:
    """What would be (or was) written, what proved it, what could not be checked, and what is open."""
    if report.status == "nothing_to_do":
        return _nothing(report)
    parts = [
        _prose(report),
        _changes(report, diff=diff),
        *_proofs(report.proofs),
        *_findings(report),
        "\n".join(_open(report.open_points)).strip("\n"),
    ]
    return "\n\n".join(part for part in [*parts, _readiness(report), _account(report), _ending(report)] if part)


def delivered(report: RunReport) -> str:
    return _ending(report)


def _readiness(report: RunReport) -> str:
    if report.readiness is None:
        return ""
    before, after = ("unknown" if score.percent is None else f"{score.percent} %" for score in (report.readiness.before, report.readiness.after))
    closed = sum(change.after == "met" and change.before == "not_met" for change in report.readiness.changes)
    opened = sum(change.after == "not_met" and change.before != "not_met" for change in report.readiness.changes)
    return f"Readiness {before} before, {after} with this: closes {closed} gaps, brings up {opened}. Each of them: opsmith assess --all"


def _prose(report: RunReport) -> str:
    by = report.model.model if report.model else "a model"
    return f"In the words of {by}, each figure and name of which stands below\n  {report.prose}" if report.prose else ""


def _account(report: RunReport) -> str:
    """What the model took part in, and what it took."""
    account = report.model
    if account is None:
        return ""
    rows = [
        (
            call.joint, "used" if call.outcome == "used" else "fell back", str(call.requests), str(call.remembered),
            f"{call.input_tokens} in, {call.output_tokens} out", _dollars(call.cost_usd),
        )
        for call in account.calls
    ]  # fmt: skip
    asked = [f"  {what}: {answer}" for what, answer in account.answered.items()]
    head = ("joint", "result", "requests", "remembered", "tokens", "US dollars")
    return "\n".join([f"{account.model}, in all {_dollars(account.cost_usd)} US dollars", table(rows, head), *asked])


def _dollars(amount: str | None) -> str:
    return "could not be computed" if amount is None else amount


def _nothing(report: RunReport) -> str:
    lines = ["There is nothing in this task for a DevOps worker."]
    lines += [f'  "{item.words}": for {item.hand_to}' for item in report.intent.out_of_scope]
    return "\n".join(lines)


def _changes(report: RunReport, *, diff: bool) -> str:
    title = "Written" if report.status == "delivered" else "Would be written"
    lines = [f"{title} to {report.destination}"]
    for change in report.changes:
        lines.append(f"  {SIGNS[change.change]} {change.path}{_remark(change)}")
        if diff and change.diff:
            lines += [f"      {row}" for row in change.diff.splitlines()]
    return "\n".join(lines)


def _remark(change: FileChange) -> str:
    match change.change:
        case "merge":
            return "  (your edit is kept, ours is merged in)"
        case "conflict" if change.written is None:
            return "  (you deleted it, so it stays deleted)"
        case "conflict":
            return f"  (your edit is kept, ours does not fit and goes to {change.written})"
        case "foreign":
            return f"  (there already and not ours: goes to {change.written}; --force overwrites)"
        case _:
            return ""


def _proofs(proofs: Iterable[Proof]) -> list[str]:
    by_outcome: dict[str, list[Proof]] = {}
    for proof in proofs:
        by_outcome.setdefault(proof.outcome, []).append(proof)
    parts: list[str] = [] if by_outcome else ["No tool was asked, so nothing below is proved by one."]
    if proved := by_outcome.get("proved"):
        rows = [(f"{proof.tool} {proof.version or ''}".strip(), proof.claim, _paths(proof)) for proof in proved]
        parts.append("Proved\n" + table(rows, ("tool", "says", "of")))
    if refuted := by_outcome.get("refuted"):
        lines = ["Refuted"]
        for proof in refuted:
            lines.append(f"  {proof.tool}: {_paths(proof)}{f'  {proof.reason}' if proof.reason else ''}")
            lines += [
                f"    {finding.path or ''}{f':{finding.line}' if finding.line else ''}: {finding.rule}: {finding.message}"
                for finding in proof.findings
            ]
        parts.append("\n".join(lines))
    if unchecked := by_outcome.get("could_not_check"):
        unknown = [(proof.tool, _short(proof.reason), proof.how_to_get, _paths(proof)) for proof in unchecked]
        parts.append("Could not be checked\n" + table(unknown, ("tool", "because", "to get it", "of")))
    return parts


def _short(text: str, width: int = 100) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _paths(proof: Proof) -> str:
    return proof.paths[0] if len(proof.paths) == 1 else f"{len(proof.paths)} files"


def _findings(report: RunReport) -> list[str]:
    if not report.findings:
        return ["Across all files: everything that is referred to is there and agrees."]
    return ["Findings\n" + "\n".join(_finding(item) for item in report.findings)]


def _finding(item: Finding) -> str:
    return f"  {item.severity:8} {item.path or ''}{f':{item.line}' if item.line else ''}: {item.message}"


def _open(points: Sequence[str]) -> list[str]:
    return ["", "Open, for you to decide or fill in", *(f"  - {point}" for point in points)] if points else []


def _ending(report: RunReport) -> str:
    match report.status:
        case "delivered":
            written = [change.path for change in report.changes if change.written]
            first = min(written, key=lambda path: (not path.rpartition("/")[2].startswith("Dockerfile"), path.startswith("."), path), default=None)
            return f"Delivered. Why any line is as it is: opsmith explain {first}:1" if first else "Delivered; every file was up to date already."
        case "refused":
            return "Refused: a proof or check above says no, so nothing was written."
        case "planned":
            return "Nothing was written."
        case "nothing_to_do":
            return ""
