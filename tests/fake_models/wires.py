"""The streaming forms of three protocols: OpenAI Chat Completions, OpenAI Responses, Anthropic Messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.fake_models.replies import Call, Garbled, Refusal, Text

Spoken = Call | Garbled | Text | Refusal
Event = tuple[str, Any]
"""The name of a server-sent event ("" for none) and its data."""


def arguments_of(reply: Call | Garbled) -> tuple[str, str]:
    return (reply.tool, json.dumps(reply.arguments)) if isinstance(reply, Call) else ("answer", reply.arguments)


def pieces(text: str, size: int = 40) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)] or [""]


def chat(reply: Spoken, number: int, usage: tuple[int, int], model: str) -> Iterator[Event]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> Event:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return "", {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}

    yield chunk({"role": "assistant", "content": ""})
    match reply:
        case Text():
            yield from (chunk({"content": piece}) for piece in pieces(reply.text))
            yield chunk({}, "stop")
        case Refusal():
            yield chunk({"refusal": "I cannot help with that."})
            yield chunk({}, "stop")
        case Call() | Garbled():
            name, arguments = arguments_of(reply)
            head = {"index": 0, "id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": ""}}
            yield chunk({"tool_calls": [head]})
            yield from (chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}) for piece in pieces(arguments))
            yield chunk({}, "tool_calls")
    total = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    yield "", {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [], "usage": total}
    yield "", "[DONE]"


def responses(reply: Spoken, number: int, usage: tuple[int, int], model: str) -> Iterator[Event]:
    whole: dict[str, Any] = {
        "id": f"resp_{number}", "object": "response", "created_at": 1, "model": model, "status": "in_progress", "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto", "tools": [], "error": None, "incomplete_details": None, "instructions": None, "metadata": {},
        "temperature": 1.0, "top_p": 1.0,
    }  # fmt: skip
    sequence = iter(range(1000))

    def event(kind: str, **data: Any) -> Event:
        return kind, {"type": kind, "sequence_number": next(sequence), **data}

    yield event("response.created", response=whole)
    item: dict[str, Any]
    if isinstance(reply, Call | Garbled):
        name, arguments = arguments_of(reply)
        item = {"id": f"fc_{number}", "type": "function_call", "call_id": f"call_{number}", "name": name, "arguments": "", "status": "in_progress"}
        yield event("response.output_item.added", output_index=0, item=item)
        for piece in pieces(arguments):
            yield event("response.function_call_arguments.delta", output_index=0, item_id=item["id"], delta=piece)
        yield event("response.function_call_arguments.done", output_index=0, item_id=item["id"], name=name, arguments=arguments)
        item = {**item, "arguments": arguments, "status": "completed"}
    else:
        text = reply.text if isinstance(reply, Text) else "I cannot help with that."
        kind = "output_text" if isinstance(reply, Text) else "refusal"
        part: dict[str, Any] = {"type": kind, "text": text, "annotations": []} if isinstance(reply, Text) else {"type": kind, "refusal": text}
        item = {"id": f"msg_{number}", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
        yield event("response.output_item.added", output_index=0, item=item)
        empty = {name: "" if name in ("text", "refusal") else value for name, value in part.items()}
        yield event("response.content_part.added", output_index=0, content_index=0, item_id=item["id"], part=empty)
        for piece in pieces(text):
            yield event(f"response.{kind}.delta", output_index=0, content_index=0, item_id=item["id"], delta=piece, logprobs=[])
        yield event(f"response.{kind}.done", output_index=0, content_index=0, item_id=item["id"], **{kind.removeprefix("output_"): text}, logprobs=[])
        yield event("response.content_part.done", output_index=0, content_index=0, item_id=item["id"], part=part)
        item = {**item, "status": "completed", "content": [part]}
    yield event("response.output_item.done", output_index=0, item=item)
    total = {
        "input_tokens": usage[0], "output_tokens": usage[1], "total_tokens": sum(usage), "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }  # fmt: skip
    yield event("response.completed", response={**whole, "status": "completed", "output": [item], "usage": total})


def anthropic(reply: Spoken, number: int, usage: tuple[int, int], model: str) -> Iterator[Event]:
    def event(kind: str, **data: Any) -> Event:
        return kind, {"type": kind, **data}

    begun: dict[str, Any] = {
        "id": f"msg_{number}", "type": "message", "role": "assistant", "model": model, "content": [], "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": usage[0], "output_tokens": 1},
    }  # fmt: skip
    yield event("message_start", message=begun)
    stop = "end_turn"
    match reply:
        case Text():
            yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
            for piece in pieces(reply.text):
                yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
            yield event("content_block_stop", index=0)
        case Refusal():
            stop = "refusal"
        case Call() | Garbled():
            stop = "tool_use"
            name, arguments = arguments_of(reply)
            yield event("content_block_start", index=0, content_block={"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}})
            for piece in pieces(arguments):
                yield event("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": piece})
            yield event("content_block_stop", index=0)
    yield event("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage={"output_tokens": usage[1]})
    yield event("message_stop")
