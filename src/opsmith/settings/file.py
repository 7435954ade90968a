"""opsmith.yaml as plain values, and the line on which each of them stands."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsmith.errors import SettingsError
from opsmith.settings.forms import FOREIGN, UnfitError, items_of, pairs_of

FILE_NAME = "opsmith.yaml"
MAX_SIZE = 256 * 1024
VERSIONS = ("version", "runtime_version")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the file, what a plain value there is written like, and the places inside, by key or by number."""

    line: int
    written: str
    inside: Mapping[Any, Place]


@dataclass(frozen=True, slots=True)
class File:
    values: Mapping[Any, Any]
    place: Place

    def where(self, path: tuple[Any, ...]) -> str:
        """The place of the last part of `path` that is written there."""
        place = self.place
        for part in path:
            if (inner := _inside(place, part)) is None:
                break
            place = inner
        return f"{FILE_NAME}:{place.line}"

    def error(self, unfit: UnfitError) -> SettingsError:
        return refused(self.where(unfit.at), dotted(unfit.at), unfit)


def refused(where: str, name: str, unfit: UnfitError) -> SettingsError:
    if unfit.hint:
        return SettingsError(f"{where}: there is no setting `{name}`.", next_step=unfit.hint)
    return SettingsError(f"{where}: `{name}` {unfit.what}.")


def dotted(path: tuple[Any, ...]) -> str:
    name = "".join(f"[{part}]" if isinstance(part, int) and index else f".{part}" for index, part in enumerate(path))[1:]
    shown = repr(name)[1:-1]
    return shown if len(shown) <= 120 else f"{shown[:117]}..."


def read(path: Path) -> File | None:
    """None: there is no such file. Raises SettingsError for one that cannot be read, or is more or less than one mapping of plain text."""
    from opsmith.yaml_safe import load_yaml

    text = _text(path)
    if text is None:
        return None
    try:
        documents = load_yaml(text)
    except ValueError as error:
        raise SettingsError(f"{FILE_NAME} is broken YAML: {error}.", next_step=f"yamllint {FILE_NAME}") from None
    document = documents[0] if documents else None
    values = pairs_of({} if document is None else document)
    if values is None or len(documents) > 1:
        raise SettingsError(f"{FILE_NAME} has to be one mapping.", next_step="see docs/settings.md")
    place = _root(text)
    file = File(_as_written(values, place, ()), place)
    _require_plain(file)
    return file


def _text(path: Path) -> str | None:
    """Only of a regular file below the folder itself: a link of a stranger's repository would have us quote what it leads to."""
    try:
        if not path.is_file():
            return None
        if not path.resolve().is_relative_to(path.parent.resolve()):
            raise SettingsError(f"{FILE_NAME} is a link that leaves {path.parent}.", next_step=f"put the settings into {FILE_NAME} itself")
        with path.open("rb") as stream:
            content = stream.read(MAX_SIZE + 1)
    except OSError as error:
        if not os.access(path.parent, os.X_OK):
            return None  # told of the folder itself, which says more
        raise SettingsError(f"{FILE_NAME} cannot be read: {error.strerror}.") from None
    if len(content) > MAX_SIZE:
        raise SettingsError(f"{FILE_NAME} is larger than 256 KiB.")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise SettingsError(f"{FILE_NAME} is no UTF-8 text.") from None


def _root(text: str) -> Place:
    import yaml

    node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return _place(1, node)


def _place(line: int, node: Any) -> Place:
    from yaml import MappingNode, ScalarNode, SequenceNode

    match node:
        case MappingNode():
            pairs = [(key, child) for key, child in node.value if isinstance(key, ScalarNode)]
            return Place(line, "", {key.value: _place(key.start_mark.line + 1, child) for key, child in pairs})
        case SequenceNode():
            return Place(line, "", {index: _place(child.start_mark.line + 1, child) for index, child in enumerate(node.value)})
        case ScalarNode():
            return Place(line, node.value, {})
        case _:
            return Place(line, "", {})


def _inside(place: Place, part: Any) -> Place | None:
    return place.inside.get(part) or place.inside.get(str(part))


def _as_written(value: Any, place: Place, path: tuple[Any, ...]) -> Any:
    """`value` with the text kept that YAML takes for something else: version 3.10 is not 3.1, and a variable's true is not True."""

    def child(key: Any, given: Any) -> Any:
        inner = _inside(place, key)
        return _as_written(given, inner, (*path, key)) if inner else given

    pairs, items = pairs_of(value), items_of(value)
    if pairs is not None:
        return {key: child(key, given) for key, given in pairs.items()}
    if items is not None:
        return [child(index, given) for index, given in enumerate(items)]
    return place.written if value is not None and path and _is_text(path, place) else value


def _is_text(path: tuple[Any, ...], place: Place) -> bool:
    if path[-1] in VERSIONS:
        return place.written[:1].isdigit()
    return len(path) > 1 and (path[0] == "build_variables" or path[-1] == "default") and not place.inside


def _require_plain(file: File) -> None:
    for path, text in _texts(file.values, ()):
        if found := FOREIGN.search(text):
            raise file.error(UnfitError(f"holds the character U+{ord(found[0]):04X}; a setting is one line of plain text", at=path))


def _texts(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every text with the path to it, keys too."""
    pairs = pairs_of(value)
    if isinstance(value, str):
        yield path, value
    for key, child in pairs.items() if pairs is not None else enumerate(items_of(value) or ()):
        if isinstance(key, str):
            yield (*path, key), key
        yield from _texts(child, (*path, key))
