"""What is put right before a handoff is published, and what is wrong or odd about it.

Only what every reader needs is an error. The limits of the public implementation's strict validator are warnings: it does not use it on queues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from opsmith.protocols.handoff.model import Artifacts, Content, Handoff
from opsmith.protocols.handoff.names import AGENT, AGENT_NAME, PROJECT_NAME, is_handoff_id
from opsmith.protocols.handoff.priority import BASES
from opsmith.protocols.handoff.times import moment
from opsmith.redaction import redacted
from opsmith.shapes import is_list, is_mapping, items, table

_PATH = re.compile(r"[a-zA-Z0-9/_.-]+")
_NAMES_A_SECRET = re.compile(r"pass(?:word|wd|phrase)?|secret|token|api_?key|access_?key|private_?key|credentials?", re.IGNORECASE)


def sanitised(handoff: Handoff) -> Handoff:
    """Trimmed, without blank entries, paths in one spelling, and without what may be a secret: a handoff is read by many."""
    meta, content = handoff.metadata, handoff.content
    return replace(
        handoff,
        metadata=replace(meta, task_context=redacted((meta.task_context or content.summary).strip())),
        content=Content(
            summary=redacted(content.summary.strip()),
            requirements=_filled(content.requirements),
            artifacts=Artifacts(
                created=_paths(content.artifacts.created),
                modified=_paths(content.artifacts.modified),
                reviewed=_paths(content.artifacts.reviewed),
            ),
            technical_details=table(without_secrets(content.technical_details)),
            next_steps=_filled(content.next_steps),
        ),
    )


def _filled(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(redacted(text.strip()) for text in texts if text.strip())


def _paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    spelt = (re.sub(r"/{2,}", "/", path.strip()) for path in paths)
    return tuple(dict.fromkeys(redacted(path.rstrip("/") or path) for path in spelt if path))


def without_secrets(value: Any, name: str = "") -> Any:
    """`value` with every text redacted; a text under a name that tells of a secret is one as a whole."""
    if is_mapping(value):
        return {redacted(key): without_secrets(item, key) for key, item in table(value).items()}
    if is_list(value):
        return [without_secrets(item, name) for item in items(value)]
    if isinstance(value, str):
        return "***" if value and _NAMES_A_SECRET.search(name) else redacted(value)
    return value


def errors(handoff: Handoff) -> list[str]:
    """Why it cannot be published; empty = it can."""
    meta, content = handoff.metadata, handoff.content
    wrong = [
        f"{name} {value!r} is no name of an agent (lower-case letters, digits and hyphens)"
        for name, value in (("from_agent", meta.from_agent), ("to_agent", meta.to_agent))
        if not AGENT_NAME.fullmatch(value)
    ]
    if meta.from_agent == meta.to_agent:
        wrong.append(f"{meta.from_agent} cannot hand over to itself")
    if not content.summary:
        wrong.append("the summary is empty")
    if meta.priority not in BASES:
        wrong.append(f"priority {meta.priority!r} is none of {', '.join(name for name in BASES if name)}")
    if meta.project_name and not PROJECT_NAME.fullmatch(meta.project_name):
        wrong.append(f"project {meta.project_name!r} cannot be part of a queue's name (no blank, colon or wildcard)")
    if meta.handoff_id and not is_handoff_id(meta.handoff_id):
        wrong.append(f"id {meta.handoff_id!r} holds a colon or a blank")
    return wrong


def warnings(handoff: Handoff, now: datetime) -> list[str]:
    """What other readers may object to."""
    return [*_lengths(handoff.content), *_artifacts(handoff.content.artifacts), *_details(handoff), *_age(handoff, now)]


def _lengths(content: Content) -> Iterator[str]:
    if not 10 <= len(content.summary) <= 1000:
        yield f"the summary has {len(content.summary)} characters; strict readers want 10 to 1000"
    if not 1 <= len(content.requirements) <= 50:
        yield f"{len(content.requirements)} requirements; strict readers want 1 to 50"
    if len(content.next_steps) > 20:
        yield f"{len(content.next_steps)} next steps; strict readers want at most 20"


def _artifacts(artifacts: Artifacts) -> Iterator[str]:
    paths = [*artifacts.created, *artifacts.modified, *artifacts.reviewed]
    yield from (f"path {path!r} has characters that strict readers refuse" for path in dict.fromkeys(paths) if not _PATH.fullmatch(path))
    yield from (f"path {path!r} stands in more than one list" for path in dict.fromkeys(paths) if paths.count(path) > 1)


def _details(handoff: Handoff) -> Iterator[str]:
    if handoff.metadata.to_agent != AGENT:
        return
    for name in ("deployments", "configurations"):
        if name in handoff.content.technical_details and not is_list(handoff.content.technical_details[name]):
            yield f"technical_details.{name} is no list; strict readers refuse that"


def _age(handoff: Handoff, now: datetime) -> Iterator[str]:
    written = moment(handoff.metadata.timestamp)
    if written and written > now + timedelta(hours=1):
        yield f"its timestamp {handoff.metadata.timestamp} lies in the future"
    if written and written < now - timedelta(hours=24):
        yield f"its timestamp {handoff.metadata.timestamp} is older than a day"
