"""Which of an application's paths answers probes: the names that people give such routes, the plainest first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol, TypeVar

_NAMES = (
    "healthz", "health", "_healthz", "_health", "health-check", "healthcheck", "health_check", "_healthcheck", "livez", "liveness", "live", "alive",
    "readyz", "readiness", "ready", "heartbeat", "ping", "up", "status", "_status", "heart",
)  # fmt: skip
_VARIABLE = re.compile(r"[{:*<$]")


class Routed(Protocol):
    @property
    def path(self) -> str: ...


R = TypeVar("R", bound=Routed)


def health(routes: Iterable[R]) -> R | None:
    """The route that is named after a health check, the one nearest to the root among equals."""
    ranked = [
        (_NAMES.index(word), route.path.count("/"), index, route) for index, route in enumerate(routes) if (word := _last(route.path)) in _NAMES
    ]
    return min(ranked, key=lambda item: item[:3])[3] if ranked else None


def _last(path: str) -> str:
    return "" if _VARIABLE.search(path) else path.rstrip("/").rpartition("/")[2].lower()


def joined(*parts: str) -> str:
    """Pieces of a path with one slash between them."""
    return "/" + "/".join(piece for part in parts if (piece := part.strip("/")))
