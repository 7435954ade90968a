"""Handoffs that lie as files in the repository, done without Redis. What follows from them is sent by the next consumer that has one."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from opsmith.errors import OpsmithError
from opsmith.protocols.handoff import codec, documents, durations, filing, names, places, priority
from opsmith.protocols.handoff.checksum import checksum
from opsmith.protocols.handoff.consumer import Handle
from opsmith.protocols.handoff.errors import InvalidMessageError
from opsmith.protocols.handoff.ledger import Ledger, Record
from opsmith.protocols.handoff.model import Handoff
from opsmith.protocols.handoff.store import Outgoing
from opsmith.protocols.hive_mind.clock import Clock, stamp, utc_now


def take(repo: Path, state: Path, ledger: Ledger, handle: Handle, agent: str, tell: Callable[[str], None], *, clock: Clock = utc_now) -> int:
    """How many were done now. One that cannot be read or done is told and stays for the next time; one that was done is left out."""
    return sum(_taken(path, repo, state, ledger, handle, agent, tell, clock) for path in _files(repo))


def _files(repo: Path) -> Iterator[Path]:
    for path in sorted((repo / places.DOCUMENTS).glob(documents.INCOMING)):
        if stat.S_ISREG(path.lstat().st_mode) and path.resolve().is_relative_to(repo.resolve()):
            yield path


def _taken(
    path: Path, repo: Path, state: Path, ledger: Ledger, handle: Handle, agent: str, tell: Callable[[str], None], clock: Clock
) -> bool:  # fmt: skip
    try:
        handoff = documents.read(_content(path))
        if handoff.metadata.to_agent != agent and not {handoff.metadata.to_agent, agent} <= names.ALIASES:
            raise InvalidMessageError(f"it is addressed to {handoff.metadata.to_agent}")
    except (InvalidMessageError, OSError) as error:
        tell(f"{path.name}: left alone: {error}")
        return False
    with ledger.working(handoff.metadata.handoff_id) as free:
        if not free or ledger.find(handoff.metadata.handoff_id):
            return False
        return _done(path, handoff, repo, state, ledger, handle, agent, tell, clock)


def _content(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(names.MAX_PAYLOAD + 1)


def _done(
    path: Path, handoff: Handoff, repo: Path, state: Path, ledger: Ledger, handle: Handle, agent: str, tell: Callable[[str], None], clock: Clock
) -> bool:  # fmt: skip
    began = time.monotonic()
    try:
        outcome = handle(handoff, names.queue(agent))
    except OpsmithError as error:
        tell(f"{path.name}: failed: {error.what}")
        return False
    if outcome.failed:
        tell(f"{path.name}: failed: {outcome.failed}")
        return False
    now = clock()
    record = Record(
        id=handoff.metadata.handoff_id, agent=agent, checksum=checksum(handoff), at=now.timestamp(),
        duration=durations.written(time.monotonic() - began),
        payload=codec.encoded(codec.with_state(handoff, "completed", stamp(clock)), names.queue(agent)),
        follow=tuple(
            Outgoing(id=item.metadata.handoff_id, queue=queue, score=priority.score(item.metadata.priority, now), data=codec.encoded(item, queue))
            for item, queue in outcome.follow
        ),
    )  # fmt: skip
    ledger.add(record)
    filing.file(repo, state, record)
    tell(f"{path.name}: {outcome.said}")
    return True
