"""What the sources import: the package behind `jsr:@oak/oak@^17`, `npm:pg`, an address, or a name of the import map."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.javascript.source import Sources

_REGISTRY = re.compile(r"(?:npm|jsr):/?((?:@[\w.-]+/)?[\w.-]+)")
_LAND = re.compile(r"https://deno\.land/(?:(x)/([\w.-]+?)|(std))(?:@[\w.+-]+)?/([\w-]+)?")
_CDN = re.compile(
    r"https://(?:esm\.sh|cdn\.skypack\.dev|esm\.run|cdn\.jsdelivr\.net/npm|unpkg\.com|jsr\.io)/(?:v\d+/|stable/)?((?:@[\w.-]+/)?[\w.-]+)"
)
_GITHUB = re.compile(r"https://cdn\.jsdelivr\.net/gh/([\w.-]+/[\w.-]+?)(?:@[^/]*)?/")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Use:
    """A package that a source imports. Those of deno.land stand as `x/NAME` and `std/FOLDER`, those of GitHub as `gh/OWNER/NAME`."""

    package: str
    file: str
    line: int
    shows: str


def package_of(specifier: str, imports: Mapping[str, str]) -> str | None:
    """None for the repository's own files and for what Deno brings itself."""
    target = _mapped(specifier, imports)[:_LONGEST]
    if (match := _REGISTRY.match(target)) is not None:
        name = match[1]
        return f"std/{name.removeprefix('@std/')}" if name.startswith("@std/") else name
    if (match := _LAND.match(target)) is not None:
        return f"x/{match[2]}" if match[1] else f"std/{match[4] or ''}"
    if (match := _GITHUB.match(target)) is not None:
        return f"gh/{match[1]}"
    if (match := _CDN.match(target)) is not None:
        return match[1]
    return None


def _mapped(specifier: str, imports: Mapping[str, str]) -> str:
    if specifier in imports:
        return imports[specifier]
    for alias in sorted(imports, key=len, reverse=True):
        head = alias if alias.endswith("/") else f"{alias}/"
        if specifier.startswith(head):
            return imports[alias].rstrip("/") + "/" + specifier[len(head) :]
    return specifier


def uses(sources: Sources, imports: Mapping[str, str], words: tuple[bytes, ...]) -> Iterator[Use]:
    """Every import of a package, in files that hold one of `words`."""
    for path in sources.files:
        data = sources.repo.bytes(path) or b""
        module = sources.module(path) if any(word in data for word in words) else None
        for item in module.imports.values() if module is not None else ():
            package = package_of(item.specifier, imports)
            if package is not None:
                yield Use(package, path, item.line, f"import from {item.specifier}")
