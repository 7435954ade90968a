"""Elixir: a release in an image without Elixir; where the project has none, what Mix compiled, with Mix."""

from __future__ import annotations

from typing import Any

from opsmith import conventions
from opsmith.model.blueprint import Build
from opsmith.targets.docker import assets, layout

TEMPLATE = "elixir.j2"
IGNORED = ("**/_build", "deps", "**/.elixir_ls", "**/cover", "**/erl_crash.dump", "**/node_modules")

RUNTIME = "debian:bookworm-20260824-slim"
"""The Debian that the images of Elixir stand on: a release is linked against its libraries."""


def images(build: Build) -> dict[str, str]:
    base = next(tag for tag in conventions.image_tags("hexpm/elixir") if tag.partition(":")[2].startswith(f"{build.runtime_version}."))
    runtime = conventions.image(RUNTIME) if layout.trait(build, "release") else conventions.image(base)
    return {"base": conventions.image(base), "runtime": runtime} | assets.images(build)


def plan(build: Build) -> layout.Plan:
    config = (((f"{layout.inside(build)}/config".lstrip("/"),), f"{_below(build)}config/"),) if "mix-config" in build.traits else ()
    return layout.Plan(
        tools=("mix local.hex --force && mix local.rebar --force",),
        copies=(*layout.grouped(build.manifests, build), *config),
        install=("mix deps.get --only prod", "mix deps.compile"),
        build=tuple(step.removeprefix("MIX_ENV=prod ") for step in (build.build_command or "mix compile").split(" && ")),
    )


def _below(build: Build) -> str:
    folder = layout.inside(build)
    return f"./{folder}/" if folder else "./"


def values(build: Build) -> dict[str, Any]:
    """`release` is the folder that Mix makes; None where Mix itself starts the application."""
    release = layout.trait(build, "release")
    return {
        "build_packages": ("ca-certificates", *build.build_packages),
        "runtime_packages": ("ca-certificates", *build.runtime_packages),
        "release": f"_build/prod/rel/{release}" if release else None,
        "source_first": "own-packages" in build.traits,
        **assets.values(build),
    }
