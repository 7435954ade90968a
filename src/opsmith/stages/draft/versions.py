"""From what the repository says of its runtime to a version that an image is pinned for."""

from __future__ import annotations

import re

from opsmith import conventions

IMAGES = {"python": "python", "node": "node", "go": "golang"}
PREFERRED = {"python": (3, 12), "node": (24,), "go": (1, 26)}
"""Taken when the repository says nothing, and tried first inside a range."""


def offered(language: str) -> dict[tuple[int, ...], str]:
    """Pinned versions of the language's image, each with its tag."""
    found: dict[tuple[int, ...], str] = {}
    for tag in conventions.image_tags(IMAGES[language]):
        match = re.match(r"(\d+)(?:\.(\d+))?", tag.rpartition(":")[2])
        if match:
            depth = 1 if language == "node" else 2
            found[tuple(int(part) for part in match.groups() if part)[:depth]] = tag
    return found


def resolve(language: str, stated: str | None) -> tuple[tuple[int, ...], str]:
    """The version to build with, and in words why that one."""
    choices = sorted(offered(language))
    preferred = PREFERRED[language]
    if stated is None:
        return preferred, f"{language} {_text(preferred)}: the repository states no version"
    if language == "go":  # a Go toolchain builds every older language version
        wanted = _numbers(stated, 2)
        newest = choices[-1]
        if wanted and wanted in choices:
            return wanted, f"go {stated}"
        return newest, f"go {_text(newest)}: builds every older language version, {stated} included"
    allowed = [choice for choice in choices if _allows(language, stated, choice)]
    if not allowed:
        lower = [choice for choice in choices if choice >= _numbers(stated, len(preferred))]
        nearest = lower[0] if lower else choices[-1]
        return nearest, f"{language} {_text(nearest)}: no image is pinned for {stated}"
    exact = _numbers(stated, len(preferred)) if _is_exact(stated) else ()
    if exact in allowed:
        return exact, f"{language} {stated}"
    chosen = preferred if preferred in allowed else allowed[-1]
    return chosen, f"{language} {_text(chosen)} satisfies {stated}"


def tag(language: str, version: tuple[int, ...]) -> str:
    return offered(language)[version]


def _is_exact(stated: str) -> bool:
    return bool(re.fullmatch(r"v?(?:python-|pypy-|go)?\d+(?:\.\d+)*(?:\.x|\.\*)?", stated.strip()))


def _numbers(text: str, depth: int) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:depth])


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _allows(language: str, stated: str, version: tuple[int, ...]) -> bool:
    text = stated.strip().lower()
    if language == "node":
        return _node_allows(text, version[0])
    return _python_allows(text, version)


def _node_allows(text: str, major: int) -> bool:
    if text.startswith("lts"):
        name = text.partition("/")[2]
        return conventions.NODE_LTS.get(name, PREFERRED["node"][0]) == major
    return any(
        all(_node_comparator(part, major) for part in re.findall(r"[<>=^~]*\s*v?\d[\w.*]*", side)) for side in text.split("||") if side.strip()
    )


def _node_comparator(part: str, major: int) -> bool:
    match = re.match(r"([<>=^~]*)\s*v?(\d+)(?:\.(\d+))?", part)
    if match is None:
        return False
    stated = int(match[2])
    match match[1]:
        case ">=":
            return major >= stated
        case ">":
            return major > stated
        case "<":
            return major < stated or (major == stated and bool(match[3]) and int(match[3]) > 0)
        case "<=":
            return major <= stated
        case _:
            return major == stated


def _python_allows(text: str, version: tuple[int, ...]) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if _is_exact(text):
        stated = _numbers(text, 2)
        return version[: len(stated)] == stated
    plain = re.sub(r"\s*\|\|.*", "", text)
    plain = re.sub(r"\^\s*(\d+)\.(\d+)(?:\.\d+)?", lambda found: f">={found[1]}.{found[2]},<{int(found[1]) + 1}", plain)
    plain = re.sub(r"(?<![<>=!~])~\s*(\d+\.\d+)(\.\d+)?", r"==\1.*", plain)
    try:
        specifiers = SpecifierSet(plain.replace(" ", ""))
    except InvalidSpecifier:
        return False
    return any(specifiers.contains(f"{_text(version)}.{patch}") for patch in (0, 99))
