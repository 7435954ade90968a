"""work.md: seven sections, with every deliverable complete in it. What comes from the task or the repository stays on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Secret
from opsmith.model.report import RunReport
from opsmith.protocols.decisions import decisions
from opsmith.protocols.hive_mind import view
from opsmith.protocols.markdown import Document, fenced, language, one_line
from opsmith.protocols.write_zone.review import Item, Review
from opsmith.protocols.write_zone.scope import HandOver
from opsmith.protocols.write_zone.scorecard import Scorecard
from opsmith.protocols.write_zone.secrets import masked
from opsmith.protocols.write_zone.task import Task
from opsmith.redaction import redacted

SECTIONS = ("Summary & Intent", "Deliverables", "Implementation Details", "Usage Examples", "Testing", "Integration Notes", "Acceptance Checklist")
ENV_EXAMPLE = ".env.example"
_OUTCOMES = {"proved": "proved", "refuted": "REFUTED", "could_not_check": "could not check"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the document tells. `previous` is the work.md that was read before; `beside`: the files are written beside it."""

    task: Task
    report: RunReport
    review: Review
    hand_overs: tuple[HandOver, ...]
    scorecard: Scorecard | None
    previous: str | None
    beside: bool
    notes: tuple[str, ...] = ()


def work(content: Content) -> str:
    bodies = (_summary, _deliverables, _implementation, _usage, _testing, _integration, _acceptance)
    sections = [
        [f"### {number}. {title}", "", *body(content), ""] for number, (title, body) in enumerate(zip(SECTIONS, bodies, strict=True), start=1)
    ]
    rows = [f"# {_text(content.task.title, 160)}", "", "**Agent**: devops-architect", "", *(row for rows in sections for row in rows)]
    return "\n".join([*rows, *_scored(content.scorecard)]).rstrip("\n") + "\n"


def plain(text: str) -> str:
    """A title for places of our own."""
    return _text(text, 160)


def _text(text: str, limit: int = 400) -> str:
    """Words of somebody else: one line, no secret, and no HTML that a reader would run."""
    return one_line(masked(text), limit).replace("<", "&lt;")


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _items(rows: Iterable[str]) -> list[str]:
    return [f"- {row}" for row in rows]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [" | ".join(map(_cell, row)) for row in rows]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {line} |" for line in lines)] if lines else []


# -- 1 -----------------------------------------------------------------------------------------------------------------------------------


def _summary(content: Content) -> list[str]:
    report = content.report
    rows = [_headline(report), "", f"Intent: {_text(content.task.objective or content.task.title)}"]
    told = decisions(report)[:8]
    rows += ["", "Key decisions:", "", *_items(_text(item) for item in told)] if told else []
    open_ = list(_undecided(report))
    rows += ["", "Assumptions, each with the other choice and where to set it:", "", *_items(open_)] if open_ else []
    words = [f'"{_text(item, 120)}"' for item in report.intent.not_understood]
    return rows + (["", f"Not understood, so not done: {', '.join(words)}"] if words else [])


def _headline(report: RunReport) -> str:
    made, system = view.listed(name.replace("_", " ") for name in view.targets(report)), view.listed(item.name for item in view.services(report))
    match report.status:
        case "refused":
            return f"**Refused**: the proofs in section 5 object to what was drafted ({made} for {system}). Do not use the files below as they are."
        case "nothing_to_do":
            return "**Nothing delivered**: task.md asks for nothing that this agent does. Section 6 says whose work it is."
        case "planned" | "delivered":
            return f"Delivered: {made} for {system}, {len(report.artifacts)} files, each judged by the tools in section 5."


def _undecided(report: RunReport) -> Iterator[str]:
    for item in (*report.survey.ambiguities, *(found for component in report.survey.components for found in component.ambiguities)):
        choices = " or ".join(f"`{one_line(choice, 80)}`" for choice in item.choices) or "not certain"
        yield _text(f"{item.component}.{item.fact}: {choices}; {item.how_to_decide}")


# -- 2 and 3 -----------------------------------------------------------------------------------------------------------------------------


def _deliverables(content: Content) -> list[str]:
    report = content.report
    rows = _items(f"{name}: {told}" for name, told in _kinds(report))
    files = [(item.path, item.target.replace("_", " "), _state(content, item), _tools(report, item.path)) for item in report.artifacts]
    rows += ["", "Files:", "", *_table(("File", "Target", "State", "Accepted by"), files)] if files else []
    words = [(item.words, _paths(view.paths(report, str(item.value)))) for item in report.intent.understood if item.sets == "targets"]
    rows += ["", "Words of the task to deliverables:", "", *_table(("Words", "Files"), [row for row in words if row[1]])] if words else []
    wanted = [(item.text, "PASS" if item.passed else "FAIL", item.shown_by or item.reason) for item in content.review.criteria]  # fmt: skip
    return rows + (["", "Criteria of the task to what shows them:", "", *_table(("Criterion", "Shown", "By"), wanted)] if wanted else [])


def _kinds(report: RunReport) -> Iterator[tuple[str, str]]:
    """The seed's five kinds, each present or not applicable with the reason."""
    docs = [item.path for item in report.artifacts if item.path.endswith(".md")]
    told = (
        ("Dockerfile", [path for path in view.paths(report, "docker") if "Dockerfile" in path], "docker"),
        ("docker-compose.yml", [path for path in view.paths(report, "compose") if path.endswith((".yaml", ".yml"))], "compose"),
        ("K8s manifests", [path for path in view.paths(report, "kubernetes", "kustomize", "helm") if path not in docs], "kubernetes"),
        ("CI/CD pipeline", view.paths(report, *view.PIPELINES), "a pipeline"),
        ("Infrastructure docs", docs, "documentation"),
    )
    for name, paths, target in told:
        yield name, _paths(paths) if paths else f"not applicable: {_why_not(report, target)}"


def _why_not(report: RunReport, target: str) -> str:
    if report.status == "nothing_to_do":
        return "the task asks for nothing that this agent does"
    return f"the task excludes {target}" if target in report.intent.exclude else f"the task does not ask for {target}"


def _paths(paths: Sequence[str]) -> str:
    return ", ".join(f"`{path}`" for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def _state(content: Content, item: Artifact) -> str:
    change = next((change for change in content.report.changes if change.path == item.path), None)
    if not content.beside or content.report.status != "delivered" or change is None:
        return "in section 3"
    beside = {
        "foreign": f"beside yours, {change.written}",
        "conflict": f"beside yours, {change.written}" if change.written else "left away, as you removed it",
    }
    return beside.get(change.change, {"create": "written", "update": "updated", "merge": "merged with your edit"}.get(change.change, "unchanged"))


def _tools(report: RunReport, path: str) -> str:
    return view.listed(dict.fromkeys(proof.tool for proof in view.proofs(report, "proved") if path in proof.paths)) or "no tool"


def _implementation(content: Content) -> list[str]:
    blocks = [[f"#### `{item.path}`", "", *fenced(item.text, language(item.path)), ""] for item in content.report.artifacts]
    if example := env_example(content.report):
        blocks.append([f"#### `{ENV_EXAMPLE}`", "", "Placeholders only; values are set by a person.", "", *fenced(example, "dotenv"), ""])
    return [row for block in blocks for row in block][:-1] or ["No file was made."]


def env_example(report: RunReport) -> str:
    """The variables of the services with placeholders, where the delivery holds no such file itself; empty where there is nothing to set."""
    if any(item.path.rpartition("/")[2] == ENV_EXAMPLE for item in report.artifacts):
        return ""
    names: dict[str, str] = {}
    for service in view.services(report):
        for variable in service.variables:
            literal = variable.kind == "literal" and variable.value is not None
            names.setdefault(variable.name, redacted(variable.value or "") if literal else f"YOUR_{variable.name}_HERE")
    return "".join(f"{name}={value}\n" for name, value in sorted(names.items()))


# -- 4 and 5 -----------------------------------------------------------------------------------------------------------------------------


def _usage(content: Content) -> list[str]:
    report, commands = content.report, list[tuple[str, list[str]]]()
    if report.blueprint and view.paths(report, "docker"):
        built = [f"docker build --file {item.dockerfile} --tag {item.reference} {item.context or '.'}" for item in report.blueprint.builds]
        commands.append(("Build the images:", built))
    if compose := next((path for path in view.paths(report, "compose") if path.endswith((".yaml", ".yml"))), ""):
        first = [f"cp {ENV_EXAMPLE} .env   # then fill it in"] if any(item.path == ENV_EXAMPLE for item in report.artifacts) else []
        commands.append(("Start everything on one machine:", [*first, f"docker compose --file {compose} up --build --wait"]))
    if base := next((path.rpartition("/")[0] for path in view.paths(report, "kubernetes") if path.endswith("kustomization.yaml")), ""):
        commands.append(("Look at the manifests, then apply them:", [f"kubectl diff -k {base}", f"kubectl apply -k {base}"]))
    if tests := [path for path in view.paths(report, "prometheus") if ".test." in path]:
        commands.append(("Test the alert rules:", [f"promtool test rules {path}" for path in tests]))
    save = [] if content.beside else ["The files stand in section 3. To have them written where they belong: `opsmith architect run --write`.", ""]
    rows = [row for title, lines in commands for row in (title, "", *fenced("\n".join(lines), "bash"), "")]
    return [*save, *rows][:-1] or ["Nothing was made that could be used."]


def _testing(content: Content) -> list[str]:
    report = content.report
    proofs = [
        (f"{item.tool} {item.version or ''}".strip(), item.claim, _OUTCOMES[item.outcome], _files(item.paths), item.reason) for item in report.proofs
    ]
    findings = [*(found for item in view.proofs(report, "refuted") for found in item.findings), *report.findings]
    objections = [f"{found.rule}: {found.path or ''}:{found.line or 1}: {found.message}" for found in findings]
    covered = {path for item in view.proofs(report, "proved") for path in item.paths} & {item.path for item in report.artifacts}
    rows = [f"Coverage: {len(covered)} of {len(report.artifacts)} files are accepted by at least one tool.", ""]
    rows += _table(("Tool", "Says", "Outcome", "Of", "Because"), proofs) or ["No tool was asked, so nothing is proved by one."]
    rows += ["", "Objections:", "", *_items(map(_text, objections))] if objections else []
    return [*rows, "", "Verify again:", "", *fenced("opsmith verify\nopsmith architect run", "bash")]


def _files(paths: Sequence[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{len(paths)} files"


# -- 6 and 7 -----------------------------------------------------------------------------------------------------------------------------


def _integration(content: Content) -> list[str]:
    report = content.report
    rows = _table(("Service", "Reached at", "Health", "Uses", "Replicas", "Limits"), _services(report))
    rows += _block(_text(line) for line in _backings(report))
    rows += _block(f"secret `{item.name}` with {_paths(item.keys)}: values are set by a person, never delivered" for item in _secrets(report))
    others = [f"{_text(item.words)} → {item.agent}" for item in content.hand_overs]
    rows += _block(dict.fromkeys(others), "Not done here, handed over:")
    rows += _block(map(_text, report.open_points), "Open, for a person to decide or fill in:")
    rows += _block(map(_text, content.notes), "About the blackboard:")
    rows += ["", _before(content.previous)] if content.previous and content.previous.strip() else []
    return rows or ["Nothing was made that touches other components."]


def _block(rows: Iterable[str], title: str = "") -> list[str]:
    """A list after a blank line, with its title; nothing where it has no rows."""
    found = _items(rows)
    return ["", *([title, ""] if title else []), *found] if found else []


def _backings(report: RunReport) -> Iterator[str]:
    for item in report.blueprint.backings if report.blueprint else ():
        where = "in the cluster" if item.placement == "in_cluster" else "elsewhere"
        yield f"{item.name}: {item.kind} {item.version or ''}".rstrip() + f" on port {item.port}, {where}"


def _secrets(report: RunReport) -> tuple[Secret, ...]:
    return report.blueprint.secrets if report.blueprint else ()


def _services(report: RunReport) -> list[Sequence[str]]:
    return [
        (item.name, view.address(item), view.health(item), view.listed((*item.needs, *item.calls)) or "nothing", str(item.replicas),
         f"{item.resources.cpu_limit} CPU, {item.resources.memory_limit}")
        for item in view.services(report)
    ]  # fmt: skip


def _before(previous: str) -> str:
    """What the work.md held that this one replaces; it was read first."""
    document = Document(previous)
    title = document.headings[0].text if document.headings else "without a heading"
    size = f"{len(document.lines)} lines, {len(document.headings)} headings"
    return f'Before this run, work.md held "{_text(title, 120)}" ({size}); it was read and is replaced.'


def _acceptance(content: Content) -> list[str]:
    review = content.review
    rows = ["## Acceptance Criteria (Self-Review)", "", *map(_ticked, review.ours)]
    rows += ["", "Criteria of task.md:", "", *map(marked, review.criteria)] if review.criteria else ["", "task.md names no criteria."]
    return [*rows, "", "## Self-Checklist (Quality Gate)", "", *map(_ticked, review.checklist)]


def _ticked(item: Item) -> str:
    return f"- [x] {item.text}" if item.passed else f"- [ ] {item.text} ({_because(item)})"


def marked(item: Item) -> str:
    return f"- [x] PASS - {_text(item.text)}" if item.passed else f"- [ ] FAIL - {_text(item.text)} ({_because(item)})"


def _because(item: Item) -> str:
    return f"Reason: {_text(item.reason)}, Mitigation: {_text(item.mitigation)}"


def _scored(scorecard: Scorecard | None) -> list[str]:
    if scorecard is None:
        return []
    return ["## Scorecard", "", *map(marked, scorecard.items), "", f"**Overall**: {scorecard.overall}"]


def outline(text: str) -> list[str]:
    """The titles of the seven sections that `text` has, in its order; level 2 or 3, with or without a number."""
    known = {title.casefold(): title for title in SECTIONS}
    titles = (re.sub(r"^\d+[.)]?\s+", "", item.text).casefold() for item in Document(text).headings if item.level in (2, 3))
    return [known[title] for title in titles if title in known]


def file_at(text: str, line: int | None) -> str:
    """The delivered file in whose block of section 3 `line` (from 1) stands; empty where it is in none."""
    above = reversed(text.split("\n")[: line or 0])
    heading = next((row for row in above if row.startswith(("#### `", "### "))), "")
    return heading.removeprefix("#### `").rstrip("`") if heading.startswith("#### `") else ""
