"""Who works with whom: the defaults of the coordination rules, and what the project's workflow documents say instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from opsmith.protocols import documents, front_matter
from opsmith.shapes import is_list, items, table

AGENT = "devops-engineer"
FOLDER = "docs/development/workflows"
COORDINATION = f"{FOLDER}/agent-coordination.md"
SOURCES = (f"{FOLDER}/task-workflow.md", COORDINATION, f"{FOLDER}/quality-gates.md")

HANDS_OFF_TO = ("security-auditor", "performance-optimizer", "technical-writer")
ALSO = (
    "code-reviewer",
    "test-engineer",
    "code-architect",
    "refactoring-specialist",
    "backend-specialist",
    "frontend-specialist",
    "database-specialist",
)
"""The phase loop, the escalation targets and the development teams."""
KEYWORDS = (
    "auth", "login", "password", "token", "session", "permission", "role", "encrypt", "decrypt", "hash", "crypto", "PII", "sensitive data",
    "security", "vulnerability", "OWASP", "XSS", "CSRF", "SQL injection", "admin", "privilege", "API key", "secret", "credential", "OAuth",
)  # fmt: skip
FILE_GLOBS = ("**/auth/**", "**/security/**", "**/crypto/**", "**/*Auth*", "**/*Security*", "**/guards/**")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`escalation` is by what is the matter: architecture, security, performance, refactoring. `warnings` tell where a default had to do."""

    security_agent: str = "security-auditor"
    security_keywords: tuple[str, ...] = KEYWORDS
    security_globs: tuple[str, ...] = FILE_GLOBS
    review_agent: str = "code-reviewer"
    minimum_score: int = 90
    minimum_coverage: int = 95
    escalation: tuple[tuple[str, str], ...] = (
        ("architecture", "code-architect"),
        ("security", "security-auditor"),
        ("performance", "performance-optimizer"),
        ("refactoring", "refactoring-specialist"),
    )
    warnings: tuple[str, ...] = ()

    def escalates_to(self, matter: str) -> str:
        return dict(self.escalation)[matter]

    def is_known(self, agent: str) -> bool:
        """Whether a hand-over to `agent` needs no warning."""
        return agent in (*HANDS_OFF_TO, *ALSO, self.security_agent, self.review_agent, *dict(self.escalation).values())


def load(root: Path) -> Rules:
    """The rules of the project at `root`; whatever its documents do not say, or say in no way that can be read, is as the defaults have it."""
    rules = Rules()
    for path in SOURCES:
        text = documents.read(documents.place(root, path))
        yaml = front_matter.split(text)[0] if text else None
        if yaml is None:
            continue
        try:
            rules = _with(rules, front_matter.load(yaml))
        except (ValueError, RecursionError) as error:
            told = f"the front matter of {path} cannot be read ({error}), so the default rules hold"
            rules = replace(rules, warnings=(*rules.warnings, told))
    return rules


def _with(rules: Rules, keys: dict[str, Any]) -> Rules:
    security, gates = table(keys.get("security_governance")), table(keys.get("quality_gates"))
    return replace(
        rules,
        security_agent=_name(security.get("review_agent"), rules.security_agent),
        security_keywords=_listed(security.get("security_keywords")) or rules.security_keywords,
        security_globs=_listed(security.get("security_file_patterns")) or rules.security_globs,
        review_agent=_name(gates.get("code_review_agent"), rules.review_agent),
        minimum_score=_percent(gates.get("minimum_score"), rules.minimum_score),
        minimum_coverage=_percent(gates.get("minimum_coverage"), rules.minimum_coverage),
        escalation=tuple((matter, _target(keys, matter, agent)) for matter, agent in rules.escalation),
    )


def _target(keys: dict[str, Any], matter: str, default: str) -> str:
    stem = matter[:8]
    told = next((table(value).get("to") for name, value in table(keys.get("escalation_hierarchy")).items() if name.startswith(stem)), None)
    return _name(told, default)


def _name(value: object, default: str) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w-]{1,60}", value) else default


def _percent(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100 else default


def _listed(value: object) -> tuple[str, ...]:
    """Each item may be a comma list of its own."""
    found = items(value) if is_list(value) else [value] if isinstance(value, str) else []
    return tuple(part for item in found if isinstance(item, str) for piece in item.split(",") if (part := piece.strip(" \t\"'")))[:500]


def security_triggers(rules: Rules, words: Sequence[str], paths: Iterable[str]) -> list[str]:
    """Why the security review is asked for: each word and file that the rules name, in the rules' order; empty = it is not."""
    text = "\n".join(words)
    said = [f'"{keyword}"' for keyword in rules.security_keywords if _stands(keyword, text)]
    return said + [path for path in paths if any(_fits(path, glob) for glob in rules.security_globs)]


def _stands(keyword: str, text: str) -> bool:
    """As a word, with the endings that a plural or a verb has."""
    return re.search(rf"(?<![\w-]){re.escape(keyword)}(?:s|es|ed|ing)?(?![\w])", text, re.IGNORECASE) is not None


def _fits(path: str, glob: str) -> bool:
    """`**/` also stands for no folder at all."""
    return fnmatchcase(path, glob) or (glob.startswith("**/") and fnmatchcase(path, glob[3:]))
