"""Which tool's business a file is, by its path and by what its text shows; cheap, and the same for delivered and found files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from opsmith.shapes import items, mapping

_COMPOSE_NAME = re.compile(r"(docker-)?(compose|stack)\b[\w.-]*\.ya?ml$|[\w.-]*\.(docker-)?compose\.ya?ml$")
_WORKFLOW = re.compile(r"(^|/)\.github/workflows/[^/]+\.ya?ml$")
_SHEBANG = re.compile(r"#![ \t]*/\S*?/(?:env[ \t]+(?:-S[ \t]+)?)?(?:\S*/)?(sh|bash|dash|ksh)\b")
_HELM = re.compile(r"\{\{-?\s*(?:include|template|if|range|with|end|define|toYaml|\.Values|\.Release|\.Chart|\$?\.Values)\b")
_JINJA_LINE = re.compile(r"^[ \t]*\{[{%]", re.MULTILINE)

LOCAL_FORMATS = ("kustomize.config.k8s.io/", "skaffold/", "kind.x-k8s.io/", "k3d.io/", "ctlptl.dev/", "backstage.io/", "kubeadm.k8s.io/")
"""apiVersions of files that have a Kubernetes object's shape and are read by a program on the developer's machine instead."""
RENDERED = "~rendered"
"""Begins the name of a file that a tool made of others."""
KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def is_dockerfile(path: str) -> bool:
    name = PurePosixPath(path).name
    if name.endswith((".dockerignore", ".md", ".tmpl", ".j2", ".tpl", ".template", ".erb")):
        return False
    return name in ("Dockerfile", "Containerfile") or name.startswith(("Dockerfile.", "Containerfile.")) or name.lower().endswith(".dockerfile")


def is_shell(path: str, text: str) -> bool:
    return (path.endswith((".sh", ".bash", ".ksh")) and not _foreign_shebang(text)) or _is_shebang(text)


def _foreign_shebang(text: str) -> bool:
    return text.startswith("#!") and not _is_shebang(text)


def _is_shebang(text: str) -> bool:
    return _SHEBANG.match(text[:200].partition("\n")[0]) is not None


def is_yaml(path: str, text: str) -> bool:
    """YAML that can be read as it lies there: no template that becomes YAML later."""
    return _is_yaml_name(path) and not is_template(path, text)


def _is_yaml_name(path: str) -> bool:
    return path.endswith((".yaml", ".yml"))


def is_template(path: str, text: str) -> bool:
    """A Helm or Jinja template: a file in a chart's `templates`, or one that its actions keep from being YAML."""
    if "{{" not in text and "{%" not in text:
        return False
    if "templates" in PurePosixPath(path).parts[:-1] and _HELM.search(text):
        return True
    return (_JINJA_LINE.search(text) is not None or _HELM.search(text) is not None) and documents(text) is None


def is_workflow(path: str) -> bool:
    return _WORKFLOW.search(path) is not None


def is_action(path: str, text: str) -> bool:
    return PurePosixPath(path).name in ("action.yml", "action.yaml") and _has_key(text, "runs")


def is_compose(path: str, text: str) -> bool:
    return _COMPOSE_NAME.match(PurePosixPath(path).name) is not None and (_has_key(text, "services") or _has_key(text, "include"))


_PIPELINES = (
    (re.compile(r"(^|/)\.gitlab-ci\.ya?ml$"), "gitlab-ci"),
    (re.compile(r"(^|/)\.circleci/config\.yml$"), "circle-ci"),
    (re.compile(r"(^|/)azure-pipelines[\w.-]*\.ya?ml$"), "azure-pipelines"),
    (re.compile(r"(^|/)\.github/dependabot\.ya?ml$"), "dependabot"),
)


def pipeline(path: str) -> str | None:
    """The name of the schema of a pipeline that is no GitHub workflow."""
    return next((schema for pattern, schema in _PIPELINES if pattern.search(path)), None)


def is_kustomization(path: str) -> bool:
    return PurePosixPath(path).name in KUSTOMIZATION_NAMES


def is_rendered(path: str) -> bool:
    return PurePosixPath(path).name.startswith(RENDERED)


def is_kubernetes(path: str, text: str) -> bool:
    if not (_has_key(text, "apiVersion") and _has_key(text, "kind")) or is_kustomization(path) or not is_yaml(path, text):
        return False
    match = re.search(r"^apiVersion:[ \t]*[\"']?([\w./-]+)", text, re.MULTILINE)
    return match is not None and not match[1].startswith(LOCAL_FORMATS)


def is_prometheus_config(path: str, text: str) -> bool:
    promtail = _has_key(text, "positions") or _has_key(text, "clients")
    return _is_yaml_name(path) and _has_key(text, "scrape_configs") and not promtail and not is_template(path, text)


def is_prometheus_rules(path: str, text: str) -> bool:
    if not _is_yaml_name(path) or not _has_key(text, "groups") or _has_key(text, "apiVersion") or "loki" in path.lower():
        return False
    return re.search(r"^[ \t]*(?:-[ \t]+)?(?:alert|record):", text, re.MULTILINE) is not None and not is_template(path, text)


def is_promtool_test(path: str, text: str) -> bool:
    return _is_yaml_name(path) and _has_key(text, "tests") and _has_key(text, "rule_files") and not is_template(path, text)


def _has_key(text: str, key: str) -> bool:
    """Whether `key` stands at the left margin (quoted or not)."""
    return re.search(rf"^[\"']?{key}[\"']?:(?=\s|$)", text, re.MULTILINE) is not None


def may_be_understood(path: str) -> bool:
    """By the name alone, before the text is read."""
    name = PurePosixPath(path).name
    return _is_yaml_name(path) or is_dockerfile(path) or is_kustomization(path) or path.endswith((".sh", ".bash", ".ksh")) or "." not in name


def is_deployment(path: str, text: str) -> bool:
    """Whether some tool knows the file as more than YAML."""
    by_name = is_dockerfile(path) or is_workflow(path) or is_kustomization(path) or pipeline(path) is not None
    return by_name or any(mine(path, text) for mine in _BY_TEXT)


@lru_cache(maxsize=4096)
def documents(text: str) -> tuple[Any, ...] | None:
    """The documents of a YAML text; None when it cannot be read."""
    from opsmith.yaml_safe import load_yaml

    try:
        return tuple(load_yaml(text))
    except (ValueError, RecursionError):
        return None


def selected(files: Mapping[str, str], mine: Callable[[str, str], bool]) -> tuple[str, ...]:
    return tuple(sorted(path for path, text in files.items() if mine(path, text)))


def manifests(files: Mapping[str, str]) -> tuple[str, ...]:
    """Kubernetes manifests that stand for whole objects: a patch of a kustomization is a part of one and is proved by rendering."""
    patches = frozenset(patch for path, text in files.items() if is_kustomization(path) for patch in _patches(path, text))
    return tuple(path for path in selected(files, is_kubernetes) if path not in patches)


def _patches(path: str, text: str) -> Iterator[str]:
    folder = PurePosixPath(path).parent
    for document in documents(text) or ():
        for entry in _patch_entries(document):
            yield _normal(str(folder / entry))


def _patch_entries(document: Any) -> Iterator[str]:
    for key in ("patches", "patchesStrategicMerge", "patchesJson6902", "transformers", "replacements", "configurations"):
        for entry in listed(mapped(document).get(key)):
            name = mapped(entry).get("path", entry)
            if isinstance(name, str) and "\n" not in name:
                yield name


def mapped(value: Any) -> dict[Any, Any]:
    """`value` when it is a mapping; an empty one otherwise."""
    return mapping(value)


def listed(value: Any) -> list[Any]:
    return items(value)


def _normal(path: str) -> str:
    """`path` without `.` and `..`, as far as it stays inside the tree."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ""):
            parts.append(part)
    return "/".join(parts)


_BY_TEXT = (is_shell, is_action, is_compose, is_kubernetes, is_prometheus_config, is_prometheus_rules, is_promtool_test)


def referenced(path: str, text: str) -> Iterator[str]:
    """Paths that a compose file or kustomization may mean: every string in it, seen from its folder."""
    folder = str(PurePosixPath(path).parent)
    for document in documents(text) or ():
        for value in _strings(document):
            if len(value) < 512 and "\n" not in value:
                yield _normal(f"{folder}/{value.rpartition('=')[2]}")


def _strings(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        pending.extend(reversed([*mapped(item).values(), *listed(item)]))
