"""What the development server of a static application hands on to a backend: in production its web server has to do the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from opsmith.detectors.javascript.facts import items, join, json_table, shorten, table, written
from opsmith.detectors.javascript.syntax import arguments, callee, entries, line, method, text, unwrapped
from opsmith.detectors.javascript.values import literal_object
from opsmith.detectors.node import rewriting
from opsmith.detectors.node.deployables import Deployable
from opsmith.detectors.node.texts import OF_DEVELOPMENT, Place, text_of, texts_of
from opsmith.model.survey import Ambiguity, Component, Evidence, Proxy
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

_CONFIG = re.compile(r"(?:vite|vue|rsbuild|rspack|craco|astro|quasar|farm)\.config\.[cm]?[jt]s|webpack[\w.-]*\.[cm]?[jt]s|gatsby-config\.[cm]?[jt]s")
_CRA = ("react-scripts", "@craco/craco", "react-app-rewired")
_MIDDLEWARE = "http-proxy-middleware"
_MOST = 40
_NO_RULE = ("null", "undefined", "number", "array", "true", "false")


@dataclass(frozen=True, slots=True)
class _Rule:
    """`becomes` is what is left of the prefix at the backend, before the path of `url`; None when reading cannot tell.

    With the prefix "" the whole rule cannot be read, and `url` is how it is written.
    """

    prefix: str | None
    url: str
    becomes: str | None
    file: str
    line: int | None


def with_proxies(repo: Repo, item: Deployable, one: Component) -> Component:
    """The component with `proxies`; a rule that comes first wins over others for the same prefix, as in the development servers."""
    if not item.is_static:
        return one
    read: dict[str | None, _Rule] = {}
    for rule in _rules(repo, item):
        if (not rule.prefix or rewriting.is_path(rule.prefix)) and len(read) < _MOST:
            read.setdefault(rule.prefix, rule)
    doubts = tuple(_doubt(one.name, rule) for rule in read.values() if rule.becomes is None)
    one = replace(one, ambiguities=(*one.ambiguities, *doubts))
    found = {prefix: rule for prefix, rule in read.items() if prefix != ""}
    if not found:
        return one
    evidence = tuple(Evidence(file=rule.file, line=rule.line, shows=_shows(rule), confidence=0.9) for rule in found.values())
    return replace(one, proxies=tuple(_proxy(rule) for rule in found.values()), evidence={**one.evidence, "proxies": evidence})


def _shows(rule: _Rule) -> str:
    return shorten(f"{rule.prefix or 'what is no page and no file'} goes to {rule.url}")


def _proxy(rule: _Rule) -> Proxy:
    kept = rule.becomes == (rule.prefix or "").rstrip("/")
    return Proxy(prefix=rule.prefix, url=rule.url if kept else rule.url.rstrip("/") + (rule.becomes or ""), strips=not kept)


def _doubt(name: str, rule: _Rule) -> Ambiguity:
    rewrites = (f"{rule.prefix} is taken off before {rule.url} is asked", "it is rewritten in another way")
    choices = rewrites if rule.prefix else (f"{rule.url} hands requests on", "it does not")
    return Ambiguity(fact="proxies", component=name, choices=choices, how_to_decide=f"set components.{name}.proxies in opsmith.yaml")


def _rules(repo: Repo, item: Deployable) -> Iterator[_Rule]:
    folder = item.package.path
    if item.package.uses(*_CRA):
        yield from _of_setup(repo, item)
        yield from _of_manifest(repo, item)
    for file in (join(place, name) for place in _config_folders(folder) for name in repo.folder(place) if _CONFIG.fullmatch(name)):
        if (module := item.own.module(file)) is not None:
            yield from _of_config(Place(item.own, module, folder))
    if repo.has(join(folder, "angular.json")) or item.package.uses("@angular/cli"):
        yield from _of_angular(repo, item)


def _in_order(nodes: Iterable[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: node.start_byte)


def _config_folders(folder: str) -> list[str]:
    return [folder, *(join(folder, name) for name in ("config", "build", "webpack"))]


# -- package.json and src/setupProxy.js of Create React App ----------------------------------------------------------------------------


def _of_manifest(repo: Repo, item: Deployable) -> Iterator[_Rule]:
    file, told = item.package.file, item.package.manifest.get("proxy")
    number = repo.line_of(file, '"proxy"')
    if url := written(told):
        yield _Rule(None, _public(url), "", file, number)
    yield from _of_json(told, file, number)


def _of_setup(repo: Repo, item: Deployable) -> Iterator[_Rule]:
    paths = (join(item.package.path, "src", f"setupProxy.{suffix}") for suffix in ("js", "ts", "cjs", "mjs"))
    for module in (module for path in paths if repo.has(path) and (module := item.own.module(path)) is not None):
        place = Place(item.own, module, item.package.path)
        version = re.search(r"\d+", {**item.package.development, **item.package.dependencies}.get(_MIDDLEWARE, ""))
        for call in _in_order(module.calls):
            if method(call) == "use":
                yield from _of_use(place, call, cuts=version is not None and int(version[0]) >= 3)


def _of_use(place: Place, call: Node, *, cuts: bool) -> Iterator[_Rule]:
    """`app.use("/api", createProxyMiddleware(...))`. Since version 3 the middleware sees the path without what it is mounted on."""
    given = arguments(call)
    mounts = texts_of(place, given[0]) if given else []
    for argument in given:
        made = _created(place, argument)
        options = literal_object(place.sources, place.module, arguments(made)[-1]) if made is not None and arguments(made) else None
        if made is None or options is None:
            continue
        at, fields = replace(place, module=options[0]), entries(options[1])
        told = arguments(made)[0] if len(arguments(made)) > 1 else fields.get("pathFilter")
        contexts = texts_of(place, told) if told is not None else []
        if cuts:
            for mount in mounts or [""]:
                for context in contexts or [""]:
                    yield from _of_options(at, mount + context, options[1], mount)
        else:
            for path in contexts or mounts or [""]:
                yield from _of_options(at, path, options[1])


def _created(place: Place, node: Node) -> Node | None:
    """The call that makes the middleware, also where it got a name first."""
    node = unwrapped(node)
    node = place.module.names.get(text(node), node) if node.type == "identifier" else node
    if node.type != "call_expression":
        return None
    origin = place.module.imports.get(text(callee(node)).partition(".")[0])
    return node if origin is not None and origin.specifier == _MIDDLEWARE else None


# -- vite.config, vue.config, webpack.config and their like ----------------------------------------------------------------------------


def _of_config(place: Place) -> Iterator[_Rule]:
    """`server.proxy`, `devServer.proxy`; Gatsby's `proxy` at the top."""
    if place.module.path.rpartition("/")[2].startswith("gatsby-config") and place.module.exported is not None:
        whole = literal_object(place.sources, place.module, place.module.exported)
        yield from _in_section(replace(place, module=whole[0]), whole[1]) if whole is not None else ()
    for pair in _in_order(place.module.pairs):
        value = pair.child_by_field_name("value")
        if value is not None and text(pair.child_by_field_name("key")).strip("'\"") in ("server", "devServer"):
            section = literal_object(place.sources, place.module, value)
            yield from _in_section(replace(place, module=section[0]), section[1]) if section is not None else ()


def _in_section(place: Place, section: Node) -> Iterator[_Rule]:
    node = entries(section).get("proxy")
    rules = list(_of_table(place, node)) if node is not None else []
    yield from rules
    if node is not None and not rules and node.type not in _NO_RULE and not (node.type == "object" and not node.named_children):
        yield _Rule("", shorten(text(node), 60), None, place.module.path, line(node))


def _of_table(place: Place, node: Node) -> Iterator[_Rule]:
    """An address for everything, a table by prefix, or a list of rules that each name their prefixes."""
    node = unwrapped(node)
    named = place.module.names.get(text(node)) if node.type in ("identifier", "shorthand_property_identifier") else None
    node = unwrapped(named) if named is not None else node
    if node.type == "array":
        for entry in node.named_children:
            yield from _of_entry(place, entry)
        return
    home = literal_object(place.sources, place.module, node)
    if home is None:
        url = _address(place, node)
        yield from [_Rule(None, url, "", place.module.path, line(node))] if "://" in url else ()
        return
    place = replace(place, module=home[0])
    if {"prefix", "url"} <= entries(home[1]).keys():
        yield from _of_entry(place, home[1])
        return
    for pair in home[1].named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        path = text_of(place, key) if key is not None else None
        if path is not None and value is not None:
            yield from _of_options(place, path, value)


def _of_entry(place: Place, node: Node) -> Iterator[_Rule]:
    home = literal_object(place.sources, place.module, node)
    fields = entries(home[1]) if home is not None else {}
    told = next((fields[name] for name in ("context", "pathFilter", "prefix") if name in fields), None)
    if home is not None:
        at = replace(place, module=home[0])
        for path in (texts_of(at, told) or []) if told is not None else [""]:
            yield from _of_options(at, path, home[1])


def _of_options(place: Place, key: str, node: Node, mount: str = "") -> Iterator[_Rule]:
    """The rules for `key`; `mount` is what the middleware does not get to see of it."""
    if unwrapped(node).type in _NO_RULE:
        return
    home = literal_object(place.sources, place.module, node)
    fields = _fields(home[1]) if home is not None else {}
    place = replace(place, module=home[0]) if home is not None else place
    told = fields.get("target", fields.get("url")) if home is not None else node
    url = _address(place, told) if told is not None else ""
    if not url:
        return
    for prefix in rewriting.prefixes(key):
        base = (prefix or "").rstrip("/").removeprefix(mount.rstrip("/"))
        yield _Rule(prefix, url, _rewritten(place, base, fields), place.module.path, line(node))


def _address(place: Place, node: Node) -> str:
    """Where the backend stands as development has it; paths are told as production has them."""
    return _public(text_of(replace(place, settings=OF_DEVELOPMENT), node) or shorten(text(node), 80))


def _public(url: str) -> str:
    """An address without the credentials that may stand in it."""
    return re.sub(r"//[^/@]*@", "//", url[:300])


def _fields(literal: Node) -> dict[str, Node]:
    """As `entries`, with methods."""
    methods = {text(child.child_by_field_name("name")): child for child in literal.named_children if child.type == "method_definition"}
    return {**entries(literal), **methods}


def _rewritten(place: Place, base: str, fields: dict[str, Node]) -> str | None:
    rule = fields.get("rewrite", fields.get("pathRewrite"))
    if rule is None:
        return base
    home = literal_object(place.sources, place.module, rule) if unwrapped(rule).type in ("object", "identifier") else None
    if home is not None:
        at = replace(place, module=home[0])
        pairs = [(text_of(at, child.child_by_field_name("key")), text_of(at, child.child_by_field_name("value"))) for child in home[1].named_children]
        return _by_table(base, [(pattern, value) for pattern, value in pairs if pattern is not None])
    return _by_function(place, base, rule)


def _by_table(base: str, pairs: list[tuple[str, str | None]]) -> str | None:
    """The first pattern that changes something wins."""
    for pattern, replacement in pairs:
        result = rewriting.rewritten(base, pattern, replacement) if replacement is not None else None
        if result != base:
            return result
    return base


def _by_function(place: Place, base: str, function: Node) -> str | None:
    """`path => path.replace(/^\\/api/, "")` and `path => path.slice(4)`; anything longer is for a person to read."""
    calls = [node for node in _below(function) if node.type == "call_expression" and method(node) in ("replace", "slice", "substring", "substr")]
    body = function.child_by_field_name("body")
    if len(calls) != 1:
        return base if not calls and body is not None and body.type == "identifier" else None
    given = arguments(calls[0])
    if method(calls[0]) != "replace":
        size = text_of(place, given[0]) if len(given) == 1 else None
        return rewriting.plain((base + "/")[int(size) :]) if size is not None and size.isdecimal() and len(size) < 4 else None
    pattern, replacement = (_pattern(place, given[0]), text_of(place, given[1])) if len(given) == 2 else (None, None)
    return rewriting.rewritten(base, pattern, replacement) if pattern is not None and replacement is not None else None


def _below(node: Node) -> Iterator[Node]:
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(current.named_children))


def _pattern(place: Place, node: Node) -> str | None:
    """A regular expression's text, however it is made."""
    if node.type == "regex":
        return text(node.child_by_field_name("pattern"))
    if node.type == "new_expression" and text(callee(node)) == "RegExp" and arguments(node):
        return text_of(place, arguments(node)[0])
    return text_of(place, node)


# -- proxy.conf.json of Angular --------------------------------------------------------------------------------------------------------


def _of_angular(repo: Repo, item: Deployable) -> Iterator[_Rule]:
    for file in dict.fromkeys(_angular_files(repo, item)):
        if file.endswith(".json"):
            yield from _of_json(repo.json(file), file, None, repo)
        elif (module := item.own.module(file)) is not None and module.exported is not None:
            yield from _of_table(Place(item.own, module, item.package.path), module.exported)


def _angular_files(repo: Repo, item: Deployable) -> Iterator[str]:
    """What `ng serve` is told, else where it lies by convention."""
    folder = item.package.path
    told = [match[1] for body in item.package.scripts.values() for match in re.finditer(r"--proxy-config[ =]['\"]?([^\s'\"]+)", body)]
    for project in table(json_table(repo, join(folder, "angular.json")).get("projects")).values():
        serve = table(table(table(project).get("architect") or table(project).get("targets")).get("serve"))
        sections = [serve.get("options"), *table(serve.get("configurations")).values()]
        told += [path for section in sections if (path := written(table(section).get("proxyConfig")))]
    usual = [f"{place}proxy.conf{ending}" for place in ("", "src/") for ending in (".json", ".js", ".mjs", ".cjs")]
    yield from (path for name in told or usual if repo.has(path := join(folder, name)))


def _of_json(value: Any, file: str, number: int | None, repo: Repo | None = None) -> Iterator[_Rule]:
    """A table by prefix, or a list of rules that each name their prefixes."""
    rules: list[tuple[Any, Any]] = list(table(value).items())
    rules += [(key, entry) for entry in items(value) for key in (items(table(entry).get("context")) or [table(entry).get("context")])]
    for key, entry in rules:
        url = written(entry) or written(table(entry).get("target"))
        for prefix in rewriting.prefixes(key) if isinstance(key, str) and url else ():
            base = (prefix or "").rstrip("/")
            pairs = [(pattern, written(new) or ("" if new == "" else None)) for pattern, new in table(table(entry).get("pathRewrite")).items()]
            place = number if repo is None else repo.line_of(file, f'"{key}"')
            yield _Rule(prefix, _public(url or ""), _by_table(base, pairs), file, place)
