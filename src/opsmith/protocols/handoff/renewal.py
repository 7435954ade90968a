"""Keeping the lease of what is being worked on, beside the work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from opsmith.errors import OpsmithError
from opsmith.protocols.handoff.store import Claim


class Renewal:
    """Calls `renew` three times within each lease of `seconds` for what is held at that time.

    While Redis is away a lease may run out; the lock on this machine and the record then keep its handoff from being done twice.
    """

    def __init__(self, renew: Callable[[Claim], object], seconds: float) -> None:
        self._renew = renew
        self._pause = seconds / 3
        self._held: Claim | None = None
        self._ended = threading.Event()

    @contextmanager
    def running(self) -> Generator[None]:
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    @contextmanager
    def holding(self, claim: Claim) -> Generator[None]:
        self._held = claim
        try:
            yield
        finally:
            self._held = None

    def _run(self) -> None:
        while not self._ended.wait(self._pause):
            claim = self._held
            if claim is not None:
                with suppress(OpsmithError):  # the next time, or the work's own next question, will tell
                    self._renew(claim)
