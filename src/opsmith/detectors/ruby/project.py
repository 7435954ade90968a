"""One Ruby project: its folder, its bundle, and the files that its processes run. Every file is read once and kept only when it matters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from opsmith.detectors.marks import grouped, holds_any
from opsmith.detectors.paths import inside, join
from opsmith.detectors.ruby.bundle import Bundle, Gem
from opsmith.detectors.ruby.environment import Read, reads
from opsmith.detectors.ruby.erb import Settings, settings
from opsmith.detectors.ruby.places import is_process_code
from opsmith.detectors.ruby.syntax import Source
from opsmith.repo import Repo

_MARKS = grouped(
    (
        b"ENV", b"Sinatra", b"sinatra", b"Roda", b"Grape::API", b"Hanami", b"Sidekiq", b"Redis", b"redis", b"ActiveJob", b"ApplicationJob",
        b"Prometheus", b"Yabeda", b"WEBrick", b"TCPServer", b"Rack::", b"broadcast", b"ActionCable", b"ApplicationCable", b"queue_adapter",
        b"cache_store", b"Karafka", b"Resque", b"Racecar", b"Sneakers", b"Shoryuken", b"Discordrb", b"Telegram::Bot", b"PG.connect",
        b"Mysql2::Client", b"Sequel.", b"Mongo::Client", b"execution_mode", b"rackup", b"turbo_stream_from", b"establish_connection", b"Clockwork",
        b"Rufus", b"secret_key_base",
    ),
    (b"edis", b"Sidekiq", b"inatra", b"Action", b"cast"),
)  # fmt: skip
_ALWAYS = ("config/routes.rb", "config/puma.rb", "config/application.rb", "config.ru")
_SETTINGS = (".yml", ".yaml", ".yml.erb", ".yaml.erb")


class Project:
    """`nested` are the folders of other projects inside this one."""

    def __init__(self, repo: Repo, folder: str, bundle: Bundle | None, nested: tuple[str, ...]) -> None:
        self.repo = repo
        self.folder = folder
        self.bundle = bundle
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

    def gem(self, *names: str) -> Gem | None:
        return self.bundle.gem(*names) if self.bundle is not None else None

    def lists(self, *names: str) -> bool:
        return self.bundle is not None and self.bundle.lists(*names)

    def version(self, name: str) -> tuple[int, ...]:
        return self.bundle.version(name) if self.bundle is not None else ()

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The Ruby files of its processes."""
        found = self.repo.under(self.folder, ".rb", ".ru")
        return tuple(path for path in found if is_process_code(self.relative(path)) and not any(inside(path, other) for other in self._nested))

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Those of the files in which something stands that a deployment has to know."""
        found: list[Source] = []
        for path in self.files:
            data = self.repo.bytes(path) or b""
            if self.relative(path) in _ALWAYS or self.relative(path).startswith("config/routes/") or holds_any(data, _MARKS):
                found.append(Source(path, data))
        return tuple(found)

    def source(self, name: str) -> Source | None:
        """One file by its name in the project."""
        known = next((source for source in self.sources if source.path == self.path(name)), None)
        return known or (Source(self.path(name), self.repo.bytes(self.path(name)) or b"") if self.has(name) else None)

    def marked(self, *marks: bytes) -> Iterator[Source]:
        return (source for source in self.sources if source.holds(*marks))

    @cached_property
    def settings(self) -> tuple[Settings, ...]:
        """The YAML files of config/ in which Ruby stands."""
        names = [
            path
            for path in self.repo.under(self.path("config"), *_SETTINGS)
            if "/locales/" not in path and path.count("/") - self.folder.count("/") < 4
        ]
        found = (settings(self.repo, path) for path in names if b"<%" in (self.repo.bytes(path) or b"") and b"ENV" in (self.repo.bytes(path) or b""))
        return tuple(item for item in found if item is not None)

    @cached_property
    def reads(self) -> tuple[Read, ...]:
        """Variables that its processes read in production."""
        tags = [tag.source for item in self.settings for tag in item.tags if tag.section not in ("development", "test") and not _is_sample(item.path)]
        return reads([*self.sources, *tags])


def _is_sample(path: str) -> bool:
    return any(word in path.rpartition("/")[2] for word in ("example", "sample", "template", "deploy", "dist"))
