"""Who hears of a deployment: the project manager always, and who the words ask for."""

from __future__ import annotations

import re

from opsmith.model.intent import HandOver
from opsmith.protocols.handoff.model import Handoff

PROJECT_MANAGER = "project-manager"
SECURITY_EXPERT = "security-expert"
TECH_WRITER = "tech-writer"

_SPELT = {"security-auditor": SECURITY_EXPERT, "tech-writer-agent": TECH_WRITER, "technical-writer": TECH_WRITER}
"""What other families of agents call the same."""
_SECURITY = re.compile(
    r"\b(?:security|compliance)\s+(?:review|audit|hardening|assessment|check)|\bharden(?:ing|ed)?\b|\bpen(?:etration)?[ -]test", re.IGNORECASE
)
_DOCUMENTATION = re.compile(r"\bdocument(?:ation|ed|ing)?\b|\brunbooks?\b|\bdeployment guide|\btroubleshooting guide", re.IGNORECASE)
_ASKS = ((SECURITY_EXPERT, _SECURITY), (TECH_WRITER, _DOCUMENTATION))


def receivers(handoff: Handoff, out_of_scope: tuple[HandOver, ...] = ()) -> tuple[str, ...]:
    """In a fixed order, each once. `out_of_scope` is what the task's reader found to be somebody else's."""
    content = handoff.content
    details = content.technical_details.get("details")
    words = "\n".join((content.summary, *content.requirements, *content.next_steps, details if isinstance(details, str) else ""))
    named = {_SPELT.get(item.hand_to, item.hand_to) for item in out_of_scope} | {agent for agent, asks in _ASKS if asks.search(words)}
    wanted = (PROJECT_MANAGER, *(agent for agent, _ in _ASKS if agent in named))
    return tuple(agent for agent in wanted if agent != handoff.metadata.from_agent)
