"""Whether a file is worth parsing: one search of its bytes for each mark, fewer where several marks share letters."""

from __future__ import annotations

from collections.abc import Iterable

Marks = tuple[tuple[bytes, tuple[bytes, ...]], ...]
"""Letters with the marks that hold them: where the letters are missing, so are all of these marks."""


def grouped(marks: Iterable[bytes], shared: Iterable[bytes]) -> Marks:
    """Each mark under the first of the `shared` letters that it holds, the others each by itself."""
    hints = tuple(shared)
    groups: dict[bytes, tuple[bytes, ...]] = {}
    for mark in marks:
        hint = next((hint for hint in hints if hint in mark), mark)
        groups[hint] = (*groups.get(hint, ()), mark)
    return tuple(groups.items())


def holds_any(data: bytes, marks: Marks) -> bool:
    for letters, whole in marks:
        if letters in data:
            for mark in whole:
                if mark in data:
                    return True
    return False
