"""`opsmith handoff status` and `opsmith handoff dead`: what waits, what failed and why, and another try for it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from opsmith.cli.handoff import place

if TYPE_CHECKING:
    from opsmith.protocols.handoff.letters import Letter
    from opsmith.protocols.handoff.store import Store

MANY_WAITING, MANY_FAILED, SLOW_SECONDS = 50, 0.1, 30.0
"""From here on status warns: waiting handoffs, failures among those of the last day, seconds for one on average."""


def add(verbs: Any) -> None:
    status = verbs.add_parser("status", help="what waits, what is in flight, what failed, and what of Redis is a danger to it")
    status.add_argument("--format", choices=("text", "json"), default="text")
    dead = verbs.add_parser("dead", help="handoffs that could not be done, with the reason; `dead requeue ID` tries one again")
    dead.add_argument("what", choices=("list", "requeue"), nargs="?", default="list")
    dead.add_argument("ids", metavar="ID", nargs="*", help="which to put into their queues again")
    dead.add_argument("--all", action="store_true", help="requeue all of them")
    dead.add_argument("--format", choices=("text", "json"), default="text")
    for verb, action in ((status, _status), (dead, _dead)):
        verb.add_argument("--agent", default=place.AGENT, metavar="NAME", help=f"whose handoffs (default: {place.AGENT})")
        verb.add_argument("--project", action="append", metavar="NAME", help="also look at this project's queue (repeatable)")
        place.add(verb)
        verb.set_defaults(action=action)


@contextmanager
def _opened(options: argparse.Namespace) -> Generator[Store]:
    from opsmith.protocols.handoff.store import Store

    store = Store(place.address(options))
    try:
        store.ping()
        yield store
    finally:
        store.close()


def _status(options: argparse.Namespace) -> int:
    with _opened(options) as store:
        told = _seen(store, place.agent(options), place.projects(options))
    print(json.dumps(told, indent=2) if options.format == "json" else _told(told))
    return 0


def _seen(store: Store, agent: str, projects: tuple[str, ...]) -> dict[str, Any]:
    """The keys of the first part are those of the snapshot that monitors of other implementations write."""
    from opsmith.protocols.handoff import durations, names, outbox
    from opsmith.protocols.hive_mind.clock import stamp, utc_now

    queues = [names.queue(agent), *(names.queue(agent, project) for project in projects)]
    depths, (total, completed, failed) = store.depths(agent, queues), store.counters()
    times = [seconds for text in store.times() if (seconds := durations.seconds(text)) is not None]
    average = sum(times) / len(times) if times else 0.0
    waiting, kept = sum(depths.queues.values()), len(outbox.waiting(place.outbox(store.where)))
    snapshot = {
        "total_handoffs": total, "completed_handoffs": completed, "failed_handoffs": failed, "avg_processing_time": round(average * 1e9),
        "queue_depth": waiting, "active_agents": store.active(), "last_updated": stamp(utc_now),
    }  # fmt: skip
    more = {
        "agent": agent, "redis": str(store.where), "queues": depths.queues, "in_flight": depths.in_flight, "dead": depths.dead, "outbox": kept,
        "warnings": [*_alarms(waiting, completed, failed, average), *store.dangers()],
    }  # fmt: skip
    return snapshot | more


def _alarms(waiting: int, completed: int, failed: int, average: float) -> list[str]:
    told: list[str] = []
    if waiting > MANY_WAITING:
        told.append(f"queue_depth: {waiting} handoffs wait; more than {MANY_WAITING} is a lot")
    if failed and failed / (completed + failed) > MANY_FAILED:
        told.append(f"failure_rate: {failed} of {completed + failed} failed within a day")
    if average > SLOW_SECONDS:
        told.append(f"processing_time: {average:.1f} s for one on average")
    return told


def _told(seen: dict[str, Any]) -> str:
    average = seen["avg_processing_time"] / 1e9
    lines = [f"{seen['agent']} at {seen['redis']}"]
    lines += [f"  waiting     {depth:6}  {queue}" for queue, depth in seen["queues"].items()]
    lines += [f"  in flight   {seen['in_flight']:6}  being done, or waiting for another try", f"  dead        {seen['dead']:6}  opsmith handoff dead"]
    lines.append(f"  outbox      {seen['outbox']:6}  on this machine, not sent yet")
    ended = f"{seen['completed_handoffs']} completed, {seen['failed_handoffs']} failed"
    lines.append(f"  last day    {seen['total_handoffs']:6}  published, {ended} (all agents), {average:.2f} s each")
    lines.append(f"  consumers   {', '.join(place.line(name) for name in seen['active_agents']) or 'none within five minutes'}")
    return "\n".join([*lines, *(f"  warning: {text}" for text in seen["warnings"])])


def _dead(options: argparse.Namespace) -> int:
    from opsmith.errors import UsageError
    from opsmith.protocols.handoff import letters

    wants = bool(options.ids or options.all)
    if (options.what == "requeue") != wants:
        raise UsageError("Which ones?", why="requeue needs their ids, or --all; a list takes neither.",
                         next_step="opsmith handoff dead, then: opsmith handoff dead requeue ID")  # fmt: skip
    agent = place.agent(options)
    with _opened(options) as store:
        found = [letters.read(raw) for raw in store.dead(agent)]
        if options.what == "requeue":
            return _requeue(store, agent, found, None if options.all else options.ids)
    print(json.dumps([_plain(letter) for letter in found], indent=2) if options.format == "json" else _listed(found))
    return 0


def _plain(letter: Letter) -> dict[str, Any]:
    return {
        "handoff_id": letter.handoff_id, "queue": letter.queue, "failed_at": letter.failed_at, "reason": letter.reason,
        "error_msg": letter.error_msg, "retry_count": letter.retry_count, "payload": letter.payload,
    }  # fmt: skip


def _listed(found: list[Letter]) -> str:
    if not found:
        return "No dead letters."
    rows = [
        f"{place.line(item.handoff_id or '(no id)')}\n  {place.line(item.failed_at)}  {place.line(item.reason)}: {place.line(item.error_msg)}"
        for item in found
    ]
    return "\n".join([*rows, "Another try: opsmith handoff dead requeue ID"])


def _requeue(store: Store, agent: str, found: list[Letter], wanted: list[str] | None) -> int:
    """Exit code 2 when one of those that were asked for could not be put back."""
    from opsmith.errors import UsageError
    from opsmith.protocols.handoff import letters, priority
    from opsmith.protocols.handoff.errors import InvalidMessageError
    from opsmith.protocols.handoff.store import Outgoing
    from opsmith.protocols.hive_mind.clock import stamp, utc_now

    chosen = [letter for letter in found if wanted is None or letter.handoff_id in wanted]
    left = [f"{name}: there is no such dead letter" for name in wanted or () if name not in {letter.handoff_id for letter in chosen}]
    for letter in chosen:
        try:
            handoff, queue, data = letters.revived(letter, agent, stamp(utc_now))
        except InvalidMessageError as error:
            left.append(f"{letter.handoff_id or '(no id)'}: {error.what}")
            continue
        place_in_queue = priority.score(handoff.metadata.priority, datetime.now(UTC))
        if store.revive(agent, letter.raw, Outgoing(id=letter.handoff_id, queue=queue, score=place_in_queue, data=data)):
            print(f"{place.line(letter.handoff_id)} waits in {place.line(queue)} again")
        else:
            left.append(f"{letter.handoff_id}: somebody else has taken it from the list")
    if left:
        raise UsageError("\n".join(place.line(text) for text in left), next_step="opsmith handoff dead")
    return 0
