"""Environment variables: from calls in code, placeholders in settings that hold, and keys that are injected without being set anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from opsmith.detectors.jvm.app import App
from opsmith.detectors.jvm.placeholders import Filled, fill, parts
from opsmith.detectors.jvm.program import declared
from opsmith.detectors.jvm.source import Call, ancestors, head, literal, text
from opsmith.detectors.jvm.values import GETENV, parameters, resolve, variable_of
from opsmith.detectors.services import is_secret, kind_of_env
from opsmith.model.survey import EnvVar, Evidence

_NOT_OURS = frozenset(
    ("HOME", "PATH", "USER", "HOSTNAME", "TMPDIR", "PWD", "JAVA_HOME", "JAVA_OPTS", "CI", "TEMP", "TMP", "USERNAME", "COMPUTERNAME")
)
_FATAL = re.compile(r"\bthrow\b|error\(|orElseThrow|requireNotNull|checkNotNull|requireNonNull|!!|exitProcess|System\.exit")


@dataclass(frozen=True, slots=True)
class Read:
    name: str
    required: bool
    default: str | None
    evidence: Evidence


def reads(app: App) -> tuple[Read, ...]:
    """Every variable once: what holds before what only another profile reads; a default where any place has one."""
    found: dict[str, Read] = {}
    for item in (*_in_code(app), *_in_settings(app), *_injected(app), *_of_profile(app)):
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{1,80}", item.name) and item.name not in _NOT_OURS:
            known = found.get(item.name)
            if known is None:
                found[item.name] = item
            else:
                default = known.default if known.default is not None else item.default
                found[item.name] = replace(known, default=default, required=known.required and default is None)
    return tuple(found.values())


def variables(found: tuple[Read, ...]) -> tuple[EnvVar, ...]:
    made = (EnvVar(name=item.name, required=item.required, secret=is_secret(item.name, item.default), default=item.default) for item in found)
    return tuple(sorted(made, key=lambda item: item.name))


# -- code --------------------------------------------------------------------------------------------------------------------------------


def _in_code(app: App) -> Iterator[Read]:
    for call in app.program.called(*sorted(GETENV), "get", "getOrDefault", "[]", "getValue"):
        if "getenv" not in call.name and "env" not in call.receiver.lower() and call.name not in GETENV:
            continue
        name = variable_of(app.program, call)
        if name is not None and literal(call.arguments[0][1]) is not None:
            yield _read(app, call, name)
    yield from _through_own(app)


def _read(app: App, call: Call, name: str) -> Read:
    default = next((value for _, node in call.arguments[1:2] for value in _texts(app, call, node)), None)
    if default is None:
        default = _fallback(app, call)
    shown = Evidence(file=call.source.path, line=call.line, shows=name, confidence=0.9)
    leads_to_service = kind_of_env(name) is not None or is_secret(name)
    return Read(name, default is None and _ends(call, leads_to_service=leads_to_service), default, shown)


def _texts(app: App, call: Call, node: object) -> list[str]:
    from tree_sitter import Node

    return (
        [value.text for value in resolve(app.program, node, call.source) if value.env is None and value.key is None] if isinstance(node, Node) else []
    )


def _fallback(app: App, call: Call) -> str | None:
    """What stands behind `?:`, in `orElse(...)`, or in the other branch of `x != null ? x : y`."""
    for index, above in enumerate(ancestors(call.node)):
        if index > 8 or above.type in ("block", "function_body", "class_body", "lambda_expression", "property_declaration", "variable_declarator"):
            break
        if above.type in ("binary_expression", "elvis_expression") and text(above.child_by_field_name("operator")) == "?:":
            right = above.child_by_field_name("right")
            return next(iter(_texts(app, call, right)), None)
        if above.type == "ternary_expression":
            for part in ("alternative", "consequence"):
                found = _texts(app, call, above.child_by_field_name(part))
                if found:
                    return found[0]
        name = text(above.child_by_field_name("name")) if above.type == "method_invocation" else ""
        if name in ("orElse", "requireNonNullElse"):
            given = above.child_by_field_name("arguments")
            return next(iter(_texts(app, call, given.named_children[-1])), None) if given is not None and given.named_children else None
    return _next_ternary(call)


def _next_ternary(call: Call) -> str | None:
    """`String port = System.getenv("PORT"); ... port != null ? port : "8080"` in the same function."""
    declaration = next((above for above in ancestors(call.node) if above.type in ("variable_declarator", "property_declaration")), None)
    function = next((above for above in ancestors(call.node) if above.type in ("method_declaration", "function_declaration")), None)
    if declaration is None or function is None or function.end_byte - function.start_byte > 20_000:
        return None
    name = re.escape(declared(declaration))
    match = re.search(
        rf'\b{name}\s*!=\s*null[^?;]{{0,60}}\?[^:;]{{1,80}}:\s*"?([\w.:/-]+)"?|\b{name}\s*==\s*null[^{{;]{{0,40}}\{{\s*{name}\s*=\s*"([^"]+)"',
        text(function),
    )
    return (match[1] or match[2]) if match else None


def _ends(call: Call, *, leads_to_service: bool) -> bool:
    """Whether the code ends without the variable: it throws, or takes an address or a secret for granted."""
    kinds = ("statement", "declaration")
    statement = next((above for above in ancestors(call.node) if above.type.endswith(kinds)), None)
    around = head(statement, call.source, 400) if statement is not None else ""
    following = statement.next_named_sibling if statement is not None else None
    tested = head(following, call.source, 200) if following is not None and following.type in ("if_statement", "if_expression") else ""
    if "null" in tested:
        return bool(_FATAL.search(tested))
    return bool(_FATAL.search(around)) or (leads_to_service and "null" not in around and "isPresent" not in around)


def _through_own(app: App) -> Iterator[Read]:
    """Functions of the program that hand a parameter to getenv: the literals that they are called with."""
    for call in list(app.program.called("getenv", "getOrDefault", "get"))[:400]:
        if "getenv" not in f"{call.receiver}.{call.name}" or not call.arguments or literal(call.arguments[0][1]) is not None:
            continue
        function = next((above for above in ancestors(call.node) if above.type in ("method_declaration", "function_declaration")), None)
        name = text(function.child_by_field_name("name")) if function is not None else ""
        names = parameters(function) if function is not None else []
        given = text(call.arguments[0][1])
        if given not in names or name == "getenv":
            continue
        yield from _handed_in(app, name, names.index(given), len(names))


def _handed_in(app: App, name: str, position: int, count: int) -> Iterator[Read]:
    for call in app.program.called(name):
        key = literal(call.arguments[position][1]) if len(call.arguments) > position else None
        if key and key.upper() == key:
            other = 1 - position if count == 2 else position + 1
            default = next(iter(_texts(app, call, call.arguments[other][1])), None) if len(call.arguments) > other else None
            shown = Evidence(file=call.source.path, line=call.line, shows=key, confidence=0.85)
            yield Read(key, count == 1, default, shown)


# -- settings ----------------------------------------------------------------------------------------------------------------------------


def _in_settings(app: App) -> Iterator[Read]:
    for item in app.settings.active():
        if "$" in item.value:
            shown = app.settings.evidence(item)
            optional = item.value.startswith("${?") or "optional:" in item.value
            yield from _of_value(app.settings.filled(item), shown, required=not optional)


def _of_value(filled: Filled, shown: Evidence, *, required: bool) -> Iterator[Read]:
    for item in filled.variables:
        yield Read(
            item.name, required and item.default is None, item.default, Evidence(file=shown.file, line=shown.line, shows=shown.shows, confidence=0.9)
        )


def _of_profile(app: App) -> Iterator[Read]:
    """What another profile reads is never required; what chooses the profile of containers is named."""
    for item in app.settings.all:
        if "${" in item.value and not app.settings.is_active(item):
            yield from _of_value(fill(item.value, lambda _: None), app.settings.evidence(item, 0.7), required=False)
    chosen = app.settings.production
    if chosen is not None and chosen.profile and app.has("org.springframework.boot:") is not None:
        shown = Evidence(file=chosen.file, line=chosen.line, shows=f"the profile {chosen.profile} is what containers run", confidence=0.7)
        yield Read("SPRING_PROFILES_ACTIVE", True, chosen.profile, shown)


def _injected(app: App) -> Iterator[Read]:
    """`@Value("${mail.password}")` without a setting of that name: only the environment (MAIL_PASSWORD) can give it."""
    for source, mark in app.program.marked("Value", "ConfigProperty", "Property", own=True):
        for label, node in mark.arguments:
            value = literal(node) or ""
            if label in ("", "value") and "${" in value:
                for part in parts(value):
                    if not isinstance(part, str):
                        yield from _of_key(app, part.name, part.default, Evidence(file=source.path, line=mark.line, shows=value, confidence=0.8))


def _of_key(app: App, key: str, default: str | None, shown: Evidence) -> Iterator[Read]:
    if app.settings.setting(key) is not None or not re.fullmatch(r"[A-Za-z][\w.-]*", key) or key.startswith(("#", "random.", "spring.application")):
        return
    name = key if key.upper() == key else re.sub(r"-", "", key).replace(".", "_").upper()
    filled = fill(default, app.settings.raw).text if default is not None else None
    if key.upper() == key or (default is None and not app.served and app.settings.all):
        yield Read(name, filled is None, filled, shown)
