"""Start commands of different sources: whether they start the same thing, and whether one works outside the image that it was written for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from opsmith.detectors.deployed.told import words_of
from opsmith.model.survey import Component
from opsmith.repo import Repo
from opsmith.shapes import mapping

_RUNNERS = frozenset(("exec", "npx", "bunx", "env", "nice", "su-exec", "gosu", "time", "opentelemetry-instrument", "ddtrace-run"))
_RUNNER_PAIRS = frozenset(
    (("poetry", "run"), ("uv", "run"), ("pipenv", "run"), ("pdm", "run"), ("bundle", "exec"), ("yarn", "exec"), ("pnpm", "exec"))
)
_INTERPRETERS = frozenset(("python", "python3", "node", "nodejs", "ruby", "php", "deno", "bun", "tsx", "ts-node"))
_BUILT = frozenset(
    ("go", "rust", "java", "kotlin", "scala", "clojure", "csharp", "fsharp", "dotnet", "cpp", "c", "elixir", "erlang", "swift", "haskell")
)
"""What runs is made by the build, and lies where an image puts it."""


_LOCAL = frozenset(("gunicorn", "uvicorn", "hypercorn", "flask", "daphne"))
"""Servers that nobody outside of the container reaches unless they are told to listen there."""
_DEVELOPMENT_SERVERS = frozenset(("flask", "django", "bottle", "dash"))
"""What their own scripts start is for development, as their documents say."""
_FOR_DEVELOPMENT = re.compile(
    r"(?i)(?:^|[\s:/_-])(?:dev|develop|--reload|--watch|watch|runserver|nodemon|debug|--debug|air|start:dev|serve:dev)(?:\s|$)"
)


def is_for_development(command: str) -> bool:
    """It reloads, or is a framework's development server."""
    return _FOR_DEVELOPMENT.search(command) is not None


def is_built(component: Component) -> bool:
    return component.language_family in _BUILT


def starts_the_same(one: str, two: str, scripts: Mapping[str, str]) -> bool:
    """Whether program and target are equal, options aside; a package script stands for what it runs."""
    return bool(_targets(one, scripts) & _targets(two, scripts))


def scripts_of(repo: Repo, component: Component) -> dict[str, str]:
    """The scripts of the component's package.json."""
    path = f"{component.path}/package.json" if component.path else "package.json"
    if component.language_family != "node" or not repo.has(path):
        return {}
    found = mapping(mapping(repo.json(path)).get("scripts"))
    return {str(name): text for name, text in found.items() if isinstance(text, str)}


def _targets(command: str, scripts: Mapping[str, str], depth: int = 3) -> set[tuple[str, str]]:
    last = re.split(r"&&|;", command)[-1].strip()
    words = _bare(words_of(last))
    found = {_target(words)} if words else set[tuple[str, str]]()
    script = _script(words)
    if script in scripts and depth:
        found |= _targets(scripts[script], scripts, depth - 1)
    return found


def _bare(words: list[str]) -> list[str]:
    """Without variables and runners in front."""
    rest = list(words)
    while rest:
        if re.match(r"^\w+=", rest[0]) or rest[0].rpartition("/")[2] in _RUNNERS or rest[0] == "dotenv":
            rest = rest[1:]
        elif tuple(rest[:2]) in _RUNNER_PAIRS:
            rest = rest[2:]
        else:
            break
    return rest


def _script(words: list[str]) -> str:
    if words[:1] and words[0] in ("npm", "yarn", "pnpm", "bun"):
        rest = [word for word in words[1:] if word != "run" and not word.startswith("-")]
        return rest[0] if rest else ""
    return ""


def _target(words: list[str]) -> tuple[str, str]:
    program = words[0].rpartition("/")[2]
    rest = words[1:]
    if program.startswith("python") and rest[:1] == ["-m"] and len(rest) > 1:
        program, rest = rest[1], rest[2:]
    script = _script(words)
    if script:
        return "script", script
    first = _first(rest)
    name = re.sub(r"\.(?:js|mjs|cjs|ts|py|rb|jar|dll)$", "", first.rstrip("/"))
    return "python" if program == "python3" else program, name.removeprefix("./")


def _first(words: list[str]) -> str:
    """The first word that is no option, nor what follows one that takes a value."""
    waiting = iter(words)
    for word in waiting:
        if re.fullmatch(r"-[bwkcptCAr]|--(?:bind|workers|worker-class|config|host|port|log-file|access-logfile|threads|timeout|app|require)", word):
            value = next(waiting, "")
            if word in ("-A", "--app"):
                return value
        elif not word.startswith("-"):
            return word
    return ""


def is_program(command: str) -> bool:
    """Whether it begins with a program: a lone word, a file of source or an option is handed to an entry point that nobody sees here."""
    words = _bare(words_of(command))
    if not words or words[0].startswith("-") or re.search(r"\.(?:js|mjs|cjs|ts|py|rb|jar|dll)$", words[0]):
        return False
    return len(words) > 1 or "/" in words[0] or words[0] in _ALONE


_ALONE = frozenset(("nginx", "httpd", "apache2-foreground", "php-fpm", "caddy", "gunicorn", "uwsgi", "puma", "supervisord", "sidekiq", "unicorn"))


def placed(command: str, workdir: str | None) -> str:
    """With paths below the working directory made relative to it."""
    folder = (workdir or "").rstrip("/")
    return re.sub(rf"(?<![\w.]){re.escape(folder)}/(?=[\w.])", "", command) if folder else command


def works_elsewhere(command: str, component: Component, repo: Repo) -> bool:
    """Whether it needs nothing but the runtime, the dependencies and files of the repository, so that another image can run it too."""
    words = _bare(words_of(command))
    if not words or re.search(r"[|&;<>`(){}$]", command) or any(word.startswith("/") or "=/" in word for word in words):
        return False
    program = words[0].rpartition("/")[2]
    if is_for_development(command) or (program in _LOCAL and "0.0.0.0" not in command):  # noqa: S104  # read, never bound
        return False
    if program.startswith("python") and component.framework in _DEVELOPMENT_SERVERS:
        return False
    program = words[0]
    if program.endswith(".sh") or "/" in program:
        return False
    script = _script(words)
    if script:
        return script in scripts_of(repo, component)
    if program in _INTERPRETERS:
        return True
    return any(program.encode() in (repo.bytes(path) or b"") for path in component.manifests)
