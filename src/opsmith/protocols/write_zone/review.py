"""The acceptance checklist: the ten items of the self-review, each criterion of the task, and the seven items before output.

An item is ticked only where the run shows it. What is not ticked says why, and what a person does about it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from opsmith.model.report import RunReport
from opsmith.protocols import acceptance
from opsmith.protocols.acceptance import Shown
from opsmith.protocols.hive_mind import view
from opsmith.protocols.markdown import one_line
from opsmith.protocols.write_zone.scope import HandOver
from opsmith.protocols.write_zone.task import Task
from opsmith.redaction import redacted

MOST = 300
"""So many criteria are judged; a task with more is several tasks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a checklist."""

    text: str
    passed: bool
    reason: str = ""
    mitigation: str = ""
    shown_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """`ours` are the ten items, `criteria` the task's own, `checklist` the seven."""

    ours: tuple[Item, ...]
    criteria: tuple[Item, ...]
    checklist: tuple[Item, ...]

    @property
    def rate(self) -> float:
        """Share of the task's criteria that are shown; 1 where it has none."""
        return sum(item.passed for item in self.criteria) / len(self.criteria) if self.criteria else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an item may look at. `clean`: the secret scan looked and found nothing. `well_formed`: the document keeps its format."""

    task: Task
    report: RunReport
    hand_overs: tuple[HandOver, ...]
    clean: bool
    well_formed: bool
    zone_written: bool
    criteria: tuple[Item, ...]


def criteria(task: Task, report: RunReport, hand_overs: Sequence[HandOver]) -> tuple[Item, ...]:
    """Each criterion of the task, judged by what the run proved."""
    to = {item.words: item.agent for item in hand_overs}
    judged = [_criterion(box.text, report, to.get(box.text, "")) for box in task.criteria[:MOST]]
    rest = [
        Item(text=one_line(box.text), passed=False, reason=f"not judged, the task has more than {MOST} criteria", mitigation="split the task")
        for box in task.criteria[MOST:]
    ]
    return (*judged, *rest)


def _criterion(text: str, report: RunReport, agent: str) -> Item:
    answer = acceptance.judge(text, report)
    return _item(text.replace("**", ""), answer, f"hand over to {agent}" if agent else "")


def _item(text: str, answer: Shown, instead: str = "") -> Item:
    told = one_line(redacted(text), 300)
    if answer.state == "shown":
        return Item(text=told, passed=True, shown_by=answer.told)
    reason = answer.told if answer.state == "not_shown" or answer.told.startswith(("could not", "nobody")) else f"could not check: {answer.told}"
    return Item(text=told, passed=False, reason=one_line(redacted(reason), 300), mitigation=one_line(instead or answer.mitigation, 300))


def reviewed(facts: Facts) -> Review:
    return Review(
        ours=tuple(_judged(text, judge, facts) for text, judge in _OURS),
        criteria=facts.criteria,
        checklist=tuple(_judged(text, judge, facts) for text, judge in _CHECKLIST),
    )


def _judged(text: str, judge: Callable[[Facts], Shown], facts: Facts) -> Item:
    return _item(text, judge(facts))


def _yes(told: str) -> Shown:
    return Shown(state="shown", told=told)


def _no(told: str, mitigation: str) -> Shown:
    return Shown(state="not_shown", told=told, mitigation=mitigation)


# -- the items ---------------------------------------------------------------------------------------------------------------------------


def _requirements(facts: Facts) -> Shown:
    open_ = [item for item in facts.criteria if not item.passed]
    if facts.report.status in ("refused", "nothing_to_do") or not facts.report.artifacts:
        return _no("nothing was delivered", "see section 5, then run again")
    if open_:
        return _no(f"{len(open_)} of {len(facts.criteria)} criteria not shown", "each of them says below what to do")
    if facts.report.intent.not_understood:
        return _no(f'"{one_line(facts.report.intent.not_understood[0], 80)}" was not understood', "reword it in task.md")
    return _yes(f"{len(facts.criteria)} of {len(facts.criteria)} criteria shown")


def _practices(facts: Facts) -> Shown:
    refuted = view.proofs(facts.report, "refuted")
    if refuted or not view.proofs(facts.report, "proved"):
        return _no(
            f"{refuted[0].tool} refuted {refuted[0].paths[0]}" if refuted else "no tool has accepted anything", "see section 5, then run again"
        )
    return _yes(f"accepted by {view.listed(dict.fromkeys(proof.tool for proof in view.proofs(facts.report, 'proved')))}")


def _tests(facts: Facts) -> Shown:
    unknown = view.proofs(facts.report, "could_not_check")
    refuted = view.proofs(facts.report, "refuted")
    if refuted:
        return _no(f"{refuted[0].tool} refuted {refuted[0].paths[0]}", "see section 5, then run again")
    if unknown:
        tools = view.listed(dict.fromkeys(proof.tool for proof in unknown))
        return Shown(state="unchecked", told=f"could not check with {tools}", mitigation="opsmith tools says how to get them")
    if not view.proofs(facts.report, "proved"):
        return _no("nothing was tested", "run again without --prove none")
    return _yes(f"{len(view.proofs(facts.report, 'proved'))} validations passed")


def _documented(facts: Facts) -> Shown:
    return _yes("sections 1 to 6") if facts.report.artifacts else _no("there is nothing to document", "see section 1")


def _clean(facts: Facts) -> Shown:
    if facts.clean:
        return _yes("secret scan")
    return Shown(state="unchecked", told="could not check with gitleaks", mitigation="get gitleaks and run again")


def _integration(facts: Facts) -> Shown:
    return _yes("section 6") if facts.report.blueprint else _no("no system was planned", "see section 1")


def _errors(facts: Facts) -> Shown:
    bare = [service.name for service in view.served(facts.report) if service.probe is None or service.probe.kind == "tcp"]
    if not facts.report.blueprint:
        return _no("no system was planned", "see section 1")
    if bare:
        return _no(
            f"{view.listed(bare)} answers no health question, so only a lost connection is noticed",
            "add a health route, or set health_path in opsmith.yaml",
        )
    return _yes("every service that listens is asked for its health and restarted")


def _performance(facts: Facts) -> Shown:
    services = view.services(facts.report)
    slo, scale = facts.report.intent.slo, facts.report.intent.scale
    if not services:
        return _no("no service was planned", "see section 1")
    if slo.latency_ms is not None or scale.concurrent_users or scale.requests_per_second:
        return Shown(
            state="unchecked", told="could not check the load that the task names: nothing was loaded", mitigation="hand over to QC Automation Expert"
        )
    return _yes("requests and limits of every service, in section 6")


def _optimized(facts: Facts) -> Shown:
    """What this agent can make fast: builds that keep their caches. What the services do under load nobody has measured."""
    plain = [item.path for item in facts.report.artifacts if item.path.rpartition("/")[2].startswith("Dockerfile") and "type=cache" not in item.text]
    if plain:
        return _no(f"{plain[0]} keeps no build cache", "see whether the build downloads anything that a cache mount would keep")
    return _performance(facts)


def _zone(facts: Facts) -> Shown:
    return _yes("session context") if facts.zone_written else _no("the session context could not be written", "ls -l .claude/tasks, then run again")


def _format(facts: Facts) -> Shown:
    return _yes("format-lint") if facts.well_formed else _no("format-lint objects", "see the validation report")


def _mapping(facts: Facts) -> Shown:
    return _yes("section 2") if facts.report.artifacts else _no("there are no deliverables", "see section 1")


def _schemas(facts: Facts) -> Shown:
    tools = {proof.tool for proof in view.proofs(facts.report, "proved")} & {
        "check-jsonschema",
        "kubernetes-validate",
        "actionlint",
        "hadolint",
        "docker-compose",
    }
    return _yes(view.listed(sorted(tools))) if tools else _no("no schema was asked", "run again without --prove none")


def _safe(facts: Facts) -> Shown:
    roots = [service.name for service in view.services(facts.report) if service.user == 0]
    return _no(f"{view.listed(roots)} runs as root", "set a user in opsmith.yaml") if roots else _clean(facts)


def _minimal(facts: Facts) -> Shown:
    beside = [change.path for change in facts.report.changes if change.change in ("foreign", "conflict")]
    return _yes(f"{len(beside)} files of others were left alone" if beside else "only files of this task")


def _production(facts: Facts) -> Shown:
    if facts.report.open_points:
        count = len(facts.report.open_points)
        return _no(f"{count} points are open" if count > 1 else "1 point is open", "see section 6")
    return _practices(facts)


_OURS: tuple[tuple[str, Callable[[Facts], Shown]], ...] = (
    ("All deliverables meet requirements from task.md", _requirements),
    ("Code follows best practices for this domain", _practices),
    ("Tests are included and passing", _tests),
    ("Documentation is clear and complete", _documented),
    ("No secrets or sensitive data in output", _clean),
    ("Integration points are clearly documented", _integration),
    ("Error handling is robust", _errors),
    ("Performance considerations addressed", _performance),
    ("Write Zone updated with summary", _zone),
    ("Output follows specified format", _format),
)
_CHECKLIST: tuple[tuple[str, Callable[[Facts], Shown]], ...] = (
    ("Requirements → Deliverables mapping is explicit", _mapping),
    ("All code uses proper types/schemas", _schemas),
    ("Security: no secrets, safe defaults documented", _safe),
    ("Performance: major operations are optimized", _optimized),
    ("Tests cover critical paths", _tests),
    ("Minimal diff discipline maintained", _minimal),
    ("All outputs are production-ready", _production),
)
