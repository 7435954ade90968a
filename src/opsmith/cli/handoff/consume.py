"""`opsmith handoff consume`: be the DevOps agent that takes handoffs from its queue."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsmith.cli import planning
from opsmith.cli.handoff import place

if TYPE_CHECKING:
    from collections.abc import Callable

    from opsmith.model.job import Job
    from opsmith.model.report import RunReport
    from opsmith.planner import Planner
    from opsmith.protocols.handoff.consumer import Handle, Terms
    from opsmith.protocols.handoff.ledger import Ledger
    from opsmith.protocols.handoff.store import Store

ONCE_PATIENCE = 30.0


def add(verbs: Any) -> None:
    command = verbs.add_parser(
        "consume", help="take handoffs and do them: passed quality gates deploy the repository, everything else is acknowledged"
    )
    command.add_argument("--agent", default=place.AGENT, metavar="NAME", help=f"whose queue (default: {place.AGENT})")
    command.add_argument("--project", action="append", metavar="NAME",
                         help="also take from this project's queue (repeatable; default: HANDOFF_PROJECT_NAME)")  # fmt: skip
    command.add_argument("--repo", default=".", metavar="PATH", help="the repository that is deployed (default: this folder)")
    command.add_argument("--files", action="store_true", help="take .claude/handoffs/*-to-devops.md instead; needs no Redis")
    command.add_argument("--once", action="store_true", help="do what waits now, then end")
    command.add_argument("--dry-run", action="store_true", help="plan and prove, but write no deployment files into the repository")
    command.add_argument("--prove", choices=("files", "build", "none"), default="files", help="as for `opsmith run`")
    planning.add(command)
    command.add_argument("--lease", type=_seconds, default=60.0, metavar="SECONDS",
                         help="after a crash a handoff is free again after so long (default 60; 1 to 3600)")  # fmt: skip
    place.add(command)
    command.set_defaults(action=action)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 1 to 3600")
    return seconds


def action(options: argparse.Namespace) -> int:
    from opsmith.protocols.handoff import filing, places, work
    from opsmith.protocols.handoff.consumer import Consumer
    from opsmith.protocols.handoff.ledger import Ledger
    from opsmith.protocols.handoff.results import Sender
    from opsmith.protocols.handoff.store import Store
    from opsmith.repo import require_folder

    repo, where, terms = Path(options.repo), place.address(options), _terms(options)
    require_folder(repo)
    sender = Sender(agent=terms.agent, project=place.project_of(repo))
    handle = work.worker(_do(options), repo, write=not options.dry_run, build=options.prove == "build", sender=sender)
    if options.files:
        return _files(repo, terms.agent, handle)
    store = Store(where)
    state = places.state(repo)
    ledger = Ledger(state)
    try:
        _greet(options, store, terms)
        taken = Consumer(
            store=store, ledger=ledger, handle=handle, terms=terms, tell=_tell, upkeep=lambda: _send_outbox(store),
            file=lambda record: filing.file(repo, state, record),
        ).run()  # fmt: skip
    finally:
        _closed(ledger, store)
    _tell(f"{taken} taken; nothing waits in {', '.join(terms.queues)}")
    return 0


def _files(repo: Path, agent: str, handle: Handle) -> int:
    from opsmith.protocols.handoff import places
    from opsmith.protocols.handoff.inbox import Inbox
    from opsmith.protocols.handoff.ledger import Ledger

    state = places.state(repo)
    ledger = Ledger(state)
    try:
        taken = Inbox(repo=repo, state=state, ledger=ledger, handle=handle, agent=agent, tell=_tell).take()
    finally:
        ledger.close()
    _tell(f"{taken} taken from {repo / places.DOCUMENTS}")
    return 0


def _terms(options: argparse.Namespace) -> Terms:
    from opsmith.protocols.handoff.consumer import Terms

    patience = ONCE_PATIENCE if options.once else None
    return Terms(agent=place.agent(options), projects=place.projects(options), once=options.once, lease=options.lease, patience=patience)


def _do(options: argparse.Namespace) -> Callable[[Job], RunReport]:
    """What the protocol is handed: the pipeline, without anybody to ask. Whoever starts a consumer has said yes."""
    from opsmith import pipeline
    from opsmith.tools import LocalRunner, NoRunner

    def planner(repo: Path) -> Planner:
        return planning.planner(options, repo, planning.progress, interactive=False)

    planner(Path(options.repo))  # what is missing is told before the first handoff is taken

    def do(job: Job) -> RunReport:
        """A budget belongs to one handoff, as does what a killed run remembers."""
        runner = NoRunner() if options.prove == "none" else LocalRunner(untrusted=job.repo)
        return pipeline.run(job, planner(job.repo), runner)

    return do


def _greet(options: argparse.Namespace, store: Store, terms: Terms) -> None:
    """A consumer that is to stay waits for its Redis; one that is to end soon says at once that there is none."""
    from opsmith.protocols.handoff.errors import QueueAwayError

    try:
        store.ping()
        for danger in store.dangers():
            print(f"warning: {danger}", file=sys.stderr)
    except QueueAwayError:
        if options.once:
            raise
    _tell(f"{terms.agent} takes from {', '.join(terms.queues)} at {store.where}")


def _send_outbox(store: Store) -> None:
    from opsmith.protocols.handoff import outbox

    for message in outbox.flush(place.outbox(store.where), store):
        _tell(f"{message.id}: sent to {message.queue}; it had waited in the outbox")


def _closed(ledger: Ledger, store: Store) -> None:
    try:
        ledger.close()
    finally:
        store.close()


def _tell(text: str) -> None:
    print(place.line(text), flush=True)
