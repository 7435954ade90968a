"""kube-score: how manifests hold up in production, seen together (a Service and its pods, a pod and its NetworkPolicy)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opsmith.conventions import KUBERNETES_VERSION
from opsmith.model.finding import Finding, Severity
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "kube_score"
TOOL = "kube-score"
CLAIM = "kube-score finds nothing critical (left aside: container-security-context-user-group-id)"

LEFT_OUT = {
    "container-security-context-user-group-id": "wants ids above 10000, which no published standard asks for and the images of databases do not have",
}
_KNOWN = re.compile(
    r"^kind: *[\"']?(?:CronJob|DaemonSet|Deployment|HorizontalPodAutoscaler|Ingress|Job|NetworkPolicy|Pod|PodDisruptionBudget|Service|StatefulSet)\b",
    re.MULTILINE,
)
_GRADES: Mapping[int, Severity] = {1: "medium", 5: "low", 7: "info"}
_ALL_OK = 10


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    """All at once, for it relates objects, and what was rendered is a whole by itself; only files that hold what it knows and can read, for it
    stops at the first that it cannot."""
    paths = tuple(path for path in kinds.manifests(files) if _KNOWN.search(files[path]) and kinds.documents(files[path]) is not None)
    whole = [tuple(path for path in paths if not kinds.is_rendered(path)), *((path,) for path in paths if kinds.is_rendered(path))]
    return [_question(batch) for batch in whole if batch]


def _question(paths: tuple[str, ...]) -> Question:
    ignored = tuple(part for name in LEFT_OUT for part in ("--ignore-test", name))
    arguments = ("score", "--output-format", "json", "--kubernetes-version", f"v{KUBERNETES_VERSION}", *ignored, *map(verdicts.argument, paths))
    return Question(command=Command(tool=TOOL, arguments=arguments), paths=paths)


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code not in (0, 1) or not result.stdout.lstrip().startswith(("[", "null")):
        return verdicts.unclear(result)
    objects: list[Any] = list(verdicts.read_json(result.stdout) or ())
    verdict = verdicts.agreed(result, _findings(objects))
    if verdict.outcome == "could_not_check":
        return verdict
    unseen = sorted(set(question.paths) - {verdicts.relative(entry["file_name"]) for entry in objects})
    reason = "it knows none of the kinds in it" if unseen else ""
    return Verdict(outcome=verdict.outcome, findings=verdict.findings, unchecked=tuple(unseen), reason=reason)


def _findings(objects: Sequence[Any]) -> Iterator[Finding]:
    for entry in objects:
        for check in entry["checks"]:
            if check["skipped"] or check["grade"] >= _ALL_OK:
                continue
            for comment in check["comments"] or [{"path": "", "summary": check["check"]["comment"]}]:
                yield _finding(entry, check, comment)


def _finding(entry: Any, check: Any, comment: Any) -> Finding:
    name = f"{entry['type_meta']['kind']}/{entry['object_meta']['name']}" + (f" ({comment['path']})" if comment["path"] else "")
    return Finding(
        rule=f"kube-score/{check['check']['id']}",
        severity=_GRADES.get(check["grade"], "info"),
        message=verdicts.short(f"{name}: {comment['summary']}"),
        path=verdicts.relative(entry["file_name"]),
        line=entry["file_row"] or None,
    )
