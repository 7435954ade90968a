"""Real client libraries against servers that speak three protocols: whatever a model does, a run ends well and says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from opsmith.model.intent import Intent, Understood
from opsmith.model.proposal import Account
from opsmith.model.proposal import Call as Used
from opsmith.model.report import Event
from opsmith.planner import Allowance
from opsmith.planners import rules
from opsmith.planners.llm.interpret import Reading
from opsmith.planners.llm.session import Session
from tests.fake_models import Answer, Asked, Call, Cut, FakeModels, Garbled, Hang, Refusal, Reply, Status, Text
from tests.llm.small_app import MAIN, MODELS

TASK = "Containerise this for Kubernetes. It must survive Frankfurt going dark. No Helm."
GOOD = Answer(
    kind="deliver", kind_words="Containerise", settings=[{"words": "survive Frankfurt going dark", "sets": "recovery.multi_region", "value": True}]
)  # fmt: skip
ADDED = Understood(words="survive Frankfurt going dark", sets="recovery.multi_region", value=True)

LINES = MAIN.count("\n")
Opened = Callable[..., Session]


def script(*replies: Reply) -> Callable[[Asked], Reply]:
    """One after the other, the last one for ever."""
    rest: Iterator[Reply] = iter(replies)
    return lambda _: next(rest, replies[-1])


def account_of(session: Session) -> Account:
    account = session.account()
    assert account is not None
    return account


def fell_back(session: Session, intent: Intent) -> str:
    """Why; and that the rules' result stands."""
    assert intent == rules.interpret(TASK)
    (call,) = account_of(session).calls
    assert call.outcome == "fell_back"
    assert account_of(session).notes[-1] == f"language model, interpret: {call.note}; the task was read by rules alone"
    return call.note


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_happy_path(model: str, models: FakeModels, session: Opened) -> None:
    models.script = script(GOOD)
    planner = session(model)
    intent = planner.interpret(TASK)
    assert intent.recovery.multi_region is True
    assert intent.understood == (*rules.interpret(TASK).understood, ADDED)
    assert (intent.targets, intent.exclude) == (("docker", "kubernetes"), ("helm",))
    (call,) = account_of(planner).calls
    assert (call.joint, call.outcome, call.requests, call.input_tokens, call.output_tokens) == ("interpret", "used", 1, 100, 20)
    assert [asked.api for asked in models.requests] == [next(api for api, name in MODELS.items() if name == model)]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_streams_and_tells_how_far_it_is(model: str, models: FakeModels, session: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opsmith.planners.llm.metered.TOLD_EVERY", 0.0)
    models.script = script(GOOD)
    heard: list[Event] = []
    session(model, on_event=heard.append).interpret(TASK)
    assert models.requests[0].body["stream"] is True
    assert heard[0] == Event(stage="interpret", message=f"{model}: asked")
    assert heard[-1] == Event(stage="interpret", message=f"{model}: 1 request", seconds=heard[-1].seconds, done=True)
    figures = [int(event.message.split()[1]) for event in heard[1:-1]]
    assert len(figures) > 3
    assert figures == sorted(figures)
    assert figures[-1] > 100
    assert not any(event.done for event in heard[:-1])


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("bad", [Garbled(), Garbled('{"kind": "conquer", "kind_words": ""}'), Text("Sure! I think you want Kubernetes.")])
def test_malformed_once_is_asked_again(model: str, bad: Reply, models: FakeModels, session: Opened) -> None:
    models.script = script(bad, GOOD)
    planner = session(model)
    assert planner.interpret(TASK).understood[-1] == ADDED
    assert account_of(planner).calls[0].requests == 2


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("bad", [Garbled(), Garbled('{"kind": "conquer", "kind_words": ""}'), Text("I would rather talk.")])
def test_malformed_for_ever(model: str, bad: Reply, models: FakeModels, session: Opened) -> None:
    models.script = script(bad)
    planner = session(model)
    assert fell_back(planner, planner.interpret(TASK)) == "the model's answer had not the form that was asked for"
    assert len(models.requests) == 3


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_refusal(model: str, models: FakeModels, session: Opened) -> None:
    models.script = script(Refusal())
    planner = session(model)
    assert fell_back(planner, planner.interpret(TASK)) == "the model refused to answer"
    assert len(models.requests) == 1


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_rate_limit_waits_as_long_as_it_is_asked_to(model: str, models: FakeModels, session: Opened) -> None:
    models.script = script(Status(429, {"retry-after": "1"}), GOOD)
    heard: list[Event] = []
    planner = session(model, on_event=heard.append)
    began = time.monotonic()
    assert planner.interpret(TASK).understood[-1] == ADDED
    assert 1.0 <= time.monotonic() - began < 4.0
    assert heard[1].message == f"{model}: asked to slow down; next attempt in 1 s"
    assert account_of(planner).calls[0].requests == 2


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_rate_limit_of_an_hour_is_not_waited_for(model: str, models: FakeModels, session: Opened) -> None:
    models.script = script(Status(429, {"retry-after": "3600"}))
    planner = session(model)
    assert fell_back(planner, planner.interpret(TASK)) == "the provider limits the rate, and asks to wait 3600 s"
    assert len(models.requests) == 1


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize(
    ("reply", "why", "requests"),
    [
        (Status(401), "the provider does not accept the key", 1),
        (Status(404), "the provider does not know the model", 1),
        (Status(400), "the provider answered HTTP 400", 1),
        (Status(500, {"retry-after": "0"}), "the provider answered HTTP 500", 3),
        (Status(503, {"retry-after": "0"}), "the provider answered HTTP 503", 3),
    ],
)
def test_http_errors(model: str, reply: Reply, why: str, requests: int, models: FakeModels, session: Opened) -> None:
    models.script = script(reply)
    planner = session(model)
    assert fell_back(planner, planner.interpret(TASK)) == why
    assert len(models.requests) == requests
    assert account_of(planner).calls[0].cost_usd is None


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_an_answer_that_breaks_off_is_asked_for_again(model: str, models: FakeModels, session: Opened) -> None:
    models.script = script(Cut(), GOOD)
    planner = session(model)
    assert planner.interpret(TASK).understood[-1] == ADDED
    assert account_of(planner).calls[0].requests == 2


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_silence(model: str, models: FakeModels, session: Opened) -> None:
    models.script = script(Hang(30))
    planner = session(model, allowance=Allowance(seconds=0.5))
    began = time.monotonic()
    assert fell_back(planner, planner.interpret(TASK)) == "no answer within 0.5 s (--budget-seconds)"
    assert time.monotonic() - began < 5


def test_nobody_listens(session: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "x" * 20)
    planner = session()
    assert fell_back(planner, planner.interpret(TASK)) == "the provider cannot be reached"


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_tool_calls(model: str, models: FakeModels, session: Opened) -> None:
    models.script = script(Call("read_file", {"path": "main.py"}), Call("list_files", {}), Call("search", {"text": "/READY"}), GOOD)
    planner = session(model)
    answer = planner.talks.ask("amend", "x", "y", Reading, tools=planner.talks.reading_tools())
    assert answer.kind == "deliver"
    read, listed, found = (models.requests[number].raw for number in (1, 2, 3))
    assert "16| @app.get(" in read
    assert f"lines 1 to {LINES} of {LINES} of the file 'main.py'" in read
    assert "README.md\\nmain.py\\nrequirements.txt" in listed
    assert "main.py:16: @app.get(" in found


@pytest.mark.parametrize(
    ("allowance", "why", "requests"),
    [
        (Allowance(requests=2), "the budget of 2 requests is spent (--budget-requests)", 2),
        (Allowance(tokens=150), "the budget of 150 tokens is spent (--budget-tokens)", 2),
        (Allowance(usd=0.0005), "the budget of 0.0005 US dollars is spent (--budget-usd)", 2),
        (Allowance(usd=3.0, price=(30_000.0, 0.0)), "the budget of 3 US dollars is spent (--budget-usd)", 1),
    ],
)
def test_budgets(allowance: Allowance, why: str, requests: int, models: FakeModels, session: Opened) -> None:
    models.script = script(Garbled())
    planner = session(allowance=allowance)
    assert fell_back(planner, planner.interpret(TASK)) == why
    assert len(models.requests) == requests


def test_the_end_of_a_budget_bounds_the_answer(models: FakeModels, session: Opened) -> None:
    models.script = script(GOOD)
    session(allowance=Allowance(tokens=7000)).interpret(TASK)
    session(allowance=Allowance()).interpret(f"{TASK} ")
    assert [asked.body.get("max_completion_tokens") for asked in models.requests] == [7000, None]


def test_the_ledger_adds_up(models: FakeModels, session: Opened) -> None:
    models.script, models.usage = script(Garbled(), GOOD), (1000, 500)
    planner = session(allowance=Allowance(price=(2.0, 8.0)))
    planner.interpret(TASK)
    call = Used(joint="interpret", outcome="used", requests=2, input_tokens=2000, output_tokens=1000, cost_usd="0.012")
    assert account_of(planner) == Account(model=MODELS["chat"], calls=(call,), cost_usd="0.012")


def test_an_unknown_price_is_not_nothing(models: FakeModels, session: Opened) -> None:
    models.script = script(GOOD)
    planner = session("openai-chat:made-of-straw")
    planner.interpret(TASK)
    assert (account_of(planner).cost_usd, account_of(planner).calls[0].cost_usd) == (None, None)


def test_usage_that_is_not_told_stops_a_budget_of_tokens(models: FakeModels, session: Opened) -> None:
    models.script, models.usage = script(Garbled()), (0, 0)
    planner = session()
    why = fell_back(planner, planner.interpret(TASK))
    assert why == "the provider does not tell how many tokens it used, so the budget of tokens cannot be kept (--budget-tokens 0 for none)"
    assert len(models.requests) == 1


def test_a_model_that_calls_tools_without_end(models: FakeModels, session: Opened) -> None:
    numbers = iter(range(1, 1000))
    models.script = lambda _: Call("read_file", {"path": "main.py", "first_line": next(numbers)})
    planner = session(allowance=Allowance(requests=None))
    known = planner.interpret(TASK)
    assert known == rules.interpret(TASK)  # interpret has no tools: calls of some are errors
    assert account_of(planner).calls[0].note == "the model's answer had not the form that was asked for"
    assert len(models.requests) < 10
