from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opsmith.detectors import node
from opsmith.detectors.node import rewriting
from opsmith.model.survey import Ambiguity, Component, Evidence, Proxy
from opsmith.repo import Repo

VITE = {"name": "web", "scripts": {"build": "vite build"}, "dependencies": {"react": "18"}, "devDependencies": {"vite": "5"}}
CRA = {"name": "web", "scripts": {"build": "react-scripts build"}, "dependencies": {"react": "18", "react-scripts": "5"}}
VUE = {"name": "web", "scripts": {"build": "vue-cli-service build"}, "dependencies": {"vue": "2"}, "devDependencies": {"@vue/cli-service": "5"}}
NG = {"name": "web", "scripts": {"build": "ng build"}, "dependencies": {"@angular/core": "17"}, "devDependencies": {"@angular/cli": "17"}}


def only(root: Path, files: dict[str, Any]) -> Component:
    for name, content in {"index.html": "<html></html>", "src/main.js": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    (component,) = node.detect(Repo(root))
    return component


def by_vite(root: Path, table: str, **files: str) -> Component:
    return only(root, {"package.json": VITE, "vite.config.js": f"export default {{ server: {{ proxy: {table} }} }}", **files})


def test_vite_whole(tmp_path: Path) -> None:
    config = """import { defineConfig } from 'vite'
export default defineConfig({
  server: { proxy: {
    '/api': 'http://api:8000',
    '/auth': { target: 'http://localhost:9000', changeOrigin: true, rewrite: path => path.replace(/^\\/auth/, '') },
  } },
  preview: { proxy: { '/preview': 'http://other:1' } },
})
"""
    component = only(tmp_path, {"package.json": VITE, "vite.config.js": config})
    assert component.proxies == (
        Proxy(prefix="/api", url="http://api:8000", strips=False),
        Proxy(prefix="/auth", url="http://localhost:9000", strips=True),
    )
    assert component.evidence["proxies"] == (
        Evidence(file="vite.config.js", line=4, shows="/api goes to http://api:8000"),
        Evidence(file="vite.config.js", line=5, shows="/auth goes to http://localhost:9000"),
    )
    assert component.ambiguities == ()


@pytest.mark.parametrize(
    ("table", "proxies"),
    [
        ("{ '/': 'http://b:1' }", (Proxy(prefix=None, url="http://b:1"),)),
        ("{ '^/(api|auth)/.*': 'http://b:1' }", (Proxy(prefix="/api", url="http://b:1"), Proxy(prefix="/auth", url="http://b:1"))),
        ("{ '^/api/.*': 'http://b:1' }", (Proxy(prefix="/api/", url="http://b:1"),)),
        ("{ '/ws': { target: 'ws://b:1', ws: true } }", (Proxy(prefix="/ws", url="ws://b:1"),)),
        ("{ '/api': { target: 'http://b:1/v1/', rewrite: p => p } }", (Proxy(prefix="/api", url="http://b:1/v1/"),)),
        ("{ '/api': { target: 'http://b:1', rewrite: p => p.slice(4) } }", (Proxy(prefix="/api", url="http://b:1", strips=True),)),
        ("{ '/api': { target: 'http://b:1', rewrite(p) { return p.replace('/api', '/v2') } } }",
         (Proxy(prefix="/api", url="http://b:1/v2", strips=True),)),
        ("{ '/api/users': { target: 'http://b:1', rewrite: p => p.replace(/^\\/api/, '') } }",
         (Proxy(prefix="/api/users", url="http://b:1/users", strips=True),)),
        ("{ '/api': { target: process.env.BACK || 'http://b:1' } }", (Proxy(prefix="/api", url="http://b:1"),)),
        ("{ '/api': `http://${process.env.HOST ?? 'b'}:${8000 }` }", (Proxy(prefix="/api", url="http://b:8000"),)),
        ("{ '/api': { target: somewhere() } }", (Proxy(prefix="/api", url="somewhere()"),)),
        ("{ '/api': 'http://user:pass@b:1' }", (Proxy(prefix="/api", url="http://b:1"),)),
        ("{ '/a; return 200': 'http://b:1', '/b\\n}': 'http://b:1', '/c': null, '/d': 5, [x]: 'http://b:1', ...more }", ()),
    ],
)  # fmt: skip
def test_rules(tmp_path: Path, table: str, proxies: tuple[Proxy, ...]) -> None:
    component = by_vite(tmp_path, table)
    assert (component.proxies, component.role) == (proxies, "static")


def test_a_path_is_as_in_production_and_a_backend_as_in_development(tmp_path: Path) -> None:
    config = """export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, process.cwd())
  return { server: { proxy: { [env.VITE_BASE]: { target: env.VITE_BACK, rewrite: p => p.replace(new RegExp('^' + env.VITE_BASE), '') } } } }
})
"""
    files = {
        ".env.production": "VITE_BASE=/prod-api\nVITE_BACK=https://api.example.com\n",
        ".env.development": "VITE_BASE = '/dev-api'\nVITE_BACK=http://localhost:8080 # here\n",
    }
    component = only(tmp_path, {"package.json": VITE, "vite.config.ts": config, **files})
    assert component.proxies == (Proxy(prefix="/prod-api", url="http://localhost:8080", strips=True),)


def test_a_table_from_another_file(tmp_path: Path) -> None:
    files = {
        "vite.config.js": "import { proxy } from './proxy.js'\nexport default { server: { proxy } }",
        "proxy.js": "export const proxy = {'/api': 'http://b:1'}",
    }
    assert only(tmp_path, {"package.json": VITE, **files}).proxies == (Proxy(prefix="/api", url="http://b:1"),)


def test_what_cannot_be_read_is_asked(tmp_path: Path) -> None:
    component = by_vite(tmp_path, "{ '/api': { target: 'http://b:1', rewrite: p => tidy(p) } }")
    assert component.proxies == (Proxy(prefix="/api", url="http://b:1", strips=True),)
    assert component.ambiguities == (
        Ambiguity(
            fact="proxies",
            component="web",
            choices=("/api is taken off before http://b:1 is asked", "it is rewritten in another way"),
            how_to_decide="set components.web.proxies in opsmith.yaml",
        ),
    )


def test_a_whole_table_that_cannot_be_read_is_asked(tmp_path: Path) -> None:
    component = by_vite(tmp_path, "createProxy(list)")
    assert component.proxies == ()
    assert [item.choices for item in component.ambiguities] == [("createProxy(list) hands requests on", "it does not")]


# -- Create React App ----------------------------------------------------------------------------------------------------------------------


def test_proxy_of_package_json(tmp_path: Path) -> None:
    component = only(tmp_path, {"package.json": {**CRA, "proxy": "http://backend:3000"}})
    assert component.proxies == (Proxy(prefix=None, url="http://backend:3000"),)
    assert component.evidence["proxies"] == (Evidence(file="package.json", line=10, shows="what is no page and no file goes to http://backend:3000"),)


def test_proxy_of_package_json_means_nothing_to_vite(tmp_path: Path) -> None:
    assert only(tmp_path, {"package.json": {**VITE, "proxy": "http://backend:3000"}}).proxies == ()


SETUP = """const { createProxyMiddleware } = require('http-proxy-middleware');
const auth = createProxyMiddleware({ target: 'http://auth:1', pathRewrite: { '^/auth': '' } });
module.exports = function (app) {
  app.use('/api', createProxyMiddleware({ target: 'http://api:8000' }));
  app.use('/auth', auth);
  app.use(createProxyMiddleware(['/a', '/b/**'], { target: 'http://c:1' }));
  app.use(express.json());
};
"""


@pytest.mark.parametrize(("version", "strips"), [("^2.0.6", False), ("^3.0.0", True)])
def test_setup_proxy(tmp_path: Path, version: str, strips: bool) -> None:
    """Version 3 of the middleware sees the path without what it is mounted on."""
    component = only(tmp_path, {"package.json": {**CRA, "devDependencies": {"http-proxy-middleware": version}}, "src/setupProxy.js": SETUP})
    assert component.proxies == (
        Proxy(prefix="/api", url="http://api:8000", strips=strips),
        Proxy(prefix="/auth", url="http://auth:1", strips=True),
        Proxy(prefix="/a", url="http://c:1"),
        Proxy(prefix="/b", url="http://c:1"),
    )


# -- Vue, webpack, Angular -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "proxies"),
    [
        ("{ devServer: { proxy: 'http://localhost:4000' } }", (Proxy(prefix=None, url="http://localhost:4000"),)),
        (
            "{ devServer: { proxy: { '/api': { target: 'http://localhost:4000', pathRewrite: { '^/api': '/' } } } } }",
            (Proxy(prefix="/api", url="http://localhost:4000", strips=True),),
        ),
        (
            "{ devServer: { proxy: [{ context: ['/api', '/auth'], target: 'http://localhost:4000' }] } }",
            (Proxy(prefix="/api", url="http://localhost:4000"), Proxy(prefix="/auth", url="http://localhost:4000")),
        ),
    ],
)
def test_dev_server(tmp_path: Path, config: str, proxies: tuple[Proxy, ...]) -> None:
    assert only(tmp_path, {"package.json": VUE, "vue.config.js": f"module.exports = {config}"}).proxies == proxies


def workspace(options: dict[str, Any]) -> dict[str, Any]:
    build = {"builder": "@angular-devkit/build-angular:browser", "options": {"outputPath": "dist/x"}}
    return {"projects": {"x": {"projectType": "application", "architect": {"build": build, "serve": {"options": options}}}}}


def test_angular_json(tmp_path: Path) -> None:
    table = '{ // development\n  "/api/*": { "target": "http://api:8000", "pathRewrite": { "^/api": "" } },\n'
    table += '  "/auth": { "target": "http://auth:1" }\n}\n'
    files = {
        "angular.json": workspace({"proxyConfig": "src/other.json"}),
        "src/other.json": table,
        "proxy.conf.json": {"/no": {"target": "http://no:1"}},
    }
    component = only(tmp_path, {"package.json": NG, **files})
    assert component.proxies == (Proxy(prefix="/api", url="http://api:8000", strips=True), Proxy(prefix="/auth", url="http://auth:1"))
    assert component.evidence["proxies"] == (
        Evidence(file="src/other.json", line=2, shows="/api goes to http://api:8000"),
        Evidence(file="src/other.json", line=3, shows="/auth goes to http://auth:1"),
    )


def test_angular_script(tmp_path: Path) -> None:
    package = {**NG, "scripts": {"build": "ng build", "start": "ng serve --proxy-config ./proxy.js"}}
    script = "const rules = [{ context: ['/api'], target: 'http://api:8000' }];\nmodule.exports = rules;"
    component = only(tmp_path, {"package.json": package, "angular.json": workspace({}), "proxy.js": script})
    assert component.proxies == (Proxy(prefix="/api", url="http://api:8000"),)


def test_a_server_has_no_proxies(tmp_path: Path) -> None:
    package = {"name": "api", "proxy": "http://b:1", "scripts": {"start": "node server.js"}, "dependencies": {"express": "4", "react-scripts": "5"}}
    server = "const app = require('express')();\napp.listen(3000);\n"
    assert only(tmp_path, {"package.json": package, "server.js": server}).proxies == ()


# -- paths ---------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "pattern", "replacement", "result"),
    [
        ("/api", "^/api", "", ""),
        ("/api", "^\\/api\\/", "/", ""),
        ("/api", "^/api/?", "/v1/", "/v1"),
        ("/api", "^/v2", "", "/api"),
        ("/api", "^/api/old", "", None),
        ("/api", "^/api/(.*)", "/$1", None),
        ("/api", "^/api.*", "", None),
        ("", "^/", "/v1/", "/v1"),
        ("/api", "^(((((/api)*)*)*)*)*$", "", None),
    ],
)
def test_rewritten(base: str, pattern: str, replacement: str, result: str | None) -> None:
    assert rewriting.rewritten(base, pattern, replacement) == result
