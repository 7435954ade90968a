"""Deployment files that are already there, by name first and then by what is really in them.

One pass over the paths; a file is read only where its name or folder leaves a question, and parsed only where its bytes suggest an answer.
Broken files are told as problems that stop nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opsmith.model.survey import Existing
from opsmith.repo import Repo
from opsmith.shapes import items, mapping

_Judge = Callable[[Repo, str], bool]

_NAMES: Mapping[str, str] = {
    ".dockerignore": "dockerignore", "chart.yaml": "helm", "helmfile.yaml": "helm", "helmfile.yml": "helm", "helmfile.yaml.gotmpl": "helm",
    "kustomization.yaml": "kustomize", "kustomization.yml": "kustomize", "kustomization": "kustomize", ".gitlab-ci.yml": "gitlab_ci",
    ".gitlab-ci.yaml": "gitlab_ci", "jenkinsfile": "jenkins", ".travis.yml": "travis", "procfile": "procfile", "app.json": "platform",
    "fly.toml": "platform", "render.yaml": "platform", "render.yml": "platform", "railway.json": "platform", "railway.toml": "platform",
    "vercel.json": "platform", "netlify.toml": "platform", "now.json": "platform", "heroku.yml": "platform", "nixpacks.toml": "platform",
    "captain-definition": "platform", ".platform.app.yaml": "platform", "app.yaml": "platform", "app.yml": "platform", "apprunner.yaml": "platform",
    "wrangler.toml": "platform", "wrangler.json": "platform", "wrangler.jsonc": "platform", "project.toml": "platform", "dokku.json": "platform",
    "skaffold.yaml": "skaffold", "skaffold.yml": "skaffold", "tiltfile": "tilt", "vagrantfile": "vagrant", "pulumi.yaml": "pulumi",
    "pulumi.yml": "pulumi", "cdk.json": "cdk", "serverless.yml": "serverless", "serverless.yaml": "serverless", "ansible.cfg": "ansible",
    "cloudbuild.yaml": "cloud_build", "cloudbuild.yml": "cloud_build", "cloudbuild.json": "cloud_build", "buildspec.yml": "codebuild",
    "buildspec.yaml": "codebuild", "bitbucket-pipelines.yml": "bitbucket_pipelines", ".drone.yml": "drone", "appveyor.yml": "appveyor",
    ".appveyor.yml": "appveyor", ".woodpecker.yml": "woodpecker", "samconfig.toml": "cloudformation", "terragrunt.hcl": "terraform",
    "garden.yml": "garden", "devspace.yaml": "devspace", "werf.yaml": "werf",
}  # fmt: skip

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"(?:.*/)?\.github/workflows/[^/]+\.ya?ml", "github_actions"),
        (r"(?:.*/)?\.circleci/[^/]+\.ya?ml", "circleci"),
        (r"(?:.*/)?\.azure-pipelines/.+\.ya?ml", "azure_pipelines"),
        (r"(?:.*/)?\.?azure-pipelines?[^/]*\.ya?ml", "azure_pipelines"),
        (r"(?:.*/)?\.buildkite/[^/]+\.ya?ml", "buildkite"),
        (r"(?:.*/)?\.tekton/[^/]+\.ya?ml", "kubernetes"),
        (r"(?:.*/)?(?:dockerfile|containerfile)(?:[._-][^/]*)?", "dockerfile"),
        (r"(?:.*/)?[^/]+\.(?:dockerfile|containerfile)", "dockerfile"),
        (r"(?:.*/)?[^/]+\.dockerignore", "dockerignore"),
        (r"(?:.*/)?(?:docker-|podman-)?compose[^/]*\.ya?ml", "compose"),
        (r"(?:.*/)?[^/]*docker-compose[^/]*\.ya?ml", "compose"),
        (r"(?:.*/)?[^/]*\.gitlab-ci\.ya?ml", "gitlab_ci"),
        (r"(?:.*/)?(?:jenkinsfile[._-][^/]*|[^/]+\.jenkinsfile)", "jenkins"),
        (r"(?:.*/)?procfile\.[^/]+", "procfile"),
        (r"(?:.*/)?[^/]+\.(?:tf|tf\.json|tofu)", "terraform"),
        (r"(?:.*/)?[^/]+\.pkr\.(?:hcl|json)", "packer"),
        (r"(?:.*/)?[^/]+\.bicep", "bicep"),
        (r"(?:.*/)?[^/]+\.nomad(?:\.hcl)?", "nomad"),
    )
)  # fmt: skip
_HINTS = (
    "docker", "containerfile", "compose", "pipeline", "jenkins", "procfile", ".github/", ".circleci/", ".buildkite/", ".tekton/", "gitlab-ci",
)  # fmt: skip
_ENDINGS = (".tf", ".tf.json", ".tofu", ".hcl", ".pkr.json", ".bicep", ".nomad")
"""One of these stands in every path that the slower patterns could match."""
_TOLD_BY_CONTENT = (".yaml", ".yml", ".json", ".template", ".jsonnet")

_NO_DEPLOYMENT = re.compile(r"(?:^|/)(?:testdata|fixtures|__fixtures__|__tests__|snapshots|__snapshots__)/")
_API = re.compile(rb"^[ \t]*\"?apiVersion\"?:", re.MULTILINE)
_KIND = re.compile(rb"^[ \t]*\"?kind\"?:", re.MULTILINE)
_PLAIN_API = re.compile(rb"^apiVersion:[ \t]+([a-zA-Z][\w./-]*)[ \t]*\r?$", re.MULTILINE)
_PLAIN_KIND = re.compile(rb"^kind:[ \t]+([a-zA-Z]\w*)[ \t]*\r?$", re.MULTILINE)
_VERSION = re.compile(r"(?:[a-z0-9.-]+/)?v\d+\w*")
_CLOUDFORMATION = (b"AWSTemplateFormatVersion", b"AWS::Serverless", b"Type: AWS::", b'"Type": "AWS::')
_FOREIGN_GROUPS = ("backstage.io/", "kind.x-k8s.io/", "minikube.", "eksctl.io/", "k3d.io/", "kubeadm.", "client.authentication")
_PLAY_KEYS = frozenset(("tasks", "roles", "pre_tasks", "post_tasks", "handlers", "vars_files"))
_TEMPLATED = (b"{{", b"{%")


def existing(repo: Repo) -> tuple[Existing, ...]:
    """Every deployment file, in the order of the paths; which component it belongs to is not decided here."""
    charts = tuple(path.rpartition("/")[0] for path in repo.named("Chart.yaml"))
    return tuple(Existing(kind=kind, path=path) for path in repo.files for kind in _kinds(repo, path, charts))


def _kinds(repo: Repo, path: str, charts: tuple[str, ...]) -> Iterator[str]:
    kind = _by_name(path)
    if (kind is None and not path.endswith(_TOLD_BY_CONTENT)) or _NO_DEPLOYMENT.search(path):
        return
    judge = _JUDGES.get(kind) if kind is not None else None
    if kind is not None and (judge is None or judge(repo, path)):
        yield kind
    elif path.endswith((".yaml", ".yml")) and not _in_chart(path, charts):
        yield from _by_yaml(repo, path)
    elif path.endswith((".json", ".template", ".jsonnet")):
        yield from _by_json(repo, path)


def _by_name(path: str) -> str | None:
    lower = path.lower()
    kind = _NAMES.get(lower.rpartition("/")[2])
    if kind is not None or not (lower.endswith(_ENDINGS) or any(hint in lower for hint in _HINTS)):
        return kind
    return next((kind for pattern, kind in _PATTERNS if pattern.fullmatch(lower)), None)


def _in_chart(path: str, charts: tuple[str, ...]) -> bool:
    """Templates, values and sub-charts belong to their chart, which is listed once."""
    return any(path.startswith(f"{chart}/" if chart else ("templates/", "values", "charts/", "crds/")) for chart in charts)


# -- by what is in it ------------------------------------------------------------------------------------------------------------------


def _by_yaml(repo: Repo, path: str) -> Iterator[str]:
    data = repo.bytes(path) or b""
    if _API.search(data) and _KIND.search(data):
        yield from _of_manifest(repo, path, data)
    elif any(mark in data for mark in _CLOUDFORMATION):
        yield "cloudformation"
    elif (b"hosts:" in data and (b"tasks:" in data or b"roles:" in data) and _is_playbook(repo, path)) or _is_role_task(path):
        yield "ansible"
    elif b"scrape_configs:" in data or (b"groups:" in data and b"rules:" in data and b"expr:" in data):
        yield from _if(_is_prometheus(repo, path), "prometheus")
    elif b"receivers:" in data and b"route:" in data:
        yield from _if(_has_keys(repo, path, "route", "receivers"), "alertmanager")
    elif "grafana" in path.lower() and (b"datasources:" in data or b"providers:" in data):
        yield from _if(_has_keys(repo, path, "datasources") or _has_keys(repo, path, "providers"), "grafana")


def _if(holds: bool, kind: str) -> Iterator[str]:
    if holds:
        yield kind


def _of_manifest(repo: Repo, path: str, data: bytes) -> Iterator[str]:
    if any(mark in data for mark in _TEMPLATED):
        yield "kubernetes"
        return
    for version, kind in _api_objects(repo, path, data):
        if version.startswith(("skaffold/", "kustomize.config")):
            yield "skaffold" if version.startswith("skaffold/") else "kustomize"
            return
        if _VERSION.fullmatch(version) and not version.startswith(_FOREIGN_GROUPS) and kind != "Config":
            yield "kubernetes"
            return


def _api_objects(repo: Repo, path: str, data: bytes) -> Iterator[tuple[str, str]]:
    """apiVersion and kind of each document. One plain document shows both at the start of a line, and is not parsed for that."""
    plain = (_PLAIN_API.search(data), _PLAIN_KIND.search(data))
    if plain[0] and plain[1] and b"\n---" not in data and b"&" not in data:
        yield plain[0][1].decode(), plain[1][1].decode()
        return
    for document in map(mapping, _documents(repo, path)):
        version, kind = document.get("apiVersion"), document.get("kind")
        if isinstance(version, str) and isinstance(kind, str):
            yield version, kind


def _by_json(repo: Repo, path: str) -> Iterator[str]:
    lower = path.lower()
    if any(word in lower for word in ("grafana", "dashboard")) and path.endswith(".json"):
        data = repo.bytes(path) or b""
        yield from _if(b'"panels"' in data and b'"schemaVersion"' in data, "grafana")
    elif path.endswith(".template") or any(word in lower for word in ("cloudformation", "cfn", "stack", "template", "aws")):
        data = repo.bytes(path) or b""
        yield from _if(b"AWSTemplateFormatVersion" in data, "cloudformation")


def _documents(repo: Repo, path: str) -> list[Any]:
    """All documents of a YAML file; none, and a problem that stops nothing, when it is broken."""
    from opsmith.yaml_safe import load_yaml

    try:
        return load_yaml(repo.read(path) or "")
    except (ValueError, RecursionError) as error:
        repo.problem(path, f"broken YAML: {str(error).partition(chr(10))[0] or 'nested too deeply'}")
        return []


def _first(repo: Repo, path: str) -> Any:
    return next(iter(_documents(repo, path)), None)


def _has_keys(repo: Repo, path: str, *keys: str) -> bool:
    document = mapping(_first(repo, path))
    return all(key in document for key in keys)


def _is_prometheus(repo: Repo, path: str) -> bool:
    return _has_keys(repo, path, "scrape_configs") or _has_keys(repo, path, "groups")


def _is_playbook(repo: Repo, path: str) -> bool:
    document = _first(repo, path)
    plays = [mapping(play) for play in items(document)]
    return any("hosts" in play and bool(_PLAY_KEYS & set(play)) for play in plays)


def _is_role_task(path: str) -> bool:
    return re.fullmatch(r"(?:.*/)?roles/[^/]+/(?:tasks|handlers)/[^/]+\.ya?ml", path) is not None


# -- doubts about a name ---------------------------------------------------------------------------------------------------------------


def _is_dockerfile(repo: Repo, path: str) -> bool:
    return re.search(rb"^[ \t]*FROM[ \t]", repo.bytes(path) or b"", re.MULTILINE | re.IGNORECASE) is not None


def _is_compose(repo: Repo, path: str) -> bool:
    """A `services` mapping; an override may hold other parts only, and a broken or templated file is believed by its name."""
    data = repo.bytes(path) or b""
    if any(mark in data for mark in _TEMPLATED):
        return b"services:" in data
    if not re.search(rb"^[\"']?(services|include|networks|volumes)[\"']?:", data, re.MULTILINE):
        return False
    document = _first(repo, path)
    return document is None or isinstance(mapping(document).get("services"), dict) or "include" in mapping(document)


def _is_workflow(repo: Repo, path: str) -> bool:
    return re.search(rb"^[\"']?jobs[\"']?:", repo.bytes(path) or b"", re.MULTILINE) is not None


def _is_helm(repo: Repo, path: str) -> bool:
    if not path.endswith("Chart.yaml"):
        return path.rpartition("/")[2].lower().startswith("helmfile")
    data = repo.bytes(path) or b""
    return any(mark in data for mark in _TEMPLATED) or _has_keys(repo, path, "apiVersion", "name")


def _is_procfile(repo: Repo, path: str) -> bool:
    return re.search(rb"^[\w-]+:[ \t]*\S", repo.bytes(path) or b"", re.MULTILINE) is not None


def _is_platform(repo: Repo, path: str) -> bool:
    """app.json is also Expo's and others' file, app.yaml and project.toml anybody's."""
    data = repo.bytes(path) or b""
    match path.rpartition("/")[2].lower():
        case "app.json":
            return _is_heroku_app(data)
        case "app.yaml" | "app.yml":
            return re.search(rb"^(runtime|services|spec):", data, re.MULTILINE) is not None and not _API.search(data)
        case "project.toml":
            return b"io.buildpacks" in data or b"[build]" in data
        case _:
            return True


def _is_heroku_app(data: bytes) -> bool:
    try:
        document = mapping(json.loads(data))
    except (ValueError, RecursionError):
        return False
    marks = {"buildpacks", "addons", "formation", "env", "stack", "repository", "scripts", "environments"}
    return "expo" not in document and bool(marks & set(document))


_JUDGES: Mapping[str, _Judge] = {
    "dockerfile": _is_dockerfile,
    "compose": _is_compose,
    "github_actions": _is_workflow,
    "helm": _is_helm,
    "procfile": _is_procfile,
    "platform": _is_platform,
}
