"""The task as sentences of tokens with their places. Quoted, fenced and logged material is data: it yields no tokens."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from opsmith.planners.rules.numbers import number_of

Role = Literal["plain", "heading", "bullet"]
LONGEST_SENTENCE = 100  # tokens; a longer one is cut, which keeps every later search linear
LONGEST_WORD = 60  # characters that patterns see of a word
WRAPPED = 60  # characters; a shorter line that ends without a full stop is a line of its own

TOKEN = re.compile(
    r"""(?P<code>`[^`\n]{1,80}`)
      | (?P<number>\d+(?:[.,'’]\d+)*)
      | (?P<word>[^\W\d_]+(?:['’][^\W\d_]{1,3}(?![^\W\d_]))?\d*[^\W_]*)
      | (?P<mark>\+\+|[<>]=?|->|→|≤|≥|[^\w\s]|_)""",
    re.VERBOSE,
)
ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|z\.b|d\.h|u\.a|p\.ej|a\.m|p\.m|vs|approx|ca|bzw|etc|max|min|inkl|evtl|ggf|resp|no|nr|incl)|\b[a-z])$")
BULLET = re.compile(r"\s*(?:[-*•+–]|\d{1,2}[.)])\s+(?:\[[ xX]?\]\s*)?")
HEADING = re.compile(r"\s*#{1,6}\s+|\s*\*\*[^*\n]{1,80}\*\*:?\s*$")
FENCE = re.compile(r"\s*(```|~~~)")
TAG = re.compile(r"\s*<(/?)([a-z][\w-]{1,30})[^<>]{0,80}>\s*$", re.IGNORECASE)
LOG_LINE = re.compile(
    r"""\s*(?:
      \[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d | \[?\d\d:\d\d:\d\d[\].,\s] | \[?(?:ERROR|WARN(?:ING)?|INFO|FATAL|DEBUG|TRACE)\b[\]:\s]
      | Traceback\ \(most | File\ "[^"\n]{1,200}",\ line\ \d | at\ [\w.$<>]{1,120}\( | npm\ (?:ERR!|error) | panic:\ | Caused\ by:\ | [$%]\ \w
      | (?:[\w.]{1,80})?(?:Error|Exception):\s | E\d{4}\s )""",
    re.VERBOSE,
)
LOG_GOES_ON = re.compile(r"(?: {2,}|\t)\s*\S|(?:hint|help|caused by)\b\s*:", re.IGNORECASE)
"""What stands right under a line of a log, indented or as its hint, belongs to the log."""
QUOTE = re.compile(r'"[^"\n]{1,2000}"|“[^“”\n]{1,2000}”|„[^“”"\n]{1,2000}[“”"]|«[^«»\n]{1,2000}»|(?<![\w])\'[^\'\n]{12,2000}\'(?!\w)')
DOCUMENT_SAYS = re.compile(
    r"\b(?:readme|ticket|log|logs|file|comment|issue|wiki|docs?|documentation|changelog|header|error|message|stack ?trace|output|datei|kommentar"
    r"|meldung|fichero|archivo|comentario|mensaje|agents\.md|claude\.md|contributing)(?:\.md|\.txt)?(?: [\w./-]{1,40}){0,3}? "
    r"(?:says|said|reads|states|contains|tells|claims|shows|sagt|steht|lautet|dice|pone|contiene)(?: (?:that|dass|que))?\b:?",
)


@dataclass(frozen=True, slots=True)
class Token:
    """`key` is the word in lower case without accents, spelling mended; `glued` says that no space stands before it."""

    text: str
    key: str
    start: int
    end: int
    kind: Literal["code", "number", "word", "mark"]
    glued: bool = False


@dataclass(slots=True)
class Sentence:
    """`canon` is the sentence in one spelling (numbers plain, number words as figures) for patterns; `span` leads back to the task."""

    tokens: list[Token]
    role: Role = "plain"
    section: str = ""
    lead: int | None = None
    canon: str = ""
    offsets: list[int] = field(default_factory=lambda: list[int]())

    def index(self, offset: int) -> int:
        """The token at an offset of `canon`."""
        return max(bisect_right(self.offsets, offset) - 1, 0)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the task of `canon[start:end]`."""
        return self.tokens[self.index(start)].start, self.tokens[self.index(max(end - 1, start))].end


def fold(text: str) -> str:
    """Lower case, accents gone, typographic marks plain; every character stays one character."""
    return text.translate({ord(char): _plain(char) for char in set(text)})


PLAIN_MARKS = {"’": "'", "‘": "'", "–": "-", "—": ";", "\u00a0": " ", "\u2011": "-", "…": "."}


def _plain(char: str) -> str:
    if char in PLAIN_MARKS:
        return PLAIN_MARKS[char]
    low = unicodedata.normalize("NFKD", char)[0].lower()
    return low if len(low) == 1 else char


def without_data(text: str) -> str:
    """The text with everything that is quoted, fenced, tagged or logged blanked out; all places stay."""
    lines = text.split("\n")
    kept: list[str] = []
    fence, tag, logged = "", "", False
    for line in lines:
        logged = bool(LOG_LINE.match(line) or (logged and LOG_GOES_ON.match(line)))
        opens = FENCE.match(line)
        marker = TAG.match(line)
        if fence or tag:
            ends = bool(opens and opens[1] == fence) if fence else bool(marker and marker[1] and marker[2] == tag)
            if ends:
                fence = tag = ""
            kept.append(" " * len(line))
        elif opens:
            fence = opens[1]
            kept.append(" " * len(line))
        elif marker and not marker[1] and _closed_later(lines, len(kept), marker[2]):
            tag = marker[2]
            kept.append(" " * len(line))
        elif line.lstrip().startswith(">") or logged:
            kept.append(" " * len(line))
        else:
            kept.append(line)
    return _without_quotes("\n".join(kept))


def _closed_later(lines: list[str], at: int, tag: str) -> bool:
    closing = f"</{tag}>"
    return any(closing in line for line in lines[at + 1 : at + 400])


def _without_quotes(text: str) -> str:
    """Long quotations go; a quotation of one or two words is a name, unless the whole text is one."""
    if (whole := text.strip())[:1] in "\"'“" and len(whole) > 2 and whole.count(whole[0]) <= 2 and whole[-1:] in "\"'”":
        inner = text.index(whole) + 1
        text = text[: inner - 1] + " " + text[inner : inner + len(whole) - 2] + " " + text[inner + len(whole) - 1 :]
    text = QUOTE.sub(lambda found: found[0] if len(found[0].split()) <= 2 else _blank(found[0]), text)
    low = fold(text)
    pieces: list[str] = []
    done = 0
    for found in DOCUMENT_SAYS.finditer(low):
        if found.end() < done:
            continue
        end = _end_of_saying(low, found.end())
        pieces += [text[done : found.end()], _blank(text[found.end() : end])]
        done = end
    return "".join([*pieces, text[done:]])


def _end_of_saying(text: str, start: int) -> int:
    for mark in re.compile(r"[.!?](?=\s)|\n").finditer(text, start):
        if text[start : mark.start()].strip():
            return mark.start()
    return len(text)


def _blank(text: str) -> str:
    return "".join(char if char == "\n" else " " for char in text)


def tokens_of(text: str) -> Iterator[Token]:
    """Words, numbers, single backticked names and marks of `text`, from left to right."""
    low = fold(text)
    end = 0
    for found in TOKEN.finditer(low):
        start, stop, kind = found.start(), found.end(), found.lastgroup or "mark"
        if kind == "code":
            if not low[start + 1 : stop - 1].strip() or " " in low[start + 1 : stop - 1].strip():
                continue  # a command in backticks is data
            yield Token(text[start + 1 : stop - 1], low[start + 1 : stop - 1].strip(), start, stop, "code", False)
        else:
            yield Token(text[start:stop], low[start:stop], start, stop, kind, start == end and start > 0)  # type: ignore[arg-type]
        end = stop


def sentences_of(text: str) -> list[Sentence]:
    """The sentences, bullets and headings of a text whose data have been blanked."""
    found: list[Sentence] = []
    section, lead = "", None
    for role, start, end in _blocks(text):
        mark = HEADING.match(text, start, end) if role == "heading" else BULLET.match(text, start, end) if role == "bullet" else None
        begin = mark.end() if mark and role == "bullet" else start
        tokens = [
            Token(token.text, token.key, token.start + begin, token.end + begin, token.kind, token.glued) for token in tokens_of(text[begin:end])
        ]
        if role == "heading":
            section, lead = fold(text[start:end]).strip(" #*:\n"), None
        parts = [part for part in _cut(tokens) if any(token.kind != "mark" for token in part)]
        found += [Sentence(part, role, section, lead if role == "bullet" else None) for part in parts]
        if role == "plain" and parts:
            lead = len(found) - 1 if tokens[-1].text == ":" else None
    return found


def _blocks(text: str) -> Iterator[tuple[Role, int, int]]:
    """Runs of lines that belong together: a heading, a bullet with its continuation, or the lines of a paragraph."""
    start, role, at, previous = 0, "plain", 0, ""
    for line in text.split("\n"):
        if at and not _continues(previous, line):
            yield role, start, at  # type: ignore[misc]
            start, role = at, "plain"
        if start == at:
            role = "heading" if HEADING.match(line) else "bullet" if BULLET.match(line) else "plain"
        previous = line
        at += len(line) + 1
    yield role, start, len(text)  # type: ignore[misc]


def _continues(previous: str, line: str) -> bool:
    if not line.strip() or not previous.strip() or HEADING.match(line) or HEADING.match(previous) or BULLET.match(line):
        return False
    if line[:1].isspace() and BULLET.match(previous):
        return True
    return len(previous) >= WRAPPED and previous.rstrip()[-1] not in ".!?:;"


def _cut(tokens: list[Token]) -> Iterator[list[Token]]:
    """Sentences: cut behind . ! ? ; and where one would get too long."""
    part: list[Token] = []
    for number, token in enumerate(tokens):
        part.append(token)
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        if (token.kind == "mark" and _ends_sentence(token, part, after)) or len(part) >= LONGEST_SENTENCE:
            yield part
            part = []
    if part:
        yield part


def _ends_sentence(mark: Token, part: list[Token], after: Token | None) -> bool:
    if mark.key in ("!", "?", ";"):
        return True
    if mark.key != "." or after is None or after.glued:
        return False
    words = [token for token in part[-4:-1] if token.end <= mark.start]
    return not (words and words[-1].kind == "word" and ABBREVIATION.search("".join(token.key for token in words)) and after.text[:1].islower())


def write_canon(sentence: Sentence, decimal_comma: bool) -> None:
    """Fill `canon` and `offsets` from the tokens: glued hyphens stay, everything else is parted by one blank."""
    pieces: list[str] = []
    length = 0
    for number, token in enumerate(sentence.tokens):
        before = sentence.tokens[number - 1] if number else None
        hyphened = token.glued and before is not None and (token.key == "-" or before.key == "-") and before.kind != "code"
        blank = "" if not pieces or hyphened else " "
        word = number_of(token.key, decimal_comma) if token.kind in ("number", "word") and not hyphened else token.key
        word = word[:LONGEST_WORD]
        sentence.offsets.append(length + len(blank))
        pieces.append(blank + word)
        length += len(blank) + len(word)
    sentence.canon = "".join(pieces)
