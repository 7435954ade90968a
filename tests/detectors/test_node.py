from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opsmith.detectors import node
from opsmith.detectors.javascript.facts import Found
from opsmith.detectors.javascript.health import Route, choose
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, RequestMetric, Runtime
from opsmith.repo import Repo


def survey(root: Path, files: dict[str, Any]) -> list[Component]:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    return list(node.detect(Repo(root)))


def only(root: Path, files: dict[str, Any]) -> Component:
    (component,) = survey(root, files)
    return component


PM2 = "module.exports = { apps: [{ script: './server.js' }] }"
TSCONFIG = {"compilerOptions": {"outDir": "./out", "rootDir": "./src"}}
SVELTE_STATIC = "import adapter from '@sveltejs/adapter-static';\nexport default {}"
ASTRO = "export default { output: 'server' }"
VITE = "export default { build: { outDir: 'public_html' } }"
EXPRESS = {"name": "shop", "scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}
LISTEN = 'const express = require("express");\nconst app = express();\napp.listen(3000);\n'


def test_small_express_program_whole(tmp_path: Path) -> None:
    server = """const express = require("express");
const redis = require("redis");
const app = express();
const client = redis.createClient({ url: process.env.REDIS_URL });
app.get("/healthz", (req, res) => res.send("ok"));
app.listen(process.env.PORT || 4000);
"""
    package = {"name": "@acme/Shop API", "scripts": {"start": "node server.js"}, "dependencies": {"express": "4", "redis": "4"}}
    assert only(tmp_path, {"package.json": package, "package-lock.json": "{}", ".nvmrc": "v20.11.1\n", "server.js": server}) == Component(
        name="shop-api",
        path="",
        role="web",
        language="javascript",
        framework="express",
        package_manager="npm",
        runtime=Runtime(name="node", version="20.11.1"),
        install_command="npm ci",
        start_command="node server.js",
        ports=(4000,),
        port_env="PORT",
        protocol="http",
        health_path="/healthz",
        backing_services=(BackingService(kind="redis", name="redis", env=("REDIS_URL",)),),
        env=(EnvVar(name="PORT", required=False, default="4000"), EnvVar(name="REDIS_URL", required=True, secret=True)),
        manifests=("package-lock.json", "package.json"),
        evidence={
            "framework": (Evidence(file="package.json", line=7, shows="dependency express", confidence=0.95),),
            "package_manager": (Evidence(file="package-lock.json", shows="lock file of npm", confidence=0.95),),
            "runtime": (Evidence(file=".nvmrc", line=1, shows="v20.11.1", confidence=0.9),),
            "start_command": (Evidence(file="package.json", line=4, shows='"start": "node server.js"', confidence=0.9),),
            "ports": (Evidence(file="server.js", line=6, shows="app.listen(process.env.PORT || 4000)", confidence=0.95),),
            "health_path": (Evidence(file="server.js", line=5, shows='app.get("/healthz", (req, res) => res.send("ok"))', confidence=0.9),),
            "backing_services": (Evidence(file="server.js", line=2, shows='redis: const redis = require("redis"', confidence=0.9),),
            "env": (
                Evidence(file="server.js", line=6, shows="PORT: app.listen(process.env.PORT || 4000);", confidence=0.9),
                Evidence(
                    file="server.js",
                    line=4,
                    shows="REDIS_URL: const client = redis.createClient({ url: process.env.REDIS_URL });",
                    confidence=0.7,
                ),
            ),
        },
    )


@pytest.mark.parametrize(
    ("files", "package", "install", "traits"),
    [
        ({"yarn.lock": ""}, {}, "yarn install --frozen-lockfile", ()),
        ({"yarn.lock": "__metadata:\n  version: 8\n"}, {}, "yarn install --immutable", ("manager:4.18.1", "yarn-berry")),
        ({"pnpm-lock.yaml": ""}, {"packageManager": "pnpm@9.1.0"}, "pnpm install --frozen-lockfile", ("corepack", "manager:9.1.0")),
        ({"bun.lock": ""}, {}, "bun install --frozen-lockfile", ()),
        ({}, {}, "npm install", ()),
        ({"package-lock.json": "{}"}, {"scripts": {"start": "node server.js", "prepare": "husky install"}}, "npm ci", ("husky-prepare",)),
    ],
)
def test_package_managers(tmp_path: Path, files: dict[str, str], package: dict[str, Any], install: str, traits: tuple[str, ...]) -> None:
    component = only(tmp_path, {"package.json": {**EXPRESS, **package}, "server.js": LISTEN, **files})
    assert (component.install_command, component.traits) == (install, traits)


def test_two_lock_files_are_an_ambiguity(tmp_path: Path) -> None:
    component = only(tmp_path, {"package.json": EXPRESS, "server.js": LISTEN, "yarn.lock": "", "package-lock.json": "{}"})
    assert component.ambiguities == (
        Ambiguity(
            fact="package_manager", component="shop", choices=("yarn", "npm"), how_to_decide="set components.shop.package_manager in opsmith.yaml"
        ),
    )


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({".nvmrc": "# line\nlts/iron\n", ".node-version": "18"}, "lts/iron"),
        ({".node-version": "v18.2.0\n", ".tool-versions": "nodejs 16.0.0\n"}, "18.2.0"),
        ({".tool-versions": "ruby 3.3\nnodejs 21.1.0\n"}, "21.1.0"),
        ({"mise.toml": '[tools]\nnode = ["22", "20"]\n'}, "22"),
        ({".npmrc": "use-node-version=20.1.0\n"}, "20.1.0"),
    ],
)
def test_runtime_versions(tmp_path: Path, files: dict[str, str], version: str) -> None:
    component = only(tmp_path, {"package.json": EXPRESS, "server.js": LISTEN, **files})
    assert component.runtime == Runtime(name="node", version=version)
    assert component.traits == (("node-20",) if version == "lts/iron" else ())


def test_pinned_version_goes_before_the_range(tmp_path: Path) -> None:
    package = {**EXPRESS, "engines": {"node": ">=18"}, "volta": {"node": "20.10.0"}}
    assert only(tmp_path, {"package.json": package, "server.js": LISTEN}).runtime == Runtime(name="node", version="20.10.0")


@pytest.mark.parametrize(
    ("scripts", "files", "start"),
    [
        ({"start": "nodemon server.js"}, {}, "node server.js"),
        ({"start": "nodemon server.js", "start:prod": "NODE_ENV=production node server.js"}, {}, "node server.js"),
        ({"start": "npm run build && node dist/server.js", "build": "tsc"}, {}, "node dist/server.js"),
        ({"start": "npm run serve", "serve": "node --max-old-space-size=512 server.js"}, {}, "node --max-old-space-size=512 server.js"),
        ({"start": "pm2 start ecosystem.config.js --no-daemon"}, {"ecosystem.config.js": PM2}, "node ./server.js"),
        ({"start:prod": "node main", "start": "node dist/apps/api/main"}, {}, "node dist/apps/api/main"),
        ({"start": "node server.js | pino-pretty"}, {}, "npm start"),
        ({"dev": "nodemon src/index.ts", "build": "tsc"}, {"src/index.ts": "app.listen(1)", "tsconfig.json": TSCONFIG}, "node out/index.js"),
        ({}, {}, "node server.js"),
    ],
)  # fmt: skip
def test_start_commands(tmp_path: Path, scripts: dict[str, str], files: dict[str, Any], start: str) -> None:
    component = only(tmp_path, {"package.json": {**EXPRESS, "scripts": scripts}, "server.js": LISTEN, **files})
    assert component.start_command == start


@pytest.mark.parametrize(
    ("code", "port", "variable"),
    [
        ("app.listen(8081)", 8081, None),
        ("app.listen(Number(process.env.HTTP_PORT ?? 8082))", 8082, "HTTP_PORT"),
        ("const { PORT = 8083 } = process.env; app.listen(PORT)", 8083, "PORT"),
        ("const port = parseInt(process.env.PORT || '8084', 10); app.listen(port)", 8084, "PORT"),
        ("app.listen({ port: process.env.PORT || 8085, host: '0.0.0.0' })", 8085, "PORT"),
        ("const config = require('./config'); app.listen(config.server.port)", 8086, "PORT"),
        ("const { port } = require('./config').server; app.listen(port)", 8086, "PORT"),
        ("const port = [process.env.PORT, 8087].find(Boolean); server.listen(port)", 8087, "PORT"),
    ],
)
def test_ports(tmp_path: Path, code: str, port: int, variable: str | None) -> None:
    config = "module.exports = { server: { port: process.env.PORT || 8086 }, redis: { port: 6379 } }"
    component = only(tmp_path, {"package.json": EXPRESS, "server.js": f'const express = require("express");\n{code}\n', "config.js": config})
    assert (component.ports, component.port_env) == ((port,), variable)


def test_port_without_a_number_is_told_as_a_guess(tmp_path: Path) -> None:
    component = only(tmp_path, {"package.json": EXPRESS, "server.js": "app.listen(process.env.PORT)"})
    assert (component.ports, component.port_env) == ((3000,), "PORT")
    assert component.env == (EnvVar(name="PORT", required=True),)
    assert component.ambiguities == (
        Ambiguity(
            fact="ports",
            component="shop",
            choices=("3000",),
            how_to_decide="set components.shop.ports in opsmith.yaml (3000 is a guess: the repository does not say)",
        ),
    )


def test_routers_keep_their_prefixes(tmp_path: Path) -> None:
    files = {
        "package.json": EXPRESS,
        "server.js": 'const routes = require("./routes");\napp.use("/api", routes);\napp.listen(3000);\n',
        "routes/index.js": 'const router = require("express").Router();\nconst v1 = require("./v1");\n'
        'router.use("/v1", v1);\nmodule.exports = router;\n',
        "routes/v1.js": 'const router = require("express").Router();\nrouter.get("/health", (req, res) => res.end());\nmodule.exports = router;\n',
    }
    assert only(tmp_path, files).health_path == "/api/v1/health"


def test_of_routes_that_are_equally_good_the_first_is_taken(tmp_path: Path) -> None:
    files = {
        "package.json": EXPRESS,
        "server.js": LISTEN + 'app.get("/health", (req, res) => res.end());\napp.get("/health", check);\n',
        "a.js": 'const app = require("express")();\napp.get("/health", (req, res) => res.end());\n',
    }
    component = only(tmp_path, files)
    shown = Evidence(file="a.js", line=2, shows='app.get("/health", (req, res) => res.end())', confidence=0.9)
    assert (component.health_path, component.evidence["health_path"]) == ("/health", (shown,))


def test_nest_prefix_version_and_health(tmp_path: Path) -> None:
    files = {
        "package.json": {
            "name": "api",
            "scripts": {"build": "nest build", "start": "nest start", "lint": "eslint .", "test": "jest"},
            "dependencies": {"@nestjs/core": "10", "@nestjs/common": "10"},
        },
        "tsconfig.json": {"compilerOptions": {"outDir": "./dist"}},
        "src/main.ts": "import { NestFactory } from '@nestjs/core';\nconst app = await NestFactory.create(AppModule);\n"
        "app.setGlobalPrefix('api');\napp.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });\n"
        "await app.listen(process.env.PORT ?? 3333);\n",
        "src/health.controller.ts": "@Controller('health')\nexport class HealthController {\n  @Get()\n  check() {}\n}\n",
    }
    component = only(tmp_path, files)
    assert (component.framework, component.language, component.role) == ("nestjs", "typescript", "web")
    assert (component.build_command, component.start_command) == ("npm run build", "node dist/main")
    assert (component.test_command, component.lint_command) == ("npm test", "npm run lint")
    assert (component.ports, component.health_path) == ((3333,), "/api/v1/health")


def test_nest_monorepo_has_one_component_for_each_application(tmp_path: Path) -> None:
    files = {
        "package.json": {"name": "acme", "scripts": {"build": "nest build"}, "dependencies": {"@nestjs/core": "10"}},
        "nest-cli.json": {"monorepo": True, "projects": {name: {"type": "application", "root": f"apps/{name}"} for name in ("api", "jobs")}},
        "apps/api/src/main.ts": "const app = await NestFactory.create(AppModule);\nawait app.listen(3000);\n",
        "apps/jobs/src/main.ts": "await NestFactory.createApplicationContext(JobsModule);\n",
    }
    found = [(item.name, item.role, item.build_command, item.start_command, item.ports) for item in survey(tmp_path, files)]
    assert found == [
        ("api", "web", "npx nest build api", "node dist/apps/api/main", (3000,)),
        ("jobs", "worker", "npx nest build jobs", "node dist/apps/jobs/main", ()),
    ]


@pytest.mark.parametrize(
    ("dependencies", "files", "start", "folder", "port"),
    [
        ({"next": "15"}, {"next.config.js": "module.exports = { output: 'standalone' }"}, "node server.js", None, 3000),
        ({"next": "15"}, {"next.config.ts": "export default { output: 'export' }"}, "nginx -g 'daemon off;'", "out", 8080),
        ({"next": "15"}, {}, "npm start", None, 3000),
        ({"nuxt": "3"}, {}, "node .output/server/index.mjs", None, 3000),
        ({"@sveltejs/kit": "2"}, {"svelte.config.js": "import adapter from '@sveltejs/adapter-node';\nexport default {}"}, "node build", None, 3000),
        ({"@sveltejs/kit": "2"}, {"svelte.config.js": SVELTE_STATIC}, "nginx -g 'daemon off;'", "build", 8080),
        ({"astro": "5"}, {}, "nginx -g 'daemon off;'", "dist", 8080),
        ({"astro": "5", "@astrojs/node": "9"}, {"astro.config.mjs": ASTRO}, "node ./dist/server/entry.mjs", None, 4321),
        ({"react-scripts": "5", "react": "18"}, {"public/index.html": ""}, "nginx -g 'daemon off;'", "build", 8080),
        ({"vite": "6", "vue": "3"}, {"index.html": "", "vite.config.ts": VITE}, "nginx -g 'daemon off;'", "public_html", 8080),
    ],
)  # fmt: skip
def test_frameworks_that_build(
    tmp_path: Path, dependencies: dict[str, str], files: dict[str, str], start: str, folder: str | None, port: int
) -> None:
    name = next(iter(dependencies)).removeprefix("@sveltejs/").replace("kit", "vite")
    package = {"name": "site", "scripts": {"dev": f"{name} dev", "build": f"{name} build", "start": f"{name} start"}, "dependencies": dependencies}
    component = only(tmp_path, {"package.json": package, **files})
    assert (component.start_command, component.static_dir, component.ports) == (start, folder, (port,))
    assert component.role == ("static" if folder else "web")


def test_file_routes(tmp_path: Path) -> None:
    package = {"name": "site", "scripts": {"build": "next build"}, "dependencies": {"next": "15"}}
    component = only(tmp_path, {"package.json": package, "src/app/(ops)/api/health/route.ts": "export const GET = () => new Response('ok')"})
    assert component.health_path == "/api/health"


def test_schemas_decide_what_is_required(tmp_path: Path) -> None:
    schema = """const Joi = require("joi");
module.exports = Joi.object({
  DATABASE_URL: Joi.string().required(),
  LOG_LEVEL: Joi.string().default("info"),
  SENTRY_DSN: Joi.string(),
  PORT: Joi.number().default(5001),
});
"""
    zod = 'import { z } from "zod";\n'
    zod += "export const env = z.object({ JWT_SECRET: z.string().min(8), CACHE_TTL: z.coerce.number().optional() }).parse(process.env);\n"
    component = only(tmp_path, {"package.json": EXPRESS, "server.js": LISTEN, "config/schema.js": schema, "env.mjs": zod})
    assert component.env == (
        EnvVar(name="CACHE_TTL", required=False),
        EnvVar(name="DATABASE_URL", required=True, secret=True),
        EnvVar(name="JWT_SECRET", required=True, secret=True),
        EnvVar(name="LOG_LEVEL", required=False, default="info"),
        EnvVar(name="PORT", required=False, default="5001"),
        EnvVar(name="SENTRY_DSN", required=False, secret=True),
    )


@pytest.mark.parametrize(
    ("code", "required", "default"),
    [
        ("const key = process.env.API_KEY; if (!key) { throw new Error('missing'); }", True, None),
        ("if (process.env.API_KEY) enable();", False, None),
        ("const key = process.env.API_KEY || 'none';", False, "none"),
        ("invariant(process.env.API_KEY, 'API_KEY must be set');", True, None),
        ("const key = config.getOrThrow('API_KEY');", True, None),
        ("client.connect(process.env.API_KEY);", True, None),
        ("console.log(process.env.API_KEY);", False, None),
        ("process.env.API_KEY = 'x';", None, None),
    ],
)
def test_uses_of_a_variable(tmp_path: Path, code: str, required: bool | None, default: str | None) -> None:
    component = only(tmp_path, {"package.json": EXPRESS, "server.js": f"{LISTEN}\nconst configService = config;\n{code}\n"})
    expected = () if required is None else (EnvVar(name="API_KEY", required=required, secret=True, default=default),)
    assert component.env == expected


def test_tests_and_tools_say_nothing_of_the_environment(tmp_path: Path) -> None:
    files = {
        "package.json": EXPRESS,
        "server.js": LISTEN,
        "jest.config.js": "process.env.A_SECRET!",
        "src/a.test.js": "process.env.B_SECRET!",
        "e2e/x.js": "process.env.C",
    }
    assert only(tmp_path, files).env == ()


def test_prisma(tmp_path: Path) -> None:
    schema = 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
    package = {**EXPRESS, "scripts": {"start": "node server.js", "build": "tsc"}, "dependencies": {"express": "4", "@prisma/client": "5"}}
    files = {"package.json": package, "server.js": LISTEN, "prisma/schema.prisma": schema, "prisma/migrations/1/migration.sql": ""}
    component = only(tmp_path, files)
    assert component.build_command == "npx prisma generate && npm run build"
    assert component.migration_command == "npx prisma migrate deploy"
    assert component.backing_services == (BackingService(kind="postgres", name="postgres", env=("DATABASE_URL",)),)
    assert component.env == (EnvVar(name="DATABASE_URL", required=True, secret=True),)
    assert (component.runtime_packages, component.traits) == (("openssl",), ("prisma",))


def test_sqlite_is_no_backing_service(tmp_path: Path) -> None:
    package = {**EXPRESS, "dependencies": {"express": "4", "@prisma/client": "5", "sqlite3": "5"}}
    files = {"package.json": package, "server.js": LISTEN, "prisma/schema.prisma": 'datasource db {\n  provider = "sqlite"\n  url = "file:./x"\n}\n'}
    component = only(tmp_path, files)
    assert (component.backing_services, component.build_packages) == ((), ("g++", "make", "python3"))


def test_fixed_addresses_and_dialects(tmp_path: Path) -> None:
    package = {**EXPRESS, "dependencies": {"express": "4", "pg": "8", "typeorm": "0.3", "amqplib": "1"}}
    code = 'const amqp = require("amqplib");\namqp.connect("amqp://guest:guest@queue:5672");\n'
    orm = 'new DataSource({ type: "postgres", host: process.env.DB_HOST, logging: true });\n'
    component = only(tmp_path, {"package.json": package, "server.js": LISTEN + code, "data-source.js": orm})
    assert component.backing_services == (
        BackingService(kind="postgres", name="postgres", env=("DB_HOST",)),
        BackingService(kind="rabbitmq", name="rabbitmq", host="queue"),
    )


def test_request_metrics(tmp_path: Path) -> None:
    code = 'const bundle = require("express-prom-bundle");\napp.use(bundle({ includeMethod: true }));\n'
    component = only(tmp_path, {"package.json": EXPRESS, "server.js": LISTEN + code})
    assert component.metrics_path == "/metrics"
    assert component.request_metric == RequestMetric(
        counter="http_request_duration_seconds_count", errors='status_code=~"5.."', histogram="http_request_duration_seconds"
    )


def test_plain_metrics_route_names_no_request_metric(tmp_path: Path) -> None:
    code = 'const client = require("prom-client");\napp.get("/internal/metrics", async (q, r) => r.end(await client.register.metrics()));\n'
    component = only(tmp_path, {"package.json": EXPRESS, "server.js": LISTEN + code})
    assert (component.metrics_path, component.request_metric) == ("/internal/metrics", None)


def test_grpc_server(tmp_path: Path) -> None:
    code = """const grpc = require("@grpc/grpc-js");
const address = "0.0.0.0" + `:${process.env["RPC_PORT"] || 7001}`;
server.addService(health.service, implementation);
server.bindAsync(address, grpc.ServerCredentials.createInsecure(), () => server.start());
"""
    component = only(tmp_path, {"package.json": {"name": "pay", "main": "index.js", "dependencies": {"@grpc/grpc-js": "1"}}, "index.js": code})
    assert (component.framework, component.protocol, component.ports, component.port_env) == ("grpc", "grpc", (7001,), "RPC_PORT")
    assert (component.health_path, component.start_command) == ("grpc", "node index.js")


def test_hono_on_bun(tmp_path: Path) -> None:
    package = {"name": "edge", "scripts": {"start": "bun run src/index.ts"}, "dependencies": {"hono": "4"}}
    code = "import { Hono } from 'hono';\nconst app = new Hono().basePath('/v1');\n"
    code += "app.get('/health', (c) => c.text('ok'));\nexport default { port: 8788, fetch: app.fetch };\n"
    component = only(tmp_path, {"package.json": package, "bun.lock": "", "src/index.ts": code, "tsconfig.json": {}})
    assert (component.runtime, component.framework, component.start_command) == (Runtime(name="bun"), "hono", "bun run src/index.ts")
    assert (component.ports, component.health_path) == ((8788,), "/v1/health")


def test_worker_scripts_become_components(tmp_path: Path) -> None:
    scripts = {"start": "node server.js", "worker": "node worker.js", "worker:dev": "nodemon worker.js", "dev": "nodemon server.js"}
    found = survey(tmp_path, {"package.json": {**EXPRESS, "scripts": scripts}, "server.js": LISTEN, "worker.js": ""})
    assert [(item.name, item.role, item.start_command, item.ports) for item in found] == [
        ("shop", "web", "node server.js", (3000,)),
        ("shop-worker", "worker", "node worker.js", ()),
    ]


def test_bot_without_a_port(tmp_path: Path) -> None:
    package = {"name": "bot", "scripts": {"start": "node bot.js"}, "dependencies": {"discord.js": "14"}}
    component = only(tmp_path, {"package.json": package, "bot.js": "client.login(process.env.DISCORD_TOKEN);"})
    assert (component.role, component.start_command, component.ports) == ("worker", "node bot.js", ())


def test_workspace(tmp_path: Path) -> None:
    files = {
        "package.json": {"name": "acme", "private": True, "devDependencies": {"turbo": "2"}},
        "pnpm-workspace.yaml": "packages:\n  - apps/*\n  - packages/*\n",
        "pnpm-lock.yaml": "",
        "apps/api/package.json": {"name": "@acme/api", "scripts": {"build": "tsc", "start": "node dist/index.js"},
            "dependencies": {"fastify": "5", "@acme/db": "workspace:*"}},
        "apps/api/src/index.ts": "import Fastify from 'fastify';\nconst app = Fastify();\nawait app.listen({ port: 3001 });\n",
        "apps/web/package.json": {"name": "@acme/web", "scripts": {"build": "vite build"},
            "dependencies": {"react": "19"}, "devDependencies": {"vite": "6"}},
        "apps/web/index.html": "",
        "apps/web/vite.config.ts": "export default { server: { proxy: { '/api': 'http://localhost:3001' } } };",
        "apps/docs/package.json": {"name": "docs", "scripts": {"build": "next build"}, "dependencies": {"next": "15"}},
        "packages/db/package.json": {"name": "@acme/db", "scripts": {"build": "tsc"}, "main": "dist/index.js", "dependencies": {"pg": "8"}},
        "packages/db/index.ts": "import { Pool } from 'pg';\nexport const pool = new Pool({ connectionString: process.env.DATABASE_URL });\n",
    }  # fmt: skip
    api, web, docs = survey(tmp_path, files)
    assert (docs.name, docs.path, docs.role, docs.framework, docs.traits) == (
        "docs",
        "apps/docs",
        "web",
        "nextjs",
        ("documentation", "manager:10.34.8"),
    )
    assert (api.name, api.path, api.context, api.framework, api.language) == ("api", "apps/api", "", "fastify", "typescript")
    assert (api.install_command, api.build_command) == ("pnpm install --frozen-lockfile", "npx turbo run build --filter=@acme/api")
    assert api.backing_services == (BackingService(kind="postgres", name="postgres", env=("DATABASE_URL",)),)
    assert api.manifests == (
        "apps/api/package.json", "apps/docs/package.json", "apps/web/package.json",
        "package.json", "packages/db/package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml",
    )  # fmt: skip
    assert (web.name, web.role, web.framework, web.static_dir, web.depends_on) == ("web", "static", "react", "dist", ("api",))


@pytest.mark.parametrize(
    "beside",
    [
        {"composer.json": "{}"},
        {"manage.py": ""},
        {"Gemfile": ""},
        {"vite.config.js": "export default { build: { outDir: '../static/dist' } }"},
    ],
)
def test_asset_build_of_another_stack_is_no_deployable(tmp_path: Path, beside: dict[str, str]) -> None:
    package = {"name": "assets", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "6", "react": "18"}}
    assert survey(tmp_path, {"package.json": package, "index.html": "", **beside}) == []


def test_libraries_and_examples_are_no_deployables(tmp_path: Path) -> None:
    files = {
        "package.json": {"name": "lib", "main": "index.js", "exports": "./index.js", "scripts": {"build": "tsc", "test": "jest"}},
        "index.js": "export const add = (a, b) => a + b;",
        "examples/app/package.json": EXPRESS,
        "examples/app/server.js": LISTEN,
    }
    assert survey(tmp_path, files) == []


def test_hostile_files_do_no_harm(tmp_path: Path) -> None:
    package: dict[str, Any] = {
        "name": ["x"],
        "scripts": {"start": "node 'server.js", "build": 3, "test": "x" * 5000},
        "dependencies": ["express"],
        "workspaces": {"packages": [1, "**", "*a*a*a*a*a*a*b"]},
        "engines": "x",
    }
    files: dict[str, Any] = {
        "package.json": package,
        "server.js": LISTEN,
        "broken.js": "app.listen(" + "(" * 3000,
        "big.js": "process.env." + "A" * 6000,
        "deep.js": "app.use('/x', a" + "()" * 5000 + ");",
        "sub/package.json": "{broken",
        "nest-cli.json": "[]",
        "angular.json": {"projects": {"a": ["b"]}},
    }
    (component,) = survey(tmp_path, files)
    assert (component.build_command, component.test_command, component.env, component.ports) == (None, None, (), (3000,))


def test_a_port_that_goes_through_a_constructor_keeps_its_variable(tmp_path: Path) -> None:
    server = """const grpc = require("@grpc/grpc-js");
class Server {
  constructor(port) {
    this.port = port;
    this.server = new grpc.Server();
  }
  listen() {
    const port = this.port;
    this.server.bindAsync(`[::]:${port}`, grpc.ServerCredentials.createInsecure(), () => {});
  }
}
module.exports = Server;
"""
    files = {
        "package.json": {"name": "pay", "scripts": {"start": "node index.js"}, "dependencies": {"@grpc/grpc-js": "1"}},
        "index.js": "const Server = require('./server');\nconst PORT = process.env['PORT'];\nnew Server(PORT).listen();\n",
        "server.js": server,
    }
    found = only(tmp_path, files)
    assert (found.ports, found.port_env, found.protocol) == ((50051,), "PORT", "grpc")
    assert found.ambiguities == (
        Ambiguity(
            fact="ports",
            component="pay",
            choices=("50051",),
            how_to_decide="set components.pay.ports in opsmith.yaml (50051 is a guess: the repository does not say)",
        ),
    )


@pytest.mark.parametrize(
    ("condition", "required"),
    [
        ('process.env.ENABLE_TRACING === "1"', False),
        ("process.env.TRACING", False),
        ("!process.env.DISABLE_TRACING", True),
        ('process.env.NODE_ENV === "production"', True),
        ('process.env.TRACING !== "off"', True),
    ],
)
def test_what_only_a_switch_asks_for_is_not_required(tmp_path: Path, condition: str, *, required: bool) -> None:
    source = f"if ({condition}) {{\n  const url = process.env.COLLECTOR_SERVICE_ADDR;\n  trace({{ url }});\n}}\n"
    found = only(tmp_path, {"package.json": EXPRESS, "server.js": LISTEN + source})
    assert EnvVar(name="COLLECTOR_SERVICE_ADDR", required=required) in found.env


PRISMA = 'datasource db {\n  provider = "sqlite"\n  url      = "file:./shop.db"\n}\n'


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        ({"prisma/schema.prisma": PRISMA}, Evidence(file="prisma/schema.prisma", line=2, shows="datasource provider sqlite", confidence=0.95)),
        (
            {"db.js": 'const Database = require("better-sqlite3");\nmodule.exports = new Database("shop.db");\n'},
            Evidence(file="db.js", line=2, shows='new Database("shop.db")', confidence=0.85),
        ),
        ({"db.js": 'const Database = require("better-sqlite3");\nmodule.exports = new Database(":memory:");\n'}, None),
        (
            {"db.js": 'const D = require("pg");\nconst Database = require("better-sqlite3");\nmodule.exports = new Database("shop.db");\n'},
            None,
        ),
    ],
)
def test_a_file_as_the_only_database_is_a_trait(tmp_path: Path, files: dict[str, str], shown: Evidence | None) -> None:
    package = {**EXPRESS, "dependencies": {"express": "4", "prisma": "5", "better-sqlite3": "11", "pg": "8"}}
    found = only(tmp_path, {"package.json": package, "server.js": LISTEN, **files})
    assert ("sqlite" in found.traits, found.evidence.get("traits", ())) == (shown is not None, (shown,) if shown else ())


BUN_SERVE = 'Bun.serve({\n  routes: { "/health": new Response("ok") },\n  fetch: (request) => new Response("hello"),\n});\n'


def test_bun_program_whole(tmp_path: Path) -> None:
    package = {"name": "feed", "packageManager": "bun@1.3.11", "scripts": {"dev": "bun run --hot src/index.ts"}}
    assert only(tmp_path, {"package.json": package, "bun.lock": "", "src/index.ts": BUN_SERVE}) == Component(
        name="feed",
        path="",
        role="web",
        language="typescript",
        package_manager="bun",
        runtime=Runtime(name="bun", version="1.3.11"),
        install_command="bun install --frozen-lockfile",
        start_command="bun src/index.ts",
        ports=(3000,),
        port_env="PORT",
        protocol="http",
        health_path="/health",
        manifests=("bun.lock", "package.json"),
        traits=("typescript",),
        evidence={
            "package_manager": (Evidence(file="package.json", line=3, shows="packageManager: bun@1.3.11", confidence=0.95),),
            "runtime": (Evidence(file="package.json", line=3, shows="packageManager: bun@1.3.11", confidence=0.95),),
            "start_command": (Evidence(file="package.json", line=5, shows='"dev": "bun run --hot src/index.ts", without watching', confidence=0.7),),
            "ports": (
                Evidence(
                    file="src/index.ts",
                    line=1,
                    shows='Bun.serve({ routes: { "/health": new Response("ok") }, fetch: (request): Bun listens on PORT, else 3000',
                    confidence=0.8,
                ),
            ),
            "health_path": (Evidence(file="src/index.ts", line=2, shows='"/health": new Response("ok")', confidence=0.9),),
        },
    )


@pytest.mark.parametrize(
    ("code", "file", "port"),
    [
        ("new Elysia().get('/health', () => 'ok').listen(process.env.PORT ?? 4000);", "src/index.tsx", 4000),
        ("const app = new Hono();\nexport default { port: 8787, fetch: app.fetch };", "src/index.ts", 8787),
        ("Bun.serve({ port: Number(Bun.env.PORT ?? 9000), fetch });", "src/server.ts", 9000),
    ],
)
def test_ports_under_bun(tmp_path: Path, code: str, file: str, port: int) -> None:
    package = {"name": "x", "scripts": {"dev": f"bun --watch {file}"}, "dependencies": {"hono": "4", "elysia": "1"}}
    component = only(tmp_path, {"package.json": package, "bun.lockb": "", ".bun-version": "1.2.0\n", file: code})
    assert (component.start_command, component.ports, component.runtime) == (f"bun {file}", (port,), Runtime(name="bun", version="1.2.0"))


@pytest.mark.parametrize(
    ("package", "files", "folder"),
    [
        ({"scripts": {"build": "hexo generate"}, "dependencies": {"hexo": "7"}}, {"_config.yml": "public_dir: out\n"}, "out"),
        ({"scripts": {"build": "docusaurus build"}, "dependencies": {"@docusaurus/core": "3"}}, {}, "build"),
        ({"scripts": {"build": "docusaurus build --out-dir ./www"}, "dependencies": {"@docusaurus/core": "3"}}, {}, "www"),
        ({"scripts": {"build": "vitepress build site"}, "devDependencies": {"vitepress": "1"}}, {}, "site/.vitepress/dist"),
        ({"scripts": {"build": "eleventy"}, "devDependencies": {"@11ty/eleventy": "3"}},
         {".eleventy.js": "module.exports = () => ({ dir: { input: 'src', output: 'dist' } });"}, "dist"),
        ({"scripts": {"build": "gatsby build"}, "dependencies": {"gatsby": "5"}}, {}, "public"),
    ],
)  # fmt: skip
def test_site_generators(tmp_path: Path, package: dict[str, Any], files: dict[str, str], folder: str) -> None:
    component = only(tmp_path, {"package.json": package, **files})
    assert (component.role, component.static_dir, component.start_command) == ("static", folder, "nginx -g 'daemon off;'")


def test_documentation_stands_beside_what_it_documents(tmp_path: Path) -> None:
    app = {
        "name": "tool",
        "scripts": {"build": "vite build", "docs:build": "vitepress build docs"},
        "devDependencies": {"vite": "6", "vitepress": "1"},
    }
    site = {"name": "guide", "scripts": {"build": "astro build"}, "dependencies": {"astro": "5"}}
    files = {"package.json": app, "index.html": "", "docs/package.json": site, "examples/docs/package.json": site}
    found = [
        (item.name, item.path, item.role, item.build_command, item.static_dir, "documentation" in item.traits) for item in survey(tmp_path, files)
    ]
    assert found == [
        ("tool", "", "static", "npm run build", "dist", False),
        ("docs", "", "static", "npm run docs:build", "docs/.vitepress/dist", True),
        ("docs", "docs", "static", "npm run build", "dist", True),
    ]


def test_a_folder_that_deno_runs_is_none_of_node(tmp_path: Path) -> None:
    deno = {"tasks": {"start": "deno run -A main.ts"}}
    files = {"deno.json": deno, "package.json": {"dependencies": {"express": "5"}}, "main.ts": "app.listen(3000);", "server.js": LISTEN}
    assert survey(tmp_path, files) == []
    assert [item.framework for item in survey(tmp_path / "b", {"deno.json": {"fmt": {}}, "package.json": EXPRESS, "server.js": LISTEN})] == [
        "express"
    ]


def test_the_first_of_two_equal_health_routes_is_taken() -> None:
    routes = [Route("/health", "b.js", 3, "app.get('/health')"), Route("/health", "a.js", 1, "router.get('/health')")]
    assert choose(routes) == Found(value="/health", evidence=(Evidence(file="b.js", line=3, shows="app.get('/health')", confidence=0.9),))


def test_a_server_whose_entry_lies_in_bin(tmp_path: Path) -> None:
    package = {"name": "auth", "scripts": {"start": "node dist/bin/server.js"}, "dependencies": {"express": "^4"}, "types": "dist/index.d.ts"}
    server = "import express from 'express';\nconst app = express();\napp.listen(process.env.PORT || 3100);\n"
    found = only(tmp_path, {"package.json": package, "bin/server.ts": server, "bin/cleanup.ts": "process.env.ONLY_HERE;\n"})
    assert (found.role, found.framework, found.start_command, found.ports) == ("web", "express", "node dist/bin/server.js", (3100,))
    assert [variable.name for variable in found.env] == ["PORT"]


def test_health_paths_declared_twice_in_one_place(tmp_path: Path) -> None:
    server = LISTEN + 'app.get("/health", one);\napp.get("/health", two);\n'
    found = only(tmp_path, {"package.json": EXPRESS, "server.js": server})
    assert (found.health_path, found.evidence["health_path"][0].line) == ("/health", 4)


def test_a_page_that_calls_its_own_listen_is_no_server(tmp_path: Path) -> None:
    package = {"scripts": {"start": "vite", "build": "vite build"}, "devDependencies": {"vite": "^6"}, "dependencies": {"react": "^19"}}
    store = "export class Store { listen(callback) { setTimeout(() => this.listen(callback), 1000); } }\n"
    found = only(tmp_path, {"package.json": package, "index.html": "<html></html>", "src/store.ts": store})
    assert (found.role, found.framework, found.static_dir) == ("static", "react", "dist")


PAGE = {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "^6"}, "dependencies": {"vue": "^3"}}
ELECTRON = {"main": "main.js", "scripts": {"start": "electron ."}, "devDependencies": {"electron": "^30"}, "dependencies": {"express": "^4"}}
ANGULAR_LIBRARY = {
    "scripts": {"build": "ng build"},
    "dependencies": {"@angular/core": "^17"},
    "devDependencies": {"ng-packagr": "^17", "@angular/cli": "^17"},
}


@pytest.mark.parametrize(
    "beside",
    [
        {"desktop/package.json": ELECTRON, "desktop/main.js": LISTEN},
        {"desktop/package.json": PAGE, "desktop/index.html": "<html></html>", "desktop/src-tauri/tauri.conf.json": "{}"},
        {"elements/package.json": ANGULAR_LIBRARY, "elements/angular.json": "{}"},
        {"push-examples/package.json": EXPRESS, "push-examples/server.js": LISTEN},
        {"shop-test-utils/package.json": EXPRESS, "shop-test-utils/server.js": LISTEN},
    ],
)
def test_what_is_not_deployed_beside_a_server(tmp_path: Path, beside: dict[str, Any]) -> None:
    found = survey(tmp_path, {"api/package.json": EXPRESS, "api/server.js": LISTEN, **beside})
    assert [item.path for item in found] == ["api"]


def test_a_page_that_tauri_wraps_is_served_where_it_is_all_there_is(tmp_path: Path) -> None:
    assert only(tmp_path, {"package.json": PAGE, "index.html": "<html></html>", "src-tauri/tauri.conf.json": "{}"}).role == "static"


@pytest.mark.parametrize(
    ("script", "start"),
    [("node index.js", "node index.js"), ("bun index.js", "bun index.js"), ("NODE_ENV=production node index.js", "node index.js")],
)
def test_a_program_that_ends_is_a_job_unless_told_otherwise(tmp_path: Path, script: str, start: str) -> None:
    found = only(
        tmp_path, {"package.json": {"name": "report", "scripts": {"start": script}}, "package-lock.json": "{}", "index.js": "console.log(1);\n"}
    )
    assert (found.role, found.start_command, found.ports, found.framework) == ("job", start, (), None)
    how = "set components.report.role in opsmith.yaml"
    assert found.ambiguities == (Ambiguity(fact="role", component="report", choices=("job", "worker", "cli"), how_to_decide=how),)


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": {"scripts": {"start": "webpack --watch"}}, "index.js": ""},
        {"package.json": {"scripts": {"start": "node index.js"}}, "index.js": "", "go.mod": "module x\n"},
        {"package.json": {"scripts": {"test": "node --test"}, "main": "index.js"}, "index.js": ""},
        {"tools/package.json": {"scripts": {"start": "node index.js"}}, "tools/index.js": ""},
    ],
)
def test_scripts_for_development_are_no_job(tmp_path: Path, files: dict[str, Any]) -> None:
    assert survey(tmp_path, files) == []


def test_an_example_file_beside_the_sources(tmp_path: Path) -> None:
    package = {"scripts": {"start": "node src/main.js"}, "dependencies": {"express": "^4"}}
    server = LISTEN.replace("3000", "process.env.PORT")
    found = only(tmp_path, {"package.json": package, "src/main.js": server, "src/.example.env": "PORT=3004\n"})
    assert (found.ports, found.port_env, found.ambiguities) == ((3004,), "PORT", ())
    assert found.evidence["ports"] == (Evidence(file="src/.example.env", line=1, shows="PORT=3004", confidence=0.7),)


@pytest.mark.parametrize(("base", "traits"), [("'/admin/'", ("base-path:/admin",)), ("'/'", ()), ("process.env.BASE", ()), ("'https://cdn.x/'", ())])
def test_a_site_that_is_built_to_lie_below_a_path(tmp_path: Path, base: str, traits: tuple[str, ...]) -> None:
    package = {"name": "site", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "6", "vue": "3"}}
    config = f"export default {{ base: {base}, build: {{ outDir: 'out' }} }};"
    found = only(tmp_path, {"package.json": package, "index.html": "", "vite.config.js": config, "src/main.js": ""})
    assert (found.static_dir, found.traits) == ("out", traits)


@pytest.mark.parametrize(
    ("script", "traits"),
    [("cp node_modules/x/y.js ../static/y.js", ("install-leaves:postinstall",)), ("node ./scripts/patch.js", ()), ("cp a/../b c", ())],
)
def test_an_install_script_that_leaves_its_folder(tmp_path: Path, script: str, traits: tuple[str, ...]) -> None:
    scripts = {"build": "vite build", "postinstall": script}
    package = {"name": "site", "scripts": scripts, "devDependencies": {"vite": "6", "vue": "3"}}
    found = only(tmp_path, {"frontend/package.json": package, "frontend/index.html": "", "frontend/vite.config.js": "export default {};"})
    assert found.traits == traits
