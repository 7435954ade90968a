"""Jenkinsfiles: what `sh` runs, which images stages run in, and what `docker.build` makes. Read word by word, never run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.deployed.ci import ImageBuild, Pipeline, Toolchain, image_build, runtime_of, shell_builds, told_lines
from opsmith.detectors.deployed.told import Told, image_of, is_open, words_of
from opsmith.repo import Repo

SYSTEM = "jenkins"
MOST_TOKENS = 100_000
_STEPS = frozenset(("sh", "bat", "powershell", "image"))
_TOKEN = re.compile(
    r"""(?P<void>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<long>\"{3}.*?\"{3}|'{3}.*?'{3})"""
    r"""|(?P<short>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?P<word>[A-Za-z_][\w.]*)|(?P<mark>.)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def read(repo: Repo, path: str) -> Pipeline:
    text = repo.read(path) or ""
    calls = list(_calls(text))
    commands = [told_lines(value, line) for name, value, line in calls if name in ("sh", "bat", "powershell")]
    images = [(found, line) for name, value, line in calls if name == "image" and (image := image_of(value)) and (found := runtime_of(image))]
    return Pipeline(
        path=path,
        system=SYSTEM,
        builds=(*(_built(value, line) for name, value, line in calls if name == "build"), *(b for c in commands for b in shell_builds(c, None))),
        toolchains=tuple(Toolchain(runtime, (version,) if version else (), line) for (runtime, version), line in images),
        commands=tuple(Told(command.value, command.line) for command in commands),
        elsewhere=True,  # a `dir` around, or a second checkout, is not followed
    )


def _built(value: str, line: int) -> ImageBuild:
    """`docker.build("name:tag", "-f api/Dockerfile api")`, both texts joined by a line break."""
    name, _, rest = value.partition("\n")
    words = words_of(rest)
    file = words[words.index("-f") + 1] if "-f" in words[:-1] else None
    context = words[-1] if words and not words[-1].startswith("-") else "."
    return image_build("", context, file, [name] if not is_open(name) else [], line, from_context=False)


def _calls(text: str) -> Iterator[tuple[str, str, int]]:
    """Name, text and line of each call that is given plain text; of `docker.build` both texts, joined by a line break."""
    tokens = list(_tokens(text))
    for index, token in enumerate(tokens):
        if token.kind != "word":
            continue
        given = _given(tokens, index + 1)
        if token.text in _STEPS and given:
            yield token.text, given[0], token.line
        elif token.text == "docker.build" and given:
            yield "build", "\n".join(given[:2]), token.line


def _given(tokens: list[_Token], at: int) -> list[str]:
    """The texts right behind a name: `sh '...'`, `sh("...")`, `sh(script: "...")`, `docker.build("...", "...")`."""
    found: list[str] = []
    while at < len(tokens) and len(found) < 2:
        token = tokens[at]
        if token.kind == "string":
            found.append(token.text)
        elif token.text not in ("(", ",", ":", "script", "label") or (token.text == "(" and found):
            break
        at += 1
    return found


def _tokens(text: str) -> Iterator[_Token]:
    at, line = 0, 1
    for _ in range(MOST_TOKENS):
        match = _TOKEN.match(text, at)
        if match is None:
            return
        kind = match.lastgroup
        if kind in ("word", "mark"):
            yield _Token(kind, match[0], line)
        elif kind != "void":
            size = 3 if kind == "long" else 1
            yield _Token("string", match[0][size:-size], line)
        line += match[0].count("\n")
        at = match.end()
