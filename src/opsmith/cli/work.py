"""One piece of work in a process of its own, as `opsmith serve` has it done: it can be ended at any time, with its tools, and hurts no other.

    python -P -m opsmith.cli.work   reads {"tool": ..., "arguments": {...}} from a line, prints a line {"event": ...} for
    each event, then {"done": ...} or {"error": ...}

It ends, with everything put back, as soon as its standard input is closed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsmith import encoding
from opsmith.errors import OpsmithError, Refused
from opsmith.model.report import Event

if TYPE_CHECKING:
    from opsmith.model.finding import Finding
    from opsmith.model.proof import Proof
    from opsmith.model.report import RunReport
    from opsmith.protocols.mcp_server.work import Delivery, Done

Tell = Callable[[Event], None]


def survey(arguments: Mapping[str, Any], tell: Tell) -> Done:
    from opsmith import settings
    from opsmith.reports import text
    from opsmith.stages.survey import survey as surveyed

    tell(Event(stage="survey", message="reading the repository"))
    root = Path(arguments["repo"])
    result = surveyed(root, settings.load(root))
    problems = [f"could not read {problem.file}: {problem.what}" for problem in result.problems]
    return _done(result, "\n".join([text.survey(result), *problems]))


def assess(arguments: Mapping[str, Any], tell: Tell) -> Done:
    """With what is not met first, the weightiest before the others, since an answer may be cut."""
    from dataclasses import replace

    from opsmith import settings
    from opsmith.model.assessment import STATES
    from opsmith.reports import assessment
    from opsmith.stages.assess import assess as assessed
    from opsmith.tools import LocalRunner

    tell(Event(stage="assess", message="judging by each standard"))
    root = Path(arguments["repo"])
    runner = LocalRunner(untrusted=root) if arguments["ask_tools"] else None
    result = assessed(root, settings.load(root), runner=runner, layers=arguments["layers"])
    ordered = sorted(result.results, key=lambda one: (STATES.index(one.state), -one.weight))
    return _done(replace(result, results=tuple(ordered)), assessment.text(result))


def interpret(arguments: Mapping[str, Any], _: Tell) -> Done:
    from opsmith.planners import rules
    from opsmith.stages.interpret import interpret as interpreted

    result = interpreted(arguments["task"], rules)
    lines = [f"kind: {result.kind}", f"targets: {', '.join(result.targets) or 'none named'}"]
    lines += [f"for {one.hand_to}: {one.words!r}" for one in result.out_of_scope]
    lines += [f"not understood: {words!r}" for words in result.not_understood]
    return _done(result, "\n".join(lines))


def plan(arguments: Mapping[str, Any], tell: Tell) -> Done:
    from opsmith import pipeline
    from opsmith.planners import rules
    from opsmith.reports import text

    tell(Event(stage="plan", message="surveying and drafting"))
    result = pipeline.plan(Path(arguments["repo"]), arguments["task"], rules, _flags(arguments))
    return _done(result, text.plan(result))


def render(arguments: Mapping[str, Any], tell: Tell) -> Done:
    return _delivery(arguments, tell, write=False)


def write(arguments: Mapping[str, Any], tell: Tell) -> Done:
    return _delivery(arguments, tell, write=True)


def _delivery(arguments: Mapping[str, Any], tell: Tell, *, write: bool) -> Done:
    from opsmith import pipeline
    from opsmith.model.job import Job
    from opsmith.planners import rules
    from opsmith.protocols.mcp_server.work import Done
    from opsmith.reports import text
    from opsmith.tools import LocalRunner, NoRunner

    root = Path(arguments["repo"])
    job = Job(task=arguments["task"], repo=root, destination=root, write=write, force=bool(arguments.get("force")), flags=_flags(arguments))
    runner = NoRunner() if arguments.get("prove") == "none" else LocalRunner(untrusted=root)

    def consent(report: RunReport) -> bool:
        expected = arguments.get("expected")
        if expected and expected != _digest(report):
            raise Refused(
                "What would be written now is not what was shown; nothing was written.",
                why="the repository, the task or the settings changed since render.",
                next_step="call render again and show what it gives",
            )
        return True

    report = pipeline.run(job, rules, runner, tell, consent=consent)
    files = {artifact.path: artifact.text for artifact in report.artifacts}
    return Done(
        result=encoding.to_plain(_shown(report)),
        summary=f"{report.status}: {_counted_files(report)}; {_told(report.proofs)}\ndigest: {_digest(report)}\n\n{text.run(report)}",
        whole=encoding.to_plain(report),
        files=files,
        failed=write and report.status == "refused",
    )


def _shown(report: RunReport) -> Delivery:
    from opsmith.protocols.mcp_server.work import DeliveredFile, Delivery

    by_path = {artifact.path: artifact for artifact in report.artifacts}
    files = tuple(
        DeliveredFile(
            path=change.path, target=by_path[change.path].target, change=change.change, written=change.written,
            lines=len(by_path[change.path].text.splitlines()),
        )
        for change in report.changes
    )  # fmt: skip
    return Delivery(
        status=report.status,
        destination=report.destination,
        digest=_digest(report),
        files=files,
        **_counted(report.proofs),
        proofs=_worst_first(report.proofs),
        findings=_gravest_first(report.findings),
        open_points=report.open_points,
        not_understood=report.intent.not_understood,
        readiness=report.readiness,
    )


def _digest(report: RunReport) -> str:
    """Of what would lie where, however it is shown; the same again after it was written."""
    import hashlib

    made = [[artifact.path, artifact.text, artifact.executable] for artifact in report.artifacts]
    there = [[change.path, change.change, change.diff] for change in report.changes]
    return hashlib.sha256(json.dumps([made, there]).encode("utf-8", "surrogatepass")).hexdigest()


def verify(arguments: Mapping[str, Any], tell: Tell) -> Done:
    from opsmith import catalog, settings
    from opsmith.errors import UsageError
    from opsmith.protocols.mcp_server.work import Verdicts
    from opsmith.repo import Repo
    from opsmith.reports import proofs as reports
    from opsmith.stages.understood import executables, understood
    from opsmith.stages.verify import verify as verified
    from opsmith.tools import LocalRunner

    root, names = Path(arguments["repo"]), set(arguments["tools"])
    provers = [prover for prover in catalog.provers() if not names or {prover.NAME, prover.TOOL} & names]
    known = {name for prover in catalog.provers() for name in (prover.NAME, prover.TOOL)}
    if names - known:
        raise UsageError(f"There is no tool {min(names - known)!r} here.", next_step="one of: " + ", ".join(sorted(known)))
    tell(Event(stage="verify", message="reading the deployment files"))
    files = understood(Repo(root, ignore=settings.load(root)["ignore"]))
    if not files:
        raise UsageError(f"{root} holds no deployment files that a tool here understands.",
                         why="it has no Dockerfile, compose file, manifest, pipeline, Prometheus rules or shell script yet.",
                         next_step="render a task such as 'Containerise this and deploy it to Kubernetes'")  # fmt: skip
    proofs, findings = verified(
        files, LocalRunner(untrusted=root), executables=executables(root, files), provers=tuple(provers),
        on_proof=lambda proof: tell(Event(stage="verify", message=f"{proof.tool}: {proof.outcome.replace('_', ' ')}")),
    )  # fmt: skip
    findings = () if names else findings
    result = Verdicts(root=str(root), **_counted(proofs), proofs=_worst_first(proofs), findings=_gravest_first(findings))
    return _done(result, f"{_told(proofs)}\n\n{reports.verdicts(proofs, findings)}")


def explain(arguments: Mapping[str, Any], _: Tell) -> Done:
    from opsmith.stages.explain import explain as explained

    result = explained(Path(arguments["repo"]), arguments["file"], arguments["line"])
    said = [f"  {node.name}: {origin.kind}: {origin.text}" for node in result.nodes for origin in node.origins]
    return _done(result, "\n".join([f"{result.file}:{result.line}, written by {result.written_by}: {result.text.strip()}", *said]))


TOOLS: Mapping[str, Callable[[Mapping[str, Any], Tell], Any]] = {
    "survey": survey,
    "assess": assess,
    "interpret": interpret,
    "plan": plan,
    "render": render,
    "write": write,
    "verify": verify,
    "explain": explain,
}


def kept(name: str, repo: Path) -> str | None:
    """What earlier runs left in the repository, as JSON: `delivered` or `assessment`; None where there is nothing."""
    from opsmith.protocols.mcp_server.results import without_secrets
    from opsmith.stages.assess import memory
    from opsmith.stages.deliver import remembered

    if name == "assessment":
        found = memory.remembered(repo)
        return None if found is None else encoding.to_json(without_secrets(encoding.to_plain(found)))
    state = remembered(repo, {})
    if not state.files and not state.offers:
        return None
    files = [{"path": path, "target": file.target, "lines": file.origins} for path, file in sorted(state.files.items())]
    offers = {path: offer.at for path, offer in sorted(state.offers.items())}
    return encoding.to_json(without_secrets(encoding.to_plain({"version": 1, "files": files, "beside": offers, "origins": state.origins})))


def standards() -> Mapping[str, str]:
    """The standards of each layer, as Markdown."""
    from opsmith import catalog

    return {
        layer.NAME: "\n".join([
            f"# {layer.TITLE} ({layer.NAME})\n",
            "Weight 3: an outage or a breach waits here; 2: it costs dearly one day; 1: good practice.\n",
            *(f"- `{one.id}` (weight {one.weight}): {one.summary}. Source: {one.source}" for one in layer.STANDARDS),
        ])
        for layer in catalog.standards()
    }  # fmt: skip


def _done(result: object, summary: str) -> Done:
    from opsmith.protocols.mcp_server.work import Done

    return Done(result=encoding.to_plain(result), summary=summary)


def _flags(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"targets": tuple(arguments["targets"]) or None}


def _worst_first(proofs: Sequence[Proof]) -> tuple[Proof, ...]:
    """An answer may be cut, and then not there where it says no."""
    order = ("refuted", "could_not_check", "proved")
    return tuple(sorted(proofs, key=lambda proof: order.index(proof.outcome)))


def _gravest_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    from opsmith.model.finding import SEVERITIES

    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def _told(proofs: Sequence[Proof]) -> str:
    counts = _counted(proofs)
    return f"{counts['proved']} proved, {counts['refuted']} refuted, {counts['could_not_check']} could not be checked"


def _counted_files(report: RunReport) -> str:
    changed = sum(change.written is not None and change.change != "unchanged" for change in report.changes)
    return f"{len(report.artifacts)} files, {changed} of them new or changed"


def _counted(proofs: Sequence[Proof]) -> dict[str, int]:
    return {outcome: sum(proof.outcome == outcome for proof in proofs) for outcome in ("proved", "refuted", "could_not_check")}


def main() -> int:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _interrupted)
    answers, sys.stdout = sys.stdout, sys.stderr  # nothing else may print between the lines
    lock = threading.Lock()

    def say(**line: object) -> None:
        with lock:
            answers.write(encoding.to_json(line, indent=0) + "\n")
            answers.flush()

    try:
        request = json.loads(sys.stdin.buffer.readline())
        threading.Thread(target=_watch, daemon=True).start()
        say(done=TOOLS[request["tool"]](request["arguments"], lambda event: say(event=event)))
    except OpsmithError as error:
        say(error={"what": error.what, "why": error.why, "next": error.next_step, "exit_code": error.exit_code})
    except OSError as error:
        what = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}."
        say(error={"what": what, "why": "a full or read-only disk, or a file that vanished meanwhile.", "next": "df -h", "exit_code": 9})
    except KeyboardInterrupt:
        return 130
    return 0


def _watch() -> None:
    """Whoever wanted the work is gone, or does not want it any more."""
    with suppress(OSError, ValueError):
        os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _interrupted(number: int, _: object) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
