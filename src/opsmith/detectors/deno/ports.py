"""Where a program on Deno listens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from opsmith.detectors.deno.frameworks import DENO_PORT, Framework
from opsmith.detectors.deno.tasks import Start, port_in
from opsmith.detectors.javascript.facts import Found, Read, found, join
from opsmith.detectors.javascript.servers import PORT_NAMES, Listener, Port, by_variable, configured_port, port_of
from opsmith.detectors.javascript.source import Sources
from opsmith.detectors.javascript.syntax import line, text
from opsmith.detectors.javascript.values import resolve

_BESIDES = re.compile(r"(?i)metric|admin|probe|debug|inspector|redirect")
"""Servers beside the main one."""
_ABOUT_PORT = re.compile(r"(?i)port|option|opts|config|settings|address")


def port(
    heard: list[Listener], start: Start | None, framework: Found[Framework] | None, sources: Sources, reads: list[Read], listed: Mapping[str, Read]
) -> Found[Port] | None:
    """What the start command says, else the code, else an example file, else the default of Deno or the framework, told as such."""
    told = _of_command(start)
    if told is not None:
        return told
    main = [listener for listener in heard if not _BESIDES.search(listener.shows)] or heard
    if bare := _unasked(main):
        return bare
    hits = [hit for listener in main if (hit := port_of(listener, reads, listed)) is not None]
    if hits:
        numbers = dict.fromkeys(str(hit.value.number) for hit in hits)
        return replace(hits[0], choices=tuple(numbers) if len(numbers) > 1 else ())
    named = [listener.value.env for listener in main if listener.value is not None and listener.value.env]
    for name in dict.fromkeys((*named, *PORT_NAMES)):
        hit = by_variable(name, reads, listed)
        if hit is not None:
            return hit
    return (configured_port(sources) if main else None) or _settings_port(framework, sources) or _assumed(main, named, framework)


def _of_command(start: Start | None) -> Found[Port] | None:
    number = port_in(start.command) or port_in(start.body) if start is not None else None
    return found(Port(number, None), start.file, start.line, start.body, 0.9) if number is not None and start is not None else None


def _settings_port(framework: Found[Framework] | None, sources: Sources) -> Found[Port] | None:
    """Fresh takes its port from fresh.config.ts or from what `start` is handed."""
    if framework is None or framework.value.name != "fresh":
        return None
    for path in sources.files:
        module = sources.module(path) if re.search(r"(^|/)(fresh\.config|main)\.[jt]sx?$", path) else None
        for pair in module.pairs if module else ():
            value = (
                resolve(sources, module, pair.child_by_field_name("value")) if module and text(pair.child_by_field_name("key")) == "port" else None
            )
            if value is not None and value.literal and re.fullmatch(r"\d{2,5}", value.literal):
                return found(Port(int(value.literal), value.env), path, line(pair), text(pair), 0.9)
    return None


def _unasked(main: list[Listener]) -> Found[Port] | None:
    """A server that is handed no port, which is then Deno's own, whatever the environment says."""
    bare = [listener for listener in main if listener.value is None and "serve" in listener.shows and not _ABOUT_PORT.search(listener.shows)]
    if not bare or len(bare) < len(main):
        return None
    return found(Port(DENO_PORT, None), bare[0].file, bare[0].line, f"{bare[0].shows}: Deno listens on {DENO_PORT} by default", 0.8)


def _assumed(main: list[Listener], named: list[str], framework: Found[Framework] | None) -> Found[Port] | None:
    if framework is not None and framework.value.kind in ("meta", "site"):
        place = framework.evidence[0]
        return found(Port(DENO_PORT, None), place.file, place.line, f"{framework.value.name} listens on {DENO_PORT} by default", 0.7)
    if not main:
        return None
    variable = named[0] if named else None
    shows = f"{main[0].shows}: no port is written{f' but {variable}' if variable else ''}; {DENO_PORT} by convention"
    return found(Port(DENO_PORT, variable), main[0].file, main[0].line, shows, 0.4, choices=(str(DENO_PORT),))


def of_serve(start: Start) -> Found[Port]:
    """`deno serve` opens the port itself; the program only exports a handler."""
    return found(Port(DENO_PORT, None), start.file, start.line, f"{start.body}: deno serve listens on {DENO_PORT} by default", 0.8)


def nearest(heard: list[Listener], folder: str, start: Start | None) -> list[Listener]:
    """Servers of the file that is started, else of its folder, else of anything."""
    target = join(folder, start.target) if start is not None and start.target is not None else None
    file = [listener for listener in heard if target is not None and listener.file == target]
    beside = [listener for listener in heard if target is not None and "/" in target and listener.file.startswith(target.rpartition("/")[0] + "/")]
    return file or beside or heard
