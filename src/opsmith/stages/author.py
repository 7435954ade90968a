"""Author: files that a planner wrote for what no target covers. One is delivered only when a tool that knows its kind has proved it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from opsmith.model.artifact import Artifact, LineOrigin
from opsmith.model.blueprint import Blueprint, Origin
from opsmith.model.finding import Finding
from opsmith.model.proof import Proof
from opsmith.model.proposal import Draft, Made
from opsmith.redaction import redacted
from opsmith.settings.forms import FOREIGN
from opsmith.stages.delivery.places import is_plain
from opsmith.stages.repair import got_worse

MAX_FILES = 20
MAX_CHARACTERS = 64 * 1024
FORM_ONLY = frozenset(("yamllint", "gitleaks"))
"""They say that a file is well written, or harmless; not that it does what it is for."""
PIPELINES = {".gitlab-ci.yml": "gitlab_ci", ".circleci/config.yml": "circleci"}
"""Hidden files that a model may write, each only for what it is the form of."""
OBEYED = frozenset(("opsmith.yaml", "opsmith.yml", "claude.md", "agents.md", "gemini.md"))
"""What opsmith and other agents take orders from. The other such files are hidden ones."""

Judge = Callable[[Blueprint, tuple[Artifact, ...]], Made]


def authored(
    made: Made, drafts: Sequence[Draft], uncovered: Collection[str], lies_at: Callable[[str], bool], judge: Judge
) -> tuple[Made, tuple[str, ...]]:
    """`made` with the files that are proved, and a note for each that is not.

    `lies_at` tells what the repository holds: a file that is there is replaced only where that was agreed to.
    """
    fit, notes = _fit(made, drafts, uncovered, lies_at)
    if not fit:
        return made, notes
    alone, unproved = _proved(made.blueprint, fit, judge)
    if not alone:
        return made, (*notes, *unproved)
    after = _with(made, alone, judge)
    worse = got_worse(made, after)
    if worse:
        return made, (*notes, *unproved, f"the model's files were left out, because with them {worse}")
    return after, (*notes, *unproved)


def _fit(made: Made, drafts: Sequence[Draft], uncovered: Collection[str], lies_at: Callable[[str], bool]) -> tuple[list[Draft], tuple[str, ...]]:
    taken = {artifact.path for artifact in made.artifacts}
    fit: list[Draft] = []
    notes: list[str] = []
    for item in drafts[:MAX_FILES]:
        why_not = _unfit(item, taken, uncovered, lies_at)
        if why_not:
            notes.append(f"the model wrote {item.path[:120]!r}, which is left out: {why_not}")
        else:
            taken.add(item.path)
            fit.append(item)
    return fit, tuple(notes)


def _unfit(item: Draft, taken: Collection[str], uncovered: Collection[str], lies_at: Callable[[str], bool]) -> str:
    parts = item.path.split("/")
    if not is_plain(item.path) or "\\" in item.path:
        return "it is no path inside the destination"
    if PIPELINES.get(item.path) != item.covers and (any(part.startswith(".") for part in parts) or parts[-1].lower() in OBEYED):
        return "other programs would obey it without being asked"
    if item.path in taken or any("/".join(parts[:depth]) in taken for depth in range(1, len(parts))):
        return "the path is taken already"
    if item.covers not in uncovered:
        return f"the task does not ask for {item.covers[:40]!r}"
    if not item.text.strip() or len(item.text) > MAX_CHARACTERS:
        return f"it is empty or longer than {MAX_CHARACTERS} characters"
    if FOREIGN.search(item.text.translate(dict.fromkeys(b"\n\t"))):
        return "it holds characters that nobody can see"
    if redacted(item.text) != item.text:
        return "something in it may be a secret"
    if lies_at(item.path) and not item.replaces:
        return "a file of yours is there, and nobody agreed that it is replaced"
    return ""


def _proved(blueprint: Blueprint, fit: Sequence[Draft], judge: Judge) -> tuple[list[Draft], tuple[str, ...]]:
    """Those that a tool proved and none refuted, judged without the other files, so that each stands on its own feet."""
    judged = judge(blueprint, tuple(_artifact(item) for item in fit))
    good: list[Draft] = []
    notes: list[str] = []
    for item in fit:
        objections = list(_objections(item.path, judged.proofs, judged.findings))
        knowing = [one.tool for one in judged.proofs if one.outcome == "proved" and item.path in one.paths and one.tool not in FORM_ONLY]
        if objections:
            notes.append(f"{item.covers}: the model wrote {item.path}, which is left out: {objections[0]}")
        elif not knowing:
            notes.append(f"{item.covers}: the model wrote {item.path}, which is left out: no tool here could prove it")
        else:
            good.append(item)
    return good, tuple(notes)


def _objections(path: str, proofs: Sequence[Proof], findings: Sequence[Finding]) -> Iterator[str]:
    for proof in proofs:
        if proof.outcome == "refuted" and path in proof.paths:
            said = next((one.message for one in proof.findings if one.path == path), proof.reason)
            yield f"{proof.tool} objects: {said[:200]}"
    for finding in findings:
        if finding.path == path and finding.severity in ("critical", "high"):
            yield f"{finding.rule}: {finding.message[:200]}"


def _with(made: Made, drafts: Sequence[Draft], judge: Judge) -> Made:
    origins = {
        f"authored.{item.path}": (Origin(kind="model", text=f"{' '.join(item.reason.split())[:200]} (written by a model)"),) for item in drafts
    }
    done = {item.covers for item in drafts}
    still = tuple(point for point in made.blueprint.open_points if not any(point.endswith(f"delivers no {name} yet") for name in done))
    blueprint = replace(made.blueprint, origins={**made.blueprint.origins, **origins}, open_points=still)
    after = judge(blueprint, (*made.artifacts, *(_artifact(item) for item in drafts)))
    return replace(after, agreed=made.agreed | {item.path for item in drafts if item.replaces})


def _artifact(item: Draft) -> Artifact:
    text = item.text if item.text.endswith("\n") else f"{item.text}\n"
    return Artifact(
        path=item.path,
        text=text,
        target=item.covers,
        origins=(LineOrigin(first=1, last=text.count("\n"), node=f"authored.{item.path}"),),
        executable=text.startswith("#!"),
    )
