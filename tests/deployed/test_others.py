"""Pipelines, platforms, infrastructure and monitoring."""

from __future__ import annotations

from pathlib import Path

from opsmith.detectors.deployed import read
from opsmith.detectors.deployed.ci import ImageBuild, Toolchain
from opsmith.detectors.deployed.infrastructure import Engine
from opsmith.detectors.deployed.operations import Scrape
from opsmith.detectors.deployed.platforms import Setting
from opsmith.detectors.deployed.told import Image, Told
from opsmith.detectors.existing import existing
from tests.deployed.trees import write

WORKFLOW = """\
on: push
env: {IMAGE: ghcr.io/acme/web}
jobs:
  test:
    strategy: {matrix: {python: ["3.11", "3.12"]}}
    services: {db: {image: "postgres:16"}}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "${{ matrix.python }}"}
      - uses: docker/metadata-action@v5
        with: {images: acme/api}
      - uses: docker/build-push-action@v6
        with: {context: api, file: api/Dockerfile.prod, tags: "${{ steps.meta.outputs.tags }}"}
      - run: |
          cd web
          docker build \\
            -t ${{ env.IMAGE }}:1 -f docker/Dockerfile .
"""
GITLAB = "image: node:20\ntest:\n  services: [redis:7]\n  script:\n    - docker build -t acme/x:$TAG x\n"
CIRCLE = "jobs:\n  a:\n    docker: [{image: cimg/node:18.1}, {image: postgres:15}]\n    steps: [checkout, {run: docker build -t acme/c .}]\n"
AZURE = """\
steps:
  - task: UsePythonVersion@0
    inputs: {versionSpec: "3.11"}
  - task: Docker@2
    inputs: {command: buildAndPush, repository: acme/z, Dockerfile: z/Dockerfile}
"""
JENKINS = """\
pipeline {
  agent { docker { image 'maven:3-eclipse-temurin-21' } }
  stages { stage('b') { steps {
    sh 'docker build -t acme/j -f j/Dockerfile j'
    script { docker.build("acme/k:${env.X}", "-f k/Dockerfile k") }
  } } }
}
"""


def test_every_ci_system(tmp_path: Path) -> None:
    files = {".github/workflows/a.yml": WORKFLOW, ".gitlab-ci.yml": GITLAB, ".circleci/config.yml": CIRCLE, "azure-pipelines.yml": AZURE}
    repo = write(tmp_path, {**files, "Jenkinsfile": JENKINS})
    github, gitlab, circle, azure, jenkins = read(repo, existing(repo)).pipelines
    assert github.builds == (
        ImageBuild(context="api", dockerfile="api/Dockerfile.prod", images=(Image("acme/api"),), line=13),
        ImageBuild(context="web", dockerfile="web/docker/Dockerfile", images=(Image("ghcr.io/acme/web"),), line=17),
    )
    assert github.toolchains == (Toolchain("python", ("3.11", "3.12"), 10),)
    assert github.services == (Told(Image("postgres", "16"), 6),)
    assert gitlab.builds == (ImageBuild(context="x", dockerfile="x/Dockerfile", images=(Image("acme/x"),), line=4),)
    assert (gitlab.toolchains, gitlab.services) == ((Toolchain("node", ("20",), 1),), (Told(Image("redis", "7"), 3),))
    assert (circle.toolchains, circle.services) == ((Toolchain("node", ("18.1",), 3),), (Told(Image("postgres", "15"), 3),))
    assert circle.builds == (ImageBuild(context="", dockerfile="Dockerfile", images=(Image("acme/c"),), line=4),)
    assert azure.builds == (ImageBuild(context="z", dockerfile="z/Dockerfile", images=(Image("acme/z"),), line=4),)
    assert azure.toolchains == (Toolchain("python", ("3.11",), 3),)
    assert jenkins.builds == (
        ImageBuild(context="k", dockerfile="k/Dockerfile", images=(), line=5, open=True),
        ImageBuild(context=None, dockerfile=None, images=(Image("acme/j"),), line=4),
    )
    assert jenkins.toolchains == (Toolchain("java", ("21",), 2),)


def test_platforms(tmp_path: Path) -> None:
    render = "services:\n  - type: web\n    name: api\n    rootDir: api\n    startCommand: gunicorn app:app\n    healthCheckPath: /up\n"
    files = {
        "Procfile": "release: ./migrate\nweb: exec gunicorn app:app\nworker: rq worker\n",
        "app.json": '{"env": {"KEY": {"required": true}, "MODE": "x"}, "addons": ["heroku-postgresql:mini"]}',
        "fly.toml": "app = 'a'\n[env]\nPORT = '8080'\n[http_service]\ninternal_port = 8080\n[[http_service.checks]]\n"
        "path = '/ok'\n[deploy]\nrelease_command = 'x'\n",
        "render.yaml": render,
        "railway.json": '{"deploy": {"startCommand": "node a.js", "healthcheckPath": "/h"}}',
        "netlify.toml": "[build\n",
    }
    repo = write(tmp_path, files)
    by_path = {item.path: item for item in read(repo, existing(repo)).platforms}
    procfile, heroku, fly = by_path["Procfile"], by_path["app.json"], by_path["fly.toml"]
    assert (procfile.start, procfile.release) == (Told("gunicorn app:app", 2), Told("./migrate", 1))
    assert procfile.processes == {"web": Told("gunicorn app:app", 2), "worker": Told("rq worker", 3)}
    assert heroku.settings == (Setting("KEY", None, True, 1), Setting("MODE", "x", True, 1))
    assert (fly.port, fly.health, fly.release, fly.settings) == (Told(8080, 5), Told("/ok", 7), Told("x", 9), (Setting("PORT", "8080", False, 3),))
    assert (by_path["render.yaml"].folder, by_path["render.yaml"].health) == ("api", Told("/up", 6))
    assert (by_path["railway.json"].start, by_path["railway.json"].health) == (Told("node a.js", 1), Told("/h", 1))
    assert [(problem.file, problem.manifest) for problem in repo.problems] == [("netlify.toml", False)]


def test_infrastructure_and_monitoring(tmp_path: Path) -> None:
    terraform = """\
# resource "aws_x" "no" {}
resource "aws_db_instance" "main" {
  engine         = "postgres"
  engine_version = "16.3"
  tags = { a = "}" }
}
resource "google_cloud_run_v2_service" "web" {
  template { containers {
    image = "gcr.io/acme/web:1"
    ports { container_port = 8080 }
  } }
}
resource "broken" {
"""
    stack = (
        "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Cache:\n    Type: AWS::ElastiCache::CacheCluster\n    Properties: {Engine: redis}\n"
    )
    files = {
        "infra/main.tf": terraform,
        "infra/stack.yaml": stack,
        "prometheus.yml": "scrape_configs:\n  - job_name: web\n    static_configs: [{targets: ['web:9090', '${X}:1']}]\n",
        "site.yml": "- hosts: web\n  roles: [common, {role: app}]\n  tasks:\n    - docker_container: {name: a, image: 'acme/a:1'}\n",
    }
    repo = write(tmp_path, files)
    found = read(repo, existing(repo))
    assert [(item.type, item.name, item.line, item.engine, item.images, item.ports) for item in found.resources] == [
        ("aws_db_instance", "main", 2, Engine("postgres", "16.3", 2), (), ()),
        ("google_cloud_run_v2_service", "web", 7, None, (Told(Image("gcr.io/acme/web", "1"), 9),), (Told(8080, 10),)),
        ("AWS::ElastiCache::CacheCluster", "Cache", 3, Engine("redis", None, 3), (), ()),
    ]
    assert found.scrapes == (Scrape("prometheus.yml", "web", "web", 9090, "/metrics", 3),)
    assert [(play.hosts, play.roles, play.images) for play in found.plays] == [("web", ("common", "app"), (Told(Image("acme/a", "1"), 4),))]
