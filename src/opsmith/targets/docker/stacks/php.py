"""PHP: FrankenPHP with the extensions that are asked for; packages as composer locked them, assets built beside them."""

from __future__ import annotations

import shlex
from typing import Any

from opsmith import conventions
from opsmith.model.blueprint import Build
from opsmith.targets.docker import assets, layout

TEMPLATE = "php.j2"
# Not every folder of the name: frameworks publish views and files of packages into `vendor` folders of the source.
IGNORED = (
    "vendor",
    "**/vendor/autoload.php",
    "**/vendor/composer",
    "**/node_modules",
    "**/.phpunit.result.cache",
    "**/.phpunit.cache",
    "**/.php-cs-fixer.cache",
)

_CACHE = "/root/.composer/cache"
_INSTALL = "composer install --no-dev --no-interaction --no-progress --prefer-dist --no-scripts --no-autoloader"
_FOLDERS = {
    "laravel": ("bootstrap/cache", "storage/framework/cache", "storage/framework/sessions", "storage/framework/views", "storage/logs"),
    "symfony": ("var/cache", "var/log"),
}
"""What is left out of the repository, and missed when the packages are set up."""


def images(build: Build) -> dict[str, str]:
    base = conventions.image(f"dunglas/frankenphp:php{build.runtime_version}-bookworm")
    return {"base": base, "composer": conventions.image("composer:2")} | assets.images(build)


def plan(build: Build) -> layout.Plan:
    own = [path for path in build.manifests if not assets.is_manifest(path)]
    return layout.Plan(
        copies=layout.grouped(own, build),
        caches=(_CACHE,),
        install=(_INSTALL,) if build.install_command else (),
        build=(*_finished(build), *((build.build_command or "").split(" && ") if build.build_command else ())),
        environment=(*_modes(build), ("COMPOSER_ALLOW_SUPERUSER", "1"), ("COMPOSER_CACHE_DIR", _CACHE)),
    )


def _finished(build: Build) -> tuple[str, ...]:
    """What composer does once the source is there: the class map, and what the framework sets up itself."""
    if not build.install_command:
        return ()
    folders = _FOLDERS.get(build.framework or "", ())
    made = (f"mkdir -p {' '.join(folders)}",) if folders else ()
    # Symfony insists on a file although every value comes from the environment.
    told = ("touch .env",) if build.framework == "symfony" else ()
    scripts = ("composer run-script --no-dev --no-interaction post-install-cmd",) if build.framework == "symfony" else ()
    return (*made, *told, "composer dump-autoload --no-dev --no-interaction --optimize", *scripts)


def _modes(build: Build) -> tuple[tuple[str, str], ...]:
    match build.framework:
        case "symfony":
            return (("APP_ENV", "prod"), ("APP_DEBUG", "0"))
        case "laravel" | "lumen":
            return (("APP_ENV", "production"), ("LOG_CHANNEL", "stderr"))
        case _:
            return ()


def _extensions(build: Build) -> tuple[str, ...]:
    wanted = {trait.partition(":")[2] for trait in build.traits if trait.startswith("php-ext:")}
    # Part of PHP itself since 8.5.
    wanted |= {"opcache"} if build.runtime_version < "8.5" else set()
    # A worker hears SIGTERM only with it.
    wanted |= {"pcntl"} if build.framework in ("laravel", "lumen", "symfony") else set()
    return tuple(sorted(wanted))


def values(build: Build) -> dict[str, Any]:
    """`programs` are Debian packages beside the libraries, which come with the extensions."""
    known = {name for name, _ in _modes(build)}
    return {
        "build_variables": [(name, shlex.quote(value)) for name, value in build.build_variables if name not in known],
        "extensions": _extensions(build),
        "modes": _modes(build),
        "programs": tuple(name for name in build.runtime_packages if not name.startswith("lib")),
        "loads": _loads,
        **assets.values(build),
    }


def _loads(step: str) -> bool:
    """Whether a step of the build runs the application itself."""
    return "console" in step or "run-script" in step or "dump-autoload" in step
