"""What a plan may hold: text of a repository is data, and must stay data in every file that is made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from opsmith.errors import ManifestError
from opsmith.model.blueprint import Blueprint
from opsmith.settings import FILE_NAME
from opsmith.settings.forms import FOREIGN
from opsmith.shapes import items

PLAIN = re.compile(r"(?!.*(?:^|/)\.\.(?:/|$))[\w.@+ ,=()\[\]~/-]*")
"""A path that stands for nothing but itself in a Dockerfile, a shell and a YAML file."""

WORD = re.compile(r"[\w.@+/~-]+")

EXPLAINED = ("open_points", "origins")
"""Told to people, never rendered."""


def require_sound(blueprint: Blueprint) -> None:
    """Raises ManifestError for a value that would be more than a value in a delivered file."""
    for place, text in _texts(blueprint, "plan"):
        if "${{" in text:
            raise _refused(place, text, "holds an expression of GitHub workflows")
        if found := FOREIGN.search(text):
            raise _refused(place, text, f"holds the character U+{ord(found[0]):04X}")
    for build in blueprint.builds:
        node = f"plan.builds.{build.name}"
        for path in (build.path, build.context, build.dockerfile, *build.manifests):
            _require(PLAIN, f"{node} (a path)", path)
        if build.static_dir is not None:
            _require(WORD, f"{node}.static_dir", build.static_dir)
        for word in (*(part for pair in build.programs for part in pair), *build.build_packages, *build.runtime_packages):
            _require(WORD, f"{node} (a name)", word)


def _require(form: re.Pattern[str], place: str, text: str) -> None:
    if not form.fullmatch(text):
        raise _refused(place, text, "holds characters that mean something to a shell or a Dockerfile")


def _refused(place: str, text: str, why: str) -> ManifestError:
    shown = text if len(text) <= 60 else f"{text[:60]}..."
    return ManifestError(
        f"{place}: {shown!r} {why}.",
        why="a name, path or setting in the repository that no tool would write; delivered as it is, it could become a command.",
        next_step=f"rename it, leave it out (ignore: [...]), or set the fact under components: in {FILE_NAME}",
    )


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text of the plan, with where it stands."""
    if isinstance(value, str):
        yield place, value
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in EXPLAINED:
                yield from _texts(getattr(value, field.name), f"{place}.{field.name}")
    else:
        for item in items(value):
            yield from _texts(item, place)
