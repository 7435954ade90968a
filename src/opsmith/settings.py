"""One frozen `Settings`: default < opsmith.yaml < environment < flag, remembering which source set each value."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from opsmith.errors import SettingsError
from opsmith.model.survey import BackingService, Component, EnvVar, Proxy, Runtime

FILE_NAME = "opsmith.yaml"

COMPONENT_FACTS: tuple[str, ...] = (
    "name", "role", "language", "framework", "package_manager", "runtime_version", "build_command", "start_command", "install_command",
    "test_command", "lint_command", "ports", "health_path", "metrics_path", "migration_command", "static_dir", "backing_services", "env",
    "depends_on", "protocol", "port_env", "context", "server_packages", "build_packages", "runtime_packages", "proxies", "skip",
)  # fmt: skip
"""What `components.NAME` in opsmith.yaml may set."""

DEFAULTS: Mapping[str, Any] = {
    "name": None,
    "registry": None,
    "namespace": None,
    "branch": None,
    "version": "0.1.0",
    "replicas": None,
    "ingress_host": None,
    "slo.availability": None,
    "slo.latency_ms": None,
    "slo.latency_percentile": None,
    "slo.window_days": 30,
    "resources.cpu_request": "250m",
    "resources.cpu_limit": "500m",
    "resources.memory_request": "256Mi",
    "resources.memory_limit": "512Mi",
    "monitoring_namespace": "monitoring",
    "ingress_namespace": "ingress-nginx",
    "backing_placement": "in_cluster",
    "volume_size": "10Gi",
    "ignore": (),
    "targets": (),
    "build_variables": {},
}
"""Every setting beside `components` and `backing`, by its dotted name, with its default; None = decided from the repository or the task."""

BACKING_KEYS = ("placement", "image", "volume_size", "version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`values` by dotted name; `sources` says for each that was set where ("opsmith.yaml:3", "flag --target")."""

    values: Mapping[str, Any] = field(default_factory=lambda: dict(DEFAULTS))
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    components: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    backing: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    file: str | None = None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def source(self, name: str) -> str | None:
        """Where the value was set; None = it is the default."""
        return self.sources.get(name)

    def override(self, component: Component) -> Component | None:
        """`component` with what opsmith.yaml says of it; None when it is to be skipped."""
        wanted = self.components.get(component.name)
        if not wanted:
            return component
        if wanted.get("skip"):
            return None
        changes: dict[str, Any] = {}
        for key, value in wanted.items():
            match key:
                case "runtime_version":
                    changes["runtime"] = Runtime(name=component.runtime.name if component.runtime else component.language, version=str(value))
                case "backing_services":
                    changes[key] = tuple(_backing(item) for item in value)
                case "env":
                    changes[key] = tuple(_variable(item) for item in value)
                case "proxies":
                    changes[key] = tuple(_proxy(item) for item in value)
                case "skip":
                    pass
                case _:
                    changes[key] = tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType]
        settled = frozenset(changes)
        changes["ambiguities"] = tuple(item for item in component.ambiguities if item.fact not in settled)
        merged = {spec.name: getattr(component, spec.name) for spec in fields(component)} | changes
        return Component(**merged)


def _backing(item: Any) -> BackingService:
    if isinstance(item, str):
        return BackingService(kind=item, name=item)
    return BackingService(kind=str(item["kind"]), name=str(item.get("name", item["kind"])), version=_text(item.get("version")))


def _variable(item: Any) -> EnvVar:
    if isinstance(item, str):
        return EnvVar(name=item, required=True)
    return EnvVar(
        name=str(item["name"]), required=bool(item.get("required", True)), secret=bool(item.get("secret", False)), default=_text(item.get("default"))
    )


def _proxy(item: Any) -> Proxy:
    return Proxy(prefix=_text(item.get("prefix")), url=str(item["url"]), strips=bool(item.get("strips", False)))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def load(root: Path, flags: Mapping[str, Any] | None = None) -> Settings:
    """Read ROOT/opsmith.yaml (optional) and lay `flags` (dotted name to value) over it.

    Raises SettingsError, naming file and line, for a key that does not exist or a value of the wrong type.
    """
    values, sources = dict(DEFAULTS), dict[str, str]()
    components: Mapping[str, Mapping[str, Any]] = {}
    backing: Mapping[str, Mapping[str, Any]] = {}
    path = root / FILE_NAME
    found = path.is_file()
    if found:
        document, text = _document(path)
        components = _section(document.pop("components", {}), "components", COMPONENT_FACTS, text)
        backing = _section(document.pop("backing", {}), "backing", BACKING_KEYS, text)
        for name, value in _flattened(document).items():
            _require_known(name, text)
            values[name] = _typed(name, value, text)
            sources[name] = f"{FILE_NAME}:{_line(text, name.rpartition('.')[2])}"
    for name, value in (flags or {}).items():
        if value is not None:
            values[name] = value
            sources[name] = f"flag --{name.replace('_', '-')}"
    return Settings(values=values, sources=sources, components=components, backing=backing, file=FILE_NAME if found else None)


def _document(path: Path) -> tuple[dict[str, Any], str]:
    from opsmith.yaml_safe import load_yaml

    try:
        if path.stat().st_size > 256 * 1024:
            raise SettingsError(f"{FILE_NAME} is larger than 256 KiB.")
        text = path.read_text(encoding="utf-8")
        documents = load_yaml(text)
    except UnicodeDecodeError:
        raise SettingsError(f"{FILE_NAME} is no UTF-8 text.") from None
    except OSError as error:
        raise SettingsError(f"{FILE_NAME} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise SettingsError(f"{FILE_NAME} is broken YAML: {error}.", next_step=f"yamllint {FILE_NAME}") from None
    document: Any = documents[0] if documents else {}
    if document is None:
        document = {}
    if not isinstance(document, dict) or len(documents) > 1:
        raise SettingsError(f"{FILE_NAME} has to be one mapping.", next_step="see docs/settings.md")
    return document, text  # pyright: ignore[reportUnknownVariableType]


def _section(value: Any, name: str, keys: tuple[str, ...], text: str) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict) or not all(isinstance(item, dict) for item in value.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        raise SettingsError(f"{FILE_NAME}: `{name}` has to map names to settings.", next_step=f"{name}: {{NAME: {{{keys[0]}: ...}}}}")
    section: dict[str, dict[str, Any]] = {str(item): dict(wanted) for item, wanted in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    for item, wanted in section.items():
        for key, given in wanted.items():
            if key not in keys:
                raise _unknown(f"{name}.{item}.{key}", key, keys, text)
            if key == "ports" and not (isinstance(given, list) and all(isinstance(port, int) for port in given)):  # pyright: ignore[reportUnknownVariableType]
                raise SettingsError(f"{FILE_NAME}:{_line(text, key)}: `{name}.{item}.{key}` has to be a list of numbers.")
    return section


def _flattened(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in document.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value and name not in DEFAULTS:
            flat |= _flattened(value, f"{name}.")  # pyright: ignore[reportUnknownArgumentType]
        else:
            flat[name] = value
    return flat


def _require_known(name: str, text: str) -> None:
    if name not in DEFAULTS:
        raise _unknown(name, name, (*DEFAULTS, "components", "backing"), text)


def _unknown(name: str, key: str, known: tuple[str, ...], text: str) -> SettingsError:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean `{near[0]}`?" if near else f"one of: {', '.join(known)}"
    return SettingsError(f"{FILE_NAME}:{_line(text, key.rpartition('.')[2])}: there is no setting `{name}`.", next_step=hint)


def _typed(name: str, value: Any, text: str) -> Any:
    default = DEFAULTS[name]
    if isinstance(default, tuple):
        if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):  # pyright: ignore[reportUnknownVariableType]
            raise SettingsError(f"{FILE_NAME}:{_line(text, name)}: `{name}` has to be a list of words.")
        return tuple(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    number = name.startswith("slo.") or name == "replicas"
    if number and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise SettingsError(f"{FILE_NAME}:{_line(text, name.rpartition('.')[2])}: `{name}` has to be a number.")
    if not number and not isinstance(default, Mapping) and not isinstance(value, str | None):
        raise SettingsError(f"{FILE_NAME}:{_line(text, name.rpartition('.')[2])}: `{name}` has to be text.")
    return value


def _line(text: str, key: str) -> int:
    return next((number for number, row in enumerate(text.splitlines(), start=1) if row.strip().startswith(f"{key}:")), 1)
