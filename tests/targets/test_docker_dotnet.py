"""Images of .NET programs, from the files of a repository to the whole Dockerfile."""

from __future__ import annotations

from pathlib import Path

from opsmith.targets.github_actions import dependabot, toolchains
from tests.targets.drafting import dockerfiles, drafted

WEB = '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>{}</TargetFramework>{}</PropertyGroup>{}</Project>\n'
LIBRARY = '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>\n'
REFERENCE = '<ItemGroup><ProjectReference Include="../Shop.Core/Shop.Core.csproj" /></ItemGroup>'
PROGRAM = "var app = WebApplication.CreateBuilder(args).Build();\n{}app.Run();\n"


def test_a_web_application_with_a_library_beside_it(tmp_path: Path) -> None:
    made = drafted(
        tmp_path / "shop",
        {
            "Shop.sln": "",
            "global.json": '{"sdk": {"version": "10.0.100"}}\n',
            "src/Shop.Api/Shop.Api.csproj": WEB.format("net10.0", "", REFERENCE),
            "src/Shop.Api/packages.lock.json": "{}\n",
            "src/Shop.Api/Program.cs": PROGRAM.format('app.MapGet("/health", () => "ok");\n'),
            "src/Shop.Core/Shop.Core.csproj": LIBRARY,
            "src/Shop.Core/Order.cs": "namespace Shop.Core;\n\npublic record Order(int Id);\n",
            ".config/dotnet-tools.json": '{"version": 1, "tools": {"csharpier": {"version": "1.0.0", "commands": ["csharpier"]}}}\n',
        },
    )
    assert dockerfiles(made) == {
        "src/Shop.Api/Dockerfile": """\
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /src
# Dependencies first: they change less often than the code, and this layer is then reused.
COPY global.json ./
COPY src/Shop.Api/Shop.Api.csproj src/Shop.Api/packages.lock.json ./src/Shop.Api/
COPY src/Shop.Core/Shop.Core.csproj ./src/Shop.Core/
# The image's SDK, which has the newest fixes, instead of the one patch that global.json names.
RUN sed -i -E 's/"sdk"[^:]*:[^{]*\\{/&"rollForward": "latestMajor", /' global.json
WORKDIR /src/src/Shop.Api
RUN --mount=type=cache,target=/root/.nuget/packages,sharing=locked \\
    dotnet restore Shop.Api.csproj --locked-mode
WORKDIR /src
COPY . .
RUN sed -i -E 's/"sdk"[^:]*:[^{]*\\{/&"rollForward": "latestMajor", /' global.json
WORKDIR /src/src/Shop.Api
RUN --mount=type=cache,target=/root/.nuget/packages,sharing=locked \\
    dotnet publish Shop.Api.csproj -c Release -o out --no-restore -p:UseAppHost=false

# The framework's image has no client for HEALTHCHECK; this one static program is all that it needs.
FROM busybox:1.37.0-musl AS busybox

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra AS runtime
LABEL org.opencontainers.image.title="shop-api"
WORKDIR /app
COPY --from=busybox /bin/wget /bin/wget
# Owned by root: the process can read its code, not change it.
COPY --from=build /src/src/Shop.Api/out/ ./
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \\
    CMD ["/bin/wget", "-q", "-T", "4", "-O", "/dev/null", "http://127.0.0.1:8080/health"]
CMD ["dotnet", "Shop.Api.dll"]
"""
    }
    assert made.pipeline is not None
    assert [step["name"] for test in made.pipeline.tests for step in toolchains.setup(made, test)] == [
        "Set up .NET",
        "Restore the tools of the repository",
    ]
    assert [update["package-ecosystem"] for update in dependabot.document(made)["updates"]] == ["github-actions", "docker", "nuget"]


def test_what_is_out_of_support_runs_on_a_newer_framework_and_its_port(tmp_path: Path) -> None:
    files = {"Shop.csproj": WEB.format("net6.0", "", ""), "Program.cs": PROGRAM.format("")}
    made = drafted(tmp_path / "shop", files)
    text = dockerfiles(made)["Dockerfile"]
    runtime = text[text.index("AS busybox") :]
    assert (
        runtime
        == """\
AS busybox

FROM mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled-extra AS runtime
LABEL org.opencontainers.image.title="shop"
# Built for a .NET that is out of support; this lets it run on the one in the image.
ENV DOTNET_ROLL_FORWARD=Major
WORKDIR /app
COPY --from=busybox /bin/nc /bin/nc
# Owned by root: the process can read its code, not change it.
COPY --from=build /src/out/ ./
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \\
    CMD ["/bin/nc", "-z", "-w", "4", "127.0.0.1", "8080"]
CMD ["dotnet", "Shop.dll"]
"""
    )
    told = "shop: dotnet 8.0: no image is pinned for 6.0, which no longer gets security fixes or is not known"
    assert [point for point in made.open_points if point.startswith(told)]


def test_native_compilation_is_left_to_the_framework_and_system_libraries_need_a_package_manager(tmp_path: Path) -> None:
    drawing = '<ItemGroup><PackageReference Include="System.Drawing.Common" Version="8.0.0" /></ItemGroup>'
    files = {
        "Shop.csproj": WEB.format("net8.0", "<PublishAot>true</PublishAot>", drawing),
        "Program.cs": PROGRAM.format(""),
        "global.json": '{"sdk": {"version": "9.0.100", "rollForward": "disable"}}\n',
    }
    text = dockerfiles(drafted(tmp_path / "shop", files))["Dockerfile"]
    assert [line for line in text.splitlines() if line.startswith(("FROM", "RUN sed", " && apt-get", "    dotnet publish"))] == [
        "FROM mcr.microsoft.com/dotnet/sdk:9.0-noble AS build",
        """RUN sed -i -E 's/("rollForward"[^:]*:[^"]*)"[^"]*"/\\1"latestMajor"/' global.json""",
        """RUN sed -i -E 's/("rollForward"[^:]*:[^"]*)"[^"]*"/\\1"latestMajor"/' global.json""",
        "    dotnet publish Shop.csproj -c Release -o out --no-restore -p:UseAppHost=false -p:PublishAot=false",
        "FROM busybox:1.37.0-musl AS busybox",
        "FROM mcr.microsoft.com/dotnet/aspnet:8.0-noble AS runtime",
        " && apt-get install --yes --no-install-recommends libgdiplus \\",
    ]


def test_migrations_that_need_the_sdk_are_told_not_promised(tmp_path: Path) -> None:
    package = '<ItemGroup><PackageReference Include="Npgsql.EntityFrameworkCore.PostgreSQL" Version="8.0.0" /></ItemGroup>'
    files = {
        "Shop.csproj": WEB.format("net8.0", "", package),
        "Program.cs": PROGRAM.format(""),
        "Migrations/ShopModelSnapshot.cs": "class ShopModelSnapshot : ModelSnapshot { }\n",
    }
    made = drafted(tmp_path / "shop", files)
    assert [service.migration for service in made.services] == [None]
    told = "nothing migrates the database of shop before a release: its image holds no build tools, and `dotnet ef database update` needs them"
    assert [point for point in made.open_points if point.startswith(told)]
