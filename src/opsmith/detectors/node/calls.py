"""Which of the components call each other: proxies, addresses, variables that name a sibling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from opsmith.detectors.javascript.facts import join
from opsmith.detectors.javascript.syntax import line, string_value
from opsmith.detectors.node.deployables import Deployable
from opsmith.model.survey import Component, Evidence
from opsmith.repo import Repo

_SUFFIX = re.compile(r"(_SERVICE)?_(ADDR|ADDRESS|HOST|HOSTNAME|URL|URI|ENDPOINT|BASE_URL|API_URL)$")
_ADDRESS = re.compile(r"https?://([A-Za-z][\w.-]*)(?::(\d{2,5}))?")


def with_calls(repo: Repo, pairs: list[tuple[Deployable, Component]]) -> list[Component]:
    """The components with `depends_on`, among themselves."""
    if len(pairs) < 2:
        return [one for _, one in pairs]
    names = {_plain(one.name): one.name for _, one in pairs}
    ports = {str(port): one.name for _, one in pairs if one.role == "web" for port in one.ports}
    return [_with_calls(repo, item, one, names, ports) for item, one in pairs]


def _with_calls(repo: Repo, item: Deployable, one: Component, names: dict[str, str], ports: dict[str, str]) -> Component:
    hits: dict[str, Evidence] = {}
    for name, evidence in (*_by_variable(one, names), *_by_address(repo, item, names, ports)):
        if name != one.name:
            hits.setdefault(name, evidence)
    if not hits:
        return one
    return replace(one, depends_on=tuple(sorted(hits)), evidence={**one.evidence, "depends_on": tuple(hits[name] for name in sorted(hits))})


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]|service$", "", name.lower())


def _by_variable(one: Component, names: dict[str, str]) -> Iterator[tuple[str, Evidence]]:
    places = one.evidence.get("env", ())
    for variable in one.env:
        base = _plain(_SUFFIX.sub("", variable.name)) if _SUFFIX.search(variable.name) else ""
        place = next((entry for entry in places if entry.shows.startswith(f"{variable.name}:")), None)
        if base in names and place is not None:
            yield names[base], replace(place, confidence=0.7)


def _by_address(repo: Repo, item: Deployable, names: dict[str, str], ports: dict[str, str]) -> Iterator[tuple[str, Evidence]]:
    proxy = item.package.manifest.get("proxy")
    found = [(proxy, item.package.file, repo.line_of(item.package.file, '"proxy"'))] if isinstance(proxy, str) else []
    for path in dict.fromkeys((*_configs(repo, item), *(module.path for module in item.own.modules(b"://")))):
        module = item.own.module(path)
        found += [(value, path, line(node)) for node in (module.strings if module else ()) if (value := string_value(node))]
    for value, file, number in found:
        match = _ADDRESS.match(value)
        if match is None:
            continue
        local = match[1] in ("localhost", "127.0.0.1")
        name = ports.get(match[2] or "") if local and _is_proxy(file) else names.get(_plain(match[1]))
        if name is not None:
            yield name, Evidence(file=file, line=number, shows=value[:80], confidence=0.8)


def _configs(repo: Repo, item: Deployable) -> list[str]:
    names = [name for name in repo.folder(item.package.path) if re.fullmatch(r"(vite|vue|next|nuxt|webpack|rsbuild)\.config\.[cm]?[jt]s", name)]
    return [join(item.package.path, name) for name in names]


def _is_proxy(file: str) -> bool:
    return re.search(r"config\.[cm]?[jt]s$|setupProxy|package\.json$", file) is not None
