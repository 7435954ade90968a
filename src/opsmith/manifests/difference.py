"""What has to be laid over one object to get another one: a strategic merge patch."""

from __future__ import annotations

from typing import Any

from opsmith.emit import Noted, plain
from opsmith.shapes import is_list, is_mapping, items, mapping, table

MERGED_BY_NAME = frozenset(("containers", "initContainers", "env", "volumes"))
"""Lists of a pod that a strategic merge patch merges by `name` (the API's patchMergeKey); all others are replaced whole."""


def patch(base: Any, wanted: Any) -> dict[str, Any] | None:
    """The smallest patch that makes `wanted` of `base` (both the same object); None where they are equal.

    Only what is in both, or in `wanted` alone, is looked at: an overlay adds and changes, it does not take away.
    """
    change = _mapping(plain(base), wanted)
    if not change:
        return None
    whole = table(plain(base))
    identity = {key: whole["metadata"][key] for key in ("name", "namespace")}
    metadata = {"metadata": identity | mapping(change.pop("metadata", None))}
    return {key: whole[key] for key in ("apiVersion", "kind")} | metadata | change


def _mapping(base: Any, wanted: Any) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for key, value in table(_bare(wanted)).items():
        if key == "namespace" and "name" in mapping(base):  # moved by the kustomization
            continue
        change = _value(key, mapping(base).get(key), value)
        if change is not _SAME:
            changes[key] = change
    return changes


_SAME = object()


def _value(key: str, base: Any, wanted: Any) -> Any:
    """What of `wanted` differs, keeping the marks of where it came from."""
    bare = _bare(wanted)
    if plain(bare) == base:
        return _SAME
    if is_mapping(bare) and is_mapping(base):
        change: Any = _mapping(base, bare)
    elif key in MERGED_BY_NAME and is_list(bare) and is_list(base):
        change = _named(items(base), items(bare))
    else:
        return wanted
    return _renoted(wanted, change) if change else _SAME


def _named(base: list[Any], wanted: list[Any]) -> list[Any]:
    known = {mapping(item).get("name"): item for item in base}
    changed: list[Any] = []
    for item in wanted:
        name = table(plain(item))["name"]
        if plain(item) == known.get(name):
            continue
        change = _mapping(known[name], item) if name in known else _bare(item)
        changed.append(_renoted(item, {"name": name} | table(change)))
    return changed


def _bare(value: Any) -> Any:
    while isinstance(value, Noted):
        value = value.value
    return value


def _renoted(wanted: Any, value: Any) -> Any:
    """`value` with the origin of `wanted`; comments stay with the base."""
    return Noted(value, wanted.origin) if isinstance(wanted, Noted) and wanted.origin else value
