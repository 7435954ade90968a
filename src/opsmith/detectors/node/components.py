"""Every component that is a program on Node or Bun, or a page built by one."""

from __future__ import annotations

from opsmith.detectors.javascript.facts import label
from opsmith.detectors.node.calls import with_calls
from opsmith.detectors.node.component import component
from opsmith.detectors.node.deployables import Deployable, deployables
from opsmith.detectors.node.packages import read_packages
from opsmith.detectors.node.proxies import with_proxies
from opsmith.detectors.node.workers import workers_of
from opsmith.model.survey import Component
from opsmith.repo import Repo


def components(repo: Repo) -> list[Component]:
    found = deployables(repo, read_packages(repo))
    names = _names(repo, found)
    made = [with_proxies(repo, item, component(repo, item, name)) for item, name in zip(found, names, strict=True)]
    linked = with_calls(repo, list(zip(found, made, strict=True)))
    return [other for item, one in zip(found, linked, strict=True) for other in (one, *workers_of(repo, item, one))]


def _names(repo: Repo, found: list[Deployable]) -> list[str]:
    """The folder's name, at the root the package's; longer where two would be the same."""
    short = [_name(repo, item) for item in found]
    return [name if short.count(name) == 1 else label(item.package.path.replace("/", "-") or name) for name, item in zip(short, found, strict=True)]


def _name(repo: Repo, item: Deployable) -> str:
    if item.project is not None:
        return label(item.project)
    folder = item.package.path.rpartition("/")[2]
    generic = ("src", "app", "source", "code")
    if folder in generic and "/" in item.package.path:
        folder = item.package.path.split("/")[-2]
    return label(folder or item.package.name.rpartition("/")[2] or repo.root.resolve().name)
