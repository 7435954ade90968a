"""Python: a virtual environment made in one stage and copied into the next."""

from __future__ import annotations

import re
import shlex
from typing import Any

from opsmith import conventions
from opsmith.model.blueprint import Build
from opsmith.targets.docker import layout

TEMPLATE = "python.j2"
IGNORED = (
    "**/__pycache__", "**/*.py[cod]", "**/.venv", "**/venv", "**/.pytest_cache", "**/.mypy_cache", "**/.ruff_cache", "**/.tox",
    "**/.coverage", "**/htmlcov", "**/*.egg-info",
)  # fmt: skip


def images(build: Build) -> dict[str, str]:
    return {
        "base": conventions.image(f"python:{build.runtime_version}-slim-bookworm"),
        "uv": conventions.image("ghcr.io/astral-sh/uv:0.13.0"),
    }


def plan(build: Build) -> layout.Plan:
    pip = ("/root/.cache/pip",)
    server = " ".join(shlex.quote(item) for item in build.server_packages)
    extra = (f"pip install {server}",) if server else ()
    copies = layout.grouped(build.manifests, build)
    after = (build.build_command,) if build.build_command else ()
    match build.package_manager:
        case "uv":
            frozen = "--locked" if any(path.endswith("uv.lock") for path in build.manifests) else ""
            sync = " ".join(part for part in ("uv sync", frozen, "--no-dev", "--no-install-project") if part)
            added = (f"uv pip install --python /opt/venv/bin/python {server}",) if server else ()
            return layout.Plan(
                copies=copies, caches=("/root/.cache/uv",), install=(sync, *added), build=after,
                environment=(("UV_PROJECT_ENVIRONMENT", "/opt/venv"), ("UV_LINK_MODE", "copy"), ("UV_PYTHON_DOWNLOADS", "never")),
            )  # fmt: skip
        case "poetry":
            tools = (f"pip install poetry=={_tool('poetry', build)}",)
            return layout.Plan(
                tools=tools, copies=copies, caches=(*pip, "/root/.cache/pypoetry"), install=("poetry install --only main --no-root", *extra),
                build=after, environment=(("POETRY_VIRTUALENVS_CREATE", "false"),),
            )  # fmt: skip
        case "pipenv":
            locked = any(path.endswith("Pipfile.lock") for path in build.manifests)
            tools = (f"pip install pipenv=={_tool('pipenv', build)}",)
            # Not `pipenv install --deploy`, which refuses any Python but the one that the Pipfile names.
            install = "pipenv sync" if locked else "pipenv install --skip-lock"
            return layout.Plan(tools=tools, copies=copies, caches=(*pip, "/root/.cache/pipenv"), install=(install, *extra), build=after)
        case "pdm":
            tools = (f"pip install pdm=={_tool('pdm', build)}",)
            return layout.Plan(tools=tools, copies=copies, caches=pip, install=("pdm install --prod --no-self", *extra), build=after)
        case _:
            requirements = [path for path in build.manifests if path.endswith((".txt", ".in")) and not _is_for_development(path)]
            if requirements:
                top = min(requirements, key=lambda path: (path.count("/"), "requirements.txt" not in path, len(path), path))
                whole = f"pip install --requirement {shlex.quote(layout.relative(top, build))}" + (f" {server}" if server else "")
                return layout.Plan(copies=layout.grouped(requirements, build), caches=pip, install=(whole,), build=after)
            if groups := _pip_groups(build):
                chosen = " ".join(f"--group={shlex.quote(name)}" for name in groups)
                # The one that comes with Python 3.13 and older does not know the option.
                return layout.Plan(
                    copies=copies, caches=pip, install=(f"pip install pip=={_tool('pip', build)}", f"pip install {chosen}", *extra), build=after
                )
            return layout.Plan(copies=copies, caches=pip, install=(*(("pip install .",) if build.manifests else ()), *extra), build=after)


def _tool(name: str, build: Build) -> str:
    """The pinned version that still runs on the image's Python."""
    return conventions.package(f"{name}-python39" if build.runtime_version == "3.9" else name)


def _is_for_development(path: str) -> bool:
    return bool(re.search(r"dev|test|lint|doc|local|ci\b", path.rpartition("/")[2]))


def _needs_source_to_install(build: Build) -> bool:
    """`pip install .` builds the project itself, so its source has to be there first."""
    listed = any(path.endswith(".txt") for path in build.manifests) or bool(_pip_groups(build))
    return build.language == "python" and build.package_manager in ("pip", None) and not listed


def _pip_groups(build: Build) -> list[str]:
    return [trait.partition(":")[2] for trait in build.traits if trait.startswith("pip-group:")]


def values(build: Build) -> dict[str, Any]:
    return {
        "source_first": _needs_source_to_install(build),
        "build_variables": [(name, shlex.quote(value)) for name, value in build.build_variables],
    }
