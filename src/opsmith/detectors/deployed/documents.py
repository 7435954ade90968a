"""YAML with lines: the values as plain data, and for a path to one of them the line on which it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opsmith.repo import Repo
from opsmith.shapes import items, mapping


@dataclass(frozen=True, slots=True)
class Document:
    value: Any
    node: Any
    templated: bool = False
    """Parts of it are decided by a template that nobody rendered."""

    def line(self, *path: str | int) -> int:
        """The line of the last part of `path` that is there."""
        node, found = self.node, self.node.start_mark.line + 1
        for part in path:
            step = _step(node, part)
            if step is None:
                break
            found, node = step
        return int(found)

    def at(self, *path: str | int) -> Any:
        value = self.value
        for part in path:
            if isinstance(part, int):
                listed = items(value)
                value = listed[part] if part < len(listed) else None
            else:
                value = mapping(value).get(part)
        return value


def _step(node: Any, part: str | int) -> tuple[int, Any] | None:
    from yaml import MappingNode, SequenceNode

    match node:
        case MappingNode():
            for key, child in node.value:
                if key.value == str(part):
                    return key.start_mark.line + 1, child
        case SequenceNode() if isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            return child.start_mark.line + 1, child
        case _:
            pass
    return None


def documents(repo: Repo, path: str) -> list[Document]:
    """All documents of a YAML or JSON file; none when it is broken, which the search for deployment files tells."""
    return parsed(repo.read(path) or "")


def parsed(text: str, *, templated: bool = False) -> list[Document]:
    from opsmith.yaml_safe import load_nodes

    try:
        return [Document(value, node, templated) for value, node in load_nodes(text)]
    except (ValueError, RecursionError):
        return []
