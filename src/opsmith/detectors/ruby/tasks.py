"""Rake tasks that prepare the database, of projects without Rails; and how tests and style are checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from opsmith.detectors.ruby.project import Project
from opsmith.detectors.ruby.syntax import Source, ancestors, arguments, arrows, literal, method, options
from opsmith.model.survey import Evidence

_PREPARES = ("db:migrate", "db:prepare", "db:setup", "db:init", "db:schema:load", "migrate", "setup_db")
_RAKEFILES = ("Rakefile", "rakefile", "Rakefile.rb")


def migration(project: Project) -> tuple[str, Evidence] | None:
    """`rake db:migrate` or what the Rakefile calls it; Hanami's own command; None when nothing is told."""
    if (gem := project.gem("hanami-db", "hanami-model")) is not None:
        return "bundle exec hanami db migrate", gem.evidence
    found = {name: evidence for source in _rakefiles(project) for name, evidence in _tasks(source)}
    chosen = next((name for name in _PREPARES if name in found), None)
    prefix = "bundle exec " if project.bundle is not None else ""
    if chosen is None:
        return None
    sure = chosen.endswith(("migrate", "prepare"))
    return f"{prefix}rake {chosen}", found[chosen] if sure else replace(found[chosen], confidence=0.5)


def _rakefiles(project: Project) -> Iterator[Source]:
    names = [project.path(name) for name in _RAKEFILES if project.has(name)]
    names += [path for folder in ("lib/tasks", "tasks", "rakelib") for path in project.repo.under(project.path(folder), ".rake", ".rb")]
    for path in names:
        data = project.repo.bytes(path) or b""
        if b"task" in data or b"sinatra/activerecord/rake" in data:
            yield Source(path, data)


def _tasks(source: Source) -> Iterator[tuple[str, Evidence]]:
    if source.holds(b"sinatra/activerecord/rake", b"standalone_migrations", b"StandaloneMigrations"):
        line = source.line_of(b"sinatra/activerecord/rake" if source.holds(b"sinatra/activerecord/rake") else b"tandalone")
        yield "db:migrate", Evidence(file=source.path, line=line, shows="tasks of sinatra-activerecord", confidence=0.85)
    for call in source.calls("task"):
        names = [literal(node) for node in arguments(call)[:1]] or [literal(key) for key, _ in arrows(call)] or list(options(call))
        spaces = [
            next((literal(node) or "" for node in arguments(item)), "")
            for item in ancestors(call)
            if item.type == "call" and method(item) == "namespace"
        ]
        if names and names[0]:
            name = ":".join([*reversed(spaces), names[0]])
            yield name, Evidence(file=source.path, line=source.line(call), shows=f"task {name}", confidence=0.85)


def test_command(project: Project) -> str | None:
    if project.lists("rspec", "rspec-rails", "rspec-core") and project.repo.under(project.path("spec"), "_spec.rb"):
        return "bundle exec rspec"
    if not project.repo.under(project.path("test"), "_test.rb", "test.rb"):
        return None
    if project.has("bin/rails"):
        return "bin/rails test"
    return "bundle exec rake test" if any(project.has(name) for name in _RAKEFILES) else None


def lint_command(project: Project) -> str | None:
    if project.lists("standard", "standardrb"):
        return "bundle exec standardrb"
    listed = project.lists("rubocop", "rubocop-rails", "rubocop-rails-omakase", "rubocop-performance", "rubocop-rspec")
    return "bundle exec rubocop" if listed else None
