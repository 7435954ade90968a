"""Forms of values: each takes what was given and returns what is kept, or raises UnfitError."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Form = Callable[[Any], Any]

FOREIGN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\uf8ff]")
"""Line breaks, control characters, marks that turn the direction of text, half characters and the private range."""

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*(?::\d{1,5})?"
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
REPOSITORY = rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*"
TAG = r"\w[\w.-]{0,127}"
"""The grammar of image references (distribution/reference)."""

_UNITS: Mapping[str, Decimal] = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTP", start=1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTP", start=1)},
}


class UnfitError(ValueError):
    """A value of the wrong form. `at` leads to it from the value that was looked at: keys, and numbers of list items."""

    def __init__(self, what: str, *, hint: str = "", at: tuple[Any, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.at = at


def not_what(wanted: str, given: Any) -> UnfitError:
    return UnfitError(f"has to be {wanted}, not {shown(given)}")


def shown(value: Any) -> str:
    """`value` as a message holds it: one short line."""
    if value is None:
        return "empty"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def below(key: Any, form: Form, value: Any) -> Any:
    try:
        return form(value)
    except UnfitError as unfit:
        unfit.at = (key, *unfit.at)
        raise


# -- text --------------------------------------------------------------------------------------------------------------------------------


def matching(wanted: str, pattern: str, longest: int = 253) -> Form:
    form = re.compile(pattern, re.ASCII)

    def convert(value: Any) -> str:
        if isinstance(value, str) and len(value) <= longest and form.fullmatch(value):
            return value
        raise not_what(wanted, value)

    return convert


def one_of(*words: str) -> Form:
    def convert(value: Any) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise not_what(f"one of {', '.join(words)}", value)

    return convert


def text(value: Any) -> str:
    if isinstance(value, str) and len(value) <= 4000:
        return value
    raise not_what("text", value)


def command(value: Any) -> str:
    """One command as a shell reads it; what no shell could split into words is none."""
    try:
        if isinstance(value, str) and len(value) <= 4000 and any(shlex.split(value)):
            return value
    except ValueError:
        raise not_what("a command whose quotes are closed", value) from None
    raise not_what('a command on one line, such as "npm start"', value)


def folder(pattern: str, wanted: str) -> Form:
    """A path below another folder, without detours."""
    plain = re.compile(pattern)

    def convert(value: Any) -> str:
        if isinstance(value, str) and len(value) <= 255 and plain.fullmatch(value) and _stays_inside(value):
            return posixpath.normpath(value)
        raise not_what(wanted, value)

    return convert


def _stays_inside(path: str) -> bool:
    return path == path.strip() and path[:1] != "/" and ".." not in path.split("/")


def requirement(value: Any) -> str:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        if isinstance(value, str) and len(value) <= 253 and Requirement(value).url is None:
            return value
    except InvalidRequirement:
        pass
    raise not_what("a Python package, such as gunicorn or gunicorn==23.0.0", value)


def trimmed(form: Form) -> Form:
    """A slash at the end says nothing."""
    return lambda value: form(value.rstrip("/") if isinstance(value, str) else value)


def optional(form: Form) -> Form:
    """`form`, or nothing at all."""
    return lambda value: None if value is None else form(value)


# -- numbers -----------------------------------------------------------------------------------------------------------------------------


def switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise not_what("true or false", value)


def whole(low: int, high: int) -> Form:
    def convert(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise not_what(f"a whole number from {low} to {high}", value)

    return convert


def number(wanted: str, above: int, *, under: int) -> Form:
    def convert(value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnfitError("has to be a number")
        if above < value < under:
            return value
        raise not_what(wanted, value)

    return convert


def quantity(wanted: str, pattern: str) -> Form:
    """An amount in Kubernetes' writing, more than nothing; a plain number is one."""
    form = re.compile(pattern, re.ASCII)

    def convert(value: Any) -> str:
        plain = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**60
        written = str(value) if plain else value
        if isinstance(written, str) and form.fullmatch(written) and amount(written) > 0:
            return written
        raise not_what(wanted, value)

    return convert


def amount(written: str) -> Decimal:
    digits = written.rstrip("KMGTPikm")
    return Decimal(digits) * _UNITS[written[len(digits) :]]


# -- lists and mappings ------------------------------------------------------------------------------------------------------------------


def items_of(value: Any) -> list[Any] | None:
    return list(value) if isinstance(value, list | tuple) else None  # pyright: ignore[reportUnknownArgumentType]


def pairs_of(value: Any) -> dict[Any, Any] | None:
    return value if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType]


def listed(item: Form, wanted: str) -> Form:
    """Each item once."""

    def convert(value: Any) -> tuple[Any, ...]:
        items = items_of(value)
        if items is None:
            raise not_what(f"a list of {wanted}", value)
        return tuple(dict.fromkeys(below(index, item, given) for index, given in enumerate(items)))

    return convert


def mapped(key: Form, item: Form, wanted: str) -> Form:
    """Names to values."""

    def convert(value: Any) -> dict[str, Any]:
        pairs = pairs_of(value)
        if pairs is None:
            raise not_what(wanted, value)
        return {below(name, key, name): below(name, item, given) for name, given in pairs.items()}

    return convert


def section(keys: Mapping[str, Form], wanted: str) -> Form:
    """Known keys, each with the form of its value."""

    def convert(value: Any) -> dict[str, Any]:
        pairs = pairs_of(value)
        if pairs is None:
            raise not_what(wanted, value)
        for name in pairs:
            if name not in keys:
                raise unknown(name, keys)
        return {name: below(name, keys[name], given) for name, given in pairs.items()}

    return convert


def record(make: Callable[..., Any], keys: Mapping[str, Form], wanted: str) -> Form:
    """A section that becomes one value; its first key has to be there, and may stand alone without its name."""
    first, form = next(iter(keys)), section(keys, wanted)

    def convert(value: Any) -> Any:
        if isinstance(value, str):
            return make(**{first: keys[first](value)})
        given = form(value)
        if first not in given:
            raise not_what(wanted, value)
        return make(**given)

    return convert


def unknown(name: Any, known: Mapping[str, Any] | tuple[str, ...]) -> UnfitError:
    """There is no such key; the nearest that there is, or all."""
    import difflib

    near = difflib.get_close_matches(str(name)[:100], known, n=1, cutoff=0.5)
    hint = f"did you mean `{near[0]}`?" if near else f"one of: {', '.join(known)}"
    return UnfitError("is no setting", hint=hint, at=(name,))
