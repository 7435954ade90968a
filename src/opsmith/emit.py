"""How artifacts become text: one writer for YAML, one for JSON, one for templates, each remembering where its lines came from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from opsmith.model.artifact import Artifact, LineOrigin
from opsmith.shapes import is_list, is_mapping, items, table


@dataclass(frozen=True, slots=True)
class Noted:
    """A value of a YAML document with the blueprint node it came from, a comment above its key, or a remark at the end of its line."""

    value: Any
    origin: str | None = None
    above: str | None = None
    beside: str | None = None


class Flow(list[Any]):
    """A list that is written on one line: ["CMD", "true"]."""


def noted(value: Any, origin: str | None = None, *, above: str | None = None, beside: str | None = None) -> Noted:
    return Noted(value, origin, above, beside)


def plain(value: Any) -> Any:
    """The values alone, without marks and comments."""
    return _strip(value, (), {})


def yaml_artifact(path: str, target: str, *documents: Any, origin: str | None = None, header: str | None = None) -> Artifact:
    """Dump `documents` (plain values and `Noted`) as YAML: keys in the order given, lists indented, None values and empty containers kept.

    `origin` is the node that lines without one of their own came from; `header` becomes a comment at the top.
    """
    import yaml

    notes: list[dict[tuple[str | int, ...], Noted]] = []
    plain: list[Any] = []
    for document in documents:
        found: dict[tuple[str | int, ...], Noted] = {}
        plain.append(_strip(document, (), found))
        notes.append(found)
    chunks: list[str] = []
    origins: list[LineOrigin] = []
    line = 1
    for number, (value, found) in enumerate(zip(plain, notes, strict=True)):
        body = yaml.dump(value, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=False)
        lines, marks = _annotate(body, found)
        top = [f"# {row}".rstrip() for row in header.splitlines()] if header and number == 0 else []
        if len(plain) > 1:
            top.append("---")
        chunks.extend([*top, *lines])
        line += len(top)
        origins.extend(LineOrigin(first=line + mark.first - 1, last=line + mark.last - 1, node=mark.node) for mark in marks)
        line += len(lines)
    if origin:
        origins.append(LineOrigin(first=1, last=len(chunks), node=origin))
    return Artifact(path=path, text="\n".join(chunks) + "\n", target=target, origins=_merged(origins))


_AMBIGUOUS = re.compile(r"[yYnN]|0o[0-7]+|[-+]?(?:\d[\d_]*\.?\d*|\.\d+)[eE][-+]?\d+")
"""Text that PyYAML writes plain and that other readers take for a boolean (YAML 1.1) or a number (YAML 1.2)."""


def _strip(value: Any, where: tuple[str | int, ...], found: dict[tuple[str | int, ...], Noted]) -> Any:
    if isinstance(value, Noted):
        found[where] = value
        return _strip(value.value, where, found)
    if is_mapping(value):
        return {key: _strip(item, (*where, key), found) for key, item in table(value).items()}
    if isinstance(value, Flow):
        return Flow(_strip(item, (*where, index), found) for index, item in enumerate(value))
    if is_list(value):
        return [_strip(item, (*where, index), found) for index, item in enumerate(items(value))]
    return value


@lru_cache(maxsize=1)
def _dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # lists are always indented
            super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # a value used twice is written twice
            return True

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else "'" if _AMBIGUOUS.fullmatch(value) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    def flow(dumper: Any, value: Flow) -> Any:
        return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)

    Dumper.add_representer(str, text)
    Dumper.add_representer(Flow, flow)
    return Dumper


def _annotate(body: str, found: dict[tuple[str | int, ...], Noted]) -> tuple[list[str], list[LineOrigin]]:
    """Insert the comments and tell which of the resulting lines came from which node."""
    import yaml

    rows: list[str] = body.splitlines()
    above: dict[int, list[str]] = {}
    spans: list[tuple[int, int, str]] = []
    compose: Callable[..., Any] = yaml.compose  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    root = compose(body, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    def visit(node: Any, where: tuple[str | int, ...], key_mark: Any) -> None:
        note = found.get(where)
        start: int = key_mark.line if key_mark is not None else node.start_mark.line
        if note is not None:
            end = max(start, node.end_mark.line - (1 if node.end_mark.column == 0 else 0))
            if not isinstance(node, yaml.ScalarNode):
                while end > start and not rows[end].strip():
                    end -= 1
                if node.end_mark.column != 0 and not node.flow_style:
                    end = max(start, node.end_mark.line - 1)
            if note.origin:
                spans.append((start, end, note.origin))
            if note.above:
                column = len(rows[start]) - len(rows[start].lstrip())
                above.setdefault(start, []).extend(f"{' ' * column}# {row}" for row in note.above.splitlines())
            if note.beside:
                rows[start] += f"  # {note.beside}"
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                visit(value, (*where, key.value), key.start_mark)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                visit(value, (*where, index), None)

    if root is not None:
        visit(root, (), None)
    lines: list[str] = []
    begins: dict[int, int] = {}
    ends: dict[int, int] = {}
    for number, row in enumerate(rows):
        begins[number] = len(lines) + 1  # a comment came from where the line below it came from
        lines.extend([*above.get(number, ()), row])
        ends[number] = len(lines)
    marks = [LineOrigin(first=begins[first], last=ends[last], node=node) for first, last, node in spans]
    return lines, marks


def json_artifact(path: str, target: str, value: Any, *, origin: str | None = None) -> Artifact:
    text = json.dumps(_strip(value, (), {}), indent=2, ensure_ascii=False) + "\n"
    marks = (LineOrigin(first=1, last=text.count("\n"), node=origin),) if origin else ()
    return Artifact(path=path, text=text, target=target, origins=marks)


_MARK = re.compile("\ue000([^\ue001]*)\ue001")


def template_artifact(
    path: str, target: str, template: str, *, package: str = "opsmith.targets", origin: str | None = None, executable: bool = False, **values: Any
) -> Artifact:
    """Render the Jinja2 template `template` that lies in `package`; undefined names are errors.

    In the template `{{ at("services.api.port") }}` leaves no text and notes where the line came from.
    """
    text = _environment(package).get_template(template).render(**values)
    lines: list[str] = []
    origins: list[LineOrigin] = []
    for number, row in enumerate(text.split("\n"), start=1):
        origins.extend(LineOrigin(first=number, last=number, node=match[1]) for match in _MARK.finditer(row))
        lines.append(_MARK.sub("", row).rstrip())
    while len(lines) > 1 and not lines[-1] and not lines[-2]:
        lines.pop()
    body = "\n".join(lines)
    if not body.endswith("\n"):
        body += "\n"
    if origin:
        origins.insert(0, LineOrigin(first=1, last=body.count("\n"), node=origin))
    return Artifact(path=path, text=body, target=target, origins=_merged(origins), executable=executable)


@lru_cache(maxsize=8)
def _environment(package: str) -> Any:
    import jinja2

    name, _, folder = package.rpartition(".")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(name, folder),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  # what is rendered is no HTML; every value is quoted by its template
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["at"] = _mark  # pyright: ignore[reportUnknownMemberType]
    return environment


def _mark(node: str) -> str:
    return f"\ue000{node}\ue001"


def text_artifact(path: str, target: str, text: str, *, origin: str | None = None, executable: bool = False) -> Artifact:
    """Plain text as it is, e.g. one entry a line."""
    marks = (LineOrigin(first=1, last=max(1, text.count("\n")), node=origin),) if origin else ()
    return Artifact(path=path, text=text, target=target, origins=marks, executable=executable)


def _merged(origins: Sequence[LineOrigin]) -> tuple[LineOrigin, ...]:
    """Sorted from the widest to the narrowest for each start, without repeats."""
    return tuple(sorted(set(origins), key=lambda mark: (mark.first, -mark.last, mark.node)))
