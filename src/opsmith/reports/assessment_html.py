"""An assessment as a page of its own: nothing is loaded from elsewhere, and every value of the repository is escaped."""

from __future__ import annotations

from opsmith.model.assessment import STATES, Assessment
from opsmith.reports.assessment import WORDS, comparison, shown, weightiest


def html(assessment: Assessment) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("opsmith", "reports"), undefined=jinja2.StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    groups = [(state, found) for state in STATES if (found := weightiest([item for item in assessment.results if item.state == state]))]
    return environment.get_template("assessment.html.j2").render(
        assessment=assessment, groups=groups, words=WORDS, shown=shown, comparison=comparison
    )  # fmt: skip
