"""Ask every tool and every check of ours about a set of files.

A tool that is missing, hangs, crashes or answers what nobody can read never passes anything: it ends as "could not check".
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from opsmith import catalog
from opsmith.errors import OpsmithError
from opsmith.model.blueprint import Blueprint
from opsmith.model.finding import Finding
from opsmith.model.proof import Proof
from opsmith.prover import Prover, Question, Verdict
from opsmith.provers.verdicts import REFUTING
from opsmith.stages.rendering import rendered
from opsmith.tools import MAX_PRINTED, TOOLS, Command, Result, Runner, kill_running

NOT_STARTED = 126
UNTRUSTED_SETTINGS = frozenset((".checkov.yaml", ".checkov.yml", "trivy.yaml", "trivy.yml"))
"""Settings files that can name code for the tool to load. They are judged by nobody and laid before nobody."""


def verify(
    files: Mapping[str, str],
    runner: Runner,
    *,
    executables: frozenset[str] = frozenset(),
    blueprint: Blueprint | None = None,
    on_proof: Callable[[Proof], None] = lambda _: None,
    provers: Sequence[Prover] | None = None,
) -> tuple[tuple[Proof, ...], tuple[Finding, ...]]:
    """The proofs of `provers` (all of the catalog) and the findings of our checks over `files` (path to text), in a fixed order."""
    files = {path: text for path, text in files.items() if PurePosixPath(path).name not in UNTRUSTED_SETTINGS}
    asked = _asked(catalog.provers() if provers is None else provers, files)
    with _laid_out(files, executables) as tree:
        made = rendered(files, runner, tree) if asked and provers is None else {}
        for path, text in made.items():
            _lay(tree / _confined(path), text, executable=False)
        asked += _asked(catalog.provers(catalog.OF_RENDERED), made)
        answers = _answers(asked, runner, tree, on_proof)
    whole = (files, *({path: text} for path, text in made.items()))  # what was rendered is a system by itself
    findings = tuple(finding for check in catalog.checks() for part in whole for finding in check.check(part, blueprint))
    return tuple(_merged(answers)), findings


def _asked(provers: Sequence[Prover], files: Mapping[str, str]) -> list[tuple[Prover, Question]]:
    return [(prover, question) for prover in provers for question in prover.questions(files)]


@contextmanager
def _laid_out(files: Mapping[str, str], executables: frozenset[str]) -> Generator[Path, None, None]:
    """The files in a folder that nobody else can read and that is gone afterwards, whatever ends this."""
    with tempfile.TemporaryDirectory(prefix="opsmith-", ignore_cleanup_errors=True) as private:  # mkdtemp makes it 0700
        tree = Path(private).resolve() / "tree"  # one level down, so that `..` leads nowhere but here
        tree.mkdir()
        for path, text in files.items():
            _lay(tree / _confined(path), text, executable=path in executables)
        yield tree


def _confined(path: str) -> str:
    if path.startswith("/") or ".." in PurePosixPath(path).parts or not path:
        raise OpsmithError(f"{path!r} is no path inside a tree.")
    return path


def _lay(place: Path, text: str, *, executable: bool) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(text.encode("utf-8", "surrogatepass"))
    if executable:
        place.chmod(0o700)


def _answers(asked: Sequence[tuple[Prover, Question]], runner: Runner, tree: Path, on_proof: Callable[[Proof], None]) -> list[Proof]:
    pool = ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2), thread_name_prefix="proof")
    try:
        futures = [pool.submit(_prove, prover, question, runner, tree) for prover, question in asked]
        return [proof for future in futures for proof in _told(future, on_proof)]
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        kill_running()  # a tool has a session of its own: Ctrl-C does not reach it
        raise
    finally:
        pool.shutdown(wait=True)


def _told(future: Future[tuple[Proof, ...]], on_proof: Callable[[Proof], None]) -> tuple[Proof, ...]:
    proofs = future.result()
    for proof in proofs:
        on_proof(proof)
    return proofs


def _prove(prover: Prover, question: Question, runner: Runner, tree: Path) -> tuple[Proof, ...]:
    command = _askable(question, runner)
    result = _without_tree(runner.run(command, tree), tree)
    tool = TOOLS[command.tool]
    verdict = _verdict(prover, question, command, result)
    proof = Proof(
        tool=tool.name,
        claim=prover.CLAIM,
        paths=question.paths,
        outcome=verdict.outcome,
        version=None if result.missing else runner.version(command.tool),
        reason=verdict.reason if verdict.outcome == "could_not_check" else "",
        how_to_get=tool.how_to_get if result.missing else "",
        findings=verdict.findings,
        seconds=result.seconds,
    )
    return tuple(_split(proof, verdict))


def _askable(question: Question, runner: Runner) -> Command:
    return next((command for command in (question.command, *question.otherwise) if runner.find(command.tool)), question.command)


def _without_tree(result: Result, tree: Path) -> Result:
    """The result with paths as they are in the tree: the folder it was laid out in is nobody's business."""

    def shown(text: str) -> str:
        return text.replace(f"{tree}/", "").replace(str(tree), ".").replace(f"{tree.parent}/", "../")

    return replace(result, stdout=shown(result.stdout), stderr=shown(result.stderr))


def _verdict(prover: Prover, question: Question, command: Command, result: Result) -> Verdict:
    if why := _no_answer(command, result):
        return Verdict(outcome="could_not_check", reason=why)
    try:
        return prover.judge(question, result)
    except (ValueError, LookupError, TypeError, AttributeError):  # not the shape that the tool has always printed
        return Verdict(outcome="could_not_check", reason=f"its output cannot be read (exit code {result.exit_code})")


def _no_answer(command: Command, result: Result) -> str:
    if result.missing:
        return f"{command.tool} is not installed"
    if result.timed_out:
        return f"timed out after {command.seconds:g} s"
    if result.flooded:
        return f"printed more than {MAX_PRINTED // 1024 // 1024} MiB and was ended"
    if result.exit_code < 0:
        return f"crashed (signal {-result.exit_code})"
    if crash := _CRASH.search(result.stderr):
        return f"crashed: {_last_words(result.stderr[crash.start() :])}"
    if result.exit_code == NOT_STARTED:
        return f"could not be started: {result.stderr.strip()[:200]}"
    return ""


_CRASH = re.compile(r"^(?:Traceback \(most recent call last\):|panic: |fatal error: |thread '[^']*' panicked at )", re.MULTILINE)
"""What it printed before it fell is not all that it would have said."""


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines[-1] if lines[0].startswith("Traceback") else lines[0])[:200]


def _split(proof: Proof, verdict: Verdict) -> Iterator[Proof]:
    """One proof for each outcome: a batch's verdict belongs to the files that earned it."""
    if proof.outcome == "could_not_check":
        yield proof
        return
    named = {finding.path for finding in proof.findings if finding.severity in REFUTING}
    guilty = tuple(path for path in proof.paths if path in named)
    if proof.outcome == "refuted" and not named <= set(proof.paths):
        guilty = proof.paths  # something that belongs to no file of the question speaks against all of them
    unchecked = tuple(path for path in verdict.unchecked if path not in guilty)
    innocent = tuple(path for path in proof.paths if path not in guilty and path not in unchecked)
    if guilty:
        yield replace(proof, outcome="refuted", paths=guilty, findings=_about(proof.findings, guilty, others=True))
    if innocent:
        yield replace(proof, outcome="proved", paths=innocent, findings=_about(proof.findings, innocent, others=not guilty))
    if unchecked:
        findings = _about(proof.findings, unchecked, others=not guilty and not innocent)
        yield replace(proof, outcome="could_not_check", paths=unchecked, reason=verdict.reason, findings=findings)


def _about(findings: Sequence[Finding], paths: Sequence[str], *, others: bool) -> tuple[Finding, ...]:
    mine = frozenset(paths)
    return tuple(finding for finding in findings if finding.path in mine or (others and finding.path is None))


def _merged(proofs: Sequence[Proof]) -> Iterator[Proof]:
    """What nobody could check for one and the same reason is said once."""
    merged: dict[tuple[str, str, str], Proof] = {}
    order: list[Proof | tuple[str, str, str]] = []
    for proof in proofs:
        if proof.outcome != "could_not_check":
            order.append(proof)
            continue
        key = (proof.tool, proof.claim, proof.reason)
        if key in merged:
            before = merged[key]
            merged[key] = replace(before, paths=tuple(sorted({*before.paths, *proof.paths})), seconds=before.seconds + proof.seconds)
        else:
            merged[key] = proof
            order.append(key)
    yield from (entry if isinstance(entry, Proof) else merged[entry] for entry in order)
