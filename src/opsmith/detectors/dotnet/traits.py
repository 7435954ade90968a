"""What a build of an image has to know of a project besides its commands."""

from __future__ import annotations

from collections.abc import Iterator

from opsmith.detectors.dotnet.msbuild import Project
from opsmith.detectors.dotnet.program import Program
from opsmith.detectors.dotnet.projects import kind

_DRAWING = ("system.drawing.common",)
_LDAP = ("system.directoryservices.protocols",)
_NODE = ("microsoft.aspnetcore.spaservices.extensions", "microsoft.aspnetcore.spaproxy", "microsoft.aspnetcore.spaservices")


def traits(program: Program, *, in_file: bool) -> tuple[str, ...]:
    return tuple(_traits(program, in_file=in_file))


def _traits(program: Program, *, in_file: bool) -> Iterator[str]:
    project = program.project
    if kind(project) == "web":
        yield from (name for name, calls in _SURFACES if any(program.called(*calls)))
    if project.says("publishaot"):
        yield "native-aot"
    if project.says("selfcontained"):
        yield "self-contained"
    if project.says("publishsinglefile"):
        yield "single-file"
    if project.says("invariantglobalization"):
        yield "invariant-globalization"
    if any(name in program.packages for name in _NODE):
        yield "builds-with-node"
    if in_file:
        yield "sqlite"


_SURFACES = (
    ("grpc", ("MapGrpcService",)),
    ("signalr", ("MapHub",)),
    ("blazor-server", ("MapBlazorHub", "AddInteractiveServerRenderMode")),
    ("razor-pages", ("MapRazorPages",)),
    ("reverse-proxy", ("MapReverseProxy", "UseOcelot")),
    ("hangfire", ("AddHangfireServer", "UseHangfireServer")),
    ("quartz", ("AddQuartzHostedService", "AddQuartzServer")),
)  # fmt: skip


def runtime_packages(program: Program) -> tuple[str, ...]:
    """Debian packages whose libraries are loaded at run time; Microsoft's Debian images have ICU and OpenSSL already."""
    found: list[str] = []
    if any(name in program.packages for name in _DRAWING):
        found.append("libgdiplus")
    if any(name in program.packages for name in _LDAP):
        found.append("libldap-2.5-0")
    if "skiasharp" in program.packages and not any(name.startswith("skiasharp.nativeassets.linux.nodependencies") for name in program.packages):
        found.append("libfontconfig1")
    return tuple(found)


def build_packages(project: Project) -> tuple[str, ...]:
    """Ahead-of-time compilation links with the system's own linker."""
    return ("clang", "zlib1g-dev") if project.says("publishaot") else ()
