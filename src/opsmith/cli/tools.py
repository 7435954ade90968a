from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.tools import Runner


def add(commands: Any) -> None:
    command = commands.add_parser("tools", help="say which proving tools are here, and how to get the others")
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    from opsmith import encoding
    from opsmith.tools import LocalRunner

    rows = _rows(LocalRunner())
    print(encoding.to_json({"version": 1, "tools": rows}) if options.format == "json" else _table(rows))
    return 0


def _rows(runner: Runner) -> list[dict[str, str | None]]:
    from concurrent.futures import ThreadPoolExecutor

    from opsmith.tools import TOOLS, kill_running

    with ThreadPoolExecutor(max_workers=4) as pool:
        try:
            versions = dict(zip(TOOLS, pool.map(runner.version, TOOLS), strict=True))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            kill_running()  # else Ctrl-C would wait for a tool that hangs
            raise
    return [
        {"name": tool.name, "path": runner.find(tool.name), "version": versions[tool.name], "proves": tool.proves, "how_to_get": tool.how_to_get}
        for tool in TOOLS.values()
    ]


def _table(rows: list[dict[str, str | None]]) -> str:
    lines = [f"{'here' if row['path'] else 'missing':<8} {row['name']:<20} {row['proves']:<55} {_where(row)}" for row in rows]
    here = sum(1 for row in rows if row["path"])
    return "\n".join((*lines, f"{here} of {len(rows)} tools are here; what a missing one would prove is reported as could not check."))


def _where(row: dict[str, str | None]) -> str:
    return f"{row['path']} ({row['version'] or 'version unknown'})" if row["path"] else f"get it with: {row['how_to_get']}"
