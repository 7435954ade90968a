from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsmith.protocols import front_matter
from opsmith.protocols.markdown import Document, fenced, label, language, one_line


def headings(text: str) -> list[tuple[int, str]]:
    return [(item.level, item.text) for item in Document(text).headings]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# a\n## b ##\n### c #d\n", [(1, "a"), (2, "b"), (3, "c #d")]),
        ("\ufeff# a\r\n   ## b\r\n    ## code\r\n#no\n####### seven\n", [(1, "a"), (2, "b")]),
        ("```\n## hidden\n```\n## seen\n", [(2, "seen")]),
        ("````md\n```\n## hidden\n```\n````\n## seen\n", [(2, "seen")]),
        ("~~~\n## hidden\n```\n~~~\n## seen\n", [(2, "seen")]),
        ("```\n## never closed, so seen\n", [(2, "never closed, so seen")]),
        ("``` a`b\n## no fence\n```\n```\n", [(2, "no fence")]),
        ("<!--\n## hidden\n-->\n## seen\n<!-- never closed\n## seen, too\n", [(2, "seen"), (2, "seen, too")]),
        ("## a\u2028## not a line\n", [(2, "a\u2028## not a line")]),
        ("#\n", [(1, "")]),
    ],
)
def test_headings(text: str, found: list[tuple[int, str]]) -> None:
    assert headings(text) == found


@given(st.text(alphabet="#`~ \n\r-<!>a\u2028\x0b"))
def test_lines_give_the_text_back(text: str) -> None:
    document = Document(text)
    assert "".join(document.lines) == text
    assert len(document.plain) == len(document.lines)


@pytest.mark.parametrize("text", ["```a\n" * 200_000, "~" * 500_000 + "\n", "# " + " " * 1_000_000 + "x\n", "<!--\n" * 200_000, "# a \n" * 100_000])
def test_hostile_text_takes_linear_time(text: str) -> None:
    began = time.process_time()
    Document(text)
    assert time.process_time() - began < 5


def test_sections_and_checkboxes() -> None:
    document = Document("## 7. Acceptance Criteria:\n- [ ] one\n### Sub\n* [x] two\n```\n- [ ] hidden\n```\n## Next\n- [ ] three\n")
    heading = document.find("acceptance criteria")
    assert heading is not None
    assert [(box.text, box.checked, box.line) for box in document.checkboxes(document.section(heading))] == [("one", False, 1), ("two", True, 3)]


def test_labels() -> None:
    assert label("**Key decisions**: a") == ("Key decisions", "a")
    assert label("  **Files:** a, b") == ("Files", "a, b")
    assert label("**bold** text") is None


def test_text_of_others_starts_nothing() -> None:
    assert one_line("a\n## b\r\n<!-- c") == "a ## b <! -- c"
    assert one_line("x" * 500) == "x" * 399 + "…"
    assert fenced("a\n````\nb\n", "text") == ["`````text", "a", "````", "b", "`````"]
    assert [language(path) for path in ("api/Dockerfile", "a.yml", ".env.example", "x")] == ["dockerfile", "yaml", "dotenv", "text"]


def test_front_matter() -> None:
    yaml, body = front_matter.split('---\nkeywords:\n  - auth, login\nglobs:\n  - "**/auth/**", "**/crypto/**"\n  - **/*Auth*\n---\n# Body\n')
    assert body == "# Body\n"
    assert front_matter.load(yaml or "") == {"keywords": ["auth, login"], "globs": ["**/auth/**, **/crypto/**", "**/*Auth*"]}
    assert front_matter.split("# no front matter\n---\n") == (None, "# no front matter\n---\n")
    with pytest.raises(ValueError, match="line"):
        front_matter.load("a: [unclosed\nb: 1")
