"""A consumer process for test_handoff_endurance: the library's consumer with a handler that writes down what it begins.

python handoff_worker.py PORT STATE-FOLDER LOG
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from opsmith.protocols.handoff.address import Address
from opsmith.protocols.handoff.checksum import checksum
from opsmith.protocols.handoff.consumer import Consumer, Outcome, Terms
from opsmith.protocols.handoff.ledger import Ledger
from opsmith.protocols.handoff.model import Content, Handoff, Metadata, Validation
from opsmith.protocols.handoff.results import Sender
from opsmith.protocols.handoff.store import Store


def main(port: int, state: Path, log: Path) -> None:
    begun = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sender = Sender()

    def handle(handoff: Handoff, queue: str) -> Outcome:
        os.write(begun, f"{handoff.metadata.handoff_id}\n".encode())
        answer = Handoff(
            metadata=Metadata(from_agent="devops-expert", to_agent="project-manager", task_context="endurance", handoff_id=sender.new_id()),
            content=Content(summary="Deployment complete", technical_details={"in_reply_to": handoff.metadata.handoff_id}),
        )
        return Outcome(said="done", follow=((replace(answer, validation=Validation(checksum=checksum(answer))), "handoff:queue:project-manager"),))

    store, ledger = Store(Address(host="127.0.0.1", port=port)), Ledger(state)
    Consumer(store=store, ledger=ledger, handle=handle, terms=Terms(lease=3.0), tell=_tell).run()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
