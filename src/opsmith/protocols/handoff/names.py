"""The names and limits that every system on the same Redis has to agree on, each once."""

from __future__ import annotations

import re

AGENT = "devops-expert"
ALIASES = frozenset((AGENT, "devops", "devops-worker", "devops-engineer", "devops-architect"))
"""What other protocols call this agent."""

DEFAULT_ADDRESS = "localhost:6379"
PAYLOAD_SECONDS = 24 * 3600
"""After that a payload is gone, whether or not somebody took it: other implementations count on it."""
DONE_SECONDS = 7 * 24 * 3600
"""How long a handoff that was done is remembered in Redis, so that it is not done again elsewhere."""
KEPT_TIMES = 100
ACTIVE_SECONDS = 300

MAX_PAYLOAD = 1024 * 1024
"""Bytes of the largest payload that is read or published."""
MAX_DEPTH = 50

TOTAL = "handoff:metrics:total"
COMPLETED = "handoff:metrics:completed"
FAILED = "handoff:metrics:failed"
TIMES = "handoff:processing_times"
ACTIVE = "handoff:active_agents"
PAYLOAD_PREFIX = "handoff:"
DONE_PREFIX = "handoff:done:"

AGENT_NAME = re.compile(r"[a-z0-9-]{1,64}")
PROJECT_NAME = re.compile(r"[^\s:*?\[\]\x00-\x1f\x7f]{1,100}")
"""Part of a key: no colon, and nothing that a search pattern of Redis takes for more than itself."""
HANDOFF_ID = re.compile(r"[^\s:\x00-\x1f\x7f]{1,200}")


def queue(agent: str, project: str | None = None) -> str:
    """The sorted set of waiting ids: the agent's own, or the one of a project."""
    return f"handoff:project:{project}:queue:{agent}" if project else f"handoff:queue:{agent}"


def payload(handoff_id: str) -> str:
    return f"{PAYLOAD_PREFIX}{handoff_id}"


def done(handoff_id: str) -> str:
    return f"{DONE_PREFIX}{handoff_id}"


def in_flight(agent: str) -> str:
    """Sorted set of ids somebody works on or that wait for a retry; score: when they are free again, in seconds of Redis' own clock."""
    return f"handoff:inflight:{agent}"


def leases(agent: str) -> str:
    """Hash: for each id in flight who holds it, and the queue and score it goes back to."""
    return f"handoff:leases:{agent}"


def abandoned(agent: str) -> str:
    """Hash: how often an id was taken and neither finished nor given back."""
    return f"handoff:abandoned:{agent}"


def dead(agent: str) -> str:
    return f"handoff:dlq:{agent}"


def is_handoff_id(text: str) -> bool:
    """Whether the payload key that the id names is surely the one of a handoff."""
    return HANDOFF_ID.fullmatch(text) is not None
