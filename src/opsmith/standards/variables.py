"""Variables of services, and which of their values only stand for a secret."""

from __future__ import annotations

import re

from opsmith.model.estate import ComposeService
from opsmith.shapes import is_mapping, items, table


def environment(service: ComposeService) -> dict[str, str]:
    value = service.body.get("environment")
    if is_mapping(value):
        return {key: "" if item is None else str(item) for key, item in table(value).items()}
    pairs = (str(entry).partition("=") for entry in items(value))
    return {name: text for name, _, text in pairs}


_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
"""GOOGLE_API_KEY_VALUE: a name for a script to replace."""
_PLACEHOLDER = re.compile(
    r"(?i)^(?:|x+|\*+|<.*>|\[.*\]|none|null|dummy\w*|(?:your|my|some)[-_ ].*|.*(?:change[-_ ]?me|placeholder|replace[-_ ]?me|insert|dummy|fake|not[-_ ]?(?:a[-_ ]?)?secret|example).*"
    r"|build(?:time)?[-_]?\w*|test|todo|tbd|true|false|\d{1,2}|\.\.\.)$"
)


def is_placeholder(value: str) -> bool:
    """Plainly no secret: it stands for one."""
    return _PLACEHOLDER.match(value.strip()) is not None or _NAME.fullmatch(value.strip()) is not None
