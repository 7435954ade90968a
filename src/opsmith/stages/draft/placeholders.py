"""What a build step that imports the settings has to be given: they ask for variables that the step itself makes no use of."""

from __future__ import annotations

from opsmith import conventions
from opsmith.engines import ENGINES, Engine
from opsmith.model.survey import Component, EnvVar
from opsmith.stages.draft.backing import filled, kind_of, role_of
from opsmith.stages.draft.soundness import WORD
from opsmith.stages.draft.variables import HOSTS, MODES

_VALUE = "build-only"


def placeholders(item: Component) -> dict[str, str]:
    """A value for each variable without which a framework does not load its settings as it will in production; nothing of it stays in the image."""
    if "django-static" not in item.traits and not _loads_settings(item):
        return {}
    asked = (variable for variable in item.env if variable.required or variable.name in MODES or conventions.SIGNING_KEY.fullmatch(variable.name))
    return {variable.name: _placeholder(variable, item) for variable in asked if WORD.fullmatch(variable.name)}


def _loads_settings(item: Component) -> bool:
    return "symfony" in item.traits or ("rails" in item.traits and "assets:precompile" in (item.build_command or ""))


def _placeholder(variable: EnvVar, item: Component) -> str:
    if variable.name in MODES:
        return MODES[variable.name]
    if variable.default and not variable.secret and WORD.fullmatch(variable.default):
        return variable.default
    engines = [ENGINES[kind] for service in item.backing_services if variable.name in service.env and (kind := kind_of(service)) in ENGINES]
    if engines and (told := _of_engine(variable.name, engines[0])):
        return told
    return "localhost" if HOSTS.search(variable.name) else "1" if variable.name.endswith("PORT") else _VALUE


def _of_engine(name: str, engine: Engine) -> str | None:
    match role_of(name, engine.kind):
        case "url":
            return filled(engine.url, "localhost", engine, protected=False)
        case "host":
            return "localhost"
        case "address":
            return f"localhost:{engine.port}"
        case "port":
            return str(engine.port)
        case _:
            return None
