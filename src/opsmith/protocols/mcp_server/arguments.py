"""The tools and what each one takes. What the descriptions say is read by a language model that has to choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from opsmith.errors import UsageError

_LONGEST_TASK = 100_000
_LONGEST_PATH = 4096

Repo = Annotated[str, Meta(max_length=_LONGEST_PATH, description="Folder of the repository, absolute or relative to the first root of this server.")]
Task = Annotated[
    str, Meta(min_length=1, max_length=_LONGEST_TASK, description="What is wanted, in plain words. Words decide; files are named, not pasted.")
]
Names = Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=64)]
Targets = Annotated[Names, Meta(description="Deliver only these targets, whatever the task says (docker, kubernetes, ...). Empty: as the task says.")]


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tool takes; a name that it does not know is refused rather than ignored."""


class Survey(Arguments, frozen=True, kw_only=True):
    repo: Repo = "."


class Assess(Arguments, frozen=True, kw_only=True):
    repo: Repo = "."
    layers: Annotated[Names, Meta(description="Only these layers (build, image, secrets, pipeline, ...). Empty: all.")] = []
    ask_tools: Annotated[bool, Meta(description="false: ask no tool; what only a tool can tell is could_not_check then.")] = True


class Plan(Arguments, frozen=True, kw_only=True):
    task: Task
    repo: Repo = "."
    targets: Targets = []


class Render(Arguments, frozen=True, kw_only=True):
    task: Task
    repo: Repo = "."
    targets: Targets = []
    prove: Annotated[Literal["files", "none"], Meta(description="files: every file by its tools. none: quick, by opsmith's own checks only.")] = (
        "files"
    )


class Verify(Arguments, frozen=True, kw_only=True):
    repo: Repo = "."
    tools: Annotated[Names, Meta(description="Ask only these tools (hadolint, kube-score, promtool, ...). Empty: all.")] = []


class Explain(Arguments, frozen=True, kw_only=True):
    file: Annotated[str, Meta(min_length=1, max_length=_LONGEST_PATH, description="A delivered file, relative to the repository.")]
    line: Annotated[int, Meta(ge=1, le=10_000_000, description="The line as it is now, from 1.")]
    repo: Repo = "."


class Interpret(Arguments, frozen=True, kw_only=True):
    task: Task


class Write(Arguments, frozen=True, kw_only=True):
    task: Task
    repo: Repo = "."
    targets: Targets = []
    expected: Annotated[
        str,
        Meta(max_length=64, description="The digest that render gave. Nothing is written when the files would be others. Empty: whatever comes out."),
    ] = ""
    force: Annotated[bool, Meta(description="Also overwrite files that opsmith did not write. Ask the user before.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """`writes`: it changes files of the repository."""

    name: str
    title: str
    takes: type[Arguments]
    description: str
    writes: bool = False


TOOLS = (
    Tool(
        name="survey", title="Survey a repository", takes=Survey,
        description="Says what a repository is: its components with ports, start commands, health paths, databases and variables, each fact with "
        "file and line; what is ambiguous and which key of opsmith.yaml decides; what deployment files contradict. Use it first. Reads only.",
    ),
    Tool(
        name="assess", title="Assess readiness for production", takes=Assess,
        description="Judges a repository against named operations standards: met, not_met, could_not_check or does_not_apply, with places, a score, "
        "and for each gap the task that closes it (hand that to render). Reads only.",
    ),
    Tool(
        name="interpret", title="Interpret a task", takes=Interpret,
        description="Says what the words of a task ask for, each value with the words it came from, what is not for a DevOps worker and what was not "
        "understood. Use it to check a task before render. Touches no file.",
    ),
    Tool(
        name="plan", title="Plan a task", takes=Plan,
        description="The blueprint for a task: services, ports, probes, resources, secrets, objectives, pipeline; each value with the fact, word, "
        "setting or default that decided it. Renders nothing, writes nothing.",
    ),
    Tool(
        name="render", title="Render and prove files", takes=Render,
        description="Does a task up to the point of writing: files are made, proved by real tools and compared with what is there; nothing is "
        "written. Gives the changes, the proofs, what is open, and a digest for write.",
    ),
    Tool(
        name="verify", title="Verify deployment files", takes=Verify,
        description="Asks real tools (hadolint, kube-score, actionlint, promtool, gitleaks, ...) about the deployment files that are already there. "
        "A proof is proved, refuted, or could_not_check, which is never a pass. Reads only.",
    ),
    Tool(
        name="explain", title="Explain a delivered line", takes=Explain,
        description="Says why a line of a delivered file is as it is: the facts, words of the task, settings and defaults behind it. Reads only.",
    ),
    Tool(
        name="write", title="Write proven files", takes=Write, writes=True,
        description="Does a task and writes the files, if no proof or check refuses. Edits of the user are merged or kept, files that opsmith did "
        "not write are left alone unless force. Show the user what render gave and hand its digest over as expected.",
    ),
)  # fmt: skip


def converted(tool: Tool, given: Mapping[str, Any] | None) -> Arguments:
    """Raises UsageError that names the argument."""
    try:
        return msgspec.convert(dict(given or {}), tool.takes)
    except msgspec.ValidationError as error:
        names = ", ".join(tool.takes.__struct_fields__)
        raise UsageError(f"{tool.name} cannot take that: {error}.", why=f"it takes {names}.", next_step="read the tool's input schema") from None
