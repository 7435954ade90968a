"""The objects of the blueprint as templates: what the surface offers is asked from the values, everything else stands as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from opsmith import conventions
from opsmith.emit import Noted
from opsmith.manifests import Manifest
from opsmith.model.blueprint import Blueprint
from opsmith.shapes import is_list, is_mapping, items
from opsmith.targets.helm import surface
from opsmith.targets.helm.expressions import Expression, Lines

Path = tuple[str | int, ...]
Edit = Callable[[Path, Any], Any]


def condition(item: Manifest) -> str | None:
    return f".Values.{surface.key(item.owner)}.ingress.enabled" if item.kind == "ingress" else None


def templated(item: Manifest, blueprint: Blueprint, values: Mapping[str, Any]) -> Any:
    """`item`'s document with expressions for what `values` (the defaults, plain) hold."""
    offered = values.get(surface.key(item.owner))

    def edit(path: Path, value: Any) -> Any:
        match path:
            case ("metadata",):
                return value | _annotations(item)
            case () if item.kind == "serviceaccount":
                return value | _listed("imagePullSecrets", 2)
            case ("metadata", "namespace"):
                return Expression("{{ .Release.Namespace }}")
            case ("metadata", "labels"):
                return {**value, Lines((f'{{{{- include "{blueprint.name}.labels" . | nindent 4 }}}}',)): None}
            case (*_, "namespaceSelector", "matchLabels", conventions.NAMESPACE_NAME_LABEL):
                return _namespace(value, blueprint)
            case _ if offered is not None:
                return _owned(path, value, item, offered, blueprint.name)
            case _:
                return value

    return _visited(item.document, (), edit)


def _annotations(item: Manifest) -> dict[Any, Any]:
    match item.kind:
        case "migration":
            # Before an upgrade's pods; after the first install, for the database itself may come with the release.
            return {"annotations": {"helm.sh/hook": "post-install,pre-upgrade", "helm.sh/hook-delete-policy": "before-hook-creation"}}
        case "ingress":
            return {Lines(("{{- with .Values.ingress.annotations }}", "annotations:", "{{- toYaml . | nindent 4 }}", "{{- end }}")): None}
        case _:
            return {}


def _namespace(value: str, blueprint: Blueprint) -> Any:
    watched = blueprint.monitoring
    if value == blueprint.ingress_namespace and any(service.public for service in blueprint.services):
        return Expression("{{ .Values.ingress.namespace | quote }}")
    if watched and value == watched.namespace:
        return Expression("{{ .Values.monitoring.namespace | quote }}")
    return value


def _owned(path: Path, value: Any, item: Manifest, offered: Mapping[str, Any], system: str) -> Any:
    mine = f".Values.{surface.key(item.owner)}"
    match path:
        case ("spec", "replicas") if "replicas" in offered:
            return Expression(f"{{{{ {mine}.replicas }}}}")
        case ("spec", "minReplicas" | "maxReplicas" as bound):
            return Expression(f"{{{{ {mine}.autoscaling.{bound} }}}}")
        case ("spec", "schedule"):
            return Expression(f"{{{{ {mine}.schedule | quote }}}}")
        case (*_, "containers", 0, "image"):
            return Expression(f'{{{{ include "{system}.image" (list {mine}.image .) }}}}')
        case (*_, "containers", 0, "resources"):
            return Expression(f"{{{{- toYaml {mine}.resources | nindent {2 * len(path)} }}}}")
        case (*_, "containers", 0, "env", int()) if "value" in value and value["name"] in offered.get("env", {}):
            return value | {"value": Expression(f"{{{{ {mine}.env.{value['name']} | quote }}}}")}
        case (*_, "template", "spec"):
            return value | _placement(2 * len(path))
        case _ if item.kind == "ingress":
            return _ingress(path, value, mine)
        case (*_, "volumeClaimTemplates", 0, "spec"):
            return value | {Lines((f"{{{{- with {mine}.storage.className }}}}", "storageClassName: {{ . | quote }}", "{{- end }}")): None}
        case (*_, "volumeClaimTemplates", 0, "spec", "resources", "requests", "storage"):
            return Expression(f"{{{{ {mine}.storage.size | quote }}}}")
        case _:
            return value


def _ingress(path: Path, value: Any, mine: str) -> Any:
    match path:
        case ("spec", "ingressClassName"):
            return Expression("{{ .Values.ingress.className | quote }}")
        case ("spec", "tls", 0, "hosts", 0) | ("spec", "rules", 0, "host"):
            return Expression(f"{{{{ {mine}.ingress.host | quote }}}}")
        case ("spec", "tls", 0, "secretName"):
            return Expression(f"{{{{ {mine}.ingress.tlsSecret | quote }}}}")
        case _:
            return value


def _placement(indent: int) -> dict[Any, Any]:
    """Where pods may run is the installing person's business."""
    return _listed("nodeSelector", indent + 2) | _listed("tolerations", indent + 2)


def _listed(name: str, indent: int) -> dict[Any, Any]:
    """A key that is there only when it is set."""
    return {Lines((f"{{{{- with .Values.{name} }}}}", f"{name}:", f"{{{{- toYaml . | nindent {indent} }}}}", "{{- end }}")): None}


def _visited(value: Any, path: Path, edit: Edit) -> Any:
    if isinstance(value, Noted):
        return replace(value, value=_visited(value.value, path, edit))
    edited = edit(path, value)
    if is_mapping(edited):
        return {key: item if isinstance(key, Lines) else _visited(item, (*path, key), edit) for key, item in edited.items()}
    if is_list(edited):
        return type(edited)(_visited(item, (*path, index), edit) for index, item in enumerate(items(edited)))
    return edited
