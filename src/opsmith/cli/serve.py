"""`opsmith serve mcp`: opsmith as a server of the Model Context Protocol, for agents and editors."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsmith import __version__
from opsmith.errors import MissingExtra, OpsmithError, UsageError

if TYPE_CHECKING:
    from opsmith.model.report import Event
    from opsmith.protocols.mcp_server.work import Done, Served
    from opsmith.tools import Stop

CLIENTS = {"claude": "mcpServers", "cursor": "mcpServers", "vscode": "servers"}
"""The key below which each client keeps its servers."""
TOKENS = {"claude": "${OPSMITH_TOKEN}", "cursor": "${env:OPSMITH_TOKEN}", "vscode": "${input:opsmith-token}"}
"""How each client names a value that is not in its file."""


def add(commands: Any) -> None:
    command = commands.add_parser("serve", help="serve other agents: mcp")
    protocols = command.add_subparsers(dest="protocol", metavar="PROTOCOL", required=True)
    mcp = protocols.add_parser("mcp", help="Model Context Protocol over standard streams, or over HTTP with --http")
    mcp.add_argument("--root", action="append", default=[], metavar="DIR", help="look only below this folder (repeatable; default: this folder)")
    mcp.add_argument("--allow-write", action="store_true", help="also offer the tool that writes files")
    mcp.add_argument("--http", action="store_true", help="streamable HTTP instead of standard streams")
    mcp.add_argument("--host", default="127.0.0.1", help="with --http: the address to listen on (default: 127.0.0.1)")
    mcp.add_argument("--port", type=_port, default=8765, help="with --http: the port, 0 for any free one (default: 8765)")
    mcp.add_argument("--token-file", metavar="FILE", help="with --http: a file with the token that clients have to send; required for other hosts")
    mcp.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME:PORT", help="with --http: a further name for this server (repeatable)"
    )
    mcp.add_argument("--stateless", action="store_true", help="with --http: plain JSON answers and no sessions, for load balancers")
    mcp.add_argument("--print-config", choices=sorted(CLIENTS), metavar="CLIENT", help=f"print the configuration for {', '.join(sorted(CLIENTS))}")
    mcp.set_defaults(action=action)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


def action(options: argparse.Namespace) -> int:
    from opsmith.protocols.mcp_server.confine import roots

    allowed = roots(options.root)
    if not options.http and (options.token_file or options.allow_host or options.stateless):
        raise UsageError("--token-file, --allow-host and --stateless are about HTTP.", next_step="opsmith serve mcp --http ...")
    if options.print_config:
        print(_configuration(options, allowed))
        return 0
    _require_extra()
    from opsmith.protocols.mcp_server.server import build

    server = build(_served(), allowed, writing=options.allow_write)
    return _over_http(options, server) if options.http else _over_streams(server)


def _require_extra() -> None:
    from importlib.util import find_spec

    if find_spec("mcp") is None:
        raise MissingExtra("Serving MCP needs the MCP SDK, which is not installed.", next_step="pip install 'opsmith[mcp]'")


def _over_streams(server: Any) -> int:
    from opsmith.protocols.mcp_server import stdio

    return stdio.serve(server)


def _over_http(options: argparse.Namespace, server: Any) -> int:
    from opsmith.protocols.mcp_server import http

    token = http.token(options.token_file) if options.token_file else ""
    address = http.Address(host=options.host, port=options.port, token=token, names=options.allow_host, stateless=options.stateless)
    return http.serve(server, address)


def _configuration(options: argparse.Namespace, allowed: tuple[Path, ...]) -> str:
    """What the client's own file wants; see docs/mcp.md for where that file is. The token is never in it."""
    client = options.print_config
    entry: dict[str, Any] = _over_url(options) if options.http else _by_command(options, allowed)
    told: dict[str, Any] = {CLIENTS[client]: {"opsmith": entry}}
    if client == "vscode" and "headers" in entry:
        told["inputs"] = [{"type": "promptString", "id": "opsmith-token", "description": "Token of opsmith", "password": True}]
    return json.dumps(told, indent=2, ensure_ascii=False)


def _over_url(options: argparse.Namespace) -> dict[str, Any]:
    entry = {"type": "http", "url": f"http://{options.host}:{options.port}/mcp"}
    return entry | ({"headers": {"Authorization": f"Bearer {TOKENS[options.print_config]}"}} if options.token_file else {})


def _by_command(options: argparse.Namespace, allowed: tuple[Path, ...]) -> dict[str, Any]:
    arguments = ["serve", "mcp", *(part for root in allowed for part in ("--root", str(root)))]
    return {"type": "stdio", "command": "opsmith", "args": [*arguments, *(["--allow-write"] if options.allow_write else [])]}


def _served() -> Served:
    from opsmith.cli import work
    from opsmith.model.assessment import Assessment
    from opsmith.model.blueprint import Blueprint
    from opsmith.model.intent import Intent
    from opsmith.model.survey import Survey
    from opsmith.protocols.mcp_server.work import Delivery, Served, Verdicts
    from opsmith.stages.explain import Explanation

    answers = {
        "survey": Survey, "assess": Assessment, "interpret": Intent, "plan": Blueprint, "render": Delivery, "write": Delivery, "verify": Verdicts,
        "explain": Explanation,
    }  # fmt: skip
    return Served(version=__version__, do=do, answers=answers, kept=work.kept, standards=work.standards)


def do(tool: str, arguments: Mapping[str, Any], on_event: Callable[[Event], None], stop: Stop) -> Done:
    """By a process of its own (`opsmith.cli.work`). Raises what it tells of as OpsmithError."""
    from opsmith.protocols.mcp_server.work import CancelledError, Done
    from opsmith.tools import converse

    answers: list[Done] = []
    errors: list[OpsmithError] = []

    def heard(line: bytes) -> None:
        told = json.loads(line)
        if "event" in told:
            on_event(_event(told["event"]))
        elif "done" in told:
            answers.append(Done(**told["done"]))
        else:
            errors.append(OpsmithError(told["error"]["what"], why=told["error"]["why"], next_step=told["error"]["next"]))

    code = converse((sys.executable, "-P", "-m", "opsmith.cli.work"), json.dumps({"tool": tool, "arguments": arguments}), heard, stop)
    if errors:
        raise errors[0]
    if not answers:
        if stop.told:
            raise CancelledError(f"{tool} was cancelled.")
        raise OpsmithError(
            f"{tool} ended without an answer (exit code {code}).",
            why="it ran out of memory, or met a bug of opsmith; the server's standard error tells.",
            next_step="try a part of the repository: repo: SUBFOLDER",
        )
    return answers[0]


def _event(told: Mapping[str, Any]) -> Event:
    from opsmith import encoding
    from opsmith.model.report import Event

    return encoding.from_plain(told, Event)
