"""What a program on Deno is built with, by what it imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from opsmith.detectors.deno.projects import Project
from opsmith.detectors.deno.specifiers import package_of, uses
from opsmith.detectors.javascript.facts import Found, found
from opsmith.detectors.javascript.source import Sources
from opsmith.repo import Repo

Kind = Literal["server", "meta", "site", "lasting"]
"""meta: serves what it has built itself. site: ends as files. lasting: runs on without listening."""
DENO_PORT = 8000
"""Where Deno.serve, `deno serve`, std/http, Fresh and the server that Lume brings listen when nothing says otherwise."""


@dataclass(frozen=True, slots=True)
class Framework:
    name: str
    kind: Kind


_TABLE: tuple[tuple[tuple[str, ...], Framework], ...] = (
    (("@fresh/core", "x/fresh", "$fresh", "@deno/fresh"), Framework("fresh", "meta")),
    (("x/aleph", "aleph"), Framework("aleph", "meta")),
    (("x/lume", "gh/lumeland/lume", "lume"), Framework("lume", "site")),
    (("@oak/oak", "x/oak", "@oakserver/oak"), Framework("oak", "server")),
    (("@hono/hono", "hono", "x/hono"), Framework("hono", "server")),
    (("express",), Framework("express", "server")),
    (("fastify",), Framework("fastify", "server")),
    (("koa",), Framework("koa", "server")),
    (("elysia",), Framework("elysia", "server")),
    (("@nestjs/core",), Framework("nestjs", "server")),
    (("x/opine",), Framework("opine", "server")),
    (("x/drash",), Framework("drash", "server")),
    (("x/abc",), Framework("abc", "server")),
    (("x/servest",), Framework("servest", "server")),
    (("x/alosaur",), Framework("alosaur", "server")),
    (("x/danet", "@danet/core"), Framework("danet", "server")),
    (("graphql-yoga", "x/graphql_yoga"), Framework("graphql-yoga", "server")),
    (("@apollo/server",), Framework("apollo", "server")),
    (("socket.io", "x/socket_io"), Framework("socket.io", "server")),
    (("std/http",), Framework("std/http", "server")),
    (("grammy", "@grammyjs/grammy", "x/grammy"), Framework("grammy", "lasting")),
    (("x/discordeno", "@discordeno/bot", "discordeno"), Framework("discordeno", "lasting")),
    (("discord.js",), Framework("discord.js", "lasting")),
    (("x/harmony", "@harmony/harmony"), Framework("harmony", "lasting")),
    (("telegraf",), Framework("telegraf", "lasting")),
)
_BY_PACKAGE: Mapping[str, tuple[int, Framework]] = {name: (place, framework) for place, (names, framework) in enumerate(_TABLE) for name in names}
_WORDS = tuple(sorted({name.rpartition("/")[2].encode() for name in _BY_PACKAGE} | {b"/http", b"fresh"}))


def framework_of(repo: Repo, project: Project, sources: Sources) -> Found[Framework] | None:
    """The most telling one that a source imports, else that the import map of a program without such an import names."""
    hits = [(*_BY_PACKAGE[use.package], use) for use in uses(sources, project.imports, _WORDS) if use.package in _BY_PACKAGE]
    if hits:
        _, framework, use = min(hits, key=lambda hit: (hit[0], hit[2].file.count("/"), hit[2].file, hit[2].line))
        return found(framework, use.file, use.line, use.shows, 0.95)
    told = [(_BY_PACKAGE[name], alias) for alias in project.imports if (name := package_of(alias, project.imports)) and name in _BY_PACKAGE]
    built = [(place, framework, alias) for (place, framework), alias in told if framework.kind != "server"]
    if not built or project.file is None:
        return None
    _, framework, alias = min(built, key=lambda hit: (hit[0], hit[2]))
    return found(framework, project.file, repo.line_of(project.file, f'"{alias}"'), f"import map: {alias}", 0.6)
