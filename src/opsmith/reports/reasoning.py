"""Why the run is as it is: its decision records and its Chain-of-Draft steps as rows of Markdown, without headings of their own."""

from __future__ import annotations

from opsmith.model.report import RunReport
from opsmith.reports import chain_of_draft, decisions


def lines(report: RunReport) -> list[str]:
    """Empty for a run that decided nothing, so that it can be put behind any other rows."""
    decided, drafted = decisions.lines(report), chain_of_draft.lines(report)
    rows = ["", "**Decisions**", "", *decided] if decided else []
    return [*rows, *(["", "**Chain of draft**", "", *drafted] if drafted else [])]
