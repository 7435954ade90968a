"""docker-compose: that the parts of a compose project fit together.

Version 1 of the tool knows only an older file format. What it says against a file's keys is therefore no verdict (the published schema
gives that one); what it says of references between services, of variables and of syntax is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "docker_compose"
TOOL = "docker-compose"
CLAIM = "docker-compose accepts the project"

_BASES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_EXAMPLES = (".env.example", ".env.sample", ".env.dist", "env.example", ".env.template")
_REQUIRED = re.compile(r"\$\{(\w+):?\?")
_OLD_FORMAT = re.compile(r"The Compose file '[^']*' is invalid because:|Version in \".*\" is unsupported|Version mismatch")
_NO_PLUGIN = re.compile(r"unknown command: docker compose|'compose' is not a docker command|unknown shorthand flag: 'f'|unknown flag: --env-file")
_ELSEWHERE = re.compile(r"Couldn't find env file|env file \S+ not found|No such file or directory|no such file or directory|Cannot locate")
_WARNING = re.compile(r'variable is not set|time="[^"]*" level=warning|WARN\[')


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    return [_question(path, files) for path in kinds.selected(files, kinds.is_compose)]


def _question(path: str, files: Mapping[str, str]) -> Question:
    folder, name = str(PurePosixPath(path).parent), PurePosixPath(path).name
    folder = "" if folder == "." else folder
    beside = f"{folder}/" if folder else ""
    together = [*_base(beside, name, files), name]
    example = next((entry for entry in _EXAMPLES if beside + entry in files), None)
    arguments = [*(("--env-file", example) if example else ()), *(part for entry in together for part in ("-f", entry)), "config", "-q"]
    text = "\n".join(files[beside + entry] for entry in together)
    placeholders = _placeholders(text, files.get(beside + example, "") if example else "")
    command = Command(tool=TOOL, arguments=tuple(arguments), folder=folder, environment=placeholders)
    return Question(command=command, otherwise=(replace(command, tool="docker", arguments=("compose", *arguments)),), paths=(path,))


def _base(beside: str, name: str, files: Mapping[str, str]) -> Iterator[str]:
    """The project's own file, where `name` only changes or adds to it."""
    if name not in _BASES and _is_partial(files[beside + name]):
        yield from [base for base in _BASES if beside + base in files][:1]


def _is_partial(text: str) -> bool:
    services = (service for document in kinds.documents(text) or () for service in kinds.mapped(kinds.mapped(document).get("services")).values())
    return any(not {"image", "build", "extends"} & set(kinds.mapped(service)) for service in services)


def _placeholders(text: str, example: str) -> tuple[tuple[str, str], ...]:
    """A value for each variable that the file insists on and nobody gives: here only the structure is asked about. "1" passes as a port, too."""
    given = {line.partition("=")[0].strip() for line in example.splitlines() if line.partition("=")[2].strip()}
    return tuple((name, "1") for name in sorted(set(_REQUIRED.findall(text)) - given))


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code == 0:
        return verdicts.judged(())
    said = "\n".join(line for line in verdicts.plain(result.stderr or result.stdout).splitlines() if line.strip() and not _WARNING.search(line))
    if _NO_PLUGIN.search(said):
        return verdicts.unclear(result, "docker is here, its compose plugin is not")
    if not said or result.exit_code not in (1, 14, 15):
        return verdicts.unclear(result)
    if _OLD_FORMAT.search(said):
        said = said.partition("You might be seeing")[0]
        return verdicts.unclear(result, f"this docker-compose knows only an older format: {verdicts.short(said, 200)}")
    if _ELSEWHERE.search(said):
        return verdicts.unclear(result, f"needs a file that is not among those given: {verdicts.short(said, 200)}")
    return verdicts.judged([Finding(rule="docker-compose/config", severity="high", message=verdicts.short(said), path=question.paths[0])])
