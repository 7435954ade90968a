"""What delivering means for each file: pure, from what was remembered, what lies there and what is new."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from opsmith.errors import DeliveryError
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Origin
from opsmith.model.report import Change, FileChange
from opsmith.stages.delivery.merge import lines_of, merged
from opsmith.stages.delivery.places import Seen
from opsmith.stages.delivery.state import Offer, Remembered, State

Look = Callable[[str], Seen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`text` goes to `change.written`, over `before`. `base` is what is remembered of our text afterwards, `offer` what lies beside it."""

    change: FileChange
    artifact: Artifact
    before: Seen
    text: str = ""
    base: Remembered | None = None
    offer: Offer | None = None


def planned(artifacts: Sequence[Artifact], state: State, look: Look, *, force: bool | Collection[str]) -> list[Step]:
    paths = {artifact.path for artifact in artifacts}
    forced = (paths if force else ()) if isinstance(force, bool) else force
    steps = [_step(artifact, state, look, paths, force=artifact.path in forced) for artifact in sorted(artifacts, key=lambda item: item.path)]
    return [step if step.offer else replace(step, offer=_settled(step, state, look)) for step in steps]


def _settled(step: Step, state: State, look: Look) -> Offer | None:
    """An earlier offer that is no longer needed but still lies there: known as ours, so that the next one can take its place."""
    offer = state.offers.get(step.artifact.path)
    return replace(offer, settled=True) if offer and look(offer.at).text == offer.offered.text else None


def _step(artifact: Artifact, state: State, look: Look, paths: Collection[str], *, force: bool) -> Step:
    seen = look(artifact.path)
    base = _base(artifact.path, state, look)
    new = Remembered.of(artifact)
    if seen.kind == "nothing":
        return _write("create", artifact, seen, new) if base is None or force else _leave("conflict", artifact, seen, base)
    if seen.text == artifact.text:
        return _leave("unchanged", artifact, seen, new)
    if base is None or seen.text is None:
        return _overwrite(artifact, seen, new) if force else _beside("foreign", artifact, seen, base, state, look, paths)
    if seen.text == base.text:
        return _write("update", artifact, seen, new)
    if artifact.text == base.text:
        return _leave("unchanged", artifact, seen, new)
    return _with_edit(artifact, seen, base, state, look, paths, force=force)


def _base(path: str, state: State, look: Look) -> Remembered | None:
    """Our text that the file was last brought together with. An offer whose file the user has taken away was dealt with by hand."""
    known = state.files.get(path)
    offer = state.offers.get(path)
    if known is not None and offer is not None and not offer.settled and look(offer.at).kind == "nothing":
        return offer.offered
    return known


def _with_edit(artifact: Artifact, seen: Seen, base: Remembered, state: State, look: Look, paths: Collection[str], *, force: bool) -> Step:
    text = merged(base.text, seen.text or "", artifact.text)
    new = Remembered.of(artifact)
    if text is None:
        return _overwrite(artifact, seen, new) if force else _beside("conflict", artifact, seen, base, state, look, paths)
    return _leave("unchanged", artifact, seen, new) if text == seen.text else _write("merge", artifact, seen, new, text=text)


def _write(change: Change, artifact: Artifact, seen: Seen, new: Remembered, *, text: str | None = None) -> Step:
    wanted = artifact.text if text is None else text
    diff = unified(seen, wanted, artifact.path, artifact.path)
    entry = FileChange(path=artifact.path, change=change, written=artifact.path, diff=diff)
    return Step(change=entry, artifact=artifact, before=seen, text=wanted, base=new)


def _overwrite(artifact: Artifact, seen: Seen, new: Remembered) -> Step:
    if seen.kind == "other":
        raise DeliveryError(
            f"{artifact.path} is a folder or a special file, and is not overwritten.", next_step=f"move {artifact.path} away, then run again"
        )
    return _write("update", artifact, seen, new)


def _leave(change: Change, artifact: Artifact, seen: Seen, base: Remembered) -> Step:
    return Step(change=FileChange(path=artifact.path, change=change, written=None), artifact=artifact, before=seen, base=base)


def _beside(change: Change, artifact: Artifact, seen: Seen, base: Remembered | None, state: State, look: Look, paths: Collection[str]) -> Step:
    at, before = _free_place(artifact, state, look, paths)
    entry = FileChange(path=artifact.path, change=change, written=at, diff=unified(seen, artifact.text, artifact.path, at))
    offer = Offer(at=at, offered=Remembered.of(artifact))
    return Step(change=entry, artifact=artifact, before=before, text=artifact.text, base=base, offer=offer)


def _free_place(artifact: Artifact, state: State, look: Look, paths: Collection[str]) -> tuple[str, Seen]:
    """PATH.opsmith.new, or with a number where the user has made that file his own."""
    earlier = state.offers.get(artifact.path)
    number = 1
    while True:
        at = f"{artifact.path}.opsmith.new" + (f".{number}" if number > 1 else "")
        seen = look(at)
        ours = [artifact.text, *([earlier.offered.text] if earlier and earlier.at == at else [])]
        if at not in paths and (seen.kind == "nothing" or seen.text in ours):
            return at, seen
        number += 1


def unified(seen: Seen, text: str, path: str, at: str) -> str:
    """The difference as `diff -u` tells it; empty for what is no text."""
    if seen.kind != "nothing" and seen.text is None:
        return ""
    source = "/dev/null" if seen.kind == "nothing" else f"a/{path}"
    rows = difflib.unified_diff(_whole_lines(seen.text or ""), _whole_lines(text), source, f"b/{at}")
    return "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows)


def _whole_lines(text: str) -> list[str]:
    lines = lines_of(text)
    return [row + end for row, end in zip(lines.rows, lines.ends, strict=True)]


def after(state: State, steps: Iterable[Step], origins: Mapping[str, tuple[Origin, ...]]) -> State:
    """What is remembered once the steps are done. Files of earlier runs that nothing makes any more stay remembered."""
    files, offers = dict(state.files), dict(state.offers)
    for step in steps:
        path = step.artifact.path
        offers.pop(path, None)
        if step.base is not None:
            files[path] = step.base
        if step.offer is not None:
            offers[path] = step.offer
    made = {step.artifact.path for step in steps}
    kept = [*(files[path] for path in files if path not in made), *(offers[path].offered for path in offers if path not in made)]
    used = {mark.node for item in kept for mark in item.origins}
    return State(files=files, offers=offers, origins={**_still_used(state.origins, used), **origins})


def _still_used(origins: Mapping[str, tuple[Origin, ...]], nodes: Collection[str]) -> dict[str, tuple[Origin, ...]]:
    return {name: values for name, values in origins.items() if any(_related(name, node) for node in nodes)}


def _related(one: str, other: str) -> bool:
    return one == other or one.startswith(other + ".") or other.startswith(one + ".")
