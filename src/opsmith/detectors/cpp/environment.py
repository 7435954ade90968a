"""Environment variables: `getenv` by a fixed name, and functions of the program that hand a name on to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.cpp.lexer import calls, texts
from opsmith.detectors.cpp.program import Code, Program

_GETENV = re.compile(r"\b(?:std::)?(?:secure_)?getenv\s*\(")
_READER = re.compile(r"\b(\w+)\s*\(([^(){};]*)\)\s*(?:const\s*|noexcept\s*)*\{[^}]{0,400}?\bgetenv\s*\(\s*(\w+)(?:\.c_str\(\))?\s*\)")
_ENDS = re.compile(r"\bthrow\b|\bexit\s*\(|\babort\s*\(|\breturn\s+(?:1|-1|EXIT_FAILURE)\b|\bLOG\(FATAL\)|\bterminate\s*\(")
_NOT_OURS = frozenset(
    ("HOME", "PATH", "USER", "HOSTNAME", "TMPDIR", "TMP", "TEMP", "PWD", "SHELL", "TERM", "EDITOR", "LANG", "DISPLAY", "XDG_CONFIG_HOME")
)


@dataclass(frozen=True, slots=True)
class Read:
    name: str
    required: bool
    default: str | None
    guarded: bool
    file: str
    line: int


def reads(program: Program) -> tuple[Read, ...]:
    """By name; a default that is known anywhere wins over a demand."""
    found: dict[str, Read] = {}
    for item in (item for code in program.files if "getenv" in code.text or program_readers(program) for item in _in(code, program)):
        before = found.get(item.name)
        default = item.default if before is None or before.default is None else before.default
        if item.name not in _NOT_OURS and re.fullmatch(r"[A-Za-z_]\w{1,80}", item.name):
            required = default is None and (item.required or (before is not None and before.required))
            found[item.name] = Read(item.name, required, default, item.guarded, *((before.file, before.line) if before else (item.file, item.line)))
    return tuple(found.values())


def program_readers(program: Program) -> set[str]:
    return {match[1] for code in program.files if "getenv" in code.text for match in _READER.finditer(code.text) if match[3] in match[2]}


def _in(code: Code, program: Program) -> Iterator[Read]:
    for match, given, line in calls(code.text, _GETENV):
        name = next((value for argument in given[:1] for value in texts(argument)), None)
        if name is not None:
            required, default, guarded = _fallback(code.text, match.start(), match.end())
            yield Read(name, required, default, guarded, code.path, line)
    for reader in sorted(program_readers(program)):
        pattern = re.compile(rf"(?<![\w.>]){re.escape(reader)}\s*\(")
        for _, given, line in calls(code.text, pattern) if reader in code.text else ():
            name = next((value for argument in given[:1] for value in texts(argument) if value.upper() == value), None)
            if name is not None:
                default = _literal(given[1]) if len(given) > 1 else None
                yield Read(name, False, default, len(given) > 1, code.path, line)


def _fallback(code: str, start: int, end: int) -> tuple[bool, str | None, bool]:
    """Required, default, guarded: what the next lines do with the name that the result is given to."""
    statement = code[max(code.rfind(";", 0, start), code.rfind("{", 0, start), code.rfind("}", 0, start)) + 1 : start]
    given = re.search(r"(\w+)\s*(?:=|\{|\()\s*$", statement)
    after = code[end : end + 600]
    inline = re.match(r'[^;]{0,120}?\?(?:[^;:]|::){0,200}:\s*("(?:\\.|[^"\\\n])*"|\d+)', after)
    if inline:
        return False, _literal(inline[1]), True
    if given is None or given[1] in ("if", "while", "return"):
        return False, None, True
    name = re.escape(given[1])
    chosen = re.search(rf'\b{name}\b[^;?]{{0,60}}\?(?:[^;:]|::){{0,200}}:\s*("(?:\\.|[^"\\\n])*"|\d+)', after)
    if chosen:
        return False, _literal(chosen[1]), True
    missing = re.search(
        rf"if\s*\(\s*(?:!\s*{name}\b|{name}\s*==\s*(?:nullptr|NULL|0)|(?:nullptr|NULL)\s*==\s*{name})[^)]*\)\s*(\{{[^}}]{{0,300}}\}}|[^;]{{0,200}};)",
        after,
    )
    if missing:
        told = re.search(rf'\b{name}\s*=\s*("(?:\\.|[^"\\\n])*"|\d+)', missing[1])
        return bool(_ENDS.search(missing[1])), _literal(told[1]) if told else None, True
    return False, None, bool(re.search(rf"if\s*\([^)]*\b{name}\b", after))


def _literal(expression: str) -> str | None:
    found = texts(expression)
    if found:
        return found[0]
    match = re.fullmatch(r"\s*(\d+)\s*", expression)
    return match[1] if match else None
