"""The WORKLOG of an issue: pm/issues/NNN-title/WORKLOG.md, in which agents tell one another what was done."""

from opsmith.protocols.worklog.lint import Problem, lint
from opsmith.protocols.worklog.work import Done, newest, run

__all__ = ["Done", "Problem", "lint", "newest", "run"]
