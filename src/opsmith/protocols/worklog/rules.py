"""Who comes after us, who has to look, and whether a phase may be called complete: the coordination rules of the workflow files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from opsmith.protocols.worklog import issues
from opsmith.shapes import items, mapping

AUTHOR = "devops-engineer"
HANDS_TO = ("security-auditor", "performance-optimizer", "technical-writer")
ALSO = (
    "code-reviewer", "test-engineer", "code-architect", "refactoring-specialist", "backend-specialist", "frontend-specialist", "database-specialist",
    "project-manager",
)  # fmt: skip
"""Whom the phase loop and the escalation paths need besides."""
COORDINATION = "docs/development/workflows/agent-coordination.md"
WORKFLOW = "docs/development/workflows/task-workflow.md"
KEYWORDS = (
    "auth", "login", "password", "token", "session", "permission", "role", "encrypt", "decrypt", "hash", "crypto", "PII", "sensitive data",
    "security", "vulnerability", "OWASP", "XSS", "CSRF", "SQL injection", "admin", "privilege", "API key", "secret", "credential", "OAuth",
)  # fmt: skip
GLOBS = ("**/auth/**", "**/security/**", "**/crypto/**", "**/*Auth*", "**/*Security*", "**/guards/**")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`warnings` tell which file could not be read, so that the defaults hold."""

    keywords: tuple[str, ...] = KEYWORDS
    globs: tuple[str, ...] = GLOBS
    minimum_score: int = 90
    minimum_coverage: int = 95
    warnings: tuple[str, ...] = ()


def rules(root: Path) -> Rules:
    """The rules of the repository at `root`: the front matter of its workflow files over the defaults."""
    coordination, first = _front_matter(root, COORDINATION)
    workflow, second = _front_matter(root, WORKFLOW)
    security = _section(coordination, "security")
    return Rules(
        keywords=_words(security, ("keywords", "trigger_keywords")) or KEYWORDS,
        globs=_words(security, ("file_patterns", "files", "globs", "patterns")) or GLOBS,
        minimum_score=_number(workflow, ("review_threshold", "minimum_score", "min_score", "code_review_threshold"), 90),
        minimum_coverage=_number(workflow, ("test_coverage", "coverage", "minimum_coverage", "coverage_threshold"), 95),
        warnings=tuple(warning for warning in (first, second) if warning),
    )


def security_triggers(words: str, paths: Iterable[str], rules: Rules) -> tuple[str, ...]:
    """What of the words and the paths asks for the security auditor, in the order in which the rules name it."""
    said = [word for word in rules.keywords if re.search(rf"(?<!\w){re.escape(word)}(?:s|ed|ing)?(?!\w)", words, re.IGNORECASE)]
    touched = [path for path in paths if any(_matches(path, pattern) for pattern in rules.globs)]
    return (*said, *touched)


def _matches(path: str, pattern: str) -> bool:
    return fnmatchcase(path, pattern) or fnmatchcase(f"./{path}", pattern)


def is_usual(agent: str) -> bool:
    """Whether handing over to `agent` needs no remark."""
    return agent in HANDS_TO or agent in ALSO


def _front_matter(root: Path, path: str) -> tuple[dict[Any, Any], str]:
    """The mapping at the top of a workflow file and, where it cannot be read, why."""
    from opsmith.yaml_safe import load_yaml

    text = issues.text_of(root / path).removeprefix("\ufeff")
    match = re.match(r"---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)", text, re.DOTALL)
    if match is None:
        return {}, ""
    try:
        return next((mapping(document) for document in load_yaml(_quoted(match[1]))), dict[Any, Any]()), ""
    except (ValueError, RecursionError):
        return {}, f"{path}: its front matter is no YAML, so the default rules hold"


def _quoted(text: str) -> str:
    """Globs that begin with `*`, which YAML takes for an alias, as text."""
    return re.sub(r"^(\s*-\s+)(\*[^\"'\n]*)$", lambda found: f"{found[1]}'{found[2].strip()}'", text, flags=re.MULTILINE)


def _section(values: Any, word: str) -> list[Any]:
    """Every value below a key that speaks of `word`."""
    found: list[Any] = []
    pending: list[Any] = [values]
    while pending:
        for key, value in mapping(pending.pop()).items():
            (found if word in str(key).lower() else pending).append(value)
    return found


def _words(sections: Sequence[Any], keys: Sequence[str]) -> tuple[str, ...]:
    """Each item of the list may itself be a list with commas."""
    found: list[str] = []
    pending = list(sections)
    while pending:
        section = mapping(pending.pop())
        for key, value in section.items():
            if str(key).lower() in keys:
                found += [part.strip().strip("'\"") for item in items(value) or [value] for part in str(item).split(",")]
            else:
                pending.append(value)
    return tuple(dict.fromkeys(part for part in found if part))


def _number(values: Any, keys: Sequence[str], otherwise: int) -> int:
    pending = [values]
    while pending:
        for key, value in mapping(pending.pop()).items():
            if str(key).lower() in keys and isinstance(value, int) and 0 <= value <= 100:
                return value
            pending.append(value)
    return otherwise
