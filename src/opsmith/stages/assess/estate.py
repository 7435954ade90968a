"""Reads everything that the standards judge out of a repository."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath
from typing import TypeVar

from opsmith.detectors.existing import existing
from opsmith.model.estate import Block, ComposeService, Dockerfile, Document, Estate, Job, Object, Pipeline, Step, System
from opsmith.model.survey import Component, Existing
from opsmith.provers import kinds
from opsmith.repo import Repo
from opsmith.shapes import is_list, is_mapping, items, table
from opsmith.stages.assess import hcl, pipelines
from opsmith.stages.assess.dockerfiles import dockerfile
from opsmith.stages.assess.manifests import documents, objects
from opsmith.stages.assess.rules import rules
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
SYSTEMS: tuple[System, ...] = ("github_actions", "gitlab_ci", "jenkins", "circleci", "azure_pipelines")

T = TypeVar("T")


@dataclass(kw_only=True)
class _Reader:
    """What was read, and why some of it was not."""

    repo: Repo
    unread: dict[str, str] = field(default_factory=dict[str, str])

    def attempt(self, path: str, read: Callable[[str], T]) -> T | None:
        text = self.repo.read(path)
        if text is None:
            self.unread[path] = "it is no text, or larger than 2 MiB"
            return None
        try:
            return read(text)
        except (ValueError, RecursionError) as error:
            self.unread[path] = str(error).partition("\n")[0] or "nested too deeply"
            return None

    def documents(self, path: str) -> list[Document]:
        return self.attempt(path, lambda text: [] if kinds.is_template(path, text) else documents(path, text)) or []


def estate(repo: Repo, components: tuple[Component, ...]) -> tuple[Estate, tuple[str, ...]]:
    """What is there, and what of it could not be read."""
    reader = _Reader(repo=repo)
    there = existing(repo)
    shipped = [item for item in there if not is_aside(item.path)]
    kustomizations = [document for path in _of(there, "kustomize") for document in reader.documents(path)]
    manifests = {path: reader.documents(path) for path in _of(shipped, "kubernetes")}
    found = objects((document for path in manifests for document in manifests[path]), kustomizations, _patch_documents(reader, kustomizations))
    texts = _texts(repo, components)
    tests = [
        path for path in repo.files if path.endswith((".yml", ".yaml")) and "test" in path.lower() and b"rule_files:" in (repo.bytes(path) or b"")
    ]
    ruled = {path: reader.documents(path) for path in dict.fromkeys((*_of(there, "prometheus", "alertmanager"), *tests))}
    result = Estate(
        components=components,
        existing=there,
        files=frozenset(repo.files),
        dockerfiles=_dockerfiles(reader, shipped),
        compose=_compose(reader, shipped),
        objects=_without_copies(found),
        charts=_of(shipped, "helm"),
        kustomizations=tuple(kustomizations),
        set_images=_set_images(reader, there, kustomizations),
        blocks=_blocks(reader, shipped),
        pipelines=_pipelines(reader, there, texts),
        rules=rules((document for path in ruled if not is_aside(path) for document in ruled[path] if "groups" in document.body), found),
        rule_tests=tuple(document for path in ruled for document in ruled[path] if "tests" in document.body and "rule_files" in document.body),
        scrapes=tuple(document for path in _of(shipped, "prometheus") for document in reader.documents(path) if "scrape_configs" in document.body),
        routes=tuple(document for path in ruled for document in ruled[path] if "receivers" in document.body and "route" in document.body),
        texts=texts,
    )
    return result, tuple(f"{path}: {why}" for path, why in sorted(reader.unread.items()))


def _of(files: Iterable[Existing], *wanted: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.path for item in files if item.kind in wanted))


def _dockerfiles(reader: _Reader, shipped: list[Existing]) -> tuple[Dockerfile, ...]:
    paths = [path for path in _of(shipped, "dockerfile") if not is_development(path)]
    found = [reader.attempt(path, partial(dockerfile, path)) for path in paths]
    return tuple(item for item in found if item is not None and item.stages)


def _compose(reader: _Reader, shipped: list[Existing]) -> tuple[ComposeService, ...]:
    """The services of every compose file that is not a developer's own; an override for production is laid over its base."""
    services: dict[tuple[str, str], ComposeService] = {}
    for path in sorted((path for path in _of(shipped, "compose") if not is_development(path)), key=lambda path: (len(path), path)):
        for document in reader.documents(path)[:1]:
            for name, body in table(document.body.get("services")).items():
                key = (str(PurePosixPath(path).parent), name)
                if key in services:
                    services[key] = _laid_over(services[key], table(body))
                else:
                    services[key] = ComposeService(document=document, name=name)
    return tuple(services.values())


def _laid_over(base: ComposeService, over: dict[str, object]) -> ComposeService:
    whole = base.document.body
    body = {**whole, "services": {**table(whole.get("services")), base.name: base.body | over}}
    return replace(base, document=replace(base.document, body=body))


def _patch_documents(reader: _Reader, kustomizations: list[Document]) -> dict[str, list[Document]]:
    folders = {
        str(PurePosixPath(item.file).parent) for item in kustomizations if any(key in item.body for key in ("patches", "patchesStrategicMerge"))
    }
    named = {
        path
        for folder in folders
        for name in reader.repo.folder("" if folder == "." else folder)
        if name.endswith((".yaml", ".yml")) and (path := name if folder == "." else f"{folder}/{name}")
    }
    named |= {path for folder in folders for path in reader.repo.under("" if folder == "." else folder, ".yaml", ".yml") if "patch" in path.lower()}
    return {path: reader.documents(path) for path in sorted(named)}


def _set_images(reader: _Reader, there: tuple[Existing, ...], kustomizations: list[Document]) -> frozenset[str]:
    """Images whose tag is set elsewhere when things are deployed."""
    skaffold = [document for path in _of(there, "skaffold") for document in reader.documents(path)]
    built = (table(entry).get("image") for document in skaffold for entry in items(table(document.body.get("build")).get("artifacts")))
    named = (table(entry).get("name") for document in kustomizations for entry in items(document.body.get("images")))
    return frozenset(str(name) for name in (*built, *named) if name)


def _blocks(reader: _Reader, shipped: list[Existing]) -> tuple[Block, ...]:
    paths = [path for path in _of(shipped, "terraform") if path.endswith((".tf", ".tofu"))]
    found = [reader.attempt(path, partial(hcl.blocks, path)) or () for path in paths]
    return tuple(block for blocks in found for block in blocks)


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


def _pipelines(reader: _Reader, there: tuple[Existing, ...], texts: Mapping[str, str]) -> tuple[Pipeline, ...]:
    found: list[Pipeline] = []
    for system in SYSTEMS:
        for path in _of(there, system):
            made = reader.attempt(path, partial(pipelines.pipeline, path, system=system, read=documents))
            if made is not None and made.jobs:
                found.append(replace(made, jobs=tuple(_followed(reader, job, texts) for job in made.jobs)))
    return tuple(found)


_LOCAL_ACTION = re.compile(r"\./([\w./-]+)")
_NAMED_SCRIPT = re.compile(r"(?:^|[\s./\"'])((?:[\w.-]+/)*[\w.-]+\.(?:sh|bash))\b")


def _followed(reader: _Reader, job: Job, texts: Mapping[str, str]) -> Job:
    """With the repository's own actions and scripts written out where a step uses them."""
    return replace(job, steps=tuple(inner for step in job.steps for inner in _written_out(reader, step, texts)))


def _written_out(reader: _Reader, step: Step, texts: Mapping[str, str]) -> Iterator[Step]:
    local = _LOCAL_ACTION.fullmatch(step.uses)
    if local:
        for name in ("action.yml", "action.yaml"):
            path = f"{local[1].rstrip('/')}/{name}"
            if reader.repo.has(path):
                yield from (inner for document in reader.documents(path)[:1] for inner in pipelines.composite(document))
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
