"""The planner with a language model, any that Pydantic AI knows. Only this package imports it, and only where `--model` asks for it."""

from __future__ import annotations

import re
import warnings
from importlib import import_module
from typing import TYPE_CHECKING

from opsmith.errors import MissingExtra, UsageError
from opsmith.planner import Desk, Planner

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from opsmith.planners.llm.session import Session


def opened(name: str, desk: Desk, base: Planner) -> Session:
    """The planner for `name` (provider:model) over the deterministic `base`.

    Raises MissingExtra for a library or key that is not there, UsageError for a name that no provider has or a bound that cannot be kept.
    """
    if not _is_installed():
        raise missing(name, "Pydantic AI, which is not installed", "pip install 'opsmith[llm]'")
    from opsmith.planners.llm.conversation import Conversations
    from opsmith.planners.llm.session import Session

    if desk.replay is None:
        _require_price(name, _connected(name), desk)
    return Session(Conversations(name, desk, lambda: _replayed(name) if desk.replay else _connected(name)), base)


def _is_installed() -> bool:
    try:
        import_module("pydantic_ai")
    except ImportError:
        return False
    return True


def missing(name: str, what: str, next_step: str) -> MissingExtra:
    return MissingExtra(f"--model {name} needs {what}.", next_step=f"{next_step}   (or --model rules, which needs neither an extra nor a key)")


def _connected(name: str) -> Model:
    """The provider's usual environment variables say where it is and which key it takes."""
    from pydantic_ai.exceptions import UserError
    from pydantic_ai.models import infer_model

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice for those who write programs with the library
            return infer_model(name)
    except ImportError as error:
        provider = name.partition(":")[0]
        raise missing(name, f"a library of its provider ({error.name or provider})", f"pip install 'pydantic-ai-slim[{provider}]'") from None
    except UserError as error:
        text = " ".join(str(error).split())
        if text.startswith("Unknown model"):
            raise UsageError(f"--model {name}: {text}", next_step="--model provider:model such as openai:gpt-5, or --model rules") from None
        variables = list(dict.fromkeys(re.findall(r"`([A-Z][A-Z0-9_]{2,})`", text)))
        if variables:
            raise missing(name, f"{' or '.join(variables[:3])}, which is not set", f"export {variables[0]}=...") from None
        raise missing(name, f"its provider to be set up: {text[:200]}", "see docs/language-model.md") from None
    except Exception as error:  # a provider's client that cannot be made says so in its own way
        raise missing(
            name, f"its provider to be set up: {type(error).__name__}: {str(error).splitlines()[0][:200]}", "see docs/language-model.md"
        ) from None


def _replayed(name: str) -> Model:
    """Stands where a model would; it is never asked."""
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models.function import AgentInfo, FunctionModel

    def never(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        raise AssertionError

    return FunctionModel(never, model_name=name)


def _require_price(name: str, model: Model, desk: Desk) -> None:
    """A bound in money needs a price, before the first request rather than after it."""
    if desk.allowance.usd is None or desk.allowance.price is not None:
        return
    from genai_prices import Usage, calc_price

    for place in ({"provider_api_url": model.base_url}, {"provider_id": model.system}):
        try:
            calc_price(Usage(input_tokens=1, output_tokens=1), model.model_name, **place)  # type: ignore[arg-type]
        except LookupError:
            continue
        return
    raise UsageError(
        f"--budget-usd cannot be kept: the price of {name} is not known.", why="a new model, or a server of your own.",
        next_step="--price IN/OUT, in US dollars for a million tokens, such as --price 1.25/10",
    )  # fmt: skip
