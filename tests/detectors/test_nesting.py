"""How deep a source may be nested before it is left unread."""

from __future__ import annotations

from opsmith.detectors.nesting import MAX_NESTING, shallow


def test_what_people_write_is_read() -> None:
    data = b"f(a[{1: (2)}])\n" * 10_000
    assert shallow(data) is data
    assert shallow(b"(" * MAX_NESTING) == b"(" * MAX_NESTING


def test_deeper_than_anybody_writes_is_not() -> None:
    assert shallow(b"(" * (MAX_NESTING + 1)) == b""
    assert shallow(b"x = [" * 400_000) == b""
    assert shallow(b")" * 5_000 + b"(" * (MAX_NESTING + 1)) == b""
