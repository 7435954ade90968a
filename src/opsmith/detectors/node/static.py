"""Applications that end as files, and framework builds that start themselves: what runs, and where the files lie."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from opsmith.detectors.javascript.facts import join, json_table, table, written
from opsmith.detectors.javascript.source import Module, Sources
from opsmith.detectors.javascript.syntax import line, text
from opsmith.detectors.javascript.values import resolve
from opsmith.detectors.node import sites
from opsmith.detectors.node.manager import Manager
from opsmith.detectors.node.packages import Package
from opsmith.detectors.node.scripts import is_development, pick

NGINX = "nginx -g 'daemon off;'"
NGINX_PORT = 8080
"""An unprivileged nginx cannot open port 80."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a build leaves. `directory` (relative to the package) is set for static files; `start` None = nginx serves them."""

    start: str | None
    directory: str | None
    file: str
    line: int | None
    shows: str
    confidence: float = 0.9
    trait: str | None = None
    choices: tuple[str, ...] = ()


def built(sources: Sources, package: Package, framework: str, manager: Manager) -> Result:
    """What production runs of an application whose framework builds it."""
    match framework:
        case "nextjs":
            return _next(sources, package, manager)
        case "nuxt":
            return _nuxt(sources, package, manager)
        case "remix" | "react-router":
            return _remix(sources, package, manager, framework)
        case "sveltekit":
            return _sveltekit(sources, package, manager)
        case "astro":
            return _astro(sources, package)
        case "solid-start" | "tanstack-start" | "analog":
            output = "dist/analog/server/index.mjs" if framework == "analog" else ".output/server/index.mjs"
            return Result(f"node {output}", None, package.file, None, f"{framework}'s build", 0.7)
        case "strapi" | "medusa" | "keystone":
            return Result(_script(package, manager) or manager.execute(f"{framework} start"), None, package.file, None, f"{framework} start", 0.85)
        case _:
            return _files(sources, package, framework)


def _script(package: Package, manager: Manager) -> str | None:
    name = pick(package, "start:prod", "start:production", "start")
    return manager.run(name) if name and not is_development(package.scripts[name]) else None


def _config(sources: Sources, package: Package, name: str) -> Module | None:
    for file in sources.repo.folder(package.path):
        if re.fullmatch(re.escape(name) + r"\.[cm]?[jt]s", file):
            return sources.module(join(package.path, file))
    return None


def _setting(sources: Sources, module: Module | None, key: str) -> tuple[str, int] | None:
    """The first `key: value` of a configuration file, and its line."""
    for pair in module.pairs if module else ():
        if module and text(pair.child_by_field_name("key")).strip("'\"") == key:
            node = pair.child_by_field_name("value")
            value = resolve(sources, module, node)
            return (value.literal if value and value.literal is not None else text(node)), line(pair)
    return None


def _told(sources: Sources, package: Package, name: str, key: str) -> tuple[str, int, str] | None:
    config = _config(sources, package, name)
    value = _setting(sources, config, key)
    return (*value, config.path) if value is not None and config is not None else None


def _next(sources: Sources, package: Package, manager: Manager) -> Result:
    config = _config(sources, package, "next.config")
    output = _setting(sources, config, "output") or _assigned(sources, config)
    if config is not None and output is not None and "standalone" in output[0]:
        return Result("node server.js", None, config.path, output[1], "output: standalone", 0.95, "next-standalone")
    if config is not None and output is not None and output[0] == "export":
        return Result(None, "out", config.path, output[1], "output: export", 0.95)
    start = _script(package, manager)
    if start is not None:
        return Result(start, None, package.file, sources.repo.line_of(package.file, '"start'), "start script", 0.9)
    return Result(manager.execute("next start"), None, package.file, None, "next without a production start script", 0.8)


def _assigned(sources: Sources, config: Module | None) -> tuple[str, int] | None:
    """`nextConfig.output = "standalone"`."""
    for name, node in config.names.items() if config else ():
        if name.endswith(".output") and config:
            value = resolve(sources, config, node)
            return (value.literal, line(node)) if value and value.literal else None
    return None


def _nuxt(sources: Sources, package: Package, manager: Manager) -> Result:
    version = re.search(r"\d+", package.dependencies.get("nuxt", package.development.get("nuxt", "")))
    config = _config(sources, package, "nuxt.config")
    ssr = _setting(sources, config, "ssr")
    build = package.scripts.get("build", "")
    if version and version[0] == "2":
        return Result(_script(package, manager) or manager.execute("nuxt start"), None, package.file, None, "Nuxt 2", 0.8)
    if "generate" in build or (ssr is not None and ssr[0] == "false" and not sources.repo.under(join(package.path, "server"))):
        place = (config.path, ssr[1]) if config and ssr else (package.file, None)
        return Result(None, ".output/public", place[0], place[1], "nuxt generate" if "generate" in build else "ssr: false", 0.85)
    return Result("node .output/server/index.mjs", None, package.file, sources.repo.line_of(package.file, '"nuxt"'), "Nitro's server build", 0.9)


def _remix(sources: Sources, package: Package, manager: Manager, framework: str) -> Result:
    config = _config(sources, package, "react-router.config") or _config(sources, package, "vite.config")
    ssr = _setting(sources, config, "ssr")
    if config is not None and ssr is not None and ssr[0] == "false":
        return Result(None, "build/client", config.path, ssr[1], "ssr: false", 0.9)
    start = _script(package, manager)
    if start is not None:
        return Result(start, None, package.file, sources.repo.line_of(package.file, '"start'), "start script", 0.9)
    program = "remix-serve" if framework == "remix" else "react-router-serve"
    return Result(manager.execute(f"{program} ./build/server/index.js"), None, package.file, None, f"{program} by convention", 0.7)


def _sveltekit(sources: Sources, package: Package, manager: Manager) -> Result:
    config = _config(sources, package, "svelte.config")
    file = config.path if config else package.file
    used = [item.specifier for item in config.imports.values()] if config else []
    adapters = [name for name in used if "adapter" in name] or [
        name for name in package.development | package.dependencies if "adapter-" in name and "svelte" in name
    ]
    if any("static" in name for name in adapters) and not any("node" in name for name in adapters):
        pages = _setting(sources, config, "pages")
        return Result(None, pages[0] if pages else "build", file, None, adapters[0], 0.9)
    if any("node" in name or "bun" in name for name in adapters):
        out = _setting(sources, config, "out")
        start = _script(package, manager)
        command = f"node {out[0] if out else 'build'}"
        return Result(
            command
            if start is None
            or "vite" in package.scripts.get("start", "")
            or re.search(r"node\s+(\./)?build", package.scripts.get("start", "node build"))
            else start,
            None,
            file,
            None,
            adapters[0],
            0.9,
        )
    choices = ("node build", NGINX)
    return Result(
        "node build", None, file, None, f"{adapters[0] if adapters else 'no adapter'}: the adapter for Node is not set up", 0.4, choices=choices
    )


def _astro(sources: Sources, package: Package) -> Result:
    config = _config(sources, package, "astro.config")
    output = _setting(sources, config, "output")
    out = _setting(sources, config, "outDir")
    folder = (out[0] if out else "dist").removeprefix("./").rstrip("/")
    file = config.path if config else package.file
    if package.uses("@astrojs/node") and (output is None or output[0] in ("server", "hybrid")):
        return Result(f"node ./{folder}/server/entry.mjs", None, file, output[1] if output else None, "@astrojs/node", 0.9)
    return Result(None, folder, file, output[1] if output else None, "static output", 0.95)


def _files(sources: Sources, package: Package, framework: str) -> Result:
    if sites.is_site(framework):
        return Result(None, *sites.output(sources.repo, package, framework, partial(_told, sources, package)))
    if sources.repo.has(join(package.path, "angular.json")):
        return _angular(sources, package)
    if package.uses("react-scripts", "@craco/craco", "react-app-rewired"):
        file = package.file
        return Result(None, "build", file, sources.repo.line_of(file, "react-scripts"), "react-scripts build", 0.95)
    config = _config(sources, package, "vite.config") or _config(sources, package, "vue.config") or _config(sources, package, "rsbuild.config")
    out = _setting(sources, config, "outDir") or _setting(sources, config, "outputDir")
    told = re.search(r"--outDir[ =](\S+)", package.scripts.get("build", ""))
    folder = told[1] if told else out[0] if out and re.fullmatch(r"[\w./-]+", out[0]) else "dist"
    return Result(
        None,
        folder.removeprefix("./").rstrip("/"),
        config.path if config else package.file,
        out[1] if out else None,
        f"build folder {folder}",
        0.9 if config else 0.75,
        _base(sources, config),
    )


def _base(sources: Sources, config: Module | None) -> str | None:
    """The trait of a build whose pages ask for their files below a path of its own (`base: "/admin/"`)."""
    told = _setting(sources, config, "base") or _setting(sources, config, "publicPath")
    path = re.fullmatch(r"(/\w[\w/-]*?)/?", told[0], re.ASCII) if told else None
    return f"base-path:{path[1]}" if path else None


def _angular(sources: Sources, package: Package) -> Result:
    file = join(package.path, "angular.json")
    for name, value in table(json_table(sources.repo, file).get("projects")).items():
        project = table(value)
        build = table(table(project.get("architect") or project.get("targets")).get("build"))
        if not build or project.get("projectType") == "library":
            continue
        output = table(build.get("options")).get("outputPath")
        folder = written(table(output).get("base")) or written(output) or f"dist/{name}"
        builder = written(build.get("builder")) or ""
        apart = builder.endswith((":application", ":application-builder")) and table(output).get("browser") != ""
        place = folder + "/browser" if apart else folder
        return Result(None, place, file, sources.repo.line_of(file, '"outputPath"'), f"builder {builder}", 0.9)
    return Result(None, "dist", file, None, "angular.json", 0.5)


def leaves_package(sources: Sources, package: Package) -> str | None:
    """The configuration file that sends the build out of the package's folder: another program takes it in."""
    config = _config(sources, package, "vite.config") or _config(sources, package, "vue.config")
    for key in ("outDir", "outputDir"):
        setting = _setting(sources, config, key)
        if (
            config is not None
            and setting is not None
            and re.search(r"\.\./[^'\"]*(static|public|wwwroot|resources|assets|templates|priv|web|ui|embed)", setting[0])
        ):
            return config.path
    return None


def is_library_build(sources: Sources, package: Package) -> bool:
    config = _config(sources, package, "vite.config")
    return config is not None and any(text(pair.child_by_field_name("key")) == "lib" and b"entry" in (pair.text or b"") for pair in config.pairs)
