"""Decision records of a run: what was decided, why this, and what each other option would mean for this very system.

Only decisions that the run took, or that its task asked for. Every trade-off names services, figures or words of the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from opsmith.model.blueprint import Blueprint, Service
from opsmith.model.intent import Scale
from opsmith.model.report import RunReport
from opsmith.reports import kinds_of_files

HOURS_OF_A_NIGHTLY_BACKUP = 24
CONTINUOUS = ("web", "worker", "static")


@dataclass(frozen=True, slots=True)
class Option:
    name: str
    tradeoff: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`topic` is the question in the seeds' words, `chosen` the name of one of the options, `because` why this one."""

    topic: str
    chosen: str
    because: str
    options: tuple[Option, ...]


def decisions(report: RunReport) -> tuple[Decision, ...]:
    """In the order of the seeds' frameworks; none for a run that planned nothing that runs."""
    plan = report.blueprint
    if plan is None or not plan.services or not report.artifacts:
        return ()
    made = (_architecture(plan), _cloud(report, plan), _model(report, plan), _branching(plan), _scaling(report, plan), _recovery(report, plan))
    return tuple(one for one in made if one is not None)


def lines(report: RunReport) -> list[str]:
    return [row for one in decisions(report) for row in _record(one)]


def _record(one: Decision) -> list[str]:
    options = [f"  - {option.name}{' (chosen)' if option.name == one.chosen else ''}: {option.tradeoff}" for option in one.options]
    return [f"- {one.topic}: **{one.chosen}**, because {one.because}", *options]


# -- architecture pattern -----------------------------------------------------------------------------------------------------------


def _architecture(plan: Blueprint) -> Decision:
    names, images = [item.name for item in plan.services], len(plan.builds)
    languages = list(dict.fromkeys(build.language for build in plan.builds))
    waits = max(item.startup_seconds for item in plan.services)
    endless = [item.name for item in plan.services if item.port is None and item.schedule is None]
    state = [backing.name for backing in plan.backings]
    single = len(names) == 1
    files = [(item, build.static_dir) for item in plan.services if item.role == "static" and (build := plan.build(item.build)).static_dir]
    kept = "monolith" if single else f"{len(names)} processes from {_counted(images, 'image')}"
    functions = (
        f"{_listed(endless)} would have to end after each message"
        if endless
        else f"a cold start may take the {waits} s that {names[0]} is given to start"
    )
    if state:
        functions += f", and every instance would open its own connections to {_listed(state)}"
    released = "is released as one" if single else f"are released {'as one' if images == 1 else 'one by one'}; {_calls(plan)}"
    first = plan.services[0]
    cut = f"{first.name} has one way in ({first.command or 'the command of its image'}) and would have to be cut there"
    merged = f"{_listed(languages)} would have to be one language" if len(languages) > 1 else f"a fault in {names[-1]} would stop {names[0]}"
    if len(files) == len(names):
        return _files(plan, files)
    options = (
        Option(kept, f"{_listed(names)} {released}"),
        Option("microservices", cut) if single else Option("monolith", merged),
        Option("serverless functions", functions),
    )
    divided = _listed(dict.fromkeys(item.component for item in plan.services))
    return Decision("Architecture pattern", kept, f"the repository is divided so: {divided}", options)


def _files(plan: Blueprint, files: Sequence[tuple[Service, str]]) -> Decision:
    """A system that only serves files: the question is whether a process has to."""
    names = _listed(item.name for item, _ in files)
    routes = [f"{route.prefix or 'all but files'} to {route.service}" for item, _ in files for route in item.routes]
    handed = f"and hands {_listed(routes)}" if routes else "and answers nothing else"
    return Decision(
        "Architecture pattern",
        "web server in an image",
        f"{names} is built like every other part of `{plan.name}`",
        (
            Option("web server in an image", f"{names} serves {_listed(folder for _, folder in files)} {handed}"),
            Option(
                "files on an object store",
                f"{_listed(folder for _, folder in files)} needs no process" + (f"; {_listed(routes)} would" if routes else ""),
            ),
        ),
    )


def _calls(plan: Blueprint) -> str:
    calls = [f"{item.name} calls {_listed(item.calls)}" for item in plan.services if item.calls]
    shared = [backing.name for backing in plan.backings if len(plan.callers(backing.name)) > 1]
    return "; ".join(calls) or (f"they meet in {_listed(shared)}" if shared else "none calls another")


# -- cloud strategy -----------------------------------------------------------------------------------------------------------------


def _cloud(report: RunReport, plan: Blueprint) -> Decision | None:
    intent = report.intent
    stores = [item for item in plan.backings if item.data_path]
    if intent.cloud is None and not _runs_in_a_cluster(plan):
        return None
    data = _listed(f"{item.name} ({item.volume_size})" for item in stores)
    chosen = f"single provider: {intent.cloud}" if intent.cloud else "no provider bound"
    because = f"the task says {_words(report, 'cloud')}" if intent.cloud else "the task names none, and what was made holds no provider's resource"
    where = f"in {_listed(intent.regions)}" if intent.regions else "in a region that the task does not name"
    kinds = _listed(item.kind for item in stores)
    there = (
        f"the cluster runs {where} and keeps {data} on its volumes; a managed {kinds} would take that over" if stores else f"the cluster runs {where}"
    )
    images = _counted(len(plan.builds), "image")
    options = (
        Option(chosen if intent.cloud else "single provider", there),
        Option("no provider bound", f"somebody looks after the volumes of {data}" if stores else f"{images} without data can move"),
        Option("several providers", f"{data} replicated between them" if stores else f"{images} rolled out at each"),
    )
    return Decision("Cloud strategy", chosen, because, options)


# -- deployment model ---------------------------------------------------------------------------------------------------------------


def _model(report: RunReport, plan: Blueprint) -> Decision | None:
    if report.intent.strategy is None and not _runs_in_a_cluster(plan):
        return None
    running = [item for item in plan.services if item.role in CONTINUOUS]
    names = _listed(item.name for item in running) or plan.services[0].name
    alone = [item.name for item in running if item.singleton]
    gap = max(item.startup_seconds + item.grace_seconds for item in plan.services)
    copies = sum(item.replicas for item in running)
    memory = sum(item.replicas * _mebibytes(item.resources.memory_request) for item in running)
    migrations = [item.name for item in plan.services if item.migration]
    metrics = [slo.service for slo in plan.monitoring.slos if slo.metric] if plan.monitoring else []
    both = f"two versions of {names} answer for a moment"
    both += f", so the migration of {_listed(migrations)} must fit both" if migrations else ""
    judged = (
        f"can be judged by the request metrics of {_listed(metrics)}"
        if metrics
        else f"nothing measures requests of {names} in this plan, so no share of them could be judged"
    )
    options = (
        Option("rolling", both + (f"; {_listed(alone)} still stops first, because it may run only once" if alone else "")),
        Option("recreate", f"a gap of up to {gap} s per release (start limit plus grace period)"),
        Option("blue_green", f"{2 * copies} instances and {2 * memory} Mi of requested memory instead of {copies} and {memory} Mi during a release"),
        Option("canary", judged),
    )
    asked = report.intent.strategy
    because = f"the task says {_words(report, 'strategy')}" if asked == plan.strategy else _origin(plan, "strategy", plan.strategy)
    if asked is not None and asked != plan.strategy:
        because = (
            f"{asked.replace('_', '-')} was asked for ({_words(report, 'strategy')}) and needs a rollout controller that this plan does not hold"
        )
    return Decision("Deployment model", plan.strategy, because, options)


# -- branching strategy -------------------------------------------------------------------------------------------------------------


def _branching(plan: Blueprint) -> Decision | None:
    flow = plan.pipeline
    if flow is None:
        return None
    stages = flow.environments
    tested = [job.name for job in flow.tests if job.test_command]
    untested = [job.name for job in flow.tests if not job.test_command]
    guard = (
        f"{_listed(tested)} {'is' if len(tested) == 1 else 'are'} tested before a merge"
        if tested
        else "no component has tests that could guard the branch"
    )
    guard += f", {_listed(untested)} is not" if tested and untested else ""
    places = _listed(stages) or plan.namespace
    branches = _counted(max(len(stages), 1), "long-lived branch", "long-lived branches")
    options = (
        Option("trunk-based", f"every merge to `{flow.branch}` is a candidate for {places}; {guard}"),
        Option("a branch for each environment", f"{branches} ({places}) to merge for each release"),
        Option("GitFlow", f"`{flow.branch}` would get a develop branch and release branches beside it, for {_counted(len(plan.builds), 'image')}"),
    )
    return Decision(
        "Branching strategy", "trunk-based", f"the pipeline runs on `{flow.branch}` alone: {_origin(plan, 'pipeline.branch', flow.branch)}", options
    )


# -- scaling ------------------------------------------------------------------------------------------------------------------------


def _scaling(report: RunReport, plan: Blueprint) -> Decision | None:
    running = [item for item in plan.services if item.role in CONTINUOUS]
    if not running or not (_runs_in_a_cluster(plan) or _is_sized(report.intent.scale)):
        return None
    scaled = [(item.name, item.scaling) for item in running if item.scaling]
    asked = report.intent.scale
    chosen = "horizontal, automatic" if scaled else "fixed number of instances"
    copies = _listed(f"{item.name} {item.replicas}" for item in running)
    alone = [item.name for item in running if item.singleton]
    first = running[0]
    bounds = _listed(f"{name} {bound.minimum} to {bound.maximum}" for name, bound in scaled)
    named = f"up to {asked.max_replicas} as the task says" if asked.max_replicas else "no highest number is named in the task"
    limit = bounds if scaled else named
    load = _load(asked.concurrent_users, asked.requests_per_second)
    options = (
        Option(
            "fixed number of instances",
            f"{copies}; {load} is met by these or not at all" if load else f"{copies}; the task names no load to size them by",
        ),
        Option(
            "horizontal, automatic",
            f"{limit}; measured against the {first.resources.cpu_request} CPU that {first.name} requests"
            + (f"; {_listed(alone)} may run only once" if alone else ""),
        ),
        Option("vertical", f"{first.name} ends at {first.resources.cpu_limit} CPU and {first.resources.memory_limit}, and restarts to grow"),
    )
    because = f"{first.name} has {_origin(plan, f'services.{first.name}.replicas')}"
    if scaled:
        names = ("max_replicas", "concurrent_users", "requests_per_second")
        said = next((f"scale.{name}" for name in names if getattr(asked, name) is not None), "scale")
        because = f"the task says {_words(report, said)}"
    elif asked.max_replicas:
        because = f"this plan holds no autoscaler, although the task says {_words(report, 'scale.max_replicas')}"
    return Decision("Scaling", chosen, because, options)


def _load(users: int | None, rate: float | None) -> str:
    return f"{users} concurrent users" if users else f"{rate:g} requests per second" if rate else ""


# -- disaster recovery --------------------------------------------------------------------------------------------------------------


def _recovery(report: RunReport, plan: Blueprint) -> Decision | None:
    want = report.intent.recovery
    stores = [item for item in plan.backings if item.data_path]
    asked = want.rto_minutes is not None or want.rpo_minutes is not None or bool(want.multi_region)
    if not asked and not stores:
        return None
    made = [item.path for item in report.artifacts if item.target in kinds_of_files.BACKUPS]
    failover = [item.path for item in report.artifacts if item.target == "failover"]
    data = _listed(f"{item.name} ({item.volume_size})" for item in stores) or "no volume of this system"
    chosen = "standby in a second region" if failover else "backup and restore" if made else "rebuild from images and manifests"
    limits = [f"{name} {value:g} minutes" for name, value in (("RTO", want.rto_minutes), ("RPO", want.rpo_minutes)) if value is not None]
    told = f"the task asks for {_listed(limits)}" if limits else "the task names neither RTO nor RPO"
    because = f"{_listed(made or failover)} was made; {told}" if made or failover else f"no backup was asked for; {told}"
    nightly = HOURS_OF_A_NIGHTLY_BACKUP * 60
    second = _listed(report.intent.regions[1:]) or "a second region"
    short = want.rpo_minutes is not None and want.rpo_minutes < nightly
    options = (
        Option("rebuild from images and manifests", f"loses what lies on {data}"),
        Option(
            "backup and restore",
            f"a nightly copy of {data} loses up to {HOURS_OF_A_NIGHTLY_BACKUP} h"
            + (f", more than the {want.rpo_minutes:g} minutes allowed" if short else ""),
        ),
        Option("standby in a second region", f"{second} would run {_counted(len(plan.services), 'service')} and a replica of {data} all the time"),
    )
    return Decision("Disaster recovery", chosen, because, options)


# -- words --------------------------------------------------------------------------------------------------------------------------


def _runs_in_a_cluster(plan: Blueprint) -> bool:
    return any(name in kinds_of_files.CLUSTERS for name in plan.targets)


def _is_sized(scale: Scale) -> bool:
    return scale != Scale()


def _words(report: RunReport, field: str) -> str:
    return next((f'"{" ".join(one.words.split())}"' for one in report.intent.understood if one.sets == field), "so")


def _origin(plan: Blueprint, node: str, value: str = "") -> str:
    found = plan.origins.get(node, ())
    return found[0].text.removeprefix(f"{value}: ") if found else "the plan has it so"


def _mebibytes(quantity: str) -> int:
    found = re.fullmatch(r"(\d+)(Mi|Gi)", quantity)
    return int(found[1]) * (1024 if found[2] == "Gi" else 1) if found else 0


def _counted(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def _listed(names: Iterable[str]) -> str:
    items = [str(name) for name in names]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
