"""Standard input and output: one client, which started us."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any, cast

import anyio
import anyio.lowlevel
from mcp.server import Server
from mcp.server.stdio import stdio_server

MOST_LINE = 4 * 1024 * 1024
"""Bytes of one message, as over HTTP; a longer one is refused, and the next one read."""
_CHUNK = 64 * 1024


def serve(server: Server[Any]) -> int:
    """Until the client closes its end, or a signal. Returns the exit code."""
    return anyio.run(_serve, server)


async def _serve(server: Server[Any]) -> int:
    code = 0
    async with anyio.create_task_group() as group:

        async def until_signal() -> None:
            nonlocal code
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM, signal.SIGHUP) as signals:
                async for number in signals:
                    code = 128 + number
                    group.cancel_scope.cancel()

        group.start_soon(until_signal)
        lines = cast("anyio.AsyncFile[str]", _Lines(os.dup(sys.stdin.fileno())))
        async with stdio_server(stdin=lines) as (read, write):
            await server.run(read, write, server.create_initialization_options())
        group.cancel_scope.cancel()
    return code


class _Lines:
    """The lines of a descriptor, of bounded length. Waiting for one can be cancelled, which a thread that reads cannot."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    async def __aiter__(self) -> AsyncIterator[str]:
        kept, too_long = bytearray(), False
        while chunk := await self._chunk():
            rest, *others = chunk.split(b"\n")
            kept += rest
            for part in others:
                yield "" if too_long else kept.decode("utf-8", "replace")
                kept, too_long = bytearray(part), False
            if len(kept) > MOST_LINE:
                kept, too_long = bytearray(), True
        if kept and not too_long:
            yield kept.decode("utf-8", "replace")

    async def _chunk(self) -> bytes:
        try:
            await anyio.wait_readable(self._descriptor)
        except PermissionError:  # a plain file, which is always ready
            await anyio.lowlevel.checkpoint()
        return os.read(self._descriptor, _CHUNK)
