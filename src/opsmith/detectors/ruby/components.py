"""Every component that is a Ruby program: the web process of each project, then what runs beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from opsmith.detectors.paths import inside, join, parent, upward
from opsmith.detectors.ruby import assets, backing, metrics, rack, rails, routes, tasks
from opsmith.detectors.ruby.backing import Backing
from opsmith.detectors.ruby.bundle import read_bundle
from opsmith.detectors.ruby.bundled import bundled
from opsmith.detectors.ruby.environment import variables
from opsmith.detectors.ruby.native import native_packages
from opsmith.detectors.ruby.places import is_not_deployed
from opsmith.detectors.ruby.project import Project
from opsmith.detectors.ruby.servers import Server
from opsmith.detectors.ruby.versions import runtime_version
from opsmith.detectors.ruby.workers import Process, processes, procfile
from opsmith.detectors.services import is_secret
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, Role, Runtime
from opsmith.repo import Repo

_WEB_FACTS = ("ports", "health_path", "metrics_path", "request_metric", "migration_command", "framework")


def components(repo: Repo) -> list[Component]:
    return [component for project in _projects(repo) for component in _of_project(project)]


def _projects(repo: Repo) -> Iterator[Project]:
    """Every folder with a Gemfile or config.ru that is no test's or example's."""
    folders = sorted({parent(path) for path in repo.named("Gemfile", "gems.rb", "config.ru")}) or _without_bundle(repo)
    usual = [folder for folder in folders if not is_not_deployed(folder)]
    for folder in usual:
        nested = tuple(other for other in folders if other != folder and inside(other, folder))
        yield Project(repo, folder, read_bundle(repo, folder), nested)


def _without_bundle(repo: Repo) -> list[str]:
    """Folders of single files that require Sinatra or WEBrick, whose image installs the gem by name."""
    found = {parent(path) for path in repo.files if path.endswith(".rb") and not is_not_deployed(parent(path)) and _serves(repo.bytes(path) or b"")}
    return sorted(folder for folder in found if not any(other != folder and inside(folder, other) for other in found))


def _serves(data: bytes) -> bool:
    return b"sinatra" in data or b"WEBrick::HTTPServer" in data or b"TCPServer.new" in data


@dataclass(frozen=True, slots=True, kw_only=True)
class _Web:
    """What is special about one way of writing a web application."""

    framework: str | None
    framework_evidence: tuple[Evidence, ...]
    server: Server
    default_port: int
    default_shows: str
    routes: tuple[routes.Route, ...]
    migration: tuple[str, Evidence] | None
    own: tuple[tuple[EnvVar, Evidence], ...]
    built: assets.Assets
    traits: tuple[str, ...]


def _of_project(project: Project) -> Iterator[Component]:
    """The web process first; a gem, a tool's Gemfile and a documentation site are no deployables."""
    found = backing.backing(project)
    if rails.is_rails(project):
        web: _Web | None = _rails(project, found)
    else:
        web = _rack(project)
    beside = processes(project, rails=rails.is_rails(project))
    shared = _Shared.of(project, found, web)
    if web is not None:
        first = _component(shared, web)
        yield first
        yield from (_beside(shared, first, process) for process in beside)
    else:
        bot = rack.program(project)
        alone = beside or ((Process(name=shared.name, command=bot[0], evidence=bot[1]),) if bot is not None else ())
        yield from (_alone(shared, process, single=len(alone) == 1) for process in alone)


def _rails(project: Project, found: Backing) -> _Web:
    gem = project.gem("rails", "railties", "actionpack")
    return _Web(
        framework="rails",
        framework_evidence=(gem.evidence,) if gem else (),
        server=rails.start(project),
        default_port=rails.PORT,
        default_shows="Rails' default, 3000: no port is stated",
        routes=rails.routes(project),
        migration=rails.migration(project, found),
        own=tuple(rails.variables(project, found)),
        built=assets.assets(project),
        traits=rails.traits(project),
    )


def _rack(project: Project) -> _Web | None:
    application = rack.application(project)
    if application is None or _is_library(project):
        return None
    place = application.server.evidence[0] if application.server.evidence else Evidence(file=project.path("config.ru"), shows="config.ru")
    told = Evidence(file=place.file, line=place.line, shows="Rack runs as development unless told", confidence=0.7)
    return _Web(
        framework=application.framework,
        framework_evidence=application.framework_evidence,
        server=application.server,
        default_port=application.default_port,
        default_shows=application.default_shows,
        routes=rack.routes(project),
        migration=tasks.migration(project),
        own=((EnvVar(name="HANAMI_ENV" if application.framework == "hanami" else "RACK_ENV", required=True, default="production"), told),),
        built=assets.assets(project) if project.bundle is not None else assets.Assets(command=None),
        traits=(),
    )


def _is_library(project: Project) -> bool:
    """A gem that carries a config.ru for its own tests is no application."""
    return project.bundle is not None and project.bundle.has_gemspec and not project.bundle.gem("puma", "unicorn", "thin", "falcon", "rackup")


# -- what all processes of a project share -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    project: Project
    name: str
    backing: Backing
    runtime: Runtime
    env: tuple[EnvVar, ...]
    packages: tuple[tuple[str, ...], tuple[str, ...]]
    manifests: tuple[str, ...]
    context: str | None
    traits: tuple[str, ...]
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict[str, tuple[Evidence, ...]])

    @staticmethod
    def of(project: Project, found: Backing, web: _Web | None) -> _Shared:
        version = runtime_version(project.repo, project.folder, project.bundle)
        own = web.own if web else ()
        in_file = backing.sqlite(found)
        evidence = {
            "language": (Evidence(file=project.bundle.file, shows=project.bundle.file.rpartition("/")[2], confidence=1.0),) if project.bundle else (),
            "runtime": (version[1],) if version else (),
            "backing_services": found.evidence,
            "env": (*(shows for _, shows in own), *(read.evidence for read in project.reads)),
            "traits": in_file,
        }
        return _Shared(
            project=project,
            name=_name(project),
            backing=found,
            runtime=Runtime(name="ruby", version=version[0] if version else None),
            env=_merged(tuple(variable for variable, _ in own), variables(project.reads), found.services),
            packages=native_packages(project),
            manifests=_manifests(project),
            context=_context(project),
            traits=(*(("sqlite",) if in_file else ()), *_bundled(project, version[0] if version else None)),
            evidence=evidence,
        )


def _bundled(project: Project, version: str | None) -> tuple[str, ...]:
    return tuple(bundled(project.repo, project.bundle, version)) if project.bundle is not None else ()


def _name(project: Project) -> str:
    """The folder's name; at the root what Rails' application is called, else the repository's name."""
    folder = project.folder.rpartition("/")[2]
    own = rails.name(project) if not folder and rails.is_rails(project) else None
    name = folder or (own if own not in (None, "app", "application", "rails-app") else None) or project.repo.root.resolve().name
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].rstrip("-") or "app"


def _merged(own: tuple[EnvVar, ...], read: tuple[EnvVar, ...], services: tuple[BackingService, ...]) -> tuple[EnvVar, ...]:
    """What the framework wants goes before what code reads; the address of a service that is needed is needed too."""
    addresses = {name for service in services if not service.optional for name in service.env if re.search(r"(?:URL|URI|HOST|DSN|SERVERS?)$", name)}
    implied = {name for service in services for name in service.env if name == backing.IMPLIED.get(service.kind)}
    unread = (EnvVar(name=name, required=False, secret=is_secret(name)) for name in sorted(implied - {variable.name for variable in read}))
    needed = (replace(item, required=item.required or (item.default is None and item.name in addresses)) for item in (*read, *unread))
    known = {item.name: item for item in needed}
    return tuple(sorted({**known, **{variable.name: variable for variable in own}}.values(), key=lambda variable: variable.name))


def _manifests(project: Project) -> tuple[str, ...]:
    bundle = project.bundle
    if bundle is None:
        return ()
    files = [bundle.file, bundle.lock, project.path(".ruby-version"), project.path(".bundle/config")]
    files += [join(project.folder, name) for name in project.repo.folder(project.folder) if name.endswith(".gemspec")] if bundle.has_gemspec else []
    files += [path for gem in bundle.gems.values() if gem.path for path in project.repo.under(project.path(gem.path), ".gemspec")]
    return tuple(sorted({file for file in files if file is not None and project.repo.has(file)}))


def _context(project: Project) -> str | None:
    """The folder that holds the gems which are taken from the repository, too."""
    paths = [project.path(gem.path) for gem in project.bundle.gems.values() if gem.path and gem.path.startswith("..")] if project.bundle else []
    context = next((folder for folder in upward(project.folder) if all(inside(path, folder) for path in paths)), "")
    return context if context != project.folder else None


# -- components ------------------------------------------------------------------------------------------------------------------------------


def _component(shared: _Shared, web: _Web) -> Component:
    project = shared.project
    started = _started(project, web)
    port = started.port or web.default_port
    health = routes.health(web.routes)
    scrape = routes.metrics(web.routes, project.sources)
    metric = metrics.request_metric(project) if scrape else None
    lock = project.bundle is not None
    default = Evidence(file=(started.evidence or web.framework_evidence)[0].file, shows=web.default_shows, confidence=0.6)
    evidence = {
        **shared.evidence,
        "framework": web.framework_evidence,
        "start_command": started.evidence,
        "ports": (*started.port_evidence, *(() if started.port and started.port_evidence else (default,))),
        "health_path": (health.evidence,) if health else (),
        "metrics_path": (scrape.evidence,) if scrape else (),
        "request_metric": (metric[1],) if metric else (),
        "migration_command": (web.migration[1],) if web.migration else (),
        "build_command": web.built.evidence,
    }
    return Component(
        name=shared.name,
        path=project.folder,
        role="web",
        language="ruby",
        framework=web.framework,
        package_manager="bundler" if lock else None,
        runtime=shared.runtime,
        install_command="bundle install" if lock else None,
        build_command=web.built.command,
        start_command=started.command,
        ports=(port,),
        protocol="http",
        port_env=started.port_env,
        health_path=health.path if health else None,
        metrics_path=scrape.path if scrape else None,
        request_metric=metric[0] if metric else None,
        migration_command=web.migration[0] if web.migration else None,
        backing_services=shared.backing.services,
        env=shared.env,
        test_command=tasks.test_command(project),
        lint_command=tasks.lint_command(project),
        context=shared.context,
        manifests=(*shared.manifests, *(file for file in web.built.manifests if file not in shared.manifests)),
        build_packages=shared.packages[0],
        runtime_packages=shared.packages[1],
        traits=(*web.traits, *web.built.traits, *shared.traits),
        evidence={fact: tuple(dict.fromkeys(items)) for fact, items in evidence.items() if items},
        ambiguities=tuple(_ambiguities(shared, web.migration)),
    )


def _started(project: Project, web: _Web) -> Server:
    """The web line of a Procfile goes before what the gems suggest."""
    told = next((process for process in procfile(project) if process.name == "web"), None)
    if told is None:
        return web.server
    match = re.search(r"(?:-p|--port)[ =]?\$\{?(?:PORT:-)?(\d{2,5})|(?:-p|--port)[ =]?(\d{2,5})", told.command)
    number = int(match[1] or match[2]) if match else None
    port_env = "PORT" if re.search(r"\$\{?PORT", told.command) else web.server.port_env
    shows = (told.evidence,) if number else web.server.port_evidence
    return Server(command=told.command, evidence=(told.evidence,), port=number or web.server.port, port_env=port_env, port_evidence=shows)


def _ambiguities(shared: _Shared, migration: tuple[str, Evidence] | None = None) -> Iterator[Ambiguity]:
    if migration is not None and migration[1].confidence < 0.6:
        how = f"set components.{shared.name}.migration_command in opsmith.yaml (a task that may not be meant to run before every release)"
        yield Ambiguity(fact="migration_command", component=shared.name, choices=(migration[0],), how_to_decide=how)
    if shared.backing.choices:
        how = f"set components.{shared.name}.backing_services in opsmith.yaml"
        yield Ambiguity(fact="backing_services", component=shared.name, choices=shared.backing.choices, how_to_decide=how)


def _beside(shared: _Shared, web: Component, process: Process) -> Component:
    """A further process: the web component without what makes it reachable."""
    evidence = {fact: shows for fact, shows in web.evidence.items() if fact not in _WEB_FACTS}
    return replace(
        web, name=f"{shared.name}-{process.name}", role=process.role, start_command=process.command, ports=(), port_env=None, protocol=None,
        health_path=None, metrics_path=None, request_metric=None, migration_command=None, env=_with(web.env, process.env), ambiguities=(),
        traits=_traits(web.traits, process), evidence={**evidence, "start_command": (process.evidence,)},
    )  # fmt: skip


def _with(env: tuple[EnvVar, ...], more: tuple[EnvVar, ...]) -> tuple[EnvVar, ...]:
    return (
        tuple(sorted({**{item.name: item for item in env}, **{item.name: item for item in more}}.values(), key=lambda item: item.name))
        if more
        else env
    )


def _traits(traits: tuple[str, ...], process: Process) -> tuple[str, ...]:
    return (*traits, *(("singleton",) if process.singleton else ()), *process.traits)


def _alone(shared: _Shared, process: Process, *, single: bool) -> Component:
    """A project of workers only."""
    role: Role = process.role
    return Component(
        name=shared.name if single else f"{shared.name}-{process.name}",
        path=shared.project.folder,
        role=role,
        language="ruby",
        package_manager="bundler",
        runtime=shared.runtime,
        install_command="bundle install",
        start_command=process.command,
        migration_command=(found[0] if (found := tasks.migration(shared.project)) else None) if single else None,
        backing_services=shared.backing.services,
        env=_with(shared.env, process.env),
        test_command=tasks.test_command(shared.project),
        lint_command=tasks.lint_command(shared.project),
        context=shared.context,
        manifests=shared.manifests,
        build_packages=shared.packages[0],
        runtime_packages=shared.packages[1],
        traits=_traits(shared.traits, process),
        evidence={fact: shows for fact, shows in {**shared.evidence, "start_command": (process.evidence,)}.items() if shows},
        ambiguities=tuple(_ambiguities(shared)),
    )
