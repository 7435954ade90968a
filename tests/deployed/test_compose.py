"""A compose file's services."""

from __future__ import annotations

from pathlib import Path

from opsmith.detectors.deployed.compose import Build, ComposeService, Mount, Published, read
from opsmith.detectors.deployed.told import Image, Told
from tests.deployed.trees import write

TEXT = """\
services:
  api:
    build:
      context: ../api
      dockerfile: docker/Dockerfile
      target: prod
    ports:
      - "127.0.0.1:8080:8000"
      - ${API_PORT:-9000}:9000/tcp
      - {target: 7000, published: 7001}
    expose: [9100]
    command: [sh, -c, "exec gunicorn app:app"]
    environment:
      DATABASE_URL: postgres://db/app
      DEBUG: false
      TOKEN:
    env_file: [.env, ../shared.env]
    depends_on:
      db: {condition: service_healthy}
    links: ["cache:c"]
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8000/health"]
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
      - data:/data
      - {type: bind, source: ./x, target: /x}
    container_name: the-api
    networks: {back: {aliases: [backend]}}
  web: {build: ., environment: [A=1, B]}
  db:
    image: postgres:${PG:-16}-alpine
    healthcheck: {test: ["NONE"]}
  far: {build: "https://github.com/a/b.git"}
  made: {build: {dockerfile_inline: "FROM a"}}
  child: {extends: {service: api}}
"""


def test_every_part(tmp_path: Path) -> None:
    services = read(write(tmp_path, {"deploy/compose.yaml": TEXT}), "deploy/compose.yaml").services
    assert services["api"] == ComposeService(
        name="api",
        path="deploy/compose.yaml",
        line=2,
        build=Build(context="api", dockerfile="api/docker/Dockerfile", target="prod", line=4),
        published=(Published(8000, 8080, 8), Published(9000, 9000, 9), Published(7000, 7001, 10)),
        exposed=(Told(9100, 11),),
        command=Told("gunicorn app:app", 12),
        environment={"DATABASE_URL": Told("postgres://db/app", 14), "DEBUG": Told("false", 15), "TOKEN": Told(None, 16)},
        environment_files=(Told("deploy/.env", 17), Told("shared.env", 17)),
        needs={"cache": 20, "db": 19},
        health=Told("curl -f http://localhost:8000/health", 22),
        mounts=(Mount("deploy/nginx.conf", "/etc/nginx/nginx.conf", 24), Mount("deploy/x", "/x", 26)),
        hosts=("the-api", "backend"),
    )
    assert services["web"].build == Build(context="deploy", dockerfile="deploy/Dockerfile", target=None, line=29)
    assert services["web"].environment == {"A": Told("1", 29), "B": Told(None, 29)}
    assert services["db"].image == Told(Image("postgres", "16-alpine"), 31)
    assert services["db"].health is None
    assert services["far"].build == Build(context=None, dockerfile=None, target=None, line=33)
    assert services["made"].build == Build(context="deploy", dockerfile=None, target=None, line=34, inline=True)
    assert services["child"].extended


def test_broken_and_odd_files_are_empty(tmp_path: Path) -> None:
    texts = (
        "",
        "services: [\n",
        "- a\n",
        "services: [a]\n",
        "services: {a: }\n",
        "services: {a: {ports: x, volumes: 3, build: [1], environment: 2}}\n",
    )
    repo = write(tmp_path, {f"{number}.yaml": text for number, text in enumerate(texts)})
    found = [read(repo, f"{number}.yaml").services for number in range(len(texts))]
    assert [list(services) for services in found] == [[], [], [], [], ["a"], ["a"]]
    assert found[5]["a"] == ComposeService(name="a", path="5.yaml", line=1)


def test_what_leads_out_of_the_repository_is_none(tmp_path: Path) -> None:
    repo = write(tmp_path, {"compose.yaml": "services: {a: {build: ../.., volumes: ['../../etc:/x', '/etc:/y']}}\n"})
    found = read(repo, "compose.yaml").services["a"]
    assert (found.build, found.mounts) == (Build(context=None, dockerfile=None, target=None, line=1), ())
