"""The consumer over a real Redis: each handoff is done once, whatever ends in between."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from opsmith.errors import QueueError, TaskError
from opsmith.protocols.handoff import codec, letters, names, publishing, retrying
from opsmith.protocols.handoff.checksum import checksum
from opsmith.protocols.handoff.consumer import Consumer, Outcome, Terms
from opsmith.protocols.handoff.errors import QueueAwayError
from opsmith.protocols.handoff.ledger import Ledger, Record
from opsmith.protocols.handoff.model import Content, Handoff, Metadata, Validation
from opsmith.protocols.handoff.results import Sender
from opsmith.protocols.handoff.store import Outgoing, Store
from tests.protocols import redis_server

QUEUE = "handoff:queue:devops-expert"


def wanted(summary: str, **meta: str) -> Handoff:
    return Handoff(
        metadata=replace(Metadata(from_agent="test-expert", to_agent="devops-expert"), **meta),  # type: ignore[arg-type]
        content=Content(summary=summary, requirements=("Deploy it",)),
    )


def answer_to(handoff: Handoff) -> Handoff:
    made = Handoff(
        metadata=Metadata(from_agent="devops-expert", to_agent="project-manager", handoff_id=Sender().new_id()),
        content=Content(summary=f"Done: {handoff.content.summary}"),
    )
    return replace(made, validation=Validation(checksum=checksum(made)))


@dataclass
class Desk:
    """A consumer with everything around it, and what it has done."""

    server: redis_server.Server
    folder: Path
    store: Store
    ledger: Ledger
    client: Any
    done: list[str] = field(default_factory=list[str])
    told: list[str] = field(default_factory=list[str])

    def publish(self, summary: str, *, project: str | None = None, **meta: str) -> str:
        message = publishing.outgoing(publishing.draft(wanted(summary, **meta), project=project))
        self.store.publish(message)
        return message.id

    def put(self, handoff_id: str, data: bytes | str, score: float = 3.5) -> None:
        """As another implementation does."""
        self.client.set(f"handoff:{handoff_id}", data)
        self.client.zadd(QUEUE, {handoff_id: score})

    def handle(self, handoff: Handoff, queue: str) -> Outcome:
        self.done.append(handoff.content.summary)
        return Outcome(said="deployed", follow=((answer_to(handoff), "handoff:queue:project-manager"),))

    def consumer(self, handle: Callable[[Handoff, str], Outcome] | None = None, **terms: Any) -> Consumer:
        usual: dict[str, Any] = {"once": True, "patience": 0.0, "lease": 30.0}
        given = Terms(**usual | terms)
        return Consumer(store=self.store, ledger=self.ledger, handle=handle or self.handle, terms=given, tell=self.told.append)

    def payload(self, handoff_id: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.client.get(f"handoff:{handoff_id}"))
        return found

    def dead(self) -> list[tuple[str, str]]:
        found = [letters.read(raw) for raw in self.store.dead("devops-expert")]
        return [(letter.reason, letter.error_msg) for letter in found]

    def nothing_is_left(self) -> bool:
        keys = (QUEUE, "handoff:inflight:devops-expert", "handoff:leases:devops-expert", "handoff:abandoned:devops-expert")
        return not any(self.client.exists(key) for key in keys)


@pytest.fixture
def desk(redis: redis_server.Server, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(redis, tmp_path, Store(redis.where), Ledger(tmp_path), redis.client())
    yield made
    made.ledger.close()
    made.store.close()
    made.client.close()


# -- the ordinary way ----------------------------------------------------------------------------------------------------------------


def test_taken_done_and_settled(desk: Desk) -> None:
    handoff_id = desk.publish("Deploy shop")
    assert desk.client.zrange(QUEUE, 0, -1) == [handoff_id]
    assert desk.consumer().run() == 1
    assert desk.done == ["Deploy shop"]
    assert desk.told == [f"{handoff_id}: from test-expert: Deploy shop", f"{handoff_id}: deployed"]
    payload = desk.payload(handoff_id)
    assert (payload["status"], payload["payload"]["status"], payload["queue"]) == ("completed", "completed", QUEUE)
    assert desk.client.get("handoff:metrics:total") == "2"
    assert desk.client.get("handoff:metrics:completed") == "1"
    assert desk.client.get(f"handoff:done:{handoff_id}") == checksum(codec.handoff_of(payload["payload"]))
    assert [text.endswith(("s", "ms", "µs")) for text in desk.client.lrange("handoff:processing_times", 0, -1)] == [True]
    assert desk.client.smembers("handoff:active_agents") == {"devops-expert"}
    (answer,) = desk.client.zrange("handoff:queue:project-manager", 0, -1)
    assert codec.decoded(desk.client.get(f"handoff:{answer}").encode()).handoff.content.summary == "Done: Deploy shop"
    assert desk.nothing_is_left()
    lives = {key: desk.client.ttl(key) for key in (f"handoff:{handoff_id}", "handoff:metrics:total", "handoff:processing_times")}
    assert all(24 * 3600 - 60 < seconds <= 24 * 3600 for seconds in lives.values())


def test_the_most_urgent_first_and_the_own_queue_before_a_project_s(desk: Desk) -> None:
    for summary, project, level in (
        ("shop, high", "shop", "high"), ("low", None, "low"), ("first", None, "medium"), ("second", None, "normal"), ("critical", None, "critical"),
        ("unheard", "other", "high"), ("high", None, "high"),
    ):  # fmt: skip
        desk.publish(summary, project=project, priority=level)
    assert desk.consumer(projects=("shop",)).run() == 6
    assert desk.done == ["critical", "high", "first", "second", "low", "shop, high"]
    assert desk.client.zcard("handoff:project:other:queue:devops-expert") == 1


def test_what_is_under_way(desk: Desk) -> None:
    handoff_id = desk.publish("Deploy shop")
    seen: list[Any] = []

    def handle(handoff: Handoff, queue: str) -> Outcome:
        flight = desk.client.zrange("handoff:inflight:devops-expert", 0, -1)
        seen.extend([desk.payload(handoff_id)["payload"]["status"], flight, desk.client.exists(QUEUE), queue, handoff.metadata.handoff_id])
        return Outcome(said="ok")

    desk.consumer(handle).run()
    assert seen == ["processing", [handoff_id], 0, QUEUE, handoff_id]


def test_a_message_of_another_implementation(desk: Desk) -> None:
    """Bare, without checksum, under an id of its own kind."""
    bare = {
        "metadata": {"project_name": "shop", "from_agent": "golang-expert", "to_agent": "devops-expert", "timestamp": "2025-11-20T14:05:00.12345678Z",
                     "task_context": "test-workflow", "priority": "normal", "handoff_id": "test-1763647500123456789"},
        "content": {"summary": "Hello", "requirements": ["a"], "artifacts": {}, "technical_details": {"test_mode": True}, "next_steps": None},
        "status": "pending", "created_at": "2025-11-20T14:05:00Z", "updated_at": "2025-11-20T14:05:00Z",
    }  # fmt: skip
    desk.put("test-1763647500123456789", json.dumps(bare))
    desk.consumer().run()
    assert desk.told[1] == "test-1763647500123456789: warning: it has no checksum"
    payload = desk.payload("test-1763647500123456789")
    assert payload["status"] == payload["payload"]["status"] == "completed"
    assert payload["content"]["technical_details"] == {"test_mode": True}


# -- once, although it comes twice ---------------------------------------------------------------------------------------------------


def test_the_same_id_is_queued_once_and_done_once(desk: Desk) -> None:
    made = publishing.outgoing(publishing.draft(wanted("Deploy shop", handoff_id="release-7"), project=None))
    assert desk.store.publish(made) == (True, 1)
    assert desk.store.publish(made) == (False, 1)
    desk.consumer().run()
    assert desk.store.publish(made) == (False, 0)
    desk.put("release-7", made.data)
    desk.consumer().run()
    assert desk.done == ["Deploy shop"]
    assert desk.told[-1] == "release-7: done before"
    assert (desk.client.zcard("handoff:queue:project-manager"), desk.client.get("handoff:metrics:completed")) == (1, "1")
    assert desk.nothing_is_left()


def test_the_ledger_remembers_when_redis_forgets(desk: Desk) -> None:
    made = publishing.outgoing(publishing.draft(wanted("Deploy shop", handoff_id="release-7"), project=None))
    desk.store.publish(made)
    desk.consumer().run()
    desk.client.flushall()
    desk.store.publish(made)
    desk.consumer().run()
    assert desk.done == ["Deploy shop"]
    assert desk.payload("release-7")["status"] == "completed"


def test_redis_remembers_for_a_consumer_elsewhere(desk: Desk, tmp_path: Path) -> None:
    made = publishing.outgoing(publishing.draft(wanted("Deploy shop", handoff_id="release-7"), project=None))
    desk.store.publish(made)
    desk.consumer().run()
    (tmp_path / "elsewhere").mkdir()
    other = Ledger(tmp_path / "elsewhere")
    desk.put("release-7", made.data)
    replace(desk.consumer(), ledger=other).run()
    other.close()
    assert desk.done == ["Deploy shop"]
    assert desk.nothing_is_left()


def test_an_id_that_is_used_again_for_something_else(desk: Desk) -> None:
    desk.publish("Deploy shop", handoff_id="release-7")
    desk.consumer().run()
    desk.put("release-7", codec.encoded(wanted("Deploy the bank", handoff_id="release-7"), QUEUE))
    desk.consumer().run()
    assert desk.done == ["Deploy shop"]
    assert desk.dead() == [("invalid_payload", "its id was used before, for another handoff")]


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_what_is_over_is_not_done(desk: Desk, status: Any) -> None:
    desk.put("over-and-out", codec.encoded(replace(wanted("Deploy shop"), status=status), QUEUE))
    desk.consumer().run()
    assert (desk.done, desk.told) == ([], [f"over-and-out: its status is {status}"])
    assert desk.nothing_is_left()


# -- ends in between -----------------------------------------------------------------------------------------------------------------


class PulledPlugError(BaseException):
    """The process is gone; nothing catches it."""


def test_an_end_between_the_record_and_redis(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    handoff_id = desk.publish("Deploy shop")

    def gone(*_: Any) -> bool:
        raise PulledPlugError

    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "settle", gone)
        with pytest.raises(PulledPlugError):
            desk.consumer(lease=1.0).run()
    assert desk.client.zcard("handoff:queue:project-manager") == 0
    filed: list[str] = []

    def file(record: Record) -> None:
        filed.append(record.id)

    again = replace(desk.consumer(), file=file)
    assert again.run() == 0  # it is settled from the record, before anything is taken
    assert (desk.done, filed) == (["Deploy shop"], [handoff_id])
    assert desk.told[-1] == f"{handoff_id}: what followed from it was sent"
    assert desk.client.zcard("handoff:queue:project-manager") == 1
    assert desk.payload(handoff_id)["status"] == "completed"
    time.sleep(1.05)
    assert desk.consumer().run() == 1  # the lease that the dead process left behind
    assert (desk.done, desk.told[-1]) == (["Deploy shop"], f"{handoff_id}: done before")
    assert desk.client.zcard("handoff:queue:project-manager") == 1
    assert desk.nothing_is_left()


def test_a_claim_of_a_consumer_that_is_gone_is_free_after_its_lease(desk: Desk) -> None:
    handoff_id = desk.publish("Deploy shop", priority="high")
    score = desk.client.zscore(QUEUE, handoff_id)
    assert desk.store.claim("devops-expert", [QUEUE], "gone", 0.2, resume=False) is not None
    assert desk.consumer().run() == 0
    time.sleep(0.25)
    claim = desk.store.claim("devops-expert", [QUEUE], "next", 30, resume=False)
    assert claim is not None
    assert (claim.id, float(claim.score), claim.abandoned) == (handoff_id, score, 1)
    desk.store.release("devops-expert", claim, "next")
    assert desk.client.zscore(QUEUE, handoff_id) == score
    desk.consumer().run()
    assert desk.done == ["Deploy shop"]
    assert desk.nothing_is_left()


def test_what_ends_every_consumer_becomes_a_dead_letter(desk: Desk) -> None:
    desk.publish("Deploy shop")
    for _ in range(5):
        assert desk.store.claim("devops-expert", [QUEUE], "gone", 0.01, resume=False) is not None
        time.sleep(0.02)
    desk.consumer().run()
    assert desk.dead() == [("handler_failed", "5 consumers took it and ended before it was done")]
    assert desk.nothing_is_left()


def test_an_answer_that_was_lost(desk: Desk) -> None:
    """What the first question took is the answer to the second."""
    first = desk.publish("Deploy shop", priority="high")
    desk.publish("Deploy blog")
    desk.store.claim("devops-expert", [QUEUE], "me", 30, resume=False)
    claim = desk.store.claim("devops-expert", [QUEUE], "me", 30, resume=True)
    assert claim is not None
    assert claim.id == first


def test_the_lease_is_renewed_while_the_work_goes_on(desk: Desk) -> None:
    desk.publish("Deploy shop")
    free: list[bool] = []

    def slow(handoff: Handoff, queue: str) -> Outcome:
        time.sleep(1.6)
        free.append(desk.store.claim("devops-expert", [QUEUE], "other", 30, resume=False) is not None)
        return Outcome(said="ok")

    desk.consumer(slow, lease=1.0).run()
    assert free == [False]


def test_who_lost_the_lease_changes_nothing(desk: Desk) -> None:
    handoff_id = desk.publish("Deploy shop")
    claim = desk.store.claim("devops-expert", [QUEUE], "slow", 0.01, resume=False)
    assert claim is not None
    time.sleep(0.02)
    desk.store.claim("devops-expert", [QUEUE], "next", 30, resume=False)
    before = desk.client.get(f"handoff:{handoff_id}")
    agent = "devops-expert"
    assert not desk.store.hold(agent, claim, "slow", 30, b"{}")
    assert not desk.store.defer(agent, claim, "slow", 1, score=1.0, data=b"{}")
    assert not desk.store.release(agent, claim, "slow", b"{}")
    assert not desk.store.forget(agent, claim, "slow")
    assert not desk.store.bury(agent, claim, "slow", b"{}", b"{}", "1s")
    assert desk.client.get(f"handoff:{handoff_id}") == before
    assert desk.dead() == []
    assert desk.client.zrange("handoff:inflight:devops-expert", 0, -1) == [handoff_id]


def test_a_living_process_that_lost_its_lease_is_left_to_finish(desk: Desk) -> None:
    """Stopped, or cut off from Redis for long: its lock on this machine tells."""
    handoff_id = desk.publish("Deploy shop")
    script = (
        "import sys\nfrom pathlib import Path\nfrom opsmith.protocols.handoff.ledger import Ledger\n"
        "with Ledger(Path(sys.argv[1])).working(sys.argv[2]) as free:\n    print(free, flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(desk.folder), handoff_id], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        desk.consumer(lease=1.0).run()
        assert desk.told == [f"{handoff_id}: another consumer on this machine is still at it"]
        other.kill()
    time.sleep(1.05)
    desk.consumer().run()
    assert desk.done == ["Deploy shop"]


def test_an_interrupted_consumer_gives_back(desk: Desk) -> None:
    handoff_id = desk.publish("Deploy shop")
    score = desk.client.zscore(QUEUE, handoff_id)

    def interrupted(handoff: Handoff, queue: str) -> Outcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.consumer(interrupted).run()
    assert desk.client.zscore(QUEUE, handoff_id) == score
    assert desk.payload(handoff_id)["payload"]["status"] == "pending"
    assert not desk.client.exists("handoff:inflight:devops-expert")


def soon(retries: int) -> float:
    return 0.03


# -- failures ------------------------------------------------------------------------------------------------------------------------


def test_what_is_likely_to_pass_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [retrying.delay(retries) for retries in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    monkeypatch.setattr(retrying, "delay", soon)
    handoff_id = desk.publish("Deploy shop", priority="low")
    errors: list[Exception] = [TimeoutError("registry"), OSError("No space left"), TaskError("temporary failure in name resolution")]
    states: list[Any] = []

    def flaky(handoff: Handoff, queue: str) -> Outcome:
        states.append((handoff.retry_count, handoff.error_msg))
        if errors:
            raise errors.pop(0)
        return Outcome(said="ok")

    for _ in range(4):
        desk.consumer(flaky).run()
        time.sleep(0.08)
    assert states == [(0, ""), (1, "TimeoutError: registry"), (2, "OSError: No space left"), (3, "temporary failure in name resolution")]
    payload = desk.payload(handoff_id)
    assert (payload["status"], payload["retry_count"], "error_msg" in payload) == ("completed", 3, False)
    assert desk.nothing_is_left()


def test_a_retry_keeps_its_priority_and_says_so(desk: Desk) -> None:
    handoff_id = desk.publish("Deploy shop", priority="low")

    def slow(handoff: Handoff, queue: str) -> Outcome:
        raise TimeoutError("registry")

    desk.consumer(slow).run()
    payload = desk.payload(handoff_id)
    assert (payload["status"], payload["retry_count"], payload["payload"]["error_msg"]) == ("retrying", 1, "TimeoutError: registry")
    token, score, queue = desk.client.hget("handoff:leases:devops-expert", handoff_id).split(" ")
    assert (token, int(float(score)), queue) == ("", 5, QUEUE)
    assert desk.consumer().run() == 0  # not before its time


def test_retries_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "delay", soon)
    handoff_id = desk.publish("Deploy shop")
    calls: list[int] = []

    def slow(handoff: Handoff, queue: str) -> Outcome:
        calls.append(handoff.retry_count)
        raise TimeoutError("registry, password=hunter2")

    for _ in range(5):
        desk.consumer(slow).run()
        time.sleep(0.03)
    assert calls == [0, 1, 2, 3]
    assert desk.dead() == [("handler_failed", "TimeoutError: registry, password=***")]
    (letter,) = [letters.read(raw) for raw in desk.store.dead("devops-expert")]
    assert (letter.retry_count, letter.queue) == (3, QUEUE)
    payload = desk.payload(handoff_id)
    assert (payload["status"], payload["payload"]["error_msg"]) == ("failed", "TimeoutError: registry, password=***")
    assert (desk.client.get("handoff:metrics:failed"), desk.client.get("handoff:metrics:completed")) == ("1", None)


def test_what_will_not_pass_is_not_tried_again_and_the_next_one_is_done(desk: Desk) -> None:
    desk.publish("Broken", priority="high")
    desk.publish("Sound")

    def handle(handoff: Handoff, queue: str) -> Outcome:
        if handoff.content.summary == "Broken":
            raise ZeroDivisionError("division by zero")
        return desk.handle(handoff, queue)

    assert desk.consumer(handle).run() == 2
    assert (desk.done, desk.dead()) == (["Sound"], [("handler_failed", "ZeroDivisionError: division by zero")])


def test_a_failure_with_something_to_hand_on(desk: Desk) -> None:
    desk.publish("Deploy shop")
    desk.consumer(lambda handoff, queue: Outcome(said="no", failed="hadolint refuted it", follow=((answer_to(handoff), "handoff:queue:pm"),))).run()
    assert desk.dead() == [("handler_failed", "hadolint refuted it")]
    assert desk.client.zcard("handoff:queue:pm") == 1


WRONG_SUM = '{"metadata":{"from_agent":"a","to_agent":"devops-expert"},"content":{"summary":"x"},"validation":{"checksum":"' + "0" * 64 + '"}}'
DEEP = (
    '{"metadata":{"from_agent":"a","to_agent":"devops-expert"},"content":{"summary":"x","technical_details":{"x":'
    + "[" * 20_000
    + "]" * 20_000
    + "}}}"
)


@pytest.mark.parametrize(
    ("handoff_id", "data", "reason", "said"),
    [
        ("broken-json", "{", "invalid_payload", "the payload is no JSON: Expecting property name"),
        ("no-metadata", '{"content":{"summary":"x"}}', "invalid_payload", "Object missing required field `metadata`"),
        ("other-agent", '{"metadata":{"from_agent":"a","to_agent":"chef"},"content":{"summary":"x"}}', "invalid_payload",
         "it is addressed to chef, and this is the queue of devops-expert"),
        ("other-id", '{"metadata":{"from_agent":"a","to_agent":"devops-expert","handoff_id":"x"},"content":{"summary":"x"}}', "invalid_payload",
         "it is stored under other-id and calls itself x"),
        ("wrong-types", '{"metadata":{"from_agent":1,"to_agent":"devops-expert"},"content":[]}', "invalid_payload", "Expected `str`, got `int`"),
        ("wrong-sum", WRONG_SUM,
         "checksum_mismatch", "the checksum does not fit the content"),
        ("five-megabytes", '"' + "x" * 5_000_000 + '"', "invalid_payload", "the payload has 5000002 bytes; 1048576 are the most that are read"),
        ("deep", DEEP, "invalid_payload", "the payload is no JSON: maximum recursion depth exceeded"),
        ("no-text", b"\xff\xfe\x00", "invalid_payload", "the payload is no JSON: 'utf-8' codec can't decode"),
    ],
)  # fmt: skip
def test_bad_messages_become_dead_letters(desk: Desk, handoff_id: str, data: str | bytes, reason: str, said: str) -> None:
    desk.put(handoff_id, data, 1.0)
    desk.publish("Deploy shop")
    assert desk.consumer().run() == 2
    ((told, error),) = desk.dead()
    assert (told, error[: len(said)]) == (reason, said)
    assert desk.done == ["Deploy shop"]
    assert desk.nothing_is_left()
    assert desk.client.get("handoff:metrics:failed") == "1"


def test_a_payload_that_is_gone(desk: Desk) -> None:
    handoff_id = desk.publish("Deploy shop")
    desk.client.delete(f"handoff:{handoff_id}")
    desk.consumer().run()
    assert desk.dead() == [("payload_missing", "its payload is gone: it waited more than a day, or was removed")]


@pytest.mark.parametrize("member", ["queue:devops-expert", "metrics:total", "a b", "x" * 300, b"\xff"])
def test_members_that_are_no_ids(desk: Desk, member: str | bytes) -> None:
    """They may name other keys of the protocol, and nothing is written under them."""
    desk.publish("Deploy shop")
    desk.client.zadd(QUEUE, {member: 1.0})
    desk.client.set("handoff:a b", "untouched")
    desk.consumer().run()
    ((reason, said),) = desk.dead()
    assert (reason, said.endswith("which is no id of a handoff")) == ("invalid_payload", True)
    assert (desk.done, desk.client.get("handoff:a b"), desk.client.get("handoff:metrics:total")) == (["Deploy shop"], "untouched", "2")
    assert desk.nothing_is_left()


def test_a_payload_key_that_holds_something_else(desk: Desk) -> None:
    desk.client.lpush("handoff:odd-one", "x")
    desk.client.zadd(QUEUE, {"odd-one": 1.0})
    desk.consumer().run()
    assert desk.dead() == [("invalid_payload", "the key of its payload holds no text")]


# -- Redis away ----------------------------------------------------------------------------------------------------------------------


def test_a_redis_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    redis_server.require()
    server = redis_server.Server(tmp_path / "redis", redis_server.free_port())
    server.start()
    desk = Desk(server, tmp_path, Store(server.where), Ledger(tmp_path), None)
    desk.publish("Deploy shop")
    pauses: list[float] = []

    def handle(handoff: Handoff, queue: str) -> Outcome:
        server.kill()
        return desk.handle(handoff, queue)

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            server.start()
        time.sleep(0.01)

    consumer = replace(desk.consumer(handle, patience=None), sleep=sleep)
    assert consumer.run() == 1
    assert desk.done == ["Deploy shop"]
    assert [text.partition(" cannot be reached")[0] for text in desk.told[1:2]] == [f"Redis at {server.address}"]
    assert desk.told[2].startswith("Redis is back after ")
    client = server.client()
    assert (client.zcard("handoff:queue:project-manager"), client.get("handoff:metrics:completed")) == (1, "1")
    client.close()
    server.kill()
    with pytest.raises(QueueAwayError, match=f"Redis at {server.address} cannot be reached"):
        desk.consumer(patience=0.0).run()
    desk.ledger.close()
    desk.store.close()


def test_a_wrong_password_is_not_waited_for(tmp_path: Path) -> None:
    redis_server.require()
    server = redis_server.Server(tmp_path / "redis", redis_server.free_port(), password="s3cret-s3cret")
    server.start()
    try:
        for password in ("", "wrong"):
            store = Store(replace(server.where, password=password))
            with pytest.raises(QueueError, match="refuses") as caught:
                store.ping()
            assert not isinstance(caught.value, QueueAwayError)
            assert "s3cret" not in str(caught.value)
            store.close()
    finally:
        server.kill()


# -- the ledger ----------------------------------------------------------------------------------------------------------------------


def test_the_ledger(tmp_path: Path) -> None:
    follow = (Outgoing(id="b", queue="handoff:queue:x", score=3.7636475000000003, data=b'{"a":1}'),)
    record = Record(id="a", agent="devops-expert", checksum="c", at=1000.0, duration="1s", payload=b"{}", follow=follow)
    ledger = Ledger(tmp_path)
    ledger.add(record)
    assert (ledger.find("a"), ledger.find("b")) == (record, None)
    assert (ledger.unsettled("devops-expert"), ledger.unsettled("other")) == ([record], [])
    ledger.settled("a")
    ledger.close()
    again = Ledger(tmp_path)
    assert again.unsettled("devops-expert") == []
    assert again.find("a") == replace(record, payload=b"", follow=())
    again.prune(1000.0 + 91 * 24 * 3600)
    assert again.find("a") is None
    again.close()


def test_names() -> None:
    assert names.queue("devops-expert") == "handoff:queue:devops-expert"
    assert names.queue("devops-expert", "shop") == "handoff:project:shop:queue:devops-expert"
