"""Who plans: the flags of `--model` and what belongs to it, for every command that has a planner."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.model.report import Event
    from opsmith.planner import Planner

DEFAULT_REQUESTS, DEFAULT_TOKENS, DEFAULT_SECONDS = 40, 1_000_000, 120.0


def add(command: Any) -> None:
    command.add_argument("--model", default="rules", metavar="NAME", help='who plans: "rules" (default) or provider:model')
    bounds = command.add_argument_group("with a model")
    bounds.add_argument(
        "--budget-requests", type=_count, default=DEFAULT_REQUESTS, metavar="N", help=f"the most requests (default {DEFAULT_REQUESTS}; 0: any number)"
    )
    bounds.add_argument(
        "--budget-tokens",
        type=_count,
        default=DEFAULT_TOKENS,
        metavar="N",
        help=f"the most tokens, in and out (default {DEFAULT_TOKENS}; 0: any number)",
    )
    bounds.add_argument("--budget-usd", type=_amount, metavar="X", help="the most that may be spent, in US dollars (needs a known price)")
    bounds.add_argument(
        "--budget-seconds",
        type=_amount,
        default=DEFAULT_SECONDS,
        metavar="X",
        help=f"the longest that one answer may take (default {DEFAULT_SECONDS:g})",
    )
    bounds.add_argument("--price", type=_price, metavar="IN/OUT", help="the model's price in US dollars for a million tokens, where it is not known")
    tape = bounds.add_mutually_exclusive_group()
    tape.add_argument("--record", type=Path, metavar="FILE", help="also keep every answer in this file")
    tape.add_argument("--replay", type=Path, metavar="FILE", help="take every answer from this file; nothing is sent")
    bounds.add_argument("--approve", type=Path, metavar="FILE", help="a policy that answers when the model asks to replace a file of yours")


def planner(options: argparse.Namespace, repo: Path, on_event: Callable[[Event], None], *, interactive: bool) -> Planner:
    """The planner that the flags name. Raises MissingExtra, UsageError or SettingsError."""
    from opsmith.cli.approvals import approver
    from opsmith.planner import Allowance, Desk
    from opsmith.planners import choose

    allowance = Allowance(
        requests=options.budget_requests or None, tokens=options.budget_tokens or None, usd=options.budget_usd, seconds=options.budget_seconds,
        price=options.price,
    )  # fmt: skip
    approve = approver(options.approve, interactive=interactive)
    return choose(
        options.model, Desk(repo=repo, allowance=allowance, record=options.record, replay=options.replay, approve=approve, on_event=on_event)
    )


def progress(event: Event) -> None:
    """How far a model is, on a terminal; gone again when it has answered."""
    if sys.stderr.isatty():
        under_way("" if event.done else f"  {event.stage:10}   ...    {event.message}")
        if event.done:
            print("\r", end="", file=sys.stderr, flush=True)


def under_way(text: str) -> None:
    """Write over the line that said what is under way, with spaces: no control sequence reaches the terminal."""
    width = shutil.get_terminal_size().columns - 1
    print(f"\r{text[:width].ljust(width)}", end="", file=sys.stderr, flush=True)


def tell_notes(planner: Planner) -> None:
    """What a person has to know of the model's part, where no report tells it."""
    account = planner.account()
    for note in account.notes if account else ():
        print(f"opsmith: {note}", file=sys.stderr)


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def _amount(text: str) -> float:
    if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text) or float(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount")
    return float(text)


def _price(text: str) -> tuple[float, float]:
    ingoing, slash, outgoing = text.partition("/")
    form = r"\d{1,6}(\.\d{1,6})?"
    if not slash or not re.fullmatch(form, ingoing) or not re.fullmatch(form, outgoing):
        raise argparse.ArgumentTypeError(f"{text!r} is no price: it is IN/OUT, such as 1.25/10")
    return float(ingoing), float(outgoing)
