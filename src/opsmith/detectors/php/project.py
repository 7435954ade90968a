"""One PHP project: its folder, its composer.json, the folder that a web server shows, and the files that its processes run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from opsmith.detectors.marks import grouped, holds_any
from opsmith.detectors.paths import inside, join
from opsmith.detectors.php import dotenv
from opsmith.detectors.php.composer import Composer
from opsmith.detectors.php.environment import Read, reads
from opsmith.detectors.php.places import is_process_code
from opsmith.detectors.php.syntax import Source
from opsmith.repo import Repo

_MARKS = grouped(
    (
        b"env(", b"$_ENV", b"$_SERVER[", b"Env::get", b"new PDO(", b"new \\PDO(", b"mysqli", b"pg_connect", b"MongoDB\\", b"new Redis",
        b"new \\Redis",
        b"Predis\\", b"new Memcached", b"new \\Memcached", b"Route::", b"#[Route", b"#[AsSchedule", b"#[AsCronTask", b"#[AsPeriodicTask",
        b"ShouldQueue",
        b"Facades\\Redis", b"->get('", b"->get(\"", b"->any(", b"->map(", b"$schedule", b"Schedule::", b"withSchedule", b"withRouting", b"driver'",
        b"'dsn'", b"DBDriver", b"dbdriver", b"Swoole\\", b"React\\Http", b"Workerman\\", b"AMQPStreamConnection", b"RdKafka", b"className",
        b"addRoute",
    ),
    (b"env(", b"Redis", b"Memcached", b"PDO(", b"#[", b"chedule", b"river"),
)  # fmt: skip
_ROOTS = ("public", "web", "webroot", "public_html", "htdocs", "html", "www", "httpdocs", "pub", "src/public", "")
_ENV_FILES = (
    ".env.production", ".env.prod", ".env.production.example", ".env.prod.example", ".env.example", ".env.dist", ".env.sample", "env.example",
    ".env.template", ".env", "env",
)  # fmt: skip


class Project:
    """`nested` are the folders of other projects inside this one."""

    def __init__(self, repo: Repo, folder: str, composer: Composer | None, nested: tuple[str, ...]) -> None:
        self.repo = repo
        self.folder = folder
        self.composer = composer
        self._nested = nested

    def path(self, name: str) -> str:
        return join(self.folder, name)

    def has(self, name: str) -> bool:
        return self.repo.has(self.path(name))

    def first(self, *names: str) -> str | None:
        """The first of `names` that is there, relative to the project."""
        return next((name for name in names if self.has(name)), None)

    def relative(self, path: str) -> str:
        return path[len(self.folder) :].lstrip("/")

    def requires(self, *names: str) -> str | None:
        """The first of these packages that production requires."""
        return self.composer.first(*names) if self.composer is not None else None

    def develops_with(self, *names: str) -> bool:
        return self.composer is not None and any(name in self.composer.development or name in self.composer.requires for name in names)

    @cached_property
    def document_root(self) -> str | None:
        """The folder that the web server shows, relative to the project: the one with index.php."""
        return next((folder for folder in _ROOTS if self.has(join(folder, "index.php"))), None)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The PHP files of its processes."""
        found = self.repo.under(self.folder, ".php")
        return tuple(path for path in found if is_process_code(self.relative(path)) and not any(inside(path, other) for other in self._nested))

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Those of the files in which something stands that a deployment has to know."""
        found = ((path, self.repo.bytes(path) or b"") for path in self.files)
        return tuple(Source(path, data) for path, data in found if holds_any(data, _MARKS))

    def marked(self, *marks: bytes) -> Iterator[Source]:
        return (source for source in self.sources if source.holds(*marks))

    def source(self, name: str) -> Source | None:
        """One file by its name in the project."""
        path = self.path(name)
        known = next((source for source in self.sources if source.path == path), None)
        return known or (Source(path, self.repo.bytes(path) or b"") if self.repo.has(path) else None)

    @cached_property
    def settings(self) -> dict[str, dotenv.Setting]:
        """What the files of variables say, those of production first."""
        return dotenv.settings(self.repo, [self.path(name) for name in _ENV_FILES])

    @cached_property
    def reads(self) -> tuple[Read, ...]:
        return reads(self.sources)

    def told(self, name: str) -> str | None:
        """The value of a variable: as a file of variables says, else the default in code."""
        setting = self.settings.get(name)
        if setting is not None:
            return setting.value
        return next((read.default for read in self.reads if read.name == name), None)
