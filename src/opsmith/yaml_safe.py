"""Reading YAML that nobody vouches for: safe values only, bounded size, bounded anchors."""

from __future__ import annotations

from functools import cache
from typing import Any

Place = tuple[str | int, ...]
"""The keys and indexes that lead to a value of a document."""

MAX_YAML_NODES = 200_000
MAX_DEPTH = 100
SURELY_SHALLOW = 1_000
"""So many levels fit on any stack; what may hold more is counted before the parser descends."""

MAX_NUMBER_BITS = 1_024
"""Python refuses to print numbers of many thousand digits, which 0xfff... makes easily; such a one stays text."""


def load_yaml(text: str) -> list[Any]:
    """Every document of `text` as plain values. Raises ValueError for a broken, too large or bomb-like document."""
    return [value for value, _ in _nodes(text)]


def load_placed_yaml(text: str) -> list[tuple[Any, dict[Place, int]]]:
    """As `load_yaml`, each document with the line of every value (of its key, where it has one)."""
    return [(value, _lines(node)) for value, node in _nodes(text)]


def _lines(root: Any) -> dict[Place, int]:
    """Merges have been written into the nodes by the construction."""
    import yaml

    lines: dict[Place, int] = {}
    pending: list[tuple[Place, Any, int]] = [((), root, root.start_mark.line)]
    while pending:
        place, node, line = pending.pop()
        lines[place] = line + 1
        match node:
            case yaml.MappingNode():
                pending += [((*place, str(key.value)), value, key.start_mark.line) for key, value in node.value]
            case yaml.SequenceNode():
                pending += [((*place, index), value, value.start_mark.line) for index, value in enumerate(node.value)]
            case _:
                pass
    return lines


def _nodes(text: str) -> list[tuple[Any, Any]]:
    """Each document with the node it was made from, which knows the lines."""
    import yaml

    documents: list[tuple[Any, Any]] = []
    loader: Any = None
    try:
        _require_shallow(text)
        loader = _loader()(text)
        while loader.check_node():
            node = loader.get_node()
            _require_bounded(node)
            documents.append((loader.construct_document(node), node))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark is not None else ""
        raise ValueError(f"{getattr(error, 'problem', None) or error}{where}") from None
    except (TypeError, AttributeError, LookupError, OverflowError) as error:  # unhashable keys, odd merges, `!!bool maybe`, `!!int ""`
        raise ValueError(str(error)) from None
    finally:
        if loader is not None:
            loader.dispose()
    return documents


def _require_shallow(text: str) -> None:
    """The C parser descends without asking how deep: enough brackets would end the process, where no exception can be caught."""
    if _levels_at_most(text) > SURELY_SHALLOW and _too_deep(text):
        raise ValueError("nested too deeply")


def _levels_at_most(text: str) -> int:
    """A level takes a bracket, or stands further right than the one above it (or, a list in a mapping, below it)."""
    return text.count("[") + text.count("{") + 2 * max(map(len, text.splitlines()), default=0)


def _too_deep(text: str) -> bool:
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=_loader()):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            return True
    return False


@cache
def _loader() -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C parser is optional in PyYAML
        pass

    def unknown(loader: Any, suffix: str, node: Any) -> Any:  # noqa: ARG001  # the signature is PyYAML's
        match node:
            case yaml.MappingNode():
                return loader.construct_mapping(node, deep=True)
            case yaml.SequenceNode():
                return loader.construct_sequence(node, deep=True)
            case _:
                return loader.construct_scalar(node)

    def number(loader: Any, node: Any) -> Any:
        value = loader.construct_yaml_int(node)
        return value if value.bit_length() <= MAX_NUMBER_BITS else loader.construct_scalar(node)

    kind: Any = Loader
    kind.add_multi_constructor("", unknown)  # CloudFormation's !Ref, Home Assistant's !include ...
    kind.add_constructor("tag:yaml.org,2002:int", number)
    return kind


def _require_bounded(root: Any) -> None:
    """Count nodes as if every alias were written out; more than MAX_YAML_NODES is a bomb, and a cycle is no configuration."""
    import yaml

    sizes: dict[int, int] = {}

    def size(node: Any, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        known = sizes.get(id(node))
        if known is not None:
            if known < 0:
                raise ValueError("an anchor contains itself")
            return known
        sizes[id(node)] = -1
        total = 1
        inner = (part for pair in node.value for part in pair) if isinstance(node, yaml.MappingNode) else node.value
        for part in inner:
            total += 1 if isinstance(part, yaml.ScalarNode) else size(part, depth + 1)
        if total > MAX_YAML_NODES:
            raise ValueError(f"more than {MAX_YAML_NODES} nodes once its anchors are written out")
        sizes[id(node)] = total
        return total

    if not isinstance(root, yaml.ScalarNode):
        size(root, 0)
