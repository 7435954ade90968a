"""Which packages of a repository are deployed, and as what. Libraries, examples, end-to-end tests and asset builds are none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.javascript.facts import Found, found, join, json_table, table, written
from opsmith.detectors.javascript.places import is_for_documents, is_not_deployed
from opsmith.detectors.javascript.servers import Listener, listeners
from opsmith.detectors.javascript.source import Sources, collect
from opsmith.detectors.node import nestjs, static
from opsmith.detectors.node.frameworks import Framework, frameworks, single_page
from opsmith.detectors.node.manager import Manager
from opsmith.detectors.node.packages import Package, embedding_file, linked, other_stack
from opsmith.detectors.node.scripts import Start, node_target, runs_a_file, runs_code, starts
from opsmith.model.survey import Role
from opsmith.repo import Repo

_CLI_WORDS: Mapping[str, str] = {
    "nextjs": r"\bnext\b", "nuxt": r"\bnux[ti]", "remix": r"\bremix|vite", "react-router": r"react-router", "sveltekit": r"\bvite|svelte-kit",
    "astro": r"\bastro\b", "solid-start": r"vinxi|solid-start|vite", "tanstack-start": r"vinxi|vite", "analog": r"\bng\b|vite|nx",
}  # fmt: skip
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
_NO_MANAGER = Manager("npm", "", None, berry=False, plug_and_play=False, version=None, pinned=False)
_LASTING = (
    "discord.js", "telegraf", "node-telegram-bot-api", "grammy", "bullmq", "bull", "amqplib", "kafkajs", "node-cron", "cron", "agenda", "@slack/bolt",
    "whatsapp-web.js", "mqtt", "nats", "sqs-consumer", "bree", "node-schedule", "graphile-worker", "pg-boss", "tmi.js", "eris", "@temporalio/worker",
)  # fmt: skip
"""Libraries of programs that run on without listening: bots, consumers, schedulers."""
DOCUMENTING = ("docusaurus", "vitepress", "vuepress", "rspress", "docsify")
"""Frameworks for documentation."""
_MAIN_SCRIPTS = ("build", "build:prod", "build:production", "start", "dev", "serve", "generate")


@dataclass(frozen=True, slots=True)
class Deployable:
    """A package (or one project inside it) that is deployed. `own` are the sources of its folder, `sources` those of what it links, too."""

    package: Package
    above: Package | None
    links: tuple[Package, ...]
    own: Sources
    sources: Sources
    role: Role
    framework: Found[Framework] | None
    listeners: tuple[Listener, ...]
    starts: tuple[Start, ...]
    project: str | None = None
    """Name of the Nest or Nx project, where several share one package."""
    project_start: str | None = None
    project_build: str | None = None

    @property
    def is_static(self) -> bool:
        return self.role == "static"


def deployables(repo: Repo, packages: Mapping[str, Package]) -> list[Deployable]:
    """Every deployable; where nothing serves, waits or is a page, the program that the repository starts."""
    return _lasting(repo, packages) or _program(repo, packages)


def _program(repo: Repo, packages: Mapping[str, Package]) -> list[Deployable]:
    """What the top package's start script runs; unless that package is there for another language, or to be installed by others."""
    package = packages.get("") or (next(iter(packages.values())) if len(packages) == 1 else None)
    if package is None or is_not_deployed(package.path) or other_stack(repo, package.path) is not None or _is_for_desktops(package):
        return []
    links = tuple(linked(package, packages))
    nested = [folder for folder in packages if folder != package.path and (not package.path or folder.startswith(package.path + "/"))]
    own = collect(repo, [package.path], nested)
    begun = tuple(starts(repo, package, own))
    if _is_published_library(package) or not begun or not runs_code(begun[0].command):
        return []
    sources = collect(
        repo, [package.path, *(item.path for item in links)], [folder for folder in nested if folder not in {item.path for item in links}], own
    )
    return [Deployable(package, None, links, own, sources, "job", None, (), begun)]


def _lasting(repo: Repo, packages: Mapping[str, Package]) -> list[Deployable]:
    """What goes on until it is stopped; packages in example and test folders only when there is nothing else."""
    usual = [package for package in packages.values() if not is_not_deployed(package.path)]
    result = _without_desktops(repo, _without_echoes([item for package in usual for item in _of_package(repo, package, packages)]))
    result += _documentation(repo, packages)
    if result or any(_is_workspace(package) for package in usual) or (usual and usual[0].path == "" and len(packages) > 1):
        return result
    return [item for package in packages.values() if package not in usual for item in _of_package(repo, package, packages)]


def _documentation(repo: Repo, packages: Mapping[str, Package]) -> list[Deployable]:
    """Sites in folders for documentation: deployed beside the rest, never instead of it."""
    folders = [package for package in packages.values() if is_not_deployed(package.path) and is_for_documents(package.path)]
    made = [item for package in folders for item in _of_package(repo, package, packages)]
    return [item for item in made if item.framework is not None and item.framework.value.kind in ("site", "meta")]


def _is_workspace(package: Package) -> bool:
    return bool(package.members)


def _without_echoes(items: list[Deployable]) -> list[Deployable]:
    """A root package whose start script only starts what lies in a deeper package is no deployable of its own."""
    folders = {item.package.path for item in items}
    return [item for item in items if folders.isdisjoint(_folders_started_in(item) - {item.package.path, ""})]


def _without_desktops(repo: Repo, items: list[Deployable]) -> list[Deployable]:
    """A page that Tauri wraps is a program for desktops, beside something that is deployed; alone it may well be served, too."""
    wrapped = [item for item in items if item.is_static and repo.has(join(item.package.path, "src-tauri/tauri.conf.json"))]
    return [item for item in items if item not in wrapped] or items


def _folders_started_in(item: Deployable) -> set[str]:
    """Every folder above the file that the package's start script names."""
    target = node_target(item.starts[0].command) if item.starts and item.starts[0].direct else None
    parts = join(item.package.path, target).split("/")[:-1] if target is not None else []
    return {"/".join(parts[:size]) for size in range(1, len(parts) + 1)}


def _of_package(repo: Repo, package: Package, packages: Mapping[str, Package]) -> Iterator[Deployable]:
    above = packages.get(package.root) if package.root is not None else None
    if _is_for_desktops(package) or package.uses("ng-packagr"):
        return
    known = frameworks(repo, package)
    page = single_page(repo, package, above)
    if not known and page is None and not _may_start(repo, package):
        return
    links = tuple(linked(package, packages))
    nested = [folder for folder in packages if folder != package.path and (not package.path or folder.startswith(package.path + "/"))]
    own = collect(repo, [package.path], nested)
    projects = list(_projects(repo, package))
    if len(projects) > 1 and not list(starts(repo, package, own))[:1]:
        yield from (_project(repo, package, known, nested, *project) for project in projects)
        return
    shape = _shape(repo, package, known, page, own)
    beside = _documented(package, known, shape)
    if shape is None or _belongs_to_another_stack(repo, package, shape, own):
        return
    role, framework, heard = shape
    deeper = [folder for folder in nested if folder not in {item.path for item in links}]
    sources = collect(repo, [package.path, *(item.path for item in links)], deeper, own)
    yield Deployable(package, above, links, own, sources, role, framework, heard, tuple(starts(repo, package, own)))
    if beside is not None:
        yield Deployable(package, above, (), own, own, "static", beside, (), (), "docs")


def _is_for_desktops(package: Package) -> bool:
    """Electron starts it, on the machine of whoever uses it."""
    started = any(re.match(r"(npx )?electron\b", body) for name, body in package.scripts.items() if name in ("start", "dev", "serve", "electron"))
    return started and package.uses("electron") is not None and "electron" in package.scripts.get("start", "electron")


def _documented(package: Package, known: list[Found[Framework]], shape: Shape | None) -> Found[Framework] | None:
    """The site for documentation that a package builds besides what it is."""
    if shape is None or (shape[1] is not None and shape[1].value.name in DOCUMENTING):
        return None
    return next((item for item in known if item.value.name in DOCUMENTING and documentation_script(package, item.value.name)), None)


def documentation_script(package: Package, framework: str) -> str | None:
    """The script that builds the site."""
    return next((name for name, body in package.scripts.items() if re.search(rf"\b{framework}[\w-]* build\b", body)), None)


def _may_start(repo: Repo, package: Package) -> bool:
    main = package.manifest.get("main")
    names = (main, *_ENTRIES) if isinstance(main, str) else _ENTRIES
    if any(name.startswith(("start", "serve", "prod")) for name in package.scripts) or runs_a_file(package):
        return True
    return any(repo.has(join(package.path, name)) for name in names)


Shape = tuple[Role, Found[Framework] | None, tuple[Listener, ...]]


def _shape(repo: Repo, package: Package, known: list[Found[Framework]], page: Found[Framework] | None, own: Sources) -> Shape | None:
    """Role and framework, or None for what is not deployed."""
    scripts = " ".join(package.scripts.values())
    if "svelte-package" in scripts or _is_published_library(package):
        return _site_of_library(package, known)
    builders = [
        item for item in known if item.value.kind in ("meta", "site") and re.search(_CLI_WORDS.get(item.value.name, item.value.name), scripts)
    ]
    builder = next((item for item in builders if item.value.name not in DOCUMENTING or _is_main(package, item.value.name)), None)
    if builder is not None:
        result = static.built(own, package, builder.value.name, _NO_MANAGER)
        return ("static" if result.start is None else "web", builder, tuple(listeners(own)))
    heard = tuple(_serving(package, listeners(own)))
    nest = nestjs.creates_application(own)
    if heard or nest is not None:
        role: Role = "worker" if nest is not None and nest[2] != "create" and not any(item.protocol == "http" for item in heard) else "web"
        return role, _server_framework(own, known, heard), heard
    server = next(
        (
            item
            for item in known
            if item.value.kind == "server" and item.value.port is not None and item.value.name in ("fastify", "adonis", "sails", "loopback")
        ),
        None,
    )
    if server is not None and ("fastify start" in scripts or server.value.name != "fastify") and package.scripts.get("start"):
        return "web", server, ()
    angular = next((item for item in known if item.value.name == "angular"), None)
    spa = angular if angular is not None and (repo.has(join(package.path, "angular.json")) or "ng build" in scripts) else page
    if spa is not None and not static.is_library_build(own, package):
        return "static", spa, ()
    return ("worker", None, ()) if _is_worker(repo, package, own) else _site_of_library(package, known)


def _is_main(package: Package, framework: str) -> bool:
    """Whether a framework for documentation is what the package itself is built with."""
    return any(framework in package.scripts.get(name, "") for name in _MAIN_SCRIPTS)


def _site_of_library(package: Package, known: list[Found[Framework]]) -> Shape | None:
    """A library is not deployed, its documentation is."""
    made = next((item for item in known if item.value.name in DOCUMENTING and documentation_script(package, item.value.name)), None)
    return ("static", made, ()) if made is not None else None


def _is_published_library(package: Package) -> bool:
    told = package.manifest
    offers = any(key in told for key in ("exports", "types", "typings", "module", "publishConfig"))
    return offers and told.get("private") is not True and not any(name.startswith("start") for name in package.scripts) and not runs_a_file(package)


def _serving(package: Package, heard: list[Listener]) -> list[Listener]:
    """A command line tool that opens a port on the way is no server; neither is a mock."""
    if "bin" in package.manifest and not any(name.startswith(("start", "serve")) for name in package.scripts):
        return []
    return [item for item in heard if not re.search(r"(?i)(^|/)(mock|fake|stub|dev-server|devserver|proxy-dev)", item.file)]


def _server_framework(own: Sources, known: list[Found[Framework]], heard: tuple[Listener, ...]) -> Found[Framework] | None:
    servers = [item for item in known if item.value.kind == "server"]
    if any(item.value.name == "nestjs" for item in servers):
        return next(item for item in servers if item.value.name == "nestjs")
    only_grpc = bool(heard) and all(item.protocol == "grpc" for item in heard)
    fitting = [item for item in servers if (item.value.name == "grpc") == only_grpc]
    if len(fitting) > 1:
        fitting = [item for item in fitting if _imports(own, item)] or fitting
    return fitting[0] if fitting else None


def _imports(own: Sources, item: Found[Framework]) -> bool:
    name = item.evidence[0].shows.removeprefix("dependency ")
    pattern = re.compile(rb"['\"]" + re.escape(name.encode()) + rb"['\"/]")
    return any(pattern.search(own.repo.bytes(path) or b"") for path in own.files)


def _is_worker(repo: Repo, package: Package, own: Sources) -> bool:
    """A program that runs on without listening: a bot, a consumer, a scheduler."""
    if _is_workspace(package) or not own.files or "bin" in package.manifest:
        return False
    lasting = package.uses(*_LASTING)
    return lasting is not None and any(re.match(r"(node|bun|tsx|ts-node)\b", item.command) for item in starts(repo, package, own))


def _belongs_to_another_stack(repo: Repo, package: Package, shape: Shape, own: Sources) -> bool:
    """A front end that another program builds and serves."""
    role, framework, _ = shape
    if role == "web" or (framework is not None and framework.value.name in DOCUMENTING):
        return False
    beside = other_stack(repo, package.path)
    if beside is not None:
        return True
    return role == "static" and (embedding_file(repo, package.path) is not None or static.leaves_package(own, package) is not None)


# -- several projects in one package ---------------------------------------------------------------------------------------------------


def _projects(repo: Repo, package: Package) -> Iterator[tuple[str, str, str, str]]:
    """Name, source folder, start and build command of each Nest project, else of each Nx application."""
    projects = table(json_table(repo, join(package.path, "nest-cli.json")).get("projects"))
    for name, value in projects.items():
        root = written(table(value).get("root"))
        if root and table(value).get("type") == "application":
            yield name, root, f"node dist/{root}/main", f"npx nest build {name}"
    if repo.has(join(package.path, "nx.json")):
        yield from _nx_projects(repo, package)


def _nx_projects(repo: Repo, package: Package) -> Iterator[tuple[str, str, str, str]]:
    for file in repo.named("project.json"):
        folder = file.rpartition("/")[0]
        value = json_table(repo, file) if not package.path or folder.startswith(package.path + "/") else {}
        if value.get("projectType") != "application" or repo.has(join(folder, "package.json")):
            continue
        name = written(value.get("name")) or folder.rpartition("/")[2]
        inside = folder[len(package.path) :].strip("/")
        if not re.search(r"e2e|storybook|docs", folder) and repo.has(join(folder, "src/main.ts")):
            yield name, inside, f"node dist/{inside}/main.js", f"npx nx build {name}"


def _project(
    repo: Repo, package: Package, known: list[Found[Framework]], nested: list[str], name: str, folder: str, start: str, build: str
) -> Deployable:
    own = collect(repo, [join(package.path, folder)], nested)
    libraries = [join(package.path, place) for place in ("libs", "packages", "shared")]
    sources = collect(repo, [join(package.path, folder), *libraries], nested, own)
    heard = tuple(listeners(own))
    nest = nestjs.creates_application(own)
    browser = nest is None and not heard
    framework = next((item for item in known if item.value.kind == "spa"), None) if browser else _server_framework(own, known, heard)
    role: Role = "static" if browser else "worker" if nest is not None and nest[2] != "create" and not heard else "web"
    if browser and framework is None:
        page = single_page(repo, package, None)
        framework = page or found(Framework("react" if package.uses("react") else "vite", "spa"), package.file, None, "Nx application", 0.5)
    return Deployable(package, None, (), own, sources, role, framework, heard, (), name, None if browser else start, build)
