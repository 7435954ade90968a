"""Which environment variables the code reads, and which of them it cannot do without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from opsmith.detectors.javascript import schemas
from opsmith.detectors.javascript.facts import Read, join, shorten
from opsmith.detectors.javascript.source import Module, Sources
from opsmith.detectors.javascript.syntax import arguments, callee, line, method, receiver, string_value, text
from opsmith.detectors.javascript.values import ENV_NAME, env_name, is_env, pattern_entries, resolve
from opsmith.detectors.services import is_secret, kind_of_env
from opsmith.model.survey import EnvVar, Evidence
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

_SET_BY_OTHERS = re.compile(
    r"npm_\w+|CI|HOME|PATH|PWD|USER|SHELL|TERM|TMPDIR|TEMP|APPDATA|EDITOR|HOSTNAME|VERCEL\w*|NEXT_RUNTIME|NEXT_PHASE|GITHUB_\w+|CODESPACES|GITPOD\w*|"
    r"JEST_WORKER_ID|VITEST|ANALYZE|NETLIFY\w*|RENDER\w*|RAILWAY\w*|FLY_\w+|DYNO|HEROKU\w*|__\w+|INIT_CWD|MODE|DEV|PROD|SSR|BASE_URL_VITE|FORCE_COLOR|NO_COLOR|"
    r"npm\w*|NODE_OPTIONS|NODE_DEBUG|KUBERNETES_SERVICE_HOST|TS_NODE\w*|VSCODE\w*|TZ|LANG|CHOKIDAR\w*|NODE_TLS_REJECT_UNAUTHORIZED|VITE_USER_NODE_ENV|DENO_(DEPLOYMENT_ID|REGION|DIR)"
)
_BUILD_TIME = ("NEXT_PUBLIC_", "VITE_", "REACT_APP_", "NUXT_PUBLIC_", "PUBLIC_", "GATSBY_", "VUE_APP_", "NX_PUBLIC_", "EXPO_PUBLIC_", "STORYBOOK_")
_ADDRESS = re.compile(
    r"(^|_)((SERVICE|BACKEND|API|SERVER|GATEWAY|AUTH|DATABASE|DB)_URL|URI|ADDR|ADDRESS|HOST|HOSTS|DSN|BROKERS?|CONNECTION_STRING|DATABASE|DB_NAME|DATABASE_NAME)$"
    r"|^(DB|DATABASE)_"
)
_MOST_READS = 500
"""A file that reads more variables than that is made by a machine."""
_INSISTING = re.compile(r"invariant|assert|ok|require\w*Env\w*|must\w*|ensure\w*|expect\w*|getRequired\w*|requireEnv|required", re.IGNORECASE)
_TALKING = re.compile(r"console\b|log(ger)?\b", re.IGNORECASE)


def read_environment(sources: Sources) -> list[Read]:
    """Every read in the code, in the order of the files."""
    reads: list[Read] = []
    for module in sources.modules():
        reads += _direct(sources, module)
        reads += _unpacked(sources, module)
        reads += _asked(sources, module)
        reads += schemas.demanded(sources, module)
    return [read for read in reads if not _SET_BY_OTHERS.fullmatch(read.name)]


def _direct(sources: Sources, module: Module) -> Iterator[Read]:
    named = ((node, name) for node in module.members if (name := env_name(module, node)))
    for node, name in islice(named, _MOST_READS):
        need, default = _use(sources, module, node)
        if need:
            need = "may" if need == "bare" and _is_opted_in(node) else need
            yield Read(name, need, default, module.path, line(node), _row(module, node))


def _row(module: Module, node: Node) -> str:
    start = module.data.rfind(b"\n", 0, node.start_byte) + 1
    end = module.data.find(b"\n", node.start_byte)
    return shorten(module.data[start : end if end >= 0 else None].decode("utf-8", "replace"), 100)


def _use(sources: Sources, module: Module, node: Node) -> tuple[str, str | None]:
    """How the value is used: the need ("" = it is written, not read) and the default."""
    above = node.parent
    while above is not None and above.type in ("parenthesized_expression", "as_expression", "satisfies_expression", "await_expression"):
        node, above = above, above.parent
    match above.type if above is not None else "":
        case "non_null_expression":
            return ("may", None) if above is not None and above.parent is not None and above.parent.type == "binary_expression" else ("must", None)
        case "binary_expression" if above is not None:
            return _in_binary(sources, module, node, above)
        case "unary_expression" if above is not None:
            return _negated(above)
        case "if_statement" | "ternary_expression" | "while_statement" | "spread_element":
            return "may", None
        case "arguments" if above is not None and above.parent is not None:
            return _passed(sources, module, above.parent)
        case "assignment_expression" | "augmented_assignment_expression" if above is not None:
            left = above.child_by_field_name("left")
            return ("", None) if left is not None and left.id == node.id else ("bare", None)
        case "variable_declarator" if above is not None:
            return _kept(module, text(above.child_by_field_name("name")))
        case "member_expression" if above is not None:
            return ("may", None) if b"?." in (above.text or b"")[node.end_byte - node.start_byte :] else ("bare", None)
        case _:
            return "bare", None


_SWITCH = re.compile(r"""process\.env(?:\.\w+|\[['"]\w+['"]\])\s*(?:===?\s*['"`]\w+['"`])?\s*(?:\)|&&|\|\||$)""")
_USUAL = re.compile(r"NODE_ENV|APP_ENV|!|production")
"""Conditions that hold in production, or unless somebody says no."""


def _is_opted_in(node: Node) -> bool:
    """Whether it is only read when another variable asks for it: `if (process.env.ENABLE_X === "1") { … }`."""
    above = node.parent
    while above is not None and above.type not in ("function_declaration", "method_definition", "class_body"):
        inside = above.child_by_field_name("consequence") if above.type == "if_statement" else None
        if inside is not None and inside.start_byte <= node.start_byte < inside.end_byte:
            condition = text(above.child_by_field_name("condition"))
            if len(condition) < 300 and _SWITCH.search(condition) and not _USUAL.search(condition):
                return True
        above = above.parent
    return False


def _in_binary(sources: Sources, module: Module, node: Node, above: Node) -> tuple[str, str | None]:
    operator, right = text(above.child_by_field_name("operator")), above.child_by_field_name("right")
    if operator not in ("||", "??") or right is None or right.id == node.id:
        return "may", None
    value = resolve(sources, module, right)
    return "may", value.literal if value else None


def _negated(node: Node) -> tuple[str, str | None]:
    above = node.parent
    while above is not None and above.type in ("parenthesized_expression", "binary_expression"):
        above = above.parent
    if above is not None and above.type == "if_statement" and text(node).startswith("!"):
        return ("must", None) if _stops(text(above.child_by_field_name("consequence"))) else ("may", None)
    return "may", None


def _stops(block: str) -> bool:
    return re.match(r"\{?\s*(console\.\w+\([^\n]*\n\s*|logger\.\w+\([^\n]*\n\s*)?(throw\b|process\.exit)", block) is not None


def _passed(sources: Sources, module: Module, call: Node) -> tuple[str, str | None]:
    name = method(call)
    if name in ("Number", "parseInt", "parseFloat", "String"):
        return _use(sources, module, call)
    whole = text(callee(call))
    if _INSISTING.fullmatch(name) or _INSISTING.fullmatch(whole):
        return "must", None
    return ("may", None) if name in ("Boolean", "JSON.parse") or _TALKING.match(whole) else ("bare", None)


def _kept(module: Module, name: str) -> tuple[str, str | None]:
    """A value kept under `name`: what is asked of that name later."""
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        return "bare", None
    word = re.escape(name.encode())
    checked = re.search(rb"if\s*\(\s*!\s*" + word + rb"\b[^)\n]{0,80}\)\s*", module.data)
    if checked is not None:
        rest = module.data[checked.end() : checked.end() + 200].decode("utf-8", "replace")
        return ("must", None) if _stops(rest) else ("may", None)
    if re.search(rb"\b(?:invariant|assert)\(\s*" + word + rb"\b", module.data):
        return "must", None
    if re.search(rb"(?<![\w.])" + word + rb"\s*(\|\||\?\?|&&|\?[^:.\n]{1,80}:|\?\.)|if\s*\(\s*" + word + rb"\b", module.data):
        return "may", None
    return "bare", None


def _unpacked(sources: Sources, module: Module) -> Iterator[Read]:
    """`const { A, B = "x" } = process.env`, and the static imports of SvelteKit."""
    for pattern, value in module.patterns:
        if is_env(module, value):
            for key, bound, default in pattern_entries(pattern):
                literal = resolve(sources, module, default)
                need = "may" if default is not None else _kept(module, bound)[0]
                yield Read(key, need, literal.literal if literal else None, module.path, line(pattern), _row(module, pattern))
    for name, imported in module.imports.items():
        if imported.specifier.startswith("$env/static/") and imported.name:
            need = "may" if imported.specifier.endswith("public") else _kept(module, name)[0]
            yield Read(imported.name, need, None, module.path, imported.line, f"import {imported.name} from {imported.specifier}")


_GETTERS = ("get", "getOrThrow")
_GETTER = re.compile(r"(get|require|read)\w*Env\w*|env(Var|OrThrow|Or)?")


def _asked(sources: Sources, module: Module) -> Iterator[Read]:
    """`configService.get("X")`, `Deno.env.get("X")`, `env.get("X").required()`."""
    for call, name in module.named_calls():
        if name not in _GETTERS and not _GETTER.fullmatch(name):
            continue
        given = arguments(call)
        key = string_value(given[0]) if given else None
        if not key or not ENV_NAME.fullmatch(key) or (name in _GETTERS and not re.search(r"(?i)conf|env", text(receiver(call)))):
            continue
        default = resolve(sources, module, given[1]) if len(given) > 1 else None
        if len(given) > 1 and given[1].type not in ("object", "undefined"):
            need, literal = "may", default.literal if default else None
        elif name == "getOrThrow" or name.lower().startswith("require") or _is_required(call):
            need, literal = "must", None
        else:
            need, literal = _use(sources, module, call)
        yield Read(key, need or "may", literal, module.path, line(call), _row(module, call))


def _is_required(call: Node) -> bool:
    above = call.parent
    return above is not None and above.type == "member_expression" and text(above.child_by_field_name("property")) == "required"


# -- the merged table ------------------------------------------------------------------------------------------------------------------

_EXAMPLES = (
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    "env.example",
    ".env.local.example",
    "example.env",
    ".env.defaults",
    ".env-example",
    ".example.env",
    "env-example",
)


def examples(repo: Repo, folders: Iterable[str]) -> dict[str, Read]:
    """What example files set, the nearest file first. The value stands in `default`."""
    result: dict[str, Read] = {}
    for folder in dict.fromkeys(folders):
        for name in (*_EXAMPLES, *(item for item in repo.folder(folder) if item.startswith("env-example"))):
            file = join(folder, name)
            for number, row in enumerate((repo.read(file) or "").splitlines() if repo.has(file) else (), start=1):
                match = re.match(r"(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*)$", row)
                if match:
                    value = match[2].partition(" #")[0].strip().strip("\"'")
                    result.setdefault(match[1], Read(match[1], "may", value or None, file, number, row.partition("=")[0]))
    return result


def variables(reads: Iterable[Read], listed: Mapping[str, Read], *, static: bool, home: str = "") -> tuple[tuple[EnvVar, ...], tuple[Evidence, ...]]:
    """One entry a name; one piece of evidence each, the most telling place."""
    table: dict[str, list[Read]] = {}
    for read in reads:
        table.setdefault(read.name, []).append(read)
    entries: list[EnvVar] = []
    evidence: list[Evidence] = []
    for name in sorted(table):
        places = table[name]
        if static and not name.startswith(_BUILD_TIME):
            continue
        required = not static and _is_needed(name, places, home)
        default = next((read.default for read in places if read.default is not None), None)
        entries.append(EnvVar(name=name, required=required, secret=is_secret(name, default), default=None if required else default))
        best = min(places, key=lambda read: ("must", "bare", "may").index(read.need))
        sure = {"must": 0.95, "bare": 0.7, "may": 0.9}[best.need]
        evidence.append(Evidence(file=best.file, line=best.line, shows=f"{name}: {best.shows}", confidence=sure))
    for name, read in sorted(listed.items()):
        if name not in table and not static and not _SET_BY_OTHERS.fullmatch(name):
            entries.append(EnvVar(name=name, required=False, secret=is_secret(name, read.default)))
            evidence.append(Evidence(file=read.file, line=read.line, shows=f"{name}: listed in the example file", confidence=0.5))
    return tuple(entries), tuple(evidence)


def _is_needed(name: str, places: list[Read], home: str) -> bool:
    """`home` is the component's folder: what only a linked package reads may belong to a part that is not used here."""
    needs = {read.need for read in places}
    if name.startswith(_BUILD_TIME):
        return False
    if "must" in needs:
        return name != "NODE_ENV" or any(read.need == "must" and "schema" in read.shows for read in places)
    if "may" in needs or name == "NODE_ENV":
        return False
    if name == "PORT" or kind_of_env(name) is not None or re.search(r"(^|_)(DATABASE|DB)_(URL|URI|HOST)$", name):
        return True
    if any(not home or read.file.startswith(home + "/") for read in places):
        return is_secret(name) or _ADDRESS.search(name) is not None
    return is_secret(name) and re.search(r"JWT|SESSION|AUTH|ENCRYPTION|COOKIE|APP_(SECRET|KEY)", name) is not None
