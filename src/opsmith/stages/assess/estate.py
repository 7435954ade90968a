"""Reads everything that the standards judge out of a repository."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from opsmith.detectors import deployed
from opsmith.detectors.deployed.compose import ComposeFile
from opsmith.detectors.deployed.documents import documents
from opsmith.detectors.deployed.github_actions import composite
from opsmith.detectors.deployed.rules import rules
from opsmith.detectors.existing import existing
from opsmith.model.document import Document
from opsmith.model.estate import ComposeService, Dockerfile, Estate, Object, Pipeline, Step
from opsmith.model.survey import Component, Existing
from opsmith.provers import kinds
from opsmith.repo import Repo
from opsmith.shapes import is_list, is_mapping, items, table
from opsmith.stages.assess.patches import PATCHES, objects
from opsmith.stages.assess.scope import is_aside, is_development

MAX_TEXTS = 400
MAX_TEXT = 200_000
_PROSE = re.compile(
    r"(?:^|/)(?:readme|security|contributing|runbook|operations|deploy\w*|disaster|backup\w*|recovery|install\w*)[\w.-]*\.(?:md|rst|adoc|txt)$"
)
_DOCUMENTS = re.compile(r"(?:^|/)(?:docs?|runbooks?|ops|operations|sre)/.*\.(?:md|rst|adoc)$")
_SCRIPT = re.compile(r"(?:\.(?:sh|bash)|(?:^|/)(?:makefile|justfile|taskfile\.ya?ml|[\w.-]*entrypoint[\w.-]*|start|run|rakefile))$")
_ENVIRONMENT = re.compile(r"(?:^|/)(?:\.env[\w.-]*|env\.example|[\w.-]+\.env(?:\.example)?|\.gitignore|package\.json)$")
_OF_AGENTS = re.compile(r"(?:^|/)\.(?:agents|cursor|windsurf|codex|gemini)/")
"""What is written for agents tells of no system."""
_WHEREVER = frozenset(
    ("github_actions", "gitlab_ci", "jenkins", "circleci", "azure_pipelines", "kustomize", "skaffold", "prometheus", "alertmanager")
)
_SHIPPED = frozenset(("dockerfile", "compose", "kubernetes", "terraform"))
"""Read where they do not lie in folders of tests and samples."""


def estate(repo: Repo, components: tuple[Component, ...]) -> tuple[Estate, tuple[str, ...]]:
    """What is there, and what of it could not be read."""
    there = existing(repo)
    judged = [item for item in there if _is_judged(repo, item)]
    found = deployed.read(repo, judged)
    kustomizations = tuple(item.document for item in found.kustomizations if item.document is not None)
    patches = {path: documents(repo, path) for path in _patch_files(repo, kustomizations)}
    placed = _without_copies(objects((item for file in found.manifests for item in file.objects), kustomizations, patches))
    named_tests = sorted({*_test_files(repo)} - {item.file for item in found.monitoring})
    tests = (*found.monitoring, *(document for path in named_tests for document in documents(repo, path)))
    texts = _texts(repo, components)
    result = Estate(
        components=components,
        existing=there,
        files=frozenset(repo.files),
        dockerfiles=tuple(Dockerfile(path=item.path, instructions=item.instructions) for item in found.dockerfiles),
        compose=_compose(found.composes),
        objects=placed,
        charts=tuple(dict.fromkeys(item.path for item in there if item.kind == "helm" and not is_aside(item.path))),
        kustomizations=kustomizations,
        set_images=_set_images(found, kustomizations),
        blocks=found.blocks,
        pipelines=tuple(_followed(repo, item, texts) for item in found.pipelines if item.jobs),
        rules=(
            *(rule for rule in found.rules if not is_aside(rule.spot.file)),
            *(rule for item in placed if item.kind == "PrometheusRule" for rule in rules(item.document, "spec", "groups")),
        ),
        rule_tests=tuple(document for document in tests if "tests" in document.body and "rule_files" in document.body),
        scrapes=tuple(document for document in found.monitoring if "scrape_configs" in document.body and not is_aside(document.file)),
        routes=tuple(document for document in found.monitoring if "receivers" in document.body and "route" in document.body),
        texts=texts,
    )
    return result, _unread(repo, {*(item.path for item in judged), *patches, *named_tests})


def _is_judged(repo: Repo, item: Existing) -> bool:
    if item.kind in _SHIPPED:
        wanted = not is_aside(item.path) and not (item.kind in ("dockerfile", "compose") and is_development(item.path))
    else:
        wanted = item.kind in _WHEREVER
    return wanted and not (item.kind in _MAY_BE_TEMPLATES and kinds.is_template(item.path, repo.read(item.path) or ""))


_MAY_BE_TEMPLATES = frozenset(("compose", "kubernetes", "kustomize", "skaffold", "prometheus", "alertmanager"))


def _unread(repo: Repo, paths: set[str]) -> tuple[str, ...]:
    told = {problem.file: problem.what for problem in reversed(repo.problems) if problem.file in paths}
    return tuple(f"{path}: {told[path]}" for path in sorted(told))


def _test_files(repo: Repo) -> list[str]:
    """Of Prometheus' rules."""
    return [
        path for path in repo.files if path.endswith((".yml", ".yaml")) and "test" in path.lower() and b"rule_files:" in (repo.bytes(path) or b"")
    ]


def _compose(files: Iterable[ComposeFile]) -> tuple[ComposeService, ...]:
    """The services of every file; an override for production is laid over its base."""
    services: dict[tuple[str, str], ComposeService] = {}
    for file in sorted(files, key=lambda file: (len(file.path), file.path)):
        for document in file.documents[:1]:
            for name, body in table(document.body.get("services")).items():
                key = (str(PurePosixPath(file.path).parent), name)
                if key in services:
                    services[key] = _laid_over(services[key], table(body))
                else:
                    services[key] = ComposeService(document=document, name=name)
    return tuple(services.values())


def _laid_over(base: ComposeService, over: dict[str, object]) -> ComposeService:
    whole = base.document.body
    body = {**whole, "services": {**table(whole.get("services")), base.name: base.body | over}}
    return replace(base, document=replace(base.document, value=body))


def _patch_files(repo: Repo, kustomizations: Iterable[Document]) -> list[str]:
    """What may be meant by the patches of a kustomization."""
    folders = {str(PurePosixPath(item.file).parent) for item in kustomizations if any(key in item.body for key in PATCHES)}
    named = {
        path
        for folder in folders
        for name in repo.folder("" if folder == "." else folder)
        if name.endswith((".yaml", ".yml")) and (path := name if folder == "." else f"{folder}/{name}")
    }
    named |= {path for folder in folders for path in repo.under("" if folder == "." else folder, ".yaml", ".yml") if "patch" in path.lower()}
    return [path for path in sorted(named) if not kinds.is_template(path, repo.read(path) or "")]


def _set_images(found: deployed.Deployed, kustomizations: Iterable[Document]) -> frozenset[str]:
    """Images whose tag is set elsewhere when things are deployed."""
    built = (name for item in found.pipelines for name in item.names)
    named = (table(entry).get("name") for document in kustomizations for entry in items(document.body.get("images")))
    return frozenset(str(name) for name in (*built, *named) if name)


def _without_copies(found: tuple[Object, ...]) -> tuple[Object, ...]:
    """The same object may lie in a base, a release and a sample; copies that differ in nothing but images are one."""
    kept: dict[tuple[str, str, str, str], Object] = {}
    for item in found:
        kept.setdefault((item.kind, item.namespace, item.name, str(_without_images({**item.body, "metadata": None}))), item)
    return tuple(kept.values())


def _without_images(value: object, depth: int = 0) -> object:
    if depth > 60:
        return None
    if is_mapping(value):
        return {key: _without_images(inner, depth + 1) for key, inner in table(value).items() if key != "image"}
    return [_without_images(inner, depth + 1) for inner in items(value)] if is_list(value) else value


# -- pipelines ---------------------------------------------------------------------------------------------------------------------------


_LOCAL_ACTION = re.compile(r"\./([\w./-]+)")
_NAMED_SCRIPT = re.compile(r"(?:^|[\s./\"'])((?:[\w.-]+/)*[\w.-]+\.(?:sh|bash))\b")


def _followed(repo: Repo, item: Pipeline, texts: Mapping[str, str]) -> Pipeline:
    """With the repository's own actions and scripts written out where a step uses them."""
    jobs = (replace(job, steps=tuple(inner for step in job.steps for inner in _written_out(repo, step, texts))) for job in item.jobs)
    return replace(item, jobs=tuple(jobs))


def _written_out(repo: Repo, step: Step, texts: Mapping[str, str]) -> Iterator[Step]:
    local = _LOCAL_ACTION.fullmatch(step.uses)
    if local:
        for name in ("action.yml", "action.yaml"):
            path = f"{local[1].rstrip('/')}/{name}"
            if repo.has(path):
                yield from (inner for document in documents(repo, path)[:1] for inner in composite(document))
    scripts = [name for name in _NAMED_SCRIPT.findall(step.words[:20_000])[:10] if not step.uses]
    bodies = [texts[path] for name in scripts for path in texts if path == name or path.endswith(f"/{name}")]
    yield replace(step, words="\n".join([step.words, *bodies[:5]])) if bodies else step


def _texts(repo: Repo, components: tuple[Component, ...]) -> dict[str, str]:
    """Prose about operations, scripts and files of variables."""
    found: dict[str, str] = {}
    manifests = {path for component in components for path in component.manifests if path.endswith((".txt", ".xml", ".gradle", ".kts", ".in"))}
    for path in (*sorted(manifests), *(path for path in repo.files if not _OF_AGENTS.search(path))):
        lower = path.lower()
        if (
            path not in found
            and len(found) < MAX_TEXTS
            and (path in manifests or any(pattern.search(lower) for pattern in (_PROSE, _DOCUMENTS, _SCRIPT, _ENVIRONMENT)))
        ):
            text = repo.read(path)
            if text is not None:
                found[path] = text[:MAX_TEXT]
    return found
