from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.model.blueprint import Origin
    from opsmith.stages.explain import Explanation


def add(commands: Any) -> None:
    command = commands.add_parser("explain", help="say why a line of a delivered file is as it is: facts, words of the task, settings, defaults")
    command.add_argument("place", metavar="FILE:LINE", help="a line of a delivered file, as it is now")
    command.add_argument("--repo", default=".", help="where it was delivered to (default: this folder)")
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    from opsmith import encoding
    from opsmith.stages.explain import explain

    file, line = _place(options.place)
    result = explain(Path(options.repo), file, line)
    print(encoding.to_json(result) if options.format == "json" else _text(result))
    return 0


def _place(text: str) -> tuple[str, int]:
    from opsmith.errors import UsageError

    file, _, line = text.rpartition(":")
    if not file or not (line.isascii() and line.isdigit()) or len(line) > 9:
        raise UsageError(f"{text!r} is no FILE:LINE.", next_step=f"opsmith explain {file or text}:1")
    return file, int(line)


def _text(result: Explanation) -> str:
    head = f"{result.file}:{result.line}  {result.text.strip()}"
    if result.written_by == "user":
        return f"{head}\n  written by you; opsmith did not deliver this line"
    moved = f", delivered as line {result.delivered_line}" if result.delivered_line != result.line else ""
    lines = [head, f"  from target {result.target}{moved}"]
    for node in result.nodes:
        lines.append(f"  {node.name}")
        lines += [f"    {_origin(origin)}" for origin in node.origins] or ["    nothing more is known of it"]
    if not result.nodes:
        lines.append("  part of the target's fixed text; no node of the plan decided it")
    return "\n".join(lines)


def _origin(origin: Origin) -> str:
    where = f" ({origin.file}" + (f":{origin.line}" if origin.line else "") + ")" if origin.file else ""
    return f"{origin.kind}: {origin.text}{where}"
