"""Components become services: what runs, how it is reached, configured, sized and asked for its health."""

from __future__ import annotations

from opsmith import conventions
from opsmith.model.blueprint import Build, Port, Probe, Route, Service
from opsmith.model.intent import Intent
from opsmith.model.survey import Component
from opsmith.settings import Settings
from opsmith.stages.draft import commands, folders, footprint, packed
from opsmith.stages.draft.backing import Backings
from opsmith.stages.draft.notes import Notes
from opsmith.stages.draft.routes import routes
from opsmith.stages.draft.scaling import scaling
from opsmith.stages.draft.variables import Surroundings, variables


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
    """The components that somebody else stands in front of: another server that calls them, or a site whose web server asks them.

    A worker stands in front of nobody, even where it links to the pages of the server.
    """
    called = {name for item in components if item.role == "web" for name in item.depends_on if name != item.name}
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
    migrates = migrates and _can_migrate(item, build, notes)
    if migrates:
        notes.fact(f"{node}.migration", item, "migration_command")
    needs = behind.of.get(item.name, ())
    probe = _probe(item, port, node, notes)
    command = None if item.role == "static" else item.start_command
    public = _is_public(item, port, inside)
    replicas = _replicas(item, intent, settings, node, notes)
    host = _host(name, components, inside, settings, node, notes) if public else None
    _note_files(item, notes)
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
        variables=variables(Surroundings(item=item, name=name, port=port, host=host, behind=behind, names=names, components=components), node, notes),
        needs=tuple(backing.name for backing in needs),
        calls=tuple(dict.fromkeys(called)),
        migration=item.migration_command if migrates else None,
        migration_argv=commands.argv(item.migration_command, build) if migrates else (),
        health_argv=commands.health(probe, build),
        replicas=replicas,
        scaling=scaling(item, replicas, intent, settings, node, notes),
        resources=footprint.resources(build.language, settings, node, notes),
        user=build.user,
        writable=(*footprint.writable(build), *folders.written(build)),
        public=public,
        routes=handed_on,
        singleton="singleton" in item.traits,
        host=host,
        schedule=_schedule(item, node, notes) if item.role == "cron" else None,
        startup_seconds=footprint.startup_seconds(build.language),
    )


def _can_migrate(item: Component, build: Build, notes: Notes) -> bool:
    command = item.migration_command or ""
    if packed.is_runnable(command, build):
        return True
    notes.open(
        f"nothing migrates the database of {item.name} before a release: its image holds no build tools, and `{command}` needs them; "
        "migrate when the process starts, or run that command where the tools are"
    )
    return False


def _schedule(item: Component, node: str, notes: Notes) -> str:
    stated = next((trait.partition(":")[2] for trait in item.traits if trait.startswith("schedule:")), None)
    notes.default(f"{node}.schedule", f"{stated}: as its scheduler wants to be called" if stated else "every hour: nothing tells how often")
    return stated or "0 * * * *"


def _note_files(item: Component, notes: Notes) -> None:
    """Files that the process writes where nothing can be written, or where they are lost with the pod."""
    if "sqlite" in item.traits:
        notes.open(f"{item.name} keeps its data in an SQLite file: with a read-only root file system and several replicas it needs a real database")
    if "embedded-database" in item.traits:
        notes.open(
            f"{item.name} keeps its data in a database inside its own process unless a profile names another: every replica has its own, "
            f"and it is empty after each start; choose a server under components.{item.name}.backing_services"
        )
    if "static-unserved" in item.traits:
        notes.open(
            f"nothing serves the static files that {item.name} collects: Django does so only with DEBUG; "
            "add whitenoise, or put them into a storage (STORAGES) that browsers reach"
        )
    for trait in item.traits:
        kind, _, path = trait.partition(":")
        if kind == "install-leaves":
            notes.open(
                f"the {path} script of {item.name} reaches out of {item.path}, which is all that its image is built from: "
                "the image does not build before the script is changed"
            )
        if kind == "media-files":
            notes.open(f"{item.name} writes uploads to {path}, where nothing can be written; configure object storage")


def _port(item: Component, node: str, notes: Notes) -> Port | None:
    if item.role == "static":
        notes.default(f"{node}.port", f"{conventions.NGINX_PORT}: nginx without root cannot take a port below 1024")
        return Port(number=conventions.NGINX_PORT, name="http", protocol="http")
    if item.role != "web":
        return None
    if not item.ports:
        notes.open(
            f"{item.name} serves, but nothing tells on which port, so nothing reaches, probes or watches it; "
            f"set components.{item.name}.ports in opsmith.yaml"
        )
        return None
    notes.fact(f"{node}.port", item, "ports")
    number = item.ports[0]
    if number < 1024 and "image-port" in item.traits:
        notes.default(f"{node}.port", f"{conventions.ASPNET_PORT}: what Microsoft's images set since .NET 8, which take no root for it")
        number = conventions.ASPNET_PORT
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
        # Django answers only to the names in ALLOWED_HOSTS, and a probe comes with the pod's address.
        host = "localhost" if item.framework == "django" else None
        return Probe(kind="http", port=port.number, path=item.health_path, host=host)
    notes.default(f"{node}.probe", "a connection to the port: no health path was found")
    notes.open_for(item.name, "no health path (set components.NAME.health_path), so probes only see whether the port accepts connections: {names}")
    return Probe(kind="tcp", port=port.number)


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
    notes.open("nothing issues the certificates of the Ingress: see k8s/README.md for the secrets or the annotation it needs")
    several = sum(_is_public(item, _any_port(item), inside) for item in components) > 1
    return f"{name}.{domain}" if several else str(domain)


def _any_port(item: Component) -> Port | None:
    if item.role == "static":
        return Port(number=conventions.NGINX_PORT, name="http", protocol="http")
    return Port(number=item.ports[0], name="http", protocol=item.protocol or "http") if item.role == "web" and item.ports else None
