"""Explain: why a delivered line is as it is, from what the delivery remembered; no new run is needed."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from opsmith.errors import DeliveryError, UsageError
from opsmith.model.blueprint import Origin
from opsmith.stages.deliver import remembered
from opsmith.stages.delivery import journal
from opsmith.stages.delivery.merge import lines_of
from opsmith.stages.delivery.places import look
from opsmith.stages.delivery.state import Remembered, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of the blueprint, and what it was decided by."""

    name: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`line` counts in the file as it is now, `delivered_line` in the text that opsmith delivered (None: the user wrote the line).

    `nodes` go from the narrowest to the widest.
    """

    file: str
    line: int
    text: str
    written_by: Literal["opsmith", "user"]
    target: str
    delivered_line: int | None
    nodes: tuple[Node, ...]


def explain(destination: Path, file: str, line: int) -> Explanation:
    """Raises UsageError for a line that is not there, DeliveryError for a file that opsmith knows nothing about."""
    root = destination.resolve()
    path = _relative(root, file)
    try:
        state = remembered(root, journal.pending(root))
        known = _known(root, state, path)
        rows = _rows(root, path)
    except OSError as error:
        raise DeliveryError(f"{root} cannot be read: {error.strerror}.", next_step=f"ls -ld {root}") from error
    if not 1 <= line <= len(rows):
        raise UsageError(f"{path} has {len(rows)} lines; there is no line {line}.", next_step=f"opsmith explain {path}:1")
    delivered = _delivered_line(rows, lines_of(known.text).rows, line)
    return Explanation(
        file=path,
        line=line,
        text=rows[line - 1],
        written_by="user" if delivered is None else "opsmith",
        target=known.target,
        delivered_line=delivered,
        nodes=() if delivered is None else _nodes(known, delivered, state.origins),
    )


def _relative(root: Path, file: str) -> str:
    """`file` as the delivery names it: relative to the destination, or absolute below it."""
    path = Path(os.path.normpath(file))
    if path.is_absolute():
        home = path.parent.resolve()
        path = (home / path.name).relative_to(root) if home.is_relative_to(root) else path
    return path.as_posix()


def _known(root: Path, state: State, path: str) -> Remembered:
    offered = {offer.at: offer.offered for offer in state.offers.values()}
    known = state.files.get(path) or offered.get(path)
    if known is not None:
        return known
    if not state.files and not offered:
        raise DeliveryError(f"Nothing was delivered to {root} yet.", next_step='opsmith run "TASK" --repo PATH')
    beside = state.offers.get(path)
    if beside is not None:
        raise DeliveryError(f"{path} is your own file; opsmith's version of it is {beside.at}.", next_step=f"opsmith explain {beside.at}:1")
    near = difflib.get_close_matches(path, [*state.files, *offered], n=1, cutoff=0.4)
    hint = f"opsmith explain {near[0]}:1" if near else f"one of: {', '.join(sorted([*state.files, *offered])[:10])}"
    raise DeliveryError(f"opsmith did not deliver {path}.", why="it was there before, or the name is another one.", next_step=hint)


def _rows(root: Path, path: str) -> list[str]:
    seen = look(root / path)
    if seen.text is None:
        how = "is not there any more" if seen.kind == "nothing" else "is no text any more"
        raise DeliveryError(f"{path} was delivered but {how}.", next_step="opsmith run ... --force puts it back")
    if not (root / path).parent.resolve().is_relative_to(root):
        raise DeliveryError(f"{path} was delivered but a folder on its way is a link that leaves {root}.", next_step="replace the link by a folder")
    return lines_of(seen.text).rows


def _delivered_line(rows: list[str], delivered: list[str], line: int) -> int | None:
    for block in difflib.SequenceMatcher(None, delivered, rows, autojunk=False).get_matching_blocks():
        if block.b < line <= block.b + block.size:
            return block.a + line - block.b
    return None


def _nodes(known: Remembered, line: int, origins: Mapping[str, tuple[Origin, ...]]) -> tuple[Node, ...]:
    marks = [mark for mark in known.origins if mark.first <= line <= mark.last]
    marks.sort(key=lambda mark: (mark.last - mark.first, -mark.node.count("."), mark.node))
    names = dict.fromkeys(mark.node for mark in marks)
    return tuple(Node(name=name, origins=_decided_by(name, origins)) for name in names)


def _decided_by(node: str, origins: Mapping[str, tuple[Origin, ...]]) -> tuple[Origin, ...]:
    """The origins of the node; else of the nearest one that it is part of; else of its own parts."""
    name = node
    while name:
        if name in origins:
            return origins[name]
        name = name.rpartition(".")[0]
    parts = [origin for part in sorted(origins) if part.startswith(node + ".") for origin in origins[part]]
    return tuple(dict.fromkeys(parts))
