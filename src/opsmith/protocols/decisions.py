"""What a run decided in this case, each with what decided it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opsmith.model.blueprint import Origin
from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import view


def decisions(report: RunReport) -> list[str]:
    """What was decided in this case and by what, the most telling first: start, health, data, release."""
    plan = report.blueprint
    if plan is None:
        return []
    found: list[tuple[str, str]] = []
    for service in plan.services:
        if service.command:
            found.append((f"{service.name} starts with `{service.command}`", f"services.{service.name}.command"))
        if service.probe:
            found.append((f"health of {service.name} is asked by {view.health(service)}", f"services.{service.name}.probe"))
    for backing in plan.backings:
        where = "runs beside the services" if backing.placement == "in_cluster" else "runs elsewhere"
        found.append((f"{backing.name} {where}", f"backings.{backing.name}.placement"))
    found.append((f"{plan.strategy} release", "strategy"))
    found += [(f"{build.name} is built on {build.language} {build.runtime_version}", f"builds.{build.name}.runtime_version") for build in plan.builds]
    told = [f"{what}, because {_reason(origins[0])}" for what, node in found if (origins := plan.origins.get(node, ()))]
    return list(_spread(told))


def _reason(origin: Origin) -> str:
    place = f"{origin.file}:{origin.line}" if origin.file and origin.line else origin.file or ""
    match origin.kind:
        case "fact":
            return f"of what {place} shows: {origin.text}" if place else origin.text
        case "word":
            return f"the task says {origin.text.partition(' asks for ')[0]}"
        case "setting":
            return f"the settings say {origin.text}" + (f" ({place})" if place else "")
        case "default":
            return origin.text.partition(": ")[2] or origin.text
        case "model":
            return f"a model proposed it: {origin.text}"


def _spread(told: Sequence[str]) -> Iterator[str]:
    """One of each sort before the second of any, so that ten services do not hide the database."""
    sorts = ("starts with", "is asked by", "runs ", "release", "is built")
    by_sort = [[line for line in told if sort in line] for sort in sorts]
    for rank in range(max(map(len, by_sort), default=0)):
        for lines in by_sort:
            if rank < len(lines):
                yield lines[rank]
