"""What a run becomes in a WORKLOG: the facts of this run, in ten to twenty lines, and who comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opsmith.model.blueprint import Origin
from opsmith.model.report import RunReport
from opsmith.protocols.worklog.entries import Entry, Value
from opsmith.protocols.worklog.rules import AUTHOR, Rules, security_triggers

MOST = 5
"""Items of one list: an entry has ten to twenty lines."""


def entry(report: RunReport, timestamp: str, rules: Rules, phase: str | None = None) -> Entry:
    """The entry of a run by `AUTHOR`. A phase is complete only when every gate that can be judged here held; else the work is handed on."""
    failed = gates_failed(report)
    if phase and not failed and report.status == "delivered":
        return Entry(timestamp=timestamp, kind="complete", author=AUTHOR, phase=phase, fields=_complete(report))
    if report.status == "refused":
        fields: dict[str, Value] = {
            "Hypothesis": _short(report.task),
            "Debug findings": _listed([*_refutations(report)]),
            "Result": "nothing was written; what is listed has to be mended first",
            "Files": _listed([artifact.path for artifact in report.artifacts], short=False) or "none",
            "Next": "mend the first finding, then run again",
        }
        return Entry(timestamp=timestamp, kind="troubleshooting", author=AUTHOR, phase="1", outcome="failed", fields=fields)
    after, reason = next_agent(report, rules)
    told = {name: value for name, value in _handed_on(report, failed).items() if value}
    return Entry(timestamp=timestamp, kind="handoff", author=AUTHOR, next=after, fields=told, passing_reason=reason)


def gates_failed(report: RunReport) -> tuple[str, ...]:
    """The gates of a phase that did not hold. What could not be checked has not held."""
    refuted = [f"{proof.tool}: {', '.join(proof.paths[:3])}" for proof in report.proofs if proof.outcome == "refuted"]
    unchecked = [
        f"{proof.tool} could not check {len(proof.paths)} files: {proof.reason}" for proof in report.proofs if proof.outcome == "could_not_check"
    ]
    critical = [f"{finding.rule}: {finding.message}" for finding in report.findings if finding.severity in ("critical", "high")]
    return (*refuted, *unchecked, *critical)


def next_agent(report: RunReport, rules: Rules) -> tuple[str, str]:
    """Whom the work goes to, and for what: the auditor where the rules ask for one, else whoever the kind of work asks for."""
    paths = [artifact.path for artifact in report.artifacts]
    secrets = report.blueprint.secrets if report.blueprint else ()
    triggers = security_triggers(report.task, paths, rules)
    if secrets or triggers:
        why = [f"the secrets {', '.join(secret.name for secret in secrets[:4])}"] if secrets else []
        why += [f"what the rules name ({', '.join(triggers[:4])})"] if triggers else []
        return "security-auditor", f"review of {' and of '.join(why)}"
    slos = report.blueprint.monitoring.slos if report.blueprint and report.blueprint.monitoring else ()
    scaled = [service.name for service in report.blueprint.services if service.scaling] if report.blueprint else []
    if scaled or any(slo.latency_ms for slo in slos):
        return "performance-optimizer", f"load tests of {', '.join(scaled or [slo.service for slo in slos])}: sizes and limits are not measured yet"
    return "technical-writer", f"documentation of {', '.join(_services(report)) or report.destination}"


def _services(report: RunReport) -> list[str]:
    return [service.name for service in report.blueprint.services] if report.blueprint else []


def _handed_on(report: RunReport, failed: Sequence[str]) -> dict[str, Value]:
    return {
        "Completed": _completed(report),
        "Key decisions": _listed(_decisions(report)),
        "Gotchas": _listed([*(f"gate not held: {gate}" for gate in failed), *_gotchas(report)]),
        "Files": _files(report),
    }


def _complete(report: RunReport) -> dict[str, Value]:
    proved: dict[str, set[str]] = {}
    for proof in report.proofs:
        if proof.outcome == "proved":
            proved.setdefault(f"{proof.tool}: {proof.claim}", set()).update(proof.paths)
    return {
        "Phase objective": _short(report.task),
        "Implementation": _listed([_completed(report), *_decisions(report)]),
        "Quality gates": _listed([f"{claim} ({len(paths)} {'file' if len(paths) == 1 else 'files'})" for claim, paths in proved.items()]),
        "Files": _files(report),
    }


def _completed(report: RunReport) -> str:
    made = ", ".join(dict.fromkeys(artifact.target.replace("_", " ") for artifact in report.artifacts))
    done = {"delivered": "delivered", "planned": "planned, not written", "nothing_to_do": "nothing to do", "refused": "refused"}[report.status]
    what = f" for {', '.join(_services(report))}" if _services(report) else ""
    proved = sum(proof.outcome == "proved" for proof in report.proofs)
    return f"{_short(report.task)}: {done}{f', {made}{what}; {proved} proofs accepted' if made else ''}"


def _decisions(report: RunReport) -> list[str]:
    """What this run settled by itself, each with its reason: the defaults, which somebody may want otherwise."""
    origins: Mapping[str, tuple[Origin, ...]] = report.blueprint.origins if report.blueprint else {}
    nodes = sorted(origins, key=lambda node: (_rank(node), node))
    ranked = [node for node in nodes if _rank(node) < len(_RANK)]
    chosen = [(node, origin.text) for node in ranked for origin in origins[node] if origin.kind == "default"]
    named = [f"{node.partition('.')[2].replace('.', ' ') or node}: {text.removeprefix(f'{node}: ')}" for node, text in chosen]
    return list(dict.fromkeys(named))


_RANK = ("strategy", "scaling", "environments", "replicas", "probe", "registry", "host", "runtime_version")
"""Nodes that somebody may want otherwise, those that matter most first."""


def _rank(node: str) -> int:
    last = node.rpartition(".")[2]
    return _RANK.index(last) if last in _RANK else len(_RANK)


def _gotchas(report: RunReport) -> list[str]:
    kept = [
        f"{change.path} was left as it is: ours lies at {change.written}" for change in report.changes if change.change in ("conflict", "foreign")
    ]
    return [*kept, *report.open_points]


def _refutations(report: RunReport) -> list[str]:
    found = [finding for proof in report.proofs if proof.outcome == "refuted" for finding in proof.findings]
    told = [f"{item.path or ''}{f':{item.line}' if item.line else ''} {item.rule}: {item.message}".strip() for item in (*found, *report.findings)]
    return told or ["a check refused what would have been delivered"]


def _files(report: RunReport) -> tuple[str, ...]:
    paths = [change.written for change in report.changes if change.written] if report.status == "delivered" else []
    return _listed(paths, short=False) or ("none",)


def _listed(texts: Sequence[str], *, short: bool = True) -> tuple[str, ...]:
    """The first of them, and how many more there are."""
    shown = [_short(text) if short else text for text in texts[:MOST]]
    return tuple(shown) if len(texts) <= MOST else (*shown, f"and {len(texts) - MOST} more")


def _short(text: str, limit: int = 240) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
