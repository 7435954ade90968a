"""Runs of the command line in processes of their own that need not import everything anew: a server that forks.

Standard input has a line of JSON for each, `{"arguments": [...], "environment": {...}}`; it answers `PID` and, at the end, `CODE`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module


class Runs:
    def __init__(self) -> None:
        self._server = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def start(self, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        """The process id."""
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps({"arguments": list(arguments), "environment": dict(environment)}) + "\n")
        return self._line()

    def wait(self) -> int:
        """The exit code; negative for a signal. Until then the id is nobody else's."""
        assert self._server.stdin is not None
        code = self._line()
        self._server.stdin.write("\n")
        return code

    def _line(self) -> int:
        assert self._server.stdout is not None
        return int(self._server.stdout.readline())

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(30)
        assert self._server.stdout is not None
        self._server.stdout.close()


def serve() -> None:
    from opsmith.cli.main import main

    for name in ("openai", "pydantic_ai.models.openai", "opsmith.planners.llm.session"):
        import_module(name)  # the most of a start

    for line in sys.stdin:
        asked = json.loads(line)
        assert threading.active_count() == 1  # else a fork would be half of a process
        pid = os.fork()
        if pid == 0:
            os.environ.update(asked["environment"])
            devnull = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1):
                os.dup2(devnull, stream)
            os._exit(main(asked["arguments"]))
        _tell(pid)
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it keeps its number until the next line: nobody else is killed in its place
        assert ended is not None
        _tell(ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status)
        sys.stdin.readline()
        os.waitpid(pid, 0)


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
