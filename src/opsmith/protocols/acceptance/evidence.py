"""What a RunReport shows about files, as an answer that a criterion can be judged by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from opsmith.model.artifact import Artifact
from opsmith.model.proof import Proof
from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import view

State = Literal["shown", "not_shown", "unchecked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`told` says what shows it, or why nothing does; `mitigation` what a person does about the latter."""

    state: State
    told: str
    mitigation: str = ""


def shown(told: str) -> Shown:
    return Shown(state="shown", told=told)


def absent(what: str, mitigation: str = "") -> Shown:
    return Shown(state="not_shown", told=what, mitigation=mitigation or "name it under Requirements and run again")


class Evidence:
    """Answers about one report. A file counts as shown when it is where it belongs and a real tool accepted it."""

    def __init__(self, report: RunReport) -> None:
        self.report = report
        self.changes = {change.path: change for change in report.changes}

    def files(self, wanted: Callable[[Artifact], bool]) -> list[Artifact]:
        return [artifact for artifact in self.report.artifacts if wanted(artifact)]

    def of(self, *targets: str) -> list[Artifact]:
        return self.files(lambda artifact: artifact.target in targets)

    def named(self, pattern: str) -> list[Artifact]:
        return self.files(lambda artifact: re.search(pattern, artifact.path) is not None)

    def of_kind(self, *kinds: str) -> list[Artifact]:
        """Kubernetes files that hold an object of one of `kinds`."""
        paths = {item.path for item in view.objects(self.report) if item.kind in kinds}
        return self.files(lambda artifact: artifact.path in paths)

    def placed(self, files: Iterable[Artifact], what: str) -> Shown:
        """Whether `files` are there at all, and at their own places."""
        paths = [artifact.path for artifact in files]
        if not paths:
            return absent(f"{what} is not part of this delivery")
        beside = [path for path in paths if self._is_beside(path)]
        if beside:
            return absent(
                f"another {beside[0]} was there, so this one lies beside it",
                f"compare {beside[0]} with {beside[0]}.opsmith.new and keep what is right",
            )
        return shown(f"{_listed(paths)} delivered")

    def proved(self, files: Iterable[Artifact], what: str, *tools: str) -> Shown:
        """Whether a tool (one of `tools`, where named) accepted each of `files` and none refuted one."""
        paths = [artifact.path for artifact in files]
        there = self.placed(self.files(lambda artifact: artifact.path in paths), what)
        if there.state != "shown":
            return there
        asked = [proof for proof in self.report.proofs if (not tools or proof.tool in tools) and set(proof.paths) & set(paths)]
        against = [proof for proof in asked if proof.outcome == "refuted"]
        if against:
            return absent(f"{against[0].tool} refuted {_listed(against[0].paths)}", "mend what the tool objects to and run again")
        by = {path: [proof for proof in asked if proof.outcome == "proved" and path in proof.paths] for path in paths}
        open_ = [path for path, proofs in by.items() if not proofs]
        if open_:
            return _unchecked(open_, [proof for proof in asked if proof.outcome == "could_not_check"], tools)
        names = dict.fromkeys(f"{proof.tool} {proof.version or ''}".strip() for proofs in by.values() for proof in proofs if not _is_common(proof))
        return shown(f"{', '.join(names) or 'gitleaks'} accepted {_listed(paths)}")

    def claimed(self, claim: str, what: str, how: str) -> Shown:
        """Whether a proof whose claim contains `claim` was made, and all of them hold."""
        found = [proof for proof in self.report.proofs if claim in proof.claim]
        if not found:
            return Shown(state="unchecked", told=f"nobody asked whether {what}", mitigation=how)
        bad = next((proof for proof in found if proof.outcome == "refuted"), None)
        if bad:
            return absent(f"{bad.tool} refuted that {what}", "mend what the tool objects to and run again")
        unknown = next((proof for proof in found if proof.outcome == "could_not_check"), None)
        if unknown:
            return Shown(state="unchecked", told=f"could not check whether {what}: {unknown.reason}", mitigation=_getting(unknown) or how)
        return shown(f"{found[0].tool} {found[0].version or ''}".strip() + f": {claim}")

    def each(self, files: Iterable[Artifact], pattern: str, what: str) -> Shown:
        """Whether every one of `files` holds `pattern`; they must be accepted by a tool, too."""
        found = list(files)
        lacking = [artifact.path for artifact in found if not re.search(pattern, artifact.text, re.MULTILINE)]
        if found and lacking:
            return absent(f"{_listed(lacking)} without {what}")
        return self.proved(found, what)

    def _is_beside(self, path: str) -> bool:
        change = self.changes.get(path)
        return self.report.status == "delivered" and change is not None and change.change in ("foreign", "conflict")


def _is_common(proof: Proof) -> bool:
    """Asked of every file, so it says little of one."""
    return proof.tool in ("gitleaks", "yamllint")


def _unchecked(paths: list[str], proofs: list[Proof], tools: tuple[str, ...]) -> Shown:
    reason = f": {proofs[0].reason}" if proofs else ""
    who = " or ".join(tools) or "any tool"
    getting = next((told for proof in proofs if (told := _getting(proof))), "")
    return Shown(
        state="unchecked", told=f"could not check {_listed(paths)} with {who}{reason}", mitigation=getting or "opsmith tools, then run again"
    )


def _getting(proof: Proof) -> str:
    return f"get {proof.tool} ({proof.how_to_get}) and run again" if proof.how_to_get else ""


def _listed(paths: Iterable[str]) -> str:
    found = list(paths)
    return ", ".join(found) if len(found) <= 2 else f"{found[0]} and {len(found) - 1} more files"
