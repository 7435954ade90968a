"""Building, starting, testing, migrating; and the files that a binary needs beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.go.config import Setting
from opsmith.detectors.go.mains import Main
from opsmith.detectors.go.modules import inside, join
from opsmith.detectors.go.program import Program
from opsmith.detectors.go.source import callee, literal
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_CGO = ("C", "github.com/mattn/go-sqlite3", "gorm.io/driver/sqlite", "github.com/jinzhu/gorm/dialects/sqlite",
        "github.com/confluentinc/confluent-kafka-go",
        "github.com/godror/godror")  # fmt: skip
_OPENS = re.compile(
    r"(?i)^(Open|OpenFile|ReadFile|ReadDir|ParseFiles|ParseGlob|LoadHTML\w*|Dir|DirFS|Static\w*|ServeFile|File|Load\w*|SetConfigFile|"
    r"Glob|New|NewWithDatabaseInstance|String|StringVar|StringP|StringVarP|Stat|Walk|WalkDir|Favicon|SetDefault|Up|Must\w*|Read\w*|"
    r"DecodeFile|Views|NewFileSystem|FileServer)$"
)
_GENERATED_CODE = (".go", ".mod", ".sum", ".md", ".proto")
_MIGRATES = ("github.com/golang-migrate/migrate", "github.com/pressly/goose", "github.com/rubenv/sql-migrate", "ariga.io/atlas")


def build_command(main: Main) -> str:
    relative = main.folder[len(main.path) :].strip("/")
    return f'go build -trimpath -ldflags="-s -w" -o bin/{main.binary} {"./" + relative if relative else "."}'


def lint_command(repo: Repo, main: Main) -> tuple[str, Evidence | None]:
    for folder in dict.fromkeys((main.path, main.module.folder, "")):
        for name in (".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json"):
            if repo.has(join(folder, name)):
                return "golangci-lint run", Evidence(file=join(folder, name), shows=name)
    return "go vet ./...", None


def traits(repo: Repo, program: Program, main: Main, settings: tuple[Setting, ...]) -> tuple[str, ...]:
    found: list[str] = []
    if any(path == "C" or path.startswith(_CGO[1:]) for path in program.imports):
        found.append("cgo")
    if any(source.mentions(b"//go:embed ") for source in program.sources):
        found.append("embed")
    return (*found, *(f"runtime-files:{path}" for path in _runtime_files(repo, program, main, settings)))


def _runtime_files(repo: Repo, program: Program, main: Main, settings: tuple[Setting, ...]) -> list[str]:
    """Files and folders, relative to the component, that code opens by a relative path, and the configuration it loads."""
    named = [*_opened(program), *(item.value for item in settings if item.value.startswith("file://"))]
    found = {path for value in named for path in [_existing(repo, main, value)] if path}
    found |= {item.file[len(main.path) :].lstrip("/") for item in settings if inside(item.file, main.path)}
    return sorted(path for path in found if not any(path != other and inside(path, other) for other in found))


def _opened(program: Program) -> Iterator[str]:
    for source in program.sources:
        for node in source.syntax("string"):
            value = literal(node) or ""
            call = node.parent.parent if node.parent is not None and node.parent.type == "argument_list" else None
            by_call = call is not None and call.type == "call_expression" and bool(_OPENS.match(callee(call)[1]))
            if 1 < len(value) < 200 and (by_call or value.startswith(("./", "file://"))):
                yield value


def _existing(repo: Repo, main: Main, value: str) -> str | None:
    """The path as far as it has no pattern in it, when it names something that lies in the repository and is no code."""
    path = re.split(r"[*?\[{%]", value.removeprefix("file://").removeprefix("./"), maxsplit=1)[0].rstrip("/")
    if "*" in value or "?" in value:
        path = path.rpartition("/")[0] if not value.removeprefix("./").startswith(path + "/") else path
    if not path or path.startswith(("/", "..")) or not re.fullmatch(r"[\w./ -]+", path):
        return None
    full = join(main.path, path)
    if repo.has(full):
        return path if not full.endswith(_GENERATED_CODE) else None
    below = repo.under(full) if full else []
    return path if below and not all(name.endswith(_GENERATED_CODE) for name in below) else None


def migration(repo: Repo, program: Program, main: Main, siblings: tuple[Main, ...]) -> tuple[str, Evidence] | None:
    """What prepares the database before a release; None when the process does that itself or nothing is known."""
    if _migrates_itself(program):
        return None
    return _subcommand(program, main) or _sibling(main, siblings) or _makefile(repo, main)


def _migrates_itself(program: Program) -> bool:
    if any(program.called("AutoMigrate")):
        return True
    return any(path.startswith(_MIGRATES) for path in program.imports) and any(
        program.called("Up", "UpContext", "Migrate", "Exec", "ExecContext", "UpTo")
    )


def _subcommand(program: Program, main: Main) -> tuple[str, Evidence] | None:
    for source in program.sources:
        if source.mentions(b"cobra.Command{", b"cli.Command{"):
            match = re.search(rb'(?:Use|Name):[ \t]*"(migrate|migrate-up|migrate:up|db-migrate)(?: [^"\n]*)?"', source.data)
            if match:
                number = source.data[: match.start()].count(b"\n") + 1
                name = match[1].decode()
                return f"./{main.binary} {name}", Evidence(file=source.path, line=number, shows=match[0].decode("utf-8", "replace"), confidence=0.75)
    return None


def _sibling(main: Main, siblings: tuple[Main, ...]) -> tuple[str, Evidence] | None:
    for other in siblings:
        word = other.folder.rpartition("/")[2]
        if other.module == main.module and re.fullmatch(r"(?i)(db-?)?migrat(e|ion|ions|or)", word):
            shown = Evidence(file=join(other.folder, "main.go"), shows=f"main package {other.folder}", confidence=0.7)
            return f"./{other.binary}", shown
    return None


def _makefile(repo: Repo, main: Main) -> tuple[str, Evidence] | None:
    """A golang-migrate or goose line of a Makefile, its variables filled in where they are paths of the repository."""
    for folder in dict.fromkeys((main.path, main.module.folder)):
        path = join(folder, "Makefile")
        rows = (repo.read(path) or "").splitlines() if repo.has(path) else []
        variables = {match[1]: match[2] for row in rows if (match := re.match(r"(\w+)[ \t]*[:?]?=[ \t]*([^\s#]+)[ \t]*$", row))}
        for number, row in enumerate(rows, start=1):
            match = re.match(r"\t@?((?:migrate|goose)\s[^;&|\n]{1,300}\bup)\s*$", row)
            if match:
                command = "".join(_filled(repo, folder, variables, part) for part in re.split(r"(\$[({]\w+[)}])", match[1]))
                return command, Evidence(file=path, line=number, shows=row.strip(), confidence=0.7)
    return None


def _filled(repo: Repo, folder: str, variables: dict[str, str], part: str) -> str:
    """A variable of make as the path it holds, else as a variable of the shell; other text as it is."""
    if not part.startswith(("$(", "${")):
        return part
    value = re.sub(r"\$[({](PWD|CURDIR)[)}]/", "", variables.get(part[2:-1], ""))
    return value if value and repo.under(join(folder, value)) else f"${part[2:-1]}"
