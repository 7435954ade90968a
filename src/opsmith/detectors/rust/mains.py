"""Which binaries are deployed, and what they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsmith.detectors.rust.manifests import Binary, Package, deployed

_TOOL_NAME = re.compile(
    r"(?i)(?:^|[-_])(?:gen|generate|generator|codegen|xtask|lint|bench|benchmark|example|fuzz|openapi|schema|docs?|test|tests|testing|mock|playground|health-?check)(?:[-_]|$)"
    r"|^(?:build|generate|gen|dump|print|export|write)[-_]|^uniffi|^cargo-"
)
_NOT_SERVED = frozenset(
    (
        "tauri", "bevy", "eframe", "egui", "iced", "gtk", "gtk4", "winit", "druid", "fltk", "slint", "relm4", "dioxus-desktop", "dioxus-mobile",
        "macroquad",
        "ggez", "embassy-executor", "cortex-m", "cortex-m-rt", "esp-hal", "esp-idf-svc", "rp2040-hal", "solana-program", "cosmwasm-std",
        "libfuzzer-sys",
        "honggfuzz", "xshell", "pgrx",
    )
)  # fmt: skip
"""What runs on somebody's desk, board or build machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Main:
    package: Package
    binary: Binary
    name: str
    alone: bool
    """The package has no other binary, so that nobody has to choose."""


def mains(known: tuple[Package, ...]) -> tuple[Main, ...]:
    found = [(package, binary) for package in known for binary in package.binaries if not _NOT_SERVED & {item.package for item in package.active}]
    kept = [(package, binary) for package, binary in found if _is_deployed(package, binary)]
    kept = kept or (found if len(found) == 1 else [])
    return tuple(
        Main(package=package, binary=binary, name=_label(package.name if binary.name == "main" else binary.name), alone=len(package.binaries) == 1)
        for package, binary in kept
    )


def _is_deployed(package: Package, binary: Binary) -> bool:
    inner = binary.file[len(package.folder) :].strip("/").removeprefix("src/")
    return deployed(package.folder) and deployed(inner.rpartition("/")[0]) and not _TOOL_NAME.search(binary.name)


def _label(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "app"
