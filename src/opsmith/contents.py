"""What is in the files of one folder: each read at most once, as long as there is room to keep it."""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from dataclasses import dataclass

MAX_BYTES = 2 * 1024 * 1024
"""Larger files are no source that a person wrote."""
MAX_KEPT = 64 * 1024 * 1024
"""So much of what was read is kept, so that ten detectors read a file once."""

_READ = os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Unread:
    """Why there is nothing to be had of a file; "" for what is no regular file, which nobody needs to be told of."""

    why: str


class Contents:
    def __init__(self, base: str) -> None:
        """`base` is the folder, with a slash at its end."""
        self._base = base
        self._kept: OrderedDict[str, bytes | Unread] = OrderedDict()  # to find the oldest in a plain dict takes as long as it has let go of others
        self._size = 0

    def of(self, path: str) -> bytes | Unread:
        """What is in the file at `path`, which the caller knows to lie inside."""
        known = self._kept.get(path)
        if known is not None:
            return known
        data = self._kept[path] = self._read(path)
        self._size += _room(data)
        while self._size > MAX_KEPT:
            self._size -= _room(self._kept.popitem(last=False)[1])
        return data

    def _read(self, path: str) -> bytes | Unread:
        try:
            descriptor = os.open(self._base + path, _READ)
        except OSError as error:
            return Unread(f"cannot be read ({error.strerror})")
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return Unread("")
            if status.st_size > MAX_BYTES:
                return Unread(f"not read: larger than {MAX_BYTES // 1024 // 1024} MiB")
            return os.read(descriptor, status.st_size)
        except OSError as error:
            return Unread(f"cannot be read ({error.strerror})")
        finally:
            os.close(descriptor)


def _room(data: bytes | Unread) -> int:
    return len(data) if isinstance(data, bytes) else 0
