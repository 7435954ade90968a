"""`opsmith init claude`: agents, hooks and a command for Claude Code into a project, and out of it again."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.model.artifact import Artifact
    from opsmith.model.report import FileChange


def add(commands: Any) -> None:
    command = commands.add_parser("init", help="make a project known to another system: claude (agents, hooks and a command for Claude Code)")
    command.add_argument("system", choices=("claude",))
    command.add_argument("--root", default=".", metavar="DIR", help="the project (default: this folder)")
    command.add_argument("--uninstall", action="store_true", help="take out again what was put in and not edited since")
    command.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    command.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    from opsmith.errors import RepositoryError

    root = Path(options.root)
    if not root.is_dir():
        raise RepositoryError(f"{root} is no folder.", next_step="--root DIR")
    lines = _uninstalled(root, dry=options.dry_run) if options.uninstall else _installed(root, dry=options.dry_run)
    print("\n".join(lines))
    return 0


def _installed(root: Path, *, dry: bool) -> list[str]:
    from opsmith.protocols.claude_code import settings
    from opsmith.stages.deliver import changes, deliver, text_at

    artifacts, merges = _wanted(root)
    before = text_at(root, settings.FILE) if merges else None
    edits: dict[str, Callable[[str | None], str]] = {settings.FILE: settings.with_hooks} if merges else {}
    merged = bool(merges) and settings.with_hooks(before) != before
    made = changes(artifacts, root) if dry else deliver(artifacts, {}, root, edits=edits)
    told = [_told(change) for change in made] + ([f"  {'merge' if merged else 'unchanged':10} {settings.FILE}"] if merges else [])
    if dry:
        return [*told, "Nothing was written: --dry-run."]
    return [*told, "Start a new Claude Code session in the project; try /devops there. Take it out again: opsmith init claude --uninstall"]


def _wanted(root: Path) -> tuple[tuple[Artifact, ...], bool]:
    """The artifacts, and whether our hooks are to be merged into settings that are there, rather than settings of our own made."""
    from opsmith.protocols.claude_code import settings
    from opsmith.protocols.claude_code.install import artifacts, made
    from opsmith.stages.deliver import is_remembered, text_at

    if text_at(root, settings.FILE) is None and not is_remembered(root, settings.FILE):
        return (*artifacts(), made(settings.FILE, settings.with_hooks(None))), False
    return artifacts(), True


def _told(change: FileChange) -> str:
    note = {
        "foreign": f": a file of yours is there; ours would be {change.written}",
        "conflict": f": your edit is kept; ours is {change.written}" if change.written else ": you took it away, so it stays away",
    }.get(change.change, "")
    return f"  {change.change:10} {change.path}{note}"


def _uninstalled(root: Path, *, dry: bool) -> list[str]:
    from opsmith.protocols.claude_code import settings
    from opsmith.protocols.claude_code.install import FOLDER, TARGET
    from opsmith.stages.deliver import text_at, withdraw

    text = text_at(root, settings.FILE)
    had = text is not None and settings.without_hooks(text) != text
    gone = withdraw(TARGET, FOLDER, root, edits={settings.FILE: lambda text: None if text is None else settings.without_hooks(text)}, dry=dry)
    told = [f"  {outcome:10} {path}" for path, outcome in gone.items()]
    if had and gone.get(settings.FILE) != "removed":
        told.append(f"  {'removed':10} the hooks in {settings.FILE}")
    if not told:
        return ["Nothing of opsmith's is installed here."]
    return [*told, "Nothing was written: --dry-run."] if dry else told
