"""Symfony: `.env` with its addresses, Messenger's transports, Doctrine's migrations, the scheduler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from opsmith.detectors.php.clients import KIND_BY_DRIVER
from opsmith.detectors.php.environment import Read
from opsmith.detectors.php.processes import Process
from opsmith.detectors.php.project import Project
from opsmith.detectors.services import kind_of_url
from opsmith.model.survey import EnvVar, Evidence
from opsmith.repo import Repo
from opsmith.shapes import mapping, table

_ENV = re.compile(r"%env\((?:[A-Za-z_]\w*:){0,8}([A-Z_][A-Z0-9_]*)\)%")
_PARAMETER = re.compile(r"""^\s+['"]?env\(([A-Z_][A-Z0-9_]*)\)['"]?\s*:\s*(\S.*)$""")
_VERSION = re.compile(r"[?&]serverVersion=([\w.-]{1,40})")
_DSN = re.compile(r"^([a-z+]+)://")
_ADDRESSES = ("DATABASE_URL", "MESSENGER_TRANSPORT_DSN", "REDIS_URL", "REDIS_DSN", "CACHE_DSN", "LOCK_DSN", "MONGODB_URL", "ELASTICSEARCH_URL",
"ELASTICSEARCH_HOST",
              "MEILISEARCH_URL", "RABBITMQ_URL", "RABBITMQ_DSN", "AMQP_URL", "SESSION_DSN", "MEMCACHED_URL")  # fmt: skip
_PARAMETERS = ("app/config/parameters.yml.dist", "config/parameters.yml.dist", "app/config/parameters.yml", "config/parameters.yml")
_SETTINGS = (".yaml", ".yml", ".php", ".xml")
_NOT_PRODUCTION = ("/dev/", "/test/", "_dev.", "_test.", "/packages/dev", "/packages/test")


def is_symfony(project: Project) -> bool:
    return project.requires("symfony/framework-bundle", "symfony/symfony", "symfony/http-kernel") is not None and (
        project.first("bin/console", "app/console", "config/bundles.php", "app/AppKernel.php", "src/Kernel.php") is not None
    )


def console(project: Project) -> str:
    return f"php {project.first('bin/console', 'app/console') or 'bin/console'}"


def reads(project: Project) -> tuple[Read, ...]:
    """Variables that settings for production name as `%env(X)%`; what the committed `.env` or a parameter `env(X)` says is their default."""
    found: dict[str, Read] = {}
    defaults: dict[str, str] = {}
    for path in (*project.repo.under(project.path("config"), *_SETTINGS), *project.repo.under(project.path("app/config"), *_SETTINGS)):
        if any(word in path for word in _NOT_PRODUCTION) or b"env(" not in (project.repo.bytes(path) or b""):
            continue
        for number, row in _production_rows(project.repo, path):
            if (match := _PARAMETER.match(row)) is not None:
                defaults[match[1]] = match[2].strip().strip("'\"")
            for name in _ENV.findall(row) if "%env(" in row else ():
                committed = project.settings.get(name)
                default = committed.value if committed is not None else None
                shows = Evidence(file=path, line=number, shows=f"%env({name})%", confidence=0.9)
                found.setdefault(name, Read(name, default is None, default, shows))
    return tuple(replace(read, required=False, default=defaults[read.name]) if read.name in defaults else read for read in found.values())


def _production_rows(repo: Repo, path: str) -> Iterator[tuple[int, str]]:
    """Without remarks and without what stands below `when@dev` and `when@test`."""
    other = False
    for number, row in enumerate((repo.read(path) or "").splitlines(), start=1):
        if row[:1] not in ("", " ", "#"):
            other = row.startswith(("when@dev", "when@test"))
        if not other and not row.lstrip().startswith(("#", "//", "*", "/*", "<!--")):
            yield number, row


def services(project: Project) -> Iterator[tuple[str, Evidence, str | None]]:
    """By the scheme of each address in the files of variables; the parameters of older applications name a driver."""
    for name in _ADDRESSES:
        setting = project.settings.get(name)
        kind = kind_of_url(setting.value) or KIND_BY_DRIVER.get(_scheme(setting.value)) if setting is not None else None
        if setting is not None and kind is not None and (name != "DATABASE_URL" or _has_doctrine(project)):
            version = _VERSION.search(setting.value)
            yield kind, setting.evidence, version[1] if version and kind in ("postgres", "mysql") else None
    yield from _parameters(project)


def _scheme(value: str) -> str:
    match = _DSN.match(value)
    return match[1].replace("-", "_") if match else value.partition(":")[0]


def _has_doctrine(project: Project) -> bool:
    return (
        project.requires("doctrine/doctrine-bundle", "doctrine/orm", "doctrine/dbal", "symfony/orm-pack", "symfony/symfony", "api-platform/core")
        is not None
    )


def _parameters(project: Project) -> Iterator[tuple[str, Evidence, str | None]]:
    file = project.first(*_PARAMETERS)
    document = _yaml(project.repo, project.path(file)) if file else {}
    driver = table(document.get("parameters")).get("database_driver")
    kind = KIND_BY_DRIVER.get(driver.lower()) if isinstance(driver, str) else None
    if kind is not None and file:
        path = project.path(file)
        yield kind, Evidence(file=path, line=project.repo.line_of(path, "database_driver"), shows=f"database_driver: {driver}", confidence=0.8), None


def _yaml(repo: Repo, path: str) -> dict[Any, Any]:
    documents = repo.yaml(path) if repo.has(path) else None
    return mapping(documents[0] if documents else None)


def variables(project: Project) -> Iterator[tuple[EnvVar, Evidence]]:
    place = Evidence(
        file=project.path(project.first("bin/console", "app/console", "config/bundles.php", "composer.json") or "composer.json"), shows="bin/console"
    )
    yield (
        EnvVar(name="APP_ENV", required=True, default="prod"),
        Evidence(file=place.file, shows="Symfony runs as dev unless told", confidence=0.9),
    )
    secret = project.settings.get("APP_SECRET")
    if secret is not None:
        yield (
            EnvVar(name="APP_SECRET", required=True, secret=True),
            Evidence(file=secret.evidence.file, line=secret.evidence.line, shows="APP_SECRET"),
        )


def migration(project: Project) -> tuple[str, Evidence] | None:
    bundle = project.requires("doctrine/doctrine-migrations-bundle")
    found = [
        path for folder in ("migrations", "src/Migrations", "app/DoctrineMigrations") for path in project.repo.under(project.path(folder), ".php")
    ]
    if project.composer is None or not (bundle or (found and project.requires("symfony/orm-pack"))):
        return None
    shows = (
        Evidence(file=found[0], shows="migrations of Doctrine", confidence=0.95) if found else project.composer.evidence(bundle or "symfony/orm-pack")
    )
    return f"{console(project)} doctrine:migrations:migrate --no-interaction", shows


def asset_commands(project: Project) -> list[str]:
    if project.requires("symfony/asset-mapper") is None:
        return []
    return [*([f"{console(project)} importmap:install"] if project.has("importmap.php") else []), f"{console(project)} asset-map:compile"]


# -- processes -----------------------------------------------------------------------------------------------------------------------------


def processes(project: Project) -> Iterator[Process]:
    """One worker for the transports that are worked off in the background, one for the scheduler."""
    names, evidence = _transports(project)
    if names and evidence is not None:
        yield Process(name="messenger", command=f"{console(project)} messenger:consume {' '.join(names)} --time-limit=3600", evidence=evidence)
    yield from _scheduled(project)


def _transports(project: Project) -> tuple[list[str], Evidence | None]:
    file = project.first("config/packages/messenger.yaml", "config/packages/messenger.yml")
    if file is None or project.requires("symfony/messenger", "symfony/symfony") is None:
        return [], None
    path = project.path(file)
    told = table(table(_yaml(project.repo, path).get("framework")).get("messenger"))
    failed = told.get("failure_transport")
    names: list[str] = []
    for name, options in table(told.get("transports")).items():
        written = options if isinstance(options, str) else table(options).get("dsn")
        address = _resolved(project, written) if isinstance(written, str) else ""
        if name != failed and not address.startswith(("sync:", "in-memory:")) and re.fullmatch(r"[\w.-]{1,60}", name):
            names.append(name)
    return names, Evidence(file=path, line=project.repo.line_of(path, "transports:"), shows=f"transports {', '.join(names)}", confidence=0.9)


def _resolved(project: Project, written: str) -> str:
    match = _ENV.search(written)
    setting = project.settings.get(match[1]) if match else None
    return setting.value if setting is not None else written


def _scheduled(project: Project) -> Iterator[Process]:
    if project.requires("symfony/scheduler") is None:
        return
    for source in project.marked(b"#[AsSchedule", b"#[AsCronTask", b"#[AsPeriodicTask"):
        match = re.search(rb"#\[AsSchedule(?:\(\s*(?:name:\s*)?['\"]([\w.-]{1,60})['\"])?", source.data)
        name = match[1].decode() if match and match[1] else "default"
        shows = Evidence(file=source.path, line=source.line_of(b"#[As"), shows="a schedule of the application", confidence=0.9)
        command = f"{console(project)} messenger:consume scheduler_{name} --time-limit=3600"
        yield Process(name="scheduler", command=command, evidence=shows, singleton=True)
        return
