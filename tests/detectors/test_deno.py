"""The Deno detector on small trees, each showing one way in which programs on Deno are written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opsmith.detectors import deno
from opsmith.model.survey import BackingService, Component, EnvVar, Evidence, Runtime
from opsmith.repo import Repo


def survey(root: Path, files: dict[str, Any]) -> list[Component]:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    return list(deno.detect(Repo(root)))


def only(root: Path, files: dict[str, Any]) -> Component:
    (component,) = survey(root, files)
    return component


OAK = """import { Application, Router } from "@oak/oak";
import { Pool } from "https://deno.land/x/postgres@v0.19.3/mod.ts";

const pool = new Pool(Deno.env.get("DATABASE_URL")!, 3);
const router = new Router();
router.get("/healthz", (context) => (context.response.body = "ok"));
const app = new Application();
app.use(router.routes());
await app.listen({ port: Number(Deno.env.get("PORT") ?? 8080) });
"""


def test_small_oak_program_whole(tmp_path: Path) -> None:
    settings = {"tasks": {"start": "deno run --allow-net --allow-env main.ts"}, "imports": {"@oak/oak": "jsr:@oak/oak@^17"}}
    files = {"shop/deno.json": settings, "shop/deno.lock": "{}", "shop/.dvmrc": "2.1.4\n", "shop/main.ts": OAK}
    assert only(tmp_path, files) == Component(
        name="shop",
        path="shop",
        role="web",
        language="typescript",
        framework="oak",
        package_manager="deno",
        runtime=Runtime(name="deno", version="2.1.4"),
        install_command="deno cache main.ts",
        start_command="deno run --allow-net --allow-env main.ts",
        ports=(8080,),
        port_env="PORT",
        protocol="http",
        health_path="/healthz",
        backing_services=(BackingService(kind="postgres", name="postgres", env=("DATABASE_URL",)),),
        env=(EnvVar(name="DATABASE_URL", required=True, secret=True), EnvVar(name="PORT", required=False, default="8080")),
        lint_command="deno lint",
        manifests=("shop/deno.json", "shop/deno.lock"),
        evidence={
            "language": (Evidence(file="shop/main.ts", shows="1 of 1 sources are TypeScript", confidence=0.95),),
            "framework": (Evidence(file="shop/main.ts", line=1, shows="import from @oak/oak", confidence=0.95),),
            "package_manager": (Evidence(file="shop/deno.lock", shows="lock file of deno", confidence=0.95),),
            "runtime": (Evidence(file="shop/.dvmrc", line=1, shows="2.1.4", confidence=0.9),),
            "start_command": (Evidence(file="shop/deno.json", line=3, shows='"start": "deno run --allow-net --allow-env main.ts"', confidence=0.9),),
            "ports": (Evidence(file="shop/main.ts", line=9, shows='app.listen({ port: Number(Deno.env.get("PORT") ?? 8080) })', confidence=0.95),),
            "health_path": (
                Evidence(file="shop/main.ts", line=6, shows='router.get("/healthz", (context) => (context.response.body = "ok"))', confidence=0.9),
            ),
            "lint_command": (Evidence(file="shop/main.ts", shows="Deno's own linter", confidence=0.7),),
            "backing_services": (
                Evidence(
                    file="shop/main.ts",
                    line=2,
                    shows="postgres: import from https://deno.land/x/postgres@v0.19.3/mod.ts",
                    confidence=0.9,
                ),
            ),
            "env": (
                Evidence(
                    file="shop/main.ts",
                    line=4,
                    shows='DATABASE_URL: const pool = new Pool(Deno.env.get("DATABASE_URL")!, 3);',
                    confidence=0.95,
                ),
                Evidence(
                    file="shop/main.ts",
                    line=9,
                    shows='PORT: await app.listen({ port: Number(Deno.env.get("PORT") ?? 8080) });',
                    confidence=0.9,
                ),
            ),
        },
    )


def test_a_repository_without_deno_has_no_component(tmp_path: Path) -> None:
    assert survey(tmp_path, {"main.ts": "app.listen(3000);", "package.json": {"name": "x"}}) == []
    assert survey(tmp_path / "b", {"deno.json": {"fmt": {}}, "package.json": {"scripts": {"start": "node x.js"}}, "main.ts": "Deno.serve(f)"}) == []


@pytest.mark.parametrize(
    ("tasks", "start"),
    [
        ({"start": "deno run -A main.ts", "dev": "deno run -A --watch main.ts"}, "deno run -A main.ts"),
        ({"dev": "deno run --allow-net --watch=static/,routes/ main.ts"}, "deno run --allow-net main.ts"),
        ({"start": "deno task build && deno task serve", "serve": "deno run -A main.ts"}, "deno run -A main.ts"),
        ({"start": "PORT=8001 deno run -A main.ts"}, "deno task start"),
        ({"start": {"command": "deno serve --port 8001 main.ts", "dependencies": ["build"]}}, "deno serve --port 8001 main.ts"),
        ({"start": "deno run -A --watch dev.ts", "preview": "deno run -A main.ts"}, "deno run -A main.ts"),
        ({"start": "deno run -A gone.ts"}, "deno run --allow-net --allow-env --allow-read main.ts"),
        ({}, "deno run --allow-net --allow-env --allow-read main.ts"),
    ],
)
def test_start_commands(tmp_path: Path, tasks: dict[str, Any], start: str) -> None:
    files = {"deno.jsonc": {"tasks": tasks}, "main.ts": "Deno.serve({ port: 8001 }, () => new Response());", "dev.ts": ""}
    component = only(tmp_path, files)
    assert (component.start_command, component.ports) == (start, (8001,))


def test_permissions_without_a_task_are_a_guess_and_told_so(tmp_path: Path) -> None:
    component = only(tmp_path / "app", {"deno.json": {}, "main.ts": "Deno.serve(handler);\nnew Deno.Command('git');\n"})
    assert component.start_command == "deno run --allow-net --allow-env --allow-read --allow-run main.ts"
    assert [(item.fact, item.choices) for item in component.ambiguities] == [
        ("start_command", ("deno run --allow-net --allow-env --allow-read --allow-run main.ts",))
    ]


@pytest.mark.parametrize(
    ("code", "port", "variable"),
    [
        ("Deno.serve(handler);", 8000, None),
        ("Deno.serve({ port: 3000 }, handler);", 3000, None),
        ("Deno.serve({ port: parseInt(Deno.env.get('PORT') || '5000') }, app.fetch);", 5000, "PORT"),
        ("import { serve } from 'https://deno.land/std@0.200.0/http/server.ts';\nserve(handler, { port: 7000 });", 7000, None),
        ("import { serve } from './deps.ts';\nawait serve(handler);", 8000, None),
        ("import { env } from './env.ts';\nDeno.serve({ port: env.port }, h);", 6000, "PORT"),
        ("const env = Deno.env.toObject();\napp.listen({ port: Number(env.PORT ?? 4000) });", 4000, "PORT"),
        ("import { load } from 'jsr:@std/dotenv';\nconst env = await load();\napp.listen({ port: +(env['PORT'] ?? '4001') });", 4001, "PORT"),
    ],
)
def test_ports(tmp_path: Path, code: str, port: int, variable: str | None) -> None:
    env = "export const env = { port: Number(Deno.env.get('PORT') ?? '6000') };"
    component = only(tmp_path, {"deno.json": {"tasks": {"start": "deno run -A main.ts"}}, "main.ts": code, "env.ts": env, "deps.ts": ""})
    assert (component.ports, component.port_env) == ((port,), variable)


def test_a_default_port_is_told_as_such(tmp_path: Path) -> None:
    component = only(tmp_path, {"deno.json": {"tasks": {"start": "deno run -A main.ts"}}, "main.ts": "Deno.serve(handler);"})
    assert component.evidence["ports"] == (
        Evidence(file="main.ts", line=1, shows="Deno.serve(handler): Deno listens on 8000 by default", confidence=0.8),
    )


def test_fresh(tmp_path: Path) -> None:
    settings = {
        "tasks": {"start": "deno run -A --watch=static/ dev.ts", "build": "deno run -A dev.ts build", "preview": "deno run -A main.ts"},
        "imports": {"$fresh/": "https://deno.land/x/fresh@1.7.3/"},
    }
    files = {
        "deno.json": settings, "dev.ts": "", "main.ts": 'import { start } from "$fresh/server.ts";\nawait start(manifest, config);',
        "routes/api/health.ts": "export const handler = {};", "routes/index.tsx": "",
    }  # fmt: skip
    component = only(tmp_path, files)
    assert (component.framework, component.build_command, component.start_command) == ("fresh", "deno task build", "deno run -A main.ts")
    assert (component.ports, component.health_path) == ((8000,), "/api/health")


def test_workspace_members_and_several_programs_of_one_configuration(tmp_path: Path) -> None:
    root = {"workspace": ["./api", "./shared"], "imports": {"redis": "npm:redis@4"}}
    api = {"name": "@acme/api", "tasks": {"start": "deno run -A main.ts", "worker": "deno run -A worker.ts"}}
    files = {
        "deno.json": root, "api/deno.json": api, "api/main.ts": "import { createClient } from 'redis';\nDeno.serve({ port: 1234 }, h);",
        "api/worker.ts": "", "shared/deno.json": {"name": "@acme/shared", "exports": "./mod.ts"}, "shared/mod.ts": "export const a = 1;",
    }  # fmt: skip
    web, worker = survey(tmp_path / "a", files)
    assert (web.name, web.path, web.context, web.manifests) == ("api", "api", "", ("api/deno.json", "deno.json"))
    assert [service.kind for service in web.backing_services] == ["redis"]
    assert (worker.name, worker.role, worker.start_command, worker.ports) == ("api-worker", "worker", "deno run -A worker.ts", ())
    tasks = {"gateway": "deno run -A services/gateway/main.ts", "users": "deno run -A services/users/main.ts"}
    both = {
        "deno.json": {"tasks": tasks},
        "services/gateway/main.ts": "Deno.serve({ port: 1 * 1, port: 8001 }, h);",
        "services/users/main.ts": "Deno.serve({ port: 8002 }, h);",
    }
    assert [(item.name, item.ports) for item in survey(tmp_path / "b", both)] == [("gateway", (8001,)), ("users", (8002,))]


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("Deno.cron('clean', '0 * * * *', () => {});", "worker"),
        ("import { Bot } from 'npm:grammy';\nnew Bot(Deno.env.get('TOKEN')!).start();", "worker"),
    ],
)
def test_roles(tmp_path: Path, code: str, role: str) -> None:
    component = only(tmp_path, {"deno.json": {"tasks": {"start": "deno run -A main.ts"}}, "main.ts": code})
    assert component.role == role
    assert (component.static_dir, component.ports) == (None, ())


@pytest.mark.parametrize("task", ["prod", "dev"])
def test_lume_with_a_server_of_its_own(tmp_path: Path, task: str) -> None:
    settings = {"tasks": {task: "deno run -A server.ts"}, "imports": {"lume/": "https://cdn.jsdelivr.net/gh/lumeland/lume@3.1.2/"}}
    files = {"deno.json": settings, "_config.ts": 'import lume from "lume/mod.ts";', "server.ts": 'import Server from "lume/core/server.ts";'}
    component = only(tmp_path, files)
    told = ("web", "deno run -A server.ts", (8000,)) if task == "prod" else ("static", "nginx -g 'daemon off;'", (8080,))
    assert (component.role, component.start_command, component.ports) == told
    assert component.static_dir == (None if task == "prod" else "_site")


def test_routes_compared_by_hand_and_migrations(tmp_path: Path) -> None:
    code = "Deno.serve((request) => {\n  if (new URL(request.url).pathname === '/health') return new Response('ok');\n});"
    tasks = {"start": "deno run -A main.ts", "db:migrate": "deno run -A migrate.ts", "db:migrate:down": "deno run -A down.ts"}
    component = only(tmp_path, {"deno.json": {"tasks": tasks}, "main.ts": code})
    assert (component.health_path, component.migration_command) == ("/health", "deno task db:migrate")


@pytest.mark.parametrize("folder", ["supabase/functions/hello", "examples/hello", "netlify/edge-functions"])
def test_what_a_platform_runs_is_no_program(tmp_path: Path, folder: str) -> None:
    assert survey(tmp_path, {f"{folder}/index.ts": "Deno.serve(handler);", f"{folder}/main.ts": "Deno.serve(handler);"}) == []


def test_an_old_program_without_configuration(tmp_path: Path) -> None:
    code = "import { Application } from 'https://deno.land/x/oak@v12.6.1/mod.ts';\nawait new Application().listen({ port: 8000 });"
    component = only(tmp_path / "old", {"server.ts": code})
    assert (component.framework, component.ports, component.manifests) == ("oak", (8000,), ())


@pytest.mark.parametrize(
    "settings",
    [
        "{",
        "[]",
        '{"tasks": [1], "imports": "x", "workspace": {"members": [1, "../../etc"]}}',
        '{"tasks": {"start": "deno run \'"}}',
        '{"tasks": {"start": 1}}',
    ],
)
def test_broken_and_hostile_configuration(tmp_path: Path, settings: str) -> None:
    nested = "(" * 20_000 + "Deno.serve(" + ")" * 20_000
    assert [item.role for item in survey(tmp_path, {"deno.json": settings, "main.ts": "Deno.serve(h);\n", "deep.ts": nested})] == ["web"]


def test_tasks_that_run_each_other_end(tmp_path: Path) -> None:
    tasks = {"start": "deno task serve", "serve": "deno task start"}
    component = only(tmp_path, {"deno.json": {"tasks": tasks}, "main.ts": "Deno.serve(h);"})
    assert component.ports == (8000,)


def test_secrets_never_end_in_evidence(tmp_path: Path) -> None:
    code = "const url = Deno.env.get('REDIS_URL') ?? 'redis://me:hunter2@cache:6379';\nimport { connect } from 'https://deno.land/x/redis/mod.ts';\nDeno.serve(h);"
    component = only(tmp_path, {"deno.json": {"tasks": {"start": "deno run -A main.ts"}}, "main.ts": code})
    assert component.backing_services == (BackingService(kind="redis", name="redis", env=("REDIS_URL",), host="cache"),)
    assert "hunter2" not in repr(component)


def test_a_workspace_of_node_that_deno_only_formats(tmp_path: Path) -> None:
    assert survey(tmp_path, {"deno.json": {"fmt": {}}, "package.json": {"workspaces": ["a"]}, "main.ts": "Deno.serve(h);"}) == []


def test_scripts_of_package_json_that_run_deno(tmp_path: Path) -> None:
    scripts = {"start": "NODE_ENV=production deno run -A --sloppy-imports src/serve.ts", "build": "tsc"}
    files = {
        "package.json": {"scripts": scripts},
        "deno.jsonc": '{"compilerOptions": {"strict": true}}',
        "src/index.ts": "export const app = 1;\n",
        "src/serve.ts": "Deno.serve({ port: 3000 }, () => new Response());\n",
    }
    (found,) = survey(tmp_path, files)
    assert (found.start_command, found.ports, found.build_command) == ("deno task start", (3000,), None)
    assert found.evidence["start_command"] == (Evidence(file="package.json", line=3, shows=f'"start": "{scripts["start"]}"', confidence=0.9),)
