"""What a process of a stack takes: CPU and memory, seconds to start, folders that it writes to."""

from __future__ import annotations

from opsmith.model.blueprint import Build, Resources
from opsmith.settings import Settings
from opsmith.stages.draft.notes import Notes

_PAIRS = (("cpu_request", "cpu_limit"), ("memory_request", "memory_limit"))

_OF_STACKS = {
    # A JVM compiles while it starts, which half a CPU stretches to minutes; code cache and class data come on top of the heap.
    "java": {"cpu_limit": "1", "memory_request": "512Mi", "memory_limit": "1Gi"},
}
_DEFAULTS = Settings()
_STARTUP = {"java": 180}
_ORDINARY = 60


def resources(language: str, settings: Settings, node: str, notes: Notes) -> Resources:
    """What is usual for the stack; a request and its limit as the settings have them where these speak of either."""
    usual = {name: str(_DEFAULTS[f"resources.{name}"]) for pair in _PAIRS for name in pair} | _OF_STACKS.get(language, {})
    chosen = dict(usual)
    for pair in _PAIRS:
        told = [name for name in pair if settings.source(f"resources.{name}")]
        for name in told:
            notes.setting(f"{node}.resources", f"resources.{name}", f"{name} {settings[f'resources.{name}']}")
        if told:
            chosen |= {name: str(settings[f"resources.{name}"]) for name in pair}
    ordinary = f"{usual['cpu_request']}/{usual['memory_request']} requested, {usual['cpu_limit']}/{usual['memory_limit']} at most"
    notes.default(f"{node}.resources", f"{ordinary}, where nothing else is set: a start to be corrected by measurement")
    return Resources(**chosen)


def startup_seconds(language: str) -> int:
    return _STARTUP.get(language, _ORDINARY)


def writable(_: Build) -> tuple[str, ...]:
    """Mount points in the container; everything else is read-only."""
    return ("/tmp",)  # noqa: S108  # a mount point, not a file of this machine
