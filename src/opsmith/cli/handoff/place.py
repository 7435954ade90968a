"""Where Redis is, by flag and environment: what all verbs share."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.protocols.handoff.address import Address

AGENT = "devops-expert"


def add(command: Any) -> None:
    command.add_argument("--redis", metavar="ADDRESS", help="HOST:PORT or redis://HOST:PORT/DB (default: REDIS_ADDR, else localhost:6379); "
                         "the password comes from REDIS_PASSWORD, the database from REDIS_DB")  # fmt: skip


def address(options: argparse.Namespace) -> Address:
    """Raises UsageError."""
    from opsmith.protocols.handoff import address as addresses
    from opsmith.protocols.handoff.names import DEFAULT_ADDRESS

    text = options.redis or os.environ.get("REDIS_ADDR") or DEFAULT_ADDRESS
    return addresses.address(text, os.environ.get("REDIS_PASSWORD", ""), os.environ.get("REDIS_DB", ""))


def outbox(where: Address) -> Path:
    from opsmith.protocols.handoff import outbox as boxes
    from opsmith.protocols.handoff import places

    return boxes.folder(places.user_state(os.environ), where)


def projects(options: argparse.Namespace) -> tuple[str, ...]:
    """The named projects, or the one of the environment. Raises UsageError."""
    from opsmith.errors import UsageError
    from opsmith.protocols.handoff.names import PROJECT_NAME

    named: list[str] = options.project or [item for item in (os.environ.get("HANDOFF_PROJECT_NAME"),) if item]
    for name in named:
        if not PROJECT_NAME.fullmatch(name):
            raise UsageError(f"{name!r} cannot be a project's name.", why="it becomes part of a queue's name: no blank, colon or wildcard.",
                             next_step="--project NAME")  # fmt: skip
    return tuple(dict.fromkeys(named))


def project_of(repo: Path) -> str:
    """The folder's name, as other publishers have it; empty where it cannot be one."""
    from opsmith.protocols.handoff.names import PROJECT_NAME

    name = repo.resolve().name
    return name if PROJECT_NAME.fullmatch(name) else ""


def agent(options: argparse.Namespace) -> str:
    """Raises UsageError."""
    from opsmith.errors import UsageError
    from opsmith.protocols.handoff.names import AGENT_NAME

    name: str = options.agent
    if not AGENT_NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of an agent.", why="lower-case letters, digits and hyphens.", next_step=f"--agent {AGENT}")
    return name


def line(text: str) -> str:
    """One line for a terminal or a log, whatever a message holds."""
    from opsmith.redaction import redacted

    flat = " ".join(redacted(text).split())
    return flat if len(flat) <= 300 else f"{flat[:299]}…"
