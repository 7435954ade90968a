"""Reading XML that nobody vouches for: no entities, no DTD, no network, bounded depth; every element knows its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_XML_DEPTH = 200
MAX_XML_ELEMENTS = 200_000


@dataclass(slots=True, eq=False)
class Element:
    """`tag` and the keys of `attributes` stand without namespace; `text` is what stands directly in the element, stripped."""

    tag: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    text: str = ""
    children: list[Element] = field(default_factory=list["Element"])

    def all(self, *path: str) -> Iterator[Element]:
        """The descendants that are reached by `path`, a tag for each level."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.tag == path[0]:
                yield from child.all(*path[1:])

    def first(self, *path: str) -> Element | None:
        return next(self.all(*path), None)

    def value(self, *path: str) -> str | None:
        """The text of the first element at `path`; None where there is none or it is empty."""
        found = self.first(*path)
        return (found.text or None) if found is not None else None

    def walk(self) -> Iterator[Element]:
        """This element and everything below it, in the order of the text."""
        pending: list[Element] = [self]
        while pending:
            element = pending.pop()
            yield element
            pending.extend(reversed(element.children))


def load_xml(text: str) -> Element:
    """The root element. Raises ValueError for what is broken, too large, too deep, or declares entities or a DTD."""
    from io import StringIO
    from xml.sax import SAXException, handler

    from defusedxml.common import DefusedXmlException
    from defusedxml.sax import make_parser

    class Build(handler.ContentHandler):
        def __init__(self) -> None:
            super().__init__()
            self.root: Element | None = None
            self.open: list[Element] = []
            self.count = 0

        def startElement(self, name: str, attrs: object) -> None:  # noqa: N802  # the interface's name
            line = int(parser.getLineNumber() or 0)
            element = Element(_local(name), line, {_local(key): str(value) for key, value in attrs.items()})  # type: ignore[attr-defined]
            self.count += 1
            if len(self.open) >= MAX_XML_DEPTH or self.count > MAX_XML_ELEMENTS:
                raise ValueError(f"nested too deeply or too large (line {line})")
            if self.open:
                self.open[-1].children.append(element)
            else:
                self.root = element
            self.open.append(element)

        def characters(self, content: str) -> None:
            self.open[-1].text += content

        def endElement(self, name: str) -> None:  # noqa: N802, ARG002
            element = self.open.pop()
            element.text = element.text.strip()

    parser = make_parser()
    parser.forbid_dtd = True
    build = Build()
    parser.setContentHandler(build)
    try:
        parser.parse(StringIO(text))
    except (SAXException, DefusedXmlException) as error:
        raise ValueError(_sentence(error)) from None
    if build.root is None:
        raise ValueError("no element")
    return build.root


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _sentence(error: Exception) -> str:
    number = getattr(error, "getLineNumber", None)
    where = f" (line {number()})" if number is not None else ""
    said = getattr(error, "getMessage", None)
    return (said() if said is not None else f"{type(error).__name__}: entities and document types are not read") + where
