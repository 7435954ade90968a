"""What a run used of a model, and the bounds that it was given. What cannot be computed is None, never nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from opsmith.model.proposal import Account, Call, Joint
from opsmith.planner import Allowance

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse

MILLION = Decimal(1_000_000)


class BudgetSpent(Exception):  # noqa: N818  # it says what happened
    """A bound of the allowance is reached: no further request is sent."""


@dataclass(slots=True)
class Tally:
    """One joint's part so far. `unpriced`: the price of an answer could not be computed."""

    requests: int = 0
    remembered: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    unpriced: bool = False
    unmeasured: int = 0
    keys: list[str] = field(default_factory=list[str])


class Ledger:
    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._calls: list[Call] = []
        self._open: Tally = Tally()
        self._before = Tally()
        self._notes: dict[str, None] = {}
        self.answered: dict[str, str] = {}

    # -- bounds --------------------------------------------------------------------------------------------------------------------

    def require_room(self) -> None:
        """Before a request. Raises BudgetSpent, which names the bound and the flag that moves it."""
        allowed, used = self._allowance, self._sum()
        if allowed.requests is not None and used.requests + used.remembered >= allowed.requests:
            raise BudgetSpent(f"the budget of {allowed.requests} requests is spent (--budget-requests)")
        if allowed.tokens is not None and used.input_tokens + used.output_tokens >= allowed.tokens:
            raise BudgetSpent(f"the budget of {allowed.tokens} tokens is spent (--budget-tokens)")
        if allowed.tokens is not None and used.unmeasured:
            raise BudgetSpent(
                "the provider does not tell how many tokens it used, so the budget of tokens cannot be kept (--budget-tokens 0 for none)"
            )
        if allowed.usd is not None and used.unpriced:
            raise BudgetSpent("the price of an answer could not be computed, so the budget of money cannot be kept (--price tells it)")
        if allowed.usd is not None and used.cost >= Decimal(str(allowed.usd)):
            raise BudgetSpent(f"the budget of {allowed.usd:g} US dollars is spent (--budget-usd)")

    def room_for_output(self, usual: int) -> int | None:
        """The most tokens that an answer may have, where fewer are left than it would `usual`ly have; else None: the provider knows its own bound."""
        if self._allowance.tokens is None:
            return None
        used = self._sum()
        left = max(1, self._allowance.tokens - used.input_tokens - used.output_tokens)
        return left if left < usual else None

    def _sum(self) -> Tally:
        one, other = self._before, self._open
        return Tally(
            requests=one.requests + other.requests, remembered=one.remembered + other.remembered,
            input_tokens=one.input_tokens + other.input_tokens, output_tokens=one.output_tokens + other.output_tokens,
            cost=one.cost + other.cost, unpriced=one.unpriced or other.unpriced, unmeasured=one.unmeasured + other.unmeasured,
        )  # fmt: skip

    # -- what happened --------------------------------------------------------------------------------------------------------------

    def sent(self) -> None:
        self._open.requests += 1

    def answered_by(self, key: str, response: ModelResponse, *, remembered: bool) -> None:
        """An answer, whether it was paid for now or before; both count towards the budget of the run that they belong to."""
        usage, tally = response.usage, self._open
        tally.remembered += remembered
        tally.keys.append(key)
        tally.input_tokens += usage.input_tokens
        tally.output_tokens += usage.output_tokens
        tally.unmeasured += usage.input_tokens + usage.output_tokens == 0
        cost = self._cost(response)
        if cost is None:
            tally.unpriced = True
        else:
            tally.cost += cost

    def _cost(self, response: ModelResponse) -> Decimal | None:
        usage = response.usage
        if usage.input_tokens + usage.output_tokens == 0:
            return None
        if self._allowance.price is not None:
            ingoing, outgoing = (Decimal(str(price)) for price in self._allowance.price)
            return (usage.input_tokens * ingoing + usage.output_tokens * outgoing) / MILLION
        if usage.cost is not None:
            return usage.cost
        try:
            return response.cost().total_price
        except (LookupError, ValueError, AssertionError):  # no price is known for it
            return None

    def note(self, text: str) -> None:
        self._notes.setdefault(text)

    def close(self, joint: Joint, *, fell_back: str = "") -> tuple[Call, tuple[str, ...]]:
        """The joint's conversation is over; `fell_back` says why nothing came of it. What it took, and the keys of its answers."""
        tally, self._before, self._open = self._open, self._sum(), Tally()
        if fell_back:
            self.note(f"language model, {joint}: {fell_back}; {WITHOUT[joint]}")
        asked = tally.requests + tally.remembered > 0
        self._calls.append(
            Call(
                joint=joint, outcome="fell_back" if fell_back else "used", requests=tally.requests, remembered=tally.remembered,
                input_tokens=tally.input_tokens, output_tokens=tally.output_tokens,
                cost_usd=None if tally.unpriced or (tally.requests > 0 and not tally.keys) else _money(tally.cost) if asked else "0", note=fell_back,
            )
        )  # fmt: skip
        return self._calls[-1], tuple(tally.keys)

    def account(self, model: str) -> Account:
        unknown = any(call.cost_usd is None for call in self._calls)
        total = sum((Decimal(call.cost_usd) for call in self._calls if call.cost_usd is not None), Decimal(0))
        answered: Mapping[str, str] = dict(self.answered)
        calls = tuple(replace(call) for call in self._calls)
        return Account(model=model, calls=calls, notes=tuple(self._notes), answered=answered, cost_usd=None if unknown else _money(total))


WITHOUT: dict[Joint, str] = {
    "interpret": "the task was read by rules alone",
    "amend": "the plan stays as facts, words, settings and defaults decide it",
    "author": "no file was written for what no target covers",
    "mend": "only the safe mends were made",
    "narrate": "the report has no prose",
}


def _money(amount: Decimal) -> str:
    return f"{amount:.6f}".rstrip("0").rstrip(".") if amount else "0"
