"""What a package is built with, by its dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opsmith.detectors.javascript.facts import Found, found
from opsmith.detectors.node.packages import Package
from opsmith.repo import Repo

Kind = Literal["meta", "server", "spa", "site"]
"""meta: serves what it has built itself. server: the code listens. spa: static files after a build. site: a static site generator."""


@dataclass(frozen=True, slots=True)
class Framework:
    name: str
    kind: Kind
    port: int | None = None
    """Where it listens when nothing says otherwise."""


_TABLE: tuple[tuple[tuple[str, ...], Framework], ...] = (
    (("next",), Framework("nextjs", "meta", 3000)),
    (("nuxt", "nuxt3", "nuxt-edge"), Framework("nuxt", "meta", 3000)),
    (("@remix-run/dev", "@remix-run/serve", "@remix-run/node", "@remix-run/express"), Framework("remix", "meta", 3000)),
    (("@react-router/dev", "@react-router/serve"), Framework("react-router", "meta", 3000)),
    (("@sveltejs/kit",), Framework("sveltekit", "meta", 3000)),
    (("@solidjs/start", "solid-start"), Framework("solid-start", "meta", 3000)),
    (("@tanstack/react-start", "@tanstack/start"), Framework("tanstack-start", "meta", 3000)),
    (("@analogjs/platform",), Framework("analog", "meta", 3000)),
    (("astro",), Framework("astro", "site", 4321)),
    (("gatsby",), Framework("gatsby", "site")),
    (("@strapi/strapi", "strapi"), Framework("strapi", "meta", 1337)),
    (("@medusajs/medusa",), Framework("medusa", "meta", 9000)),
    (("@keystone-6/core",), Framework("keystone", "meta", 3000)),
    (("@adonisjs/core",), Framework("adonis", "server", 3333)),
    (("sails",), Framework("sails", "server", 1337)),
    (("@loopback/rest",), Framework("loopback", "server", 3000)),
    (("@nestjs/core",), Framework("nestjs", "server", None)),
    (("fastify-cli",), Framework("fastify", "server", 3000)),
    (("fastify",), Framework("fastify", "server")),
    (("@hono/node-server", "hono"), Framework("hono", "server", 3000)),
    (("elysia",), Framework("elysia", "server", 3000)),
    (("koa",), Framework("koa", "server")),
    (("@hapi/hapi", "hapi"), Framework("hapi", "server")),
    (("@apollo/server",), Framework("apollo", "server", 4000)),
    (("express",), Framework("express", "server")),
    (("restify",), Framework("restify", "server")),
    (("polka",), Framework("polka", "server")),
    (("@feathersjs/feathers",), Framework("feathers", "server", 3030)),
    (("moleculer",), Framework("moleculer", "server")),
    (("apollo-server",), Framework("apollo", "server", 4000)),
    (("@grpc/grpc-js", "grpc"), Framework("grpc", "server")),
    (("socket.io",), Framework("socket.io", "server")),
    (("@docusaurus/core",), Framework("docusaurus", "site")),
    (("vitepress",), Framework("vitepress", "site")),
    (("vuepress", "@vuepress/cli", "vuepress-vite", "vuepress-webpack"), Framework("vuepress", "site")),
    (("@11ty/eleventy",), Framework("eleventy", "site")),
    (("hexo",), Framework("hexo", "site")),
    (("gridsome",), Framework("gridsome", "site")),
    (("rspress", "@rspress/core"), Framework("rspress", "site")),
    (("@angular/core",), Framework("angular", "spa")),
)
_UI = (
    ("@angular/core", "angular"),
    ("svelte", "svelte"),
    ("vue", "vue"),
    ("solid-js", "solid"),
    ("preact", "preact"),
    ("react", "react"),
    ("lit", "lit"),
    ("@builder.io/qwik", "qwik"),
)
_BUILDERS = (
    "vite",
    "react-scripts",
    "@vue/cli-service",
    "parcel",
    "parcel-bundler",
    "webpack",
    "@rsbuild/core",
    "@craco/craco",
    "@angular/cli",
    "ember-cli",
    "react-app-rewired",
    "rspack",
)


def frameworks(repo: Repo, package: Package) -> list[Found[Framework]]:
    """Every framework that the package depends on, the telling ones first."""
    result: list[Found[Framework]] = []
    for names, framework in _TABLE:
        name = package.uses(*names)
        if name is not None and framework.name not in [item.value.name for item in result]:
            sure = 0.95 if name in package.dependencies else 0.8
            result.append(found(framework, package.file, repo.line_of(package.file, f'"{name}"'), f"dependency {name}", sure))
    return result


def single_page(repo: Repo, package: Package, above: Package | None) -> Found[Framework] | None:
    """A bundled browser application: a bundler (of the package or its workspace), a page, and the UI library it is named by."""
    builds = package.scripts.get("build", "") + " " + " ".join(body for name, body in package.scripts.items() if name.startswith("build"))
    builder = package.uses(*_BUILDERS) or next(
        (name for name in ("vite", "webpack", "parcel", "react-scripts", "ng") if name in builds.split()), None
    )
    page = next(
        (
            path
            for path in ("index.html", "public/index.html", "src/index.html", "src/public/index.html")
            if repo.has(f"{package.path}/{path}".lstrip("/"))
        ),
        None,
    )
    if builder is None or page is None or not builds.strip():
        return None
    name = next((ui for dependency, ui in _UI if package.uses(dependency)), None)
    name = name or next((ui for dependency, ui in _UI if above is not None and above.uses(dependency)), None)
    file = f"{package.path}/{page}".lstrip("/")
    return found(Framework(name or builder.partition("/")[0], "spa"), file, None, f"built by {builder}", 0.9)
