"""Survey: what the repository is."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from opsmith import catalog
from opsmith.detectors.existing import existing
from opsmith.detectors.unrecognised import tell_unrecognised
from opsmith.errors import DeliveryError, SettingsError
from opsmith.model.survey import Component, Survey
from opsmith.repo import Repo
from opsmith.settings import FILE_NAME, Settings
from opsmith.stages.delivery.places import OWN
from opsmith.stages.deployment import compared
from opsmith.stages.relations import related


def survey(root: Path, settings: Settings, tree: Repo | None = None) -> Survey:
    """Look at every file that matters below `root`. Raises RepositoryError when there is nothing to look at.

    `tree` is the repository, where something else looks at it, too: then nothing is read twice.
    """
    repo = (tree or Repo(root, ignore=settings["ignore"])).without(_delivered(root))
    found = [component for detector in catalog.detectors() for component in detector.detect(repo)]
    tell_unrecognised(repo)
    told = compared(repo, _named(found), existing(repo))
    named = related(repo, told.components)
    _require_known(settings, named)
    components = _overridden(named, settings)
    names = {item.name: kept.name for item in named if (kept := settings.override(item)) is not None}
    return Survey(
        root=str(repo.root),
        components=components,
        existing=tuple(dataclasses.replace(item, component=names.get(item.component or "")) for item in told.existing),
        ambiguities=tuple(item for component in components for item in component.ambiguities),
        problems=tuple(repo.problems),
        findings=told.findings,
        remote=_remote(root),
        default_branch=_default_branch(root),
    )


def _overridden(named: Iterable[Component], settings: Settings) -> tuple[Component, ...]:
    """With what opsmith.yaml says; who calls a component that it renames, calls it by its new name."""
    kept = {component.name: settled for component in named if (settled := settings.override(component)) is not None}
    names = {name: settled.name for name, settled in kept.items()}
    return tuple(dataclasses.replace(item, depends_on=tuple(names.get(other, other) for other in item.depends_on)) for item in kept.values())


def _delivered(root: Path) -> tuple[str, ...]:
    """What opsmith wrote tells nothing of the repository that the repository does not tell itself, and must not talk the next plan round."""
    if not os.path.lexists(os.path.join(root, OWN)):
        return ()
    from opsmith.stages.deliver import remembered
    from opsmith.stages.delivery import journal

    try:
        state = remembered(root.resolve(), journal.pending(root.resolve()))
    except (DeliveryError, OSError):
        return ()  # told when something is to be delivered
    return (*state.files, *(offer.at for offer in state.offers.values()))


def _named(components: Iterable[Component]) -> list[Component]:
    """Sorted by folder, then web before others and documentation last; names made unique by their folder, then by a number."""
    order = ("web", "static", "worker", "cron", "job", "cli", "library")
    ranked = sorted(components, key=lambda item: (item.path, "documentation" in item.traits, order.index(item.role), item.name))
    taken: set[str] = set()
    result: list[Component] = []
    for component in ranked:
        name = component.name
        if name in taken and component.path:
            name = f"{component.path.rpartition('/')[2]}-{name}"
        number = 2
        base = name
        while name in taken:
            name = f"{base}-{number}"
            number += 1
        taken.add(name)
        result.append(component if name == component.name else _renamed(component, name))
    return result


def _renamed(component: Component, name: str) -> Component:
    """Its open questions, too, are asked under the new name: that is the one that opsmith.yaml may use."""
    old, new = f"components.{component.name}.", f"components.{name}."
    asked = tuple(dataclasses.replace(item, component=name, how_to_decide=item.how_to_decide.replace(old, new)) for item in component.ambiguities)
    return dataclasses.replace(component, name=name, ambiguities=asked)


def _require_known(settings: Settings, components: Iterable[Component]) -> None:
    """opsmith.yaml speaks only of components that are there; a typo would otherwise change nothing, silently."""
    names = [component.name for component in components]
    for wanted in settings.components:
        if wanted not in names:
            raise _no_component(FILE_NAME, wanted, names, "components.{}")
    kept = _called(settings, names)
    for name, told in settings.components.items():
        for wanted in told.get("depends_on", ()):
            if wanted not in kept:
                raise _no_component(settings.source(f"components.{name}.depends_on") or FILE_NAME, wanted, kept, "{}")


def _called(settings: Settings, names: list[str]) -> list[str]:
    """What the components that stay are called from here on."""
    told = {name: settings.components.get(name, {}) for name in names}
    kept = [str(told[name].get("name", name)) for name in names if not told[name].get("skip")]
    for name in names:
        if "name" in told[name] and kept.count(wanted := told[name]["name"]) > 1:
            raise SettingsError(f"{settings.source(f'components.{name}.name')}: another component is called `{wanted}` already.")
    return kept


def _no_component(source: str, wanted: str, names: list[str], shown: str) -> SettingsError:
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
    hint = f"did you mean {shown.format(near[0])}?" if near else f"there are: {', '.join(names) or 'none'}"
    return SettingsError(f"{source}: there is no component `{wanted}`.", next_step=hint)


def _git_file(root: Path, name: str) -> str:
    """The start of a file of git's; "" for what is no regular file, or lies elsewhere: a link may lead to anything, a pipe never ends."""
    place = os.path.join(os.path.realpath(root), ".git", name)
    if os.path.realpath(place) != place:
        return ""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        data = os.read(descriptor, 64 * 1024) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return data.decode("utf-8", "replace")


def _remote(root: Path) -> str | None:
    """owner/name of the remote `origin`; the address itself may hold a token and is not kept."""
    section = _git_file(root, "config").partition('[remote "origin"]')[2].partition("\n[")[0]
    match = re.search(r"url\s*=\s*\S*?[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?\s*$", section, re.MULTILINE)
    return match[1].lower() if match else None


def _default_branch(root: Path) -> str | None:
    for name in ("refs/remotes/origin/HEAD", "HEAD"):
        match = re.search(r"ref: refs/(?:remotes/origin|heads)/(\S+)", _git_file(root, name))
        if match:
            return match[1]
    return None
