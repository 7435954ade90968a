"""Commands that hold where a repository is developed, as they are in its image: PHP without a web server beside it, Elixir without Mix.

FrankenPHP is PHP inside of Caddy: one process that answers HTTP, sends files and runs scripts. php-fpm answers no HTTP, so that it asks for a
second container and a folder that both see; Apache's mod_php is one process too, but takes a configuration of its own to run without root.
"""

from __future__ import annotations

import re
from dataclasses import replace

from opsmith import conventions
from opsmith.model.survey import Component
from opsmith.stages.draft.notes import Notes

_BESIDE = ("apache", "php-fpm", "frankenphp")
_OCTANE = re.compile(r"--server=(?:swoole|roadrunner)\b")


def served(components: tuple[Component, ...], notes: Notes) -> tuple[Component, ...]:
    """The components, with a start command and a port that the image can have."""
    return tuple(_served(item, notes) for item in components)


def _served(item: Component, notes: Notes) -> Component:
    match item.language_family:
        case "php":
            return _told(_php(item, notes))
        case "elixir":
            return _without_mix(item) if any(trait.startswith("release:") for trait in item.traits) else _with_mix(item)
        case _:
            return item


def _without_mix(item: Component) -> Component:
    """A release holds Ecto and its migrations, but no task of Mix."""
    release, app = _trait(item, "release"), _trait(item, "app")
    if item.migration_command != "mix ecto.migrate" or app is None:
        return item
    each = f"for repo <- Application.fetch_env!(:{app}, :ecto_repos)"
    up = "{:ok, _, _} = Ecto.Migrator.with_repo(repo, &Ecto.Migrator.run(&1, :up, all: true))"
    return replace(item, migration_command=f"bin/{release} eval 'Application.load(:{app}); {each}, do: {up}'")


def _with_mix(item: Component) -> Component:
    """What was built is run as it is: nothing can be written, and what only fetches and compiles is not asked again."""
    command = item.start_command or ""
    return replace(item, start_command=f"{command} --no-compile --no-deps-check") if command.startswith(("mix run", "mix phx.server")) else item


def _trait(item: Component, kind: str) -> str | None:
    return next((trait.partition(":")[2] for trait in item.traits if trait.startswith(f"{kind}:")), None)


def _told(item: Component) -> Component:
    """The defaults of Symfony's .env, which stays out of the image as every file of that name does, come as variables."""
    if item.framework != "symfony":
        return item
    return replace(item, env=tuple(replace(variable, required=variable.required or variable.default is not None) for variable in item.env))


def _php(item: Component, notes: Notes) -> Component:
    node = f"services.{conventions.dns_label(item.name)}"
    if "frankenphp run" in (item.start_command or "") or not (set(_BESIDE) & set(item.traits) or _is_beside(item)):
        return _octane(item, node, notes)
    root = _trait(item, "document-root") or _root(item)
    port = conventions.NGINX_PORT
    notes.default(f"{node}.command", "FrankenPHP: PHP and its web server in one process, where php-fpm needs a second container")
    notes.default(f"{node}.port", f"{port}: without root no port below 1024, and the web server is the image's own")
    if "apache" in item.traits and item.framework not in ("laravel", "symfony", "slim", "lumen"):
        notes.open(f"{item.name}: rules in .htaccess are Apache's; FrankenPHP gives what is no file to index.php and knows no others")
    return replace(item, start_command=f"frankenphp php-server --root {root} --listen :{port}", ports=(port,), protocol="http", port_env=None)


def _is_beside(item: Component) -> bool:
    return item.role == "web" and (item.start_command or "").split(" ")[0] in (
        "apache2-foreground",
        "php-fpm",
        "heroku-php-apache2",
        "heroku-php-nginx",
    )


def _root(item: Component) -> str:
    """The folder that the last word of a start command names, else the project's own."""
    match = re.search(r"--root (\S+)|heroku-php-\w+ (\S+)/?$", item.start_command or "")
    return (match[1] or match[2]).rstrip("/") if match else "."


def _octane(item: Component, node: str, notes: Notes) -> Component:
    if not _OCTANE.search(item.start_command or ""):
        return item
    notes.default(f"{node}.command", "Octane by FrankenPHP, which the image has")
    return replace(item, start_command=_OCTANE.sub("--server=frankenphp", item.start_command or ""))
