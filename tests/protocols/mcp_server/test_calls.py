"""Several calls at once, calls that nobody wants any more, and servers that end in the middle of one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from opsmith.model.report import Event
from opsmith.protocols.mcp_server import calls
from opsmith.protocols.mcp_server.work import Done
from opsmith.tools import Stop
from tests.protocols.mcp_server.serving import TASK, Heard, MadeUp, command, environment, http_server, inside, made_up, over_http, over_streams, text

DONE = Done(result={"kind": "none"}, summary="nothing")


@pytest.fixture
def slow_tools(repo: Path, tmp_path: Path) -> str:
    """A PATH on which hadolint never answers. It leaves its number and that of its child in `started`."""
    (repo / "Dockerfile").write_text("FROM python:3.13\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "hadolint").write_text(
        f'#!/bin/sh\nsleep 300 &\necho "$$ $! $PPID" > {tmp_path}/started.new\nmv {tmp_path}/started.new {tmp_path}/started\nwait\n'
    )
    (tools / "hadolint").chmod(0o755)
    return f"{tools}:/usr/bin:/bin"


def started(tmp_path: Path) -> list[int]:
    """The tool, its child, and the process that does the work."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if (tmp_path / "started").exists():
            return [int(number) for number in (tmp_path / "started").read_text().split()]
        time.sleep(0.05)
    raise AssertionError("the tool was never started")


def gone(numbers: list[int]) -> bool:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if not any(_lives(number) for number in numbers):
            return True
        time.sleep(0.05)
    return False


def _lives(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("transport", ["streams", "streams-legacy", "http", "http-legacy"])
def test_cancelling_ends_the_work_and_its_tools(repo: Path, tmp_path: Path, slow_tools: str, transport: str) -> None:
    mode = "legacy" if transport.endswith("legacy") else "auto"

    async def cancelled(connected: AbstractAsyncContextManager[Client]) -> None:
        async with connected as client, anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "verify", {"tools": ["hadolint"]})
            numbers = await anyio.to_thread.run_sync(started, tmp_path)
            assert all(_lives(number) for number in numbers)
            group.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                assert await anyio.to_thread.run_sync(gone, numbers)
                after = await client.call_tool("survey", {})  # the server goes on
                assert text(after).startswith("shop  web")

    if transport.startswith("streams"):
        inside(lambda: cancelled(over_streams("--root", str(repo), path=slow_tools, mode=mode)))
    else:
        with http_server("--root", str(repo), path=slow_tools) as url:
            inside(lambda: cancelled(over_http(url, mode=mode)))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, None])
def test_a_server_that_ends_takes_its_work_along(repo: Path, tmp_path: Path, slow_tools: str, how: signal.Signals | None) -> None:
    """By a signal, by one that it never sees, or because the client closed its end."""
    call = {"name": "verify", "arguments": {"tools": ["hadolint"]}}
    start = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    argv = command("--root", str(repo))
    with subprocess.Popen(argv, env=environment(slow_tools), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        for message in (
            {"id": 1, "method": "initialize", "params": start},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/call", "params": call},
        ):
            process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")
        process.stdin.flush()
        numbers = started(tmp_path)
        if how is None:
            process.stdin.close()
        else:
            process.send_signal(how)
        assert gone(numbers)
        assert process.wait(timeout=30) == {signal.SIGTERM: 143, signal.SIGKILL: -9, None: 0}[how]


def test_two_clients_work_at_once(repo: Path) -> None:
    async def both(url: str) -> None:
        async with over_http(url) as one, over_http(url, mode="legacy") as other:
            heard: dict[str, str] = {}

            async def ask(name: str, client: Client, tool: str, arguments: dict[str, Any]) -> None:
                heard[name] = text(await client.call_tool(tool, arguments)).splitlines()[0]

            async with anyio.create_task_group() as group:
                group.start_soon(ask, "one", one, "survey", {"repo": "."})
                group.start_soon(ask, "other", other, "interpret", {"task": TASK})
                group.start_soon(ask, "one again", one, "interpret", {"task": "Write me a poem"})
            assert heard == {"one": "shop  web, python, flask, in the root folder", "other": "kind: deliver", "one again": "kind: none"}

    with http_server("--root", str(repo)) as url:
        inside(lambda: both(url))


def test_never_two_writes_at_once_and_never_too_much_work(repo: Path) -> None:
    lock, now, most = threading.Lock(), {"write": 0, "all": 0}, {"write": 0, "all": 0}

    def counted(tool: str, *_: Any) -> Done:
        kinds = ["all", "write"] if tool == "write" else ["all"]
        with lock:
            for kind in kinds:
                now[kind] += 1
                most[kind] = max(most[kind], now[kind])
        time.sleep(0.05)
        with lock:
            for kind in kinds:
                now[kind] -= 1
        return DONE

    async def many() -> None:
        async with Client(made_up(MadeUp(counted), repo)) as client, anyio.create_task_group() as group:
            for number in range(20):
                tool, arguments = ("write", {"task": "x"}) if number % 2 else ("survey", {})
                group.start_soon(client.call_tool, tool, arguments)

    inside(many)
    assert most == {"write": 1, "all": calls.AT_ONCE}


def test_the_next_write_waits_until_a_cancelled_one_has_ended(repo: Path) -> None:
    order: list[str] = []

    def stubborn(_: str, arguments: Mapping[str, Any], __: Callable[[Event], None], stop: Stop) -> Done:
        order.append(f"{arguments['task']} begins")
        if arguments["task"] == "first":
            told = threading.Event()
            stop.then(told.set)
            assert told.wait(10)
            time.sleep(0.2)  # puts files back
        order.append(f"{arguments['task']} ends")
        return DONE

    async def two() -> None:
        async with Client(made_up(MadeUp(stubborn), repo)) as client:
            with anyio.move_on_after(0.2):
                await client.call_tool("write", {"task": "first"})
            await client.call_tool("write", {"task": "second"})

    inside(two)
    assert order == ["first begins", "first ends", "second begins", "second ends"]


def test_silent_work_gives_a_sign_of_life(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "HEARTBEAT_SECONDS", 0.05)

    def silent(_: str, __: Mapping[str, Any], on_event: Callable[[Event], None], ___: Stop) -> Done:
        on_event(Event(stage="verify", message=""))
        time.sleep(0.3)
        return DONE

    heard = Heard()

    async def asked() -> None:
        async with Client(made_up(MadeUp(silent), repo)) as client:
            await client.call_tool("verify", {}, progress_callback=heard)

    inside(asked)
    assert heard.told[:3] == [(number, "verify: under way") for number in (1, 2, 3)]


def test_work_that_dies_is_told_and_the_server_goes_on(repo: Path, tmp_path: Path, slow_tools: str) -> None:
    async def died() -> None:
        parameters = StdioServerParameters(command=command()[0], args=[*command()[1:], "--root", str(repo)], env=environment(slow_tools))
        async with Client(parameters) as client:
            results: list[types.CallToolResult] = []

            async def verify() -> None:
                results.append(await client.call_tool("verify", {"tools": ["hadolint"]}))

            async with anyio.create_task_group() as group:
                group.start_soon(verify)
                tool, child, worker = await anyio.to_thread.run_sync(started, tmp_path)
                for number in (worker, tool, child):  # the worker first: nobody is left then to end its tools
                    os.kill(number, signal.SIGKILL)
            assert results[0].is_error
            assert text(results[0]) == (
                "verify ended without an answer (exit code -9).\n"
                "  why:  it ran out of memory, or met a bug of opsmith; the server's standard error tells.\n"
                "  next: try a part of the repository: repo: SUBFOLDER"
            )
            assert not (await client.call_tool("survey", {})).is_error

    inside(died)
