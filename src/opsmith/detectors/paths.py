"""POSIX paths below the root of a repository; "" is the root itself."""

from __future__ import annotations


def join(*parts: str) -> str:
    """POSIX path of `parts`, with `.` and `..` taken out; what leads out of the root ends at the root."""
    result: list[str] = []
    for part in "/".join(parts).split("/"):
        if part == "..":
            del result[-1:]
        elif part not in ("", "."):
            result.append(part)
    return "/".join(result)


def parent(path: str) -> str:
    return path.rpartition("/")[0]


def inside(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(folder + "/")


def upward(folder: str) -> list[str]:
    """The folder and every one above it, the root last."""
    found = [folder]
    while folder:
        folder = parent(folder)
        found.append(folder)
    return found
