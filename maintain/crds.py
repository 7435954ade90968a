"""Makes src/opsmith/crds/*.json of the CustomResourceDefinitions that projects publish.

    python -m maintain.crds PROJECT=VERSION FILE... [PROJECT=VERSION FILE...]...

Reads CRD manifests (YAML), writes one JSON schema for each kind that opsmith delivers or judges, and the table of versions. A schema is the
published one without its prose, and strict: what it does not know is refused, as an API server warns of it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1] / "src" / "opsmith" / "crds"
KINDS = frozenset(
    (
        "Application", "ApplicationSet", "AppProject", "Rollout", "AnalysisTemplate", "ScaledObject", "TriggerAuthentication", "Certificate",
        "Issuer", "ClusterIssuer", "ExternalSecret", "SecretStore", "ClusterSecretStore", "SealedSecret", "VirtualService", "DestinationRule",
        "PeerAuthentication", "AuthorizationPolicy", "Gateway", "GitRepository", "HelmRelease", "Kustomization", "ImageRepository", "ImagePolicy",
        "ImageUpdateAutomation", "Canary", "MetricTemplate", "ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "HTTPRoute", "GRPCRoute",
        "VerticalPodAutoscaler", "Server", "MeshTLSAuthentication",
    )
)  # fmt: skip


class _Loader(yaml.SafeLoader):
    """YAML 1.1 gives a plain `=` a type of its own, which enumerations of operators do not mean."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: str(loader.construct_scalar(node)))  # type: ignore[arg-type]


def main(arguments: list[str]) -> None:
    versions: dict[str, str] = {}
    project = ""
    for word in arguments:
        if "=" in word and not Path(word).exists():
            project, _, version = word.partition("=")
            versions[project] = version
        else:
            for definition in yaml.load_all(Path(word).read_text(encoding="utf-8"), Loader=_Loader):
                if definition and definition.get("kind") == "CustomResourceDefinition" and definition["spec"]["names"]["kind"] in KINDS:
                    _write(definition["spec"])
    (FOLDER / "versions.json").write_text(json.dumps(dict(sorted(versions.items())), indent=1) + "\n", encoding="utf-8")


def _write(spec: dict[str, Any]) -> None:
    for version in spec["versions"]:
        if version["served"] and not version.get("deprecated"):
            schema = _strict(version["schema"]["openAPIV3Schema"])
            schema["properties"].pop("status", None)
            schema["properties"]["metadata"] = {"type": "object"}
            name = f"{spec['group']}_{version['name']}_{spec['names']['kind'].lower()}.json"
            (FOLDER / name).write_text(json.dumps(schema, sort_keys=True, separators=(",", ":")) + "\n", encoding="utf-8")


KEPT = frozenset(
    (
        "type", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "required", "items",
        "anyOf", "oneOf", "allOf", "not", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    )
)  # fmt: skip


def _strict(schema: dict[str, Any], *, inside: bool = False) -> dict[str, Any]:
    """`inside` a combination the object's own properties stand further out, so nothing is closed there."""
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    found = {key: _value(key, value, inside=inside) for key, value in schema.items() if key in KEPT}
    if schema.get("nullable") and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    if "properties" in schema:
        found["properties"] = {key: _strict(value, inside=inside) for key, value in schema["properties"].items()}
        if not inside and not schema.get("x-kubernetes-preserve-unknown-fields"):
            found["additionalProperties"] = False
    elif isinstance(schema.get("additionalProperties"), dict):
        found["additionalProperties"] = _strict(schema["additionalProperties"], inside=inside)
    return found


def _value(key: str, value: Any, *, inside: bool) -> Any:
    match key:
        case "items":
            return _strict(value, inside=inside)
        case "not":
            return _strict(value, inside=True)
        case "anyOf" | "oneOf" | "allOf":
            return [_strict(item, inside=True) for item in value]
        case _:
            return value


if __name__ == "__main__":
    main(sys.argv[1:])
