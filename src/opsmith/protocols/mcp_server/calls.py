"""Work in a thread of its own: with progress, ended when nobody wants it any more, and never two writes at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.context import ServerRequestContext

from opsmith.model.report import Event
from opsmith.protocols.mcp_server.arguments import Tool
from opsmith.protocols.mcp_server.results import without_secrets
from opsmith.protocols.mcp_server.work import Do, Done
from opsmith.redaction import redacted, without_tokens
from opsmith.tools import Stop

AT_ONCE = 4
"""Calls that work at the same time; others wait for their turn."""
HEARTBEAT_SECONDS = 10.0
"""Clients take a call that says nothing for a dead one."""

Context = ServerRequestContext[Any, Any]


class Calls:
    def __init__(self, do: Do) -> None:
        self._do = do
        self._turns = anyio.Semaphore(AT_ONCE)
        self._writing = anyio.Lock()
        self._threads = anyio.CapacityLimiter(math.inf)  # `_turns` bounds them

    async def work(self, ctx: Context, tool: Tool, arguments: Mapping[str, Any]) -> Done:
        """Raises what the work raises. When the call is cancelled, it returns only after the work has ended, so that the next write finds peace."""
        send, receive = anyio.create_memory_object_stream[Event](math.inf)
        outcome: Done | Exception | None = None
        async with receive, anyio.create_task_group() as group:
            group.start_soon(_progress, ctx, tool.name, receive)
            async with send:
                outcome = await self._in_turn(tool, arguments, send)
            group.cancel_scope.cancel()
        if isinstance(outcome, Done):
            return outcome
        raise outcome or RuntimeError("the work came to nothing")

    async def _in_turn(self, tool: Tool, arguments: Mapping[str, Any], events: MemoryObjectSendStream[Event]) -> Done | Exception:
        if not tool.writes:
            async with self._turns:
                return await self._in_thread(tool, arguments, events)
        async with self._writing, self._turns:
            return await self._in_thread(tool, arguments, events)

    async def _in_thread(self, tool: Tool, arguments: Mapping[str, Any], events: MemoryObjectSendStream[Event]) -> Done | Exception:
        stop, ended = Stop(), anyio.Event()
        outcome: list[Done | Exception] = []

        def tell(event: Event) -> None:
            anyio.from_thread.run_sync(events.send_nowait, event)

        def work() -> Done | Exception:
            try:
                return clean(self._do(tool.name, arguments, tell, stop))
            except Exception as error:  # a task group that it left through would wrap it
                return error

        async def run() -> None:
            with anyio.CancelScope(shield=True):
                outcome.append(await anyio.to_thread.run_sync(work, limiter=self._threads))
            ended.set()

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            try:
                await ended.wait()
            except anyio.get_cancelled_exc_class():
                stop.tell()
                raise
        return outcome[0]


async def _progress(ctx: Context, name: str, events: MemoryObjectReceiveStream[Event]) -> None:
    """One notification for each event, and one now and then where there is none; the number only grows."""
    message, number = name, 0
    while True:
        with anyio.move_on_after(HEARTBEAT_SECONDS):
            try:
                event = await events.receive()
            except anyio.EndOfStream:
                return
            message = redacted(f"{event.stage}: {event.message or ('done' if event.done else 'under way')}")
        number += 1
        await ctx.session.report_progress(number, message=message)


def clean(done: Done) -> Done:
    """Everything that leaves passes here: secrets are hidden."""
    result = without_secrets(done.result)
    return replace(
        done,
        result=result,
        summary=redacted(done.summary),
        whole=result if done.whole is None else without_secrets(done.whole),
        files={path: without_tokens(text) for path, text in done.files.items()},
    )
