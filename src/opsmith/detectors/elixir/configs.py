"""Configuration: every `config :app, Key, ...` that production reads, the file that is read last first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.elixir.source import Source, ancestors, keywords, line, literal, text

if TYPE_CHECKING:
    from tree_sitter import Node

_RANKS = {"runtime.exs": 4, "releases.exs": 4, "prod.secret.exs": 3, "prod.exs": 2, "config.exs": 1}
_MOST = 20_000
_DEEP = 8


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """`path` is the key below the application, module names included: ("ShopWeb.Endpoint", "http", "port")."""

    app: str
    path: tuple[str, ...]
    node: Node
    source: Source
    rank: int

    @property
    def line(self) -> int:
        return line(self.node)


def settings(ranked: Mapping[Source, int]) -> tuple[Setting, ...]:
    """The most decisive first, the latest of a file before those above it."""
    found = [item for source, rank in ranked.items() for item in _of_file(source, rank)][:_MOST]
    found.reverse()
    return tuple(sorted(found, key=lambda item: -item.rank))


def configuration(sources: list[Source]) -> Mapping[Source, int]:
    """The files that production is configured by, each with a number that is higher the later it is read."""
    folders = [source for source in sources if source.path.endswith(".exs") and "config" in source.path.split("/")[:-1]]
    known = {source: _RANKS[name] for source in folders if (name := _name(source)) in _RANKS}
    for source in folders:
        if source not in known and any(f'import_config "{_name(source)}"'.encode() in other.data for other in known):
            known[source] = 1
    in_code = {source: 4 for source in sources if source.path.endswith(".ex") and source.mentions(b"import Config\n")}
    return {**known, **in_code}


def is_of_production(node: Node) -> bool:
    """False inside `if config_env() == :dev` and the like."""
    inner, otherwise = node, False
    for above in ancestors(node):
        otherwise = otherwise or above.type == "else_block"
        if above.type == "call" and text(above.child_by_field_name("target")) in ("if", "unless"):
            if _holds_in_production(above, inner) is otherwise:
                return False
            otherwise = False
        inner = above
    return True


def _holds_in_production(branch: Node, inner: Node) -> bool | None:
    """None where the branch asks something else than the environment, or `inner` is the question itself."""
    condition = next((child for child in branch.named_children if child.type == "arguments"), None)
    compared = text(condition)[:200]
    if condition is None or inner == condition or not any(word in compared for word in ("config_env()", "Mix.env()", "Mix.env ", "env ==", "env in")):
        return None
    named = ":prod" in compared
    return named != ("!=" in compared or text(branch.child_by_field_name("target")) == "unless" or "not in" in compared)


def _name(source: Source) -> str:
    return source.path.rpartition("/")[2]


def _of_file(source: Source, rank: int) -> Iterator[Setting]:
    for call in source.calls():
        if call.name == "config" and not call.operand and len(call.arguments) > 1 and is_of_production(call.node):
            app, *rest = call.arguments
            key = literal(rest[0]) if len(rest) > 1 else None
            yield from _flat(literal(app) or "", (key,) if key else (), rest[-1], source, rank)


def _flat(app: str, path: tuple[str, ...], node: Node, source: Source, rank: int) -> Iterator[Setting]:
    inner = keywords(node)
    if path:
        yield Setting(app, path, node, source, rank)
    if len(path) < _DEEP:
        for key, value in inner.items():
            yield from _flat(app, (*path, key), value, source, rank)
