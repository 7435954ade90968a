"""Further processes of the same code: the worker scripts of a package."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from opsmith.detectors.node.commands import script_line
from opsmith.detectors.node.deployables import Deployable
from opsmith.detectors.node.manager import manager_of
from opsmith.detectors.node.scripts import direct, flatten, workers
from opsmith.model.survey import Component, Evidence
from opsmith.repo import Repo


def workers_of(repo: Repo, item: Deployable, web: Component) -> Iterator[Component]:
    """One component for each worker script, with the facts of `web` apart from what makes it reachable."""
    if item.role != "web" or item.project is not None:
        return
    manager = manager_of(repo, item.package).value
    taken = item.starts[0].script if item.starts else ""
    for word, script in workers(item.package, taken):
        body = item.package.scripts[script]
        command = direct(repo, item.package, item.own, flatten(item.package, body)) or manager.run(script)
        if command == web.start_command:
            continue
        evidence = {
            key: value
            for key, value in web.evidence.items()
            if key not in ("ports", "health_path", "metrics_path", "request_metric", "migration_command")
        }
        evidence["start_command"] = (Evidence(file=item.package.file, line=script_line(repo, item.package, script), shows=body, confidence=0.85),)
        yield replace(
            web, name=f"{web.name}-{word}", role="worker", start_command=command, ports=(), port_env=None, protocol=None, health_path=None,
            metrics_path=None, request_metric=None, migration_command=None, evidence=evidence, ambiguities=(),
        )  # fmt: skip
