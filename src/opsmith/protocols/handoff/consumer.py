"""The consumer: takes handoffs from their queues one at a time, has them done, and settles each exactly once.

    claim ── read ── (done before?) ── processing ── handle ── record ── file ── settle
                │                                       │
                └── dead letter                         └── retry, dead letter

A handoff that was claimed is in flight, under a lease that is renewed while the work goes on. A consumer that ends in any way loses nothing: the
lease runs out and the next one takes it. `record` is the moment from which it counts as done; what comes after it is repeated from the record.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from opsmith.errors import OpsmithError
from opsmith.protocols.handoff import codec, durations, letters, names, priority, retrying
from opsmith.protocols.handoff.checksum import checksum
from opsmith.protocols.handoff.errors import InvalidMessageError, QueueAwayError, Reason
from opsmith.protocols.handoff.ledger import Ledger, Record
from opsmith.protocols.handoff.model import Handoff
from opsmith.protocols.handoff.renewal import Renewal
from opsmith.protocols.handoff.store import Claim, Outgoing, Store
from opsmith.protocols.hive_mind.clock import Clock, stamp, utc_now
from opsmith.redaction import redacted

T = TypeVar("T")
MOST_ABANDONED = 5
"""Taken so often and never finished, it is what ends the consumers."""
ANNOUNCED_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a handoff: the handoffs that follow from it, with their queues, and one sentence. `failed` says why it was not done."""

    said: str
    follow: tuple[tuple[Handoff, str], ...] = ()
    failed: str = ""


Handle = Callable[[Handoff, str], Outcome]
"""Does one handoff, of the queue that it came by. What it raises is tried again where it is likely to pass, else it becomes a dead letter.

After a crash it is called again for the same handoff, so what it does must bear being done again from any point.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How to consume. `patience`: seconds to wait for a Redis that is away; None = for ever. `once`: end when the queues are empty."""

    agent: str = names.AGENT
    projects: tuple[str, ...] = ()
    once: bool = False
    lease: float = 60.0
    poll: float = 0.1
    patience: float | None = None
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def queues(self) -> tuple[str, ...]:
        return (names.queue(self.agent), *(names.queue(self.agent, project) for project in self.projects))


def _no_file(record: Record) -> None:
    """Nothing is filed."""


def _no_upkeep() -> None:
    """Nothing else is to be done now and then."""


@dataclass(kw_only=True)
class Consumer:
    """`tell` gets a line about everything that happens; `file` puts a record into files, and does nothing where they are there already.

    `upkeep` is called once a minute while Redis answers.
    """

    store: Store
    ledger: Ledger
    handle: Handle
    terms: Terms
    tell: Callable[[str], None]
    file: Callable[[Record], None] = _no_file
    upkeep: Callable[[], None] = _no_upkeep
    clock: Clock = utc_now
    sleep: Callable[[float], None] = time.sleep
    _unsure: bool = False
    _announced: float = float("-inf")

    def __post_init__(self) -> None:
        self._renewal = Renewal(lambda claim: self.store.hold(self.terms.agent, claim, self.terms.token, self.terms.lease), self.terms.lease)

    def run(self) -> int:
        """How many handoffs were taken. Raises QueueError, and DeliveryError where the own disk refuses."""
        with self._renewal.running():
            return self._run()

    def _run(self) -> int:
        self.ledger.prune(self.clock().timestamp())
        for record in self.ledger.unsettled(self.terms.agent):
            self._finish(record, "what followed from it was sent")
        taken = 0
        while True:
            claim = self._patiently(self._claimed)
            if claim is not None:
                self._take(claim)
                taken += 1
            elif self.terms.once:
                return taken
            else:
                self.ledger.note_settled()
                self.sleep(self.terms.poll)

    def _claimed(self) -> Claim | None:
        if time.monotonic() - self._announced > ANNOUNCED_SECONDS:
            self.store.announce(self.terms.agent)
            self.upkeep()
            self._announced = time.monotonic()
        resume, self._unsure = self._unsure, True  # until there is an answer, one may be ours
        claim = self.store.claim(self.terms.agent, self.terms.queues, self.terms.token, self.terms.lease, resume=resume)
        self._unsure = False
        return claim

    def _take(self, claim: Claim) -> None:
        with self.ledger.working(claim.id) as free:
            if not free:  # its lease ran out although its consumer lives: stopped, or cut off from Redis
                self.tell(f"{claim.id}: another consumer on this machine is still at it")
                self._patiently(lambda: self.store.defer(self.terms.agent, claim, self.terms.token, self.terms.lease))
                return
            try:
                message = self._message(claim)
                if message is not None:
                    self._work(claim, message)
            except InvalidMessageError as error:
                self._bury(claim, error.reason, error.what)

    def _message(self, claim: Claim) -> codec.Message | None:
        """None when there is nothing left to do. Raises InvalidMessageError."""
        record = self.ledger.find(claim.id)
        if record is not None and claim.size == -1:
            self._finish(record, "done before")
            return None
        message = _read(claim, self.terms.agent)
        known = record.checksum if record is not None else claim.done
        if known and known != checksum(message.handoff):
            raise InvalidMessageError("its id was used before, for another handoff")
        if record is not None:
            self._finish(record if record.payload else replace(record, payload=self._completed(message, claim), duration=""), "done before")
            return None
        if claim.done or message.handoff.status in ("completed", "cancelled"):
            self._forget(claim, "done before" if claim.done else f"its status is {message.handoff.status}")
            return None
        if claim.abandoned >= MOST_ABANDONED:
            raise InvalidMessageError(f"{claim.abandoned} consumers took it and ended before it was done", "handler_failed")
        return message

    def _work(self, claim: Claim, message: codec.Message) -> None:
        handoff = message.handoff
        began = time.monotonic()
        self.tell(f"{claim.id}: from {handoff.metadata.from_agent}: {handoff.content.summary}")
        for warning in message.warnings:
            self.tell(f"{claim.id}: warning: {warning}")
        try:
            processing = codec.rewritten(message, codec.with_state(handoff, "processing", stamp(self.clock)), claim.queue)
            if not self._patiently(lambda: self.store.hold(self.terms.agent, claim, self.terms.token, self.terms.lease, processing)):
                self.tell(f"{claim.id}: its lease ran out before the work began; whoever has it now does it")
                return
            with self._renewal.holding(claim):
                outcome = self.handle(handoff, claim.queue)
        except KeyboardInterrupt:
            self._release(claim, message)
            raise
        except Exception as error:
            self._failed(claim, message, error, time.monotonic() - began)
            return
        if outcome.failed:
            self._bury(claim, "handler_failed", outcome.failed, message, time.monotonic() - began, outcome.follow)
            return
        now = self.clock()
        record = Record(
            id=claim.id, agent=self.terms.agent, checksum=checksum(handoff), at=now.timestamp(), payload=self._completed(message, claim),
            duration=durations.written(time.monotonic() - began), follow=outgoing(outcome.follow, now),
        )  # fmt: skip
        self.ledger.add(record)
        self._finish(record, outcome.said)

    def _completed(self, message: codec.Message, claim: Claim) -> bytes:
        return codec.rewritten(message, codec.with_state(message.handoff, "completed", stamp(self.clock)), claim.queue)

    def _finish(self, record: Record, said: str) -> None:
        self.file(record)
        self._settle(record)
        self.ledger.settled(record.id)
        self.tell(f"{record.id}: {said}")

    def _settle(self, record: Record) -> None:
        told = (record.id, self.terms.token, record.checksum, record.payload, record.duration, record.follow)
        self._patiently(lambda: self.store.settle(self.terms.agent, *told))

    def _failed(self, claim: Claim, message: codec.Message, error: Exception, seconds: float) -> None:
        """Again after a while, or never."""
        said = error.what if isinstance(error, OpsmithError) else f"{type(error).__name__}: {error}"
        retries = message.handoff.retry_count
        if not retrying.is_passing(error) or retries >= retrying.MOST:
            self._bury(claim, "handler_failed", said, message, seconds)
            return
        wait = retrying.delay(retries)
        again = codec.with_state(message.handoff, "retrying", stamp(self.clock), retry_count=retries + 1, error_msg=redacted(said)[:2000])
        data = codec.rewritten(message, again, claim.queue)
        place = priority.score(message.handoff.metadata.priority, self.clock()) + wait / 1e9
        self._patiently(lambda: self.store.defer(self.terms.agent, claim, self.terms.token, wait, score=place, data=data))
        self.tell(f"{claim.id}: failed and is tried again in {wait:g} s: {said}")

    def _bury(
        self, claim: Claim, reason: Reason, why: str, message: codec.Message | None = None, seconds: float | None = None,
        follow: tuple[tuple[Handoff, str], ...] = (),
    ) -> None:  # fmt: skip
        now = stamp(self.clock)
        retries = message.handoff.retry_count if message else 0
        data = b""
        if message is not None:
            failed = codec.with_state(message.handoff, "failed", now, error_msg=redacted(why)[:2000])
            data = codec.rewritten(message, failed, claim.queue)
        entry = letters.entry(claim, reason, why, now, retries)
        duration = "" if seconds is None else durations.written(seconds)
        following = outgoing(follow, self.clock())
        self._patiently(lambda: self.store.bury(self.terms.agent, claim, self.terms.token, entry, data, duration, following))
        self.tell(f"{claim.id}: dead letter ({reason}): {why}")

    def _forget(self, claim: Claim, why: str) -> None:
        self._patiently(lambda: self.store.forget(self.terms.agent, claim, self.terms.token))
        self.tell(f"{claim.id}: {why}")

    def _release(self, claim: Claim, message: codec.Message) -> None:
        """Back to its place at once; where Redis is away, the lease runs out instead."""
        pending = codec.rewritten(message, replace(message.handoff, status="pending", updated_at=stamp(self.clock)), claim.queue)
        with suppress(OpsmithError):
            self.store.release(self.terms.agent, claim, self.terms.token, pending)
        self.tell(f"{claim.id}: given back")

    def _patiently(self, ask: Callable[[], T]) -> T:
        """What `ask` answers, waiting for a Redis that is away. Raises QueueAwayError when the patience ends."""
        from redis.backoff import ExponentialWithJitterBackoff

        backoff = ExponentialWithJitterBackoff(cap=30, base=0.25)
        began, attempts = time.monotonic(), 0
        while True:
            try:
                answer = ask()
            except QueueAwayError as error:
                waited = time.monotonic() - began
                if self.terms.patience is not None and waited >= self.terms.patience:
                    raise
                if attempts == 0:
                    self.tell(f"{error.what} Waiting for it.")
                attempts += 1
                self.sleep(max(0.05, min(backoff.compute(attempts), 30.0)))
                continue
            if attempts:
                self.tell(f"Redis is back after {time.monotonic() - began:.1f} s.")
            return answer


def outgoing(follow: tuple[tuple[Handoff, str], ...], now: datetime) -> tuple[Outgoing, ...]:
    """What follows from a handoff, as it goes into its queues."""
    return tuple(
        Outgoing(
            id=handoff.metadata.handoff_id,
            queue=queue,
            score=priority.score(handoff.metadata.priority, now),
            data=codec.encoded(handoff, queue),
        )
        for handoff, queue in follow
    )


def _read(claim: Claim, agent: str) -> codec.Message:
    """Raises InvalidMessageError."""
    if not claim.has_sound_id:
        raise InvalidMessageError(f"the queue holds {claim.id[:80]!r}, which is no id of a handoff")
    if claim.size == -1:
        raise InvalidMessageError("its payload is gone: it waited more than a day, or was removed", "payload_missing")
    if claim.size == -2:
        raise InvalidMessageError("the key of its payload holds no text")
    if claim.size > names.MAX_PAYLOAD:
        raise InvalidMessageError(f"the payload has {claim.size} bytes; {names.MAX_PAYLOAD} are the most that are read")
    message = codec.decoded(claim.data)
    to, told = message.handoff.metadata.to_agent, message.handoff.metadata.handoff_id
    if to != agent and not {to, agent} <= names.ALIASES:
        raise InvalidMessageError(f"it is addressed to {to}, and this is the queue of {agent}")
    if told and told != claim.id:
        raise InvalidMessageError(f"it is stored under {claim.id} and calls itself {told}")
    handoff = replace(message.handoff, metadata=replace(message.handoff.metadata, handoff_id=claim.id))
    return replace(message, handoff=handoff)
