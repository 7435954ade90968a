"""The server as its clients meet it: over standard streams, over HTTP on a loopback port, and in this process over work that a test makes up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx2 as httpx
import mcp_types as types
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from opsmith.model.intent import Intent
from opsmith.model.report import Event
from opsmith.protocols.mcp_server.server import build
from opsmith.protocols.mcp_server.work import Done, Served
from opsmith.tools import Stop

SOURCE = Path(__file__).parents[3] / "src"
TASK = "Containerise this and deploy it to Kubernetes"


def environment(path: str | None = None) -> dict[str, str]:
    """Of the server: our sources, and nothing on PATH but what `path` says (tools beside Python are found all the same)."""
    return {"PYTHONPATH": str(SOURCE), "PATH": path or "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "opsmith", "serve", "mcp", *arguments]


@asynccontextmanager
async def over_streams(*arguments: str, path: str | None = None, mode: str = "auto") -> AsyncGenerator[Client]:
    executable, *rest = command(*arguments)
    async with Client(StdioServerParameters(command=executable, args=rest, env=environment(path)), mode=mode) as client:
        yield client


@contextmanager
def http_server(*arguments: str, path: str | None = None) -> Generator[str]:
    """The URL that it tells of itself."""
    argv = command("--http", "--port", "0", *arguments)
    with subprocess.Popen(argv, env=environment(path), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        told = process.stderr.readline()
        try:
            yield re.sub(r".*(http://\S+)\n", r"\1", told)
        finally:
            process.terminate()
            process.communicate(timeout=30)


@asynccontextmanager
async def over_http(url: str, *, token: str = "", mode: str = "auto") -> AsyncGenerator[Client]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(headers=headers, timeout=60) as http, Client(streamable_http_client(url, http_client=http), mode=mode) as client:
        yield client


class Heard:
    """A progress callback that remembers."""

    def __init__(self) -> None:
        self.told: list[tuple[float, str | None]] = []

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        assert total is None
        self.told.append((progress, message))


def content(result: types.ReadResourceResult) -> str:
    first = result.contents[0]
    assert isinstance(first, types.TextResourceContents)
    return first.text


def text(result: types.CallToolResult) -> str:
    first = result.content[0]
    assert isinstance(first, types.TextContent)
    return first.text


def inside(client_work: Callable[[], Any]) -> Any:
    async def bounded() -> Any:
        with anyio.fail_after(120):
            return await client_work()

    return anyio.run(bounded)


def always(done: Done) -> MadeUp:
    return MadeUp(lambda tool, arguments, on_event, stop: done)


@dataclass
class MadeUp:
    """Work of a test: what it comes to, and what was asked of it."""

    answer: Callable[[str, Mapping[str, Any], Callable[[Event], None], Stop], Done]
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list[tuple[str, Mapping[str, Any]]])

    def __call__(self, tool: str, arguments: Mapping[str, Any], on_event: Callable[[Event], None], stop: Stop) -> Done:
        self.asked.append((tool, arguments))
        return self.answer(tool, arguments, on_event, stop)


def made_up(do: MadeUp, root: Path, *, writing: bool = True, kept: Mapping[str, str] | None = None) -> Any:
    names = ("survey", "assess", "interpret", "plan", "render", "write", "verify", "explain")
    served = Served(
        version="1", do=do, answers=dict.fromkeys(names, Intent), kept=lambda name, _: (kept or {}).get(name), standards=lambda: {"image": "# Image"}
    )
    return build(served, [root], writing=writing)
