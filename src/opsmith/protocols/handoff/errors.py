"""What can be wrong with a message. It ends that message, never the consumer."""

from __future__ import annotations

from typing import Literal

Reason = Literal["handler_failed", "invalid_payload", "checksum_mismatch", "payload_missing"]


class InvalidMessageError(Exception):
    """`reason` is the stable word of the dead letter; the text says it in a sentence."""

    def __init__(self, what: str, reason: Reason = "invalid_payload") -> None:
        super().__init__(what)
        self.what = what
        self.reason = reason
