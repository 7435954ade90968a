"""Every setting: its name, its default, the form of its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from opsmith.model.survey import BackingService, EnvVar, Protocol, Proxy, Role
from opsmith.settings.forms import (
    REPOSITORY,
    TAG,
    Form,
    command,
    folder,
    listed,
    mapped,
    matching,
    number,
    one_of,
    optional,
    quantity,
    record,
    requirement,
    switch,
    text,
    trimmed,
    whole,
)

_NAME = matching("a name of letters, digits, '-', '_' and '.', such as shop", r"[A-Za-z0-9][\w.-]*", 63)
_WORD = matching("a name of letters, digits and '.', '@', '/', '+', '_', '-'", r"[A-Za-z0-9@][\w.@/+-]*", 100)
_LINE = matching("a name or pattern", r"(?=.*\S)[^\n]+")
_NAMESPACE = matching("a DNS label (a-z, 0-9 and '-', at most 63 characters), such as shop-live", r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", 63)
_HOST_NAME = matching(
    "a host name in lower case, such as shop.example.com",
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    200,  # a service's name is put before it, and 253 is the most that DNS takes
)
_BRANCH = matching("the name of a branch, such as main", r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))\w[\w./@#-]*(?<![./])")
_VERSION = matching("a version or a range of versions, such as 3.12", r"[\w.<>=!~^*|, /+-]*\w[\w.<>=!~^*|, /+-]*", 100)
_VARIABLE = matching("a variable's name (letters, digits and '_'), such as LOG_LEVEL", r"[A-Za-z_]\w*")
_HTTP_PATH = r"/[\w.~%+@:,/-]*"
_CPU = quantity("an amount of CPU, such as 500m or 1.5", r"\d{1,7}m|\d{1,4}(?:\.\d{1,3})?")
_BYTES = quantity("an amount of bytes, such as 256Mi or 1Gi", r"\d{1,15}(?:\.\d{1,3})?(?:[KMGTP]i|[kMGTP])?")
_PER_CENT = number("a number above 0 and below 100", 0, under=100)
_PLACEMENT = one_of("in_cluster", "external")
_DEBIAN = listed(matching("a Debian package, such as libpq5", r"[a-z0-9][a-z0-9+.-]*"), "Debian packages, such as [libpq5]")
_CONTEXT = folder(r"[\w.@+ ,=()\[\]~/-]*", "a folder of the repository, such as services/api")
_STATIC = folder(r"[\w.@+/-]+", "a folder below the component's, such as dist")

_SETTINGS: Mapping[str, tuple[Any, Form]] = {
    "name": (None, _NAME),
    "registry": (None, trimmed(matching("an image name in lower case without a tag, such as ghcr.io/acme/shop", REPOSITORY, 200))),
    "namespace": (None, _NAMESPACE),
    "branch": (None, _BRANCH),
    "version": ("0.1.0", matching("an image tag, such as 2.4.1", TAG)),
    "replicas": (None, whole(1, 1000)),
    "ingress_host": (None, _HOST_NAME),
    "slo.availability": (None, _PER_CENT),
    "slo.latency_ms": (None, number("a number above 0 and below 3600000", 0, under=3_600_000)),
    "slo.latency_percentile": (None, _PER_CENT),
    "slo.window_days": (30, whole(1, 90)),
    "resources.cpu_request": ("250m", _CPU),
    "resources.cpu_limit": ("500m", _CPU),
    "resources.memory_request": ("256Mi", _BYTES),
    "resources.memory_limit": ("512Mi", _BYTES),
    "monitoring_namespace": ("monitoring", _NAMESPACE),
    "ingress_namespace": ("ingress-nginx", _NAMESPACE),
    "backing_placement": ("in_cluster", _PLACEMENT),
    "volume_size": ("10Gi", _BYTES),
    "ignore": ((), listed(_LINE, "folders and patterns, such as [legacy]")),
    "targets": ((), listed(_LINE, "targets, such as [docker]")),
    "build_variables": ({}, mapped(_VARIABLE, text, "a mapping of variables to their values, such as {VITE_API_URL: /api}")),
}

DEFAULTS: Mapping[str, Any] = {name: default for name, (default, _) in _SETTINGS.items()}
"""Every setting beside `components` and `backing`, by its dotted name, with its default; None = decided from the repository or the task."""

FORMS: Mapping[str, Form] = {name: form for name, (_, form) in _SETTINGS.items()}

SCALARS: tuple[str, ...] = tuple(name for name, default in DEFAULTS.items() if not isinstance(default, tuple | dict))
"""What one environment variable can say."""

BACKING: Mapping[str, Form] = {
    "placement": _PLACEMENT,
    "image": matching("an image, such as postgres:16-alpine", rf"{REPOSITORY}(?::{TAG})?(?:@sha256:[0-9a-f]{{64}})?", 500),
    "volume_size": _BYTES,
    "version": _VERSION,
}


def _env(*, name: str, required: bool = True, secret: bool = False, default: str | None = None) -> EnvVar:
    return EnvVar(name=name, required=required, secret=secret, default=default)


def _service(*, kind: str, name: str | None = None, version: str | None = None) -> BackingService:
    return BackingService(kind=kind, name=name or kind, version=version)


def _proxy(*, url: str, prefix: str | None = None, strips: bool = False) -> Proxy:
    return Proxy(prefix=prefix, url=url, strips=strips)


_ENV = record(
    _env,
    {"name": _VARIABLE, "required": switch, "secret": switch, "default": optional(text)},
    "a variable's name or {name: API_KEY, required: true}",
)
_SERVICE = record(
    _service,
    {"kind": matching("a kind of service, such as postgres", r"[a-z][a-z0-9_-]*", 63), "name": optional(_NAME), "version": optional(_VERSION)},
    "a kind of service or {kind: redis, name: cache}",
)
_PROXY = record(
    _proxy,
    {
        "url": matching("an address, such as http://api:8000", r"(?:https?|wss?)://(?:\[::1\]|[\w.-]+)(?::\d{1,5})?(?:/[\w/.~@-]*)?"),
        "prefix": optional(matching("a path that begins with '/', such as /api", r"/[\w/.~@-]*", 200)),
        "strips": switch,
    },
    'an address or {prefix: /api, url: "http://api:8000"}',
)
_COMMAND = optional(command)
_LANGUAGES = (
    "python", "javascript", "typescript", "go", "java", "kotlin", "scala", "clojure", "csharp", "fsharp", "visualbasic", "ruby", "php", "rust",
    "elixir", "c", "c++", "html",
)  # fmt: skip
_PACKAGE_MANAGERS = (
    "uv", "poetry", "pdm", "pipenv", "pip", "conda", "npm", "pnpm", "yarn", "bun", "deno", "go", "dep", "glide", "maven", "gradle", "sbt", "lein",
    "tools.deps", "nuget", "bundler", "composer", "cargo", "mix", "cmake", "meson", "make", "vcpkg", "conan",
)  # fmt: skip

COMPONENT: Mapping[str, Form] = {
    "name": _NAME,
    "role": one_of(*get_args(Role)),
    "language": one_of(*_LANGUAGES),
    "framework": optional(_WORD),
    "package_manager": optional(one_of(*_PACKAGE_MANAGERS)),
    "runtime_version": _VERSION,
    "build_command": _COMMAND,
    "start_command": _COMMAND,
    "install_command": _COMMAND,
    "test_command": _COMMAND,
    "lint_command": _COMMAND,
    "ports": listed(whole(1, 65535), "ports, such as [8080]"),
    "health_path": optional(matching("a path that begins with '/', such as /healthz, or grpc", rf"grpc|{_HTTP_PATH}(?:\?[\w.~%+@:,/=&-]*)?")),
    "metrics_path": optional(matching("a path that begins with '/', such as /metrics", _HTTP_PATH)),
    "migration_command": _COMMAND,
    "static_dir": optional(_STATIC),
    "backing_services": listed(_SERVICE, "services, such as [postgres, {kind: redis, name: cache}]"),
    "env": listed(_ENV, "variables, such as [LOG_LEVEL, {name: API_KEY, secret: true}]"),
    "depends_on": listed(text, "components, such as [worker]"),
    "protocol": optional(one_of(*get_args(Protocol))),
    "port_env": optional(_VARIABLE),
    "context": optional(lambda value: "" if (path := _CONTEXT(value)) == "." else path),
    "server_packages": listed(requirement, "Python packages, such as [gunicorn]"),
    "build_packages": _DEBIAN,
    "runtime_packages": _DEBIAN,
    "proxies": listed(_PROXY, 'addresses, such as [{prefix: /api, url: "http://api:8000"}]'),
    "skip": switch,
}
