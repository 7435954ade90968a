"""Handoffs without Redis: the stored form, checksum, order, what is put right and what is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsmith.errors import DeliveryError, UsageError
from opsmith.model.intent import HandOver
from opsmith.protocols.handoff import archive, codec, documents, durations, gates, letters, places, priority, publishing, routing, validation, work
from opsmith.protocols.handoff.address import Address, address
from opsmith.protocols.handoff.checksum import checksum
from opsmith.protocols.handoff.errors import InvalidMessageError
from opsmith.protocols.handoff.model import Artifacts, Content, Handoff, Metadata
from opsmith.protocols.handoff.store import Claim

ID = "5b0c1d1e-7c1f-4a53-9a44-2f0f6f6f0a11"
NOON = datetime(2025, 11, 20, 12, 0, tzinfo=UTC)
META = {
    "project_name": "auth-service", "from_agent": "devops-expert", "to_agent": "project-manager", "timestamp": "2025-11-20T14:05:00Z",
    "task_context": "Production deployment of auth-service", "priority": "high", "handoff_id": ID,
}  # fmt: skip
INNER: dict[str, Any] = {
    "metadata": META,
    "content": {
        "summary": "auth-service v2.1.0 rolled out to production with zero downtime",
        "requirements": ["Zero downtime", "Health checks pass", "Rollback ready"],
        "artifacts": {"created": ["k8s/production/deployment.yaml"], "modified": ["terraform/production/main.tf"], "reviewed": []},
        "technical_details": {
            "deployment_url": "https://auth.example.com", "version": "v2.1.0", "replicas": 3, "health_status": "healthy",
            "rollback_command": "kubectl rollout undo deployment/auth-service",
        },
        "next_steps": ["Watch error rate for 24h", "Update runbook"],
    },
    "validation": {"schema_version": "1.0", "checksum": "cb8f8dd4243e939849c4530136d8381c60ece66e273b31fa74b111192ea892c8"},
    "status": "pending", "created_at": "2025-11-20T14:05:00Z", "updated_at": "2025-11-20T14:05:00Z", "retry_count": 0,
}  # fmt: skip
ENVELOPE = {"handoff_id": ID, "queue": "handoff:queue:project-manager", "timestamp": "2025-11-20T14:05:00Z", "priority": "high"}
STORED = {**ENVELOPE, **INNER, "payload": INNER}


def noon() -> datetime:
    return NOON


def stored(value: Any) -> bytes:
    return json.dumps(value).encode()


def from_tester(details: dict[str, Any] | None = None, summary: str = "Ready", sender: str = "test-expert") -> Handoff:
    return Handoff(metadata=Metadata(from_agent=sender, to_agent="devops-expert"), content=Content(summary=summary, technical_details=details or {}))


# -- the stored form -----------------------------------------------------------------------------------------------------------------


def test_one_object_is_both_shapes() -> None:
    message = codec.decoded(stored(STORED))
    assert message.warnings == ()
    written = json.loads(codec.encoded(message.handoff, "handoff:queue:project-manager"))
    assert written == STORED
    assert list(written) == list(STORED)


@pytest.mark.parametrize("shape", [INNER, {**ENVELOPE, "payload": INNER}, STORED])
def test_either_shape_is_read(shape: dict[str, Any]) -> None:
    assert codec.decoded(stored(shape)).handoff == codec.decoded(stored(STORED)).handoff


def test_what_an_older_writer_leaves_out_or_sets_to_null() -> None:
    """A Go writer's null lists, nanoseconds and an offset; no checksum."""
    plain = {
        "metadata": META | {"timestamp": "2025-11-20T09:05:00.123456789-05:00", "priority": "normal"},
        "content": {"summary": "Hello", "requirements": None, "artifacts": {"created": None}, "technical_details": None, "next_steps": None},
        "validation": None,
    }
    message = codec.decoded(stored(plain))
    assert message.handoff.content == Content(summary="Hello")
    assert message.warnings == ("it has no checksum",)
    assert json.loads(codec.encoded(message.handoff, "q"))["timestamp"] == "2025-11-20T09:05:00.123456789-05:00"


def test_rewriting_keeps_unknown_keys_and_both_copies_alike() -> None:
    odd = INNER | {"trace": {"id": 7}, "metadata": META | {"shift": "night"}, "error_msg": "old"}
    message = codec.decoded(stored({**ENVELOPE, **odd, "payload": odd, "hops": 2}))
    handoff = codec.with_state(message.handoff, "completed", "2025-11-20T15:00:00Z")
    written = json.loads(codec.rewritten(message, handoff, "handoff:queue:x"))
    inner = written.pop("payload")
    assert inner == {key: value for key, value in odd.items() if key != "error_msg"} | {
        "hops": 2,
        "status": "completed",
        "updated_at": "2025-11-20T15:00:00Z",
    }
    assert {key: written[key] for key in inner} == inner
    assert written["queue"] == "handoff:queue:x"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "the payload is no JSON"),
        (b"\xff\xfe", "the payload is no JSON"),
        (b'{"a": NaN}', "NaN is no number of JSON"),
        (b"[]", "the payload is no JSON object"),
        (b"[" * 100_000, "the payload is no JSON"),
        (stored({"metadata": META, "content": {"summary": "x", "technical_details": json.loads("[" * 60 + "]" * 60)}}), "nested more than 50 deep"),
        (b" " * (1024 * 1024 + 1), "1048576 are the most that are read"),
        (stored({"content": INNER["content"]}), "missing required field `metadata`"),
        (stored({"metadata": META}), "missing required field `content`"),
        (stored({"metadata": META, "content": {"summary": 5}}), "Expected `str`, got `int` - at `$.content.summary`"),
        (stored({"metadata": META, "content": {"summary": " "}}), "content.summary is empty"),
        (stored({"metadata": META, "content": {"summary": "x", "requirements": "all"}}), "got `str` - at `$.content.requirements`"),
        (stored({"metadata": META | {"to_agent": "My PM"}, "content": {"summary": "x"}}), "to_agent 'My PM' is no name of an agent"),
        (stored({"metadata": META | {"from_agent": "project-manager"}, "content": {"summary": "x"}}), "project-manager hands over to itself"),
        (stored({"metadata": META | {"handoff_id": "queue:x"}, "content": {"summary": "x"}}), "handoff_id 'queue:x' holds a colon"),
        (stored(INNER | {"status": "lost"}), "Invalid enum value 'lost'"),
        (stored(INNER | {"retry_count": "many"}), "Expected `int`, got `str` - at `$.retry_count`"),
    ],
)  # fmt: skip
def test_bad_messages(data: bytes, said: str) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        codec.decoded(data)
    assert said in caught.value.what
    assert caught.value.reason == "invalid_payload"


def test_a_wrong_checksum() -> None:
    plain = INNER | {"content": INNER["content"] | {"summary": "Something else"}}
    with pytest.raises(InvalidMessageError, match="does not fit the content") as caught:
        codec.decoded(stored(plain))
    assert caught.value.reason == "checksum_mismatch"
    odd = INNER | {"validation": {"checksum": "sha256:abc"}}
    assert codec.decoded(stored(odd)).warnings == ("its checksum 'sha256:abc' is no SHA-256 in hex",)


def test_checksum_as_go_prints_lists() -> None:
    assert checksum(from_tester(summary="Ready")) == hashlib.sha256(b"test-expert:devops-expert:Ready:[]:[]").hexdigest()
    assert checksum(codec.handoff_of(INNER)) == "cb8f8dd4243e939849c4530136d8381c60ece66e273b31fa74b111192ea892c8"


def test_half_a_surrogate_pair_comes_out_as_it_came_in() -> None:
    message = codec.decoded(b'{"metadata":{"from_agent":"a","to_agent":"b"},"content":{"summary":"x \\ud800"}}')
    assert b'"summary":"x \\ud800"' in codec.encoded(message.handoff, "q")
    assert len(checksum(message.handoff)) == 64


TEXTS = st.sampled_from(["", "a", "metadata", "content", "summary", "payload", "status", "pending", "é\u2028", "\ud800"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # Hypothesis looks for constants in all that is loaded
@given(VALUES)
def test_any_json_is_read_or_refused(value: Any) -> None:
    for plain in (value, {"metadata": value, "content": value}, {"metadata": META, "content": value}, INNER | {"payload": value}):
        try:
            message = codec.decoded(stored(plain))
        except InvalidMessageError:
            continue
        assert codec.decoded(codec.rewritten(message, message.handoff, "q")).handoff.content == message.handoff.content


# -- order and durations -------------------------------------------------------------------------------------------------------------


def test_scores() -> None:
    when = datetime(2025, 11, 20, 14, 5, tzinfo=UTC)
    bases = {name: priority.score(name, when) for name in ("critical", "urgent", "high", "medium", "normal", "", "whatever", "low")}
    assert bases == pytest.approx({
        "critical": 2.7636475, "urgent": 2.7636475, "high": 3.7636475, "medium": 4.7636475, "normal": 4.7636475, "": 4.7636475,
        "whatever": 4.7636475, "low": 5.7636475,
    }, abs=1e-9)  # fmt: skip
    assert priority.score("low", when) < priority.score("low", when.replace(microsecond=2))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (1e-9, "1ns"), (0.000345, "345µs"), (0.32, "320ms"), (1.5, "1.5s"), (120.5, "2m0.5s"), (3600, "1h0m0s"), (59.9999999999, "1m0s")],
)
def test_durations(seconds: float, text: str) -> None:
    assert durations.written(seconds) == text
    assert durations.seconds(text) == pytest.approx(seconds, abs=1e-9)


def test_no_durations() -> None:
    assert [durations.seconds(text) for text in ("", "soon", "1", "1.5.s", "5 s", "1h" * 50)] == [None] * 6


# -- quality gates -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handoff", "passed", "why"),
    [
        (from_tester({"all_gates_passed": True}), True, "technical_details.all_gates_passed is True"),
        (from_tester({"all_gates_passed": "false"}), False, "technical_details.all_gates_passed is 'false'"),
        (from_tester({"quality_gates": {"unit": "passed", "lint": True, "e2e": {"status": "Passed"}}}), True, "all 3 quality gates have passed"),
        (from_tester({"quality_gates": [{"name": "unit", "passed": True}, {"name": "load", "status": "failed"}]}), False,
         "quality gate 'load' has not passed: {'name': 'load', 'status': 'failed'}"),
        (from_tester({"quality_gates": {"coverage": 0.4}}), False, "quality gate 'coverage' says 0.4, which is no verdict"),
        (from_tester({"quality_gates": {}}), False, "technical_details.quality_gates names no gate"),
        (from_tester({"quality_gates": "passed"}), True, "technical_details.quality_gates is 'passed'"),
        (from_tester({"all_gates_passed": True, "quality_gates": {"unit": False}}), False, "quality gate 'unit' has not passed: False"),
        (from_tester({"quality_gates": {"unit": "skipped"}}, "All quality gates passed"), False, "quality gate 'unit' has not passed: 'skipped'"),
        (from_tester(summary="All quality gates have passed. Deploy it."), True, 'it says "All quality gates have passed"'),
        (from_tester({"details": "For shop all the quality gates are green"}), True, 'it says "For shop all the quality gates are green"'),
        (from_tester(summary="Deploy once all quality gates have passed"), False, "it does not say that all quality gates have passed"),
        (from_tester(summary="Not all quality gates passed"), False, "it does not say that all quality gates have passed"),
        (from_tester(summary="All quality gates passed except load"), False, "it does not say that all quality gates have passed"),
        (from_tester(summary="Tests are green"), False, "it does not say that all quality gates have passed"),
        (from_tester({"all_gates_passed": True}, sender="golang-expert"), False, "it comes from golang-expert, and only test-expert can tell"),
    ],
)  # fmt: skip
def test_gates(handoff: Handoff, passed: bool, why: str) -> None:
    verdict = gates.verdict(handoff)
    assert (verdict.passed, verdict.why[: len(why)]) == (passed, why)


# -- receivers and words -------------------------------------------------------------------------------------------------------------


def test_receivers() -> None:
    assert routing.receivers(from_tester()) == ("project-manager",)
    assert routing.receivers(from_tester(summary="Deploy, then a security review")) == ("project-manager", "security-expert")
    assert routing.receivers(from_tester({"details": "Ready for operational runbooks"})) == ("project-manager", "tech-writer")
    asked = (HandOver(words="write the manual", hand_to="tech-writer-agent"), HandOver(words="x", hand_to="frontend-developer"))
    assert routing.receivers(from_tester(summary="Harden it"), asked) == ("project-manager", "security-expert", "tech-writer")
    assert routing.receivers(from_tester(sender="project-manager")) == ()


def test_the_words_of_a_handoff() -> None:
    handoff = Handoff(
        metadata=Metadata(from_agent="test-expert", to_agent="devops-expert", task_context="Shop"),
        content=Content(
            summary="Shop", requirements=("Kubernetes", "No downtime"), next_steps=("A pipeline",), artifacts=Artifacts(created=("rm -rf",)),
            technical_details={"details": "Kubernetes", "command": "terraform destroy"},
        ),
    )  # fmt: skip
    assert work.task(handoff) == "Create the deployment configuration for this repository.\nShop\nKubernetes\nNo downtime\nA pipeline"


# -- before publishing ---------------------------------------------------------------------------------------------------------------


def test_sanitised() -> None:
    wanted = Handoff(
        metadata=Metadata(from_agent="devops-expert", to_agent="tech-writer"),
        content=Content(
            summary="  Docs needed ", requirements=(" a ", "", " "), next_steps=("b",), artifacts=Artifacts(created=("k8s//base/", "k8s/base", " ")),
            technical_details={"url": "https://me:hunter2@host/x", "password": "hunter2", "deep": [{"token": "t0psecret"}], "count": 3},
        ),
    )  # fmt: skip
    made = publishing.draft(wanted, project="shop", clock=noon)
    assert made.hidden
    assert made.queue == "handoff:project:shop:queue:tech-writer"
    assert made.handoff.metadata.project_name == "shop"
    assert made.handoff.metadata.timestamp == made.handoff.created_at == "2025-11-20T12:00:00Z"
    assert made.handoff.content == Content(
        summary="Docs needed", requirements=("a",), next_steps=("b",), artifacts=Artifacts(created=("k8s/base",)),
        technical_details={"url": "https://***@host/x", "password": "***", "deep": [{"token": "***"}], "count": 3},
    )  # fmt: skip
    assert made.handoff.metadata.task_context == "Docs needed"
    assert made.handoff.validation.checksum == checksum(made.handoff)
    assert codec.decoded(codec.encoded(made.handoff, made.queue)).warnings == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"to_agent": "Tech Writer"}, "to_agent 'Tech Writer' is no name of an agent"),
        ({"to_agent": "devops-expert"}, "devops-expert cannot hand over to itself"),
        ({"priority": "asap"}, "priority 'asap' is none of critical, urgent, high, medium, normal, low"),
        ({"handoff_id": "a:b"}, "id 'a:b' holds a colon or a blank"),
    ],
)
def test_what_is_not_published(change: dict[str, str], said: str) -> None:
    meta = replace(Metadata(from_agent="devops-expert", to_agent="tech-writer"), **change)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=said.replace("[", r"\[")):
        publishing.draft(Handoff(metadata=meta, content=Content(summary="Docs needed")), project=None)


def test_more_that_is_not_published() -> None:
    meta = Metadata(from_agent="devops-expert", to_agent="tech-writer")
    with pytest.raises(UsageError, match="the summary is empty"):
        publishing.draft(Handoff(metadata=meta, content=Content(summary=" ")), project=None)
    with pytest.raises(UsageError, match="project 'a:b' cannot be part of a queue's name"):
        publishing.draft(Handoff(metadata=meta, content=Content(summary="x")), project="a:b")
    with pytest.raises(UsageError, match="it has more than 1048576 bytes"):
        publishing.draft(Handoff(metadata=meta, content=Content(summary="long", requirements=("word " * 200_000,))), project=None)


def test_limits_of_others_are_warnings() -> None:
    handoff = Handoff(
        metadata=Metadata(from_agent="a", to_agent="devops-expert", timestamp="2025-11-19T11:00:00Z"),
        content=Content(
            summary="short", next_steps=("x",) * 21, artifacts=Artifacts(created=("app/[id].tsx", "b"), modified=("b",)),
            technical_details={"deployments": {}},
        ),
    )  # fmt: skip
    assert validation.warnings(handoff, NOON) == [
        "the summary has 5 characters; strict readers want 10 to 1000",
        "0 requirements; strict readers want 1 to 50",
        "21 next steps; strict readers want at most 20",
        "path 'app/[id].tsx' has characters that strict readers refuse",
        "path 'b' stands in more than one list",
        "technical_details.deployments is no list; strict readers refuse that",
        "its timestamp 2025-11-19T11:00:00Z is older than a day",
    ]


# -- files ---------------------------------------------------------------------------------------------------------------------------


def test_a_document_is_written_once_and_over_nothing(tmp_path: Path) -> None:
    handoff = codec.handoff_of(INNER)
    folder = tmp_path / ".claude/handoffs"
    assert documents.write(tmp_path, handoff, NOON) == folder / "devops-to-project-manager.md"
    assert documents.write(tmp_path, handoff, NOON) == folder / "devops-to-project-manager.md"
    other = replace(handoff, content=Content(summary="Another one"))
    assert documents.write(tmp_path, other, NOON) == folder / "devops-to-project-manager-20251120T140500Z.md"
    third = replace(handoff, content=Content(summary="A third one"))
    assert documents.write(tmp_path, third, NOON) == folder / f"devops-to-project-manager-20251120T140500Z-{ID}.md"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"devops-to-project-manager-20251120T140500Z-{ID}.md",
        "devops-to-project-manager-20251120T140500Z.md",
        "devops-to-project-manager.md",
    ]
    back = documents.read((folder / "devops-to-project-manager.md").read_bytes())
    assert (back.metadata, back.content, back.validation) == (handoff.metadata, handoff.content, handoff.validation)


def test_a_document_of_somebody_else() -> None:
    text = (
        "\ufeff---\r\nmetadata: {from_agent: test-expert, to_agent: devops-expert, timestamp: 2025-11-20T14:05:00Z, priority: medium}\r\n"
        "content:\r\n  summary: All quality gates passed\r\n  requirements: [Deploy it]\r\n---\r\n# Notes\r\n---\r\n"
    )
    read = documents.read(text.encode())
    assert read.metadata.timestamp == "2025-11-20T14:05:00+00:00"
    assert read.content == Content(summary="All quality gates passed", requirements=("Deploy it",))
    assert read.metadata.handoff_id == documents.read(text.encode()).metadata.handoff_id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# Notes", "two lines of dashes"),
        ("---\na: [\n---\n", "no YAML"),
        ("---\n- a\n---\n", "no mapping"),
        ("---\na: 1\n---\n", "missing required"),
    ],
)
def test_bad_documents(text: str, said: str) -> None:
    with pytest.raises(InvalidMessageError, match=said):
        documents.read(text.encode())


def test_no_way_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / ".claude").symlink_to(outside)
    (repo / ".opsmith").symlink_to(outside)
    with pytest.raises(DeliveryError, match="has to be a folder of its own"):
        documents.write(repo, codec.handoff_of(INNER), NOON)
    with pytest.raises(DeliveryError, match="has to be a folder of its own"):
        places.state(repo)
    assert list(outside.iterdir()) == []


def test_archive(tmp_path: Path) -> None:
    handoff = codec.handoff_of(INNER)
    assert archive.path_of(handoff, NOON) == "auth-service/2025-11-20/20251120T140500Z-project-manager-5b0c1d1e.json"
    hostile = replace(handoff, metadata=replace(handoff.metadata, project_name="../../etc", timestamp="0001-01-01T00:00:00Z", handoff_id="../x"))
    assert archive.path_of(hostile, NOON) == "etc/2025-11-20/20251120T120000Z-project-manager-x.json"
    nameless = replace(handoff, metadata=replace(handoff.metadata, project_name="..", handoff_id=""))
    assert archive.path_of(nameless, NOON) == "unknown-project/2025-11-20/20251120T140500Z-project-manager-none.json"
    path = archive.keep(tmp_path, handoff, b"{}", NOON)
    assert path == tmp_path / "archive/auth-service/2025-11-20/20251120T140500Z-project-manager-5b0c1d1e.json"
    assert archive.keep(tmp_path, handoff, b"{}", NOON) == path
    assert archive.keep(tmp_path, handoff, b"other", NOON).name == f"20251120T140500Z-project-manager-5b0c1d1e-{ID}.json"
    assert path.read_bytes() == b"{}"


# -- dead letters and addresses ------------------------------------------------------------------------------------------------------


def claim(data: bytes, size: int | None = None) -> Claim:
    return Claim(
        raw_id=ID.encode(),
        queue="handoff:queue:devops-expert",
        score="3.7",
        size=len(data) if size is None else size,
        data=data,
        done="",
        abandoned=0,
    )


def test_a_dead_letter_and_its_second_life() -> None:
    raw = letters.entry(claim(stored(STORED)), "handler_failed", "password=hunter2 was wrong", "2025-11-20T14:09:00Z", 3)
    assert json.loads(raw) == {
        "handoff_id": ID, "queue": "handoff:queue:devops-expert", "failed_at": "2025-11-20T14:09:00Z", "reason": "handler_failed",
        "error_msg": "password=*** was wrong", "retry_count": 3, "payload": INNER,
    }  # fmt: skip
    handoff, queue, data = letters.revived(letters.read(raw), "devops-expert", "2025-11-21T08:00:00Z")
    assert (handoff.status, handoff.retry_count, queue) == ("pending", 0, "handoff:queue:devops-expert")
    assert json.loads(data)["payload"] == INNER | {"updated_at": "2025-11-21T08:00:00Z"}


def test_dead_letters_that_cannot_live_again() -> None:
    gone = letters.entry(claim(b"", -1), "payload_missing", "gone", "2025-11-20T14:09:00Z", 0)
    broken = letters.entry(claim(b"{broken"), "invalid_payload", "no JSON", "2025-11-20T14:09:00Z", 0)
    assert (json.loads(gone)["payload"], json.loads(broken)["payload"]) == (None, "{broken")
    for raw in (gone, broken, b"\xff", b"[]"):
        with pytest.raises(InvalidMessageError, match="was no handoff"):
            letters.revived(letters.read(raw), "devops-expert", "2025-11-21T08:00:00Z")


@pytest.mark.parametrize(
    ("text", "db", "where"),
    [
        ("localhost:6379", "", Address(host="localhost", port=6379)),
        ("redis.local", "3", Address(host="redis.local", port=6379, db=3)),
        (":6380", "", Address(host="localhost", port=6380)),
        ("[::1]:6380", "", Address(host="::1", port=6380)),
        ("rediss://u:p@h:7/2", "1", Address(host="h", port=7, db=2, url="rediss://u:p@h:7/2")),
        ("unix:///run/redis.sock", "", Address(host="/run/redis.sock", port=0, url="unix:///run/redis.sock")),
    ],
)
def test_addresses(text: str, db: str, where: Address) -> None:
    assert address(text, "", db) == where


@pytest.mark.parametrize(("text", "db"), [("http://x", ""), ("h:port", ""), ("h:99999", ""), ("h/0", ""), ("h", "-1"), ("h", "one"), ("h", "²")])
def test_no_addresses(text: str, db: str) -> None:
    with pytest.raises(UsageError):
        address(text, "", db)


def test_a_password_is_never_shown() -> None:
    where = address("redis://u:hunter2@h:7/2", "hunter2", "")
    assert "hunter2" not in f"{where} {where!r}"
    assert str(where) == "h:7 (database 2)"
