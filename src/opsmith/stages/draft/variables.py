"""How each environment variable of a component is set: by a backing service, a sibling, a mode, a secret, or a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from opsmith import conventions
from opsmith.model.blueprint import Port, Variable
from opsmith.model.survey import Component, EnvVar
from opsmith.stages.draft.backing import Backings, connection, kind_of
from opsmith.stages.draft.notes import Notes

MODES: Mapping[str, str] = {
    "NODE_ENV": "production", "APP_ENV": "production", "FLASK_ENV": "production", "GIN_MODE": "release", "RAILS_ENV": "production",
    "DEBUG": "False", "DJANGO_DEBUG": "False", "FLASK_DEBUG": "0", "APP_DEBUG": "false",
}  # fmt: skip
"""Variables that only choose between development and production."""

HOSTS = re.compile(r"(?:^|_)ALLOWED_HOSTS$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the variables of one component may speak of. `names`: by component, the service's name. `host`: its public name."""

    item: Component
    name: str
    port: Port | None
    host: str | None
    behind: Backings
    names: Mapping[str, str]
    components: tuple[Component, ...]


def variables(about: Surroundings, node: str, notes: Notes) -> tuple[Variable, ...]:
    """In the order in which the code reads them; what keeps the code's own default is left out."""
    made: dict[str, Variable] = {}
    for variable in _read(about):
        value = _value(variable, about)
        if value is not None and variable.name not in made:
            made[variable.name] = value
            notes.mentioned(f"{node}.variables.{variable.name}", about.item, "env", variable.name, otherwise=f"{variable.name}: {_why(value)}")
            if value.kind == "unset":
                notes.open_for(variable.name, f"{about.item.name} does not start before it is told what only a person knows: {{names}}")
    _note_unreached(about, made, notes)
    return tuple(made.values())


def _read(about: Surroundings) -> tuple[EnvVar, ...]:
    """The port's variable first, then what the code reads, then what only names a backing service."""
    item = about.item
    known = {variable.name for variable in item.env}
    carrying = {name for service in item.backing_services for name in service.env} - known
    port = (EnvVar(name=item.port_env, required=True),) if item.port_env and about.port and item.port_env not in known else ()
    return (*port, *item.env, *(EnvVar(name=name, required=False) for name in sorted(carrying)))


def _value(variable: EnvVar, about: Surroundings) -> Variable | None:
    """How the variable is set; None = it is left to the default that the code has."""
    name = variable.name
    if about.port and (name == about.item.port_env or (name == "PORT" and variable.required)):
        return Variable(name=name, kind="literal", value=str(about.port.number))
    chosen = _chosen(name, about)
    if chosen is not None:
        return Variable(name=name, kind="literal", value=chosen)
    for backing in about.behind.of.get(about.item.name, ()):
        if (value := connection(name, backing)) is not None:
            return value
    literal = _address(name, about) or MODES.get(name) or _hosts(name, about)
    if literal is None and variable.required and not variable.secret:
        literal = variable.default
    if literal is not None:
        return Variable(name=name, kind="literal", value=literal)
    if conventions.SIGNING_KEY.fullmatch(name) or (variable.secret and (variable.required or variable.default)):
        return Variable(name=name, kind="secret", secret=conventions.secret_name(about.name), key=name)
    return Variable(name=name, kind="unset") if variable.required else None


def _chosen(name: str, about: Surroundings) -> str | None:
    """The value by which the code takes a backing service that it gets, where it can work with several."""
    kinds = {backing.kind for backing in about.behind.of.get(about.item.name, ())}
    return next(
        (dict(item.selected_by)[name] for item in about.item.backing_services if kind_of(item) in kinds and name in dict(item.selected_by)), None
    )


def _hosts(name: str, about: Surroundings) -> str | None:
    """The names that the application may be asked by: from outside, from its siblings, and from its probes."""
    if not HOSTS.search(name) or about.port is None:
        return None
    return ",".join(part for part in (about.host, about.name, "localhost", "127.0.0.1") if part)


def _why(value: Variable) -> str:
    match value.kind:
        case "literal":
            return f"{value.value!r} by convention"
        case "unset":
            return "required, and nobody told the value"
        case _:
            return f"from the secret {value.secret}"


_FORMS = (
    ("ADDRESS", "{host}:{port}"), ("ADDR", "{host}:{port}"), ("HOSTNAME", "{host}"), ("HOST", "{host}"), ("PORT", "{port}"),
    ("URL", "http://{host}:{port}"), ("URI", "http://{host}:{port}"), ("ENDPOINT", "http://{host}:{port}"),
)  # fmt: skip


def _address(name: str, about: Surroundings) -> str | None:
    """The address of another service that the variable's name speaks of (CART_SERVICE_ADDR -> cartservice:7070)."""
    plain = _bare(name)
    for other in about.components:
        if other.name not in about.item.depends_on or other.name not in about.names or not other.ports:
            continue
        for ending, form in _FORMS:
            if plain == _bare(other.name) + ending:
                return form.format(host=about.names[other.name], port=conventions.NGINX_PORT if other.role == "static" else other.ports[0])
    return None


def _bare(name: str) -> str:
    return re.sub(r"SERVICE|SVC|[^A-Z0-9]", "", name.upper())


def _note_unreached(about: Surroundings, made: Mapping[str, Variable], notes: Notes) -> None:
    """A backing service whose address neither a variable nor the code tells: only the person can connect the two."""
    hosts = {service.host for service in about.item.backing_services}
    for backing in about.behind.of.get(about.item.name, ()):
        told = any(backing.name in (variable.value or "") or variable.secret == conventions.secret_name(backing.name) for variable in made.values())
        if not told and backing.name not in hosts:
            notes.open(
                f"{about.item.name} needs {backing.kind}, but nothing tells it the address ({backing.name}:{backing.port}); "
                "look where its code or configuration takes it from"
            )
