"""Which folders may be talked about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from opsmith.errors import RepositoryError, UsageError


def roots(named: Sequence[str]) -> tuple[Path, ...]:
    """The real folders behind the names. Raises UsageError."""
    return tuple(dict.fromkeys(_root(name) for name in named or (".",)))


def _root(name: str) -> Path:
    try:
        path = Path(name).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"--root {name}: {_said(error)}.", next_step="opsmith serve mcp --root DIR") from None
    if not path.is_dir():
        raise UsageError(f"--root {name} is no folder.", next_step="opsmith serve mcp --root DIR")
    return path


def confined(allowed: Sequence[Path], named: str) -> Path:
    """The real folder that `named` leads to, links followed; relative names start at the first root. Raises RepositoryError for any outside."""
    among = "this server looks only below " + ", ".join(map(str, allowed)) + "."
    try:
        path = (allowed[0] / named).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        if _would_leave(allowed, named):
            raise _outside(named, among) from None  # says nothing of what is or is not out there
        raise RepositoryError(f"{named[:200]!r} cannot be looked at: {_said(error)}.", why=among, next_step='repo: "." is the first root') from None
    if not any(path.is_relative_to(root) for root in allowed):
        raise _outside(named, among)
    if not path.is_dir():
        raise RepositoryError(f"{named[:200]!r} is no folder.", why=among, next_step='repo: "." is the first root')
    return path


def _would_leave(allowed: Sequence[Path], named: str) -> bool:
    try:
        path = (allowed[0] / named).resolve()
    except (OSError, RuntimeError, ValueError):
        return False
    return not any(path.is_relative_to(root) for root in allowed)


def _outside(named: str, among: str) -> RepositoryError:
    return RepositoryError(
        f"{named[:200]!r} is outside.", why=among, next_step="name a folder in there, or have the server started with --root for the one you mean"
    )


def _said(error: Exception) -> str:
    return (error.strerror or "it cannot be read") if isinstance(error, OSError) else str(error).rstrip(".")
