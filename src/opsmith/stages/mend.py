"""Mend: edits that a planner proposes for what the safe mends left. Kept only when every tool and check says that nothing got worse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from opsmith.model.artifact import Artifact, LineOrigin
from opsmith.model.blueprint import Blueprint, Origin
from opsmith.model.finding import SEVERITIES, Finding, Fix, Severity
from opsmith.model.proposal import Edit, Made
from opsmith.redaction import redacted
from opsmith.settings.forms import FOREIGN
from opsmith.shapes import table
from opsmith.stages.repair import got_worse, moved
from opsmith.yaml_safe import load_yaml

MAX_ROUNDS = 2
SUPPRESSIONS = re.compile(
    r"hadolint\s+ignore|shellcheck\s+disable|yamllint\s+disable|checkov[:.]\s*skip|trivy[:.]\s*ignore|tfsec:ignore|zizmor:\s*ignore|gitleaks:\s*allow"
    r"|kube-score/(?:ignore|skip)|actionlint.*ignore|nosec|noqa|promtool.*ignore|checkov\.io/skip|ignore-check\.",
    re.IGNORECASE,
)
"""What makes a tool look away mends nothing."""
INSTRUCTION = re.compile(r"^\s*(FROM|USER|HEALTHCHECK|COPY|RUN|CMD|ENTRYPOINT|EXPOSE|WORKDIR|STOPSIGNAL|LABEL)\b", re.MULTILINE)

Judge = Callable[[Blueprint, tuple[Artifact, ...]], Made]
Propose = Callable[[Sequence[Artifact], Sequence[Finding]], Sequence[Edit]]


def mended(made: Made, propose: Propose, judge: Judge) -> tuple[Made, tuple[str, ...]]:
    """At most `MAX_ROUNDS` times: ask for edits, apply each by itself, ask the tools again, keep or drop. Also what was dropped, with why."""
    notes: list[str] = []
    for _ in range(MAX_ROUNDS):
        open_ones = tuple(_about_ours(made))
        edits = propose(made.artifacts, open_ones) if open_ones else ()
        kept = made
        for edit in edits:
            kept, why_not = _tried(kept, edit, open_ones, judge)
            if why_not:
                notes.append(f"the model's mend of {edit.rule[:60]} in {edit.path[:120]} was dropped: {why_not}")
        if kept is made:
            break
        made = kept
    return made, tuple(notes)


def _about_ours(made: Made) -> Iterator[Finding]:
    """What is held against the artifacts and is more than advice."""
    paths = {artifact.path for artifact in made.artifacts}
    found = dict.fromkeys((*made.findings, *(one for proof in made.proofs for one in proof.findings)))
    yield from (one for one in found if one.path in paths and one.severity not in ("low", "info"))


def _tried(made: Made, edit: Edit, findings: Sequence[Finding], judge: Judge) -> tuple[Made, str]:
    aims = [one for one in findings if (one.rule, one.path) == (edit.rule, edit.path)]
    artifact = next((one for one in made.artifacts if one.path == edit.path), None)
    if artifact is None or not aims:
        return made, "there is no such finding"
    result = edited(artifact, edit)
    if isinstance(result, str):
        return made, result
    artifacts = tuple(result if one is artifact else one for one in made.artifacts)
    origin = Origin(kind="model", text=f"{' '.join(edit.reason.split())[:200]} (a model's mend of {edit.rule})")
    blueprint = replace(made.blueprint, origins={**made.blueprint.origins, f"mended.{edit.path}": (origin,)})
    after = replace(judge(blueprint, artifacts), agreed=made.agreed)
    worse = got_worse(made, after, bound=_bound(aims))
    if worse:
        return made, f"with it {worse}"
    if _count(after, edit) >= _count(made, edit):
        return made, "the finding is still there"
    return after, ""


def _bound(aims: Sequence[Finding]) -> Severity:
    """The milder of the worst that is mended and "medium": nothing at least as bad may come up."""
    worst = min((SEVERITIES.index(one.severity) for one in aims), default=SEVERITIES.index("medium"))
    return SEVERITIES[max(worst, SEVERITIES.index("medium"))]


def _count(made: Made, edit: Edit) -> int:
    return sum((one.rule, one.path) == (edit.rule, edit.path) for one in _about_ours(made))


def edited(artifact: Artifact, edit: Edit) -> Artifact | str:
    """The artifact with the edit, its origins moved along; or why it cannot have it. Pure."""
    text = artifact.text
    if not edit.search or text.count(edit.search) != 1:
        return "the text to replace does not stand there exactly once"
    after = text.replace(edit.search, edit.replace)
    if after == text:
        return "it changes nothing"
    if SUPPRESSIONS.search(edit.replace):
        return "it makes a tool look away"
    if (
        redacted(edit.replace) != edit.replace
        or FOREIGN.search(edit.replace.replace("\n", ""))
        or ("${{" in edit.replace and "${{" not in edit.search)
    ):
        return "it brings in something that may be a secret, an expression or a control character"
    if lost := _lost(artifact, after):
        return f"it takes away {lost}"
    first = text.count("\n", 0, text.index(edit.search)) + 1
    last = first + edit.search.rstrip("\n").count("\n")
    lines = edit.replace.rstrip("\n").count("\n") + 1 if edit.replace.strip("\n") else 0
    fix = Fix(first=first, last=last, text=edit.replace, safe=False, why=edit.reason)
    kept = tuple(shifted for origin in artifact.origins if (shifted := moved(origin, fix, lines)))
    mark = (LineOrigin(first=first, last=first + lines - 1, node=f"mended.{artifact.path}"),) if lines else ()
    return replace(artifact, text=after, origins=(*kept, *mark))


def _lost(artifact: Artifact, after: str) -> str:
    """A part of the file that a mend would take away with the objection to it; empty for none."""
    name = artifact.path.rpartition("/")[2]
    if name.startswith("Dockerfile") or name.endswith(".Dockerfile"):
        before, now = (INSTRUCTION.findall(text) for text in (artifact.text, after))
        return next((f"a {word} instruction" for word in before if now.count(word) < before.count(word)), "")
    if name.endswith((".yaml", ".yml")):
        return _lost_of_yaml(artifact.text, after)
    return "most of the file" if len(after) * 2 < len(artifact.text) else ""


def _lost_of_yaml(before: str, after: str) -> str:
    try:
        old, new = load_yaml(before), load_yaml(after)
    except (ValueError, RecursionError):
        return "the form of the file: it cannot be read any more"
    if len(new) < len(old):
        return "a document"
    missing = [place for one, other in zip(old, new, strict=False) for place in _names(one) if place not in set(_names(other))]
    return missing[0] if missing else ""


def _names(document: object, depth: int = 3, place: str = "") -> Iterator[str]:
    """The names down to the third level, and what a Kubernetes object is called."""
    for key, value in table(document).items() if depth else ():
        here = f"{place}.{key}" if place else str(key)
        yield f"{here}={value}" if here in ("kind", "metadata.name") else here
        yield from _names(value, depth - 1, here)
