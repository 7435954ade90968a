"""One image for each group of components that are built from the same folder in the same way."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith import conventions
from opsmith.model.blueprint import Build
from opsmith.model.survey import Component, Survey
from opsmith.settings import Settings
from opsmith.stages.draft import versions
from opsmith.stages.draft.notes import Notes
from opsmith.stages.draft.placeholders import placeholders

RUN_FIRST = ("web", "static", "worker", "job", "cron")


def builds(
    components: tuple[Component, ...], survey: Survey, registry: str, settings: Settings, notes: Notes
) -> tuple[tuple[Build, ...], dict[str, Build]]:
    """Images in the order of their components, and by component the one that it runs from.

    A component whose language has no image recipe is an open point and gets none.
    """
    groups: dict[tuple[str, str, bool, str | None], list[Component]] = {}
    for item in components:
        if item.language_family not in versions.RUNTIMES:
            notes.open(f"{item.name}: opsmith builds no {item.language_family} images yet")
            continue
        # Node projects of one folder may be built by different commands; Python has nothing to tell apart, and Go builds several programs at once.
        command = item.build_command if item.language_family == "node" else None
        groups.setdefault((item.path, item.language_family, item.role == "static", command), []).append(item)
    taken: set[str] = set()
    made: list[Build] = []
    of: dict[str, Build] = {}
    for group in groups.values():
        made.append(_build(group, survey, len(groups), registry, taken, settings, notes))
        of |= {item.name: made[-1] for item in group}
    return tuple(made), of


def _build(group: list[Component], survey: Survey, count: int, registry: str, taken: set[str], settings: Settings, notes: Notes) -> Build:
    lead = min(group, key=lambda item: (RUN_FIRST.index(item.role), item.name))
    name = conventions.dns_label(lead.name)
    node = f"builds.{name}"
    language = lead.language_family
    version, why = versions.resolve(language, lead.runtime.version if lead.runtime else None)
    notes.fact(f"{node}.runtime_version", lead, "runtime")
    notes.default(f"{node}.runtime_version", why)
    if "no image is pinned" in why:
        notes.open(
            f"{lead.name}: {why}, which no longer gets security fixes or is not known; test with it or set components.{lead.name}.runtime_version"
        )
    for fact in (
        "install_command",
        "build_command",
        "package_manager",
        "static_dir",
        "manifests",
        "server_packages",
        "build_packages",
        "runtime_packages",
    ):
        notes.fact(f"{node}.{fact}", lead, fact)
    reference = f"{registry}/{name}" if count > 1 else registry
    notes.default(f"{node}.reference", f"tag {settings['version']}: the first release; the pipeline sets later ones")
    user, why_user = _user(lead)
    notes.default(f"{node}.user", why_user)
    return Build(
        name=name,
        reference=f"{reference}:{settings['version']}",
        dockerfile=_dockerfile(lead, taken),
        context=lead.build_context,
        path=lead.path,
        language=language,
        framework=lead.framework,
        package_manager=lead.package_manager,
        runtime_version=".".join(map(str, version)),
        install_command=lead.install_command,
        build_command=lead.build_command,
        static_dir=(lead.static_dir or "dist") if lead.role == "static" else None,
        manifests=_union(item.manifests for item in group),
        server_packages=_union(item.server_packages for item in group),
        build_packages=_union(item.build_packages for item in group),
        runtime_packages=_union(item.runtime_packages for item in group),
        traits=_traits(group),
        programs=_programs(group, survey) if language == "go" else (),
        build_variables=_build_variables(lead, settings, f"{node}.build_command", notes),
        user=user,
    )


def _build_variables(lead: Component, settings: Settings, node: str, notes: Notes) -> tuple[tuple[str, str], ...]:
    made = placeholders(lead)
    if made:
        notes.default(node, f"placeholders for {', '.join(made)}: the settings ask for them, and what is collected does not depend on them")
    told = {str(name): str(value) for name, value in settings["build_variables"].items()}
    return tuple(sorted((made | told).items()))


def _programs(group: list[Component], survey: Survey) -> tuple[tuple[str, str], ...]:
    """Each Go program that the image holds, with the package it is built from: those that run, and those that migrate for them."""
    wanted = {_program(command) for item in group for command in (item.start_command, item.migration_command) if command}
    beside = [item for item in survey.components if item.path == group[0].path and item.language == "go"]
    found = {_program(item.start_command): _package(item.build_command) for item in beside if item.start_command}
    return tuple((name, package) for name, package in found.items() if name in wanted)


def _program(command: str) -> str:
    return command.split()[0].rpartition("/")[2]


def _package(command: str | None) -> str:
    """The package that a `go build` command names; the folder itself where it names none."""
    words = [word for word in (command or "").split() if word == "." or word.startswith("./")]
    return words[-1] if words else "."


def _dockerfile(lead: Component, taken: set[str]) -> str:
    """Where the Dockerfile goes: beside the code; a second one in a folder carries its component's name."""
    plain = f"{lead.path}/Dockerfile" if lead.path else "Dockerfile"
    path = plain if plain not in taken else f"{plain}.{conventions.dns_label(lead.name)}"
    taken.add(path)
    return path


def _user(lead: Component) -> tuple[int, str]:
    if lead.language_family == "go":
        return conventions.DISTROLESS_USER, "65532: the user `nonroot` of the distroless image"
    return conventions.APP_USER, "10001: no user of the host, so a process that escapes is nobody"


def _traits(group: list[Component]) -> tuple[str, ...]:
    migrates = ("migrates",) if any(item.migration_command for item in group) else ()
    return (*_union(item.traits for item in group), *migrates)


def _union(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for part in lists for item in part))
