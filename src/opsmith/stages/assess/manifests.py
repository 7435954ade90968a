"""Documents with their lines; Kubernetes objects with the patches of their kustomizations laid over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from opsmith.model.estate import Document, Object
from opsmith.shapes import items, mapping, table

PATCHES = ("patches", "patchesStrategicMerge")


def documents(file: str, text: str) -> list[Document]:
    """The documents that are mappings. Raises ValueError when the text cannot be read."""
    from opsmith.yaml_safe import load_placed_yaml

    return [Document(file=file, body=table(body), lines=lines) for body, lines in load_placed_yaml(text) if mapping(body)]


def objects(manifests: Iterable[Document], kustomizations: Iterable[Document], others: Mapping[str, list[Document]]) -> tuple[Object, ...]:
    """Every object; a patch is laid over what it patches. `others` are the documents of all files by path, for patches named by file."""
    kustomizations = tuple(kustomizations)
    files = {path for item in kustomizations for path in _patch_files(item)}
    patches = [
        *(document.body for path in sorted(files) for document in others.get(path, ())),
        *(patch for item in kustomizations for patch in _inline(item)),
    ]
    found = [item for document in manifests if document.file not in files for item in _objects(document)]
    return tuple(_patched(item, patches) for item in found)


def _objects(document: Document) -> Iterator[Object]:
    if document.body.get("kind") == "List":
        for index, body in enumerate(items(document.body.get("items"))):
            within = {place[2:]: line for place, line in document.lines.items() if place[:2] == ("items", index)}
            yield from _objects(Document(file=document.file, body=table(body), lines=within))
    elif "apiVersion" in document.body and isinstance(document.body.get("kind"), str):
        name = table(document.body.get("metadata")).get("name")
        yield Object(document=document, kind=document.body["kind"], name=str(name or ""))


def _patch_files(kustomization: Document) -> Iterator[str]:
    folder = PurePosixPath(kustomization.file).parent
    for entry in _entries(kustomization):
        path = table(entry).get("path", entry)
        if isinstance(path, str) and "\n" not in path:
            yield _normal(f"{folder}/{path}")


def _inline(kustomization: Document) -> Iterator[dict[str, Any]]:
    """Patches that stand in the kustomization; a list of operations (JSON 6902) is not followed."""
    for entry in _entries(kustomization):
        text = table(entry).get("patch", entry)
        if isinstance(text, str) and "\n" in text:
            target = table(table(entry).get("target"))
            for document in _read(text):
                yield {"kind": target.get("kind"), "metadata": {"name": target.get("name")}} | document.body


def _entries(kustomization: Document) -> Iterator[Any]:
    for key in PATCHES:
        yield from items(kustomization.body.get(key))


def _read(text: str) -> list[Document]:
    try:
        return documents("", text)
    except (ValueError, RecursionError):
        return []


def _normal(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _patched(item: Object, patches: Iterable[Mapping[str, Any]]) -> Object:
    body = item.body
    for patch in patches:
        if patch.get("kind") == item.kind and table(patch.get("metadata")).get("name") == item.name:
            body = table(_merged(body, patch))
    return item if body is item.body else replace(item, document=replace(item.document, body=body))


def _merged(base: Any, over: Any, depth: int = 0) -> Any:
    """As Kubernetes merges: mappings key by key, lists of named things name by name; what the patch does not say stays."""
    if depth > 60:
        return base
    if mapping(base) and mapping(over):
        merged = dict(table(base))
        for key, value in table(over).items():
            merged[key] = _merged(merged[key], value, depth + 1) if key in merged else value
        return merged
    if items(base) and items(over) and all("name" in table(entry) for entry in (*items(base), *items(over))):
        named = {table(entry)["name"]: entry for entry in items(over)}
        known = [table(entry)["name"] for entry in items(base)]
        kept = [_merged(entry, named[name], depth + 1) if name in named else entry for name, entry in zip(known, items(base), strict=True)]
        return [*kept, *(entry for name, entry in named.items() if name not in known)]
    return over
