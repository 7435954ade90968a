"""Setting up a language's runtime and package manager, with a cache keyed by the lock files."""

from __future__ import annotations

from typing import Any

from opsmith import conventions
from opsmith.emit import noted
from opsmith.model.blueprint import Blueprint, TestJob
from opsmith.targets.github_actions import steps

PNPM = "10"
"""Reads the lock files of pnpm 9 and 10; only for repositories whose package.json names no version."""
BUN = "1.x"


def setup(blueprint: Blueprint, test: TestJob) -> list[Any]:
    match test.language:
        case "python":
            return _python(test)
        case "go":
            return [_go(test)]
        case "node":
            return _node(test, _traits(blueprint, test))
        case "java":
            return _java(test)
        case "dotnet":
            return _dotnet(test)
        case "elixir":
            return [*_beside(_traits(blueprint, test)), _elixir(test)]
        case "php":
            return _php(test, _traits(blueprint, test))
        case "ruby":
            return _ruby(test, _traits(blueprint, test))
        case _:
            return []


def _traits(blueprint: Blueprint, test: TestJob) -> tuple[str, ...]:
    return tuple(trait for build in blueprint.builds if (build.path, build.language) == (test.path, test.language) for trait in build.traits)


def _version(test: TestJob) -> Any:
    return noted(test.runtime_version, f"pipeline.tests.{test.name}")


def _python(test: TestJob) -> list[Any]:
    match test.package_manager:
        case "uv":
            return [_uv(test)]
        case "poetry":
            # setup-python asks poetry itself where its cache lies, so poetry has to be there first.
            install = steps.run("Install poetry", f"pipx install poetry=={conventions.package('poetry')}")
            return [install, _setup_python(test, "poetry")] if test.lock_files else [_setup_python(test, None), install]
        case "pipenv" | "pdm" as manager:
            install = steps.run(f"Install {manager}", f"python -m pip install {manager}=={conventions.package(manager)}")
            return [_setup_python(test, "pipenv" if manager == "pipenv" and test.lock_files else None), install]
        case _:
            return [_setup_python(test, "pip" if test.lock_files else None)]


def _setup_python(test: TestJob, cache: str | None) -> dict[str, Any]:
    return steps.use("Set up Python", "actions/setup-python", {"python-version": _version(test)} | _cached(test, cache))


def _cached(test: TestJob, cache: str | None) -> dict[str, Any]:
    return {"cache": cache, "cache-dependency-path": steps.listed(test.lock_files)} if cache else {}


def _uv(test: TestJob) -> dict[str, Any]:
    settings: dict[str, Any] = {"version": conventions.image_tags("ghcr.io/astral-sh/uv")[-1].rpartition(":")[2], "python-version": _version(test)}
    if test.path:
        settings["working-directory"] = steps.told(test.path)
    settings["enable-cache"] = True
    if test.lock_files:
        settings["cache-dependency-glob"] = steps.listed(test.lock_files)
    return steps.use("Set up uv", "astral-sh/setup-uv", settings)


def _go(test: TestJob) -> dict[str, Any]:
    cached = {"cache-dependency-path": steps.listed(test.lock_files)} if test.lock_files else {"cache": False}
    return steps.use("Set up Go", "actions/setup-go", {"go-version": _version(test)} | cached)


def _java(test: TestJob) -> list[Any]:
    """setup-java itself finds the files that its caches are keyed by."""
    manager = test.package_manager or ""
    cached = {"cache": manager} if manager in ("maven", "gradle", "sbt") else {}
    java = steps.use("Set up Java", "actions/setup-java", {"distribution": "temurin", "java-version": _version(test)} | cached)
    match manager:
        case "sbt":
            return [java, steps.use("Set up sbt", "sbt/setup-sbt")]
        case "lein" | "tools.deps":
            tool = {"lein": conventions.package("leiningen")} if manager == "lein" else {"cli": conventions.package("clojure-cli")}
            return [java, steps.use("Set up Clojure", "DeLaGuardo/setup-clojure", tool)]
        case _:
            return [java]


def _dotnet(test: TestJob) -> list[Any]:
    cached = {"cache": True, "cache-dependency-path": steps.listed(test.lock_files)} if test.lock_files else {}
    version = noted(f"{test.runtime_version}.x", f"pipeline.tests.{test.name}")
    sdk = steps.use("Set up .NET", "actions/setup-dotnet", {"dotnet-version": version} | cached)
    tools = (test.lint_command or "").startswith("dotnet csharpier")
    return [sdk, steps.run("Restore the tools of the repository", "dotnet tool restore")] if tools else [sdk]


def _node(test: TestJob, traits: tuple[str, ...]) -> list[Any]:
    manager = test.package_manager or "npm"
    node = steps.use("Set up Node", "actions/setup-node", {"node-version": _version(test)} | _cached(test, manager if test.lock_files else None))
    match manager:
        case "pnpm":
            return [_pnpm(test, named="corepack" in traits), node]
        case "yarn" if "corepack" in traits or "yarn-berry" in traits:
            # setup-node asks yarn where its cache lies, and must not get the runner's Yarn 1.
            return [steps.run("Enable the yarn that package.json names", "corepack enable"), node]
        case "bun":
            plain = steps.use("Set up Node", "actions/setup-node", {"node-version": _version(test)})
            return [plain, steps.use("Set up Bun", "oven-sh/setup-bun", {"bun-version": BUN})]
        case _:
            return [node]


def _ruby(test: TestJob, traits: tuple[str, ...]) -> list[Any]:
    """The version to the last digit where the Gemfile insists on it: Bundler refuses any other."""
    version = told(traits, "ruby-exact") or _version(test)
    settings = {"ruby-version": version} | ({"working-directory": steps.told(test.path)} if test.path else {})
    ruby = steps.use("Set up Ruby", "ruby/setup-ruby", settings | ({"bundler-cache": True} if test.lock_files else {}))
    return [*_beside(traits), ruby]


def _elixir(test: TestJob) -> dict[str, Any]:
    """Erlang as in the image."""
    tag = next(tag for tag in conventions.image_tags("hexpm/elixir") if tag.partition(":")[2].startswith(f"{test.runtime_version}."))
    otp = tag.partition("-erlang-")[2].partition(".")[0]
    return steps.use("Set up Elixir", "erlef/setup-beam", {"elixir-version": _version(test), "otp-version": otp})


def _php(test: TestJob, traits: tuple[str, ...]) -> list[Any]:
    names = ", ".join(trait.partition(":")[2] for trait in traits if trait.startswith("php-ext:"))
    settings = {"php-version": _version(test), "coverage": "none"} | ({"extensions": names} if names else {})
    return [*_beside(traits), steps.use("Set up PHP", "shivammathur/setup-php", settings)]


def _beside(traits: tuple[str, ...]) -> list[Any]:
    """Node for what is built with it next to a program in another language."""
    return [steps.use("Set up Node", "actions/setup-node", {"node-version": version})] if (version := told(traits, "node-image")) else []


def told(traits: tuple[str, ...], kind: str) -> str | None:
    return next((trait.partition(":")[2] for trait in traits if trait.startswith(f"{kind}:")), None)


def _pnpm(test: TestJob, *, named: bool) -> dict[str, Any]:
    folders = [path.rpartition("/")[0] for path in test.lock_files] or [test.path]
    manifest = f"{folders[0]}/package.json" if folders[0] else "package.json"
    return steps.use("Set up pnpm", "pnpm/action-setup", {"package_json_file": steps.told(manifest)} if named else {"version": PNPM})
