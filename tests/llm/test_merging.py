"""What rules and a model read in one task, put together."""

from __future__ import annotations

import pytest

from opsmith.model.intent import HandOver, Intent, Understood
from opsmith.planners import rules
from opsmith.planners.llm.merging import Read, Said, merged

TASK = "Ship it to Kubernetes with 99.9% availability. No Helm. It must cope with the Christmas rush. Then redo the logo."


def said(words: str, sets: str, value: str | float | bool) -> Read:
    return Read(kind="deliver", kind_words="Ship it", said=(Said(words=words, sets=sets, value=value),))


KNOWN = rules.interpret(TASK)


def test_rules_are_where_they_should_be() -> None:
    assert (KNOWN.kind, KNOWN.targets, KNOWN.exclude, KNOWN.slo.availability) == ("deliver", ("kubernetes",), ("helm",), 99.9)


@pytest.mark.parametrize(
    ("words", "sets", "value", "field"),
    [
        ("cope with the Christmas rush", "targets", "keda", ("kubernetes", "keda")),
        ("Christmas rush", "environments", "production", ("production",)),
        ("Christmas rush", "strategy", "canary", "canary"),
        ("Christmas   rush", "exclude", "istio", ("helm", "istio")),
    ],
)
def test_added(words: str, sets: str, value: str, field: object) -> None:
    intent, notes = merged(TASK, KNOWN, said(words, sets, value))
    assert (getattr(intent, sets), notes) == (field, ())
    assert intent.understood == (*KNOWN.understood, Understood(words=words, sets=sets, value=value))


@pytest.mark.parametrize(
    ("words", "sets", "value", "why"),
    [
        ("use Helm charts", "targets", "helm", "these words are not in the task"),
        ("Helm", "targets", "helm", "the task rules it out"),
        ("Kubernetes", "exclude", "kubernetes", "the rules read it as asked for"),
        ("99.9% availability", "slo.availability", 95, "the rules read it as 99.9"),
        ("Christmas", "slo.availability", 1000, "no such value"),
        ("Christmas", "targets", "evil", "no such value"),
        ("Christmas", "recovery.tier", "one", "no such value"),
        ("Christmas", "recovery.multi_region", False, "no such value"),
        ("Christmas", "environments", "moon", "no such value"),
        ("Christmas", "cloud", "evilcloud", "no such value"),
        ("Christmas", "components", "payments", "no such value"),
        ("Christmas", "not_understood", "x", "no such value"),
        ("Christmas", "scale", 3, "no such value"),
        (" ", "targets", "keda", "these words are not in the task"),
    ],
)
def test_not_taken(words: str, sets: str, value: str | float | bool, why: str) -> None:
    intent, notes = merged(TASK, KNOWN, said(words, sets, value))
    assert intent == KNOWN
    assert notes == (f"the model reads {words!r} as {sets} = {value}, which was not taken: {why}",)


def test_an_exclusion_wins_in_whatever_order() -> None:
    read = Read(
        kind="deliver", kind_words="", said=tuple(Said(words="the Christmas rush", sets=sets, value="keda") for sets in ("targets", "exclude"))
    )
    intent, notes = merged(TASK, KNOWN, read)
    assert (intent.exclude, intent.targets) == (("helm", "keda"), ("kubernetes",))
    assert notes == ("the model reads 'the Christmas rush' as targets = keda, which was not taken: the task rules it out",)


def test_the_kind_that_words_decide_stands() -> None:
    intent, notes = merged(TASK, KNOWN, Read(kind="assess", kind_words="Ship it"))
    assert (intent.kind, notes) == ("deliver", ("the model takes the task for 'assess', the rules for 'deliver', which stands",))


def test_a_kind_that_rules_have_no_words_for() -> None:
    unclear = Intent(kind="none", not_understood=("make it fly",))
    intent, notes = merged("make it fly", unclear, Read(kind="deliver", kind_words="make it fly"))
    assert (intent, notes) == (Intent(kind="deliver", understood=(Understood(words="make it fly", sets="kind", value="deliver"),)), ())
    assert merged("make it fly", unclear, Read(kind="deliver", kind_words="fly away"))[0] == unclear


def test_handed_over() -> None:
    known = Intent(kind="deliver", understood=(Understood(words="Ship it", sets="kind", value="deliver"),))
    intent, _ = merged(TASK, known, Read(kind="deliver", kind_words="", handed=(("redo the logo", "designer"), ("not in it", "x"), ("redo", ""))))
    assert intent.out_of_scope == (HandOver(words="redo the logo", hand_to="designer"),)
