"""What application platforms are told: Procfile, app.json, fly.toml, render.yaml, railway, vercel, netlify, heroku.yml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsmith.detectors.deployed.ci import folder_of
from opsmith.detectors.deployed.compose import inside
from opsmith.detectors.deployed.documents import Document, documents
from opsmith.detectors.deployed.told import Told, number, plain_text
from opsmith.repo import Repo
from opsmith.shapes import items, mapping


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that a platform sets or asks for. `value` None: it is asked for, generated, or comes from elsewhere."""

    name: str
    value: str | None
    required: bool
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One service as a platform runs it; `folder` is where it lies in the repository, None where that cannot be told."""

    path: str
    system: str
    line: int
    name: str | None = None
    kind: str = "web"
    folder: str | None = ""
    start: Told[str] | None = None
    build: Told[str] | None = None
    release: Told[str] | None = None
    port: Told[int] | None = None
    health: Told[str] | None = None
    dockerfile: Told[str] | None = None
    processes: Mapping[str, Told[str]] = field(default_factory=dict[str, Told[str]])
    settings: tuple[Setting, ...] = ()
    addons: tuple[Told[str], ...] = ()


def read(repo: Repo, path: str) -> list[Platform]:
    name = path.rpartition("/")[2].lower()
    reader = _READERS.get(name) or (_procfile if name.startswith("procfile") else None)
    return list(reader(repo, path)) if reader is not None else []


def _here(path: str) -> str:
    return path.rpartition("/")[0]


_PROCESS = re.compile(r"^([\w-]+):[ \t]*(\S.*)$")


def _procfile(repo: Repo, path: str) -> Iterator[Platform]:
    found = [(match, line) for line, text in enumerate((repo.read(path) or "").split("\n"), start=1) if (match := _PROCESS.match(text))]
    processes = {match[1]: Told(plain_text(match[2]), line) for match, line in found}
    release = processes.pop("release", None)
    if processes or release:
        yield Platform(
            path=path, system="procfile", line=found[0][1], folder=_here(path), start=processes.get("web"), release=release, processes=processes
        )


def _app_json(repo: Repo, path: str) -> Iterator[Platform]:
    for document in documents(repo, path):
        settings = tuple(
            Setting(
                str(name),
                str(mapping(body).get("value", body)) if not mapping(body) or "value" in mapping(body) else None,
                mapping(body).get("required", True) is not False,
                document.line("env", str(name)),
            )
            for name, body in mapping(document.at("env")).items()
        )
        addons = tuple(
            Told(str(mapping(item).get("plan", item)).partition(":")[0], document.line("addons", index))
            for index, item in enumerate(items(document.at("addons")))
        )
        yield Platform(path=path, system="heroku", line=1, folder=_here(path), settings=settings, addons=addons)


def _fly(repo: Repo, path: str) -> Iterator[Platform]:
    body = _toml(repo, path)
    services = [mapping(item) for item in items(body.get("services"))]
    http = mapping(body.get("http_service"))
    port = number(http.get("internal_port")) or next((found for item in services if (found := number(item.get("internal_port")))), None)
    checks = [mapping(item) for item in (*items(http.get("checks")), *(check for item in services for check in items(item.get("http_checks"))))]
    checks += [mapping(item) for item in mapping(body.get("checks")).values()]
    processes = {str(name): _told(repo, path, command, "processes") for name, command in mapping(body.get("processes")).items()}
    kept = {name: told for name, told in processes.items() if told is not None}
    file = mapping(body.get("build")).get("dockerfile")
    dockerfile = inside(path, str(file)) if isinstance(file, str) else None
    yield Platform(
        path=path,
        system="fly",
        line=1,
        name=body["app"] if isinstance(body.get("app"), str) else None,
        folder=_here(path),
        start=kept.get("app") or kept.get("web"),
        release=_told(repo, path, mapping(body.get("deploy")).get("release_command"), "release_command"),
        port=Told(port, repo.line_of(path, "internal_port") or 1) if port else None,
        health=_told(repo, path, next((item["path"] for item in checks if isinstance(item.get("path"), str)), None), "path"),
        dockerfile=Told(dockerfile, repo.line_of(path, "dockerfile") or 1) if dockerfile else None,
        processes=kept,
        settings=tuple(Setting(str(name), str(value), False, repo.line_of(path, str(name)) or 1) for name, value in mapping(body.get("env")).items()),
    )


def _toml(repo: Repo, path: str) -> dict[Any, Any]:
    """A broken file is told as one that stops nothing."""
    import tomllib

    try:
        return mapping(tomllib.loads((repo.read(path) or "")[:200_000]))
    except (ValueError, RecursionError) as error:
        repo.problem(path, f"broken TOML: {str(error).partition(chr(10))[0]}")
        return {}


def _told(repo: Repo, path: str, value: object, key: str) -> Told[str] | None:
    if not isinstance(value, str) or not value.strip():
        return None
    return Told(plain_text(value), repo.line_of(path, value.split("\n")[0]) or repo.line_of(path, key) or 1)


def _render(repo: Repo, path: str) -> Iterator[Platform]:
    for document in documents(repo, path):
        for index, value in enumerate(items(document.at("services"))):
            body = mapping(value)

            def told(key: str, body: dict[Any, Any] = body, index: int = index, document: Document = document) -> Told[str] | None:
                return Told(plain_text(body[key]), document.line("services", index, key)) if isinstance(body.get(key), str) else None

            folder = folder_of(body.get("rootDir"))
            file = body.get("dockerfilePath")
            dockerfile = folder_of(f"{folder}/{file}" if folder else file) if isinstance(file, str) else None
            yield Platform(
                path=path,
                system="render",
                line=document.line("services", index),
                name=body["name"] if isinstance(body.get("name"), str) else None,
                kind="static"
                if body.get("type") == "static" or body.get("env") == "static" or body.get("runtime") == "static"
                else str(body.get("type")),
                folder=folder,
                start=told("startCommand") or told("dockerCommand"),
                build=told("buildCommand"),
                release=told("preDeployCommand"),
                health=told("healthCheckPath"),
                dockerfile=Told(dockerfile, document.line("services", index, "dockerfilePath")) if dockerfile else None,
                settings=tuple(_render_settings(body, index, document)),
            )


def _render_settings(body: dict[Any, Any], service: int, document: Document) -> Iterator[Setting]:
    for index, item in enumerate(items(body.get("envVars"))):
        told = mapping(item)
        if isinstance(told.get("key"), str):
            value = told.get("value")
            yield Setting(told["key"], None if value is None else str(value), value is None, document.line("services", service, "envVars", index))


def _railway(repo: Repo, path: str) -> Iterator[Platform]:
    body = _toml(repo, path) if path.endswith(".toml") else mapping(next((item.value for item in documents(repo, path)), None))
    deploy, build = mapping(body.get("deploy")), mapping(body.get("build"))
    release = deploy.get("preDeployCommand")
    file = build.get("dockerfilePath")
    dockerfile = inside(path, file) if isinstance(file, str) else None
    yield Platform(
        path=path,
        system="railway",
        line=1,
        folder=_here(path),
        start=_told(repo, path, deploy.get("startCommand"), "startCommand"),
        build=_told(repo, path, build.get("buildCommand"), "buildCommand"),
        release=_told(repo, path, release if isinstance(release, str) else next(iter(items(release)), None), "preDeployCommand"),
        health=_told(repo, path, deploy.get("healthcheckPath"), "healthcheckPath"),
        dockerfile=Told(dockerfile, repo.line_of(path, "dockerfilePath") or 1) if dockerfile else None,
    )


def _vercel(repo: Repo, path: str) -> Iterator[Platform]:
    for document in documents(repo, path):
        build = document.at("buildCommand")
        told = Told(plain_text(build), document.line("buildCommand")) if isinstance(build, str) and build.strip() else None
        yield Platform(path=path, system="vercel", line=1, kind="static", folder=_here(path), build=told)


def _netlify(repo: Repo, path: str) -> Iterator[Platform]:
    body = mapping(_toml(repo, path).get("build"))
    base = body.get("base")
    folder = inside(path, base) if isinstance(base, str) else _here(path)
    yield Platform(path=path, system="netlify", line=1, kind="static", folder=folder, build=_told(repo, path, body.get("command"), "command"))


def _heroku(repo: Repo, path: str) -> Iterator[Platform]:
    for document in documents(repo, path):
        run = mapping(document.at("run"))
        processes = {
            str(name): Told(plain_text(text), document.line("run", str(name)))
            for name, body in run.items()
            if isinstance(text := body if isinstance(body, str) else mapping(body).get("command"), str)
        }
        release = mapping(document.at("release")).get("command")
        file = mapping(document.at("build", "docker")).get("web")
        dockerfile = inside(path, file) if isinstance(file, str) else None
        yield Platform(
            path=path,
            system="heroku",
            line=1,
            folder=_here(path),
            start=processes.get("web"),
            processes=processes,
            release=Told(plain_text(release), document.line("release", "command")) if isinstance(release, str) else None,
            dockerfile=Told(dockerfile, document.line("build", "docker", "web")) if dockerfile else None,
        )


_READERS: Mapping[str, Callable[[Repo, str], Iterator[Platform]]] = {
    "app.json": _app_json,
    "fly.toml": _fly,
    "render.yaml": _render,
    "render.yml": _render,
    "railway.json": _railway,
    "railway.toml": _railway,
    "vercel.json": _vercel,
    "netlify.toml": _netlify,
    "heroku.yml": _heroku,
}
