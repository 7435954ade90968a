"""From what the repository says of its runtime to a version that an image is pinned for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from opsmith import conventions


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """How a stack's versions are pinned: by tags of `image`, of which the numbers of `preferred` count.

    `preferred` is taken when the repository says nothing, and tried first inside a range. `allows` says of a statement of the repository
    whether a version satisfies it; None = every version builds what is written for an older one.
    """

    image: str
    preferred: tuple[int, ...]
    allows: Callable[[str, tuple[int, ...]], bool] | None


def offered(language: str) -> dict[tuple[int, ...], str]:
    """Pinned versions of the language's image, each with its tag."""
    runtime = RUNTIMES[language]
    tags = conventions.image_tags(runtime.image)
    found = {_numbers(tag.rpartition(":")[2], len(runtime.preferred)): tag for tag in tags}
    return {version: tag for version, tag in found.items() if len(version) == len(runtime.preferred)}


def resolve(language: str, stated: str | None) -> tuple[tuple[int, ...], str]:
    """The version to build with, and in words why that one."""
    runtime = RUNTIMES[language]
    choices = sorted(offered(language))
    if stated is None:
        return runtime.preferred, f"{language} {_text(runtime.preferred)}: the repository states no version"
    wanted = _numbers(stated, len(runtime.preferred))
    if runtime.allows is None:
        if wanted and wanted in choices:
            return wanted, f"{language} {stated}"
        return choices[-1], f"{language} {_text(choices[-1])}: builds every older language version, {stated} included"
    allowed = [choice for choice in choices if runtime.allows(stated.strip().lower(), choice)]
    if not allowed:
        later = [choice for choice in choices if choice >= wanted]
        nearest = later[0] if later else choices[-1]
        return nearest, f"{language} {_text(nearest)}: no image is pinned for {stated}"
    if _is_exact(stated) and wanted in allowed:
        return wanted, f"{language} {stated}"
    chosen = runtime.preferred if runtime.preferred in allowed else allowed[-1]
    return chosen, f"{language} {_text(chosen)} satisfies {stated}"


def _is_exact(stated: str) -> bool:
    return bool(re.fullmatch(r"v?(?:python-|pypy-|go)?\d+(?:\.\d+)*(?:\.x|\.\*)?", stated.strip()))


def _numbers(text: str, depth: int) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:depth])


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _node_allows(text: str, version: tuple[int, ...]) -> bool:
    major = version[0]
    if text.startswith("lts"):
        name = text.partition("/")[2]
        return conventions.NODE_LTS.get(name, RUNTIMES["node"].preferred[0]) == major
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


RUNTIMES = {
    "go": Runtime(image="golang", preferred=(1, 26), allows=None),
    "node": Runtime(image="node", preferred=(24,), allows=_node_allows),
    "python": Runtime(image="python", preferred=(3, 12), allows=_python_allows),
}
"""The stacks that images are built for."""
