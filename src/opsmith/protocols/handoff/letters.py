"""Dead letters: what could not be done, with the reason, until a person looks at it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from opsmith.protocols.handoff import codec, names
from opsmith.protocols.handoff.checksum import checksum
from opsmith.protocols.handoff.errors import InvalidMessageError, Reason
from opsmith.protocols.handoff.model import Handoff, Validation
from opsmith.protocols.handoff.store import Claim
from opsmith.redaction import redacted
from opsmith.shapes import is_mapping, table

_SHOWN = 64 * 1024
"""Of a payload that is no JSON so much is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An entry of the list as it is read back; `raw` is what it is found by."""

    raw: bytes
    handoff_id: str
    queue: str
    failed_at: str
    reason: str
    error_msg: str
    retry_count: int
    payload: Any


def entry(claim: Claim, reason: Reason, error: str, failed_at: str, retry_count: int) -> bytes:
    told = {
        "handoff_id": claim.id, "queue": claim.queue, "failed_at": failed_at, "reason": reason, "error_msg": redacted(error)[:2000],
        "retry_count": retry_count, "payload": _payload(claim),
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode()


def _payload(claim: Claim) -> Any:
    """The handoff as it was stored; what is no JSON as text, as far as it is kept."""
    if claim.size < 0:
        return None
    try:
        return codec.body(codec.parsed(claim.data))
    except InvalidMessageError:
        return claim.data[:_SHOWN].decode("utf-8", "replace")


def read(raw: bytes) -> Letter:
    """Whatever stands in the list: what is no entry of ours has empty fields."""
    try:
        told: dict[str, Any] = table(json.loads(raw))
    except (ValueError, RecursionError):
        told = {}
    count = told.get("retry_count")
    words = {name: str(told.get(name) or "") for name in ("handoff_id", "queue", "failed_at", "reason", "error_msg")}
    return Letter(raw=raw, **words, retry_count=count if isinstance(count, int) else 0, payload=told.get("payload"))


def revived(letter: Letter, agent: str, now: str) -> tuple[Handoff, str, bytes]:
    """The handoff of a dead letter as it is put into a queue again, with that queue. Raises InvalidMessageError where there is nothing to put there.

    Its checksum is made anew: who asks for this vouches for what it says now.
    """
    if not is_mapping(letter.payload) or not names.is_handoff_id(letter.handoff_id):
        raise InvalidMessageError("its payload was no handoff, so there is nothing to put into a queue")
    plain = table(letter.payload)
    handoff = codec.handoff_of(plain)
    meta = replace(handoff.metadata, handoff_id=letter.handoff_id)
    handoff = codec.with_state(replace(handoff, metadata=meta), "pending", now, retry_count=0)
    sound = checksum(handoff)
    validation = table(plain.get("validation")) | {"schema_version": handoff.validation.schema_version, "checksum": sound}
    message = codec.Message(handoff=handoff, plain=plain | {"validation": validation})
    queue = letter.queue if letter.queue.startswith("handoff:") and letter.queue.endswith(f":{agent}") else names.queue(agent)
    handoff = replace(handoff, validation=Validation(schema_version=handoff.validation.schema_version, checksum=sound))
    return handoff, queue, codec.rewritten(message, handoff, queue)
