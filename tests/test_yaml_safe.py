"""YAML that nobody vouches for: plain values, or a ValueError, whatever the text."""

from __future__ import annotations

import re

import pytest

from opsmith.yaml_safe import load_yaml


def test_plain_values() -> None:
    assert load_yaml("a: [1, 2.5, x, null]\n---\nb: !Ref {c: 1}\n") == [{"a": [1, 2.5, "x", None]}, {"b": {"c": 1}}]


@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 100_000 + "]" * 100_000, "[" * 100_000, "{a: " * 100_000, "- " * 100_000 + "x", "? " * 100_000, "[" * 102 + "]" * 102],
    ids=["brackets", "open brackets", "braces", "lists", "keys", "a little too deep"],
)
def test_depth_has_an_end(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape("nested too deeply")):
        load_yaml(text)


def test_many_brackets_are_no_depth() -> None:
    assert load_yaml("[" + "[]," * 5_000 + "]") == [[[] for _ in range(5_000)]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: !!bool maybe", "'maybe'"),
        ("a: !!int ''", "string index out of range"),
        ("a: 2024-13-45", "month must be in 1..12"),
        ("<<: 5", "expected a mapping or list of mappings for merging, but found scalar (line 1)"),
        ("? [1]\n: 2", "found unhashable key (line 1)"),
        ("a: &a [*a]", "an anchor contains itself"),
        ("%YAML 9.9\n---\na", "found incompatible YAML document (line 1)"),
    ],
)
def test_odd_values_are_an_error_of_the_text(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        load_yaml(text)


def test_numbers_that_cannot_be_printed_stay_text() -> None:
    huge = "0x" + "f" * 5_000
    assert load_yaml(f"[{huge}, 0xff, 1_000]") == [[huge, 255, 1000]]
