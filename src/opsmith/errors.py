"""Everything that ends a command, and the exit code each one ends it with.

OpsmithError                 1   a bug of ours, or one that no class below fits
├── UsageError               2   the command line cannot be carried out
├── Refused                  3   a proof or check refused what would have been delivered
├── RepositoryError          4   the repository is missing, empty, or not a folder
├── ManifestError            5   a manifest of the repository cannot be parsed
├── TaskError                6   the task is empty, too long, or asks for nothing we do
├── SettingsError            7   opsmith.yaml, an environment variable or a flag is wrong
├── ConsentMissing           8   writing needs a yes and nobody was asked
├── DeliveryError            9   the destination cannot be written; nothing was left half-done
├── MissingExtra            10   an optional part of opsmith, or its key, is not there
├── SessionError            11   a session directory is missing or not valid
└── QueueError              12   the Redis with the handoffs cannot be reached or refuses

Interrupted by the user: 130, ended by SIGTERM: 143, by SIGHUP: 129, as shells have it. The numbers are a public interface and never change.
"""

from __future__ import annotations


class OpsmithError(Exception):
    """What happened, why that is usual, and the command to type next.

    `what` is one sentence; `why` (optional) is the usual cause; `next_step` is what to type or change.
    """

    exit_code = 1

    def __init__(self, what: str, *, why: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        lines = [self.what]
        if self.why:
            lines.append(f"  why:  {self.why}")
        if self.next_step:
            lines.append(f"  next: {self.next_step}")
        return "\n".join(lines)


class UsageError(OpsmithError):
    exit_code = 2


class Refused(OpsmithError):
    exit_code = 3


class RepositoryError(OpsmithError):
    exit_code = 4


class ManifestError(OpsmithError):
    exit_code = 5


class TaskError(OpsmithError):
    exit_code = 6


class SettingsError(OpsmithError):
    exit_code = 7


class ConsentMissing(OpsmithError):
    exit_code = 8


class DeliveryError(OpsmithError):
    exit_code = 9


class MissingExtra(OpsmithError):
    exit_code = 10


class SessionError(OpsmithError):
    exit_code = 11


class QueueError(OpsmithError):
    exit_code = 12
