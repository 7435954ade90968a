"""Why a model's part came to nothing, in words for a person. Whatever goes wrong there, the deterministic result stands."""

from __future__ import annotations

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)

from opsmith.planners.llm.ledger import BudgetSpent
from opsmith.planners.llm.metered import Cut, TooSlow


class FellBackError(Exception):
    """Nothing came of a conversation; the text says why. A request that a recording does not know is none: a test that replays has to hear of it."""


def why(error: BaseException) -> str:
    """One line; nothing that a provider or a model wrote is repeated in it, for it may hold anything."""
    match error:
        case BaseExceptionGroup():
            return why(error.exceptions[0])
        case BudgetSpent() | TooSlow() | Cut():
            return str(error)
        case UsageLimitExceeded():
            return "the model called tools without end"
        case ContentFilterError():
            return "the model refused to answer"
        case UnexpectedModelBehavior():
            return "the model's answer had not the form that was asked for"
        case ModelAuthenticationError():
            return "the provider does not accept the key"
        case ModelNotFoundError():
            return "the provider does not know the model"
        case ModelQuotaExceededError():
            return "the account's quota or credit is used up"
        case ModelRateLimitError():
            asked = f", and asks to wait {error.retry_after:g} s" if error.retry_after else ""
            return f"the provider limits the rate{asked}"
        case ModelHTTPError():
            return f"the provider answered HTTP {error.status_code}"
        case ModelConnectionError():
            return "the provider cannot be reached"
        case ModelRequestRejectedError():
            return "the provider rejected the request"
        case ModelAPIError():
            return "the provider reported an error"
        case _:
            return f"the model's part failed ({type(error).__name__})"
