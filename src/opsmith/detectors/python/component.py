"""From the processes found in one project to components: what they share is worked out once, the rest per process."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from opsmith.detectors.python import django, migrations, quality
from opsmith.detectors.python.app import App
from opsmith.detectors.python.backing import Backings, backings
from opsmith.detectors.python.ceiling import bounded
from opsmith.detectors.python.install import Installation, installation, native_packages
from opsmith.detectors.python.metrics import Found, metrics
from opsmith.detectors.python.packages import Packages, join
from opsmith.detectors.python.reads import Read, variables
from opsmith.detectors.python.routes import health, routes
from opsmith.detectors.python.runtime import runtime
from opsmith.detectors.python.settings_env import reads
from opsmith.detectors.python.source import Source
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, Runtime
from opsmith.repo import Repo

_SERVES_STATIC = ("whitenoise", "servestatic", "dj-static", "blacknoise")
"""Without one of them Django serves the files that it collects only while DEBUG is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Facts that every process of a project has in common."""

    repo: Repo
    source: Source
    packages: Packages
    installation: Installation
    runtime: Runtime
    runtime_evidence: Evidence | None
    django: django.Project | None
    reads: list[Read]
    scoped: bool
    """Several applications share the folder, so each gets only what its own entry file reaches."""


def share(repo: Repo, source: Source, packages: Packages, project: django.Project | None, *, scoped: bool) -> Shared:
    version, shown = bounded(*runtime(repo, source.root), packages)
    return Shared(
        repo=repo,
        source=source,
        packages=packages,
        installation=installation(repo, packages),
        runtime=version,
        runtime_evidence=shown,
        django=project,
        reads=reads(source),
        scoped=scoped,
    )


def component(shared: Shared, app: App, apps: list[App]) -> Component:
    scope = shared.source.reachable(app.entry.path) if shared.scoped and app.entry is not None else None
    read = [item for item in shared.reads if scope is None or item.module.path in scope]
    found = backings(shared.source, shared.packages, scope, read)
    published = _reached(shared, app, scope)
    build_packages, runtime_packages = _debian(shared, app)
    name = _name(shared, app)
    app.note("env", *(item.evidence for item in read))
    app.note("backing_services", *found.evidence)
    if found.alternatives:
        app.choices["backing_services"] = found.alternatives
    _note_files(shared, app, found)
    facts = _shared_facts(shared, app)
    return Component(
        name=name,
        path=shared.source.root,
        role=app.role,
        language="python",
        framework=app.framework,
        package_manager=shared.installation.manager,
        runtime=shared.runtime,
        build_command=_static_build(shared, app),
        start_command=app.start_command,
        ports=app.ports,
        health_path=app.health_path,
        metrics_path=published[0] if published else None,
        migration_command=_migration(shared, app, apps),
        backing_services=found.services,
        env=_with_settings_module(shared, app, _needed(variables(read), found.services, {item.name for item in read if item.computed})),
        protocol=app.protocol,
        port_env=app.port_env,
        install_command=shared.installation.command,
        test_command=facts.get("test_command"),
        lint_command=facts.get("lint_command"),
        context=shared.installation.context,
        manifests=shared.installation.manifests,
        server_packages=app.server_packages,
        build_packages=build_packages,
        runtime_packages=runtime_packages,
        request_metric=published[1] if published else None,
        traits=(*app.traits, *_groups(shared)),
        ambiguities=_ambiguities(name, app),
        evidence={fact: tuple(dict.fromkeys(items)) for fact, items in app.evidence.items() if items},
    )


def _reached(shared: Shared, app: App, scope: frozenset[str] | None) -> Found | None:
    """Health and metrics of a web process; sets the application's health path."""
    if app.role != "web" or app.protocol != "http" or app.framework == "streamlit":
        return None
    answered = routes(shared.source, scope)
    best = health(answered) if app.health_path is None else None
    if best is not None:
        app.health_path = best[0]
        app.note("health_path", best[1])
    published = metrics(shared.source, scope, answered)
    if published is not None:
        app.note("metrics_path", published[2])
    return published


def _debian(shared: Shared, app: App) -> tuple[tuple[str, ...], tuple[str, ...]]:
    geodjango = shared.django is not None and "django.contrib.gis" in django.installed_apps(shared.django)
    build, run, shown = native_packages(shared.packages, geodjango=geodjango)
    app.note("build_packages", *(shown if build else ()))
    app.note("runtime_packages", *(shown if run else ()))
    return build, run


def _shared_facts(shared: Shared, app: App) -> dict[str, str]:
    """Notes the evidence of what all processes of the project share; gives the commands that test and lint it."""
    if shared.installation.evidence:
        app.note("package_manager", shared.installation.evidence)
        app.note("install_command", shared.installation.evidence)
    if shared.runtime_evidence:
        app.note("runtime", shared.runtime_evidence)
    manage = None
    if shared.django is not None:
        manage = join(shared.django.folder, "manage.py")
    answers = {
        "test_command": quality.test_command(shared.repo, shared.packages, shared.installation.runner, manage=manage),
        "lint_command": quality.lint_command(shared.packages, shared.installation.runner),
    }
    for fact, answer in answers.items():
        if answer:
            app.note(fact, answer[1])
    return {fact: answer[0] for fact, answer in answers.items() if answer}


def _name(shared: Shared, app: App) -> str:
    """Of a project's only server: its folder, else the package's own name, else the checkout's; of any other its label."""
    if not app.primary:
        return app.label
    if shared.source.root:
        return shared.source.root.rpartition("/")[2]
    own = shared.packages.name or shared.repo.root.resolve().name
    return re.sub(r"[^a-z0-9_-]+", "-", own.lower()).strip("-_") or app.label


def _groups(shared: Shared) -> tuple[str, ...]:
    """The dependency groups that pip installs an image from, where no requirement file lists what runs."""
    by_group = shared.installation.manager == "pip" and not shared.packages.requirement_files
    return tuple(f"pip-group:{name}" for name in shared.packages.groups.main) if by_group else ()


def _static_build(shared: Shared, app: App) -> str | None:
    found = django.static_build(shared.django) if shared.django and app.framework == "django" else None
    if found is None:
        return None
    served = shared.packages.lists(*_SERVES_STATIC) is not None
    app.traits = (*app.traits, "django-static", *(() if served else ("static-unserved",)))
    app.note("build_command", found[1].evidence(found[2], "STATIC_ROOT says where static files are collected", 0.9))
    return found[0]


def _note_files(shared: Shared, app: App, found: Backings) -> None:
    """What the process writes beside its code: uploads, a database in a file."""
    media = django.media_files(shared.source, shared.django) if shared.django is not None else None
    if media is not None:
        app.traits = (*app.traits, f"media-files:{media[0]}")
        app.note("traits", media[1])
    if found.sqlite:
        app.traits = (*app.traits, "sqlite")
        app.note("traits", *found.sqlite)


def _migration(shared: Shared, app: App, apps: list[App]) -> str | None:
    """The process that owns the schema runs it: the web application, or the first of a project without one."""
    if app is not next((item for item in apps if item.role == "web"), apps[0]):
        return None
    if shared.django is not None:
        found = django.migration(shared.source, shared.django)
        if found:
            app.note("migration_command", found[1].evidence(None, found[2], 0.9))
            return found[0]
    answer = migrations.migration(shared.source, shared.packages, app if app.framework == "flask" else None)
    if answer is None:
        return None
    app.note("migration_command", answer[1])
    return answer[0]


def _needed(variables: tuple[EnvVar, ...], found: tuple[BackingService, ...], computed: set[str]) -> tuple[EnvVar, ...]:
    """A variable that carries the address of a service that is needed is needed too, where the code has no default and works none out."""
    addresses = {name for service in found if not service.optional for name in service.env if _is_address(name)} - computed
    return tuple(replace(item, required=True) if item.default is None and item.name in addresses else item for item in variables)


def _with_settings_module(shared: Shared, app: App, found: tuple[EnvVar, ...]) -> tuple[EnvVar, ...]:
    """Django has to be told of its production settings when manage.py names those of development."""
    production = django.production_settings(shared.django) if shared.django else None
    if production is None or shared.django is None:
        return found
    named = f"names {shared.django.settings_name}; {production} is for production"
    shows = named if production != shared.django.settings_name else f"names no settings; {production} are the ones found"
    app.note("env", shared.django.manage.evidence(None, shows, 0.7))
    told = EnvVar(name="DJANGO_SETTINGS_MODULE", required=True, default=production)
    return tuple(sorted((told, *(item for item in found if item.name != told.name)), key=lambda item: item.name))


def _is_address(name: str) -> bool:
    return re.search(r"(?:URL|URI|DSN|HOST|HOSTNAME|SERVER|ADDRESS|ADDR|USER|USERNAME|PASSWORD)$", name) is not None


def _ambiguities(name: str, app: App) -> tuple[Ambiguity, ...]:
    several = {fact: choices for fact, choices in app.choices.items() if len(choices) > 1}
    return tuple(
        Ambiguity(fact=fact, component=name, choices=several.get(fact, ()), how_to_decide=_how(name, fact, app.undecided.get(fact)))
        for fact in (*several, *app.undecided)
    )


def _how(name: str, fact: str, why: str | None) -> str:
    return f"set components.{name}.{fact} in opsmith.yaml" + (f" ({why})" if why else "")
