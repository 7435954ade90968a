"""checkov: insecure settings in Dockerfiles, manifests and workflows, by the rules that are built into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "checkov"
TOOL = "checkov"
CLAIM = "checkov finds nothing to object to, but for the rules that are left out"

LEFT_OUT = {
    "CKV_K8S_15": "an image that is pinned by version or digest is the same image however often it is pulled",
    "CKV_K8S_21": "a kustomization sets the namespace of all objects",
    "CKV_K8S_35": "secrets as variables are how twelve-factor applications read them",
    "CKV_K8S_40": "no standard asks for ids above 10000, and the images of databases do not have them",
    "CKV_K8S_43": "the digest of an image that the pipeline has yet to build cannot stand in a manifest",
}
_SIZE = 40
"""Files for one question: what it prints of them stays within what is read."""


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    return [
        *_asked("dockerfile", kinds.selected(files, lambda path, _: kinds.is_dockerfile(path))),
        *_asked("kubernetes", kinds.manifests(files)),
        *_asked("github_actions", kinds.selected(files, lambda path, _: kinds.is_workflow(path))),
    ]


def _asked(framework: str, paths: tuple[str, ...]) -> Iterator[Question]:
    skipped = ("--skip-check", ",".join(LEFT_OUT))
    for batch in verdicts.batches(paths, _SIZE):
        named = tuple(part for path in batch for part in ("-f", path))
        arguments = (*named, "--framework", framework, *skipped, "--compact", "--quiet", "--skip-download", "--output", "json")
        yield Question(command=Command(tool=TOOL, arguments=arguments, seconds=120), paths=batch)


def judge(question: Question, result: Result) -> Verdict:  # noqa: ARG001  # the contract's shape
    if result.exit_code not in (0, 1) or not result.stdout.lstrip().startswith(("{", "[")):
        return verdicts.unclear(result)
    answer = verdicts.read_json(result.stdout)
    reports = kinds.listed(answer) or [answer]
    verdict = verdicts.agreed(result, (finding for report in reports if "results" in report for finding in _findings(report["results"])))
    unread = sum(report.get("summary", {}).get("parsing_errors", 0) for report in reports)
    seen = sum(report.get("summary", report).get(key, 0) for report in reports for key in ("passed", "failed", "skipped"))
    if verdict.outcome == "proved" and (unread or not seen):
        return verdicts.unclear(result, "it could not read the file" if unread else "it has no rule for what is in it")
    return verdict


def _findings(results: Mapping[str, Any]) -> Iterator[Finding]:
    for failed in results["failed_checks"]:
        yield Finding(
            rule=f"checkov/{failed['check_id']}",
            severity="medium",
            message=verdicts.short(f"{failed['resource']}: {failed['check_name']}"),
            path=failed["file_path"].lstrip("/"),
            line=failed["file_line_range"][0] or None,
        )
