"""What differs by stack in an image: its template, base images, steps, and what its tools leave lying around."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast

from opsmith.model.blueprint import Build
from opsmith.targets.docker import layout


class Stack(Protocol):
    TEMPLATE: str
    IGNORED: tuple[str, ...]
    """Patterns of .dockerignore for what the stack's tools make."""

    def images(self, build: Build) -> dict[str, str]:
        """The pinned images that the template starts from, by the names it calls them."""
        ...

    def plan(self, build: Build) -> layout.Plan: ...

    def values(self, build: Build) -> dict[str, Any]:
        """What only this stack's template asks for, by name."""
        ...


STACKS = ("go", "node", "python")


def of(language: str) -> Stack:
    """The recipe for a language family of the survey; KeyError where there is none."""
    if language not in STACKS:
        raise KeyError(language)
    return cast("Stack", import_module(f"{__name__}.{language}"))
