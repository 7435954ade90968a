"""Who answers when a model asks for something that changes the world: a policy file, then the person at the terminal, else nobody."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from opsmith.errors import SettingsError

if TYPE_CHECKING:
    from opsmith.planner import Answer, Question

ACTIONS = ("replace_file",)
MAX_BYTES = 256 * 1024
SHOWN_LINES = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Patterns of subjects; `*` does not stop at a slash. What is denied stays denied, whatever is allowed."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    file: str
    rules: Mapping[str, Rule] = field(default_factory=dict[str, Rule])

    def answer(self, question: Question) -> Answer | None:
        """None where the file says nothing of it."""
        from opsmith.planner import Answer

        rule = self.rules.get(question.action, Rule())
        for patterns, allowed in ((rule.deny, False), (rule.allow, True)):
            for pattern in patterns:
                if fnmatchcase(question.subject, pattern):
                    return Answer(allowed=allowed, by=f"{self.file}, {'allow' if allowed else 'deny'} {pattern}")
        return None


def policy(path: Path) -> Policy:
    """The policy in a file. Raises SettingsError for one that says anything that is not understood: half a policy is none."""
    from opsmith.encoding import from_plain
    from opsmith.yaml_safe import load_yaml

    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"--approve {path} cannot be read: {error.strerror}.", next_step=f"ls -l {path}") from None
    try:
        if len(data) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES // 1024} KiB")
        documents = load_yaml(data.decode())
        rules = from_plain(documents[0] if len(documents) == 1 else None, dict[str, Rule])
        known = {"allow", "deny"}
        for action, rule in documents[0].items():
            if action not in ACTIONS:
                raise ValueError(f"there is no action {action!r}; there is {', '.join(ACTIONS)}")
            if strange := set(rule) - known:
                raise ValueError(f"{action} has {min(strange)!r}; it may have allow and deny")
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"--approve {path} is no policy: {str(error).splitlines()[0]}.", why="a policy is followed to the letter or not at all.",
            next_step="replace_file: {allow: ['deploy/*.sh'], deny: []}   (see docs/language-model.md)",
        ) from None  # fmt: skip
    return Policy(file=str(path), rules=rules)


def approver(path: Path | None, *, interactive: bool) -> Callable[[Question], Answer]:
    """Answers by the policy at `path`, then by the person if there is one."""
    from opsmith.planner import Answer, nobody

    given = policy(path) if path else None

    def answer(question: Question) -> Answer:
        told = given.answer(question) if given else None
        if told is not None:
            return told
        return Answer(allowed=_asked(question), by="the person at the terminal") if interactive else nobody(question)

    return answer


def _asked(question: Question) -> bool:
    rows = question.shows.splitlines()
    print(f"\nThe model asks to replace {question.subject}: {question.reason}", file=sys.stderr)
    for row in rows[:SHOWN_LINES]:
        print(f"    {row}", file=sys.stderr)
    if len(rows) > SHOWN_LINES:
        print(f"    ... and {len(rows) - SHOWN_LINES} more lines", file=sys.stderr)
    print(
        "Allow it? What is delivered is still judged by the tools, and you are asked before anything is written. [y/N] ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    return sys.stdin.readline().strip().lower() in ("y", "yes")
