"""What was found out, kept for as long as the server runs, so that answers may be short."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from opsmith import encoding
from opsmith.redaction import redacted, without_tokens
from opsmith.shapes import is_list, is_mapping

MOST_RESULTS = 64
MOST_CHARACTERS = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`text` is JSON. `files` by path, as opsmith made them."""

    id: str
    tool: str
    repo: str
    text: str
    files: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def characters(self) -> int:
        return len(self.text) + sum(map(len, self.files.values()))


class Results:
    """The newest ones, at most so many and so much. Ids cannot be guessed: who has one was given it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Result] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, tool: str, repo: str, whole: Any, files: Mapping[str, str]) -> Result:
        result = Result(id=secrets.token_hex(12), tool=tool, repo=repo, text=encoding.to_json(whole), files=files)
        with self._lock:
            self._kept[result.id] = result
            while len(self._kept) > 1 and (len(self._kept) > MOST_RESULTS or sum(one.characters for one in self._kept.values()) > MOST_CHARACTERS):
                self._kept.popitem(last=False)
        return result

    def get(self, result_id: str) -> Result | None:
        with self._lock:
            return self._kept.get(result_id)

    def newest(self) -> tuple[Result, ...]:
        with self._lock:
            return tuple(reversed(self._kept.values()))

    def last(self, tool: str, repo: str) -> Result | None:
        return next((one for one in self.newest() if one.tool in (tool, "write" if tool == "render" else tool) and one.repo == repo), None)


def without_secrets(value: Any) -> Any:
    """Plain data with every text redacted. The texts of files that opsmith made keep what only looks like one."""
    if isinstance(value, str):
        return redacted(value)
    if is_mapping(value):
        is_artifact = {"path", "text", "target", "origins"} <= value.keys()
        return {str(key): without_tokens(one) if is_artifact and key == "text" else without_secrets(one) for key, one in value.items()}
    return [without_secrets(one) for one in value] if is_list(value) else value
