"""checkov: insecure settings in Dockerfiles and manifests, by the rules that are built into it.

It is not asked about workflows: its schema of them is older than today's (an expression in `cancel-in-progress` makes it leave out the whole
file), and zizmor asks more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "checkov"
TOOL = "checkov"
CLAIM = "checkov finds no misconfiguration (left aside: CKV_K8S_21, 35, 40, 43)"

LEFT_OUT = {
    "CKV_K8S_21": "a kustomization sets the namespace of all objects",
    "CKV_K8S_35": "secrets as variables are how twelve-factor applications read them",
    "CKV_K8S_40": "no standard asks for ids above 10000, and the images of databases do not have them",
    "CKV_K8S_43": "the digest of an image that the pipeline has yet to build cannot stand in a manifest",
}
REMARKS = {
    "CKV_DOCKER_2": "an image whose process has no port has nothing that a health check could ask",
    "CKV_K8S_8": "a worker without a port has nothing that a liveness probe could ask",
    "CKV_K8S_9": "nor anything that a readiness probe could hold back; kube-score asks for one wherever a Service leads to the pod",
}
"""Told, and refuting nothing."""
_SIZE = 60
"""Files for one question: what it prints of them stays within what is read. It takes seconds to start, so kinds are not asked about apart.

Those of a folder stay together: a pod is judged by the network policy beside it.
"""


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    manifests = frozenset(kinds.manifests(files))
    paths = tuple(path for path in sorted(files) if path in manifests or _framework(path) != "kubernetes")
    return [_question(batch) for batch in verdicts.batches_by_folder(paths, _SIZE)]


def _framework(path: str) -> str:
    """What checkov calls the kind of a file that it is asked about."""
    return "dockerfile" if kinds.is_dockerfile(path) else "kubernetes"


def _question(paths: tuple[str, ...]) -> Question:
    named = tuple(part for path in paths for part in ("-f", path))
    frameworks = ("--framework", *sorted({_framework(path) for path in paths}))
    options = ("--skip-check", ",".join(LEFT_OUT), "--compact", "--quiet", "--skip-download", "--output", "json")
    return Question(command=Command(tool=TOOL, arguments=(*named, *frameworks, *options), seconds=180), paths=paths)


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code not in (0, 1) or not result.stdout.lstrip().startswith(("{", "[")):
        return verdicts.unclear(result)
    answer = verdicts.read_json(result.stdout)
    reports = {report["check_type"]: report for report in kinds.listed(answer) or [answer] if "check_type" in report}
    verdict = verdicts.agreed(result, (finding for report in reports.values() for finding in _findings(report["results"])))
    unseen = tuple(path for path in question.paths if not _seen(reports.get(_framework(path))))
    reason = "it recognised nothing in it that it has a rule for" if unseen else ""
    return verdict if verdict.outcome == "could_not_check" else replace(verdict, unchecked=unseen, reason=reason)


def _seen(report: Any) -> bool:
    """Whether it judged the files of a kind. One that it cannot read makes it doubtful that it read the others."""
    counts = kinds.mapped(report and report["summary"])
    return not counts.get("parsing_errors") and any(counts.get(key) for key in ("passed", "failed", "skipped"))


def _findings(results: Mapping[str, Any]) -> Iterator[Finding]:
    for failed in results["failed_checks"]:
        yield Finding(
            rule=f"checkov/{failed['check_id']}",
            severity="low" if failed["check_id"] in REMARKS else "medium",
            message=verdicts.short(f"{failed['resource']}: {failed['check_name']}"),
            path=verdicts.relative(failed["file_path"].lstrip("/")),
            line=failed["file_line_range"][0] or None,
        )
