"""Which projects there are, what each one is, and what is compiled into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from opsmith.detectors.dotnet.msbuild import Package, Project, evaluate
from opsmith.repo import Repo

Kind = Literal["web", "worker", "functions", "wasm", "console", "apphost", "test", "legacy", "desktop", "library"]
ENDINGS = (".csproj", ".fsproj", ".vbproj")
_TEST_PACKAGES = ("microsoft.net.test.sdk", "xunit", "xunit.v3", "nunit", "mstest", "mstest.testframework", "tunit", "expecto", "benchmarkdotnet")
_BUILD_PACKAGES = ("bullseye", "nuke.common", "cake.frosting", "fake.core.target", "nuke.build")
_ASPNET_PACKAGES = ("microsoft.aspnetcore", "microsoft.aspnetcore.app", "microsoft.aspnetcore.all", "giraffe", "saturn", "falco", "suave")
_FUNCTIONS = ("microsoft.net.sdk.functions", "microsoft.azure.functions.worker", "microsoft.azure.functions.worker.sdk")
_HOSTED = ("microsoft.extensions.hosting", "topshelf", "masstransit", "nservicebus", "quartz.extensions.hosting", "hangfire.netcore")
_LEGACY_WEB = "{349c5851-65df-11da-9384-00065b846f21}"
_ASIDE = re.compile(r"(?i)(?:^|/)(?:tests?|samples?|examples?|benchmarks?|perf|templates?|docs?|demos?|playground|tools?|build|\.?nuke|eng)/")
_TESTED = re.compile(r"(?i)(?:^|[._-])(?:unit|integration|functional|acceptance|e2e|load|architecture)?\.?(?:tests?|specs?|benchmarks?|testing)$")


@dataclass(frozen=True, slots=True)
class Solution:
    """All evaluated projects of a repository by path, and the deployable ones among them."""

    projects: dict[str, Project]
    deployables: tuple[Project, ...]
    _closures: dict[str, list[Project]] = field(default_factory=dict[str, list[Project]])

    def closure(self, project: Project) -> list[Project]:
        """The project and everything that it refers to, each once."""
        if project.path not in self._closures:
            self._closures[project.path] = self._reached(project)
        return self._closures[project.path]

    def _reached(self, project: Project) -> list[Project]:
        found: dict[str, Project] = {}
        pending = [project.path]
        while pending:
            path = pending.pop(0)
            if path not in found and path in self.projects:
                found[path] = self.projects[path]
                pending.extend(self.projects[path].references)
        return list(found.values())

    def shared(self, project: Project) -> set[str]:
        """Libraries that another deployable has, too."""
        others = (other for other in self.deployables if other is not project)
        return {item.path for other in others for item in self.closure(other) if item is not project}

    def packages(self, project: Project) -> dict[str, Package]:
        """What is shipped with the project, its own packages first."""
        result: dict[str, Package] = {}
        for item in self.closure(project):
            for key, package in item.packages.items():
                result.setdefault(key, package)
        return result


def solution(repo: Repo) -> Solution:
    paths = [path for path in repo.files if path.endswith(ENDINGS) and not re.search(r"(?:^|/)(?:obj|bin)/", path)]
    projects = {path: project for path in paths if (project := evaluate(repo, path)) is not None}
    for project in projects.values():
        _tell_legacy(repo, project)
    return Solution(projects, tuple(_deployables(projects)))


def _deployables(projects: dict[str, Project]) -> Iterator[Project]:
    """Those of products where there are any: samples, tools of the build and the like are deployed only where there is nothing else."""
    hosted = {path for project in projects.values() if kind(project) == "web" for path in project.references}
    runs = [project for project in projects.values() if kind(project) in ("web", "worker", "functions", "wasm", "console") and not _is_tool(project)]
    found = [project for project in runs if not (kind(project) == "wasm" and project.path in hosted)]
    products = [project for project in found if not _ASIDE.search(project.path)]
    yield from products or found


def _is_tool(project: Project) -> bool:
    return has(project.packages, _BUILD_PACKAGES) or project.name.lower() in ("_build", "build")


def kind(project: Project) -> Kind:
    """From the SDK, the output, and the packages that only such projects have."""
    sdks = [sdk.lower() for sdk in project.sdks]
    executable = project.text("outputtype").lower() == "exe"
    if is_test(project):
        return "test"
    if is_legacy(project):
        return "legacy"
    if "aspire.apphost.sdk" in sdks or project.says("isaspirehost") or "aspire.hosting.apphost" in project.packages:
        return "apphost"
    if _is_desktop(project):
        return "desktop"
    if project.text("azurefunctionsversion") or has(project.packages, _FUNCTIONS):
        return "functions"
    if "microsoft.net.sdk.blazorwebassembly" in sdks or (
        "microsoft.aspnetcore.components.webassembly" in project.packages and "microsoft.net.sdk.web" not in sdks and executable
    ):
        return "wasm"
    if "microsoft.net.sdk.web" in sdks:
        return "library" if project.text("outputtype").lower() == "library" else "web"
    if "microsoft.net.sdk.worker" in sdks:
        return "library" if project.text("outputtype").lower() == "library" else "worker"
    if not executable:
        return "library"
    if "Microsoft.AspNetCore.App" in project.frameworks or has(project.packages, _ASPNET_PACKAGES):
        return "web"
    return "worker" if has(project.packages, _HOSTED) else "console"


def is_test(project: Project) -> bool:
    if project.says("istestproject") or any(sdk.lower().startswith("mstest.sdk") for sdk in project.sdks):
        return True
    return has(project.packages, _TEST_PACKAGES) or bool(_TESTED.search(project.name))


def has(packages: Iterable[str], names: tuple[str, ...]) -> bool:
    known = set(packages)
    return any(name in known for name in names)


def is_legacy(project: Project) -> bool:
    """A web project of the old .NET Framework: either from before SDKs, or for a framework that only Windows has."""
    frameworks = target_frameworks(project)
    if project.sdks:
        return bool(frameworks) and all(re.fullmatch(r"net4\d+", name) for name in frameworks) and "System.Web" in project.frameworks
    return _LEGACY_WEB in project.text("projecttypeguids").lower()


def target_frameworks(project: Project) -> list[str]:
    told = project.text("targetframework") or project.text("targetframeworks")
    return [name.strip().lower() for name in told.split(";") if name.strip()]


def _is_desktop(project: Project) -> bool:
    if project.text("outputtype").lower() in ("winexe", "appcontainerexe") or project.says("usemaui"):
        return True
    frameworks = target_frameworks(project)
    return project.says("usewpf") or project.says("usewindowsforms") or (bool(frameworks) and all("-" in name for name in frameworks))


def _tell_legacy(repo: Repo, project: Project) -> None:
    if kind(project) == "legacy":
        version = project.text("targetframeworkversion") or ", ".join(target_frameworks(project))
        shown = f".NET Framework {version}".rstrip()
        repo.problem(
            project.path,
            f"an ASP.NET project for {shown}, which runs on Windows with IIS only: not ready for a Linux container, so it is missing here",
        )
