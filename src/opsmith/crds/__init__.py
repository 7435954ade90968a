"""Schemas of custom resources, as their projects publish them (versions.json), for the tools that judge manifests. `maintain/crds.py` makes them."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path


@lru_cache(maxsize=1)
def folder() -> Path:
    """Where the schemas lie, each under GROUP_VERSION_KIND.json with the kind in lower case."""
    return Path(str(files("opsmith.crds")))


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    return frozenset(path.stem for path in folder().glob("*_*_*.json"))


def name(api_version: str, kind: str) -> str | None:
    """The name of the schema for an object; None where there is none."""
    group, slash, version = api_version.rpartition("/")
    found = f"{group}_{version}_{kind.lower()}"
    return found if slash and found in known() else None
