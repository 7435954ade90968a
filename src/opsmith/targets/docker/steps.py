"""The parts of a Dockerfile that differ by package manager and framework, as values that the templates lay out."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from opsmith import conventions
from opsmith.model.blueprint import Build


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`tools` are installed before the dependencies, `copies` is what they need from the context, `caches` are package manager caches.

    `build` runs in `build_folder` of the context.
    """

    tools: tuple[str, ...] = ()
    copies: tuple[tuple[tuple[str, ...], str], ...] = ()
    caches: tuple[str, ...] = ()
    install: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    build_folder: str = ""
    prune: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


def copied(files: Sequence[str], folder: str) -> str:
    """The operands of a COPY; in their JSON form where a name holds a blank or a character that COPY would read as a pattern."""
    words = [*files, folder]
    return json.dumps(words) if any(re.search(r"[^\w.@+/~-]", word) for word in words) else " ".join(words)


def inside(build: Build) -> str:
    """The component's folder inside the build context ("" = the context itself)."""
    if build.path == build.context:
        return ""
    return build.path[len(build.context) :].strip("/") if build.context else build.path


def images(build: Build) -> dict[str, str]:
    """The pinned images a recipe starts from."""
    found = {"static": conventions.image("nginxinc/nginx-unprivileged:1.29-alpine"), "uv": conventions.image("ghcr.io/astral-sh/uv:0.13.0")}
    match build.language:
        case "python":
            found["base"] = conventions.image(f"python:{build.runtime_version}-slim-bookworm")
        case "go":
            found["base"] = conventions.image(f"golang:{build.runtime_version}-alpine")
            found["runtime"] = conventions.image("gcr.io/distroless/static-debian12:nonroot")
            found["busybox"] = conventions.image("busybox:1.37.0-musl")
        case _:
            bun = build.package_manager == "bun"
            found["base"] = conventions.image("oven/bun:1-slim" if bun else f"node:{build.runtime_version}-bookworm-slim")
    return found


def plan(build: Build) -> Plan:
    match build.language:
        case "python":
            return _python(build)
        case "go":
            return _go(build)
        case _:
            return _node(build)


# -- Python ------------------------------------------------------------------------------------------------------------------------------


def _python(build: Build) -> Plan:
    pip = ("/root/.cache/pip",)
    server = " ".join(shlex.quote(item) for item in build.server_packages)
    extra = (f"pip install {server}",) if server else ()
    copies = _grouped(build.manifests, build)
    after = (build.build_command,) if build.build_command else ()
    match build.package_manager:
        case "uv":
            frozen = "--locked" if any(path.endswith("uv.lock") for path in build.manifests) else ""
            sync = " ".join(part for part in ("uv sync", frozen, "--no-dev", "--no-install-project") if part)
            added = (f"uv pip install --python /opt/venv/bin/python {server}",) if server else ()
            return Plan(
                copies=copies, caches=("/root/.cache/uv",), install=(sync, *added), build=after,
                environment=(("UV_PROJECT_ENVIRONMENT", "/opt/venv"), ("UV_LINK_MODE", "copy"), ("UV_PYTHON_DOWNLOADS", "never")),
            )  # fmt: skip
        case "poetry":
            tools = (f"pip install poetry=={_tool('poetry', build)}",)
            return Plan(
                tools=tools, copies=copies, caches=(*pip, "/root/.cache/pypoetry"), install=("poetry install --only main --no-root", *extra),
                build=after, environment=(("POETRY_VIRTUALENVS_CREATE", "false"),),
            )  # fmt: skip
        case "pipenv":
            locked = any(path.endswith("Pipfile.lock") for path in build.manifests)
            tools = (f"pip install pipenv=={_tool('pipenv', build)}",)
            # Not `pipenv install --deploy`, which refuses any Python but the one that the Pipfile names.
            install = "pipenv sync" if locked else "pipenv install --skip-lock"
            return Plan(tools=tools, copies=copies, caches=(*pip, "/root/.cache/pipenv"), install=(install, *extra), build=after)
        case "pdm":
            tools = (f"pip install pdm=={_tool('pdm', build)}",)
            return Plan(tools=tools, copies=copies, caches=pip, install=("pdm install --prod --no-self", *extra), build=after)
        case _:
            requirements = [path for path in build.manifests if path.endswith((".txt", ".in")) and not _is_for_development(path)]
            if requirements:
                top = min(requirements, key=lambda path: (path.count("/"), "requirements.txt" not in path, len(path), path))
                whole = f"pip install --requirement {shlex.quote(_relative(top, build))}" + (f" {server}" if server else "")
                return Plan(copies=_grouped(requirements, build), caches=pip, install=(whole,), build=after)
            if groups := _pip_groups(build):
                chosen = " ".join(f"--group={shlex.quote(name)}" for name in groups)
                # The one that comes with Python 3.13 and older does not know the option.
                return Plan(
                    copies=copies, caches=pip, install=(f"pip install pip=={_tool('pip', build)}", f"pip install {chosen}", *extra), build=after
                )
            return Plan(copies=copies, caches=pip, install=(*(("pip install .",) if build.manifests else ()), *extra), build=after)


def _tool(name: str, build: Build) -> str:
    """The pinned version that still runs on the image's Python."""
    return conventions.package(f"{name}-python39" if build.runtime_version == "3.9" else name)


def _is_for_development(path: str) -> bool:
    return bool(re.search(r"dev|test|lint|doc|local|ci\b", path.rpartition("/")[2]))


def needs_source_to_install(build: Build) -> bool:
    """`pip install .` builds the project itself, so its source has to be there first."""
    listed = any(path.endswith(".txt") for path in build.manifests) or bool(_pip_groups(build))
    return build.language == "python" and build.package_manager in ("pip", None) and not listed


def _pip_groups(build: Build) -> list[str]:
    return [trait.partition(":")[2] for trait in build.traits if trait.startswith("pip-group:")]


def _relative(path: str, build: Build) -> str:
    return path[len(build.context) :].strip("/") if build.context else path


def _grouped(manifests: Sequence[str], build: Build) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The manifests by folder, each with where it belongs in the image: one COPY for each folder."""
    groups: dict[str, list[str]] = {}
    for path in manifests:
        relative = _relative(path, build)
        groups.setdefault(relative.rpartition("/")[0], []).append(relative)
    return tuple((tuple(files), f"./{folder}/" if folder else "./") for folder, files in sorted(groups.items()))


# -- Node --------------------------------------------------------------------------------------------------------------------------------

_NODE_CACHES = {
    "npm": "/root/.npm",
    "yarn": "/usr/local/share/.cache/yarn",
    "pnpm": "/root/.local/share/pnpm/store",
    "bun": "/root/.bun/install/cache",
}


def _node(build: Build) -> Plan:
    manager = build.package_manager or "npm"
    tools = _manager(build, manager)
    cache = "/root/.yarn/berry/cache" if "yarn-berry" in build.traits else _NODE_CACHES.get(manager, "/root/.npm")
    own = build.build_command is not None and not _is_workspace_command(build.build_command)
    return Plan(
        tools=tools,
        copies=_grouped(build.manifests, build),
        caches=(cache,),
        install=(build.install_command or "npm install",),
        build=(build.build_command,) if build.build_command else (),
        build_folder=inside(build) if own else "",
        prune=_prune(build, manager) if not build.static_dir and "next-standalone" not in build.traits else (),
        environment=(*(SKIPPED[name] for name in SKIPPED if f"downloads:{name}" in build.traits), *build.build_variables),
    )


SKIPPED = {
    "cypress": ("CYPRESS_INSTALL_BINARY", "0"),
    "playwright": ("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    "puppeteer": ("PUPPETEER_SKIP_DOWNLOAD", "true"),
}
"""What keeps a test tool from fetching a browser that the image never runs."""


def _manager(build: Build, manager: str) -> tuple[str, ...]:
    """Installs the package manager, at the version that the repository names, where the image does not hold it."""
    version = next((trait.partition(":")[2] for trait in build.traits if trait.startswith("manager:")), None)
    if version is None:
        return ()
    # --force: Yarn 1 of the image is at the same place.
    return (f"npm install --global pnpm@{version}" if manager == "pnpm" else f"npm install --global --force @yarnpkg/cli-dist@{version}",)


def _is_workspace_command(command: str) -> bool:
    return bool(re.search(r"--workspace|--filter|-w |turbo |nx |yarn workspace", command))


KEEPS_EVERYTHING = frozenset(("prisma", "runtime-dev-dependencies", "migrates"))
"""Traits of a project whose running or migrating programs are among its development dependencies."""


def _prune(build: Build, manager: str) -> tuple[str, ...]:
    """Leave only what runs in production. Workspaces keep everything: their package managers prune for one package only."""
    if build.path != build.context or not KEEPS_EVERYTHING.isdisjoint(build.traits):
        return ()
    match manager:
        case "npm":
            return ("npm prune --omit=dev --ignore-scripts",)
        case "pnpm":
            return ("pnpm prune --prod --ignore-scripts",)
        case "yarn" if "yarn-berry" not in build.traits:
            return ("yarn install --production --ignore-scripts --prefer-offline --frozen-lockfile",)
        case _:
            return ()


# -- Go ----------------------------------------------------------------------------------------------------------------------------------


def _go(build: Build) -> Plan:
    return Plan(
        copies=_grouped(build.manifests, build),
        caches=("/go/pkg/mod", "/root/.cache/go-build"),
        install=("go mod download",),
        build=(_go_build(build),),
    )


def _go_build(build: Build) -> str:
    cgo = "1" if "cgo" in build.traits else "0"
    static = ' -extldflags "-static"' if "cgo" in build.traits else ""
    flags = f"-trimpath -ldflags='-s -w{static}'"
    steps = [f"CGO_ENABLED={cgo} go build {flags} -o {shlex.quote(f'/out/{name}')} {shlex.quote(package)}" for name, package in build.programs]
    return " \\\n && ".join(steps)


def runtime_files(build: Build) -> tuple[str, ...]:
    """Folders that the program opens beside itself."""
    return tuple(trait.partition(":")[2] for trait in build.traits if trait.startswith("runtime-files:"))


def base_path(build: Build) -> str:
    """The path below which the pages of a static site ask for their files ("" = the root)."""
    return next((trait.partition(":")[2] for trait in build.traits if trait.startswith("base-path:")), "")
