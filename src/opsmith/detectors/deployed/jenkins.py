"""Jenkinsfiles: what `sh` runs, which images stages run in, and what `docker.build` makes. Parsed as Groovy, never run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsmith.detectors.deployed.ci import ImageBuild, Pipeline, Toolchain, image_build, runtime_of, shell_builds, told_lines
from opsmith.detectors.deployed.told import Told, image_of, is_open, words_of
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

SYSTEM = "jenkins"
MOST_NODES = 100_000
_STRING = re.compile(r"^(\"\"\"|'''|\"|')(.*)\1$", re.DOTALL)


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
    """Name, first texts and line of each call that is given plain text."""
    import tree_sitter_groovy
    from tree_sitter import Language, Parser

    tree = Parser(Language(tree_sitter_groovy.language())).parse(text.encode())
    pending = [tree.root_node]
    for _ in range(MOST_NODES):
        if not pending:
            return
        node = pending.pop()
        pending.extend(reversed(node.children))
        yield from _call(node)


def _call(node: Node) -> Iterator[tuple[str, str, int]]:
    if node.type not in ("juxt_function_call", "method_invocation"):
        return
    names = [_text(child) for child in node.children if child.type == "identifier"]
    given = [match[2] for child in _strings(node) if (match := _STRING.match(_text(child)))]
    if not names or not given or (names[-1] == "build" and names[0] != "docker"):
        return
    yield names[-1], "\n".join(given[:2]) if names[-1] == "build" else given[0], node.start_point[0] + 1


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _strings(node: Node) -> Iterator[Node]:
    """The texts that are the call's own arguments, also behind a name (`script: "..."`)."""
    pending = list(node.children)
    for _ in range(200):
        if not pending:
            return
        child = pending.pop(0)
        if child.type in ("string_literal", "character_literal"):
            yield child
        elif child.type in ("argument_list", "map_item"):
            pending = [*child.children, *pending]
