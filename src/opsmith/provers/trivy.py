"""trivy config: insecure settings in Dockerfiles and manifests, by the rules that are built into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opsmith.model.finding import Finding, Severity
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "trivy"
TOOL = "trivy"
CLAIM = "trivy finds no misconfiguration of medium severity or more"

LEFT_OUT = {
    "KSV-0125": "wants images from a short list of clouds' own registries",
}
_SEVERITIES: Mapping[str, Severity] = {"CRITICAL": "critical", "HIGH": "high", "MEDIUM": "medium", "LOW": "low", "UNKNOWN": "info"}


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    """The whole tree at once: it takes a folder and finds in it what it knows."""
    paths = sorted({*kinds.selected(files, lambda path, _: kinds.is_dockerfile(path)), *kinds.manifests(files)})
    offline = ("--skip-check-update", "--skip-version-check", "--disable-telemetry")
    scanners = ("--misconfig-scanners", "dockerfile,kubernetes")
    command = Command(tool=TOOL, arguments=("config", *offline, *scanners, "--quiet", "--format", "json", "."), seconds=120)
    return [Question(command=command, paths=tuple(paths))] if paths else []


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code != 0 or not result.stdout.startswith("{"):
        return verdicts.unclear(result)
    seen = {entry["Target"]: entry for entry in verdicts.read_json(result.stdout).get("Results") or () if entry["Target"] in question.paths}
    verdict = verdicts.judged(_findings(seen))
    unseen = sorted(set(question.paths) - set(seen))
    return Verdict(outcome=verdict.outcome, findings=verdict.findings, unchecked=tuple(unseen), reason="it passed the file over" if unseen else "")


def _findings(seen: Mapping[str, Any]) -> Iterator[Finding]:
    for path, entry in seen.items():
        for found in entry.get("Misconfigurations") or ():
            if found["Status"] == "FAIL" and found["ID"] not in LEFT_OUT:
                yield Finding(
                    rule=f"trivy/{found['ID']}",
                    severity=_SEVERITIES.get(found["Severity"], "info"),
                    message=verdicts.short(f"{found['Title']}: {found['Message']}"),
                    path=path,
                    line=found.get("CauseMetadata", {}).get("StartLine"),
                )
