"""Draft: survey and intent become the one blueprint, every value with its origin."""

from __future__ import annotations

from collections.abc import Mapping

from opsmith import conventions
from opsmith.errors import RepositoryError
from opsmith.model.blueprint import Blueprint, Build, Secret, Service
from opsmith.model.intent import Intent
from opsmith.model.survey import Component, Survey
from opsmith.settings import Settings
from opsmith.stages.draft.backing import Backings, backings
from opsmith.stages.draft.builds import builds
from opsmith.stages.draft.environments import environments
from opsmith.stages.draft.monitoring import monitoring
from opsmith.stages.draft.notes import Notes
from opsmith.stages.draft.pipeline import pipeline
from opsmith.stages.draft.services import services
from opsmith.stages.draft.soundness import require_sound
from opsmith.stages.draft.targets import strategy, targets


def draft(survey: Survey, intent: Intent, settings: Settings) -> Blueprint:
    """The plan for what `intent` asks of what `survey` found; `settings` overrule both.

    Raises RepositoryError where nothing of it has an image recipe.
    """
    notes = Notes(settings)
    name = system_name(survey, settings, notes)
    chosen = targets(intent, settings, notes)
    components = deployables(survey, intent, notes)
    registry = _registry(name, survey, settings, notes)
    made, built = builds(components, survey, registry, settings, notes)
    _require_images(components, built)
    components = tuple(item for item in components if item.name in built)  # nothing is laid out around what cannot run
    behind = backings(components, settings, notes)
    ours = services(components, built, behind, intent, settings, notes)
    watched = monitoring(ours, behind.all, components, chosen, intent, settings, notes)
    namespace = str(settings["namespace"] or name)
    places = environments(ours, chosen, namespace, intent, notes)
    flow = pipeline(components, ours, chosen, places, survey, intent, settings, notes)
    _note_ambiguities(survey, notes)
    blueprint = Blueprint(
        name=name,
        namespace=namespace,
        targets=chosen,
        strategy=strategy(intent, notes),
        builds=made,
        services=ours,
        backings=behind.all,
        secrets=_secrets(ours, behind),
        settings=_settings(ours),
        monitoring=watched,
        pipeline=flow,
        registry=registry,
        ingress_namespace=settings["ingress_namespace"],
        environments=places,
        open_points=notes.open_points,
        origins=notes.origins,
    )
    require_sound(blueprint)
    return blueprint


def _require_images(components: tuple[Component, ...], built: Mapping[str, Build]) -> None:
    if components and not built:
        raise RepositoryError(
            f"opsmith builds no images for {', '.join(sorted({item.language for item in components}))} yet, "
            f"and nothing else runs here: {', '.join(item.name for item in components)}.",
            why="survey and assess know more stacks than run.",
            next_step="opsmith assess PATH-TO-THE-REPOSITORY",
        )


def system_name(survey: Survey, settings: Settings, notes: Notes) -> str:
    if settings["name"]:
        notes.setting("name", "name", f"the system is called {settings['name']}")
        return conventions.dns_label(settings["name"])
    told = survey.remote.partition("/")[2] if survey.remote else survey.root.rstrip("/").rpartition("/")[2]
    name = conventions.dns_label(told or "app")
    notes.default("name", f"the system is called {name}, after the {'git remote' if survey.remote else 'folder'}")
    return name


def deployables(survey: Survey, intent: Intent, notes: Notes) -> tuple[Component, ...]:
    """The components that run somewhere; libraries, command line tools and what the task does not name are told, not delivered.

    Documentation beside a system is published elsewhere as a rule, so it counts when it is named, or when there is nothing else.
    """
    programs = tuple(item for item in survey.components if item.role not in ("library", "cli"))
    running = tuple(item for item in programs if "documentation" not in item.traits or _is_named(item, intent)) or programs
    for item in survey.components:
        if item in programs and item not in running:
            notes.open(f"{item.name} ({item.path or '.'}) is documentation and is left out; name it in the task to deliver it, too")
        elif item not in programs:
            notes.open(f"{item.name} ({item.path or '.'}) looks like a {item.role} and gets no image; set components.{item.name}.role to change that")
    named = tuple(item for item in running if _is_named(item, intent))
    if not named:
        return running
    needed = {edge for item in named for edge in item.depends_on}
    return tuple(item for item in running if item in named or item.name in needed or any(item.path == other.path for other in named))


def _is_named(item: Component, intent: Intent) -> bool:
    return any(_same_name(item.name, wanted) for wanted in intent.components)


def _same_name(name: str, wanted: str) -> bool:
    def plain(text: str) -> str:
        return conventions.dns_label(text).removesuffix("-service").removesuffix("-svc").replace("-", "")

    return plain(name) == plain(wanted)


def _registry(name: str, survey: Survey, settings: Settings, notes: Notes) -> str:
    if settings["registry"]:
        notes.setting("registry", "registry", f"images go to {settings['registry']}")
        return str(settings["registry"]).rstrip("/")
    if survey.remote:
        registry = f"ghcr.io/{survey.remote}"
        notes.default("registry", f"images go to {registry}, the registry that belongs to the git remote")
        return registry
    registry = f"ghcr.io/example/{name}"
    notes.default("registry", f"images go to {registry} because no git remote tells an owner")
    notes.open("registry: no git remote tells who owns the images; set `registry:` in opsmith.yaml")
    return registry


def _secrets(ours: tuple[Service, ...], behind: Backings) -> tuple[Secret, ...]:
    keys: dict[str, set[str]] = {}
    variables = [variable for service in ours for variable in service.variables] + [
        variable for backing in behind.all for variable in backing.variables
    ]
    for variable in variables:
        if variable.secret and variable.key:
            keys.setdefault(variable.secret, set()).add(variable.key)
    return tuple(Secret(name=name, keys=tuple(sorted(found))) for name, found in sorted(keys.items()))


def _settings(ours: tuple[Service, ...]) -> tuple[Secret, ...]:
    unset = {service.name: tuple(sorted(item.name for item in service.variables if item.kind == "unset")) for service in ours}
    return tuple(Secret(name=conventions.settings_name(name), keys=keys) for name, keys in unset.items() if keys)


def _note_ambiguities(survey: Survey, notes: Notes) -> None:
    """A port that nothing tells is told with what the service lacks for it."""
    for item in survey.ambiguities:
        if item.fact != "ports" or item.choices:
            notes.open(f"{item.component}.{item.fact}: {' or '.join(item.choices[:4]) or 'not certain'}; {item.how_to_decide}")
