"""A Redis of the test's own, on a free port of the loopback interface, with its append-only file in a folder of the test's."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from opsmith.protocols.handoff.address import Address
from opsmith.protocols.handoff.errors import QueueAwayError
from opsmith.protocols.handoff.store import Store

MISSING = "could not check: redis-server is not installed"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Server:
    folder: Path
    port: int
    password: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def where(self) -> Address:
        return Address(host="127.0.0.1", port=self.port, password=self.password)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        secret = ["--requirepass", self.password] if self.password else []
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", "", "--appendonly", "yes",
             "--daemonize", "no", "--logfile", str(self.folder / "log"), *secret],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        store = Store(self.where)
        for _ in range(200):
            try:
                store.ping()
                break
            except QueueAwayError:
                time.sleep(0.05)
        else:
            raise AssertionError((self.folder / "log").read_text())
        store.close()

    def kill(self) -> None:
        """As a crash: it has no time to write anything."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def client(self) -> Any:
        from redis import Redis

        return Redis(host="127.0.0.1", port=self.port, password=self.password or None, decode_responses=True)


def require() -> None:
    if not shutil.which("redis-server"):
        pytest.skip(MISSING)
