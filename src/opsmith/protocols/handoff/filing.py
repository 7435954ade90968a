"""A handoff that was done, as files of the repository: the archive, and what follows from it for people and agents without Redis."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from opsmith.protocols.handoff import archive, codec, documents, names
from opsmith.protocols.handoff.ledger import Record


def file(repo: Path, state: Path, record: Record) -> None:
    """Nothing is written twice, and nothing over what is there. Raises DeliveryError."""
    if not record.payload:
        return
    at = datetime.fromtimestamp(record.at, UTC)
    archive.keep(state, codec.decoded(record.payload).handoff, record.payload, at)
    for message in record.follow:
        handoff = codec.decoded(message.data).handoff
        if handoff.metadata.from_agent == names.AGENT or handoff.metadata.from_agent in names.ALIASES:
            documents.write(repo, handoff, at)
