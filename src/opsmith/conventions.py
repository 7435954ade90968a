"""Every name, label, port, path and pin that opsmith emits, each once.

The pins themselves (images by digest, actions by commit) are data in pins.toml, with the date on which they were checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from opsmith.errors import OpsmithError

# -- files that are delivered -------------------------------------------------------------------------------------------------------------

COMPOSE_FILE = "compose.yaml"
ENV_EXAMPLE = ".env.example"
KUBERNETES_BASE = "k8s/base"
KUBERNETES_OVERLAYS = "k8s/overlays"
KUBERNETES_GUIDE = "k8s/README.md"
CHARTS = "charts"
WORKFLOW = ".github/workflows/ci.yml"
PROMETHEUS_FOLDER = "monitoring/prometheus"
BLACKBOX_CONFIG = "monitoring/blackbox.yml"
RUNBOOKS = "docs/runbooks"

# -- images ------------------------------------------------------------------------------------------------------------------------------

APP_USER = 10001
"""uid and gid of our processes: above 10000, so that it is nobody on a host."""
DISTROLESS_USER = 65532
NGINX_PORT = 8080
NGINX_HEALTH_PATH = "/healthz"

# -- Kubernetes --------------------------------------------------------------------------------------------------------------------------

KUBERNETES_VERSION = "1.34"
OLDEST_KUBERNETES = "1.30"
"""The first one that knows everything in the manifests (preStop.sleep by default)."""
NAME_LABEL = "app.kubernetes.io/name"
COMPONENT_LABEL = "app.kubernetes.io/component"
PART_OF_LABEL = "app.kubernetes.io/part-of"
AFTER_MIGRATION_LABEL = "opsmith.dev/after-migration"
"""On what may only be applied once the migration has run."""
NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name"

# -- secrets -----------------------------------------------------------------------------------------------------------------------------

SIGNING_KEY = re.compile(
    r"(?:(?:DJANGO|FLASK|RAILS|APP|API|AUTH|SERVER|WEB|JWT|SESSION|COOKIE|TOKEN|NEXTAUTH|BETTER_AUTH)_)?"
    r"(?:SECRET_KEY|SECRET_KEY_BASE|APP_KEY|APP_SECRET|AUTH_SECRET|(?:SESSION|COOKIE)_SECRET|(?:SIGNING|ENCRYPTION)_KEY|JWT_SECRET(?:_KEY)?)"
)
"""Keys of the application itself that sign or encrypt: one that differs between processes, or that everybody can read in the code, is none.

STRIPE_SECRET_KEY and its like are somebody else's, and the feature they belong to may be off.
"""

# -- monitoring --------------------------------------------------------------------------------------------------------------------------

BLACKBOX_NAME = "blackbox-exporter"
BLACKBOX_PORT = 9115
BLACKBOX_USER = 65534
SCRAPE_INTERVAL = "30s"


BLACKBOX_MODULES = {"http": "http_2xx", "grpc": "grpc", "tcp": "tcp_connect"}
"""Names of the blackbox exporter's modules, by kind of probe."""


def blackbox_modules(kinds: set[str]) -> dict[str, Any]:
    """The blackbox exporter's configuration for probes of these kinds (http, grpc, tcp); inside the cluster nothing speaks TLS."""
    asking: dict[str, dict[str, Any]] = {"http": {}, "grpc": {"tls": False}, "tcp": {}}
    return {
        "modules": {
            BLACKBOX_MODULES[kind]: {"prober": kind, "timeout": "5s", kind: options | {"preferred_ip_protocol": "ip4"}}
            for kind, options in asking.items()
            if kind in kinds
        }
    }


def labels(system: str, name: str, role: str) -> dict[str, str]:
    """The recommended labels of one object."""
    return {NAME_LABEL: name, COMPONENT_LABEL: role, PART_OF_LABEL: system}


def selector(system: str, name: str) -> dict[str, str]:
    """What selects the pods of one service; never changes once deployed."""
    return {NAME_LABEL: name, PART_OF_LABEL: system}


def secret_name(owner: str) -> str:
    return f"{owner}-secrets"


def config_name(owner: str) -> str:
    return f"{owner}-config"


def settings_name(owner: str) -> str:
    """The config map with the values that only a person knows; like a secret, it is made by hand before the first release."""
    return f"{owner}-settings"


def dns_label(text: str) -> str:
    """`text` as a DNS label (RFC 1123): lower case, digits and hyphens, at most 40 characters so that suffixes fit."""
    label = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    if not label:
        return "app"
    return label if label[0].isalpha() else f"app-{label}"


def camel(name: str) -> str:
    """`name` as the first part of an alert's name."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name) if part)


def upper(name: str) -> str:
    """`name` as the first part of an environment variable's name."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")


# -- names of others ---------------------------------------------------------------------------------------------------------------------

NODE_LTS = {
    "argon": 4,
    "boron": 6,
    "carbon": 8,
    "dubnium": 10,
    "erbium": 12,
    "fermium": 14,
    "gallium": 16,
    "hydrogen": 18,
    "iron": 20,
    "jod": 22,
    "krypton": 24,
}
"""Code names of Node's long-term support lines (nodejs/Release)."""


# -- pins --------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Action:
    """A GitHub action: its repository (and folder), the commit it is pinned to, and the version that commit is."""

    name: str
    sha: str
    version: str

    @property
    def uses(self) -> str:
        return f"{self.name}@{self.sha}"


@lru_cache(maxsize=1)
def _pins() -> dict[str, dict[str, Any]]:
    import tomllib

    return tomllib.loads(files("opsmith").joinpath("pins.toml").read_text(encoding="utf-8"))


def image(tag: str) -> str:
    """`tag` with the digest it is pinned to. Raises OpsmithError for an image that pins.toml does not know."""
    pin = _pins()["images"].get(tag)
    if pin is None:
        raise OpsmithError(f"no pin for the image {tag}")
    return f"{tag}@{pin['digest']}" if pin.get("digest") else tag


def image_tags(name: str) -> tuple[str, ...]:
    """The pinned tags of the image `name`, as full references without digest."""
    return tuple(tag for tag in _pins()["images"] if tag.rpartition(":")[0] == name)


def action(name: str) -> Action:
    pin = _pins()["actions"].get(name)
    if pin is None:
        raise OpsmithError(f"no pin for the action {name}")
    return Action(name=name, sha=pin["sha"], version=pin["version"])


def package(name: str) -> str:
    """The pinned version of a program that a build installs (poetry, pipenv ...)."""
    return str(_pins()["packages"][name])
