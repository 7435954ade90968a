"""What builds, starts, tests and lints a deployable. Commands run in the component's folder, `install_command` in its context."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from opsmith.detectors.javascript.facts import Found, found, join, json_table, relative, table, written
from opsmith.detectors.javascript.servers import Port
from opsmith.detectors.node import nestjs, static
from opsmith.detectors.node.deployables import Deployable, documentation_script
from opsmith.detectors.node.manager import Manager
from opsmith.detectors.node.migrations import Schema, needs_generate
from opsmith.detectors.node.packages import Package
from opsmith.detectors.node.scripts import flatten, node_target, pick, port_in, words_of
from opsmith.repo import Repo

_ENTRIES = (
    "server.js",
    "index.js",
    "app.js",
    "main.js",
    "src/server.js",
    "src/index.js",
    "src/app.js",
    "src/main.js",
    "server/index.js",
    "index.mjs",
    "server.mjs",
    "bin/www",
)


@dataclass(frozen=True, slots=True)
class Commands:
    build: Found[str] | None = None
    start: Found[str] | None = None
    test: Found[str] | None = None
    lint: Found[str] | None = None
    static_dir: Found[str] | None = None
    port: Found[Port] | None = None
    """A port that the start script itself names."""
    trait: str | None = None


def commands(repo: Repo, item: Deployable, manager: Manager, schema: Schema | None) -> Commands:
    start, static_dir, trait = _start(repo, item, manager)
    build = _build(repo, item, manager, schema, start)
    test, lint = _test(repo, item, manager), _lint(repo, item, manager)
    return Commands(build, start, test, lint, static_dir, _scripted_port(repo, item, manager, start), trait)


def script_line(repo: Repo, package: Package, name: str) -> int | None:
    after = (repo.line_of(package.file, '"scripts"') or 1) - 1
    return repo.line_of(package.file, f'"{name}"', after=after)


# -- start -----------------------------------------------------------------------------------------------------------------------------


def _start(repo: Repo, item: Deployable, manager: Manager) -> tuple[Found[str] | None, Found[str] | None, str | None]:
    """Start command, folder of static files, and a trait of the build."""
    package, framework = item.package, item.framework
    if item.project_start is not None:
        return found(item.project_start, package.file, None, f"project {item.project}", 0.7), None, None
    if framework is not None and framework.value.kind != "server":
        if item.role == "web" and framework.value.kind == "spa":
            return _program(repo, item, manager), None, None
        result = static.built(item.own, package, framework.value.name, manager)
        if result.start is None:
            folder = result.directory or ""
            place = found(folder, result.file, result.line, result.shows, result.confidence)
            return found(static.NGINX, result.file, result.line, f"static files in {folder}", result.confidence), place, result.trait
        own_server = next((start for start in item.starts if start.direct and framework.value.name in ("nextjs", "remix", "react-router")), None)
        if own_server is not None and result.trait is None:
            return found(own_server.command, package.file, script_line(repo, package, own_server.script), own_server.body, 0.85), None, None
        return found(result.start, result.file, result.line, result.shows, result.confidence, choices=result.choices), None, result.trait
    return _program(repo, item, manager), None, None


def _program(repo: Repo, item: Deployable, manager: Manager) -> Found[str] | None:
    """The production script, else the compiled entry point, else a file that listens."""
    package = item.package
    for start in item.starts:
        if re.match(r"nest start\b", start.command):
            return _nest(repo, item, start.script)
        command = start.command if start.direct or words_of(start.command)[:1] == ["bun"] else manager.run(start.script)
        others = [
            other.command for other in item.starts if other.direct and start.direct and node_target(other.command) != node_target(start.command)
        ]
        choices = (command, *dict.fromkeys(others)) if others and start.script == "start" else ()
        return found(command, package.file, script_line(repo, package, start.script), f'"{start.script}": "{start.body}"', 0.9, choices=choices)
    if item.framework is not None and item.framework.value.name == "nestjs":
        return _nest(repo, item, None)
    return _from_development(repo, item, manager) or _nx_output(repo, item) or _from_main(repo, item)


def _nest(repo: Repo, item: Deployable, script: str | None) -> Found[str]:
    command = f"node {nestjs.compiled_main(item.own, item.package.path)}"
    if script is None:
        return found(command, item.package.file, None, "nest build's output", 0.75)
    return found(command, item.package.file, script_line(repo, item.package, script), item.package.scripts[script], 0.85)


def _from_development(repo: Repo, item: Deployable, manager: Manager) -> Found[str] | None:
    """`nodemon src/index.ts`: the same file, compiled where a build compiles it."""
    package = item.package
    for name in ("start", "dev", "start:dev", "develop", "serve", "server"):
        body = package.scripts.get(name, "")
        target = next(
            (
                word
                for word in words_of(flatten(package, body))
                if re.fullmatch(r"[\w./-]+\.[cm]?[jt]sx?", word) and repo.has(join(package.path, word))
            ),
            None,
        )
        if target is None:
            continue
        place = script_line(repo, package, name)
        if re.search(r"\bbun\b", body):
            return found(f"bun {join(target)}", package.file, place, f'"{name}": "{body}", without watching', 0.7)
        if re.search(r"\.[cm]?js$", target):
            return found(f"node {join(target)}", package.file, place, f'"{name}": "{body}"', 0.85)
        compiled = _compiled(repo, package, join(target))
        if compiled is not None:
            return found(f"node {compiled}", package.file, place, f'"{name}": "{body}", compiled', 0.7)
        runner = package.uses("tsx", "ts-node") or ("bun" if manager.name == "bun" else None)
        if runner is not None:
            command = f"bun {join(target)}" if runner == "bun" else manager.execute(f"{runner} {join(target)}")
            return found(command, package.file, place, f'"{name}": "{body}", without watching', 0.6)
    return None


def _nx_output(repo: Repo, item: Deployable) -> Found[str] | None:
    """A single Nx project at the root of the package: what `nx build` leaves."""
    file = join(item.package.path, "project.json")
    build = table(table(json_table(repo, file).get("targets")).get("build"))
    output = written(table(build.get("options")).get("outputPath"))
    return found(f"node {join(output)}/main.js", file, repo.line_of(file, '"outputPath"'), f"outputPath {output}", 0.75) if output else None


def _compiled(repo: Repo, package: Package, source: str) -> str | None:
    """Where `tsc` puts `source`, when a build script runs it."""
    options = table(json_table(repo, join(package.path, "tsconfig.json")).get("compilerOptions"))
    if not re.search(r"\btsc\b|\btsup\b|\bswc\b|\besbuild\b|\bunbuild\b", package.scripts.get("build", "")):
        return None
    root = written(options.get("rootDir"))
    base = join(root) if root else "src" if source.startswith("src/") else ""
    inside = source[len(base) :].lstrip("/") if base and source.startswith(base + "/") else source
    return join(written(options.get("outDir")) or "dist", re.sub(r"\.([cm]?)ts$", r".\1js", inside))


def _from_main(repo: Repo, item: Deployable) -> Found[str] | None:
    package = item.package
    listening = {entry.file for entry in item.listeners}
    main = package.manifest.get("main")
    names = [name for name in ([main] if isinstance(main, str) else []) + list(_ENTRIES) if repo.has(join(package.path, name))]
    names.sort(key=lambda name: join(package.path, name) not in listening and name != main)
    plain = [file[len(package.path) :].lstrip("/") for file in sorted(listening) if file.endswith((".js", ".mjs", ".cjs"))]
    for name in dict.fromkeys([*names, *plain]):
        shows = "main of package.json" if name == main else "a file that listens"
        return found(f"node {join(name)}", package.file if name == main else join(package.path, name), None, shows, 0.75 if name in names else 0.6)
    return None


def _scripted_port(repo: Repo, item: Deployable, manager: Manager, start: Found[str] | None) -> Found[Port] | None:
    """A port that the start script names. Where something else is started than the script, the same number goes into PORT."""
    for script in item.starts[:1] if not item.is_static else ():
        number = port_in(script.body)
        if number is not None and start is not None:
            fixed = start.value in (manager.run(script.script), script.command) and "PORT=" not in script.body
            return found(Port(number, None if fixed else "PORT"), item.package.file, script_line(repo, item.package, script.script), script.body)
    return None


# -- build -----------------------------------------------------------------------------------------------------------------------------


def _build(repo: Repo, item: Deployable, manager: Manager, schema: Schema | None, start: Found[str] | None) -> Found[str] | None:
    package = item.package
    if item.project_build is not None:
        return found(_generated(item, manager, schema, item.project_build), package.file, None, f"project {item.project}", 0.7)
    made = documentation_script(package, item.framework.value.name) if item.framework is not None and item.is_static else None
    name = made or pick(package, "build", "build:prod", "build:production", "build:server", "build:app", "compile", "tsc", "dist")
    if name is not None:
        command = _generated(item, manager, schema, _with_links(item, manager, name))
        return found(command, package.file, script_line(repo, package, name), package.scripts[name], 0.9)
    if needs_generate(package, schema, item.above):
        return found(_generated(item, manager, schema, ""), schema.file if schema else package.file, None, "Prisma client", 0.8)
    if start is not None and start.value.startswith("node dist/") and package.uses("typescript"):
        return found(manager.execute("tsc"), package.file, None, "TypeScript without a build script", 0.5)
    return None


def _generated(item: Deployable, manager: Manager, schema: Schema | None, command: str) -> str:
    """`command` after `prisma generate`, where no script of the package does that."""
    if schema is None or not needs_generate(item.package, schema, item.above):
        return command
    alone = command in ("", *(manager.run(name) for name in item.package.scripts))
    place = "" if alone or item.above is None else f" --schema {relative(schema.file, item.package.context)}"
    return " && ".join(part for part in (manager.execute(f"prisma generate{place}"), command) if part)


def _with_links(item: Deployable, manager: Manager, name: str) -> str:
    """The build of a workspace member, after the packages that it links when those are built, too. Such a command may run anywhere inside."""
    package, above = item.package, item.above
    building = [link for link in item.links if "build" in link.scripts]
    if above is None or not building or name != "build":
        return manager.run(name)
    if above.uses("turbo"):
        return manager.execute(f"turbo run build --filter={shlex.quote(package.name)}")
    if above.uses("nx", "@nrwl/workspace", "@nx/workspace"):
        return manager.execute(f"nx run {shlex.quote(package.name)}:build")
    if manager.name == "pnpm":
        return f"pnpm --filter {shlex.quote(package.name)}... run build"
    if manager.berry:
        return f"yarn workspaces foreach -Rt --from {shlex.quote(package.name)} run build"
    step = {"yarn": "yarn workspace {} build", "bun": "bun run --filter {} build"}.get(manager.name, "npm run build --workspace={}")
    return " && ".join(step.format(shlex.quote(link.name)) for link in (*reversed(building), package))


# -- test and lint ---------------------------------------------------------------------------------------------------------------------


def _test(repo: Repo, item: Deployable, manager: Manager) -> Found[str] | None:
    scripts = item.package.scripts
    good = [name for name in ("test:ci", "test", "test:unit", "test:run", "unit") if name in scripts and "no test specified" not in scripts[name]]
    calm = [name for name in good if not re.search(r"--watch(?!=false|All=false)", scripts[name])]
    name = next(iter(sorted(calm, key=lambda name: name == "test:ci" and "test" in calm)), None)
    return found(manager.run(name), item.package.file, script_line(repo, item.package, name), scripts[name]) if name else None


def _lint(repo: Repo, item: Deployable, manager: Manager) -> Found[str] | None:
    name = pick(item.package, "lint:ci", "lint", "lint:check", "eslint", "check:lint")
    return found(manager.run(name), item.package.file, script_line(repo, item.package, name), item.package.scripts[name]) if name else None
