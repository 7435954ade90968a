"""One frozen `Settings`: default < opsmith.yaml < environment < flag, remembering which source set each value."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

from opsmith.errors import SettingsError
from opsmith.model.survey import Component, Runtime
from opsmith.settings import keys
from opsmith.settings.file import FILE_NAME, File, read, refused
from opsmith.settings.forms import FOREIGN, UnfitError, amount, below, not_what, pairs_of, section, unknown
from opsmith.settings.keys import DEFAULTS

__all__ = ["BACKING_KEYS", "COMPONENT_FACTS", "DEFAULTS", "FILE_NAME", "Settings", "load", "variable"]

COMPONENT_FACTS: tuple[str, ...] = tuple(keys.COMPONENT)
"""What `components.NAME` in opsmith.yaml may set."""

BACKING_KEYS: tuple[str, ...] = tuple(keys.BACKING)

_GROUPS = frozenset(name.partition(".")[0] for name in DEFAULTS if "." in name)
_NAMED = {"components": keys.COMPONENT, "backing": keys.BACKING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`values` by dotted name; `sources` says for each that was set where ("opsmith.yaml:3", "environment OPSMITH_REGISTRY", "flag --targets").

    `sources` also knows what `components` and `backing` set ("components.api.ports").
    """

    values: Mapping[str, Any] = field(default_factory=lambda: dict(DEFAULTS))
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    components: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    backing: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    file: str | None = None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def source(self, name: str) -> str | None:
        """Where the value was set; None = it is the default."""
        return self.sources.get(name)

    def override(self, component: Component) -> Component | None:
        """`component` with what opsmith.yaml says of it; None when it is to be skipped."""
        wanted = self.components.get(component.name)
        if not wanted:
            return component
        if wanted.get("skip"):
            return None
        changes = {key: value for key, value in wanted.items() if key not in ("skip", "runtime_version")}
        if "runtime_version" in wanted:
            name = component.runtime.name if component.runtime else component.language
            changes["runtime"] = Runtime(name=name, version=wanted["runtime_version"])
        settled = frozenset((*changes, *wanted))
        changes["ambiguities"] = tuple(item for item in component.ambiguities if item.fact not in settled)
        return Component(**{spec.name: getattr(component, spec.name) for spec in fields(component)} | changes)


def load(root: Path, flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read ROOT/opsmith.yaml (optional), lay `environment` (by default this process's) and `flags` (dotted name to value) over it.

    Raises SettingsError, naming the place, for a key that does not exist or a value of the wrong form.
    """
    values, sources = dict(DEFAULTS), dict[str, str]()
    file = read(root / FILE_NAME)
    named: dict[str, Any] = {"components": {}, "backing": {}}
    if file:
        try:
            named |= {name: _named(name, file.values[name]) for name in named if name in file.values}
            told = _told(file)
        except UnfitError as unfit:
            raise file.error(unfit) from None
        values |= {name: value for name, (_, value) in told.items()}
        sources |= {name: file.where(path) for name, (path, _) in told.items()} | dict(_places(file, named))
    for name, source, value in (*_environment(os.environ if environment is None else environment), *_flags(flags or {})):
        values[name], sources[name] = _fitting(name, source, value), source
    _require_room(values, sources)
    return Settings(values=values, sources=sources, **named, file=FILE_NAME if file else None)


def variable(name: str) -> str:
    """The environment variable that sets the scalar setting `name`."""
    return f"OPSMITH_{name.replace('.', '_').upper()}"


def _named(name: str, value: Any) -> dict[str, dict[str, Any]]:
    """What is set of each component, or of each backing service."""
    form, wanted = _NAMED[name], f"a mapping of names to their settings, such as {{NAME: {{{next(iter(_NAMED[name]))}: ...}}}}"
    pairs = pairs_of(value)
    if pairs is None:
        raise UnfitError(not_what(wanted, value).what, at=(name,))
    each = section(form, "a mapping of settings")
    return {str(item): below(name, partial(below, item, each), given) for item, given in pairs.items()}


def _told(file: File) -> dict[str, tuple[tuple[str, ...], Any]]:
    """What the file says of the other settings, by dotted name, with the path to it; an empty value says nothing."""
    told: dict[str, tuple[tuple[str, ...], Any]] = {}
    for path, value in _flattened(file.values):
        name = ".".join(path)
        if name not in DEFAULTS:
            raise UnfitError("is no setting", hint=unknown(name, (*DEFAULTS, *_NAMED)).hint, at=path)
        if value is not None:
            told[name] = path, _at(path, name, value)
    return told


def _flattened(document: Mapping[Any, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in document.items():
        if key in _NAMED:
            continue
        group = pairs_of(value)
        if key not in _GROUPS:
            yield (str(key),), value
        elif group is not None:
            yield from (((key, str(name)), given) for name, given in group.items())
        elif value is not None:
            known = ", ".join(name.partition(".")[2] for name in DEFAULTS if name.startswith(f"{key}."))
            raise UnfitError(not_what(f"a mapping of {known}", value).what, at=(key,))


def _at(path: tuple[str, ...], name: str, value: Any) -> Any:
    try:
        return keys.FORMS[name](value)
    except UnfitError as unfit:
        unfit.at = (*path, *unfit.at)
        raise


def _places(file: File, named: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[tuple[str, str]]:
    for section_name, items in named.items():
        for item, settings in items.items():
            yield from ((f"{section_name}.{item}.{key}", file.where((section_name, item, key))) for key in settings)


def _environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    for name in keys.SCALARS:
        if text := environment.get(variable(name)):
            yield name, f"environment {variable(name)}", _number(text) if name == "replicas" or name.startswith("slo.") else text


def _number(text: str) -> int | float | str:
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text, re.ASCII):
        return text
    return float(text) if "." in text else int(text)


def _flags(flags: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, value in flags.items():
        if value is not None:
            yield name, f"flag --{name.replace('_', '-')}", value


def _fitting(name: str, source: str, value: Any) -> Any:
    try:
        if isinstance(value, str) and (found := FOREIGN.search(value)):
            raise UnfitError(f"holds the character U+{ord(found[0]):04X}; a setting is one line of plain text")
        return keys.FORMS[name](value)
    except UnfitError as unfit:
        raise refused(source, name, unfit) from None


def _require_room(values: Mapping[str, Any], sources: Mapping[str, str]) -> None:
    """A cluster refuses a container that is guaranteed more than it may use."""
    for what in ("cpu", "memory"):
        request, limit = f"resources.{what}_request", f"resources.{what}_limit"
        if amount(values[request]) > amount(values[limit]):
            low, high = f"`{request}` ({values[request]})", f"`{limit}` ({values[limit]})"
            if request in sources:
                raise SettingsError(f"{sources[request]}: {low} is more than {high}.", next_step=f"set {limit} as well")
            raise SettingsError(f"{sources[limit]}: {high} is less than {low}.", next_step=f"set {request} as well")
