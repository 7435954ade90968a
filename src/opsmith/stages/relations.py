"""Who calls whom among the components: from variables that name another one, addresses in code and configuration, and compose files."""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

from opsmith.detectors.deployed import compose
from opsmith.detectors.deployed.compose import ComposeService
from opsmith.model.survey import Component, EnvVar, Evidence
from opsmith.repo import Repo

_SUFFIXES = (
    ".py", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte", ".go", ".java", ".kt", ".rb", ".php", ".cs", ".rs", ".ex", ".exs",
    ".scala", ".conf", ".template", ".yml", ".yaml", ".json", ".toml", ".ini", ".cfg", ".properties", ".env", ".conf.j2", ".xml",
)  # fmt: skip
_NO_CODE = frozenset(
    (
        "test", "tests", "__tests__", "spec", "specs", "e2e", "cypress", "doc", "docs", "example", "examples", "dist", "build", "out", "target",
        "coverage", "migration", "migrations", "locale", "locales", "i18n", "fixtures", "testdata", "public",
    )
)  # fmt: skip
"""Folders."""
_NOT_CODE = re.compile(
    r"^(?:package-lock|pnpm-lock|composer|swagger|openapi)\..*$|[._-](?:test|spec)\..*$|_test\.go$|\.min\.js$|^(?:docker-)?compose.*$", re.DOTALL
)
"""Names of files, in small letters."""
_URL = re.compile(rb"\b(https?|grpcs?|wss?|tcp|lb|dns|fcgi|h2c)://(?:[^@/\s\"'`]{1,100}@)?([A-Za-z0-9_][\w.-]{0,200})(?::(\d{2,5}))?")
_ADDRESS = re.compile(rb"(?:^|[\"'`=\s,(])([a-z][a-z0-9_-]{1,60}):(\d{2,5})\b(?![.\d:])", re.MULTILINE)
_URL_HINT, _ADDRESS_HINT = re.compile(rb"://"), re.compile(rb":\d\d")
"""Found much faster than what they stand in."""
_LOCAL = frozenset(("localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal"))  # noqa: S104  # compared, never bound
_INSIDE = re.compile(r"\.(?:[\w-]+\.)?svc(?:\.cluster\.local)?$|\.(?:internal|local|localdomain)$")
_PROXY_FILE = re.compile(
    r"(?:^|/)(?:package\.json|angular\.json|(?:vite|vue|next|nuxt|webpack)\.config\.\w+|setupProxy\.\w+|proxy\.conf\.\w+|\.env[^/]*|"
    r"environment[.\w]*\.ts)$"
)

_ADDRESS_WORDS = frozenset(
    (
        "URL",
        "URLS",
        "URI",
        "ADDR",
        "ADDRESS",
        "HOST",
        "HOSTNAME",
        "ENDPOINT",
        "SERVICE",
        "SVC",
        "SERVER",
        "UPSTREAM",
        "TARGET",
        "BASEURL",
        "CONNECTION",
    )
)
_FILLER = _ADDRESS_WORDS | frozenset(
    (
        "BASE", "PORT",
        "GRPC", "HTTP", "HTTPS", "RPC", "REST", "INTERNAL", "PUBLIC", "NEXT", "VITE", "REACT", "APP", "NUXT", "GATSBY", "EXPO", "SVELTE",
        "PATH", "ROOT", "DEFAULT", "MICROSERVICE", "SERVICES", "REMOTE",
    )
)  # fmt: skip
_NOT_CALLED = re.compile(
    r"CORS|ALLOW|ORIGIN|CALLBACK|REDIRECT|WEBHOOK|LISTEN|BIND|TRUSTED|COOKIE|CSRF|LOGOUT|SUCCESS|FAILURE|DOCS|EXPORTER|OTEL|COLLECTOR"
)
_SHOWN_TO_PEOPLE = frozenset(("frontend", "client", "web", "ui", "site", "webapp", "website", "dashboard", "www"))
_ANSWERS = frozenset(("api", "backend", "server"))
_TAIL = re.compile(r"(?:services?|svc|server|microservice|app)$")

Edge = tuple[str, Evidence]


def related(repo: Repo, components: Iterable[Component]) -> list[Component]:
    """The components with `depends_on` filled, each edge with its evidence; never one to itself."""
    listed = list(components)
    if len(listed) < 2:
        return listed
    composed = _compose(repo, listed)
    names = _Names(listed, composed)
    folders = sorted({component.path for component in listed})
    read: dict[str, list[_Mention]] = {}
    result: list[Component] = []
    for component in listed:
        if component.role == "static" and "documentation" in component.traits:  # it speaks of the others, and calls none
            result.append(component)
            continue
        if component.path not in read:
            read[component.path] = list(_mentions(repo, component.path, folders))
        result.append(_with_edges(component, [*_edges(repo, component, names, read[component.path]), *composed.edges.get(component.name, ())]))
    return result


def _with_edges(component: Component, edges: list[Edge]) -> Component:
    kept: dict[str, Evidence] = {}
    for target, evidence in edges:
        if target != component.name and (target not in kept or kept[target].confidence < evidence.confidence):
            kept[target] = evidence
    if not kept:
        return component
    shown = (*component.evidence.get("depends_on", ()), *(kept[target] for target in sorted(kept)))
    targets = tuple(dict.fromkeys((*component.depends_on, *sorted(kept))))
    return dataclasses.replace(component, depends_on=targets, evidence={**component.evidence, "depends_on": shown})


def _edges(repo: Repo, component: Component, names: _Names, mentions: list[_Mention]) -> Iterator[Edge]:
    for variable in component.env:
        yield from _from_variable(repo, component, variable, names)
    for mention in mentions:
        yield from _from_mention(component, mention, names)


# -- names -----------------------------------------------------------------------------------------------------------------------------


class _Names:
    """By what others may call a component: its name, its folder, its compose service, each also without words such as `service`."""

    def __init__(self, components: list[Component], composed: _Composed) -> None:
        self._called = [component for component in components if component.role in ("web", "static") or component.ports]
        self._hosts: dict[str, set[str]] = {}
        self._plain: dict[str, set[str]] = {}
        self._ports: dict[int, set[str]] = {}
        self.paths = {component.name: component.path for component in components}
        common = _common_prefix([component.name for component in components])
        for component in self._called:
            own = (component.name, component.path.rpartition("/")[2], component.name[len(common) :], *composed.services.get(component.name, ()))
            for name in own:
                for alias in {name.lower(), name.lower().replace("_", "-")} - {""}:
                    self._hosts.setdefault(alias, set()).add(component.name)
                if _bare(name):
                    self._plain.setdefault(_bare(name), set()).add(component.name)
                self._plain.setdefault(re.sub(r"[^a-z0-9]", "", name.lower()), set()).add(component.name)
            for port in component.ports:
                self._ports.setdefault(port, set()).add(component.name)
        self.ports = {component.name: component.ports for component in components}

    def host(self, host: str) -> str | None:
        """The component that a host name means; a name outside the cluster means none."""
        lower = host.lower()
        first = lower.partition(".")[0] if _INSIDE.search(lower) else lower
        return _single(self._hosts.get(first, set()))

    def word(self, word: str) -> str | None:
        """The component that a plain word such as `productcatalog` means."""
        return _single(self._plain.get(word, set())) if word else None

    def answering(self, caller: str) -> str | None:
        """What a page means by `API`: the only other component that is called api, backend or server."""
        found = {name for word in _ANSWERS for name in self._plain.get(word, set())} - {caller}
        return _single(found)

    def on_port(self, port: int, caller: str) -> str | None:
        """The only component on a port, when the caller itself does not listen there."""
        found = self._ports.get(port, set())
        return _single(found) if caller not in found else None


def _single(found: set[str]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None


def _bare(name: str) -> str:
    """`cart-service` as `cart`."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return _TAIL.sub("", plain) or plain


def _common_prefix(names: list[str]) -> str:
    """What at least three names begin with, up to a dash: the system's own name."""
    if len(names) < 3:
        return ""
    low, high = min(names), max(names)
    size = next((index for index, (one, two) in enumerate(zip(low, high, strict=False)) if one != two), min(len(low), len(high)))
    return low[: low.rfind("-", 0, size) + 1]


# -- variables -------------------------------------------------------------------------------------------------------------------------


def _from_variable(repo: Repo, component: Component, variable: EnvVar, names: _Names) -> Iterator[Edge]:
    target = _named(variable.name, component, names)
    if target is not None:
        yield target, _seen(repo, component, variable.name, 0.85)
    match = _URL.search((variable.default or "").encode()) or _ADDRESS.search((variable.default or "").encode())
    if match and not _NOT_CALLED.search(variable.name):
        host, port = match.groups()[-2].decode(), int(match.groups()[-1] or 0)
        target = names.host(host) if host not in _LOCAL else names.on_port(port, component.name)
        if target is not None and not (_SHOWN_TO_PEOPLE & {_bare(target)}):
            yield target, _seen(repo, component, variable.name, 0.8 if host not in _LOCAL else 0.6)


def _named(variable: str, component: Component, names: _Names) -> str | None:
    words = variable.upper().split("_")
    if not _ADDRESS_WORDS & set(words) or _NOT_CALLED.search(variable.upper()):
        return None
    telling = [word for word in words if word not in _FILLER]
    for chosen in (telling, [word for word in telling if word != "API"], [word for word in telling if word not in ("API", "CLIENT")]):
        word = "".join(chosen).lower()
        target = names.word(word) or names.word(_bare(word))
        if target is not None and not (_SHOWN_TO_PEOPLE & {word, _bare(target)}):
            return target if target != component.name else None
    return names.answering(component.name) if "".join(telling).lower() in _ANSWERS and _bare(component.name) not in _ANSWERS else None


def _seen(repo: Repo, component: Component, name: str, confidence: float) -> Evidence:
    """Where the variable is read."""
    for item in component.evidence.get("env", ()):
        if name in item.shows:
            return Evidence(file=item.file, line=item.line, shows=name, confidence=confidence)
    for path in repo.under(component.path, *_SUFFIXES):
        if name.encode() in (repo.bytes(path) or b""):
            return Evidence(file=path, line=repo.line_of(path, name), shows=name, confidence=confidence)
    return Evidence(file=next(iter(component.manifests), component.path), shows=name, confidence=confidence)


# -- addresses in files ----------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class _Mention:
    host: str
    port: int | None
    url: bool
    file: str
    line: int
    shows: str


def _mentions(repo: Repo, folder: str, folders: list[str]) -> Iterator[_Mention]:
    """Every address in the files of a component, those of components further inside left out."""
    first, last = (bisect_left(folders, folder + "/"), bisect_left(folders, folder + "0")) if folder else (0, len(folders))  # "0" follows "/"
    inner = tuple(other + "/" for other in folders[first:last] if other != folder)
    for path in repo.under(folder):
        if path.startswith(inner) or not _is_read(path[len(folder) :].lstrip("/")):
            continue
        data = repo.bytes(path) or b""
        if b":" in data and b"\0" not in data:
            yield from _in_file(path, data)


def _is_read(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if not path.endswith(_SUFFIXES) and not name.startswith((".env", "nginx", "default.conf", "Caddyfile", "haproxy")):
        return False
    return _NO_CODE.isdisjoint(folder.lower().split("/")) and not _NOT_CODE.search(name.lower())


def _in_file(path: str, data: bytes) -> Iterator[_Mention]:
    seen: set[tuple[bytes, bytes | None]] = set()
    likely = (pattern for pattern, hint in ((_URL, _URL_HINT), (_ADDRESS, _ADDRESS_HINT)) if hint.search(data))
    for pattern in likely:
        for match in pattern.finditer(data):
            host, port = (match[1], match[2]) if pattern is _ADDRESS else (match[2], match[3])
            if (host, port) not in seen and not _is_remark(data, match.start()):
                seen.add((host, port))
                number = data.count(b"\n", 0, match.start(1)) + 1
                shows = match[0].strip(b" \t\r\n\"'`=,(").decode("utf-8", "replace")
                yield _Mention(host.decode(), int(port) if port else None, pattern is _URL, path, number, shows)


def _is_remark(data: bytes, position: int) -> bool:
    begin = data.rfind(b"\n", 0, position) + 1
    return data[begin:position].lstrip().startswith((b"#", b"//", b"*", b"/*", b"<!--", b";"))


def _from_mention(component: Component, mention: _Mention, names: _Names) -> Iterator[Edge]:
    if mention.host in _LOCAL:
        proxied = mention.url and mention.port is not None and _PROXY_FILE.search(mention.file)
        target = names.on_port(mention.port, component.name) if proxied and mention.port is not None else None
        if target is not None and not (_SHOWN_TO_PEOPLE & {_bare(target)}):
            yield target, Evidence(file=mention.file, line=mention.line, shows=mention.shows, confidence=0.6)
        return
    target = names.host(mention.host)
    if target is None or names.paths[target] == component.path:
        return
    ports = names.ports[target]
    if mention.url or not ports or mention.port in ports:
        yield target, Evidence(file=mention.file, line=mention.line, shows=mention.shows, confidence=0.85 if mention.port in ports else 0.75)


# -- compose files ---------------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class _Composed:
    """`services` are the compose names of a component; `edges` what compose says it needs."""

    services: Mapping[str, tuple[str, ...]]
    edges: Mapping[str, tuple[Edge, ...]]


def _compose(repo: Repo, components: list[Component]) -> _Composed:
    services: dict[str, tuple[str, ...]] = {}
    edges: dict[str, tuple[Edge, ...]] = {}
    names = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
    for path in repo.named(*names):
        defined = compose.read(repo, path).services
        component_of = {name: found for name, service in defined.items() if (found := _component_of(service, components)) is not None}
        for name, component in component_of.items():
            services[component] = (*services.get(component, ()), name)
            for other, line in defined[name].needs.items():
                target = component_of.get(other)
                if target is not None:
                    shown = Evidence(file=path, line=line, shows=f"{name} needs {other}", confidence=0.9)
                    edges[component] = (*edges.get(component, ()), (target, shown))
    return _Composed(services, edges)


def _component_of(service: ComposeService, components: list[Component]) -> str | None:
    """By the folder that the service is built from, a name that fits deciding between several; else by name, unless it runs a foreign image."""
    named = next((item.name for item in components if item.name == service.name), None)
    if service.build is None:
        return named if not service.runs_image else None
    same = [item for item in components if item.path == service.build.context]
    fitting = [item for item in same if _bare(item.name) == _bare(service.name)]
    chosen = fitting or (same if len(same) == 1 else [])
    return chosen[0].name if chosen else named
