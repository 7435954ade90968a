"""What answers HTTP for a PHP project: an application server of its own, or PHP behind a web server, as far as the source shows which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from opsmith.detectors.paths import join
from opsmith.detectors.php import laravel
from opsmith.detectors.php.project import Project
from opsmith.detectors.php.syntax import arguments, line, literal, shown, text
from opsmith.model.survey import Evidence
from opsmith.shapes import table

APACHE, FPM = "apache2-foreground", "php-fpm"
_UPSTREAM = re.compile(r"^[ \t]*fastcgi_pass\s+([A-Za-z][\w.-]*):(\d{2,5})\s*;", re.MULTILINE)
_CADDY = re.compile(r"^[ \t]*(?:php_server|frankenphp)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`choices` are other ways to run it where the source leaves the choice; the first one was taken."""

    command: str
    port: int
    evidence: tuple[Evidence, ...]
    port_evidence: Evidence
    port_env: str | None = None
    protocol: str = "http"
    choices: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()


def server(project: Project, framework: str | None) -> Server:
    return next(chain(_own(project, framework), _told(project), _behind(project, framework)))


# -- application servers -----------------------------------------------------------------------------------------------------------------------


def _own(project: Project, framework: str | None) -> Iterator[Server]:
    """A server that the application brings: Octane, RoadRunner, Swoole, Workerman, ReactPHP."""
    composer = project.composer
    if composer is not None and "laravel/octane" in composer.requires and framework == "laravel":
        chosen = laravel.value(project, "OCTANE_SERVER")
        name = chosen[0] if chosen and chosen[0] in ("swoole", "roadrunner", "frankenphp") else "frankenphp"
        shows = composer.evidence("laravel/octane")
        default = Evidence(file=shows.file, line=shows.line, shows="Octane's default, 8000: no port is stated", confidence=0.7)
        command = f"php artisan octane:start --server={name} --host=0.0.0.0 --port=8000"
        yield Server(
            command=command, port=8000, evidence=(shows, *((chosen[1],) if chosen else ())), port_evidence=default, traits=(f"octane:{name}",)
        )
    yield from _roadrunner(project)
    for package, command, port in (
        ("hyperf/http-server", "php bin/hyperf.php start", 9501), ("hyperf/framework", "php bin/hyperf.php start", 9501),
        ("workerman/webman-framework", "php start.php start", 8787),
    ):  # fmt: skip
        if composer is not None and package in composer.requires:
            shows = composer.evidence(package)
            yield Server(
                command=command, port=port, evidence=(shows,), port_evidence=Evidence(file=shows.file, shows=f"default port {port}", confidence=0.7)
            )
    yield from _in_code(project)


def _roadrunner(project: Project) -> Iterator[Server]:
    file = project.first(".rr.yaml", ".rr.yml")
    path = project.path(file) if file else ""
    documents = project.repo.yaml(path) if file else None
    address = table(table(documents[0] if documents else None).get("http")).get("address")
    match = re.search(r":(\d{2,5})$", address) if isinstance(address, str) else None
    if match and file:
        shows = Evidence(file=path, line=project.repo.line_of(path, "address"), shows=f"http.address: {address}", confidence=0.95)
        yield Server(command=f"rr serve -c {file}", port=int(match[1]), evidence=(shows,), port_evidence=shows, traits=("roadrunner",))


def _in_code(project: Project) -> Iterator[Server]:
    """`new Swoole\\Http\\Server("0.0.0.0", 9501)`, `new React\\Socket\\SocketServer("0.0.0.0:8080")`, `new Worker("http://0.0.0.0:2345")`."""
    for source in project.marked(b"Swoole\\", b"React\\Http", b"Workerman\\"):
        for node in source.nodes("new"):
            named = next((text(child).rpartition("\\")[2] for child in node.named_children if child.type in ("name", "qualified_name")), "")
            values = [literal(value) or "" for value in arguments(node)[:2]]
            written = ":".join(values) if named == "Server" else values[0] if values and named in ("SocketServer", "Worker") else ""
            match = re.search(r":(\d{2,5})$", written)
            if match:
                shows = Evidence(file=source.path, line=line(node), shows=shown(node), confidence=0.9)
                yield Server(command=f"php {project.relative(source.path)}", port=int(match[1]), evidence=(shows,), port_evidence=shows)


# -- what files of the repository say ------------------------------------------------------------------------------------------------------------


def _told(project: Project) -> Iterator[Server]:
    """A Procfile, FrankenPHP's settings, or an nginx that hands requests on to php-fpm."""
    yield from _procfile(project)
    composer, root = project.composer, project.document_root
    package = project.requires("runtime/frankenphp-symfony", "dunglas/frankenphp", "php-runtime/frankenphp-symfony")
    caddy = next(
        (name for name in ("Caddyfile", "frankenphp/Caddyfile", "docker/Caddyfile") if _CADDY.search(project.repo.read(project.path(name)) or "")),
        None,
    )
    if (package and composer is not None) or caddy:
        shows = (
            composer.evidence(package)
            if package and composer is not None
            else Evidence(file=project.path(caddy or ""), shows="php_server", confidence=0.9)
        )
        command = f"frankenphp run --config {caddy}" if caddy else f"frankenphp php-server --root {root or '.'}"
        default = Evidence(file=shows.file, shows="FrankenPHP's default, 80: no port is stated", confidence=0.6)
        yield Server(command=command, port=80, evidence=(shows,), port_evidence=default, traits=("frankenphp",))
    for path in _nginx_files(project):
        match = _UPSTREAM.search(project.repo.read(path) or "")
        if match:
            number = (project.repo.read(path) or "").count("\n", 0, match.start()) + 1
            shows = Evidence(file=path, line=number, shows=match[0].strip(), confidence=0.9)
            yield Server(command=FPM, port=int(match[2]), evidence=(shows,), port_evidence=shows, protocol="tcp", traits=("php-fpm",))


def _procfile(project: Project) -> Iterator[Server]:
    path = project.path("Procfile")
    for number, row in enumerate((project.repo.read(path) or "").splitlines() if project.has("Procfile") else (), start=1):
        match = re.match(r"^web:\s*(\S.{0,400})$", row)
        if match:
            shows = Evidence(file=path, line=number, shows=row, confidence=0.9)
            port = re.search(r"(?::|-p|--port)[ =]?(\d{2,5})\b", match[1])
            default = Evidence(file=path, line=number, shows="80: no port is stated", confidence=0.5)
            port_env = "PORT" if "$PORT" in match[1] or "heroku-php" in match[1] else None
            yield Server(
                command=match[1].strip(),
                port=int(port[1]) if port else 80,
                evidence=(shows,),
                port_evidence=shows if port else default,
                port_env=port_env,
            )


def _nginx_files(project: Project) -> list[str]:
    found = [
        path
        for path in project.repo.under(project.folder, ".conf", ".conf.template", ".template")
        if "nginx" in path.lower() or path.endswith("default.conf")
    ]
    return found[:20]


# -- the convention --------------------------------------------------------------------------------------------------------------------------------


def _behind(project: Project, framework: str | None) -> Iterator[Server]:
    """PHP behind a web server. Rewrite rules for Apache say that Apache serves it; without any, frameworks are run by php-fpm behind nginx."""
    root = project.document_root or ""
    rules = project.first(join(root, ".htaccess"), ".htaccess")
    traits = (f"document-root:{root}",) if root else ()
    serve = {"laravel": "php artisan serve --host=0.0.0.0 --port=8000", "symfony": f"frankenphp php-server --root {root or 'public'}"}.get(
        framework or ""
    )
    others = tuple(filter(None, (FPM, APACHE, serve or f"php -S 0.0.0.0:8000{f' -t {root}' if root else ''}")))
    place = (
        project.path(join(root, "index.php"))
        if project.document_root is not None
        else project.path(project.first("artisan", "composer.json") or "index.php")
    )
    if rules is not None or framework not in ("laravel", "symfony", "slim", "laminas", "mezzio", "lumen"):
        file = project.path(rules) if rules else place
        told = "rewrite rules for Apache" if rules else "PHP scripts behind a web server: Apache by convention"
        shows = Evidence(file=file, shows=told, confidence=0.6 if rules else 0.5)
        default = Evidence(file=place, shows="80: the port of a web server by convention, none is stated", confidence=0.5)
        yield Server(
            command=APACHE, port=80, evidence=(shows,), port_evidence=default, choices=(APACHE, *(item for item in others if item != APACHE)),
            traits=("apache", *traits),
        )  # fmt: skip
    shows = Evidence(file=place, shows="front controller behind a web server: php-fpm by convention", confidence=0.4)
    default = Evidence(file=place, shows="php-fpm's default, 9000: none is stated", confidence=0.4)
    yield Server(command=FPM, port=9000, evidence=(shows,), port_evidence=default, protocol="tcp", choices=others, traits=("php-fpm", *traits))
