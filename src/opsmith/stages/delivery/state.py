"""What was delivered: .opsmith/delivered.json, the base of every later merge and of `opsmith explain`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from opsmith.encoding import from_plain
from opsmith.errors import DeliveryError
from opsmith.model.artifact import Artifact, LineOrigin
from opsmith.model.blueprint import Origin
from opsmith.stages.delivery.places import OWN, digest, is_plain

FILE = f"{OWN}/delivered.json"
VERSION = 1
_LONE = re.compile(r"\\u[dD][89a-fA-F]")
"""How JSON spells what may be half of a character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """One text that was handed out, with the target that made it and where its lines came from."""

    text: str
    target: str
    origins: tuple[LineOrigin, ...] = ()
    sha256: str

    @staticmethod
    def of(artifact: Artifact) -> Remembered:
        return Remembered(text=artifact.text, target=artifact.target, origins=artifact.origins, sha256=artifact.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A text that was put beside the user's file, at the path `at`, because the two did not go together. `settled`: since then they do."""

    at: str
    offered: Remembered
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`files`: by path, our text as it was last put there. `offers`: by the path that they are meant for. `origins`: the blueprint's."""

    version: int = VERSION
    files: Mapping[str, Remembered] = field(default_factory=dict[str, Remembered])
    offers: Mapping[str, Offer] = field(default_factory=dict[str, Offer])
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict[str, tuple[Origin, ...]])


def decoded(text: str | None) -> State:
    """Raises DeliveryError for a file that is no state of ours: guessing would make the user's edits look like our own text."""
    if text is None:
        raise _broken("it is no UTF-8 text")
    try:
        plain: Any = json.loads(text)
        if _LONE.search(text) and not _is_writable(plain):
            raise ValueError("half of a surrogate pair is no character")
        state = from_plain(plain, State)
    except (ValueError, RecursionError) as error:
        raise _broken(str(error)) from None
    if state.version != VERSION:
        raise DeliveryError(f"{FILE} was written by another opsmith (its version is {state.version}).", next_step="pip install --upgrade opsmith")
    remembered = [*state.files.values(), *(offer.offered for offer in state.offers.values())]
    if any(digest(item.text.encode()) != item.sha256 for item in remembered):
        raise _broken("a text and its checksum differ")
    for path in (*state.files, *state.offers, *(offer.at for offer in state.offers.values())):
        if not is_plain(path):
            raise _broken(f"{path!r} is no path that is delivered to")
    return state


def _is_writable(plain: Any) -> bool:
    try:
        json.dumps(plain, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _broken(how: str) -> DeliveryError:
    return DeliveryError(
        f"{FILE} is broken: {how}.",
        why="edited by hand, a merge conflict in it, or it came with the repository.",
        next_step=f"git checkout -- {FILE}   (or delete it: every delivered file then counts as yours and is left alone)",
    )


def encoded(state: State) -> bytes:
    """The same state is the same bytes."""
    plain = {
        "version": state.version,
        "files": {path: _plain(item) for path, item in state.files.items()},
        "offers": {path: {"at": offer.at, "offered": _plain(offer.offered), "settled": offer.settled} for path, offer in state.offers.items()},
        "origins": {node: [_plain_origin(origin) for origin in origins] for node, origins in state.origins.items()},
    }
    return (json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _plain(item: Remembered) -> dict[str, Any]:
    lines = [{"first": mark.first, "last": mark.last, "node": mark.node} for mark in item.origins]
    return {"text": item.text, "target": item.target, "sha256": item.sha256, "origins": lines}


def _plain_origin(origin: Origin) -> dict[str, Any]:
    return {"kind": origin.kind, "text": origin.text, "file": origin.file, "line": origin.line}
