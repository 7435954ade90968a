"""Many handoffs, several consumers, and everything that can be killed is killed: none is lost, none is done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from opsmith.protocols.handoff import codec, publishing
from opsmith.protocols.handoff.ledger import Ledger
from opsmith.protocols.handoff.model import Content, Handoff, Metadata
from opsmith.protocols.handoff.store import Store
from tests.protocols import redis_server

CONSUMERS = 4
SECONDS = 300


def _publish(server: redis_server.Server, count: int) -> list[str]:
    store = Store(server.where)
    ids: list[str] = []
    for number in range(count):
        wanted = Handoff(
            metadata=Metadata(from_agent="test-expert", to_agent="devops-expert", priority=("high", "medium", "low")[number % 3]),
            content=Content(summary=f"Handoff {number} of many", requirements=("Deploy it",)),
        )
        message = publishing.outgoing(publishing.draft(wanted, project=None))
        store.publish(message)
        ids.append(message.id)
    store.close()
    return ids


def _consumer(server: redis_server.Server, state: Path, number: int) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("handoff_worker.py")
    with (state / f"out-{number}").open("ab") as out:
        return subprocess.Popen([sys.executable, str(script), str(server.port), str(state), str(state / f"begun-{number}")], stdout=out, stderr=out)


def _until(server: redis_server.Server, count: int) -> None:
    """Waits until so many are done."""
    client = server.client()
    for _ in range(SECONDS * 20):
        if int(client.get("handoff:metrics:completed") or 0) >= count:
            client.close()
            return
        time.sleep(0.05)
    raise AssertionError(f"{client.get('handoff:metrics:completed')} of {count} done after {SECONDS} s")


@pytest.mark.full
def test_ten_thousand(tmp_path: Path) -> None:
    count = int(os.environ.get("OPSMITH_TEST_HANDOFFS", "10000"))
    redis_server.require()
    server = redis_server.Server(tmp_path / "redis", redis_server.free_port())
    server.start()
    state = tmp_path / "state"
    state.mkdir()
    consumers: list[subprocess.Popen[bytes]] = []
    try:
        ids = _publish(server, count)
        began = time.monotonic()
        consumers = [_consumer(server, state, number) for number in range(CONSUMERS)]
        _until(server, count // 5)
        consumers[0].send_signal(signal.SIGKILL)
        consumers[0].wait()
        _until(server, count // 4)
        server.kill()
        time.sleep(1)
        server.start()
        consumers.append(_consumer(server, state, CONSUMERS))
        _until(server, count // 2)
        consumers[1].send_signal(signal.SIGKILL)
        consumers[1].wait()
        _until(server, count)
        seconds = time.monotonic() - began
        alive = [consumer for consumer in consumers if consumer.poll() is None]
        told = _outcome(server, state)
    finally:
        for consumer in consumers:
            consumer.kill()
            consumer.wait()
        server.kill()
    assert len(alive) == CONSUMERS - 1
    assert told["waiting"] == told["in_flight"] == told["dead"] == 0
    assert told["answers"] == Counter(ids)  # every handoff has exactly one answer
    assert told["statuses"] == {"completed": count}
    assert told["total"] == 2 * count
    assert told["completed"] == count
    again = told["begun"] - Counter(ids)
    assert set(told["begun"]) == set(ids)
    assert again.total() <= 2  # what a killed consumer had under way, and nothing else, was begun a second time
    ledger = Ledger(state)
    assert all(ledger.find(handoff_id) for handoff_id in ids)
    ledger.close()
    sys.stdout.write(
        f"\n{count} handoffs by {CONSUMERS} processes in {seconds:.1f} s: {count / seconds:.0f} a second; begun twice: {again.total()}\n"
    )


def _outcome(server: redis_server.Server, state: Path) -> dict[str, Any]:
    client = server.client()
    answers: Counter[str] = Counter()
    for handoff_id in client.zrange("handoff:queue:project-manager", 0, -1):
        answer = codec.decoded(client.get(f"handoff:{handoff_id}").encode())
        answers[answer.handoff.content.technical_details["in_reply_to"]] += 1
    statuses: Counter[str] = Counter()
    for handoff_id in answers:
        statuses[json.loads(client.get(f"handoff:{handoff_id}"))["status"]] += 1
    told = {
        "answers": answers,
        "statuses": dict(statuses),
        "waiting": client.zcard("handoff:queue:devops-expert"),
        "in_flight": client.zcard("handoff:inflight:devops-expert"),
        "dead": client.llen("handoff:dlq:devops-expert"),
        "total": int(client.get("handoff:metrics:total")),
        "completed": int(client.get("handoff:metrics:completed")),
        "begun": Counter(line for log in state.glob("begun-*") for line in log.read_text().split()),
    }
    client.close()
    return told
