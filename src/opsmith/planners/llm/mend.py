"""Mend: the model proposes edits for what tools object to. `stages/mend.py` keeps an edit only when nothing is worse after it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from opsmith.model.artifact import Artifact
from opsmith.model.finding import Finding
from opsmith.model.proposal import Edit
from opsmith.planners.llm.conversation import Conversations
from opsmith.planners.llm.tools import wrapped

MAX_EDITS = 20
MAX_FINDINGS = 40
MAX_SHOWN = 120_000

INSTRUCTIONS = """\
Tools object to files that were made of a plan. Propose small edits after which the objections are gone and the files still do all that they did.
An edit replaces `search`, which must stand in the file exactly once, by `replace`. Comments that make a tool look away, and taking away the part that
is objected to, are no mends. Where you do not know one, propose none.
"""


class Replacement(BaseModel):
    model_config = ConfigDict(extra="forbid")
    path: str
    rule: str = Field(description="the rule of the finding that goes away")
    search: str
    replace: str
    reason: str = Field(description="one sentence")


class Replacements(BaseModel):
    """The edits; empty for none."""

    model_config = ConfigDict(extra="forbid")
    edits: list[Replacement] = []


def edits(talks: Conversations, artifacts: Sequence[Artifact], findings: Sequence[Finding]) -> Sequence[Edit]:
    shown = findings[:MAX_FINDINGS]
    about = {one.path for one in shown}
    told = "\n".join(f"{one.path}{f':{one.line}' if one.line else ''}: {one.severity}: {one.rule}: {one.message}" for one in shown)
    files = "\n\n".join(wrapped(f"the file {one.path}", one.text) for one in artifacts if one.path in about)
    prompt = f"Objections:\n{wrapped('objections', told)}\n\nFiles:\n{files[:MAX_SHOWN]}"
    answer = talks.ask("mend", INSTRUCTIONS, prompt, Replacements)
    return tuple(Edit(path=one.path, rule=one.rule, search=one.search, replace=one.replace, reason=one.reason) for one in answer.edits[:MAX_EDITS])
