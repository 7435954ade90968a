"""The worker's core: one task on one project, and its result by the wrapper's schema."""

from opsmith.cli.worker import validated, work

__all__ = ["validated", "work"]
