"""Every component that is a PHP application: what answers HTTP in each project, then what runs beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from opsmith.detectors.asset_build import AssetBuild, asset_build
from opsmith.detectors.paths import inside, join, parent, upward
from opsmith.detectors.php import extensions, frameworks, laravel, quality, routes, symfony
from opsmith.detectors.php.backing import Backing, backing
from opsmith.detectors.php.composer import Composer, read_composer
from opsmith.detectors.php.environment import Read, secret, variables
from opsmith.detectors.php.places import is_not_deployed
from opsmith.detectors.php.processes import Process
from opsmith.detectors.php.project import Project
from opsmith.detectors.php.servers import Server, server
from opsmith.detectors.php.versions import runtime_version
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, Protocol, Runtime
from opsmith.repo import Repo
from opsmith.shapes import items, table

_WEB_FACTS = ("ports", "health_path", "metrics_path", "migration_command")
_EMPTY = re.compile(rb"(?://[^\n]*|#[^\n]*|/\*.*?\*/|<\?php|\?>|\s)+", re.DOTALL)
_DOCUMENT_ROOTS = frozenset(("public", "web", "webroot", "public_html", "htdocs", "html", "www", "httpdocs", "pub"))


def components(repo: Repo) -> list[Component]:
    return [component for project in _projects(repo) for component in _of_project(project)]


def _projects(repo: Repo) -> Iterator[Project]:
    """Every folder with an application: composer.json beside a front controller, else a front controller of its own."""
    with_composer = [folder for path in repo.named("composer.json") if not is_not_deployed(folder := parent(path))]
    found = [folder for folder in with_composer if _is_application(repo, folder)]
    for path in repo.named("index.php", "artisan"):
        folder = parent(path)
        folder = parent(folder) if folder.rpartition("/")[2] in _DOCUMENT_ROOTS and not repo.has(join(folder, "composer.json")) else folder
        if not is_not_deployed(folder) and not any(inside(folder, other) for other in (*found, *with_composer)) and _says_something(repo, path):
            found.append(folder)
    for folder in sorted(set(found)):
        nested = tuple(other for other in found if other != folder and inside(other, folder))
        yield Project(repo, folder, read_composer(repo, folder), nested)


def _is_application(repo: Repo, folder: str) -> bool:
    """Something a web server or a console starts; what is declared as a plugin or has nothing to start is a library."""
    composer = read_composer(repo, folder)
    if composer is None or composer.is_library:
        return False
    project = Project(repo, folder, composer, ())
    starts = project.first("artisan", "bin/console", "app/console", ".rr.yaml", "bin/hyperf.php", "start.php", "Procfile", "server.php")
    return project.document_root is not None or (starts is not None and composer.kind != "library")


def _says_something(repo: Repo, path: str) -> bool:
    """An index.php that is only there to hide a folder is none."""
    return bool(_EMPTY.sub(b"", (repo.bytes(path) or b"")[:4000]))


def _of_project(project: Project) -> Iterator[Component]:
    named, evidence = frameworks.framework(project)
    shared = _Shared.of(project, named, evidence)
    web = _web(shared)
    yield web
    for process in (
        *(laravel.processes(project) if named in ("laravel", "lumen") else ()),
        *(symfony.processes(project) if named == "symfony" else ()),
    ):
        yield _beside(shared, web, process)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """Facts that every process of a project has in common."""

    project: Project
    name: str
    framework: str | None
    framework_evidence: tuple[Evidence, ...]
    backing: Backing
    env: tuple[EnvVar, ...]
    env_evidence: tuple[Evidence, ...]
    extensions: tuple[str, ...]

    @staticmethod
    def of(project: Project, framework: str | None, evidence: tuple[Evidence, ...]) -> _Shared:
        found = backing(project, framework)
        own = tuple(_own(project, framework))
        read = (*project.reads, *(symfony.reads(project) if framework == "symfony" else ()))
        return _Shared(
            project=project,
            name=_name(project),
            framework=framework,
            framework_evidence=evidence,
            backing=found,
            env=_merged(project, own, read, found.services),
            env_evidence=(*(shows for _, shows in own), *(item.evidence for item in read)),
            extensions=extensions.extensions(project, [service.kind for service in found.services], framework),
        )


def _own(project: Project, framework: str | None) -> Iterator[tuple[EnvVar, Evidence]]:
    if framework in ("laravel", "lumen"):
        yield from laravel.variables(project)
    elif framework == "symfony":
        yield from symfony.variables(project)


def _name(project: Project) -> str:
    """The folder's name; at the root what composer.json calls it, else the repository's name."""
    folder = project.folder.rpartition("/")[2]
    own = project.composer.name.rpartition("/")[2] if project.composer is not None and not project.folder else ""
    generic = ("laravel", "skeleton", "app", "project", "website-skeleton", "symfony", "slim-skeleton")
    name = folder or (own if own not in generic else "") or project.repo.root.resolve().name
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].rstrip("-") or "app"


def _merged(
    project: Project, own: tuple[tuple[EnvVar, Evidence], ...], read: tuple[Read, ...], services: tuple[BackingService, ...]
) -> tuple[EnvVar, ...]:
    """What the framework wants, what code and settings read, and the address of a service that is needed, which is needed too."""
    addresses = {name for service in services for name in service.env if re.search(r"(?:URL|URI|HOST|DSN|SERVERS?)$", name)}
    found = {item.name: item for item in variables(read)}
    for name in sorted({name for service in services for name in service.env} - set(found)):
        setting = project.settings.get(name)
        default = setting.value or None if setting is not None else None
        found[name] = EnvVar(name=name, required=False, secret=secret(name, default), default=default)
    told = any(found[name].default is not None for name in addresses)  # one of several ways to say it has a default: the others may stay unsaid
    needed = {
        name: replace(item, required=item.required or (item.default is None and name in addresses and not told)) for name, item in found.items()
    }
    return tuple(sorted({**needed, **{item.name: item for item, _ in own}}.values(), key=lambda item: item.name))


# -- components --------------------------------------------------------------------------------------------------------------------------------


def _web(shared: _Shared) -> Component:
    project, composer = shared.project, shared.project.composer
    started = server(project, shared.framework)
    health = _health(shared)
    scrape = routes.metrics(project)
    migration = frameworks.migration(project, shared.framework)
    version = runtime_version(project.repo, project.folder, composer)
    assets = asset_build(project.repo, project.folder)
    build, run = extensions.packages(project, shared.extensions)
    protocol: Protocol = "tcp" if started.protocol == "tcp" else "http"
    evidence = {
        "language": (Evidence(file=_place(project), shows=_place(project).rpartition("/")[2], confidence=0.95),),
        "framework": shared.framework_evidence,
        "runtime": (version[1],) if version else (),
        "start_command": started.evidence,
        "ports": (started.port_evidence,),
        "health_path": (health[1],) if health else (),
        "metrics_path": (scrape.evidence,) if scrape else (),
        "migration_command": (migration[1],) if migration else (),
        "backing_services": shared.backing.evidence,
        "env": shared.env_evidence,
        "build_command": (assets.evidence,) if assets and assets.build else (),
        "traits": shared.backing.sqlite,
    }
    return Component(
        name=shared.name,
        path=project.folder,
        role="web",
        language="php",
        framework=shared.framework,
        package_manager="composer" if composer is not None else None,
        runtime=Runtime(name="php", version=version[0] if version else None),
        install_command="composer install --no-interaction --prefer-dist" if composer is not None and composer.requires else None,
        build_command=_build_command(project, shared.framework, assets),
        start_command=started.command,
        ports=(started.port,),
        protocol=protocol,
        port_env=started.port_env,
        health_path=health[0] if health else None,
        metrics_path=scrape.path if scrape else None,
        migration_command=migration[0] if migration else None,
        backing_services=shared.backing.services,
        env=shared.env,
        test_command=quality.test_command(project),
        lint_command=quality.lint_command(project),
        context=_context(project),
        manifests=_manifests(composer, assets),
        build_packages=build,
        runtime_packages=run,
        traits=_traits(shared, started, assets),
        evidence={fact: tuple(dict.fromkeys(shows)) for fact, shows in evidence.items() if shows},
        ambiguities=tuple(_ambiguities(shared, started)),
    )


def _place(project: Project) -> str:
    if project.composer is not None:
        return project.composer.file
    return project.path(join(project.document_root or "", "index.php"))


def _health(shared: _Shared) -> tuple[str, Evidence] | None:
    declared = laravel.declared_health(shared.project) if shared.framework == "laravel" else None
    found = routes.health(shared.project, routes.routes(shared.project)) if declared is None else None
    return declared or ((found.path, found.evidence) if found is not None else None)


def _build_command(project: Project, framework: str | None, assets: AssetBuild | None) -> str | None:
    steps = [assets.command] if assets is not None and assets.command else []
    steps += symfony.asset_commands(project) if framework == "symfony" else []
    return " && ".join(steps) or None


def _traits(shared: _Shared, started: Server, assets: AssetBuild | None) -> tuple[str, ...]:
    found = [shared.framework] if shared.framework in ("laravel", "symfony", "wordpress") else []
    found += [*started.traits, *(f"php-ext:{name}" for name in shared.extensions)]
    found += assets.traits if assets is not None and assets.build else ()
    return (*found, *(("sqlite",) if shared.backing.sqlite else ()))


def _manifests(composer: Composer | None, assets: AssetBuild | None) -> tuple[str, ...]:
    own = [composer.file, *([composer.lock] if composer.lock else [])] if composer is not None else []
    return (*own, *(assets.manifests if assets is not None and assets.build else ()))


def _context(project: Project) -> str | None:
    """The folder that holds packages which composer takes from a path of the repository, too."""
    told = project.composer.document.get("repositories") if project.composer is not None else None
    entries = [table(item) for item in (*items(told), *table(told).values())]
    paths = [str(item.get("url", "")) for item in entries if item.get("type") == "path"]
    outside = [project.path(path.partition("*")[0]) for path in paths if path.startswith("..")]
    context = next((folder for folder in upward(project.folder) if all(inside(path, folder) for path in outside)), "")
    return context if context != project.folder else None


def _ambiguities(shared: _Shared, started: Server) -> Iterator[Ambiguity]:
    where = f"components.{shared.name}"
    if started.choices:
        how = f"set {where}.start_command and {where}.ports in opsmith.yaml"
        yield Ambiguity(fact="start_command", component=shared.name, choices=started.choices, how_to_decide=how)
    if shared.backing.choices:
        how = f"set {where}.backing_services in opsmith.yaml"
        yield Ambiguity(fact="backing_services", component=shared.name, choices=shared.backing.choices, how_to_decide=how)


def _beside(shared: _Shared, web: Component, process: Process) -> Component:
    """A further process: the web component without what makes it reachable."""
    evidence = {fact: shows for fact, shows in web.evidence.items() if fact not in _WEB_FACTS}
    listens = {"ports": (replace(process.evidence, shows=f"its default, {process.port}: no port is stated", confidence=0.6),)} if process.port else {}
    kept = tuple(
        trait for trait in web.traits if not trait.startswith(("octane:", "document-root:")) and trait not in ("apache", "php-fpm", "frankenphp")
    )
    return replace(
        web, name=f"{shared.name}-{process.name}", role=process.role, start_command=process.command, ports=(process.port,) if process.port else (),
        port_env=process.port_env, protocol="http" if process.port else None, health_path=None, metrics_path=None, request_metric=None,
        migration_command=None, ambiguities=(), traits=(*kept, *(("singleton",) if process.singleton else ()), *process.traits),
        evidence={**evidence, **listens, "start_command": (process.evidence,)},
    )  # fmt: skip
