"""What is deployed: a Mix project with the applications of its umbrella, or one release of several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.elixir.mix import Dependency, Project, Release, projects
from opsmith.detectors.elixir.source import Source, sources
from opsmith.repo import Repo


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unit:
    """`members` are the project itself and the applications of its umbrella that belong to the unit."""

    name: str
    project: Project
    release: Release | None
    undecided: tuple[str, ...]
    """Releases of which reading cannot tell the one to deploy."""
    members: tuple[Project, ...]
    sources: list[Source]

    @property
    def dependencies(self) -> Mapping[str, Dependency]:
        return {name: item for member in reversed(self.members) for name, item in member.dependencies.items()}

    @property
    def callback(self) -> tuple[str, int] | None:
        return next(((member.file, member.callback) for member in self.members if member.callback), None)


def units(repo: Repo) -> Iterator[Unit]:
    known = projects(repo)
    inner = {project.folder: parent for parent in known if parent.umbrella for project in known if _is_inside(project.folder, parent.umbrella)}
    needed = {item.path for project in known for item in project.dependencies.values() if item.path is not None}
    for project in known:
        if project.folder not in inner and (project.folder not in needed or project.releases):
            applications = [item for item in known if inner.get(item.folder) is project]
            yield from _units(repo, project, applications, known)


def _is_inside(folder: str, umbrella: str) -> bool:
    return folder.rpartition("/")[0] == umbrella


def _units(repo: Repo, project: Project, applications: list[Project], known: list[Project]) -> Iterator[Unit]:
    wanted = [(release, _members(release, applications)) for release in project.releases]
    if applications and len({tuple(item.folder for item in members) for _, members in wanted}) > 1:
        for release, members in wanted:
            yield _unit(repo, project, release, (), members, known, release.name)
        return
    chosen, undecided = _chosen(project)
    yield _unit(repo, project, chosen, undecided, applications, known, _name(repo, project))


def _members(release: Release, applications: list[Project]) -> list[Project]:
    """The applications that a release names, and those of the umbrella that they depend on."""
    by_app = {item.app: item for item in applications}
    pending, chosen = list(release.applications), dict[str, Project]()
    while pending:
        name = pending.pop()
        if name in by_app and name not in chosen:
            chosen[name] = by_app[name]
            pending.extend(by_app[name].dependencies)
    return [item for item in applications if item.app in chosen] or applications


def _chosen(project: Project) -> tuple[Release | None, tuple[str, ...]]:
    if not project.releases:
        return None, ()
    by_name = {release.name: release for release in project.releases}
    fixed = by_name.get(project.default_release or "") or by_name.get(project.app or "")
    if fixed is not None or len(by_name) == 1:
        return fixed or project.releases[0], ()
    return project.releases[0], tuple(by_name)


def _name(repo: Repo, project: Project) -> str:
    if project.folder:
        return project.folder.rpartition("/")[2]
    return (project.app or repo.root.name).replace("_", "-")


def _unit(
    repo: Repo, project: Project, release: Release | None, undecided: tuple[str, ...], applications: list[Project], known: list[Project], name: str
) -> Unit:
    folders = {item.folder for item in applications}
    nested = tuple(f"{other.folder}/" for other in known if other is not project and other.folder not in folders and other.folder)
    nested = tuple(folder for folder in nested if not project.folder or folder.startswith(f"{project.folder}/"))
    return Unit(
        name=name,
        project=project,
        release=release,
        undecided=undecided,
        members=(project, *applications),
        sources=sources(repo, project.folder, nested),
    )
