"""Processes beside the web server: job runners, consumers, schedulers. Each is a worker of the same code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from opsmith.detectors.ruby.project import Project
from opsmith.detectors.ruby.syntax import Source, ancestors, arguments, literal, method, receiver, shown, text
from opsmith.detectors.services import is_secret
from opsmith.model.survey import EnvVar, Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

_JOB_CLASS = re.compile(rb"include\s+(?:::)?Sidekiq::(?:Job|Worker)\b")
_ADAPTER = re.compile(rb"queue_adapter\s*(?:=|,)?\s*[:\"'](\w+)")
_ASYNC = re.compile(rb"execution_mode\s*=\s*[:\"']async")
_NO_WORKERS = frozenset(("web", "release", "console", "postdeploy", "js", "css", "assets", "vite", "webpack", "webpacker", "frontend", "client"))
_OTHERS = re.compile(r"(?:redis-server|postgres|memcached|mailcatcher|mailhog|elasticsearch|docker|yarn|npm|npx|bin/vite|bin/webpack|ngrok|guard)\b")
"""Servers of development and front ends that are built, not run."""
_PROCFILES = ("Procfile", "Procfile.production", "Procfile.prod")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`env` are variables that the command itself reads; `singleton`: a second one would do everything twice."""

    name: str
    command: str
    evidence: Evidence
    role: Literal["worker", "cron"] = "worker"
    env: tuple[EnvVar, ...] = ()
    singleton: bool = False
    traits: tuple[str, ...] = ()


def processes(project: Project, *, rails: bool) -> tuple[Process, ...]:
    """What runs beside the web server: as a Procfile tells it, else as the gems and their settings suggest."""
    told = [process for process in procfile(project) if process.name not in _NO_WORKERS and not _OTHERS.match(process.command)]
    if told:
        return tuple(told)
    return (*_sidekiq(project, rails=rails), *_queues(project), *_consumers(project), *_schedulers(project))


def procfile(project: Project) -> Iterator[Process]:
    file = project.first(*_PROCFILES)
    rows = (project.repo.read(project.path(file)) or "").splitlines() if file else []
    for number, row in enumerate(rows, start=1):
        match = re.match(r"^([A-Za-z][\w-]{0,40}):\s*(\S.{0,400})$", row)
        if match and file:
            evidence = Evidence(file=project.path(file), line=number, shows=f"process type {match[1]}: {match[2]}", confidence=0.9)
            env, command = _apart(match[2].strip())
            yield Process(name=match[1], command=command, evidence=evidence, env=env)


def _apart(command: str) -> tuple[tuple[EnvVar, ...], str]:
    """`A=1 program` as the variable and the program."""
    env: list[EnvVar] = []
    while (match := re.match(r"(?:env\s+)?([A-Z_][A-Z0-9_]*)=([\w.*,:/-]+)\s+(?=\S)", command)) is not None:
        env.append(EnvVar(name=match[1], required=True, secret=is_secret(match[1]), default=match[2]))
        command = command[match.end() :]
    return tuple(env), command


def _adapters(project: Project) -> set[str]:
    """The ActiveJob backends that settings for production name."""
    return {match[1].decode() for source in project.marked(b"queue_adapter") for match in _ADAPTER.finditer(source.data)}


# -- Sidekiq -------------------------------------------------------------------------------------------------------------------------------


def _sidekiq(project: Project, *, rails: bool) -> Iterator[Process]:
    gem = project.gem("sidekiq", "sidekiq-pro", "sidekiq-ent")
    if gem is None:
        return
    jobs = [source for source in project.marked(b"Sidekiq::") if _JOB_CLASS.search(source.data)]
    file = project.first("config/sidekiq.yml", "sidekiq.yml", "config/sidekiq.yml.erb")
    if not jobs and file is None and "sidekiq" not in _adapters(project):
        return
    options = f" -C {file}" if file else ""
    boot = "" if rails else _boot_file(project, jobs)
    shows = Evidence(file=jobs[0].path, line=jobs[0].line_of(b"Sidekiq::"), shows="a job of Sidekiq", confidence=0.9) if jobs else gem.evidence
    yield Process(name="sidekiq", command=f"bundle exec sidekiq{f' -r ./{boot}' if boot else ''}{options}", evidence=shows)


def _boot_file(project: Project, jobs: list[Source]) -> str:
    """The file that loads every job: the only job itself, else a boot file, else the application."""
    if len(jobs) == 1:
        return project.relative(jobs[0].path)
    names = (
        "config/environment.rb",
        "config/boot.rb",
        "boot.rb",
        "config/application.rb",
        "app.rb",
        "environment.rb",
        "worker.rb",
        "workers.rb",
        "server.rb",
    )
    return project.first(*names) or next((project.relative(job.path) for job in jobs), "")


# -- other queues ----------------------------------------------------------------------------------------------------------------------------


def _queues(project: Project) -> Iterator[Process]:
    adapters = _adapters(project)
    if (gem := project.gem("solid_queue")) is not None and ("solid_queue" in adapters or project.has("config/queue.yml")):
        command = "bin/jobs" if project.has("bin/jobs") else "bundle exec rake solid_queue:start"
        yield Process(name="jobs", command=command, evidence=_where(project, b"solid_queue") or gem.evidence)
    if (gem := project.gem("good_job")) is not None and not any(_ASYNC.search(source.data) for source in project.marked(b"execution_mode")):
        yield Process(name="good-job", command="bundle exec good_job start", evidence=_where(project, b"good_job") or gem.evidence)
    if (gem := project.gem("resque")) is not None:
        queues = EnvVar(name="QUEUE", required=True, default="*")
        yield Process(name="resque", command="bundle exec rake resque:work", evidence=gem.evidence, env=(queues,))
    if (gem := project.gem("delayed_job", "delayed_job_active_record", "delayed_job_mongoid")) is not None:
        command = "bin/delayed_job run" if project.has("bin/delayed_job") else "bundle exec rake jobs:work"
        yield Process(name="delayed-job", command=command, evidence=gem.evidence)
    if (gem := project.gem("que")) is not None:
        yield Process(name="que", command="bundle exec que", evidence=gem.evidence)


def _where(project: Project, adapter: bytes) -> Evidence | None:
    for source in project.marked(b"queue_adapter"):
        for match in _ADAPTER.finditer(source.data):
            if match[1] == adapter:
                line = source.data.count(b"\n", 0, match.start()) + 1
                return Evidence(file=source.path, line=line, shows=match[0].decode(), confidence=0.9)
    return None


# -- consumers of messages -------------------------------------------------------------------------------------------------------------------


def _consumers(project: Project) -> Iterator[Process]:
    if project.has("karafka.rb") and (gem := project.gem("karafka")) is not None:
        yield Process(name="karafka", command="bundle exec karafka server", evidence=gem.evidence)
    if (gem := project.gem("sneakers", "kicks")) is not None and any(project.marked(b"Sneakers::Worker")):
        yield Process(name="sneakers", command="bundle exec rake sneakers:run", evidence=gem.evidence)
    if (gem := project.gem("hutch")) is not None:
        yield Process(name="hutch", command="bundle exec hutch", evidence=gem.evidence)
    if (gem := project.gem("shoryuken")) is not None:
        file = project.first("config/shoryuken.yml")
        yield Process(name="shoryuken", command=f"bundle exec shoryuken -R{f' -C {file}' if file else ''}", evidence=gem.evidence)
    for source in project.marked(b"Racecar::Consumer"):
        for name in re.findall(rb"class\s+(\w+)\s*<\s*(?:::)?Racecar::Consumer", source.data):
            shows = Evidence(file=source.path, line=source.line_of(name), shows=f"class {name.decode()} < Racecar::Consumer", confidence=0.9)
            yield Process(name=_dashed(name.decode()), command=f"bundle exec racecar {name.decode()}", evidence=shows)


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


# -- schedulers ------------------------------------------------------------------------------------------------------------------------------


def _schedulers(project: Project) -> Iterator[Process]:
    """A scheduler that runs inside a worker (sidekiq-cron, good_job's cron, Solid Queue's recurring tasks) is no process of its own."""
    if (gem := project.gem("resque-scheduler")) is not None:
        yield Process(name="resque-scheduler", command="bundle exec rake resque:scheduler", evidence=gem.evidence, singleton=True)
    file = project.first("clock.rb", "config/clock.rb", "lib/clock.rb", "app/clock.rb")
    if file is not None and (gem := project.gem("clockwork")) is not None:
        yield Process(name="clock", command=f"bundle exec clockwork {file}", evidence=gem.evidence, singleton=True)
    yield from _whenever(project)


_EVERY = {
    "minute": "* * * * *", "hour": "0 * * * *", "day": "0 0 * * *", "week": "0 0 * * 0", "month": "0 0 1 * *", "year": "0 0 1 1 *",
    "1.minute": "* * * * *", "1.hour": "0 * * * *", "1.day": "0 0 * * *", "1.week": "0 0 * * 0", "1.month": "0 0 1 * *", "1.year": "0 0 1 1 *",
}  # fmt: skip


def _whenever(project: Project) -> Iterator[Process]:
    """Each job of config/schedule.rb: whenever would write it to a crontab, which no container has."""
    source = project.source("config/schedule.rb")
    if source is None or not project.lists("whenever"):
        return
    for call in source.calls("rake", "runner", "command", "rails"):
        given = [literal(node) for node in arguments(call)[:1]]
        outer = next((node for node in ancestors(call) if node.type == "call" and method(node) == "every"), None)
        if receiver(call) or outer is None or not given or not given[0] or "\n" in given[0]:
            continue
        schedule = _schedule(arguments(outer)[:1])
        command = {"rake": f"bundle exec rake {given[0]}", "rails": f"bin/rails {given[0]}", "command": given[0]}.get(
            method(call), f"bin/rails runner {shlex.quote(given[0])}"
        )
        name = re.sub(r"[^a-z0-9]+", "-", _dashed(given[0])).strip("-")[:40].rstrip("-") or "task"
        shows = Evidence(file=source.path, line=source.line(call), shows=f"{shown(call)}, every {shown(arguments(outer)[0])}", confidence=0.85)
        yield Process(name=name, command=command, evidence=shows, role="cron", traits=(f"schedule:{schedule}",) if schedule else ())


def _schedule(given: list[Node]) -> str | None:
    """The times as cron writes them; None where whenever's words say more than a table can."""
    for node in given:
        written = text(node)
        value = literal(node) or written
        if re.fullmatch(r"[\d*/,-]+( [\d*/,A-Za-z-]+){4}", value):
            return value
        if match := re.fullmatch(r"(\d{1,2})\.(minute|hour)s?", written):
            every = int(match[1])
            return None if not every else f"*/{every} * * * *" if match[2] == "minute" else f"0 */{every} * * *"
        return _EVERY.get(value.rstrip("s"))
    return None
