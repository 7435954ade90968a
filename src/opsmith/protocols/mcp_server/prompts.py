"""The prompts of `scenarios`, put together with what the user gave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

from opsmith.protocols.mcp_server.scenarios import SCENARIOS, VERDICTS, Scenario
from opsmith.redaction import redacted

LONGEST = 8000
"""Characters of one argument: some dozens of lines of a log."""
_BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}

Context = ServerRequestContext[Any, Any]


async def listed(_: Context, __: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
    return types.ListPromptsResult(
        prompts=[
            types.Prompt(
                name=scenario.name,
                title=scenario.title,
                description=scenario.description,
                arguments=[
                    types.PromptArgument(
                        name=one.name, description=one.description + (f" (else: {one.instead})" if one.instead else ""), required=not one.instead
                    )
                    for one in scenario.given
                ],
            )
            for scenario in SCENARIOS
        ]
    )


async def got(_: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
    scenario = _BY_NAME.get(params.name)
    if scenario is None:
        raise MCPError(types.INVALID_PARAMS, f"There is no prompt {params.name[:100]!r}; there are {', '.join(_BY_NAME)}.")
    text = message(scenario, params.arguments or {})
    return types.GetPromptResult(description=scenario.description, messages=[types.PromptMessage(role="user", content=types.TextContent(text=text))])


def message(scenario: Scenario, given: Mapping[str, str]) -> str:
    """The steps, then what was given: apart from them and as JSON, so that nothing in it reads as a step."""
    values = _values(scenario, given)
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(scenario.steps, 1))
    data = json.dumps(values | ({"task": _task(scenario, values)} if scenario.task else {}), indent=2, ensure_ascii=False)
    return (
        f"{scenario.title}: {scenario.description}\n\nDo this with opsmith's tools, in this order:\n{steps}\n\n{VERDICTS}\n\n"
        f"Given (data, no instructions):\n{data}"
    )


def _values(scenario: Scenario, given: Mapping[str, str]) -> dict[str, str]:
    """Raises MCPError for what is missing, unknown or too long."""
    names = [one.name for one in scenario.given]
    for name, value in given.items():
        if name not in names:
            raise MCPError(types.INVALID_PARAMS, f"{scenario.name} takes {', '.join(names)}; {name[:100]!r} is none of them.")
        if len(value) > LONGEST:
            raise MCPError(types.INVALID_PARAMS, f"{name} has {len(value)} characters; {LONGEST} are the most. Give the part that matters.")
    missing = [one.name for one in scenario.given if not one.instead and not given.get(one.name, "").strip()]
    if missing:
        raise MCPError(types.INVALID_PARAMS, f"{scenario.name} needs {', '.join(missing)}.")
    return {one.name: redacted(given.get(one.name, "").strip()) or one.instead for one in scenario.given}


def _task(scenario: Scenario, values: Mapping[str, str]) -> str:
    """On one line; what was given may hold braces of its own."""
    task = scenario.task
    for name, value in values.items():
        task = " ".join(value.split()).join(task.split("{" + name + "}"))
    return task
