"""The writer: comments where they belong, lines that know where they came from."""

from __future__ import annotations

import pytest

from opsmith.emit import Flow, noted, text_artifact, yaml_artifact
from opsmith.model.artifact import LineOrigin


def test_comments_stand_above_and_beside_what_they_are_about() -> None:
    document = {
        "steps": [
            noted({"uses": noted("a/b@1234", beside="v1")}, above="In front of an item."),
            {"name": noted("x", above="In front of the first key of an item.")},
            {"with": {"deep": noted(1, above="two\nlines")}},
        ],
        "run": noted("a\nb\n", beside="a block"),
    }
    assert yaml_artifact("x.yml", "t", document).text == (
        "steps:\n"
        "  # In front of an item.\n"
        "  - uses: a/b@1234  # v1\n"
        "  # In front of the first key of an item.\n"
        "  - name: x\n"
        "  - with:\n"
        "      # two\n"
        "      # lines\n"
        "      deep: 1\n"
        "run: |  # a block\n"
        "  a\n"
        "  b\n"
    )


def test_lines_keep_their_origin_when_comments_move_them() -> None:
    document = {
        "a": noted({"b": noted(1, "x.b", above="why"), "c": [noted(2, "x.c")]}, "x"),
        "text": noted("one\ntwo\n", "t"),
        "last": noted({"end": noted("fin\n", "end")}, "last"),
    }
    made = yaml_artifact("x.yml", "t", document, origin="all", header="head")
    assert list(enumerate(made.text.splitlines(), start=1)) == [
        (1, "# head"),
        (2, "a:"),
        (3, "  # why"),
        (4, "  b: 1"),
        (5, "  c:"),
        (6, "    - 2"),
        (7, "text: |"),
        (8, "  one"),
        (9, "  two"),
        (10, "last:"),
        (11, "  end: |"),
        (12, "    fin"),
    ]
    assert made.origins == (
        LineOrigin(first=1, last=12, node="all"),
        LineOrigin(first=2, last=6, node="x"),
        LineOrigin(first=3, last=4, node="x.b"),
        LineOrigin(first=6, last=6, node="x.c"),
        LineOrigin(first=7, last=9, node="t"),
        LineOrigin(first=10, last=12, node="last"),
        LineOrigin(first=11, last=12, node="end"),
    )


def test_several_documents_are_told_apart() -> None:
    made = yaml_artifact("x.yml", "t", {"a": 1}, noted({"b": 2}, "second"), header="head")
    assert made.text == "# head\n---\na: 1\n---\nb: 2\n"
    assert made.origins == (LineOrigin(first=5, last=5, node="second"),)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"on": "yes"}, "'on': 'yes'\n"),
        ({"version": "3.10"}, "version: '3.10'\n"),
        ({"empty": {}, "none": None, "list": []}, "empty: {}\nnone: null\nlist: []\n"),
        ({"list": Flow(["a", "b"]), "port": "5432:5432"}, "list: [a, b]\nport: 5432:5432\n"),
        ({"twice": [{"k": 1}, {"k": 1}]}, "twice:\n  - k: 1\n  - k: 1\n"),
    ],
)
def test_values_are_read_back_as_what_they_were(value: object, text: str) -> None:
    assert yaml_artifact("x.yml", "t", value).text == text


def test_plain_text_is_left_as_it_is() -> None:
    assert text_artifact("x", "t", "a\nb\n", origin="n").origins == (LineOrigin(first=1, last=2, node="n"),)
