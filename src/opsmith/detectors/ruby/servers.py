"""Application servers: the command that starts one, and the port it takes from its settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.ruby.environment import value_of
from opsmith.detectors.ruby.project import Project
from opsmith.detectors.ruby.syntax import LARGEST, Source, arguments, literal, parsed, receiver, shown, text
from opsmith.model.survey import Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

_PUMA_FILES = ("config/puma.rb", "config/puma/production.rb", "puma.rb", "config/puma.production.rb")
_UNICORN_FILES = ("config/unicorn.rb", "unicorn.rb", "config/unicorn/production.rb", "config/unicorn.conf.rb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`port` None: the server's settings say none. `told`: a file of the repository says how it is started, not only that it is installed."""

    command: str
    evidence: tuple[Evidence, ...]
    port: int | None = None
    port_env: str | None = None
    port_evidence: tuple[Evidence, ...] = ()


def server(project: Project, default: int) -> Server | None:
    """The server that the bundle holds; `default` is the port where neither the server nor its settings say one."""
    return _puma(project, default) or _unicorn(project) or _other(project, default)


def _puma(project: Project, default: int) -> Server | None:
    gem = project.gem("puma")
    if gem is None:
        return None
    file = project.first(*_PUMA_FILES)
    told = _port(project, file) if file else None
    if file is None:
        return Server(command=f"bundle exec puma -b tcp://0.0.0.0:{default}", evidence=(gem.evidence,))
    if told is None:
        return Server(command=f"bundle exec puma -C {file} -p {default}", evidence=(_exists(project, file),))
    return Server(command=f"bundle exec puma -C {file}", evidence=(_exists(project, file),), port=told[0], port_env=told[1], port_evidence=(told[2],))


def _exists(project: Project, file: str) -> Evidence:
    return Evidence(file=project.path(file), shows=f"{file}: settings of the server", confidence=0.9)


Port = tuple[int | None, str | None, Evidence]


def _port(project: Project, file: str) -> Port | None:
    """`port ENV.fetch("PORT") { 3000 }`, `bind "tcp://0.0.0.0:9292"`, `listen 8080`."""
    source = project.source(file)
    return next((found for found in _listens(source) if found[0] is not None or found[1] is not None), None) if source is not None else None


def _listens(source: Source) -> Iterator[Port]:
    for call in source.calls("port", "bind", "listen"):
        given = arguments(call)
        if given and not receiver(call):
            number, name = _number(given[0], source)
            yield number, name, Evidence(file=source.path, line=source.line(call), shows=shown(call), confidence=0.9)


def _number(node: Node, source: Source) -> tuple[int | None, str | None]:
    if node.type == "identifier":
        node = _assigned(source, text(node)) or node
    default, name = _rendered(node) if node.type == "string" else value_of(node)
    written = default if default is not None else text(node)
    if written.strip("\"'").startswith(("unix:", "/")) or written.endswith(".sock"):
        return None, None
    match = re.search(r"(?:^|:)(\d{2,5})(?:$|\D)", written) or re.search(r"\|\|\s*['\"]?(\d{2,5})\b", text(node))
    number = int(match[1]) if match and 0 < int(match[1]) < 65536 else None
    return number, name if name and "PORT" in name.upper() else None


def _rendered(node: Node) -> tuple[str, str | None]:
    """A string as it is when nothing is set, and the variable of the port in it."""
    parts, name = list[str](), None
    for child in node.named_children:
        inner = child.named_children[0] if child.type == "interpolation" and child.named_children else None
        value, variable = value_of(inner) if inner is not None else (text(child), None)
        name = variable if variable and "PORT" in variable.upper() else name
        parts.append(value or "")
    return "".join(parts), name


def _assigned(source: Source, name: str) -> Node | None:
    """The value of the first assignment to a local name."""
    for node in parsed(source.data).named_children if len(source.data) <= LARGEST else ():
        if node.type == "assignment" and text(node.child_by_field_name("left")) == name:
            return node.child_by_field_name("right")
    return None


def _unicorn(project: Project) -> Server | None:
    gem = project.gem("unicorn", "pitchfork")
    if gem is None:
        return None
    file = project.first(*(_UNICORN_FILES if gem.name == "unicorn" else ("config/pitchfork.rb", "config/pitchfork.conf.rb")))
    told = _port(project, file) if file else None
    options = f" -c {file}" if file else ""
    if told is not None:
        command = f"bundle exec {gem.name}{options}"
        return Server(command=command, evidence=(gem.evidence,), port=told[0], port_env=told[1], port_evidence=(told[2],))
    shows = Evidence(file=gem.evidence.file, line=gem.evidence.line, shows="unicorn's default, 8080: no port is stated", confidence=0.6)
    return Server(command=f"bundle exec {gem.name}{options} -l 0.0.0.0:8080", evidence=(gem.evidence,), port=8080, port_evidence=(shows,))


def _other(project: Project, default: int) -> Server | None:
    commands = {
        "falcon": f"bundle exec falcon serve --bind http://0.0.0.0:{default}",
        "thin": f"bundle exec thin start -a 0.0.0.0 -p {default}",
        "iodine": f"bundle exec iodine -b 0.0.0.0 -p {default}",
        "agoo": f"bundle exec rackup --host 0.0.0.0 --port {default} -s agoo",
        "passenger": f"bundle exec passenger start --port {default}",
    }
    for name, command in commands.items():
        if (gem := project.gem(name)) is not None:
            return Server(command=command, evidence=(gem.evidence,))
    return None


def setting(sources: Iterator[Source], name: str) -> tuple[str, str | None, Evidence] | None:
    """`set :port, 4567` of Sinatra: the value, the variable that sets it, and where."""
    for source in sources:
        for call in source.calls("set"):
            given = arguments(call)
            if len(given) > 1 and literal(given[0]) == name:
                value, variable = value_of(given[1])
                if value is not None:
                    return value, variable, Evidence(file=source.path, line=source.line(call), shows=shown(call), confidence=0.9)
    return None
