"""Publishing: a handoff is made from what a caller says, checked, and sent; where Redis is away, it is kept and sent later."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from opsmith.errors import UsageError
from opsmith.protocols.handoff import codec, names, outbox, priority, validation
from opsmith.protocols.handoff.checksum import checksum
from opsmith.protocols.handoff.errors import QueueAwayError
from opsmith.protocols.handoff.model import Handoff, Validation
from opsmith.protocols.handoff.store import Outgoing, Store
from opsmith.protocols.hive_mind.clock import Clock, stamp, utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A handoff that may be published, with what strict readers will object to. `hidden`: what may be a secret was taken out."""

    handoff: Handoff
    queue: str
    warnings: tuple[str, ...]
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """`depth`: how many wait in the queue now. `new` False: it was there already. `earlier`: messages of the outbox that went along."""

    new: bool
    depth: int
    earlier: tuple[str, ...]


def draft(wanted: Handoff, *, project: str | None, clock: Clock = utc_now) -> Draft:
    """`wanted` with everything filled in that may be left open. Raises UsageError naming all that is wrong."""
    now = stamp(clock)
    meta = replace(
        wanted.metadata,
        project_name=project or wanted.metadata.project_name,
        timestamp=wanted.metadata.timestamp or now,
        handoff_id=wanted.metadata.handoff_id or str(uuid.uuid4()),
    )
    clean = validation.sanitised(replace(wanted, metadata=meta, status="pending", created_at=now, updated_at=now, retry_count=0, error_msg=""))
    wrong = validation.errors(clean)
    handoff = replace(clean, validation=Validation(checksum=checksum(clean)))
    queue = names.queue(meta.to_agent, project)
    if not wrong and len(codec.encoded(handoff, queue)) > names.MAX_PAYLOAD:
        wrong = [f"it has more than {names.MAX_PAYLOAD} bytes; name the files instead of putting them in"]
    if wrong:
        raise UsageError(f"The handoff is not published: {'; '.join(wrong)}.", next_step='publisher FROM TO "SUMMARY" "DETAILS"')
    told = tuple(validation.warnings(handoff, clock()))
    return Draft(handoff=handoff, queue=queue, warnings=told, hidden=_hides(wanted, handoff))


def _hides(before: Handoff, after: Handoff) -> bool:
    return repr(after.content).count("***") > repr(before.content).count("***")


def outgoing(made: Draft, clock: Clock = utc_now) -> Outgoing:
    handoff = made.handoff
    return Outgoing(
        id=handoff.metadata.handoff_id,
        queue=made.queue,
        score=priority.score(handoff.metadata.priority, clock()),
        data=codec.encoded(handoff, made.queue),
    )


def send(message: Outgoing, store: Store, kept: Path) -> Sent:
    """First what waits in the outbox `kept`, then `message`. Raises QueueAwayError after putting it into the outbox."""
    try:
        earlier = tuple(item.id for item in outbox.flush(kept, store))
        new, depth = store.publish(message)
    except QueueAwayError:
        outbox.keep(kept, message)
        raise
    return Sent(new=new, depth=depth, earlier=earlier)
