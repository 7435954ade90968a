"""The C and C++ detector on small trees, each showing one way in which such services are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors import cpp
from opsmith.detectors.cpp.lexer import arguments, without_comments
from opsmith.model.survey import BackingService, Component, EnvVar, Evidence
from opsmith.repo import Repo

BUILD = "cmake -S . -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build --parallel"


def detect(root: Path, files: dict[str, str]) -> list[Component]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(cpp.detect(Repo(root)))


def only(root: Path, files: dict[str, str]) -> Component:
    (component,) = detect(root, files)
    return component


CROW = """#include "crow.h"
// app.port(1);
int main() {
  crow::SimpleApp app;
  CROW_ROUTE(app, "/health")([]() { return "app.port(2)"; });
  const char* told = std::getenv("PORT");
  std::string port = told ? told : "18080";
  app.port(std::stoi(port)).multithreaded().run();
}
"""


def test_crow(tmp_path: Path) -> None:
    manifest = "cmake_minimum_required(VERSION 3.15)\nproject(shop)\nset(CMAKE_CXX_STANDARD 17)\nadd_executable(${PROJECT_NAME} main.cpp)\n"
    place = Evidence(file="CMakeLists.txt", line=4, shows="executable shop", confidence=0.9)
    door = Evidence(file="main.cpp", line=8, shows=".port(std::stoi(port)", confidence=0.9)
    assert only(tmp_path, {"CMakeLists.txt": manifest, "main.cpp": CROW}) == Component(
        name="shop",
        path="",
        role="web",
        language="c++",
        framework="crow",
        package_manager="cmake",
        build_command=BUILD,
        start_command="./build/shop",
        ports=(18080,),
        protocol="http",
        port_env="PORT",
        health_path="/health",
        env=(EnvVar(name="PORT", required=False, default="18080"),),
        manifests=("CMakeLists.txt",),
        build_packages=("build-essential", "cmake"),
        evidence={
            "role": (door,),
            "language": (place,),
            "framework": (Evidence(file="main.cpp", line=1, shows="#include <crow.h>", confidence=0.95),),
            "ports": (door,),
            "health_path": (Evidence(file="main.cpp", line=5, shows="/health", confidence=0.9),),
            "env": (Evidence(file="main.cpp", line=6, shows="PORT", confidence=0.9),),
            "start_command": (place,),
        },
    )


LIBRARIES = {
    "httplib": (
        '#include <httplib.h>\nint main() { httplib::Server s; s.Get("/healthz", h); s.listen("127.0.0.1", 8080); }',
        ((8080,), "http", "/healthz", ("binds-loopback",)),
    ),
    "pistache": (
        '#include <pistache/endpoint.h>\nint main() { Port port(9080); Address a(Ipv4::any(), port); Routes::Get(r, "/ready", f); }',
        ((9080,), "http", "/ready", ()),
    ),
    "boost.beast": (
        (
            "#include <boost/beast/http.hpp>\nint main() { unsigned short port = 8081; tcp::acceptor a{io, tcp::endpoint{address, port}};\n"
            'if (req.target() == "/health") {} }'
        ),
        ((8081,), "http", "/health", ()),
    ),
    "grpc": (
        (
            '#include <grpcpp/grpcpp.h>\nABSL_FLAG(uint16_t, port, 50051, "");\nvoid RunServer(uint16_t port) {\n'
            '  std::string address = absl::StrFormat("0.0.0.0:%d", port);\n  grpc::EnableDefaultHealthCheckService(true);\n'
            "  builder.AddListeningPort(address, creds);\n}\nint main() { RunServer(absl::GetFlag(FLAGS_port)); }"
        ),
        ((50051,), "grpc", "grpc", ()),
    ),
    "oatpp": (
        (
            '#include "oatpp/network/tcp/server/ConnectionProvider.hpp"\nclass AppComponent {};\n'
            'int main() { ConnectionProvider::createShared({"0.0.0.0", 8000, Address::IP_4}); }'
        ),
        ((8000,), "http", None, ()),
    ),
    "crow": ('#include "crow.h"\nint main() { crow::SimpleApp app; app.run(); }', ((80,), "http", None, ())),
}


def test_a_default_of_a_library_is_told_as_one(tmp_path: Path) -> None:
    source = "#include <google/cloud/functions/framework.h>\nint main(int c, char* v[]) { return gcf::Run(c, v, hello()); }\n"
    found = only(tmp_path, {"CMakeLists.txt": "project(app)\nadd_executable(app main.cc)\n", "main.cc": source})
    shown = Evidence(file="main.cc", line=1, shows="the default port 8080 of functions-framework", confidence=0.7)
    assert (found.ports, found.port_env, found.evidence["ports"]) == ((8080,), "PORT", (shown,))


@pytest.mark.parametrize("library", LIBRARIES)
def test_listeners_of_each_library(tmp_path: Path, library: str) -> None:
    source, expected = LIBRARIES[library]
    found = only(tmp_path, {"CMakeLists.txt": "project(app)\nadd_executable(app main.cpp)\n", "main.cpp": source})
    assert (found.framework, (found.ports, found.protocol, found.health_path, found.traits)) == (library, expected)


def test_drogon_takes_listeners_and_databases_from_its_file(tmp_path: Path) -> None:
    files = {
        "CMakeLists.txt": "project(dr)\nadd_executable(dr main.cc)\n",
        "config.json": '{\n "listeners": [{"address": "0.0.0.0", "port": 5555}],\n "db_clients": [{"rdbms": "postgresql"}]\n}\n',
        "main.cc": '#include <drogon/drogon.h>\nint main() { drogon::app().loadConfigFile("../config.json").run(); }\n',
    }
    found = only(tmp_path, files)
    assert (found.ports, found.backing_services, found.traits) == (
        (5555,), (BackingService(kind="postgres", name="postgres"),), ("runtime-files:config.json",),
    )  # fmt: skip
    assert found.evidence["ports"] == (Evidence(file="config.json", line=2, shows="listeners: port 5555", confidence=0.9),)


def test_programs_of_one_project_tests_left_out(tmp_path: Path) -> None:
    files = {
        "CMakeLists.txt": "project(all)\nfind_package(OpenSSL)\nadd_subdirectory(api/src)\nadd_subdirectory(lib)\nadd_subdirectory(tests)\n",
        "api/src/CMakeLists.txt": "file(GLOB SRC *.cpp)\nadd_executable(api ${SRC})\ntarget_link_libraries(api PRIVATE core)\n",
        "api/src/main.cpp": '#include "core.h"\nint main() { serve(); }\n',
        "lib/CMakeLists.txt": "add_library(core core.cpp)\n",
        "lib/core.cpp": '#include <httplib.h>\n#include <pqxx/pqxx>\nvoid serve() { httplib::Server s; s.listen("0.0.0.0", 9000); }\n',
        "tests/CMakeLists.txt": "add_executable(all_tests t.cpp)\ntarget_link_libraries(all_tests gtest)\n",
        "tests/t.cpp": "int main() {}\n",
    }
    found = only(tmp_path, files)
    assert (found.name, found.path, found.context, found.ports) == ("api", "api", "", (9000,))
    assert (found.build_command, found.start_command) == (f"{BUILD} --target api", "./build/api/src/api")
    assert (found.build_packages, found.runtime_packages) == (("build-essential", "cmake", "libssl-dev"), ("libssl3",))
    assert [item.kind for item in found.backing_services] == ["postgres"]


def test_a_makefile_and_plain_sockets(tmp_path: Path) -> None:
    files = {
        "Makefile": "CC = gcc\nTARGET = bin/echod\n$(TARGET): main.o\n\t$(CC) -o $@ main.o\ntest:\n\t./t\n",
        "main.c": "#include <sys/socket.h>\n#define PORT 7000\nint main(void) { a.sin_port = htons(PORT); listen(s, 5); }\n",
    }
    found = only(tmp_path, files)
    assert (found.name, found.language, found.framework, found.ports, found.protocol) == ("echod", "c", None, (7000,), "tcp")
    assert (found.build_command, found.start_command, found.test_command) == ("make", "./bin/echod", "make test")


def test_meson(tmp_path: Path) -> None:
    files = {
        "meson.build": "project('m', 'cpp')\nsrcs = ['src/main.cpp']\nexecutable('served', srcs, install: true)\n",
        "src/main.cpp": '#include <httplib.h>\nint main() { httplib::Server s; s.listen("0.0.0.0", 1234); }\n',
    }
    found = only(tmp_path, files)
    assert (found.name, found.ports, found.build_command) == ("served", (1234,), "meson setup build --buildtype=release && meson compile -C build")


def test_package_managers(tmp_path: Path) -> None:
    base = {"CMakeLists.txt": "project(app)\nadd_executable(app main.cpp)\n", "main.cpp": "int main() {}\n"}
    vcpkg = only(tmp_path / "a", {**base, "vcpkg.json": "{}"})
    conan = only(tmp_path / "b", {**base, "conanfile.txt": "[requires]\n"})
    assert (vcpkg.package_manager, vcpkg.role) == ("vcpkg", "cli")
    assert "-DCMAKE_TOOLCHAIN_FILE=$VCPKG_ROOT/scripts/buildsystems/vcpkg.cmake" in (vcpkg.build_command or "")
    assert (conan.package_manager, conan.install_command) == ("conan", "conan install . --output-folder=build --build=missing")


VARIABLES = {
    'const char* v = getenv("KEY"); if (!v) { throw std::runtime_error("no"); }': ("KEY", True, None),
    'const char* v = getenv("KEY"); if (v == nullptr) v = "dev";': ("KEY", False, "dev"),
    'auto v = std::getenv("KEY") ? std::getenv("KEY") : "plain";': ("KEY", False, "plain"),
    'auto v = env_or("KEY", "other");': ("KEY", False, "other"),
    'if (getenv("KEY")) { on(); }': ("KEY", False, None),
}


@pytest.mark.parametrize("statement", VARIABLES)
def test_what_happens_without_a_variable(tmp_path: Path, statement: str) -> None:
    source = f"""#include <cstdlib>
std::string env_or(const char* name, const char* other) {{ const char* v = std::getenv(name); return v ? v : other; }}
// getenv("COMMENTED")
int main() {{ {statement} print("getenv(\\"QUOTED\\")"); }}
"""
    found = only(tmp_path, {"CMakeLists.txt": "project(app)\nadd_executable(app main.cpp)\n", "main.cpp": source})
    assert [(item.name, item.required, item.default) for item in found.env] == [VARIABLES[statement]]


def test_a_library_or_a_desktop_program_is_no_component(tmp_path: Path) -> None:
    assert detect(tmp_path / "a", {"CMakeLists.txt": "project(l)\nadd_library(l a.cpp)\n", "a.cpp": "int x;\n"}) == []
    desk = "project(d)\nadd_executable(d main.cpp)\ntarget_link_libraries(d Qt6::Widgets)\n"
    assert detect(tmp_path / "b", {"CMakeLists.txt": desk, "main.cpp": "int main() {}\n"}) == []
    assert detect(tmp_path / "c", {"README.md": "hello"}) == []


def test_the_lexer_is_not_misled() -> None:
    assert without_comments('a /* "x */ "b // c" // d\ne R"(f "g)"') == 'a          "b // c"     \ne          '
    assert arguments("f(\"a, b\", g(c, {d}), ',')", 1) == ['"a, b"', "g(c, {d})", "','"]
    assert arguments("f(" + "(" * 9000, 1) == []


def test_hostile_files_end(tmp_path: Path) -> None:
    files = {
        "CMakeLists.txt": 'set(A "${A}${A}x")\n' * 200 + "add_executable(x main.cpp)\nadd_subdirectory(.)\nset(B" + " (" * 9000,
        "main.cpp": '#include "main.cpp"\n#include <sys/socket.h>\nint main() { a = b; b = a; listen(s, 1); htons(a'
        + "(" * 9000
        + '"unterminated\n/*',
    }
    found = only(tmp_path, files)
    assert (found.name, found.ports) == ("x", ())
