"""How deep a source may be nested, and how long it may take, before it is left unread."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest
import tree_sitter_go
import tree_sitter_ruby
import tree_sitter_scala
from tree_sitter import Language, Parser

from opsmith.detectors.nesting import MAX_NESTING, parsed, shallow


def test_what_people_write_is_read() -> None:
    data = b"f(a[{1: (2)}])\n" * 10_000
    assert shallow(data) is data
    assert shallow(b"(" * MAX_NESTING) == b"(" * MAX_NESTING


def test_deeper_than_anybody_writes_is_not() -> None:
    assert shallow(b"(" * (MAX_NESTING + 1)) == b""
    assert shallow(b"x = [" * 400_000) == b""
    assert shallow(b")" * 5_000 + b"(" * (MAX_NESTING + 1)) == b""


def language(grammar: Any) -> Language:
    handle: object = grammar.language()
    return Language(handle)


@pytest.mark.parametrize("grammar", [tree_sitter_go, tree_sitter_ruby, tree_sitter_scala])
def test_what_takes_out_of_all_proportion_long_is_given_up(grammar: Any) -> None:
    parser = Parser(language(grammar))
    began = process_time()
    assert parsed(parser, b"<!--\n" * 20_000).child_count == 0
    assert process_time() - began < 30


def test_the_nodes_of_what_is_read_know_their_text() -> None:
    parser = Parser(language(tree_sitter_go))
    data = b"package main\n\nfunc main() { run() }\n" * 1_000
    assert parsed(parser, data).text == data
    assert str(parsed(parser, data)) == str(parser.parse(data).root_node)
