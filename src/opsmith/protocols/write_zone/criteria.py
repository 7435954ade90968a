"""Whether an acceptance criterion holds: shown by what this run proved, or not passed. What nobody could check has not passed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from opsmith.model.proof import Proof
from opsmith.model.report import RunReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`shown` is the proof of a pass. Otherwise `reason` says why it did not pass, `mitigation` what closes it."""

    text: str
    passed: bool
    shown: str = ""
    reason: str = ""
    mitigation: str = ""

    @property
    def line(self) -> str:
        if self.passed:
            return f"- [x] PASS - {self.text} ({self.shown})"
        return f"- [ ] FAIL - {self.text} (Reason: {self.reason}, Mitigation: {self.mitigation})"


def judged(criteria: Sequence[str], report: RunReport) -> tuple[Judged, ...]:
    return tuple(_judged(text, report) for text in criteria)


_NOTHING = "nothing that this run proved shows it"
_BY_HAND = "a person checks it before release"


def _judged(text: str, report: RunReport) -> Judged:
    about = next((judge for pattern, judge in JUDGES if pattern.search(text)), None)
    if about is None or report.blueprint is None:
        return Judged(text=text, passed=False, reason=_NOTHING, mitigation=_BY_HAND)
    return about(text, report)


def _by_target(*names: str) -> Callable[[str, RunReport], Judged]:
    """Passed when files of these targets are there and every tool that looked at them accepted them."""

    def judge(text: str, report: RunReport) -> Judged:
        paths = {artifact.path for artifact in report.artifacts if artifact.target in names}
        if not paths:
            return Judged(text=text, passed=False, reason=f"no {' or '.join(names)} was delivered", mitigation="name it in the task")
        return _measured(text) or _by_proofs(text, [proof for proof in report.proofs if paths & set(proof.paths)], f"{len(paths)} files")

    return judge


def _measured(text: str) -> Judged | None:
    """A criterion with a number of its own wants a measurement, which no file shows."""
    if re.search(r"\d+\s*(?:%|ms|s\b|sec|min|hour|mb|gb|mib|gib|rps|req)|[<>≤≥]\s*\d", text, re.IGNORECASE):
        return Judged(text=text, passed=False, reason="it wants a measurement, and nothing was measured", mitigation="measure it on a running system")
    return None


def _by_proofs(text: str, proofs: Sequence[Proof], what: str) -> Judged:
    refuted = [proof for proof in proofs if proof.outcome == "refuted"]
    unchecked = [proof for proof in proofs if proof.outcome == "could_not_check"]
    if refuted:
        return Judged(text=text, passed=False, reason=f"{refuted[0].tool} refused {refuted[0].paths[0]}", mitigation="mend what it says")
    if unchecked:
        got = unchecked[0].how_to_get or "opsmith tools"
        return Judged(text=text, passed=False, reason=f"{unchecked[0].tool} could not check it: {unchecked[0].reason}", mitigation=got)
    if not proofs:
        return Judged(text=text, passed=False, reason="no tool looked at it", mitigation="opsmith tools")
    return Judged(text=text, passed=True, shown=f"{what} accepted by {', '.join(dict.fromkeys(proof.tool for proof in proofs))}")


def _without_gap(text: str, report: RunReport) -> Judged:
    blueprint = report.blueprint
    facing = [service for service in blueprint.services if service.port] if blueprint else []
    if not facing or blueprint is None or "kubernetes" not in blueprint.targets:
        return Judged(text=text, passed=False, reason="nothing that serves was delivered for Kubernetes", mitigation="name Kubernetes in the task")
    alone = [service.name for service in facing if service.replicas < 2 or service.singleton]
    if blueprint.strategy != "rolling" or alone:
        return Judged(
            text=text, passed=False, reason=f"one replica only: {', '.join(alone) or 'recreated'}", mitigation="set replicas in opsmith.yaml"
        )
    manifests = {artifact.path for artifact in report.artifacts if artifact.target == "kubernetes"}
    proved = _by_proofs(
        text, [proof for proof in report.proofs if manifests & set(proof.paths)], "rolling update, maxUnavailable 0, 2 replicas or more"
    )
    return _measured(text) or proved


def _probed(text: str, report: RunReport) -> Judged:
    services = [service for service in report.blueprint.services if service.port] if report.blueprint else []
    blind = [service.name for service in services if service.probe is None or service.probe.kind == "tcp"]
    if not services or blind:
        why = f"no health path is known of {', '.join(blind)}" if blind else "nothing that serves was delivered"
        return Judged(text=text, passed=False, reason=why, mitigation="set components.NAME.health_path in opsmith.yaml")
    shown = ", ".join(f"{service.name} {service.probe.path or service.probe.kind}" for service in services if service.probe)
    return Judged(text=text, passed=True, shown=shown)


def _by_tool(*tools: str) -> Callable[[str, RunReport], Judged]:
    def judge(text: str, report: RunReport) -> Judged:
        return _measured(text) or _by_proofs(text, [proof for proof in report.proofs if proof.tool in tools], "what was delivered is")

    return judge


def _built(text: str, report: RunReport) -> Judged:
    proofs = [proof for proof in report.proofs if proof.tool in ("buildah", "podman", "docker")]
    if not proofs:
        return Judged(text=text, passed=False, reason="no image was built in this run", mitigation="opsmith run TASK --prove build")
    return _measured(text) or _by_proofs(text, proofs, "the images are")


def _without_secrets(text: str, report: RunReport) -> Judged:
    if re.search(r"\b(?:repository|repo|code|history|source)\b", text, re.IGNORECASE):
        return Judged(text=text, passed=False, reason="only what was delivered was scanned", mitigation="gitleaks git .")
    return _by_tool("gitleaks")(text, report)


def _pipeline(text: str, report: RunReport) -> Judged:
    flow = report.blueprint.pipeline if report.blueprint else None
    tested = [test for test in flow.tests if test.test_command] if flow else []
    if re.search(r"\btest", text, re.IGNORECASE) and flow and not tested:
        return Judged(text=text, passed=False, reason="the repository has no tests that a pipeline could run", mitigation="write tests")
    return _by_target("github_actions")(text, report)


JUDGES: tuple[tuple[re.Pattern[str], Callable[[str, RunReport], Judged]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), judge)
    for pattern, judge in (
        (r"\b(?:no|without|zero) (?:secrets?|credentials?|tokens?|passwords?)\b|secrets? .*(?:not|never)\b", _without_secrets),
        (r"\bbuilds?\b|\bbuilt\b", _built),
        (r"\b(?:zero|no|without)[ -]?downtime\b|rolling (?:update|deploy)", _without_gap),
        (r"\bhealth[ -]?(?:check|path|endpoint)|\breadiness\b|\bliveness\b|\bprobes?\b", _probed),
        (r"\bnon[- ]?root\b|\bsecurity context|\bmisconfigur", _by_tool("trivy", "checkov")),
        (r"\bhelm\b|\bchart\b", _by_target("helm")),
        (r"\bkustomize\b|\boverlays?\b", _by_target("kustomize")),
        (r"\bcompose\b", _by_target("compose")),
        (r"\b(?:ci/?cd|ci|pipeline|github actions|workflow)\b", _pipeline),
        (r"\b(?:alerts?|prometheus|monitor\w*|slos?)\b", _by_target("prometheus")),
        (r"\brunbooks?\b", _by_target("runbooks")),
        (r"\b(?:kubernetes|k8s|manifests?|deployment)\b", _by_target("kubernetes")),
        (r"\b(?:docker\w*|container\w*|image)\b", _by_target("docker")),
    )
)
"""What a criterion is about, the narrower subjects first, and how it is shown."""
