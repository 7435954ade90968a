"""XML of strangers: elements with their lines, and no way to make the reader do anything else."""

from __future__ import annotations

import pytest

from opsmith.xml_safe import MAX_XML_DEPTH, load_xml

POM = """<?xml version="1.0"?>
<p:project xmlns:p="urn:x">
  <p:parent version="3"/>
  <p:dep><p:id> a </p:id></p:dep>
  <p:dep><p:id>b</p:id></p:dep>
</p:project>"""


def test_elements_know_their_lines_and_lose_their_namespace() -> None:
    root = load_xml(POM)
    assert (root.tag, root.line) == ("project", 2)
    assert [(item.text, item.line) for item in root.all("dep", "id")] == [("a", 4), ("b", 5)]
    assert root.value("dep", "id") == "a"
    parent = root.first("parent")
    assert parent is not None
    assert (parent.attributes, parent.text, root.value("parent")) == ({"version": "3"}, "", None)
    assert [item.tag for item in root.walk()] == ["project", "parent", "dep", "id", "dep", "id"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<a><b></a>", r"mismatched tag \(line 1\)"),
        ("", r"no element found \(line 1\)"),
        ('<!DOCTYPE a [<!ENTITY x "y">]>\n<a>&x;</a>', "DTDForbidden: entities and document types are not read"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd">\n<a/>', "DTDForbidden: entities and document types are not read"),
        ("<a>" * (MAX_XML_DEPTH + 1), "nested too deeply or too large"),
    ],
)
def test_what_is_broken_or_means_harm_is_refused(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        load_xml(text)
