"""A Dockerfile as what it builds: stages, each with its base image and what its instructions set; variables are filled in where they are known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from opsmith.detectors.deployed.instructions import Instruction, instructions
from opsmith.detectors.deployed.told import Image, Told, image_of, number, plain_command, plain_text
from opsmith.repo import Repo
from opsmith.shapes import items

_VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?:(:?[-+?])([^{}]*))?\})")


@dataclass(frozen=True, slots=True)
class Copy:
    """`stage` is the name or number of the stage, or the image, that COPY --from takes from."""

    sources: tuple[str, ...]
    target: str
    stage: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Health:
    command: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One FROM with what follows it. What an earlier stage of the file set that this one stands on is taken over."""

    base: str
    """As written, variables filled in."""
    line: int
    name: str | None = None
    on: int | None = None
    """The stage of this file that it stands on."""
    ports: tuple[Told[int], ...] = ()
    environment: Mapping[str, Told[str]] = field(default_factory=dict[str, Told[str]])
    arguments: frozenset[str] = frozenset()
    user: Told[str] | None = None
    workdir: Told[str] | None = None
    entrypoint: Told[tuple[str, ...] | str] | None = None
    command: Told[tuple[str, ...] | str] | None = None
    health: Health | None = None
    copies: tuple[Copy, ...] = ()
    runs: tuple[Told[str], ...] = ()
    own: tuple[Instruction, ...] = ()

    @property
    def image(self) -> Image | None:
        return image_of(self.base) if self.on is None else None

    @property
    def starts(self) -> Told[str] | None:
        """What the container runs, as a person would type it: the entry point and the command, the wrapping script of both left out."""
        return _starts(self.entrypoint, self.command)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    path: str
    stages: tuple[Stage, ...]

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    def target(self, name: str | None) -> Stage:
        """The stage that a build with this `target` ends in."""
        return next((stage for stage in self.stages if name and stage.name == name.lower()), self.final)

    def bases(self, stage: Stage) -> list[Stage]:
        """The stage and those it stands on, the outermost image last."""
        found = [stage]
        while (on := found[-1].on) is not None:
            found.append(self.stages[on])
        return found

    @property
    def images(self) -> list[Told[Image]]:
        """Every image from elsewhere that a stage stands on."""
        return [Told(image, stage.line) for stage in self.stages if (image := stage.image) is not None]


def read(repo: Repo, path: str) -> Dockerfile | None:
    return parse(path, repo.read(path) or "")


def parse(path: str, text: str) -> Dockerfile | None:
    """None where no FROM stands."""
    given: dict[str, str] = {}
    stages: list[Stage] = []
    for item in instructions(text):
        if item.name == "FROM":
            stages.append(_stage(item, given, stages))
        elif stages:
            stages[-1] = _with(stages[-1], item, given)
        elif item.name == "ARG":
            given.update(_arguments(item, given))
    return Dockerfile(path, tuple(_settled(stage) for stage in stages)) if stages else None


def _stage(item: Instruction, given: Mapping[str, str], stages: list[Stage]) -> Stage:
    words = _filled(item.text, given).split()
    base = words[0] if words else ""
    name = words[2].lower() if len(words) >= 3 and words[1].lower() == "as" else None
    on = next((index for index in range(len(stages) - 1, -1, -1) if stages[index].name == base.lower()), None)
    if on is None:
        return Stage(base=base, line=item.line, name=name)
    return replace(stages[on], base=base, line=item.line, name=name, on=on, copies=(), runs=(), own=())


def _with(stage: Stage, item: Instruction, given: Mapping[str, str]) -> Stage:
    known = {name: told.value for name, told in stage.environment.items()}
    text = _filled(item.text, known) if item.name in _FILLED else item.text
    changed = replace(stage, own=(*stage.own, item))
    match item.name:
        case "ARG":
            return _with_arguments(changed, item, given, known)
        case "ENV":
            return replace(changed, environment={**stage.environment, **{key: Told(value, item.line) for key, value in _pairs(text)}})
        case "EXPOSE":
            ports = (Told(port, item.line) for word in text.split() if (port := number(word.partition("/")[0])) and not word.endswith("/udp"))
            return replace(changed, ports=(*stage.ports, *ports))
        case "USER":
            return replace(changed, user=Told(text.strip(), item.line))
        case "WORKDIR":
            return replace(changed, workdir=Told(_below(stage.workdir, text.strip()), item.line))
        case "ENTRYPOINT":
            kept = stage.command if any(other.name == "CMD" for other in stage.own) else None
            return replace(changed, entrypoint=Told(_form(item.text), item.line), command=kept)
        case "CMD":
            return replace(changed, command=Told(_form(item.text), item.line))
        case "HEALTHCHECK":
            return replace(changed, health=_health(item))
        case "COPY" | "ADD":
            return replace(changed, copies=(*stage.copies, *_copy(item, text, known)))
        case "RUN":
            return replace(changed, runs=(*stage.runs, Told("\n".join((item.text, *item.heredocs)), item.line)))
        case _:
            return changed


_FILLED = frozenset(("ENV", "EXPOSE", "USER", "WORKDIR", "COPY", "ADD", "LABEL", "STOPSIGNAL", "VOLUME"))


def _with_arguments(stage: Stage, item: Instruction, given: Mapping[str, str], known: Mapping[str, str]) -> Stage:
    """An argument without a default takes the one that stands before the first FROM. Variables of ENV go before arguments."""
    names = frozenset(word.partition("=")[0] for word in item.text.split())
    values = {name: given[name] for name in names if name in given} | _arguments(item, {**given, **known})
    added = {name: Told(value, item.line) for name, value in values.items() if name not in stage.environment}
    return replace(stage, environment={**stage.environment, **added}, arguments=stage.arguments | frozenset(added))


def _settled(stage: Stage) -> Stage:
    """The environment of the container: arguments are gone once it is built."""
    return replace(stage, environment={name: told for name, told in stage.environment.items() if name not in stage.arguments})


# -- parts of an instruction -----------------------------------------------------------------------------------------------------------


def _filled(text: str, known: Mapping[str, str]) -> str:
    """With the variables that are known; others stay as they are written."""

    def value(match: re.Match[str]) -> str:
        name, operator, word = match[1] or match[2], match[3] or "", match[4] or ""
        if name is None:
            return "$"
        if operator.endswith("+"):
            return word if known.get(name) else ""
        return known.get(name) or (word if operator.endswith("-") else known.get(name, match[0]))

    return _VARIABLE.sub(value, text)


def _arguments(item: Instruction, known: Mapping[str, str]) -> dict[str, str]:
    return {key: _filled(value, known) for key, value in _pairs(item.text) if "=" in item.text}


_PAIR = re.compile(r"""([\w.-]+)=("(?:\\.|[^"\\])*"|'[^']*'|(?:\\.|[^\s\\])*)""", re.DOTALL)


def _pairs(text: str) -> list[tuple[str, str]]:
    """`K=V L="W X"`, or the old form `K V`."""
    stripped = text.strip()
    if "=" not in stripped.partition(" ")[0]:
        name, _, value = stripped.partition(" ")
        return [(name, value.strip())] if value else []
    return [(match[1], _unquoted(match[2])) for match in _PAIR.finditer(stripped)]


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _form(text: str) -> tuple[str, ...] | str:
    """The words of the exec form, or the text of the shell form."""
    stripped = text.strip()
    if stripped.startswith("["):
        try:
            words = json.loads(stripped)
        except (ValueError, RecursionError):
            return stripped
        return tuple(str(word) for word in items(words))
    return stripped


def _health(item: Instruction) -> Health | None:
    kind, _, rest = item.text.strip().partition(" ")
    if kind.upper() != "CMD":
        return None
    form = _form(rest)
    return Health(form if isinstance(form, str) else " ".join(form), item.line)


def _copy(item: Instruction, text: str, known: Mapping[str, str]) -> Iterable[Copy]:
    form = _form(text)
    words = form.split() if isinstance(form, str) else list(form)
    stage = item.flags.get("from")
    plain = tuple(word for word in words[:-1] if not word.startswith("<<"))
    if len(words) > 1 and plain:
        yield Copy(plain, words[-1], _filled(stage, known) if stage is not None else None, item.line)


def _below(workdir: Told[str] | None, folder: str) -> str:
    import posixpath

    return posixpath.normpath(posixpath.join(workdir.value if workdir else "/", folder))


# -- what it starts --------------------------------------------------------------------------------------------------------------------

_WRAPPER = re.compile(r"(?:^|/)[\w.-]*(?:entry-?_?point|tini|dumb-init|wrapper|docker-php)[\w.-]*(?:\s|$)|\.sh$", re.IGNORECASE)


def _starts(entrypoint: Told[tuple[str, ...] | str] | None, command: Told[tuple[str, ...] | str] | None) -> Told[str] | None:
    """Of a script that ends in `exec "$@"` what matters is what it is given."""
    first, second = _text(entrypoint), _text(command)
    if entrypoint is None or not first:
        return Told(second, command.line) if command is not None and second else None
    if command is None or not second or isinstance(entrypoint.value, str):
        return Told(first, entrypoint.line)
    if _WRAPPER.search(first):
        return Told(second, command.line)
    return Told(f"{first} {second}", entrypoint.line)


def _text(told: Told[tuple[str, ...] | str] | None) -> str:
    if told is None:
        return ""
    return plain_text(told.value) if isinstance(told.value, str) else plain_command(told.value)
