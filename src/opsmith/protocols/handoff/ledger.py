"""What was done, remembered in the repository's state: the reason why a handoff that comes twice is done once.

The record of a handoff and of everything that follows from it is one transaction. What follows is sent from the record, again after a crash, until
Redis has confirmed it. SQLite keeps it: several consumers write at once, and a process may end anywhere.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsmith.errors import DeliveryError
from opsmith.protocols.handoff.store import Outgoing

FILE = "ledger.sqlite3"
KEPT_SECONDS = 90 * 24 * 3600
_SCHEMA = """
create table if not exists done (
  id text primary key, agent text not null, checksum text not null, at real not null, duration text not null, payload blob not null,
  follow text not null, settled integer not null
) without rowid;
create index if not exists unsettled on done (agent) where settled = 0;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One handoff that was done: its final payload and the handoffs that follow from it; both empty once Redis has confirmed them."""

    id: str
    agent: str
    checksum: str
    at: float
    duration: str
    payload: bytes
    follow: tuple[Outgoing, ...] = ()


class Ledger:
    """One for each process: the locks of a process are not locks against itself. Raises DeliveryError where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        with self._explained():
            if self._file.is_symlink():
                raise OSError("it is a link")
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
            self._database = sqlite3.connect(self._file, timeout=60, isolation_level=None)
            self._database.execute("pragma trusted_schema = off")
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = full")
            self._database.executescript(_SCHEMA)
        self._settled: list[str] = []

    def close(self) -> None:
        self.note_settled()
        with self._explained():
            self._database.close()
        os.close(self._lock)

    @contextmanager
    def working(self, handoff_id: str) -> Generator[bool]:
        """Whether no other living process works on it. The kernel gives the lock back when a process ends, however it ends."""
        start = int.from_bytes(hashlib.sha256(handoff_id.encode("utf-8", "surrogatepass")).digest()[:7])
        try:
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, start)
        except (BlockingIOError, PermissionError):
            yield False
            return
        try:
            yield True
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN, 1, start)

    def find(self, handoff_id: str) -> Record | None:
        with self._explained():
            row = self._database.execute("select id, agent, checksum, at, duration, payload, follow from done where id = ?", (handoff_id,)).fetchone()
        return _record(row) if row else None

    def add(self, record: Record) -> None:
        """From here on it counts as done."""
        row = (record.id, record.agent, record.checksum, record.at, record.duration, record.payload, _written(record.follow), 0)
        with self._explained(), self._transaction():
            self._database.execute("insert into done values (?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._mark_settled()

    def settled(self, handoff_id: str) -> None:
        """Redis knows. Noted with the next record or at the end: to send what follows twice does no harm."""
        self._settled.append(handoff_id)
        if len(self._settled) >= 100:
            self.note_settled()

    def unsettled(self, agent: str) -> list[Record]:
        """What was done and not confirmed by Redis, oldest first. That another process is about to tell it does no harm."""
        with self._explained():
            rows = self._database.execute(
                "select id, agent, checksum, at, duration, payload, follow from done where settled = 0 and agent = ? order by at", (agent,)
            ).fetchall()
        return [record for record in map(_record, rows) if record.id not in self._settled]

    def prune(self, now: float) -> None:
        with self._explained():
            self._database.execute("delete from done where settled = 1 and at < ?", (now - KEPT_SECONDS,))

    def note_settled(self) -> None:
        if self._settled:
            with self._explained(), self._transaction():
                self._mark_settled()

    def _mark_settled(self) -> None:
        self._database.executemany("update done set settled = 1, payload = x'', follow = '[]' where id = ?", [(item,) for item in self._settled])
        self._settled.clear()

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._database.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._database.execute("rollback")
            raise
        self._database.execute("commit")

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise DeliveryError(
                f"{self._file} cannot be used: {error}.",
                why="a full or read-only disk, another user's file, or one that was damaged.",
                next_step=f"ls -l {self._file}   (removed, it forgets which handoffs were done)",
            ) from None


def _record(row: Any) -> Record:
    handoff_id, agent, checksum, at, duration, payload, follow = row
    return Record(id=handoff_id, agent=agent, checksum=checksum, at=at, duration=duration, payload=bytes(payload), follow=_read(follow))


def _written(messages: tuple[Outgoing, ...]) -> str:
    return json.dumps([[item.id, item.queue, item.score, item.data.decode("ascii")] for item in messages])


def _read(text: str) -> tuple[Outgoing, ...]:
    return tuple(Outgoing(id=item[0], queue=item[1], score=item[2], data=item[3].encode("ascii")) for item in json.loads(text))
