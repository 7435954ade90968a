"""Building, starting, testing, migrating; and the files that a binary needs beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.rust.config import Layers
from opsmith.detectors.rust.mains import Main
from opsmith.detectors.rust.manifests import Package, inside, join
from opsmith.detectors.rust.program import Expression, Program
from opsmith.detectors.rust.source import arguments, callee, literal
from opsmith.detectors.rust.subcommands import Subcommands
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_ITSELF = re.compile(
    rb"\bmigrate!\s*\(|\bembed_migrations!\s*\(|\brun_pending_migrations\b|\bMigrator::(?:up|fresh|refresh)\s*\(|tokio_postgres_migration|"
    rb"\brun_migrations?\s*\(|\bmigrations::runner\(\)|\bMigrator::new\s*\("
)
_OPENS = re.compile(
    r"(?:^|::)(?:ServeDir|ServeFile|Files|NamedFile|FileServer|StaticFilesEndpoint|StaticFileEndpoint|StaticDir|Tera|Environment|File|fs|Toml|Yaml|Json|"
    r"PathBuf|Path|Template)$"
)
_NO_FILES = (".rs", ".md", ".toml.example", ".proto", ".lock")


def build_command(repo: Repo, main: Main, *, leptos: bool) -> str:
    package = f" -p {main.package.name}" if main.package.members > 1 else ""
    if leptos:
        return f"cargo leptos build --release{package}"
    locked = " --locked" if lock_file(repo, main.package) else ""
    return f"cargo build --release{locked}{package}{'' if main.alone else f' --bin {main.binary.name}'}"


def lock_file(repo: Repo, package: Package) -> str | None:
    return next((path for folder in dict.fromkeys((package.workspace, package.folder)) if repo.has(path := join(folder, "Cargo.lock"))), None)


def manifests(repo: Repo, program: Program) -> tuple[str, ...]:
    """Manifests of the package, its workspace and the crates of the repository that it is built with; the lock; what chooses the toolchain."""
    package = program.package
    own = [package.manifest, join(package.workspace, "Cargo.toml"), lock_file(repo, package) or ""]
    own += [join(package.workspace, name) for name in ("rust-toolchain.toml", "rust-toolchain", ".cargo/config.toml", ".cargo/config")]
    own += [item.manifest for item in program.packages[1:]]
    return tuple(path for path in dict.fromkeys(own) if path and repo.has(path))


def context(program: Program) -> str | None:
    """The folder that holds everything the build reads: the workspace's root, and crates beside it."""
    folders = [program.package.workspace, *(item.folder for item in program.packages)]
    parts = folders[0].split("/") if folders[0] else []
    for folder in folders[1:]:
        other = folder.split("/") if folder else []
        size = next((index for index, (one, two) in enumerate(zip(parts, other, strict=False)) if one != two), min(len(parts), len(other)))
        parts = parts[:size]
    whole = "/".join(parts)
    return whole if whole != program.package.folder else None


def migration(repo: Repo, program: Program, main: Main, siblings: tuple[Main, ...], verbs: Subcommands) -> tuple[str, Evidence] | None:
    """What prepares the database before a release; None when the process does that itself or nothing is known."""
    if program.uses("loco-rs"):
        return f"./target/release/{main.binary.name} db migrate", Evidence(file=main.package.manifest, shows="dependency loco-rs", confidence=0.8)
    if verbs.migrates is not None:
        return f"./target/release/{main.binary.name} {verbs.migrates.name}", verbs.migrates.evidence
    if any(_ITSELF.search(source.data) for source in program.sources):
        return None
    return _sibling(main, siblings) or _diesel(repo, program) or _sqlx(repo, program)


def _sibling(main: Main, siblings: tuple[Main, ...]) -> tuple[str, Evidence] | None:
    for other in siblings:
        if other.package.workspace == main.package.workspace and re.fullmatch(r"(?i)(?:db[-_]?)?migrat(?:e|ion|ions|or)", other.binary.name):
            up = " up" if other.package.uses("sea-orm-migration") else ""
            return f"./target/release/{other.binary.name}{up}", Evidence(file=other.binary.file, shows=f"binary {other.binary.name}", confidence=0.8)
    return None


def _diesel(repo: Repo, program: Program) -> tuple[str, Evidence] | None:
    for folder in _places(program):
        path = join(folder, "diesel.toml")
        if program.uses("diesel", "diesel-async") and repo.has(path):
            return "diesel migration run", Evidence(file=path, shows="diesel.toml", confidence=0.85)
    below = _migrations(repo, program, "/up.sql") if program.uses("diesel", "diesel-async") else None
    return ("diesel migration run", Evidence(file=below, shows="a migration of Diesel", confidence=0.8)) if below else None


def _sqlx(repo: Repo, program: Program) -> tuple[str, Evidence] | None:
    below = _migrations(repo, program, ".sql") if program.uses("sqlx") else None
    return ("sqlx migrate run", Evidence(file=below, shows="a migration of sqlx", confidence=0.8)) if below else None


def _migrations(repo: Repo, program: Program, ending: str) -> str | None:
    found = (path for folder in _places(program) for path in repo.under(join(folder, "migrations"), ending))
    return next((path for path in found if re.search(r"/(?:\d{4,}|V\d+)[-_]", path)), None)


def _places(program: Program) -> tuple[str, ...]:
    return tuple(dict.fromkeys((program.package.folder, program.package.workspace, *(item.folder for item in program.packages))))


def lint_command(main: Main) -> str:
    return f"cargo clippy --all-targets{f' -p {main.package.name}' if main.package.members > 1 else ''}"


def test_command(main: Main) -> str:
    return f"cargo test{f' -p {main.package.name}' if main.package.members > 1 else ''}"


def runtime_files(repo: Repo, program: Program, layers: Layers, extra: tuple[str, ...]) -> list[str]:
    """Files and folders, relative to the component, that code opens by a relative path, and the configuration it loads."""
    folder = program.package.folder
    named = {path for value in _opened(program) for path in [_existing(repo, folder, value)] if path}
    named |= {item[len(folder) :].lstrip("/") for item in (*(setting.file for setting in layers.settings), *extra) if inside(item, folder)}
    return sorted(path for path in named if not any(path != other and inside(path, other) for other in named))


def _opened(program: Program) -> Iterator[str]:
    for call in program.called(
        "new", "from", "open", "read_to_string", "with_name", "file", "from_template_dir", "nest_service", "read", "fallback_service"
    ):
        if _OPENS.search(callee(call.node)[1]) or callee(call.node)[2] in ("from_template_dir", "path_loader"):
            yield from _texts(call)
    for call in program.called("path_loader"):
        yield from _texts(call)


def _texts(call: Expression) -> Iterator[str]:
    for node in arguments(call.node):
        value = literal(node.named_children[0] if node.type == "reference_expression" and node.named_children else node)
        if value is not None and 1 < len(value) < 200:
            yield value


def _existing(repo: Repo, folder: str, value: str) -> str | None:
    """The path as far as it has no pattern in it, when it names something that lies in the package and is no code."""
    path = re.split(r"[*?\[{%]", value.removeprefix("./"), maxsplit=1)[0].rstrip("/")
    if not path or path.startswith(("/", "..", "src", "target")) or not re.fullmatch(r"[\w./ -]+", path):
        return None
    full = join(folder, path)
    if repo.has(full):
        return path if not full.endswith(_NO_FILES) else None
    return path if full != folder and any(not name.endswith(_NO_FILES) for name in repo.under(full)) else None
