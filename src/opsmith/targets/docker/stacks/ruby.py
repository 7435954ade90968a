"""Ruby: gems installed as they are locked, compiled in one stage and copied into the next."""

from __future__ import annotations

import shlex
from typing import Any

from opsmith import conventions
from opsmith.model.blueprint import Build
from opsmith.targets.docker import assets, layout

TEMPLATE = "ruby.j2"
IGNORED = ("**/tmp/cache", "**/tmp/pids", "**/.bundle", "**/vendor/bundle", "**/coverage", "**/node_modules")

WITHOUT_BUNDLE = ("sinatra", "puma", "rackup", "webrick")
"""What a script that has no Gemfile asks for."""
_FIRST_ON_BOOKWORM = {(3, 0): 7, (3, 1): 4, (3, 2): 3}
"""The first patch of an older line that was published for Debian 12; the images of those before stand on Debian 11."""


def images(build: Build) -> dict[str, str]:
    exact = layout.trait(build, "ruby-exact")
    return {"base": _exactly(exact) if exact else conventions.image(f"ruby:{build.runtime_version}-slim-bookworm")} | assets.images(build)


def _exactly(version: str) -> str:
    """The tag of one patch release: nobody moves it once the next one is out, so it needs no digest of ours."""
    major, minor, patch = (int(part) for part in version.split("."))
    bookworm = (major, minor) >= (3, 0) and patch >= _FIRST_ON_BOOKWORM.get((major, minor), 0)
    return f"ruby:{version}-slim-bookworm" if bookworm else f"ruby:{version}-slim"


def plan(build: Build) -> layout.Plan:
    if not build.manifests:
        return layout.Plan(install=(f"gem install --no-document {' '.join(WITHOUT_BUNDLE)}",), build=_steps(build), environment=_modes(build))
    locked = any(path.endswith((".lock", ".locked")) for path in build.manifests)
    # A lock file made on a Mac names no Linux, and a frozen bundle refuses what is not in it.
    platform = ("bundle lock --add-platform x86_64-linux aarch64-linux",) if "lock-without-linux" in build.traits else ()
    left_over = "rm -rf /usr/local/bundle/ruby/*/cache /usr/local/bundle/ruby/*/bundler/gems/*/.git"
    compiled = ("bundle exec bootsnap precompile --gemfile",) if "bootsnap" in build.traits else ()
    vendored = (((f"{layout.inside(build)}/vendor/cache".lstrip("/"),), "./vendor/cache/"),) if "vendored-gems" in build.traits else ()
    return layout.Plan(
        copies=(*layout.grouped([path for path in build.manifests if _is_asked_for(path)], build), *vendored),
        install=(*platform, "bundle install", left_over, *compiled),
        build=_steps(build),
        environment=(*_modes(build), *_bundler(build, frozen=locked and not platform)),
    )


def _is_asked_for(path: str) -> bool:
    """The images keep Bundler's settings in a place of their own, so that those of the repository are not read."""
    return not assets.is_manifest(path) and not path.endswith(".bundle/config")


def _steps(build: Build) -> tuple[str, ...]:
    compiled = ("bundle exec bootsnap precompile app/ lib/",) if "bootsnap" in build.traits else ()
    # Variables that stand before a step are set for that one alone.
    return (*compiled, *((build.build_command or "").split(" && ") if build.build_command else ()))


def _modes(build: Build) -> tuple[tuple[str, str], ...]:
    """What chooses production, by framework; bootsnap's cache lies outside of tmp, which is empty in a container that just started."""
    if build.framework != "rails":
        return (("RACK_ENV", "production"), ("APP_ENV", "production"), *((("HANAMI_ENV", "production"),) if build.framework == "hanami" else ()))
    return (("RAILS_ENV", "production"), *((("BOOTSNAP_CACHE_DIR", "/usr/local/bundle/bootsnap"),) if "bootsnap" in build.traits else ()))


def _bundler(build: Build, *, frozen: bool) -> tuple[tuple[str, str], ...]:
    without = layout.trait(build, "bundle-without") or "development:test"
    file = next((path for path in build.manifests if path.endswith("gems.rb")), None)
    chosen = (("BUNDLE_GEMFILE", "gems.rb"),) if file else ()
    return (("BUNDLE_PATH", "/usr/local/bundle"), ("BUNDLE_WITHOUT", without), *((("BUNDLE_DEPLOYMENT", "1"),) if frozen else ()), *chosen)


def values(build: Build) -> dict[str, Any]:
    """`build_variables` are set for the build alone; `at_run_time` what the process finds set besides the environment of the build."""
    rails = (("PIDFILE", "/tmp/server.pid"), ("RAILS_LOG_TO_STDOUT", "1")) if build.framework == "rails" else ()  # noqa: S108  # in a container
    bootsnap = (("BOOTSNAP_READONLY", "1"),) if "bootsnap" in build.traits else ()
    known = {name for name, _ in plan(build).environment}
    return {
        # A key that opens something cannot be replaced by a word.
        "build_variables": [(name, shlex.quote(value)) for name, value in build.build_variables if name not in known | {"RAILS_MASTER_KEY"}],
        "at_run_time": (*rails, *bootsnap),
        "source_first": "own-gems" in build.traits,
        "loads": _loads,
        **assets.values(build),
    }


def _loads(step: str) -> bool:
    """Whether a step of the build runs the application itself."""
    return "rails" in step or "rake" in step
