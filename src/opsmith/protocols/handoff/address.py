"""Where Redis is."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opsmith.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where Redis is. `url` goes before the rest; neither it nor the password is ever printed."""

    host: str = "localhost"
    port: int = 6379
    db: int = 0
    password: str = field(default="", repr=False)
    url: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}{f' (database {self.db})' if self.db else ''}"


def address(text: str, password: str = "", db: str = "") -> Address:
    """From HOST, HOST:PORT, :PORT, [IPV6]:PORT, or a redis://, rediss:// or unix:// URL. Raises UsageError."""
    number = _number(db or "0")
    scheme, _, _ = text.rpartition("://")
    try:
        parts = urlsplit(text if scheme else f"//{text}")
        host, port, path = parts.hostname, parts.port, parts.path
        if scheme not in ("", "redis", "rediss", "unix") or (path and not scheme):
            raise ValueError(scheme)
    except ValueError:
        raise UsageError(
            "The Redis address cannot be read.",
            why="it reads HOST:PORT, redis://HOST:PORT/DATABASE, rediss://... or unix://PATH.",
            next_step="REDIS_ADDR=localhost:6379, or --redis redis://localhost:6379/0",
        ) from None
    if scheme == "unix":
        return Address(host=path, port=0, db=number, password=password, url=text)
    named = path.strip("/")
    return Address(
        host=host or "localhost",
        port=6379 if port is None else port,
        db=int(named) if named.isdecimal() else number,
        password=password,
        url=text if scheme else "",
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise UsageError(f"REDIS_DB {text!r} is no number of a database.", next_step="REDIS_DB=0")
    return int(text)
