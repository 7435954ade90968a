"""Laravel and Lumen: settings with their defaults, queue workers, the scheduler, Octane, Reverb, migrations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.php.clients import KIND_BY_DRIVER, KIND_BY_STORE
from opsmith.detectors.php.environment import default
from opsmith.detectors.php.processes import Process
from opsmith.detectors.php.project import Project
from opsmith.detectors.php.syntax import Source, ancestors, arguments, entry, line, literal, name_of, named_arguments, owner, shown
from opsmith.model.survey import EnvVar, Evidence

_STORES = (
    "QUEUE_CONNECTION",
    "QUEUE_DRIVER",
    "CACHE_STORE",
    "CACHE_DRIVER",
    "SESSION_DRIVER",
    "BROADCAST_CONNECTION",
    "BROADCAST_DRIVER",
    "SCOUT_DRIVER",
)
_KERNELS = ("app/Console/Kernel.php", "routes/console.php", "bootstrap/app.php")
_DEFAULTS = {"DB_CONNECTION": "sqlite", "QUEUE_CONNECTION": "database", "CACHE_STORE": "database", "SESSION_DRIVER": "database"}
"""Of Laravel 11 and later, whose settings files may be left out."""


def is_laravel(project: Project) -> str | None:
    if project.requires("laravel/framework") and project.has("artisan"):
        return "laravel"
    return "lumen" if project.requires("laravel/lumen-framework") else None


Told = tuple[str, Evidence]


def value(project: Project, name: str, file: str = "") -> Told | None:
    """A setting: as a file of variables says, else what the code falls back to, else what the framework does."""
    setting = project.settings.get(name)
    if setting is not None and setting.value and setting.value != "null":
        return setting.value, setting.evidence
    for read in project.reads:
        if read.name == name and read.default:
            return read.default, read.evidence
    composer = project.composer
    own = _DEFAULTS.get(name)
    if own is not None and composer is not None and (composer.major("laravel/framework") or 0) >= 11 and not (file and project.has(file)):
        shows = f"{name} is {own} where nothing says otherwise: the framework's default"
        return own, Evidence(file=composer.file, line=composer.evidence("laravel/framework").line, shows=shows, confidence=0.6)
    return None


def services(project: Project) -> Iterator[tuple[str, Evidence, str | None]]:
    """The database of the default connection, then whatever queues, caches, sessions and searches are kept in."""
    connection = value(project, "DB_CONNECTION", "config/database.php")
    kind = KIND_BY_DRIVER.get(connection[0].lower()) if connection else None
    if connection is not None and kind is not None and (kind != "sqlite" or project.repo.under(project.path("database"))):
        yield kind, connection[1], None
    for name in _STORES:
        told = value(project, name)
        store = KIND_BY_STORE.get(told[0].lower()) if told else None
        if told is not None and store is not None:
            yield store, told[1], None
    for source in project.marked(b"Facades\\Redis"):
        if "/config/" not in f"/{source.path}":
            yield "redis", Evidence(file=source.path, line=source.line_of(b"Facades\\Redis"), shows="use of the facade Redis", confidence=0.85), None
            return


def variables(project: Project) -> Iterator[tuple[EnvVar, Evidence]]:
    """The key without which nothing is encrypted; the rest stands in the settings."""
    place = project.settings["APP_KEY"].evidence if "APP_KEY" in project.settings else None
    place = place or next((read.evidence for read in project.reads if read.name == "APP_KEY"), None)
    shows = place or Evidence(file=project.path("artisan"), shows="Laravel wants APP_KEY", confidence=0.9)
    yield EnvVar(name="APP_KEY", required=True, secret=True), shows


def migration(project: Project) -> Told | None:
    found = project.repo.under(project.path("database/migrations"), ".php")
    shows = Evidence(file=found[0], shows="migrations in database/migrations", confidence=0.95) if found else None
    return ("php artisan migrate --force", shows) if shows and project.has("artisan") else None


# -- health --------------------------------------------------------------------------------------------------------------------------------


def declared_health(project: Project) -> tuple[str, Evidence] | None:
    """`->withRouting(health: '/up')` of bootstrap/app.php."""
    source = project.source("bootstrap/app.php")
    for call in source.calls("withRouting") if source is not None else ():
        node = named_arguments(call).get("health")
        path = literal(node)
        if source is not None and node is not None and path:
            return "/" + path.strip("/"), Evidence(file=source.path, line=line(node), shows=f"health: {path}", confidence=0.95)
    return None


# -- processes -----------------------------------------------------------------------------------------------------------------------------


def processes(project: Project) -> Iterator[Process]:
    if not project.has("artisan"):
        return
    yield from _queue(project)
    yield from _scheduler(project)
    composer = project.composer
    if composer is not None and "laravel/reverb" in composer.requires:
        command = "php artisan reverb:start --host=0.0.0.0 --port=8080"
        yield Process(
            name="reverb", command=command, evidence=composer.evidence("laravel/reverb"), role="web", port=8080, port_env="REVERB_SERVER_PORT"
        )


def _queue(project: Project) -> Iterator[Process]:
    """Horizon, else a worker where something is queued and the queue is not worked off at once."""
    composer = project.composer
    if composer is not None and "laravel/horizon" in composer.requires:
        yield Process(name="horizon", command="php artisan horizon", evidence=composer.evidence("laravel/horizon"))
        return
    told = value(project, "QUEUE_CONNECTION", "config/queue.php") or value(project, "QUEUE_DRIVER")
    queued = next(project.marked(b"ShouldQueue"), None)
    if told is not None and told[0].lower() not in ("sync", "null", "deferred", "background") and queued is not None:
        shows = Evidence(file=queued.path, line=queued.line_of(b"ShouldQueue"), shows=f"queued by {told[0]}", confidence=0.85)
        yield Process(name="queue", command=f"php artisan queue:work{_queues(project)} --tries=3", evidence=shows)


def _queues(project: Project) -> str:
    """The queues that jobs are sent to by name, the connection's default last."""
    named: set[str] = set()
    for source in project.marked(b"ShouldQueue"):
        for call in source.calls("onQueue") if source.holds(b"onQueue") else ():
            given = [literal(node) for node in arguments(call)[:1]]
            if given and given[0] and re.fullmatch(r"[\w.-]{1,40}", given[0]):
                named.add(given[0])
    usual = _default_queue(project)
    return f" --queue={','.join((*sorted(named - {usual}), usual))}" if named - {usual} else ""


def _default_queue(project: Project) -> str:
    told = value(project, "QUEUE_CONNECTION")
    source = project.source("config/queue.php")
    for node in source.nodes("entry") if source is not None and told is not None else ():
        key, inner = entry(node)
        around = next((entry(above)[0] for above in ancestors(node) if above.type == "array_element_initializer"), None)
        if key == "queue" and inner is not None and told is not None and around == told[0]:
            return literal(inner) or default(inner) or "default"
    return "default"


def _scheduler(project: Project) -> Iterator[Process]:
    found = next((shows for name in _KERNELS if (source := project.source(name)) is not None for shows in _scheduled(source)), None)
    if found is not None:
        command = "php artisan schedule:run"
        yield Process(name="scheduler", command=command, evidence=found, role="cron", traits=("schedule:* * * * *",))


_EVERY = frozenset(("command", "job", "call", "exec"))


def _scheduled(source: Source) -> Iterator[Evidence]:
    """`$schedule->command(…)`, `Schedule::job(…)`."""
    for call in source.calls(*_EVERY) if source.holds(b"chedule") else ():
        if owner(call) in ("$schedule", "Schedule") or owner(call).endswith("->schedule"):
            yield Evidence(file=source.path, line=line(call), shows=shown(call), confidence=0.9)
    for call in (
        source.calls("daily", "hourly", "everyMinute", "everyFiveMinutes", "weekly", "dailyAt", "cron") if source.holds(b"Artisan::command") else ()
    ):
        yield Evidence(file=source.path, line=line(call), shows=f"Artisan command {name_of(call)}", confidence=0.8)
