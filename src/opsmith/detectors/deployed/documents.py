"""YAML and JSON files as documents that know their lines."""

from __future__ import annotations

from opsmith.model.document import Document
from opsmith.repo import Repo


def documents(repo: Repo, path: str) -> list[Document]:
    """All documents of a file; none, and a problem that stops nothing, when it is broken."""
    try:
        return parsed(path, repo.read(path) or "")
    except (ValueError, RecursionError) as error:
        kind = "JSON" if path.endswith(".json") else "YAML"
        repo.problem(path, f"broken {kind}: {str(error).partition(chr(10))[0] or 'nested too deeply'}")
        return []


def parsed(path: str, text: str, *, templated: bool = False) -> list[Document]:
    """Raises ValueError or RecursionError for what cannot be read."""
    from opsmith.yaml_safe import load_placed_yaml

    return [Document(file=path, value=value, lines=lines, templated=templated) for value, lines in load_placed_yaml(text)]
