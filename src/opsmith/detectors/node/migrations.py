"""Prisma schemas, and the command that brings a database up to date before a release."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opsmith.detectors.javascript.facts import Found, found, join, parent, relative, table, written
from opsmith.detectors.node.manager import Manager
from opsmith.detectors.node.packages import Package
from opsmith.repo import Repo

_HEAD = 100_000
"""A datasource stands at the top of a schema."""
_PRISMA_KINDS = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "cockroachdb": "postgres",
    "mysql": "mysql",
    "sqlserver": "mssql",
    "mongodb": "mongodb",
}


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema.prisma. `kind` is None for SQLite."""

    file: str
    kind: str | None
    line: int | None
    variables: tuple[tuple[str, int], ...]
    migrations: str | None
    """Folder of the committed migrations."""
    owner: str
    """Folder of the package that it belongs to."""


def prisma_schema(repo: Repo, packages: Iterable[Package]) -> Schema | None:
    """The schema of the first of `packages` that has one."""
    for package in packages:
        if package.uses("prisma", "@prisma/client"):
            for file in _schema_files(repo, package):
                schema = _read(repo, file, package.path)
                if schema is not None:
                    return schema
    return None


def _schema_files(repo: Repo, package: Package) -> Iterator[str]:
    for place in (
        written(table(package.manifest.get("prisma")).get("schema")),
        "prisma/schema.prisma",
        "schema.prisma",
        "prisma/schema",
        "src/prisma/schema.prisma",
        "db/schema.prisma",
    ):
        if place is not None:
            path = join(package.path, place)
            yield from [path] if repo.has(path) else repo.under(path, ".prisma")
    yield from sorted(repo.under(package.path, "schema.prisma"), key=lambda path: path.count("/"))[:1]


def _read(repo: Repo, file: str, owner: str) -> Schema | None:
    source = (repo.read(file) or "")[:_HEAD]
    block = re.search(r"^datasource\s+\w+\s*\{([^}]*)\}", source, re.MULTILINE)
    provider = re.search(r'provider\s*=\s*"(\w+)"', block[1]) if block else None
    if block is None or provider is None:
        return None
    start = source[: block.start()].count("\n") + 1
    names = [(match[1], start + block[1][: match.start()].count("\n")) for match in re.finditer(r'env\("(\w+)"\)', block[1])]
    folder = next(
        (path for path in (join(parent(file), "migrations"), join(parent(parent(file)), "migrations")) if repo.under(path, ".sql", ".toml")), None
    )
    return Schema(file, _PRISMA_KINDS.get(provider[1]), start + block[1][: provider.start()].count("\n"), tuple(names), folder, owner)


def needs_generate(package: Package, schema: Schema | None, above: Package | None) -> bool:
    """Whether no script of the package makes the Prisma client, so that the build has to."""
    if schema is None or schema.owner != package.path:
        return False
    scripts = [item.scripts.get(name, "") for item in (package, above) if item for name in ("postinstall", "prebuild", "build", "prepare")]
    return not any(re.search(r"prisma(:|\s+)(migrate deploy.*)?generate|generate", text) and "prisma" in text for text in scripts)


def migration_command(repo: Repo, packages: list[Package], manager: Manager, schema: Schema | None) -> Found[str] | None:
    """`packages`: the component's own, then those of its workspace that it links."""
    if schema is not None:
        return _prisma(manager, schema, packages[0])
    return next((hit for package in packages for hit in _others(repo, package, manager, packages[0])), None)


def _prisma(manager: Manager, schema: Schema, package: Package) -> Found[str] | None:
    if schema.migrations is None:
        return None
    default = schema.file in (join(package.path, "prisma/schema.prisma"), join(package.path, "schema.prisma")) or "prisma" in package.manifest
    place = "" if default else f" --schema {relative(schema.file, package.path)}"
    return found(manager.execute(f"prisma migrate deploy{place}"), schema.migrations, None, "committed Prisma migrations", 0.95)


_TOOLS = (
    ("knex", r"\bknex\b.*migrate[:\w]*|knex migrate:latest", "knex migrate:latest", ("knexfile.js", "knexfile.ts", "knexfile.cjs", "knexfile.mjs")),
    ("sequelize-cli", r"sequelize(-cli)?\s+db:migrate(?!:undo)", "sequelize-cli db:migrate", (".sequelizerc",)),
    ("typeorm", r"(typeorm\b|typeorm-ts-node-\w+|\btypeorm\s).*migration:run|migration:run", "typeorm migration:run", ()),
    ("drizzle-kit", r"drizzle-kit\s+migrate", "drizzle-kit migrate", ("drizzle.config.ts", "drizzle.config.js", "drizzle.config.mjs")),
    ("@mikro-orm/cli", r"mikro-orm\w*\s+migration:up", "mikro-orm migration:up", ("mikro-orm.config.ts", "src/mikro-orm.config.ts")),
    ("node-pg-migrate", r"node-pg-migrate\b.*\bup\b", "node-pg-migrate up", ()),
    ("db-migrate", r"db-migrate\b.*\bup\b", "db-migrate up", ("database.json",)),
    ("migrate-mongo", r"migrate-mongo\s+up", "migrate-mongo up", ("migrate-mongo-config.js",)),
)


def _others(repo: Repo, package: Package, manager: Manager, component: Package) -> Iterator[Found[str]]:
    """A script that migrates forward, else the tool's own command where its configuration and migrations are committed."""
    for tool, pattern, command, configurations in _TOOLS:
        if not package.uses(tool, tool.removesuffix("-cli"), tool.removesuffix("-kit") + "-orm"):
            continue
        named = _script(package, pattern)
        if named is not None and package is component:
            yield found(manager.run(named), package.file, repo.line_of(package.file, f'"{named}"'), package.scripts[named], 0.85)
        config = next((name for name in configurations if repo.has(join(package.path, name))), None)
        if config is not None and package is component and _has_migrations(repo, package.path):
            yield found(manager.execute(command), join(package.path, config), None, f"{tool} with committed migrations", 0.7)
    script = next(
        (name for name in ("db:migrate", "migrate:deploy", "migrate", "migrate:up", "migration:run", "migrations:run") if name in component.scripts),
        None,
    )
    if script is not None and package is component and not re.search(r"\bdev\b|prisma db push|rollback", component.scripts[script]):
        yield found(manager.run(script), component.file, repo.line_of(component.file, f'"{script}"'), component.scripts[script], 0.6)


def _script(package: Package, pattern: str) -> str | None:
    hits = [
        name
        for name, body in package.scripts.items()
        if re.search(pattern, body) and not re.search(r"revert|rollback|undo|down|make|generate|create|seed|test|reset", name + body)
    ]
    ranked = sorted(hits, key=lambda name: (not re.search(r"prod|deploy", name), "dev" in name, len(name)))
    return ranked[0] if ranked else None


def _has_migrations(repo: Repo, folder: str) -> bool:
    places = (
        "migrations",
        "db/migrations",
        "src/migrations",
        "database/migrations",
        "src/database/migrations",
        "src/db/migrations",
        "drizzle",
        "src/db/drizzle",
        "drizzle/migrations",
    )
    return any(repo.under(join(folder, place), ".js", ".ts", ".sql", ".cjs", ".mjs") for place in places)
