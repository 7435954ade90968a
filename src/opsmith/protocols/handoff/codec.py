"""A stored message to a handoff and back.

Two shapes are in use: the handoff itself, and an envelope with the handoff under `payload`. We write one object that is both, and read either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from opsmith.encoding import from_plain, to_plain
from opsmith.protocols.handoff.checksum import checksum, is_checksum
from opsmith.protocols.handoff.errors import InvalidMessageError
from opsmith.protocols.handoff.model import Handoff
from opsmith.protocols.handoff.names import AGENT_NAME, MAX_DEPTH, MAX_PAYLOAD, is_handoff_id
from opsmith.protocols.handoff.times import moment
from opsmith.shapes import is_list, is_mapping, items, table

_SECTIONS = ("metadata", "content", "validation")
_NEVER = "0001-01-01T00:00:00Z"
"""What a Go reader takes for no time; an empty text it cannot read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`plain` is all of what was stored, unknown keys included; `warnings` is what was odd and could be read all the same."""

    handoff: Handoff
    plain: Mapping[str, Any]
    warnings: tuple[str, ...] = ()


def decoded(data: bytes) -> Message:
    """Raises InvalidMessageError."""
    plain = parsed(data)
    handoff = handoff_of(body(plain))
    return Message(handoff=handoff, plain=plain, warnings=tuple(verified(handoff)))


def parsed(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`, within the bounds. Raises InvalidMessageError."""
    if len(data) > MAX_PAYLOAD:
        raise InvalidMessageError(f"the payload has {len(data)} bytes; {MAX_PAYLOAD} are the most that are read")
    try:
        value: Any = json.loads(data.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidMessageError(f"the payload is no JSON: {error}") from None
    if not is_mapping(value):
        raise InvalidMessageError("the payload is no JSON object")
    _require_shallow(value)
    return table(value)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _require_shallow(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [item for node in level for item in (*table(node).values(), *items(node)) if is_mapping(item) or is_list(item)]
    if level:
        raise InvalidMessageError(f"the payload is nested more than {MAX_DEPTH} deep")


def body(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The handoff in a stored object of either shape."""
    inner = table(plain.get("payload"))
    return inner if "metadata" in inner else dict(plain)


def handoff_of(plain: Mapping[str, Any]) -> Handoff:
    """Raises InvalidMessageError, naming the place. A null is as good as an absent value: Go writes it for an empty list."""
    told = _without_nulls(plain)
    for name in _SECTIONS:
        if is_mapping(told.get(name)):
            told[name] = _without_nulls(told[name])
    if is_mapping(table(told.get("content")).get("artifacts")):
        told["content"]["artifacts"] = _without_nulls(told["content"]["artifacts"])
    try:
        handoff = from_plain(told, Handoff)
    except (ValueError, RecursionError) as error:
        raise InvalidMessageError(str(error)) from None
    _require_agents(handoff)
    return handoff


def _without_nulls(value: Any) -> dict[str, Any]:
    return {key: item for key, item in table(value).items() if item is not None}


def _require_agents(handoff: Handoff) -> None:
    meta = handoff.metadata
    for name, value in (("from_agent", meta.from_agent), ("to_agent", meta.to_agent)):
        if not AGENT_NAME.fullmatch(value):
            raise InvalidMessageError(f"{name} {value[:80]!r} is no name of an agent (lower-case letters, digits and hyphens)")
    if meta.from_agent == meta.to_agent:
        raise InvalidMessageError(f"{meta.from_agent} hands over to itself")
    if not handoff.content.summary.strip():
        raise InvalidMessageError("content.summary is empty")
    if meta.handoff_id and not is_handoff_id(meta.handoff_id):
        raise InvalidMessageError(f"handoff_id {meta.handoff_id[:80]!r} holds a colon, a blank or more than 200 characters")


def verified(handoff: Handoff) -> list[str]:
    """Raises InvalidMessageError for a checksum that does not fit; what is no checksum at all is only told."""
    told = handoff.validation.checksum
    if not told:
        return ["it has no checksum"]
    if not is_checksum(told):
        return [f"its checksum {told[:80]!r} is no SHA-256 in hex"]
    if told != checksum(handoff):
        raise InvalidMessageError("the checksum does not fit the content", "checksum_mismatch")
    return []


def encoded(handoff: Handoff, queue: str) -> bytes:
    """A new message: the handoff on top, and once more under `payload` of an envelope."""
    return _dumped(_superset(_plain(handoff), queue))


def rewritten(message: Message, handoff: Handoff, queue: str) -> bytes:
    """`message` with the state that `handoff` has now. Keys that we do not know stay, and both copies say the same."""
    state = _plain(handoff)
    inner = body(message.plain)
    envelope = ("handoff_id", "queue", "timestamp", "priority", "payload")
    kept = {key: value for key, value in message.plain.items() if key not in envelope} | inner
    changed = {key: state[key] for key in ("status", "created_at", "updated_at", "retry_count", "error_msg") if key in state}
    if "error_msg" not in state:
        kept.pop("error_msg", None)
    ids = {"metadata": table(kept.get("metadata")) | {"handoff_id": handoff.metadata.handoff_id}}
    return _dumped(_superset({key: value for key, value in (kept | changed | ids).items() if key not in envelope}, queue))


def with_state(handoff: Handoff, status: Any, when: str, *, retry_count: int | None = None, error_msg: str = "") -> Handoff:
    retries = handoff.retry_count if retry_count is None else retry_count
    return replace(handoff, status=status, created_at=handoff.created_at or when, updated_at=when, retry_count=retries, error_msg=error_msg)


def _plain(handoff: Handoff) -> dict[str, Any]:
    plain = table(to_plain(handoff))
    plain["metadata"] = table({"project_name": plain["metadata"].pop("project_name")} | plain["metadata"])
    if not handoff.error_msg:
        del plain["error_msg"]
    if not handoff.metadata.project_name:
        del plain["metadata"]["project_name"]
    return plain


def _superset(inner: dict[str, Any], queue: str) -> dict[str, Any]:
    meta = table(inner.get("metadata"))
    times = [text for text in (meta.get("timestamp"), inner.get("created_at"), inner.get("updated_at")) if isinstance(text, str) and moment(text)]
    envelope = {
        "handoff_id": meta.get("handoff_id", ""),
        "queue": queue,
        "timestamp": next(iter(times), _NEVER),
        "priority": meta.get("priority", ""),
    }
    return {**envelope, **inner, "payload": inner}


def _dumped(value: Mapping[str, Any]) -> bytes:
    """ASCII, so that half of a surrogate pair, which JSON can spell and UTF-8 cannot, comes out as it came in."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
