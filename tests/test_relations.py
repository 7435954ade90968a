"""Who calls whom: each way of telling, and what tells nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from opsmith.model.survey import Component, EnvVar, Evidence
from opsmith.repo import Repo
from opsmith.stages.relations import related


def service(name: str, *, path: str | None = None, port: int = 8080, env: tuple[str, ...] = (), defaults: dict[str, str] | None = None) -> Component:
    variables = (*(EnvVar(name=item, required=True) for item in env),)
    variables += tuple(EnvVar(name=key, required=False, default=value) for key, value in (defaults or {}).items())
    shown = tuple(Evidence(file=f"{name}/main.x", line=number, shows=item.name) for number, item in enumerate(variables, start=1))
    return Component(
        name=name,
        path=name if path is None else path,
        role="web",
        language="go",
        ports=(port,),
        env=variables,
        evidence={"env": shown} if shown else {},
    )


def edges(root: Path, *components: Component, **files: str) -> dict[str, tuple[str, ...]]:
    return {item.name: item.depends_on for item in survey(root, *components, **files) if item.depends_on}


def survey(root: Path, *components: Component, **files: str) -> list[Component]:
    for name, text in {"README_md": "", **files}.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return related(Repo(root), components)


def test_variables_that_name_a_service(tmp_path: Path) -> None:
    shop = service("frontend", env=("CART_SERVICE_ADDR", "PRODUCT_CATALOG_SERVICE_ADDR", "AD_SERVICE_ADDR", "USERS_GRPC_ADDR", "CART_COLOR"))
    others = [service("cartservice"), service("product-catalog"), service("adservice"), service("users"), service("orders")]
    found = survey(tmp_path, shop, *others)
    assert found[1:] == others
    assert found[0] == dataclasses.replace(
        shop,
        depends_on=("adservice", "cartservice", "product-catalog", "users"),
        evidence={
            **shop.evidence,
            "depends_on": (
                Evidence(file="frontend/main.x", line=3, shows="AD_SERVICE_ADDR", confidence=0.85),
                Evidence(file="frontend/main.x", line=1, shows="CART_SERVICE_ADDR", confidence=0.85),
                Evidence(file="frontend/main.x", line=2, shows="PRODUCT_CATALOG_SERVICE_ADDR", confidence=0.85),
                Evidence(file="frontend/main.x", line=4, shows="USERS_GRPC_ADDR", confidence=0.85),
            ),
        },
    )


def test_a_page_asks_the_one_that_answers(tmp_path: Path) -> None:
    page = service("frontend", env=("VITE_API_URL",), port=3000)
    assert edges(tmp_path, page, service("backend")) == {"frontend": ("backend",)}
    assert edges(tmp_path, page, service("backend"), service("server")) == {}


def test_links_for_people_and_ones_own_address_are_no_calls(tmp_path: Path) -> None:
    backend = service("backend", env=("FRONTEND_URL", "CORS_ORIGIN_URL", "BACKEND_URL", "REDIS_URL", "CALLBACK_FRONTEND_HOST"))
    assert edges(tmp_path, backend, service("frontend", port=3000)) == {}


def test_defaults_of_variables(tmp_path: Path) -> None:
    one = service(
        "one", port=4000, defaults={"UPSTREAM": "http://two:5000/v1", "NEXT_HOP": "http://localhost:6000", "DATABASE": "redis://three:6000"}
    )
    assert edges(tmp_path, one, service("two", port=5000), service("three", port=6000)) == {"one": ("three", "two")}
    own = service("own", port=6000, defaults={"HOP": "http://localhost:6000"})
    assert edges(tmp_path, own, service("other", port=6001)) == {}


def test_addresses_in_code_and_configuration(tmp_path: Path) -> None:
    found = survey(
        tmp_path,
        service("web", port=80),
        service("api", port=8000),
        service("grader", port=7000),
        web__nginx_DOT_conf="location / {\n  proxy_pass http://api:8000;\n}\n",
        api__main_DOT_py='TARGET = "grader:7000"\n# see http://web\n',
        api__main_test_DOT_go='x := "http://web"\n',
        grader__a_DOT_js='fetch("https://api.example.com"); fetch("redis://api:6379"); const a = "web:9999"\n',
    )
    assert [(item.name, item.depends_on, item.evidence.get("depends_on")) for item in found] == [
        ("web", ("api",), (Evidence(file="web/nginx.conf", line=2, shows="http://api:8000", confidence=0.85),)),
        ("api", ("grader",), (Evidence(file="api/main.py", line=1, shows="grader:7000", confidence=0.85),)),
        ("grader", (), None),
    ]


def test_cluster_names_and_the_systems_own_prefix(tmp_path: Path) -> None:
    names = ("acme-gateway", "acme-customers-service", "acme-visits-service")
    text = 'a = "http://customers-service"; b = "http://acme-visits-service.shop.svc.cluster.local:8080/x"\n'
    assert edges(tmp_path, *(service(name) for name in names), acme_DOT_txt="", **{"acme-gateway__A_DOT_java": text}) == {
        "acme-gateway": ("acme-customers-service", "acme-visits-service")
    }


def test_development_proxies_mean_the_only_one_on_that_port(tmp_path: Path) -> None:
    page, api, other = service("page", port=3000), service("api", port=5000), service("other", port=5001)
    assert edges(tmp_path, page, api, other, page__package_DOT_json='{"proxy": "http://localhost:5000"}') == {"page": ("api",)}
    assert edges(tmp_path, page, api, service("twin", port=5000)) == {}


def test_files_of_a_component_inside_are_its_own(tmp_path: Path) -> None:
    outer, inner = service("outer", path=""), service("inner", path="inner")
    assert edges(tmp_path, outer, inner, inner__a_DOT_py='x = "http://inner:8080"\ny = "http://outer:8080"\n') == {"inner": ("outer",)}


def test_components_of_one_folder_do_not_call_each_other_by_its_files(tmp_path: Path) -> None:
    web, worker = service("web", path=""), service("worker", path="")
    assert edges(tmp_path, web, worker, a_DOT_py='x = "http://web:8080"; y = "http://worker:8080"\n') == {}


def test_compose_files_name_services_and_needs(tmp_path: Path) -> None:
    compose = """
services:
  gate: {build: ./front, depends_on: {shop: {condition: service_started}, db: {condition: service_healthy}}}
  shop: {build: {context: back}, links: ["gate:g"], depends_on: [shop]}
  db: {image: postgres}
"""
    found = survey(tmp_path, service("front"), service("back"), docker_DOT_txt="", **{"docker-compose_DOT_yml": compose})
    assert [(item.name, item.depends_on, item.evidence["depends_on"]) for item in found] == [
        ("front", ("back",), (Evidence(file="docker-compose.yml", line=3, shows="gate needs shop", confidence=0.9),)),
        ("back", ("front",), (Evidence(file="docker-compose.yml", line=4, shows="shop needs gate", confidence=0.9),)),
    ]


def test_compose_names_are_hosts(tmp_path: Path) -> None:
    compose = "services:\n  gate: {build: front}\n  shop: {build: back}\n"
    files = {"docker-compose_DOT_yml": compose, "front__a_DOT_py": 'x = "http://shop:8080"\n'}
    assert edges(tmp_path, service("front"), service("back"), **files) == {"front": ("back",)}


def test_broken_files_and_a_single_component_stop_nothing(tmp_path: Path) -> None:
    files = {"docker-compose_DOT_yml": "services: [\n", "a__a_DOT_py": "http://\n"}
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.py").write_bytes(b"\xff\xfe\x00http://a:1")
    assert edges(tmp_path, service("a"), service("b"), **files) == {}
    assert edges(tmp_path, service("a")) == {}
