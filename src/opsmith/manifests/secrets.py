"""How a person fills the secrets before the first release, in the words of a shell."""

from __future__ import annotations

from collections import Counter

from opsmith import conventions
from opsmith.model.blueprint import Blueprint


def shared_keys(blueprint: Blueprint) -> tuple[str, ...]:
    """Keys that sign and lie in several secrets: what one process signs or encrypts, the others have to read."""
    keys = Counter(key for secret in blueprint.secrets for key in secret.keys if conventions.SIGNING_KEY.fullmatch(key))
    return tuple(key for key, count in keys.items() if count > 1)


def value(secret: str, key: str, blueprint: Blueprint) -> str:
    """A made-up one starts a database or signs; nobody can make up what somebody else issued."""
    if key in shared_keys(blueprint):
        return f'"${key}"'
    return '"$(openssl rand -hex 24)"' if blueprint.is_made_up(secret, key) else "VALUE"
