"""Components become services: what runs, how it is reached, configured, sized and asked for its health."""

from __future__ import annotations

from opsmith import conventions
from opsmith.model.blueprint import Build, Port, Probe, Resources, Route, Service, Variable
from opsmith.model.intent import Intent
from opsmith.model.survey import Component, EnvVar
from opsmith.settings import Settings
from opsmith.stages.draft import commands
from opsmith.stages.draft.backing import Backings, connection
from opsmith.stages.draft.notes import Notes
from opsmith.stages.draft.routes import routes

MODES = {"NODE_ENV": "production", "APP_ENV": "production", "FLASK_ENV": "production", "GIN_MODE": "release", "RAILS_ENV": "production"}
"""Variables that only choose between development and production."""


def services(
    components: tuple[Component, ...], built: dict[str, Build], behind: Backings, intent: Intent, settings: Settings, notes: Notes
) -> tuple[Service, ...]:
    """One service for each component that an image was planned for."""
    names = {item.name: conventions.dns_label(item.name) for item in components if item.name in built}
    migrating = _migrating(components, behind)
    handed_on = routes(components, names, notes)
    inside = _inside(components, names, handed_on)
    return tuple(
        _service(
            item, built[item.name], names, behind, item.name in migrating, handed_on.get(item.name, ()), inside, components, intent, settings, notes
        )
        for item in components
        if item.name in built
    )


def _migrating(components: tuple[Component, ...], behind: Backings) -> frozenset[str]:
    """For each command and folder, the one component that migrates (a web component before its workers)."""
    owners: dict[tuple[str, str], str] = {}
    for item in sorted(components, key=lambda item: item.role != "web"):
        if item.migration_command and behind.of.get(item.name):
            owners.setdefault((item.path, item.migration_command), item.name)
    return frozenset(owners.values())


def _inside(components: tuple[Component, ...], names: dict[str, str], handed_on: dict[str, tuple[Route, ...]]) -> frozenset[str]:
    """The components that somebody else stands in front of: another server that calls them, or a site whose web server asks them."""
    called = {name for item in components if item.role != "static" for name in item.depends_on if name != item.name}
    asked = {route.service for listed in handed_on.values() for route in listed}
    return frozenset(item.name for item in components if item.role != "static" and (item.name in called or names.get(item.name) in asked))


def _service(
    item: Component,
    build: Build,
    names: dict[str, str],
    behind: Backings,
    migrates: bool,
    handed_on: tuple[Route, ...],
    inside: frozenset[str],
    components: tuple[Component, ...],
    intent: Intent,
    settings: Settings,
    notes: Notes,
) -> Service:
    name = names[item.name]
    node = f"services.{name}"
    notes.fact(node, item, "framework", otherwise=f"a {item.role} component in {item.path or 'the root folder'}")
    port = _port(item, node, notes)
    notes.fact(f"{node}.command", item, "start_command")
    if migrates:
        notes.fact(f"{node}.migration", item, "migration_command")
    needs = behind.of.get(item.name, ())
    probe = _probe(item, port, node, notes)
    command = None if item.role == "static" else item.start_command
    public = _is_public(item, port, inside)
    called = (*(names[other] for other in item.depends_on if other in names and other != item.name), *(route.service for route in handed_on))
    return Service(
        name=name,
        component=item.name,
        role=item.role,
        build=build.name,
        command=command,
        argv=commands.argv(command, build),
        port=port,
        extra_ports=tuple(Port(number=number, name=f"port-{number}", protocol="tcp") for number in item.ports[1:]) if port else (),
        probe=probe,
        variables=_variables(item, name, port, behind, node, names, components, notes),
        needs=tuple(backing.name for backing in needs),
        calls=tuple(dict.fromkeys(called)),
        migration=item.migration_command if migrates else None,
        migration_argv=commands.argv(item.migration_command, build) if migrates else (),
        health_argv=commands.health(probe, build),
        replicas=_replicas(item, intent, settings, node, notes),
        resources=_resources(settings, node, notes),
        user=build.user,
        writable=("/tmp",),  # noqa: S108  # a mount point in a container
        public=public,
        routes=handed_on,
        singleton="singleton" in item.traits,
        host=_host(name, components, inside, settings, node, notes) if public else None,
        schedule="0 * * * *" if item.role == "cron" else None,
    )


def _port(item: Component, node: str, notes: Notes) -> Port | None:
    if item.role == "static":
        notes.default(f"{node}.port", f"{conventions.NGINX_PORT}: nginx without root cannot take a port below 1024")
        return Port(number=conventions.NGINX_PORT, name="http", protocol="http")
    if item.role != "web" or not item.ports:
        return None
    notes.fact(f"{node}.port", item, "ports")
    number = item.ports[0]
    if number < 1024:
        if item.port_env or (item.start_command and str(number) in item.start_command):
            notes.default(f"{node}.port", f"{number} as found")
        notes.open(f"{item.name} listens on {number}; ports below 1024 need a runtime that allows them to a process without root")
    protocol = item.protocol or "http"
    return Port(number=number, name=protocol, protocol=protocol)


def _probe(item: Component, port: Port | None, node: str, notes: Notes) -> Probe | None:
    if port is None:
        return None
    if item.role == "static":
        notes.default(f"{node}.probe", f"{conventions.NGINX_HEALTH_PATH}: answered by the delivered nginx.conf")
        return Probe(kind="http", port=port.number, path=conventions.NGINX_HEALTH_PATH)
    if item.health_path == "grpc":
        notes.fact(f"{node}.probe", item, "health_path")
        return Probe(kind="grpc", port=port.number)
    if item.health_path and port.protocol == "http":
        notes.fact(f"{node}.probe", item, "health_path")
        return Probe(kind="http", port=port.number, path=item.health_path)
    notes.default(f"{node}.probe", "a connection to the port: no health path was found")
    notes.open(
        f"{item.name} has no health path, so probes only see whether port {port.number} accepts connections; "
        f"add one and set components.{item.name}.health_path"
    )
    return Probe(kind="tcp", port=port.number)


def _variables(
    item: Component,
    name: str,
    port: Port | None,
    behind: Backings,
    node: str,
    names: dict[str, str],
    components: tuple[Component, ...],
    notes: Notes,
) -> tuple[Variable, ...]:
    notes.fact(f"{node}.variables", item, "env")
    made: dict[str, Variable] = {}
    if item.port_env and port:
        made[item.port_env] = Variable(name=item.port_env, kind="literal", value=str(port.number))
    carrying = {variable: backing for backing in behind.of.get(item.name, ()) for found in item.backing_services for variable in found.env}
    known = {variable.name for variable in item.env}
    for variable in (*item.env, *(EnvVar(name=extra, required=False) for extra in sorted(carrying.keys() - known))):
        if variable.name not in made and (value := _value(variable, item, name, behind, names, components)) is not None:
            made[variable.name] = value
            if value.kind == "unset":
                notes.open(f"{item.name} needs {variable.name}, whose value only a person knows")
    _note_unreached(item, behind, made, notes)
    return tuple(made.values())


def _note_unreached(item: Component, behind: Backings, made: dict[str, Variable], notes: Notes) -> None:
    """A backing service whose address neither a variable nor the code tells: only the person can connect the two."""
    hosts = {service.host for service in item.backing_services}
    for backing in behind.of.get(item.name, ()):
        told = any(backing.name in (variable.value or "") or variable.secret == conventions.secret_name(backing.name) for variable in made.values())
        if not told and backing.name not in hosts:
            notes.open(
                f"{item.name} needs {backing.kind}, but no variable tells it the address; make the code read one (it is at {backing.name}:{backing.port})"
            )


def _value(
    variable: EnvVar, item: Component, name: str, behind: Backings, names: dict[str, str], components: tuple[Component, ...]
) -> Variable | None:
    """How the variable is set; None = it is left to the default that the code has."""
    for backing in behind.of.get(item.name, ()):
        if (value := connection(variable.name, backing)) is not None:
            return value
    if (address := _address(variable.name, item, names, components)) is not None:
        return Variable(name=variable.name, kind="literal", value=address)
    if variable.name in MODES:
        return Variable(name=variable.name, kind="literal", value=MODES[variable.name])
    if variable.required and variable.default is not None and not variable.secret:
        return Variable(name=variable.name, kind="literal", value=variable.default)
    if variable.secret and (variable.required or variable.default is not None):
        return Variable(name=variable.name, kind="secret", secret=conventions.secret_name(name), key=variable.name)
    if variable.required and variable.default is None:
        return Variable(name=variable.name, kind="unset")
    return None


def _address(variable: str, item: Component, names: dict[str, str], components: tuple[Component, ...]) -> str | None:
    """The address of another service that the variable's name speaks of (CART_SERVICE_ADDR -> cartservice:7070)."""
    for other in components:
        if other.name not in item.depends_on or other.name not in names or not other.ports:
            continue
        stem = conventions.upper(other.name).replace("_", "").removesuffix("SERVICE").removesuffix("SVC")
        plain = variable.upper().replace("_", "").replace("SERVICE", "").replace("SVC", "")
        for ending, form in (("ADDR", "{host}:{port}"), ("ADDRESS", "{host}:{port}"), ("HOST", "{host}"), ("PORT", "{port}"), ("URL", "http://{host}:{port}"),
                             ("URI", "http://{host}:{port}"), ("ENDPOINT", "http://{host}:{port}")):  # fmt: skip
            if plain == stem + ending:
                return form.format(host=names[other.name], port=conventions.NGINX_PORT if other.role == "static" else other.ports[0])
    return None


def _replicas(item: Component, intent: Intent, settings: Settings, node: str, notes: Notes) -> int:
    if item.role not in ("web", "static"):
        notes.default(f"{node}.replicas", "1: nothing tells that several workers may run side by side")
        return 1
    if settings["replicas"] is not None:
        notes.setting(f"{node}.replicas", "replicas", f"{settings['replicas']} replicas")
        return max(1, int(settings["replicas"]))
    if intent.scale.min_replicas is not None:
        notes.word(f"{node}.replicas", intent, "scale")
        return max(1, intent.scale.min_replicas)
    notes.default(f"{node}.replicas", "2: one replica cannot be replaced or lost without a gap")
    return 2


def _resources(settings: Settings, node: str, notes: Notes) -> Resources:
    names = ("cpu_request", "cpu_limit", "memory_request", "memory_limit")
    for name in names:
        if settings.source(f"resources.{name}"):
            notes.setting(f"{node}.resources", f"resources.{name}", f"{name} {settings[f'resources.{name}']}")
    notes.default(f"{node}.resources", "250m/256Mi requested, 500m/512Mi at most, where nothing else is set: a start to be corrected by measurement")
    return Resources(**{name: str(settings[f"resources.{name}"]) for name in names})


def _is_public(item: Component, port: Port | None, inside: frozenset[str]) -> bool:
    """Reached from outside: speaks HTTP, and nothing else stands in front of it."""
    return port is not None and port.protocol == "http" and item.name not in inside


def _host(name: str, components: tuple[Component, ...], inside: frozenset[str], settings: Settings, node: str, notes: Notes) -> str:
    """The domain itself where one service is public, a name below it where several are."""
    domain = settings["ingress_host"] or "example.com"
    if settings["ingress_host"]:
        notes.setting(f"{node}.host", "ingress_host", f"below {domain}")
    else:
        notes.default(f"{node}.host", "example.com: nobody told the domain")
        notes.open("the Ingress answers for example.com; set ingress_host in opsmith.yaml to your domain")
    several = sum(_is_public(item, _any_port(item), inside) for item in components) > 1
    return f"{name}.{domain}" if several else str(domain)


def _any_port(item: Component) -> Port | None:
    if item.role == "static":
        return Port(number=conventions.NGINX_PORT, name="http", protocol="http")
    return Port(number=item.ports[0], name="http", protocol=item.protocol or "http") if item.role == "web" and item.ports else None
