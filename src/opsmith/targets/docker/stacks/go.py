"""Go: static programs in a distroless image."""

from __future__ import annotations

import shlex
from typing import Any

from opsmith import conventions
from opsmith.model.blueprint import Build
from opsmith.targets.docker import layout

TEMPLATE = "go.j2"
IGNORED = ("**/*.test", "**/coverage.out", "**/bin")


def images(build: Build) -> dict[str, str]:
    return {
        "base": conventions.image(f"golang:{build.runtime_version}-alpine"),
        "runtime": conventions.image("gcr.io/distroless/static-debian12:nonroot"),
        "busybox": conventions.image("busybox:1.37.0-musl"),
    }


def plan(build: Build) -> layout.Plan:
    return layout.Plan(
        copies=layout.grouped(build.manifests, build),
        caches=("/go/pkg/mod", "/root/.cache/go-build"),
        install=("go mod download",),
        build=(_go_build(build),),
    )


def _go_build(build: Build) -> str:
    cgo = "1" if "cgo" in build.traits else "0"
    static = ' -extldflags "-static"' if "cgo" in build.traits else ""
    flags = f"-trimpath -ldflags='-s -w{static}'"
    steps = [f"CGO_ENABLED={cgo} go build {flags} -o {shlex.quote(f'/out/{name}')} {shlex.quote(package)}" for name, package in build.programs]
    return " \\\n && ".join(steps)


def values(build: Build) -> dict[str, Any]:
    """`runtime_files`: folders that the program opens beside itself."""
    return {"runtime_files": tuple(trait.partition(":")[2] for trait in build.traits if trait.startswith("runtime-files:"))}
