"""ASP.NET Core and other .NET programs: published by the SDK, run by the framework in an image without a shell.

Workers run from the ASP.NET Core image as well: any library of theirs may refer to that framework, and the plain runtime would not start them.
"""

from __future__ import annotations

import re
from typing import Any

from opsmith import conventions
from opsmith.model.blueprint import Build
from opsmith.targets.docker import layout

TEMPLATE = "dotnet.j2"
IGNORED = ("**/bin", "**/obj", "**/TestResults", "**/.vs", "**/*.user", "**/node_modules")

_SDK = "mcr.microsoft.com/dotnet/sdk"
_UBUNTU = {"libldap-2.5-0": "libldap2"}
"""Packages that Debian and Ubuntu call differently."""
_SWITCHED_OFF = {
    "native-aot": "-p:PublishAot=false",
    "self-contained": "--self-contained false",
    "single-file": "-p:PublishSingleFile=false",
}
"""The framework is in the image and shared by all that run from it, so nothing is gained by packing it once more."""


def images(build: Build) -> dict[str, str]:
    return {
        "base": conventions.image(f"{_SDK}:{_sdk(build)}-noble"),
        "runtime": conventions.image(_runtime(build)),
        "busybox": conventions.image("busybox:1.37.0-musl"),
        "node": conventions.image("node:24-bookworm-slim"),
    }


def _sdk(build: Build) -> str:
    """The SDK that global.json asks for, where it is newer than what the program runs on."""
    told = next((trait.partition(":")[2] for trait in build.traits if trait.startswith("sdk:")), "")
    match = re.match(r"(\d+)\.(\d+)", told)
    known = {tag.rpartition(":")[2].removesuffix("-noble") for tag in conventions.image_tags(_SDK)}
    wanted = f"{match[1]}.{match[2]}" if match else build.runtime_version
    return wanted if wanted in known and float(wanted) > float(build.runtime_version) else build.runtime_version


def _runtime(build: Build) -> str:
    """Chiseled, with ICU and time zones, where nothing has to be installed: without ICU, database drivers and cultures fail at run time only."""
    plain = f"mcr.microsoft.com/dotnet/aspnet:{build.runtime_version}-noble"
    chiseled = f"{plain}-chiseled-extra"
    return chiseled if chiseled in conventions.image_tags("mcr.microsoft.com/dotnet/aspnet") and not build.runtime_packages else plain


def plan(build: Build) -> layout.Plan:
    return layout.Plan(
        copies=layout.grouped(build.manifests, build),
        caches=("/root/.nuget/packages",),
        install=(_in_folder(build.install_command or "dotnet restore", build) if build.static_dir else build.install_command or "dotnet restore",),
        build=(_published(build.build_command or "dotnet publish -c Release -o out", build),),
        build_folder=layout.inside(build),
    )


def _in_folder(command: str, build: Build) -> str:
    folder = layout.inside(build)
    return f"cd {folder} && {command}" if folder else command


def _published(command: str, build: Build) -> str:
    if not re.match(r"dotnet publish\b", command) or build.static_dir:
        return command
    off = [option for trait, option in _SWITCHED_OFF.items() if trait in build.traits]
    return " ".join((command, "--no-restore", "-p:UseAppHost=false", *off))


def values(build: Build) -> dict[str, Any]:
    """`unpinned`: what makes global.json take the image's SDK, which has the newest fixes of its line but not the patch that is named."""
    return {
        "artifact": build.artifact or "out",
        # Those that the survey names link native code, which is switched off.
        "build_packages": () if "native-aot" in build.traits else build.build_packages,
        "with_node": "builds-with-node" in build.traits,
        "unpinned": _unpinned(build),
        "chiseled": _runtime(build).endswith("-chiseled-extra"),
        "packages": [_UBUNTU.get(name, name) for name in build.runtime_packages],
        "rolls_forward": "rolls-forward" in build.traits,
    }


def _unpinned(build: Build) -> str | None:
    path = next((layout.relative(path, build) for path in build.manifests if path.rpartition("/")[2] == "global.json"), None)
    if path is None:
        return None
    if "sdk-exact:stated" in build.traits:
        return f"""sed -i -E 's/("rollForward"[^:]*:[^"]*)"[^"]*"/\\1"latestMajor"/' {path}"""
    if "sdk-exact:unstated" in build.traits:
        return f"""sed -i -E 's/"sdk"[^:]*:[^{{]*\\{{/&"rollForward": "latestMajor", /' {path}"""
    return None
