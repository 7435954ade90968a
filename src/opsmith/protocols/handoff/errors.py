"""What can be wrong with a message, which ends that message and never the consumer, and with the queue."""

from __future__ import annotations

from typing import Literal

from opsmith.errors import QueueError
from opsmith.protocols.handoff.address import Address

Reason = Literal["handler_failed", "invalid_payload", "checksum_mismatch", "payload_missing"]


class InvalidMessageError(Exception):
    """`reason` is the stable word of the dead letter; the text says it in a sentence."""

    def __init__(self, what: str, reason: Reason = "invalid_payload") -> None:
        super().__init__(what)
        self.what = what
        self.reason: Reason = reason


class QueueAwayError(QueueError):
    """Redis cannot be reached now; waiting may help."""

    def __init__(self, where: Address, cause: str) -> None:
        super().__init__(
            f"Redis at {where} cannot be reached: {cause}.",
            why="it is not running, still starting, or the address is another one (REDIS_ADDR, --redis).",
            next_step=f"redis-cli -h {where.host} -p {where.port} ping" if where.port else f"redis-cli -s {where.host} ping",
        )
