"""Every component that is a C or C++ program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.cpp import clients, environment, servers, simple
from opsmith.detectors.cpp.cmake import Project, Target, join, projects
from opsmith.detectors.cpp.program import Code, Program, files_of
from opsmith.detectors.services import is_secret, kind_of_env, kind_of_url
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, Role
from opsmith.repo import Repo
from opsmith.shapes import items, table

_NOT_DEPLOYED = re.compile(
    r"(?i)(?:^|/)(?:tests?|unit[-_]?tests?|testing|examples?|samples?|demos?|bench(?:marks?)?|fuzz(?:ing|ers?)?|third[-_]?party|3rd[-_]?party|extern(?:al)?s?|"
    r"deps|dependencies|vendor|contrib|submodules|docs?|tools?|scripts?|cmake|misc|subprojects|build|out|playground|tutorials?|templates?)(?:/|$)"
)
_TOOL = re.compile(
    r"(?i)(?:^|[-_.])(?:tests?|unittests?|bench(?:mark)?s?|examples?|demo|fuzz(?:er)?|gen(?:erator)?|codegen|samples?|mock)(?:[-_.]|$)|Tests?$|^test|[-_]?client$"
)
_TESTED = re.compile(r"(?i)gtest|gmock|catch2?|doctest|benchmark|boost_unit_test|cppunit|libfuzzer")
_ON_A_DESK = re.compile(r"(?i)^qt\d?::(?:widgets|gui|quick)|sdl2?|glfw|wxwidgets|gtk(?:mm)?|opengl|imgui|raylib|sfml|juce")
_CONSUMES = frozenset(("rabbitmq", "kafka", "nats", "mqtt", "pulsar"))
_WORKER = re.compile(r"(?i)(worker|consumer|daemon|agent|processor|scheduler|indexer|relay|bot$)")


@dataclass(frozen=True, slots=True)
class Built:
    """An executable with what builds it."""

    project: Project
    target: Target
    system: str
    alone: bool


def components(repo: Repo) -> list[Component]:
    read: dict[str, Code | None] = {}
    found = (component for built in _built(repo) for component in _component(repo, built, read))
    return list(found)


def _built(repo: Repo) -> Iterator[Built]:
    known = [(project, "cmake") for project in projects(repo)]
    taken = [project.folder for project, _ in known]
    known += [(project, "meson") for project in simple.meson(repo) if project.folder not in taken]
    known += [(project, "make") for project in simple.make(repo, [project.folder for project, _ in known])]
    for project, system in known:
        deployed = [target for target in project.targets.values() if _is_deployed(target)]
        for target in deployed:
            yield Built(project, target, system, len([item for item in project.targets.values() if item.executable]) == 1)


def _is_deployed(target: Target) -> bool:
    if not target.executable or not target.files or _TOOL.search(target.name) or _NOT_DEPLOYED.search(target.folder):
        return False
    own = [name for name in target.links if _TESTED.search(name) or _ON_A_DESK.search(name)]
    return not own and not any(_TESTED.search(path.rpartition("/")[2]) for path in target.files[:50])


def _component(repo: Repo, built: Built, read: dict[str, Code | None]) -> Iterator[Component]:
    target, project = built.target, built.project
    program = Program(repo, files_of(target, project), project.folder, read)
    doors = servers.doors(repo, program)
    services, service_evidence, in_file = _backing(repo, program)
    role = _role(built, doors, services)
    if role is None:
        return
    reads = environment.reads(program)
    health = servers.health(program, grpc=any(door.protocol == "grpc" for door in doors)) if doors else None
    first = next((door for door in doors if door.ports or door.envs), None)
    ports = tuple(dict.fromkeys(port for door in doors for port in door.ports))
    build_packages, runtime_packages = _packages(repo, built, program)
    place = (Evidence(file=target.file, line=target.line, shows=f"executable {target.name}", confidence=0.9),)
    evidence: Mapping[str, tuple[Evidence, ...]] = {
        "role": (doors[0].evidence,) if doors else place,
        "language": place,
        "framework": _framework_evidence(program, doors),
        "ports": tuple(door.evidence for door in doors if door.ports),
        "health_path": (health.evidence,) if health else (),
        "backing_services": service_evidence,
        "env": tuple(Evidence(file=item.file, line=item.line, shows=item.name, confidence=0.9) for item in reads),
        "traits": in_file,
        "start_command": place,
    }
    connected = frozenset(item.kind for item in services)
    yield Component(
        name=re.sub(r"[^a-z0-9]+", "-", target.name.lower()).strip("-") or "app",
        path=_path(built),
        role=role,
        language="c++" if any(path.endswith((".cpp", ".cc", ".cxx", ".C")) for path in target.files) else "c",
        framework=doors[0].library if doors and doors[0].library != "sockets" else None,
        package_manager=_manager(repo, built),
        install_command="conan install . --output-folder=build --build=missing" if _manager(repo, built) == "conan" else None,
        build_command=_build(repo, built),
        start_command=_start(built),
        ports=ports,
        protocol=first.protocol if first is not None and ports else None,
        port_env=next((name for door in doors for name in door.envs if "PORT" in name.upper()), None),
        health_path=health.path if health else None,
        backing_services=tuple(_with_variables(item, reads) for item in services),
        env=tuple(_variable(item, connected) for item in reads),
        test_command=_test(repo, built),
        context=project.folder if project.folder != _path(built) else None,
        manifests=_manifests(repo, built),
        build_packages=build_packages,
        runtime_packages=runtime_packages,
        traits=(
            *(("sqlite",) if in_file else ()),
            *(("binds-loopback",) if first is not None and first.local else ()),
            *(f"runtime-files:{path}" for path in _runtime_files(repo, built, program)),
        ),
        evidence={fact: shown for fact, shown in evidence.items() if shown},
        ambiguities=_ambiguities(target, role, ports),
    )


def _role(built: Built, doors: tuple[servers.Door, ...], services: tuple[BackingService, ...]) -> Role | None:
    """None for a program of which nothing says that somebody runs it."""
    if doors:
        return "web"
    if any(item.kind in _CONSUMES for item in services) or (built.target.installed and _WORKER.search(built.target.name)):
        return "worker"
    return "cli" if built.target.installed or built.alone else None


def _ambiguities(target: Target, role: Role, ports: tuple[int, ...]) -> tuple[Ambiguity, ...]:
    if role != "web" or ports:
        return ()
    name = re.sub(r"[^a-z0-9]+", "-", target.name.lower()).strip("-")
    return (Ambiguity(fact="ports", component=name, choices=(), how_to_decide=f"set components.{name}.ports in opsmith.yaml"),)


def _framework_evidence(program: Program, doors: tuple[servers.Door, ...]) -> tuple[Evidence, ...]:
    library = next((item for item in servers.LIBRARIES if doors and item.name == doors[0].library), None)
    if library is None or library.name == "sockets":
        return ()
    name = next(name for name in program.includes if library.header.search(name))
    file, line = program.includes[name]
    return (Evidence(file=file, line=line, shows=f"#include <{name}>", confidence=0.95),)


def _backing(repo: Repo, program: Program) -> tuple[tuple[BackingService, ...], tuple[Evidence, ...], tuple[Evidence, ...]]:
    """Services, their evidence, and what shows that the only database is a file."""
    found: dict[str, Evidence] = {}
    for name, (file, line) in program.includes.items():
        kind = clients.kind_of_header(name)
        if kind is not None:
            found.setdefault(kind, Evidence(file=file, line=line, shows=f"#include <{name}>", confidence=0.9))
    for path in servers.drogon_files(repo, program):
        document = servers.drogon_document(repo, path)
        for client in items(document.get("db_clients")):
            kind = clients.DROGON.get(str(table(client).get("rdbms")))
            if kind is not None:
                found.setdefault(kind, Evidence(file=path, line=repo.line_of(path, "rdbms"), shows=f"db_clients: {kind}", confidence=0.9))
        if items(document.get("redis_clients")):
            found.setdefault("redis", Evidence(file=path, line=repo.line_of(path, "redis_clients"), shows="redis_clients", confidence=0.9))
    kinds = [kind for kind in found if kind != "sqlite"]
    in_file = (found["sqlite"],) if "sqlite" in found and not {"postgres", "mysql", "mongodb"} & set(kinds) else ()
    return tuple(BackingService(kind=kind, name=kind) for kind in kinds), tuple(found[kind] for kind in kinds), in_file


def _with_variables(service: BackingService, reads: tuple[environment.Read, ...]) -> BackingService:
    own = [item for item in reads if kind_of_env(item.name) == service.kind or (item.default and kind_of_url(item.default) == service.kind)]
    if service.kind in ("postgres", "mysql"):
        own += [
            item for item in reads if item not in own and kind_of_env(item.name) is None and re.match(r"(?:\w+_)?(DB|DATABASE)(?:_|$)", item.name)
        ]
    return BackingService(kind=service.kind, name=service.name, env=tuple(sorted(item.name for item in own)))


def _variable(item: environment.Read, connected: frozenset[str]) -> EnvVar:
    alone = item.default is None and not item.guarded and kind_of_env(item.name) in connected
    return EnvVar(name=item.name, required=item.required or alone, secret=is_secret(item.name, item.default), default=item.default)


def _path(built: Built) -> str:
    """The folder of what is deployed: the project's, or among several programs the one that holds this program's build file."""
    folder = built.target.folder
    if built.alone or folder == built.project.folder:
        return built.project.folder
    parts = folder.split("/")
    trimmed = "/".join(parts[:-1]) if parts[-1] in ("src", "source", "app") else folder
    return trimmed if trimmed.startswith(built.project.folder) else folder


def _manager(repo: Repo, built: Built) -> str:
    folder = built.project.folder
    if repo.has(join(folder, "vcpkg.json")):
        return "vcpkg"
    return "conan" if any(repo.has(join(folder, name)) for name in ("conanfile.txt", "conanfile.py")) else built.system


def _build(repo: Repo, built: Built) -> str:
    target = "" if built.alone else f" --target {built.target.name}"
    match built.system:
        case "meson":
            return f"meson setup build --buildtype=release && meson compile -C build{'' if built.alone else f' {built.target.name}'}"
        case "make":
            return "make"
        case _:
            toolchain = {
                "vcpkg": " -DCMAKE_TOOLCHAIN_FILE=$VCPKG_ROOT/scripts/buildsystems/vcpkg.cmake",
                "conan": " -DCMAKE_TOOLCHAIN_FILE=build/conan_toolchain.cmake",
            }.get(_manager(repo, built), "")
            return f"cmake -S . -B build -DCMAKE_BUILD_TYPE=Release{toolchain} && cmake --build build --parallel{target}"


def _start(built: Built) -> str:
    """From the folder of the build, where the build system leaves the program."""
    target = built.target
    if built.system == "make":
        return f"./{join(target.output or target.name)}"
    below = target.folder[len(built.project.folder) :].strip("/")
    return f"./{join('build', target.output if target.output is not None else below, target.name)}"


def _test(repo: Repo, built: Built) -> str | None:
    match built.system:
        case "cmake":
            tested = re.search(
                r"^\s*(?:enable_testing|include\s*\(\s*CTest)", repo.read(join(built.project.folder, "CMakeLists.txt")) or "", re.MULTILINE
            )
            return "ctest --test-dir build" if tested else None
        case "meson":
            return "meson test -C build"
        case _:
            text = repo.read(built.target.file) or ""
            return "make test" if re.search(r"^test\s*:", text, re.MULTILINE) else None


def _manifests(repo: Repo, built: Built) -> tuple[str, ...]:
    folder = built.project.folder
    names = (
        "CMakeLists.txt",
        "meson.build",
        "vcpkg.json",
        "vcpkg-configuration.json",
        "conanfile.txt",
        "conanfile.py",
        "conan.lock",
        "CMakePresets.json",
    )
    return tuple(dict.fromkeys(path for path in (*(join(folder, name) for name in names), built.target.file) if repo.has(path)))


def _packages(repo: Repo, built: Built, program: Program) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The compiler and its tools; libraries that the build looks for, unless a package manager builds them."""
    tools = {"cmake": ("build-essential", "cmake"), "meson": ("build-essential", "meson", "ninja-build"), "make": ("build-essential",)}[built.system]
    managed = _manager(repo, built) in ("vcpkg", "conan")
    if managed:
        extra = (
            ("curl", "git", "ninja-build", "pkg-config", "tar", "unzip", "zip")
            if _manager(repo, built) == "vcpkg"
            else ("git", "pkg-config", "python3-pip")
        )
        return tuple(sorted({*tools, *extra})), ()
    wanted = {name.lower() for name in built.project.packages}
    headers = " ".join(program.includes)
    wanted |= {
        name
        for name, mark in (("libpq", "libpq-fe.h"), ("openssl", "openssl/"), ("curl", "curl/curl.h"), ("sqlite3", "sqlite3.h"))
        if mark in headers
    }
    found = [clients.DEBIAN[name] for name in sorted(wanted) if name in clients.DEBIAN]
    return tuple(sorted({*tools, *(item for build, _ in found for item in build)})), tuple(sorted({item for _, run in found for item in run}))


def _runtime_files(repo: Repo, built: Built, program: Program) -> list[str]:
    """Drogon's configuration, which it reads when it starts."""
    path = _path(built)
    return sorted({file[len(path) :].lstrip("/") for file in servers.drogon_files(repo, program) if not path or file.startswith(path + "/")})
