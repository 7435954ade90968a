"""Rails: one web process, its health check, migrations and the variables that every Rails application wants in production."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.ruby.backing import Backing, needs_address
from opsmith.detectors.ruby.environment import fallback
from opsmith.detectors.ruby.erb import settings
from opsmith.detectors.ruby.project import Project
from opsmith.detectors.ruby.routes import Route, rails_routes
from opsmith.detectors.ruby.servers import Server, server
from opsmith.model.survey import EnvVar, Evidence

PORT = 3000
_CREDENTIALS = ("config/credentials/production.yml.enc", "config/credentials.yml.enc")


def is_rails(project: Project) -> bool:
    """The gem alone may be a library's; an application has config/application.rb."""
    return project.has("config/application.rb") and project.gem("rails", "railties", "actionpack") is not None


def name(project: Project) -> str | None:
    """The module that config/application.rb defines."""
    source = project.source("config/application.rb")
    match = re.search(rb"^module\s+(\w+)", source.data, re.MULTILINE) if source is not None else None
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", match[1].decode()).replace("_", "-").lower() if match else None


def start(project: Project) -> Server:
    """Puma or another server by its own command where its settings lie in the repository; else `rails server`."""
    binary = "bin/rails" if project.has("bin/rails") else "bundle exec rails"
    thrust = project.gem("thruster")
    found = server(project, PORT)
    if thrust is not None and project.has("bin/thrust"):
        shows = Evidence(file=project.path("bin/thrust"), shows="Thruster in front of Puma, on its default port 80", confidence=0.75)
        return Server(command=f"bin/thrust {binary} server", evidence=(shows,), port=80, port_env="HTTP_PORT", port_evidence=(shows,))
    if found is not None and found.command.startswith("bundle exec puma") and (project.version("rails") >= (7, 1) or "-C" not in found.command):
        number = "" if found.port is not None or found.port_env else f" -p {PORT}"
        own = (Evidence(file=project.path("bin/rails"), shows="`rails server` with Puma's settings", confidence=0.8),)
        evidence = (*(own if project.has("bin/rails") else ()), *found.evidence)
        return Server(
            command=f"{binary} server -b 0.0.0.0{number}",
            evidence=evidence,
            port=found.port,
            port_env=found.port_env,
            port_evidence=found.port_evidence,
        )
    if found is not None:
        return found
    shows = Evidence(
        file=project.path("config/application.rb"), shows="a Rails application; `rails server` is the framework's own start", confidence=0.6
    )
    return Server(command=f"{binary} server -b 0.0.0.0 -p {PORT}", evidence=(shows,))


def routes(project: Project) -> tuple[Route, ...]:
    files = [source for source in project.sources if project.relative(source.path).startswith("config/routes")]
    return (*rails_routes(files), *_drawn(project))


def _drawn(project: Project) -> Iterator[Route]:
    """What the gem health_check draws into the routes, and the checks that are middleware."""
    source = project.source("config/routes.rb")
    if project.gem("health_check") is None or source is None:
        return
    written = source.holds(b"health_check_routes")
    if written or project.version("health_check") < (3,):
        line = source.line_of(b"health_check_routes") if written else 1
        yield Route("/health_check", "health_check", Evidence(file=source.path, line=line, shows="routes of the gem health_check", confidence=0.8))


def migration(project: Project, found: Backing) -> tuple[str, Evidence] | None:
    """`db:prepare` where Rails itself starts so (7.1 and later: it loads every schema of an empty database); `db:migrate` before."""
    folder = next((name for name in ("db/migrate", "db") if _has_schema(project, name)), None)
    if found.database is None or folder is None or project.gem("rails", "activerecord") is None:
        return None
    binary = "bin/rails" if project.has("bin/rails") else "bundle exec rails" if project.version("rails") >= (5,) else "bundle exec rake"
    task = "db:prepare" if project.version("rails") >= (7, 1) else "db:migrate"
    first = next(path for path in project.repo.under(project.path(folder)) if path.endswith((".rb", ".sql")))
    return f"{binary} {task}", Evidence(file=first, shows=f"migrations in {project.path(folder)}", confidence=0.9)


def _has_schema(project: Project, folder: str) -> bool:
    return any(path.endswith((".rb", ".sql")) and not path.endswith("seeds.rb") for path in project.repo.under(project.path(folder)))


def variables(project: Project, found: Backing) -> Iterator[tuple[EnvVar, Evidence]]:
    """What Rails itself reads: the environment, the key of its secrets, the database's address, and who serves static files."""
    place = project.path("config/application.rb")
    yield (
        EnvVar(name="RAILS_ENV", required=True, default="production"),
        Evidence(file=place, shows="Rails runs as development unless told", confidence=0.9),
    )
    yield from _secrets(project)
    if needs_address(found) and project.gem("rails", "activerecord") is not None:
        evidence = found.database.evidence[0] if found.database else Evidence(file=place, shows="")
        shows = f"Rails reads DATABASE_URL; no address stands in its settings ({evidence.shows})"
        yield EnvVar(name="DATABASE_URL", required=True, secret=True), Evidence(file=evidence.file, line=evidence.line, shows=shows, confidence=0.8)
    yield from _switches(project)


def _secrets(project: Project) -> Iterator[tuple[EnvVar, Evidence]]:
    """What opens or replaces the encrypted credentials; without any, the key itself, under the name by which the settings read it."""
    file = next((name for name in _CREDENTIALS if project.has(name)), None)
    key = EnvVar(name="SECRET_KEY_BASE", required=file is None, secret=True)
    if file is not None:
        told = Evidence(file=project.path(file), shows="encrypted file: RAILS_MASTER_KEY opens it", confidence=0.9)
        yield EnvVar(name="RAILS_MASTER_KEY", required=True, secret=True), told
        yield key, Evidence(file=project.path(file), shows="SECRET_KEY_BASE replaces the one in the encrypted file", confidence=0.6)
    elif (own := _own_secret(project)) is not None:
        yield own
    else:
        place = project.path("config/application.rb")
        yield key, Evidence(file=place, shows="no encrypted file, so that Rails wants SECRET_KEY_BASE in production", confidence=0.8)


def _own_secret(project: Project) -> tuple[EnvVar, Evidence] | None:
    """`secret_key_base` from a variable of another name, in config/secrets.yml or an initializer."""
    known = settings(project.repo, project.path("config/secrets.yml"))
    for tag in known.tags_in(known.production.get("secret_key_base")) if known is not None else ():
        name = fallback(tag.source)[1]
        if name is not None:
            shows = Evidence(file=tag.source.path, line=tag.source.first, shows=f"secret_key_base from {name}", confidence=0.95)
            return EnvVar(name=name, required=True, secret=True), shows
    for source in project.marked(b"secret_key_base"):
        match = re.search(rb"secret_key_base\s*=\s*ENV(?:\.fetch\()?\[?[ \t]*[\"'](\w{1,80})[\"']", source.data)
        if match is not None:
            line = source.data.count(b"\n", 0, match.start()) + 1
            shows = Evidence(file=source.path, line=line, shows=f"secret_key_base from {match[1].decode()}", confidence=0.95)
            return EnvVar(name=match[1].decode(), required=True, secret=True), shows
    return None


def _switches(project: Project) -> Iterator[tuple[EnvVar, Evidence]]:
    """Switches of config/environments/production.rb that a container wants on: nothing else serves the assets, nobody reads a log file."""
    for read in project.reads:
        if read.name in ("RAILS_SERVE_STATIC_FILES", "RAILS_LOG_TO_STDOUT") and read.default is None:
            yield EnvVar(name=read.name, required=True, default="1"), read.evidence


def traits(project: Project) -> tuple[str, ...]:
    found = ["rails"]
    found += ["bootsnap"] if project.gem("bootsnap") is not None else []
    storage = project.source("config/environments/production.rb")
    local = (
        storage is not None and re.search(rb"active_storage\.service\s*=\s*:local\b", storage.data) and project.repo.under(project.path("db"), ".rb")
    )
    used = local and any(
        b"active_storage_attachments" in (project.repo.bytes(project.path(name)) or b"") for name in ("db/schema.rb", "db/structure.sql")
    )
    return (*found, *(("media-files:/app/storage",) if used else ()))
