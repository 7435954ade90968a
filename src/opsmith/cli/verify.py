from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.model.finding import Finding
    from opsmith.model.proof import Proof
    from opsmith.prover import Prover
    from opsmith.repo import Repo


def add(commands: Any) -> None:
    command = commands.add_parser("verify", help="ask real tools what they think of the deployment files that are already there")
    command.add_argument("path", nargs="?", default=".", help="the folder (default: this one)")
    command.add_argument("--format", choices=("text", "json", "sarif", "junit"), default="text")
    command.add_argument("--tool", action="append", default=[], metavar="NAME", help="ask only this tool (may be given more than once)")
    command.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    from opsmith import settings
    from opsmith.errors import Refused
    from opsmith.repo import Repo
    from opsmith.reports.proofs import refuting
    from opsmith.stages.understood import executables
    from opsmith.stages.verify import verify
    from opsmith.tools import LocalRunner

    root = Path(options.path)
    provers = _asked(options.tool)
    repo = Repo(root, ignore=settings.load(root)["ignore"])
    files = _files(repo)
    proofs, findings = verify(files, LocalRunner(), executables=executables(root, files), provers=provers)
    if options.tool:
        findings = ()
    print(_encoded(options.format, root, proofs, findings))
    refuted = sum(proof.outcome == "refuted" for proof in proofs) + sum(refuting(finding) for finding in findings)
    if refuted:
        said = "1 verdict speaks" if refuted == 1 else f"{refuted} verdicts speak"
        raise Refused(f"In {root}, {said} against the files.", next_step="mend what is listed under 'refuted', then run this again")
    return 0


def _asked(names: Sequence[str]) -> tuple[Prover, ...]:
    from opsmith import catalog
    from opsmith.errors import UsageError

    provers = catalog.provers()
    known = {name for prover in provers for name in (prover.NAME, prover.TOOL)}
    for name in names:
        if name not in known:
            raise UsageError(f"There is no tool {name!r} here.", why="known are " + ", ".join(sorted(known)) + ".", next_step="opsmith tools")
    return tuple(prover for prover in provers if not names or {prover.NAME, prover.TOOL} & set(names))


def _files(repo: Repo) -> dict[str, str]:
    from opsmith.errors import UsageError
    from opsmith.stages.understood import understood

    files = understood(repo)
    if not files:
        raise UsageError(
            f"{repo.root} holds no deployment files that a tool here understands.",
            why="it has no Dockerfile, compose file, manifest, pipeline, Prometheus rules or shell script yet.",
            next_step=f'opsmith run "Containerise this and deploy it to Kubernetes" --repo {repo.root} --dry-run',
        )
    return files


def _encoded(form: str, root: Path, proofs: tuple[Proof, ...], findings: tuple[Finding, ...]) -> str:
    from opsmith import encoding
    from opsmith.reports import junit, sarif
    from opsmith.reports import proofs as text

    match form:
        case "json":
            return encoding.to_json({"version": 1, "root": str(root), "proofs": proofs, "findings": findings})
        case "sarif":
            return encoding.to_json(sarif.sarif(proofs, findings))
        case "junit":
            return junit.junit(proofs, findings)
        case _:
            return text.verdicts(proofs, findings)
