"""The .NET detector on small trees, each showing one way in which .NET services are laid out."""

from __future__ import annotations

from pathlib import Path

from opsmith.detectors import dotnet
from opsmith.model.survey import Ambiguity, Component, Evidence, Runtime
from opsmith.repo import Repo

WEB = '<Project Sdk="Microsoft.NET.Sdk.Web">\n  <PropertyGroup>\n    <TargetFramework>net8.0</TargetFramework>\n  </PropertyGroup>\n</Project>\n'
LIBRARY = '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>{}</Project>'
PROGRAM = 'var app = WebApplication.Create(args);\napp.MapGet("/", () => "hello");\napp.Run();\n'


def project(*items: str, sdk: str = "Microsoft.NET.Sdk.Web", properties: str = "<TargetFramework>net8.0</TargetFramework>") -> str:
    return f'<Project Sdk="{sdk}"><PropertyGroup>{properties}</PropertyGroup><ItemGroup>{"".join(items)}</ItemGroup></Project>'


def package(name: str, version: str = "8.0.0") -> str:
    return f'<PackageReference Include="{name}" Version="{version}" />'


def reference(path: str) -> str:
    return f'<ProjectReference Include="{path}" />'


def detect(root: Path, files: dict[str, str]) -> list[Component]:
    return list(dotnet.detect(tree(root, files)))


def tree(root: Path, files: dict[str, str]) -> Repo:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Repo(root)


def only(root: Path, files: dict[str, str]) -> Component:
    (component,) = detect(root, files)
    return component


def web(root: Path, program: str, *items: str, **files: str) -> Component:
    """One web project; `files` by name with `_` for a dot."""
    named = {name.replace("_", "."): text for name, text in files.items()}
    return only(root, {"Shop.csproj": project(*items), "Program.cs": program, **named})


def test_a_minimal_web_application(tmp_path: Path) -> None:
    assert only(tmp_path, {"Shop.Api.csproj": WEB, "Program.cs": PROGRAM}) == Component(
        name="shop-api",
        path="",
        role="web",
        language="csharp",
        framework="aspnetcore",
        package_manager="nuget",
        runtime=Runtime(name="dotnet", version="8.0"),
        install_command="dotnet restore Shop.Api.csproj",
        build_command="dotnet publish Shop.Api.csproj -c Release -o out",
        start_command="dotnet Shop.Api.dll",
        ports=(8080,),
        protocol="http",
        port_env="ASPNETCORE_HTTP_PORTS",
        manifests=("Shop.Api.csproj",),
        evidence={
            "role": (Evidence(file="Shop.Api.csproj", line=1, shows="Microsoft.NET.Sdk.Web", confidence=0.9),),
            "language": (Evidence(file="Shop.Api.csproj", shows="Shop.Api.csproj", confidence=1.0),),
            "framework": (Evidence(file="Shop.Api.csproj", line=1, shows="Microsoft.NET.Sdk.Web", confidence=0.9),),
            "runtime": (Evidence(file="Shop.Api.csproj", line=3, shows="net8.0", confidence=0.95),),
            "start_command": (Evidence(file="Shop.Api.csproj", shows="the assembly is called as the project: Shop.Api", confidence=0.85),),
            "ports": (
                Evidence(
                    file="Shop.Api.csproj",
                    shows="the default of Microsoft's ASP.NET Core images: ASPNETCORE_HTTP_PORTS=8080 from 8.0 on",
                    confidence=0.6,
                ),
            ),
        },
    )


def test_a_repository_without_dotnet_has_no_component(tmp_path: Path) -> None:
    assert detect(tmp_path, {"README.md": "hello"}) == []


# -- project files ---------------------------------------------------------------------------------------------------------------------------


def version_of(root: Path, files: dict[str, str]) -> str | None:
    runtime = only(root, files).runtime
    return runtime.version if runtime is not None else None


def test_versions_take_precedence_in_the_documented_order(tmp_path: Path) -> None:
    props = "<Project><PropertyGroup><TargetFramework>net9.0</TargetFramework></PropertyGroup></Project>"
    sdk = '{"sdk": {"version": "7.0.100"}}'
    bare = project(properties="")
    assert version_of(tmp_path / "a", {"src/A/A.csproj": bare, "Directory.Build.props": props, "global.json": sdk}) == "9.0"
    assert version_of(tmp_path / "b", {"src/A/A.csproj": WEB, "Directory.Build.props": props}) == "8.0"
    assert version_of(tmp_path / "c", {"src/A/A.csproj": bare, "global.json": sdk}) == "7.0"
    assert (
        version_of(tmp_path / "d", {"A.csproj": project(properties="<TargetFrameworks>netstandard2.0;net6.0;net10.0;net9.0</TargetFrameworks>")})
        == "10.0"
    )
    assert version_of(tmp_path / "e", {"A.csproj": project(properties="<TargetFramework>netcoreapp3.1</TargetFramework>")}) == "3.1"


def test_a_version_that_nothing_states_is_an_ambiguity(tmp_path: Path) -> None:
    component = only(tmp_path, {"A.csproj": project(properties="<TargetFramework>$(Elsewhere)</TargetFramework>")})
    assert component.runtime == Runtime(name="dotnet", version=None)
    assert component.ambiguities == (Ambiguity(fact="runtime", component="a", choices=(), how_to_decide="set components.a.runtime in opsmith.yaml"),)


def test_properties_imports_and_conditions_are_followed(tmp_path: Path) -> None:
    files = {
        "Directory.Build.props": '<Project><Import Project="build/versions.props" /></Project>',
        "build/versions.props": (
            "<Project><PropertyGroup><Net>net9.0</Net>"
            "<TargetFramework Condition=\"'$(TargetFramework)' == ''\">$(Net)</TargetFramework>"
            "<TargetFramework Condition=\"'$(Configuration)' == 'Debug'\">net6.0</TargetFramework></PropertyGroup></Project>"
        ),
        "src/Directory.Build.props": (
            "<Project><Import Project=\"$([MSBuild]::GetPathOfFileAbove('Directory.Build.props', '$(MSBuildThisFileDirectory)../'))\" />"
            "<PropertyGroup><AssemblyName>Acme.$(MSBuildProjectName)</AssemblyName></PropertyGroup></Project>"
        ),
        "src/Shop/Shop.csproj": project(properties=""),
    }
    component = only(tmp_path, files)
    assert (component.runtime, component.start_command) == (Runtime(name="dotnet", version="9.0"), "dotnet Acme.Shop.dll")
    assert component.manifests == ("src/Shop/Shop.csproj", "src/Directory.Build.props", "Directory.Build.props", "build/versions.props")
    assert (component.path, component.context) == ("src/Shop", "")


def test_libraries_tests_hosts_and_desktop_programs_are_no_deployables(tmp_path: Path) -> None:
    exe = "<OutputType>{}</OutputType><TargetFramework>net8.0</TargetFramework>"
    files = {
        "src/Api/Api.csproj": project(reference("..\\Core\\Core.csproj")),
        "src/Core/Core.csproj": LIBRARY.format(""),
        "src/Controls/Controls.csproj": project(properties="<TargetFramework>net8.0</TargetFramework><OutputType>Library</OutputType>"),
        "src/Host/Host.csproj": project(sdk="Aspire.AppHost.Sdk/9.0.0", properties=exe.format("Exe")),
        "src/Desk/Desk.csproj": project(sdk="Microsoft.NET.Sdk", properties=exe.format("WinExe")),
        "test/Api.Tests/Api.Tests.csproj": project(package("xunit"), reference("../../src/Api/Api.csproj"), sdk="Microsoft.NET.Sdk"),
        "build/_build.csproj": project(package("Nuke.Common"), sdk="Microsoft.NET.Sdk", properties=exe.format("Exe")),
    }
    component = only(tmp_path, files)
    assert (component.name, component.context) == ("api", "src")
    assert component.test_command == "dotnet test ../../test/Api.Tests/Api.Tests.csproj"
    assert component.manifests == ("src/Api/Api.csproj", "src/Core/Core.csproj")


def test_several_test_projects_are_run_by_the_solution(tmp_path: Path) -> None:
    solution = 'Project("{{FAE0}}") = "{0}", "{0}.csproj", "{{1}}"\nEndProject\n'
    test = project(package("xunit"), reference("../Api/Api.csproj"), sdk="Microsoft.NET.Sdk")
    files = {
        "Api/Api.csproj": WEB,
        "One/One.csproj": test,
        "Two/Two.csproj": test,
        "Shop.sln": "".join(solution.format(name) for name in ("Api\\Api", "One\\One", "Two\\Two")),
        "All.slnx": '<Solution><Folder Name="/x/"><Project Path="Api/Api.csproj" /></Folder></Solution>',
    }
    assert only(tmp_path, files).test_command == "dotnet test ../Shop.sln"
    files["global.json"] = '{"test": {"runner": "Microsoft.Testing.Platform"}}'
    assert only(tmp_path, files).test_command == "dotnet test --solution ../Shop.sln"


def test_the_way_code_is_checked(tmp_path: Path) -> None:
    assert only(tmp_path / "a", {"A/A.csproj": WEB, ".editorconfig": ""}).lint_command == "dotnet format A.csproj --verify-no-changes"
    tools = '{"tools": {"csharpier": {"version": "1.0.0"}}}'
    assert only(tmp_path / "b", {"A/A.csproj": WEB, ".config/dotnet-tools.json": tools}).lint_command == "dotnet csharpier check ."


def test_a_project_of_the_old_framework_is_told(tmp_path: Path) -> None:
    old = (
        '<Project ToolsVersion="12.0" xmlns="http://schemas.microsoft.com/developer/msbuild/2003"><PropertyGroup>'
        "<ProjectTypeGuids>{349c5851-65df-11da-9384-00065b846f21};{fae04ec0-301f-11d3-bf4b-00c04f79efbc}</ProjectTypeGuids>"
        "<OutputType>Library</OutputType><TargetFrameworkVersion>v4.7.2</TargetFrameworkVersion></PropertyGroup></Project>"
    )
    repo = tree(tmp_path, {"Shop/Shop.csproj": old})
    assert list(dotnet.detect(repo)) == []
    assert [problem.what for problem in repo.problems] == [
        "an ASP.NET project for .NET Framework v4.7.2, which runs on Windows with IIS only: not ready for a Linux container, so it is missing here"
    ]


# -- other kinds of projects ------------------------------------------------------------------------------------------------------------------


def test_a_console_program_that_runs_for_ever_is_a_worker(tmp_path: Path) -> None:
    source = """
using Npgsql;
class Program {
    static void Main() {
        var db = Open("Server=db;Username=postgres;Password=postgres;");
        var redis = ConnectionMultiplexer.Connect("redis");
        while (true) { Work(); }
    }
    static NpgsqlConnection Open(string address) => new NpgsqlConnection(address);
}
"""
    exe = project(
        package("Npgsql"),
        package("StackExchange.Redis"),
        sdk="Microsoft.NET.Sdk",
        properties="<OutputType>Exe</OutputType><TargetFramework>net7.0</TargetFramework>",
    )
    component = only(tmp_path, {"worker/Worker.csproj": exe, "worker/Program.cs": source})
    assert (component.name, component.role, component.framework, component.ports, component.start_command) == (
        "worker", "worker", None, (), "dotnet Worker.dll",
    )  # fmt: skip
    assert [(item.kind, item.host) for item in component.backing_services] == [("postgres", "db"), ("redis", "redis")]


def test_roles_of_programs(tmp_path: Path) -> None:
    exe = "<OutputType>Exe</OutputType><TargetFramework>net8.0</TargetFramework>"
    files = {
        "a/Mail.csproj": project(sdk="Microsoft.NET.Sdk.Worker"),
        "b/Shop.DbMigrator.csproj": project(package("Microsoft.Extensions.Hosting"), sdk="Microsoft.NET.Sdk", properties=exe),
        "c/Tool.csproj": project(package("System.CommandLine"), sdk="Microsoft.NET.Sdk", properties=exe),
        "d/Thing.csproj": project(sdk="Microsoft.NET.Sdk", properties=exe),
    }
    found = {component.name: component for component in detect(tmp_path, files)}
    assert {name: (item.role, item.framework) for name, item in found.items()} == {
        "mail": ("worker", "dotnet-worker"), "shop-dbmigrator": ("job", "dotnet-worker"), "tool": ("cli", None), "thing": ("job", None),
    }  # fmt: skip
    assert [item.fact for item in found["thing"].ambiguities] == ["role"]


def test_blazor_in_the_browser_is_static(tmp_path: Path) -> None:
    component = only(tmp_path, {"Client.csproj": project(sdk="Microsoft.NET.Sdk.BlazorWebAssembly")})
    assert (component.role, component.framework, component.static_dir, component.start_command, component.ports, component.traits) == (
        "static", "blazor", "out/wwwroot", None, (), ("blazor-wasm",),
    )  # fmt: skip


def test_blazor_that_a_server_hosts_is_part_of_the_server(tmp_path: Path) -> None:
    files = {
        "Client/Client.csproj": project(sdk="Microsoft.NET.Sdk.BlazorWebAssembly"),
        "Server/Server.csproj": project(reference("../Client/Client.csproj")),
    }
    assert [component.name for component in detect(tmp_path, files)] == ["server"]


def test_azure_functions_are_started_by_their_host(tmp_path: Path) -> None:
    properties = "<TargetFramework>net8.0</TargetFramework><AzureFunctionsVersion>v4</AzureFunctionsVersion><OutputType>Exe</OutputType>"
    files = {
        "A/A.csproj": project(sdk="Microsoft.NET.Sdk", properties=properties),
        "A/F.cs": 'class F { [Function("x")] public void Run([HttpTrigger(AuthorizationLevel.Anonymous, "get")] object r) {} }',
        "B/B.csproj": project(sdk="Microsoft.NET.Sdk", properties=properties),
        "B/F.cs": 'class F { [Function("x")] public void Run([QueueTrigger("q")] string r) {} }',
    }
    http, queue = detect(tmp_path, files)
    assert (http.role, http.framework, http.start_command, http.ports) == ("web", "azure-functions", None, (80,))
    assert [item.fact for item in http.ambiguities] == ["start_command"]
    assert (queue.role, queue.ports) == ("worker", ())


def test_functional_frameworks(tmp_path: Path) -> None:
    source = """
open Saturn
// url "http://0.0.0.0:1111/"
let app = application {
    use_router (router { get "/health" (text "ok") })
    url "http://0.0.0.0:8085/"
}
let secret = Environment.GetEnvironmentVariable "JWT_SECRET"
"""
    files = {"Server.fsproj": project(package("Saturn", "0.16.1"), sdk="Microsoft.NET.Sdk.Web"), "Program.fs": source}
    component = only(tmp_path, files)
    assert (component.language, component.framework, component.ports, component.health_path) == ("fsharp", "saturn", (8085,), "/health")
    assert [(item.name, item.secret) for item in component.env] == [("JWT_SECRET", True)]


# -- hostile and broken input -----------------------------------------------------------------------------------------------------------------


def test_a_broken_project_file_is_a_problem(tmp_path: Path) -> None:
    repo = tree(tmp_path, {"A.csproj": "<Project", "B/B.csproj": WEB})
    assert [component.name for component in dotnet.detect(repo)] == ["b"]
    assert [(problem.file, problem.manifest) for problem in repo.problems] == [("A.csproj", True)]


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + project(properties="<AssemblyName>&a;</AssemblyName>")
    repo = tree(tmp_path, {"A.csproj": bomb})
    assert list(dotnet.detect(repo)) == []
    assert [problem.file for problem in repo.problems] == ["A.csproj"]


def test_properties_that_double_themselves_and_imports_in_circles_end(tmp_path: Path) -> None:
    doubling = "<A>xxxxxxxx</A>" + "<A>$(A)$(A)</A>" * 200
    files = {
        "A.csproj": f'<Project Sdk="Microsoft.NET.Sdk.Web"><Import Project="a.props" /><PropertyGroup>{doubling}</PropertyGroup></Project>',
        "a.props": '<Project><Import Project="b.props" /></Project>',
        "b.props": '<Project><Import Project="a.props" /><Import Project="../../../etc/passwd" /></Project>',
    }
    assert only(tmp_path, files).manifests == ("A.csproj", "a.props", "b.props")


def test_projects_that_refer_to_each_other_end(tmp_path: Path) -> None:
    files = {"A/A.csproj": project(reference("../B/B.csproj")), "B/B.csproj": LIBRARY.format(f"<ItemGroup>{reference('../A/A.csproj')}</ItemGroup>")}
    assert [component.name for component in detect(tmp_path, files)] == ["a"]


def test_code_that_is_nested_deeply_or_broken_is_survived(tmp_path: Path) -> None:
    deep = "var x = " + "(" * 20_000 + "1" + ")" * 20_000 + ";\nvar y = builder.Configuration[" + "f(" * 5000 + '"A"' + ")" * 5000 + "];\n"
    chain = "app" + '.MapGet("/x", y)' * 3000 + ";\n"
    assert web(tmp_path, deep + chain + "class {{{ [HttpGet(", Other_cs="\0\0WebApplication").ports == (8080,)


def test_names_that_mean_something_to_a_shell_are_quoted(tmp_path: Path) -> None:
    component = only(tmp_path, {"$(id) x.csproj": WEB})
    assert component.build_command == "dotnet publish '$(id) x.csproj' -c Release -o out"
    assert component.start_command == "dotnet '$(id) x.dll'"
