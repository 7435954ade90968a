"""Where a process listens: addresses in code and settings, else what the base image sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.dotnet.lines import line_calls
from opsmith.detectors.dotnet.program import Program
from opsmith.detectors.dotnet.source import argument, arguments
from opsmith.detectors.dotnet.values import Resolver, Value, variable
from opsmith.model.survey import Evidence

_URL = re.compile(r"(https?)://(?:\[?[\w.:*+-]*?\]?)(?::(\d{2,5}))?(?:/.*)?")
_LISTENS = ("ListenAnyIP", "Listen", "ListenLocalhost")
_PORT_NAME = re.compile(r"(?i)(?:^|_)PORTS?$")


@dataclass(frozen=True, slots=True)
class Ports:
    ports: tuple[int, ...]
    env: str | None
    evidence: tuple[Evidence, ...]
    default: bool = False
    """Nothing of the repository says so; it is the convention of Microsoft's images."""


def ports(program: Program, resolver: Resolver, version: str | None) -> Ports:
    """What code fixes wins over the settings files, as Kestrel's own endpoints do; both win over what the image sets."""
    for found in (_in_code(program, resolver), _in_settings(resolver), _in_functional_code(program), _of_container(program)):
        if found is not None:
            return found
    return _of_image(program, version)


def _in_code(program: Program, resolver: Resolver) -> Ports | None:
    doors: list[tuple[int, bool, Evidence]] = []
    names: list[str] = []
    for values, secure, evidence in (*_listening(program, resolver), *_addresses(program, resolver)):
        names += [variable(value.key) for value in values if value.key and _PORT_NAME.search(variable(value.key))]
        doors += [
            (int(value.text), secure, evidence) for value in values if value.key is None and value.text.isdigit() and 0 < int(value.text) < 65536
        ]
    if not doors:
        return None
    plain = [door for door in doors if not door[1]] or doors
    numbers = tuple(dict.fromkeys(number for number, _, _ in plain))
    return Ports(numbers, names[0] if names else None, tuple(dict.fromkeys(evidence for _, _, evidence in plain)))


def _listening(program: Program, resolver: Resolver) -> Iterator[tuple[list[Value], bool, Evidence]]:
    for call in program.called(*_LISTENS):
        given = argument(call.node, 1 if call.name == "Listen" else 0, "port")
        if given is not None and (call.receiver or call.name != "Listen"):
            secure = b".UseHttps(" in (call.node.text or b"")
            yield resolver.values(given, call.source), secure, Evidence(file=call.source.path, line=call.line, shows=call.shows, confidence=0.9)


def _addresses(program: Program, resolver: Resolver) -> Iterator[tuple[list[Value], bool, Evidence]]:
    for call in program.called("UseUrls", "Add", "Run", "RunAsync", "UseSetting"):
        if not _takes_address(call.name, call.receiver, call.node.text or b""):
            continue
        for _, given in arguments(call.node)[1 if call.name == "UseSetting" else 0 :]:
            evidence = Evidence(file=call.source.path, line=call.line, shows=call.shows, confidence=0.9)
            values = resolver.values(given, call.source)
            keys = [value for value in values if value.key is not None]
            for value in values:
                for secure, port in _ports_of(value.text) if value.key is None else ():
                    yield [Value(str(port), value.file, value.line), *keys], secure, evidence


def _takes_address(name: str, receiver: str, shown: bytes) -> bool:
    """`app.Urls.Add(...)`, `app.Run("http://...")`, `UseSetting("urls", ...)`; other methods have these names, too."""
    if name == "Add":
        return receiver.endswith(".Urls")
    return name != "UseSetting" or b'"urls"' in shown.lower() or b"ServerUrlsKey" in shown


def _ports_of(told: str) -> Iterator[tuple[bool, int]]:
    """The ports of addresses that stand between semicolons, and whether they are for TLS."""
    for address in told.split(";")[:10]:
        match = _URL.fullmatch(address.strip())
        if match is not None and not re.search(r"://(?:localhost|127\.0\.0\.1)\b", address):
            yield match[1] == "https", int(match[2] or (443 if match[1] == "https" else 80))


def _in_settings(resolver: Resolver) -> Ports | None:
    """`Kestrel:Endpoints:*:Url`, `urls` and `http_ports` of appsettings.json."""
    found: list[tuple[bool, int, Evidence, str]] = []
    for setting in (*resolver.settings.below("Kestrel:Endpoints"), *(item for key in ("urls", "http_ports") if (item := resolver.settings.get(key)))):
        if setting.key.lower().endswith((":url", "urls")):
            told = [(secure, port) for secure, port in _ports_of(setting.value.replace("localhost", "*"))]
        elif setting.key.lower() == "http_ports":
            told = [(False, int(port)) for port in setting.value.split(";") if port.isdigit()]
        else:
            continue
        evidence = Evidence(file=setting.file, line=resolver.settings.line(setting), shows=f"{setting.key}: {setting.value}", confidence=0.9)
        found += [(secure, port, evidence, variable(setting.key)) for secure, port in told]
    plain = [item for item in found if not item[0]] or found
    return Ports(tuple(dict.fromkeys(item[1] for item in plain)), None, tuple(dict.fromkeys(item[2] for item in plain))) if plain else None


def _in_functional_code(program: Program) -> Ports | None:
    """`url "http://0.0.0.0:8085/"` of Saturn, `UseUrls("...")` in F# or Visual Basic."""
    for source in program.own:
        for call in line_calls(source):
            if call.name in ("url", "UseUrls", "Run") and call.texts:
                for _, port in _ports_of(call.texts[0]):
                    return Ports((port,), None, (Evidence(file=source.path, line=call.line, shows=call.shows, confidence=0.85),))
    return None


def _of_container(program: Program) -> Ports | None:
    """`<ContainerPort Include="8081" />`: the port of the image that the SDK itself publishes."""
    told = program.project.ports
    if not told:
        return None
    shown = tuple(Evidence(file=item.file, line=item.line, shows=f"ContainerPort {item.text}", confidence=0.85) for item in told)
    return Ports(tuple(int(item.text) for item in told if len(item.text) < 6), None, shown)


def _of_image(program: Program, version: str | None) -> Ports:
    major = int(version.partition(".")[0]) if version and version.partition(".")[0].isdigit() else 8
    port = 8080 if major >= 8 else 80
    name = "ASPNETCORE_HTTP_PORTS=8080 from 8.0 on" if major >= 8 else "ASPNETCORE_URLS=http://+:80 before 8.0"
    shows = f"the default of Microsoft's ASP.NET Core images: {name}"
    return Ports(
        (port,), "ASPNETCORE_HTTP_PORTS" if major >= 8 else None, (Evidence(file=program.project.path, shows=shows, confidence=0.6),), default=True
    )
