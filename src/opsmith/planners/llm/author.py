"""Author: the model writes files for what no target covers. `stages/author.py` lets in what a tool proves."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from opsmith.model.proposal import Draft, Situation
from opsmith.planner import Question
from opsmith.planners.llm.amend import plan_of
from opsmith.planners.llm.conversation import Conversations
from opsmith.planners.llm.tools import wrapped
from opsmith.repo import Repo

MAX_DRAFTS = 20

INSTRUCTIONS = """\
A plan for running a system was made, and files of it. The task asks for more, which opsmith has no way of making: that is for you to write. Write
whole files, as few as do the job, with the names, ports, images and labels of the plan. Every file is judged by real tools and left out when none
can prove it. Write no secret, no floating image tag, no file that the plan makes already, no hidden file.
To put a file in the place of one that is in the repository, call replace_file: the owner is asked, and may say no. Do not answer with that file then.
"""


class File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    path: str = Field(description="relative to the root of the repository")
    text: str = Field(description="the whole file")
    covers: str = Field(description="which of the things asked for it is for")
    reason: str = Field(description="one sentence")


class Files(BaseModel):
    """The files; empty for none."""

    model_config = ConfigDict(extra="forbid")
    files: list[File] = []


def drafts(talks: Conversations, situation: Situation, taken: Collection[str]) -> Sequence[Draft]:
    from pydantic_ai import Tool

    agreed: list[Draft] = []

    def replace_file(path: str, text: str, covers: str, reason: str) -> str:
        """Put a file in the place of one that is in the repository. The owner is asked.

        Args:
            path: The path of the file, relative to the root of the repository.
            text: The whole new file.
            covers: Which of the things asked for it is for.
            reason: One sentence for the owner.
        """
        agreed.append(Draft(path=path, text=text, covers=covers, reason=reason, replaces=True))
        return "The owner agreed. The file is judged by tools like the others."

    prompt = (
        f"The task:\n{situation.task[:20_000]}\n\nAsked for and not covered: {', '.join(situation.uncovered)}\n\n"
        f"The plan:\n{wrapped('plan', plan_of(situation.blueprint))}\n\nPaths of its files:\n{wrapped('paths', chr(10).join(sorted(taken)))}"
    )
    asking = [Tool(replace_file, requires_approval=True)]
    answer = talks.ask(
        "author", INSTRUCTIONS, prompt, Files, tools=talks.reading_tools(), asking=asking, question=lambda given: question(given, talks.repo)
    )
    written = [Draft(path=one.path, text=one.text, covers=one.covers, reason=one.reason) for one in answer.files[:MAX_DRAFTS]]
    return (*agreed, *(one for one in written if one.path not in {other.path for other in agreed}))


def question(arguments: Mapping[str, Any], repo: Repo | None) -> Question:
    """What a person is asked about a call of replace_file, with the difference to look at."""
    path, text = str(arguments.get("path", "")), str(arguments.get("text", ""))
    before = (repo.read(path) if repo else None) or ""
    shown = difflib.unified_diff(before.splitlines(), text.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    return Question(
        action="replace_file", subject=path[:300], reason=" ".join(str(arguments.get("reason", "")).split())[:300], shows="\n".join(shown)
    )
