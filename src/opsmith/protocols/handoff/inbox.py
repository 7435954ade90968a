"""Handoffs that lie as files in the repository, done without Redis. What follows from them is sent by the next consumer that has one."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from opsmith.errors import OpsmithError
from opsmith.protocols.handoff import codec, documents, durations, filing, names, places
from opsmith.protocols.handoff.checksum import checksum
from opsmith.protocols.handoff.consumer import Handle, Outcome, outgoing
from opsmith.protocols.handoff.errors import InvalidMessageError
from opsmith.protocols.handoff.ledger import Ledger, Record
from opsmith.protocols.handoff.model import Handoff
from opsmith.protocols.hive_mind.clock import Clock, stamp, utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """`state` is the folder of `ledger`; `tell` gets a line about everything that happens."""

    repo: Path
    state: Path
    ledger: Ledger
    handle: Handle
    agent: str
    tell: Callable[[str], None]
    clock: Clock = utc_now

    def take(self) -> int:
        """How many were done now. One that cannot be read or done is told and stays for the next time; one that was done is left out."""
        return sum(self._taken(path) for path in self._files())

    def _files(self) -> Iterator[Path]:
        for path in sorted((self.repo / places.DOCUMENTS).glob(documents.INCOMING)):
            if stat.S_ISREG(path.lstat().st_mode) and path.resolve().is_relative_to(self.repo.resolve()):
                yield path

    def _taken(self, path: Path) -> bool:
        try:
            handoff = documents.read(_content(path))
            if handoff.metadata.to_agent != self.agent and not {handoff.metadata.to_agent, self.agent} <= names.ALIASES:
                raise InvalidMessageError(f"it is addressed to {handoff.metadata.to_agent}")
        except (InvalidMessageError, OSError) as error:
            self.tell(f"{path.name}: left alone: {error}")
            return False
        with self.ledger.working(handoff.metadata.handoff_id) as free:
            return free and not self.ledger.find(handoff.metadata.handoff_id) and self._done(path.name, handoff)

    def _done(self, name: str, handoff: Handoff) -> bool:
        began = time.monotonic()
        try:
            outcome = self.handle(handoff, names.queue(self.agent))
        except OpsmithError as error:
            self.tell(f"{name}: failed: {error.what}")
            return False
        if outcome.failed:
            self.tell(f"{name}: failed: {outcome.failed}")
            return False
        record = self._record(handoff, outcome, time.monotonic() - began)
        self.ledger.add(record)
        filing.file(self.repo, self.state, record)
        self.tell(f"{name}: {outcome.said}")
        return True

    def _record(self, handoff: Handoff, outcome: Outcome, seconds: float) -> Record:
        now = self.clock()
        return Record(
            id=handoff.metadata.handoff_id,
            agent=self.agent,
            checksum=checksum(handoff),
            at=now.timestamp(),
            duration=durations.written(seconds),
            payload=codec.encoded(codec.with_state(handoff, "completed", stamp(self.clock)), names.queue(self.agent)),
            follow=outgoing(outcome.follow, now),
        )


def _content(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(names.MAX_PAYLOAD + 1)
