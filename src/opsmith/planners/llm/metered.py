"""The one way in which a request leaves: masked, looked up, counted, tried again where that helps, and remembered before it is used."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, NoReturn

import anyio
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelServerError,
    ModelUnavailableError,
)
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, PartDeltaEvent, TextPartDelta, ToolCallPartDelta
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from opsmith.planners.llm.journal import Journal, key_of
from opsmith.planners.llm.ledger import Ledger
from opsmith.planners.llm.masking import Mask
from opsmith.shapes import is_list, is_mapping, items, table

ATTEMPTS = 3
MAX_WAIT = 30.0
"""A provider that asks to wait longer is away as far as one run is concerned."""
USUAL_OUTPUT_TOKENS = 16_000
TOLD_EVERY = 0.25


class NotRecorded(Exception):  # noqa: N818  # it says what happened
    """A replay has no answer to this request."""


class TooSlow(Exception):  # noqa: N818
    """No answer within the time that one may take."""


class Cut(Exception):  # noqa: N818
    """The stream ended before the answer did."""


class Metered(WrapperModel):
    """`told` hears how an answer grows."""

    def __init__(
        self, wrapped: Model, name: str, joint: str, *, mask: Mask, journals: tuple[Journal, ...], ledger: Ledger, seconds: float, replays: bool,
        told: Callable[[str], None],
    ) -> None:  # fmt: skip
        super().__init__(wrapped)
        self._name = name
        self._joint = joint
        self._mask = mask
        self._journals = journals
        self._ledger = ledger
        self._seconds = seconds
        self._replays = replays
        self._told = told

    async def request(
        self, messages: list[ModelMessage], model_settings: ModelSettings | None, model_request_parameters: ModelRequestParameters
    ) -> ModelResponse:
        masked = [_masked(message, self._mask) for message in messages]
        key = key_of(self._name, masked, model_request_parameters)
        known = next((answer for journal in self._journals if (answer := journal.get(key)) is not None), None)
        if known is not None:
            self._ledger.require_room()
            self._ledger.answered_by(key, known, remembered=True)
            response = known
        elif self._replays:
            raise NotRecorded(f"the recording has no answer to this request of {self._joint}")
        else:
            response = await self._asked(masked, model_settings, model_request_parameters)
            self._ledger.answered_by(key, response, remembered=False)
        for journal in self._journals if not self._replays else ():
            if known is None or journal.get(key) is None:
                journal.put(key, self._joint, response)
        return response

    async def _asked(self, messages: list[ModelMessage], settings: ModelSettings | None, parameters: ModelRequestParameters) -> ModelResponse:
        """Tries again what may work later, after the time that the provider asks for."""
        for attempt in range(1, ATTEMPTS + 1):
            self._ledger.require_room()
            self._ledger.sent()
            bounded: ModelSettings = {**(settings or {}), "max_retries": 0}
            if (most := self._ledger.room_for_output(USUAL_OUTPUT_TOKENS)) is not None:
                bounded["max_tokens"] = most
            try:
                with anyio.fail_after(self._seconds):
                    return await self._streamed(messages, bounded, parameters)
            except TimeoutError:
                raise TooSlow(f"no answer within {self._seconds:g} s (--budget-seconds)") from None
            except (ModelAPIError, Cut) as error:
                wait = _wait(error, attempt)
                if wait is None or attempt == ATTEMPTS:
                    raise
                self._told(f"{_briefly(error)}; next attempt in {wait:g} s")
                await anyio.sleep(wait)
        raise AssertionError  # the last attempt returns or raises

    async def _streamed(self, messages: list[ModelMessage], settings: ModelSettings, parameters: ModelRequestParameters) -> ModelResponse:
        try:
            async with self.wrapped.request_stream(messages, settings, parameters) as stream:
                await self._followed(stream)
                response = stream.get()
        except NotImplementedError:  # a provider without streams
            return await self.wrapped.request(messages, settings, parameters)
        if response.state != "complete" or response.finish_reason is None or _is_silent(response):
            raise Cut("the answer broke off")
        return response

    async def _followed(self, stream: StreamedResponse) -> None:
        characters, last = 0, time.monotonic()
        async for event in stream:
            if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta | ToolCallPartDelta):
                delta = event.delta.content_delta if isinstance(event.delta, TextPartDelta) else event.delta.args_delta
                characters += len(delta or "")
                if time.monotonic() - last >= TOLD_EVERY:
                    last = time.monotonic()
                    self._told(f"{characters} characters")

    @asynccontextmanager
    async def request_stream(self, *_: Any, **__: Any) -> AsyncGenerator[StreamedResponse]:
        """There is one way out, and it is `request`."""
        _no_other_way()
        yield  # type: ignore[unreachable]

    async def count_tokens(self, *_: Any, **__: Any) -> NoReturn:
        _no_other_way()


def _is_silent(response: ModelResponse) -> bool:
    """Neither the reason for its end nor what it took was told: some servers leave out the one or the other, a broken connection both."""
    told = (response.provider_details or {}).get("finish_reason")
    return not told and response.usage.input_tokens + response.usage.output_tokens == 0


def _no_other_way() -> NoReturn:
    raise NotImplementedError("every request goes through Metered.request")


def _wait(error: ModelAPIError | Cut, attempt: int) -> float | None:
    """Seconds until another attempt makes sense; None where it makes none."""
    if isinstance(error, Cut):
        return 0.5
    if isinstance(error, ModelQuotaExceededError | ModelRequestRejectedError):
        return None
    passing = isinstance(error, ModelRateLimitError | ModelUnavailableError | ModelServerError | ModelConnectionError)
    if not passing and not (isinstance(error, ModelHTTPError) and error.status_code in (408, 409, 425, 429, 500, 502, 503, 504, 529)):
        return None
    wait = error.retry_after if error.retry_after is not None else 0.5 * 2**attempt
    return wait if wait <= MAX_WAIT else None


def _briefly(error: ModelAPIError | Cut) -> str:
    if isinstance(error, ModelRateLimitError):
        return "asked to slow down"
    return f"HTTP {error.status_code}" if isinstance(error, ModelHTTPError) else type(error).__name__


# -- masking --------------------------------------------------------------------------------------------------------------------------------


def _masked(message: ModelMessage, mask: Mask) -> ModelMessage:
    """The message with everything that may be a secret taken out of what it says; names, ids and signatures stay."""
    parts: list[Any] = [_masked_part(part, mask) for part in message.parts]
    if isinstance(message, ModelRequest):
        return replace(message, parts=parts)
    return replace(message, parts=parts)


def _masked_part(part: Any, mask: Mask) -> Any:
    changes: dict[str, Any] = {}
    if hasattr(part, "content"):
        changes["content"] = _masked_value(part.content, mask)
    if hasattr(part, "args"):
        changes["args"] = _masked_arguments(part.args, mask)
    return replace(part, **changes) if any(getattr(part, name) != value for name, value in changes.items()) else part


def _masked_arguments(value: Any, mask: Mask) -> Any:
    """JSON stays JSON."""
    if not isinstance(value, str):
        return _masked_value(value, mask)
    try:
        plain = json.loads(value)
    except ValueError:
        return mask(value)
    masked = _masked_value(plain, mask)
    return value if masked == plain else json.dumps(masked, ensure_ascii=False)


def _masked_value(value: Any, mask: Mask) -> Any:
    if isinstance(value, str):
        return mask(value)
    if is_mapping(value):
        return {name: _masked_value(item, mask) for name, item in table(value).items()}
    return [_masked_value(item, mask) for item in items(value)] if is_list(value) else value
