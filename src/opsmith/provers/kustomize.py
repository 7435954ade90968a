"""kustomize: that a tree renders. Nothing is fetched: a remote base is "could not check"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from opsmith.model.finding import Finding, Severity
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "kustomize"
TOOL = "kustomize"
CLAIM = "kustomize renders the tree"

_NO_NETWORK = (("HTTPS_PROXY", "http://127.0.0.1:9"), ("HTTP_PROXY", "http://127.0.0.1:9"), ("NO_PROXY", ""), ("GIT_ALLOW_PROTOCOL", "file"))
"""A proxy that refuses at once: a remote base fails in milliseconds and nobody is asked."""
_BEYOND = (
    (
        re.compile(r"127\.0\.0\.1:9\b|transport '\w+' not allowed|hit \d+s timeout|git fetch|git init|git cmd"),
        "it builds on a remote tree",
    ),
    (re.compile(r"must specify --enable-helm|enable-helm"), "it renders a Helm chart, which has to be fetched"),
    (re.compile(r"enable-alpha-plugins|enable-exec|unable to find plugin|external plugins disabled"), "it runs a plugin of its own"),
    (re.compile(r"env source files?:|loading KV pairs|file sources:"), "it reads a file that is not among those given"),
    (re.compile(r"(?:evalsymlink failure on '|lstat |')(?:/|\.\./)"), "it reaches out of the folder that was given"),
)
_FAILED = re.compile(r'^Error: |"command failed"', re.MULTILINE)
_WRAPPED = re.compile(r"E\d{4} [^\]\n]*\] \"command failed\" err=[<\"](.*)[>\"]\s*$", re.DOTALL)
_DEPRECATED = re.compile(r"# Warning: (.+?)(?: Run 'kustomize edit fix'.*)?$", re.MULTILINE)


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    """Every tree on its own; a component cannot be rendered alone."""
    paths = kinds.selected(files, lambda path, text: kinds.is_kustomization(path) and "kind: Component" not in text)
    return [_question(path) for path in paths]


def _question(path: str) -> Question:
    folder = str(PurePosixPath(path).parent)
    return Question(
        command=Command(tool=TOOL, arguments=("build", folder), environment=_NO_NETWORK),
        otherwise=(Command(tool="kubectl", arguments=("kustomize", folder), environment=_NO_NETWORK),),
        paths=(path,),
    )


def judge(question: Question, result: Result) -> Verdict:
    said = verdicts.plain(result.stderr)
    if result.exit_code == 0:
        return verdicts.judged(_finding(question, "deprecated", "info", warning) for warning in _DEPRECATED.findall(said))
    if result.exit_code != 1 or not _FAILED.search(said):
        return verdicts.unclear(result)
    what = next((reason for pattern, reason in _BEYOND if pattern.search(said)), "")
    if what:
        return verdicts.unclear(result, f"{what}: {verdicts.short(_error(said), 200)}")
    return verdicts.judged([_finding(question, "build", "high", _error(said))])


def _error(said: str) -> str:
    """What went wrong, without the warnings before it and kubectl's wrapping around it."""
    text = "\n".join(line for line in said.splitlines() if not line.startswith("# Warning:"))
    wrapped = _WRAPPED.match(text)
    return verdicts.short((wrapped[1].replace('\\"', '"') if wrapped else text).strip().removeprefix("Error: "))


def _finding(question: Question, rule: str, severity: Severity, message: str) -> Finding:
    return Finding(rule=f"kustomize/{rule}", severity=severity, message=verdicts.short(message), path=question.paths[0])
