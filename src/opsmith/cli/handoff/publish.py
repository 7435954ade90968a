"""`opsmith handoff publish` and `publisher`: hand work over to another agent."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsmith.cli.handoff import place

if TYPE_CHECKING:
    from opsmith.protocols.handoff.model import Handoff
    from opsmith.protocols.handoff.publishing import Draft, Sent


def add(verbs: Any) -> None:
    command = verbs.add_parser("publish", help="hand work over to another agent (also as the command `publisher`)")
    _fill(command)


def parser() -> argparse.ArgumentParser:
    """The command line of `publisher`."""
    command = argparse.ArgumentParser(
        prog="publisher",
        description="Hand work over to another agent over Redis.",
        epilog='For example: publisher devops-expert project-manager "Deployment complete" "Monitoring is active, the rollback is documented."',
    )
    _fill(command)
    return command


def _fill(command: Any) -> None:
    command.add_argument("from_agent", metavar="FROM")
    command.add_argument("to_agent", metavar="TO")
    command.add_argument("summary", metavar="SUMMARY")
    command.add_argument("details", metavar="DETAILS", nargs="?", default="")
    command.add_argument("--priority", default="medium", metavar="NAME", help="high, medium (default) or low; also critical, urgent, normal")
    command.add_argument("--project", action="append", metavar="NAME",
                         help="publish to this project's queue (default: HANDOFF_PROJECT_NAME, else the agent's own)")  # fmt: skip
    command.add_argument("--task-context", default="", metavar="TEXT", help="what it is part of (default: the summary)")
    command.add_argument("--requirement", action="append", default=[], metavar="TEXT", help="what has to be true at the end (repeatable)")
    command.add_argument("--next-step", action="append", default=[], metavar="TEXT", help="what to do next (repeatable)")
    for kind in ("created", "modified", "reviewed"):
        command.add_argument(f"--{kind}", action="append", default=[], metavar="PATH", help=f"a file that was {kind} (repeatable)")
    command.add_argument("--detail", action="append", default=[], metavar="KEY=VALUE", type=_detail,
                         help="a technical detail; true, false, null, whole numbers, [...] and {...} as in JSON (repeatable)")  # fmt: skip
    command.add_argument("--id", default="", metavar="ID", help="publish under this id, so that a repeated call publishes once (default: a new one)")
    command.add_argument("--also-file", action="store_true", help="also write it to .claude/handoffs/FROM-to-TO.md")
    command.add_argument("--repo", default=".", metavar="PATH", help="where .claude/handoffs is (default: this folder)")
    command.add_argument("--json", action="store_true", help="print what was published as JSON")
    place.add(command)
    command.set_defaults(action=action)


def _detail(text: str) -> tuple[str, Any]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    if re.fullmatch(r"true|false|null|-?(?:0|[1-9]\d{0,15})|[\[{].*[\]}]", value, re.DOTALL):
        try:
            return key.strip(), json.loads(value)
        except (ValueError, RecursionError):
            return key.strip(), value
    return key.strip(), value


def action(options: argparse.Namespace) -> int:
    from opsmith.errors import UsageError
    from opsmith.protocols.handoff import publishing
    from opsmith.protocols.handoff.errors import QueueAwayError
    from opsmith.protocols.handoff.store import Store

    where, projects = place.address(options), place.projects(options)
    if len(projects) > 1:
        raise UsageError("A handoff goes to one project.", next_step=f"--project {projects[0]}")
    made = publishing.draft(_wanted(options), project=next(iter(projects), None))
    _warn(made)
    if options.also_file:
        _also_file(made, Path(options.repo))
    kept = place.outbox(where)
    store = Store(where)
    try:
        sent = publishing.send(publishing.outgoing(made), store, kept)
    except QueueAwayError as error:
        error.why = f"{error.why} The handoff is kept in {kept} and goes out with the next command that reaches this Redis."
        raise
    finally:
        store.close()
    print(_json(made, sent) if options.json else _text(made, sent))
    return 0


def _wanted(options: argparse.Namespace) -> Handoff:
    from opsmith.protocols.handoff.model import Artifacts, Content, Handoff, Metadata

    details = dict(options.detail) | ({"details": options.details} if options.details.strip() else {})
    requirements: Sequence[str] = options.requirement or [options.details]
    return Handoff(
        metadata=Metadata(
            from_agent=options.from_agent, to_agent=options.to_agent, task_context=options.task_context, priority=options.priority,
            handoff_id=options.id,
        ),
        content=Content(
            summary=options.summary, requirements=tuple(requirements), technical_details=details, next_steps=tuple(options.next_step),
            artifacts=Artifacts(created=tuple(options.created), modified=tuple(options.modified), reviewed=tuple(options.reviewed)),
        ),
    )  # fmt: skip


def _warn(made: Draft) -> None:
    for text in made.warnings:
        print(f"warning: {place.line(text)}", file=sys.stderr)
    if made.hidden:
        print("warning: what looks like a secret was replaced by ***; name where it lies instead", file=sys.stderr)


def _also_file(made: Draft, repo: Path) -> None:
    from datetime import UTC, datetime

    from opsmith.errors import RepositoryError
    from opsmith.protocols.handoff import documents

    if not repo.is_dir():
        raise RepositoryError(f"{repo} is no folder.", next_step="--repo PATH")
    print(f"written to {documents.write(repo, made.handoff, datetime.now(UTC))}", file=sys.stderr)


def _json(made: Draft, sent: Sent) -> str:
    told = {"handoff_id": made.handoff.metadata.handoff_id, "queue": made.queue, "depth": sent.depth, "new": sent.new, "sent_earlier": sent.earlier}
    return json.dumps(told, indent=2)


def _text(made: Draft, sent: Sent) -> str:
    lines = [f"published {made.handoff.metadata.handoff_id}" if sent.new else f"{made.handoff.metadata.handoff_id} was published before"]
    lines += [f"queue     {made.queue}", f"waiting   {sent.depth}"]
    if sent.earlier:
        lines.append(f"outbox    {len(sent.earlier)} sent that had waited for Redis")
    return "\n".join(lines)
