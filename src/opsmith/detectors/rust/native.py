"""Debian packages that crates need: libraries that `-sys` crates link, programs that build scripts run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from opsmith.detectors.rust.commands import lock_file
from opsmith.detectors.rust.manifests import Package
from opsmith.detectors.rust.program import Program
from opsmith.repo import Repo
from opsmith.shapes import items, table

_LINKED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "openssl-sys": (("libssl-dev", "pkg-config"), ("libssl3",)),
    "pq-sys": (("libpq-dev",), ("libpq5",)),
    "mysqlclient-sys": (("default-libmysqlclient-dev", "pkg-config"), ("libmariadb3",)),
    "sasl2-sys": (("libsasl2-dev", "pkg-config"), ("libsasl2-2",)),
    "zmq-sys": (("libzmq3-dev", "pkg-config"), ("libzmq5",)),
    "libxml": (("libxml2-dev", "pkg-config"), ("libxml2",)),
    "libldap": (("libldap-dev",), ("libldap-2.5-0",)),
    "librocksdb-sys": (("clang", "libclang-dev"), ()),
    "bindgen": (("clang", "libclang-dev"), ()),
    "libvips": (("libvips-dev", "pkg-config"), ("libvips42",)),
    "alsa-sys": (("libasound2-dev", "pkg-config"), ("libasound2",)),
    "libudev-sys": (("libudev-dev", "pkg-config"), ("libudev1",)),
    "libdbus-sys": (("libdbus-1-dev", "pkg-config"), ("libdbus-1-3",)),
}
"""What to build and what to run with."""
_OWN_SOURCE = {
    "openssl-sys": "openssl-src",
    "pq-sys": "pq-src",
    "mysqlclient-sys": "mysqlclient-src",
    "zmq-sys": "zeromq-src",
    "libdbus-sys": "vendored",
}
"""Where this crate is there too, the library is built from source and linked into the binary."""
_BY_FEATURE = {"pq-sys": "postgres", "mysqlclient-sys": "mysql"}
_PROTOC = ("prost-build", "tonic-build", "tonic-prost-build", "prost-wkt-build", "volo-build")
_PROTOC_INSIDE = ("protoc-bin-vendored", "protobuf-src", "protox", "prost-build-vendored")
_TLS_FEATURE = re.compile(r"openssl|native-tls")


def packages(repo: Repo, program: Program) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """To build, to run."""
    crates = _crates(repo, program)
    build: list[str] = []
    run: list[str] = []
    for crate, (needs, loads) in _LINKED.items():
        if crate in crates and _OWN_SOURCE.get(crate) not in crates and not (crate == "openssl-sys" and _only_asked(program)):
            build += needs
            run += loads
    if _links_sqlite(program):
        build.append("libsqlite3-dev")
        run.append("libsqlite3-0")
    if "openssl-src" in crates and not _only_asked(program):
        build += ["make", "perl"]
    if _runs_protoc(program):
        build.append("protobuf-compiler")
    if "cmake" in crates and _calls_cmake(repo, program, crates):
        build.append("cmake")
    if "openssl-probe" in crates:  # who looks for the system's certificates
        run.append("ca-certificates")
    return tuple(sorted(set(build))), tuple(sorted(set(run)))


def _only_asked(program: Program) -> bool:
    """Whether OpenSSL comes only with a feature that is off by default: a lock file holds what every feature could need."""
    listed = table(program.package.document.get("features"))
    on = any(_TLS_FEATURE.search(name) for name in program.package.features)
    off = any(
        _TLS_FEATURE.search(f"{name} {inner}") for name, parts in listed.items() if name not in program.package.features for inner in items(parts)
    )
    return off and not on and not any(_TLS_FEATURE.search(" ".join(item.features)) for package in program.packages for item in package.active)


def _links_sqlite(program: Program) -> bool:
    """SQLite from the system: Diesel and rusqlite take it unless told to bundle it; sqlx always bundles."""
    used = [item for package in program.packages for item in package.active]
    bundled = any("bundled" in feature for item in used for feature in item.features)
    wants = any((item.package == "diesel" and "sqlite" in item.features) or item.package == "rusqlite" for item in used)
    return wants and not bundled


def _runs_protoc(program: Program) -> bool:
    told = {item.package for package in program.packages for item in package.dependencies if item.build and not item.optional}
    return bool(told & set(_PROTOC)) and not told & set(_PROTOC_INSIDE)


def _calls_cmake(repo: Repo, program: Program, crates: frozenset[str]) -> bool:
    known = _locked(repo, program.package)
    spared = ("aws-lc-sys", "rdkafka-sys")
    asked = any("cmake" in feature for package in program.packages for item in package.active for feature in item.features)
    return asked or any("cmake" in known.get(crate, ()) for crate in crates if crate not in spared)


def _crates(repo: Repo, program: Program) -> frozenset[str]:
    """Every crate that the active dependencies bring along, by the lock file; without one, only those themselves."""
    known = _locked(repo, program.package)
    pending = [item.package for package in program.packages for item in package.dependencies if not item.optional]
    found: set[str] = set()
    while pending:
        crate = pending.pop()
        if crate not in found:
            found.add(crate)
            pending.extend(name for name in known.get(crate, ()) if name not in _BY_FEATURE or _switched_on(program, _BY_FEATURE[name]))
    return frozenset(found)


def _switched_on(program: Program, feature: str) -> bool:
    """Whether somebody asks for a database by name: the lock file holds the drivers of every feature."""
    return any(feature in name for package in program.packages for item in package.active for name in item.features)


def _locked(repo: Repo, package: Package) -> Mapping[str, Iterable[str]]:
    path = lock_file(repo, package)
    document = (repo.toml(path) if path else None) or {}
    found: dict[str, list[str]] = {}
    for item in items(document.get("package")):
        told = table(item)
        found.setdefault(str(told.get("name")), []).extend(str(name).partition(" ")[0] for name in items(told.get("dependencies")))
    return found
