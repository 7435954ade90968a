"""From a development server's proxy to the web server that does the same: the plan, the file, and real requests where nginx is installed."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from opsmith import settings
from opsmith.model.blueprint import Blueprint, Origin, Route
from opsmith.model.survey import Component, Evidence, Proxy, Runtime, Survey
from opsmith.planners import rules
from opsmith.stages.draft import draft
from opsmith.stages.interpret import interpret
from opsmith.stages.render import render

EXAMPLES = Path(__file__).parent.parent / "examples"


def page(*proxies: Proxy, depends_on: tuple[str, ...] = (), traits: tuple[str, ...] = ()) -> Component:
    return Component(
        name="web",
        path="web",
        role="static",
        language="javascript",
        framework="vite",
        package_manager="npm",
        runtime=Runtime(name="node", version="22"),
        build_command="npm run build",
        static_dir="dist",
        ports=(8080,),
        proxies=proxies,
        depends_on=depends_on,
        traits=traits,
        evidence={"proxies": (Evidence(file="web/vite.config.js", line=3, shows="/api goes to http://api:8000"),)} if proxies else {},
    )


def server(name: str, port: int, path: str = "", depends_on: tuple[str, ...] = ()) -> Component:
    return Component(
        name=name,
        path=path or name,
        role="web",
        language="python",
        framework="fastapi",
        package_manager="pip",
        runtime=Runtime(name="python", version="3.12"),
        start_command=f"uvicorn main:app --host 0.0.0.0 --port {port}",
        ports=(port,),
        protocol="http",
        health_path="/health",
        depends_on=depends_on,
        manifests=(f"{path or name}/requirements.txt",),
    )


def plan(*components: Component, root: Path = EXAMPLES) -> Blueprint:
    return draft(Survey(root="/src/shop", components=components), interpret("Deploy it to Kubernetes", rules), settings.load(root))


def nginx_conf(blueprint: Blueprint) -> str:
    return next(artifact.text for artifact in render(blueprint) if artifact.path == "web/nginx.conf")


def edges(blueprint: Blueprint) -> dict[str, tuple[tuple[str, ...], bool, str | None, tuple[Route, ...]]]:
    return {service.name: (service.calls, service.public, service.host, service.routes) for service in blueprint.services}


def unresolved(blueprint: Blueprint) -> list[str]:
    return [point for point in blueprint.open_points if "proxies" in point]


# -- the plan ----------------------------------------------------------------------------------------------------------------------------


def test_a_proxy_becomes_a_route_and_its_backend_gets_no_door_of_its_own() -> None:
    blueprint = plan(page(Proxy(prefix="/api", url="http://api:8000")), server("api", 8000), server("admin", 9000))
    assert edges(blueprint) == {
        "web": (("api",), True, "web.example.com", (Route(prefix="/api", service="api"),)),
        "api": ((), False, None, ()),
        "admin": ((), True, "admin.example.com", ()),
    }
    assert blueprint.origins["services.web.routes"] == (Origin(kind="fact", text="/api goes to http://api:8000", file="web/vite.config.js", line=3),)


@pytest.mark.parametrize(
    ("proxy", "others", "route"),
    [
        (Proxy(prefix="/api", url="http://API:1"), (server("api", 8000),), Route(prefix="/api", service="api")),
        (Proxy(prefix="/api", url="http://localhost:8000/"), (server("one", 8000), server("two", 9000)), Route(prefix="/api", service="one")),
        (Proxy(prefix="/ws", url="ws://127.0.0.1:9000"), (server("one", 8000), server("two", 9000)), Route(prefix="/ws", service="two")),
        (Proxy(prefix=None, url="http://backend:3000"), (server("shop", 3000, "src/backend"),), Route(prefix=None, service="shop")),
        (
            Proxy(prefix="/api", url="https://api:8000/v1/", strips=True),
            (server("api", 8000),),
            Route(prefix="/api", service="api", strips=True, path="/v1"),
        ),
    ],
)
def test_where_an_address_leads(proxy: Proxy, others: tuple[Component, ...], route: Route) -> None:
    blueprint = plan(page(proxy), *others)
    assert (blueprint.service("web").routes, blueprint.service("web").calls, unresolved(blueprint)) == ((route,), (route.service,), [])


def test_a_name_of_the_compose_file_means_the_one_that_is_called_on_that_port() -> None:
    proxy = Proxy(prefix="/api", url="http://backend:8000")
    assert plan(page(proxy, depends_on=("shop",)), server("shop", 8000)).service("web").routes == (Route(prefix="/api", service="shop"),)
    assert plan(page(proxy), server("shop", 8000)).service("web").routes == ()


@pytest.mark.parametrize(
    "url",
    [
        "http://x:1",
        "http://localhost:8000",
        "https://api.example.com",
        "env.API",
        "http://api:8000/a b",
        "http://api:8000/;}x",
        "http://api:8000/$host",
    ],
)
def test_an_address_that_leads_nowhere_is_an_open_point(url: str) -> None:
    blueprint = plan(page(Proxy(prefix="/api", url=url)), server("one", 8000), server("two", 8000), server("api", 9000))
    assert blueprint.service("web").routes == ()
    assert blueprint.service("one").public
    assert unresolved(blueprint) == [f"the development server of web proxies /api to {url}; no component is known there"]


def test_a_prefix_that_would_break_the_file_is_left_out() -> None:
    blueprint = plan(page(Proxy(prefix="/a { return 200; }", url="http://api:8000"), Proxy(prefix="/b", url="http://api:8000")), server("api", 8000))
    assert blueprint.service("web").routes == (Route(prefix="/b", service="api"),)


def test_opsmith_yaml_tells_proxies(tmp_path: Path) -> None:
    (tmp_path / "opsmith.yaml").write_text("components: {web: {proxies: [{prefix: /api, url: 'http://api:8000', strips: true}]}}\n")
    told = settings.load(tmp_path).override(page())
    assert told is not None
    assert told.proxies == (Proxy(prefix="/api", url="http://api:8000", strips=True),)


# -- the file ----------------------------------------------------------------------------------------------------------------------------

HEAD = """\
# Behind an ingress that ends TLS, what it says of the request is passed on.
map $http_x_forwarded_proto $forwarded_proto {
    default $http_x_forwarded_proto;
    "" $scheme;
}

map $http_upgrade $connection_upgrade {
    default upgrade;
    "" close;
}

"""
OPENS_PAGE = """\
# A browser that opens an address gets the page; what the page's code asks for goes to the backend.
map "$request_method $http_accept" $opens_page {
    default 0;
    "~^(GET|HEAD) .*text/html" 1;
}

"""
BODY = """\
server {
    # Without root no port below 1024.
    listen 8080;
    root /usr/share/nginx/html;
    server_tokens off;
    # The port here is not the one that the browser sees.
    absolute_redirect off;

    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options SAMEORIGIN always;
    add_header Referrer-Policy strict-origin-when-cross-origin always;

    location = /healthz {
        access_log off;
        default_type text/plain;
        return 200 "ok\\n";
    }
"""
PROXY = """\

    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $forwarded_proto;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_connect_timeout 5s;
    proxy_send_timeout 60s;
    proxy_read_timeout 60s;
    # How much may be uploaded is for the backend to say, and nothing is kept on the way: /tmp is small.
    client_max_body_size 0;
    proxy_request_buffering off;
    proxy_max_temp_file_size 0;
"""
ASSETS = """\

    # Names with a content hash never change; everything else is asked for again, or a release would not be seen.
    location ~ "[.-](?!\\d+x\\d+\\.)(?=\\w*[0-9A-Z])\\w{8,}\\.(js|css|woff2?|png|jpe?g|svg|webp|avif)$" {
        expires 1y;
        try_files $uri =404;
    }
"""
PAGE = """\

    location / {
        expires -1;
        # The application routes in the browser: unknown paths get its page.
        try_files $uri $uri/ /index.html;
    }
}
"""
WHY = """\

    # As the development server does it. The backend's name is looked up once, at the start: a Service keeps its address, compose starts it first.
"""


def test_nginx_conf_without_routes_whole() -> None:
    assert nginx_conf(plan(page())) == BODY + ASSETS + PAGE


def test_pages_that_ask_for_their_files_below_a_path_find_them_there() -> None:
    blueprint = plan(page(traits=("base-path:/admin",)))
    start = "\n    # The pages ask for their files below this path.\n    location = / {\n        return 302 /admin/;\n    }\n"
    assert nginx_conf(blueprint) == BODY + start + ASSETS + PAGE.replace("/index.html", "/admin/index.html")
    dockerfile = next(file.text for file in render(blueprint) if file.path == "web/Dockerfile")
    assert "COPY --from=build /app/dist /usr/share/nginx/html/admin\n" in dockerfile


@pytest.mark.parametrize(
    ("file", "kept"),
    [
        ("index-BvQxKcJd.js", True), ("main.3b2f1a9c.css", True), ("chunk-ABCDEFGH.js", True), ("logo-a1_b2c3d.svg", True),
        ("firebase-messaging.js", False), ("my-service-worker.js", False), ("apple-touch-icon.png", False), ("icon-1024x1024.png", False),
        ("index.js", False),
    ],
)  # fmt: skip
def test_only_names_that_change_with_their_content_are_kept(file: str, kept: bool) -> None:
    (pattern,) = re.findall(r'location ~ "(.*)" \{', nginx_conf(plan(page())))
    assert bool(re.search(pattern, f"/assets/{file}", re.ASCII)) == kept


def test_an_image_that_its_install_script_keeps_from_building_is_told() -> None:
    assert (
        "the postinstall script of web reaches out of web, which is all that its image is built from: "
        "the image does not build before the script is changed"
    ) in plan(page(traits=("install-leaves:postinstall",))).open_points


def test_nginx_conf_with_prefixes_whole() -> None:
    proxies = (
        Proxy(prefix="/api", url="http://api:8000"),
        Proxy(prefix="/auth/v1.0", url="http://api:8000", strips=True),
        Proxy(prefix="/old/", url="http://api:8000/new", strips=True),
        Proxy(prefix="/media", url="http://api:8000/public"),
    )
    locations = """\
    location ^~ /api {
        proxy_pass http://api:8000;
    }

    location ^~ /auth/v1.0 {
        rewrite ^/auth/v1\\.0/?(.*)$ /$1 break;
        proxy_pass http://api:8000;
    }

    location ^~ /old/ {
        rewrite ^/old/?(.*)$ /new/$1 break;
        proxy_pass http://api:8000;
    }

    location ^~ /media {
        proxy_pass http://api:8000/public/media;
    }
"""
    assert nginx_conf(plan(page(*proxies), server("api", 8000))) == HEAD + BODY + PROXY + WHY + locations + ASSETS + PAGE


def test_nginx_conf_for_everything_else_whole() -> None:
    rest = """\

    location / {
        expires -1;
        # No file answers a POST; the backend may.
        error_page 405 = @backend;
        if ($request_method !~ ^(GET|HEAD)$) {
            return 405;
        }
        try_files $uri $uri/index.html @backend;
    }

    # As the development server does it: whatever is no page and no file.
    location @backend {
        if ($opens_page) {
            rewrite ^ /index.html last;
        }
        proxy_pass http://api:8000;
    }
}
"""
    expected = HEAD + OPENS_PAGE + BODY + PROXY + ASSETS.replace("=404", "@backend") + rest
    assert nginx_conf(plan(page(Proxy(prefix=None, url="http://api:8000")), server("api", 8000))) == expected


def test_every_routed_line_tells_where_it_came_from() -> None:
    blueprint = plan(page(Proxy(prefix="/api", url="http://api:8000", strips=True)), server("api", 8000))
    artifact = next(item for item in render(blueprint) if item.path == "web/nginx.conf")
    lines = artifact.text.splitlines()
    told = [lines[at - 1].strip() for mark in artifact.origins if mark.node == "services.web.routes" for at in range(mark.first, mark.last + 1)]
    assert told == ["location ^~ /api {", "rewrite ^/api/?(.*)$ /$1 break;", "proxy_pass http://api:8000;"]


# -- real requests -----------------------------------------------------------------------------------------------------------------------


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        names = ("Host", "X-Forwarded-Proto", "X-Forwarded-For", "Connection", "Upgrade")
        told = {"asked": f"{self.command} {self.path}", "body": body, **{name: self.headers.get(name) for name in names}}
        data = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer  # noqa: N815  # names of the standard library

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # as the standard library has it
        """Nothing is logged."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


MAIN = """\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include default.conf;
}
"""


@contextmanager
def serving(text: str, root: Path) -> Generator[int, None, None]:
    """The file in a real nginx before a real backend; only addresses and the folder are put in their place."""
    backend = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    port, pages = free_port(), root / "html"
    for name in ("index.html", "about.html", "assets/app-0123abcd.js", "docs/index.html"):
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        (pages / name).write_text(name)
    moved = text.replace("http://api:8000", f"http://127.0.0.1:{backend.server_port}").replace("listen 8080", f"listen 127.0.0.1:{port}")
    (root / "default.conf").write_text(moved.replace("/usr/share/nginx/html", str(pages)))
    (root / "nginx.conf").write_text(MAIN)
    root.chmod(0o755)
    process = subprocess.Popen(["nginx", "-e", "stderr", "-p", str(root), "-c", str(root / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        _await(port, process)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=10)
        backend.shutdown()
        backend.server_close()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, process.communicate()[1].decode()
        time.sleep(0.02)
    raise AssertionError("nginx does not listen")


def ask(port: int, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, json.loads(text) if text.startswith("{") else answer.headers.get("Location") or text


def asked(port: int, method: str, path: str, **headers: str) -> Any:
    """What the backend was asked; else status and text of nginx's own answer."""
    status, answer = ask(port, method, path, **headers)
    return (status, answer if status < 400 else "") if isinstance(answer, str) else answer["asked"]


real = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"


@real
def test_real_requests_by_prefix(tmp_path: Path) -> None:
    proxies = (
        Proxy(prefix="/api", url="http://api:8000"),
        Proxy(prefix="/auth", url="http://api:8000", strips=True),
        Proxy(prefix="/old", url="http://api:8000/new", strips=True),
        Proxy(prefix="/media", url="http://api:8000/public"),
    )
    requests = (
        "/api/orders?page=2", "/api/a%2Fb%20c", "/api", "/api/avatar-0123abcd.png", "/auth/login?next=%2Fx", "/auth", "/auth/", "/auth?x=1",
        "/old/a/b?c", "/media/x.png", "/", "/orders/17", "/assets/app-0123abcd.js", "/assets/app-ffffffff.js", "/docs", "/healthz",
    )  # fmt: skip
    with serving(nginx_conf(plan(page(*proxies), server("api", 8000))), tmp_path) as port:
        answers = {path: asked(port, "GET", path, Accept=HTML) for path in requests}
        posted = ask(port, "POST", "/api/orders", "x" * 2_000_000, Host="shop.example.com", X_Forwarded_Proto="https", X_Forwarded_For="203.0.113.9")
        upgraded = ask(port, "GET", "/api/live", Connection="Upgrade", Upgrade="websocket")
    assert answers == {
        "/api/orders?page=2": "GET /api/orders?page=2",
        "/api/a%2Fb%20c": "GET /api/a%2Fb%20c",
        "/api": "GET /api",
        "/api/avatar-0123abcd.png": "GET /api/avatar-0123abcd.png",
        "/auth/login?next=%2Fx": "GET /login?next=%2Fx",
        "/auth": "GET /",
        "/auth/": "GET /",
        "/auth?x=1": "GET /?x=1",
        "/old/a/b?c": "GET /new/a/b?c",
        "/media/x.png": "GET /public/media/x.png",
        "/": (200, "index.html"),
        "/orders/17": (200, "index.html"),
        "/assets/app-0123abcd.js": (200, "assets/app-0123abcd.js"),
        "/assets/app-ffffffff.js": (404, ""),
        "/docs": (301, "/docs/"),
        "/healthz": (200, "ok\n"),
    }
    assert posted == (
        200,
        {
            "asked": "POST /api/orders",
            "body": "x" * 2_000_000,
            "Host": "shop.example.com",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "203.0.113.9, 127.0.0.1",
            "Connection": "close",
            "Upgrade": None,
        },
    )
    assert (upgraded[1]["Connection"], upgraded[1]["Upgrade"], upgraded[1]["X-Forwarded-Proto"]) == ("upgrade", "websocket", "http")


@real
def test_real_requests_for_everything_else(tmp_path: Path) -> None:
    proxies = (Proxy(prefix=None, url="http://api:8000/v1"), Proxy(prefix="/files", url="http://api:8000", strips=True))
    requests = (
        ("GET", "/", HTML),
        ("GET", "/", "*/*"),
        ("GET", "/orders/17", HTML),
        ("HEAD", "/orders/17", HTML),
        ("GET", "/orders/17?x=1", "application/json"),
        ("POST", "/orders", HTML),
        ("POST", "/", "*/*"),
        ("GET", "/about.html", "application/json"),
        ("GET", "/docs/", HTML),
        ("GET", "/docs", "application/json"),
        ("GET", "/assets/app-0123abcd.js", "*/*"),
        ("GET", "/assets/app-ffffffff.js", "*/*"),
        ("GET", "/files/a", HTML),
    )
    with serving(nginx_conf(plan(page(*proxies), server("api", 8000))), tmp_path) as port:
        answers = [asked(port, method, path, Accept=accept) for method, path, accept in requests]
    assert answers == [
        (200, "index.html"),
        (200, "index.html"),
        (200, "index.html"),
        (200, ""),
        "GET /v1/orders/17?x=1",
        "POST /v1/orders",
        "POST /v1/",
        (200, "about.html"),
        (200, "docs/index.html"),
        (200, "docs/index.html"),
        (200, "assets/app-0123abcd.js"),
        "GET /v1/assets/app-ffffffff.js",
        "GET /a",
    ]
