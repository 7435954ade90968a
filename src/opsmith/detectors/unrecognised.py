"""Stacks that no detector reads yet: said aloud, so that a system is never shown as smaller than it is."""

from __future__ import annotations

from opsmith.repo import Repo

MANIFESTS = {
    "pom.xml": "Maven",
    "build.gradle": "Gradle",
    "build.gradle.kts": "Gradle",
    "build.sbt": "sbt",
    "project.clj": "Leiningen",
    "deps.edn": "Clojure",
    "Gemfile": "Ruby",
    "composer.json": "PHP",
    "Cargo.toml": "Rust",
    "mix.exs": "Elixir",
    "deno.json": "Deno",
    "deno.jsonc": "Deno",
    "CMakeLists.txt": "C or C++",
}
ENDINGS = {".csproj": ".NET", ".fsproj": ".NET", ".vbproj": ".NET"}
MOST = 20


def tell_unrecognised(repo: Repo) -> None:
    """Note a problem for the manifest of each such project (at most MOST), the shallowest first."""
    found = [(path, MANIFESTS[path.rpartition("/")[2]]) for path in repo.named(*MANIFESTS)]
    found += [(path, ENDINGS[ending]) for path in repo.files for ending in ENDINGS if path.endswith(ending)]
    for path, stack in sorted(found, key=lambda item: (item[0].count("/"), item[0]))[:MOST]:
        repo.problem(path, f"a {stack} project, which opsmith does not read yet: what it runs is missing here")
