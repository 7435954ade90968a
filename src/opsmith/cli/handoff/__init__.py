"""`opsmith handoff`: handoffs between agents over Redis."""

from __future__ import annotations

from typing import Any

from opsmith.cli.handoff import consume, publish, watch


def add(commands: Any) -> None:
    command = commands.add_parser("handoff", help="take and publish handoffs between agents over Redis")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    for part in (consume, publish, watch):
        part.add(verbs)
