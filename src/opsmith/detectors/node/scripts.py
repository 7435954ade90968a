"""package.json scripts: what they run, and what of it fits production."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.javascript.facts import items, join, json_table, table, written
from opsmith.detectors.javascript.source import Sources
from opsmith.detectors.javascript.syntax import entries, string_value
from opsmith.detectors.node.packages import Package
from opsmith.repo import Repo

_DEVELOPMENT = re.compile(
    r"\b(nodemon|next dev|nuxt dev|nuxi dev|remix dev|react-router dev|astro dev|ng serve|vue-cli-service serve|react-scripts start|craco start|"
    r"react-app-rewired start|webpack(-dev-server)? serve|webpack-dev-server|gatsby develop|vite dev|ts-node-dev|tsx watch|node --watch|"
    r"nest start --watch|--watch|--hot\b|--inspect(-brk)?\b|parcel (?!build)|docusaurus start|vitepress dev|strapi develop|adonis serve|ace serve|"
    r"wrangler dev|turbo (run )?dev|expo start|electron\b|"
    r"svelte-kit dev|concurrently|nx serve|nx run-many|lerna run|vuepress dev|rsbuild dev|storybook)"
    r"(?![\w-])|(^|&&\s*|\s)vite(\s+--(?!build)|\s*$)"
)
_START_NAMES = (
    "start:prod",
    "start:production",
    "prod:start",
    "start-prod",
    "serve:prod",
    "production",
    "prod",
    "start",
    "start:server",
    "server:start",
    "serve",
    "server",
    "start:api",
)
_RUNNERS = ("bun", "node", "tsx", "ts-node", "ts-node-dev", "nodemon")
_BUILT = frozenset(
    (
        "dist",
        "build",
        "out",
        "output",
        "lib",
        ".output",
        ".next",
        ".build",
        "server-build",
        "build-server",
        "compiled",
        "bundle",
        "esm",
        "cjs",
        ".medusa",
        "dist-server",
        "built",
    )
)


@dataclass(frozen=True, slots=True)
class Start:
    """A script to start with: `command` is what it comes to, `direct` true when it is `node FILE`."""

    script: str
    command: str
    body: str
    direct: bool


def is_development(body: str) -> bool:
    return _DEVELOPMENT.search(body) is not None


def starts(repo: Repo, package: Package, sources: Sources) -> Iterator[Start]:
    """The scripts that may start it in production, best first."""
    for name in _START_NAMES:
        body = package.scripts.get(name)
        command = flatten(package, body) if body else None
        if body and command and not is_development(command) and not re.search(r"docker|cypress|jest", command):
            final = direct(repo, package, sources, command)
            if final is None or _plausible(repo, package, final):
                yield Start(name, final or command, body, final is not None)


def flatten(package: Package, body: str, depth: int = 4) -> str:
    """The last step of a script, with `npm run x` followed."""
    steps = [step.strip() for step in re.split(r"&&|;", body) if step.strip()]
    last = steps[-1] if steps else ""
    match = re.fullmatch(r"(?:npm|pnpm|yarn|bun)\s+(?:run(?:-script)?\s+)?(?:-s\s+|--silent\s+)?([\w:.-]+)(?:\s+--)?", last)
    if match and depth > 0 and match[1] in package.scripts and package.scripts[match[1]] != body:
        return flatten(package, package.scripts[match[1]], depth - 1)
    return last


def runs_a_file(package: Package) -> bool:
    """Whether a script for development runs a source file, as that of a program does; a library's builds or tests."""
    for name in ("dev", "start:dev", "develop", "serve", "server"):
        words = _without_prefix(words_of(flatten(package, package.scripts.get(name, ""))))
        words = words[next((place for place, word in enumerate(words) if not re.fullmatch(r"[A-Z_]+=.*", word)), 0) :]
        if words and words[0] in _RUNNERS and any(re.fullmatch(r"[\w./-]+\.[cm]?[jt]sx?", word) for word in words[1:]):
            return True
    return False


def runs_code(command: str) -> bool:
    """Whether a command starts a source file by itself, rather than a tool that does something with the sources."""
    words = _without_prefix(words_of(command))
    return len(words) > 1 and words[0] in _RUNNERS and any(re.fullmatch(r"[\w./-]+", word) for word in words[1:])


def words_of(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def direct(repo: Repo, package: Package, sources: Sources, command: str) -> str | None:
    """`node FILE …` when the command is that, apart from NODE_ENV=production; None when a shell or the package manager is needed."""
    words = _without_prefix(words_of(command))
    if not words or re.search(r"[|<>$`*]", command):
        return None
    if words[0] in ("pm2", "pm2-runtime"):
        return _pm2(repo, package, sources, words)
    if words[0] in ("nodemon", "forever") and len(words) > 1:
        words[0] = "node"
        words = [word for word in words if word not in ("start", "-L", "-q", "--legacy-watch")]
    return " ".join(words) if words[0] == "node" and len(words) > 1 else None


def _without_prefix(words: list[str]) -> list[str]:
    while words and (
        words[0] in ("cross-env", "env", "exec", "NODE_ENV=production", "dotenv", "--", "npx")
        or re.fullmatch(r"NODE_ENV=['\"]?production['\"]?", words[0])
    ):
        words = words[1:]
    return words


def _pm2(repo: Repo, package: Package, sources: Sources, words: list[str]) -> str | None:
    """A container runs one process in the foreground: what the pm2 file names, started by node itself."""
    target = next((word for word in words[1:] if word.endswith((".js", ".json", ".cjs", ".config.js"))), None)
    if target is None:
        return None
    script = (
        _ecosystem_script(repo, sources, join(package.path, target))
        if "ecosystem" in target or target.endswith(".json") or ".config." in target
        else target
    )
    return f"node {script}" if script else None


def _ecosystem_script(repo: Repo, sources: Sources, file: str) -> str | None:
    if file.endswith(".json"):
        apps = json_table(repo, file).get("apps")
        return written(table(next(iter(items(apps)), apps)).get("script"))
    module = sources.module(file)
    listed = entries(module.exported).get("apps") if module else None
    apps_here = listed.named_children if listed is not None else []
    return string_value(entries(apps_here[0]).get("script")) if len(apps_here) == 1 else None


def _plausible(repo: Repo, package: Package, command: str) -> bool:
    """The file is in the repository, or in a folder that a build makes."""
    target = node_target(command)
    if target is None:
        return True
    path = join(package.path, target)
    return (
        any(repo.has(path + end) for end in ("", ".js", ".mjs", ".cjs", ".ts", "/index.js"))
        or bool(_BUILT & set(target.split("/")[:-1]))
        or target in _BUILT
    )


def node_target(command: str) -> str | None:
    """The file that `node … FILE` runs."""
    words = words_of(command)
    skip = False
    for word in words[1:] if words and words[0] in ("node", "bun", "tsx", "ts-node", "deno") else ():
        if skip:
            skip = False
        elif word in ("-r", "--require", "--import", "--loader", "--experimental-loader", "--env-file", "-C"):
            skip = True
        elif not word.startswith("-") and word != "run":
            return join(word)
    return None


def port_in(command: str) -> int | None:
    """`-p 3001`, `--port=3001`, `PORT=3001`."""
    match = re.search(r"(?:\s-p|--port|\bPORT)[\s=](\d{2,5})\b", command)
    return int(match[1]) if match else None


def workers(package: Package, taken: str) -> Iterator[tuple[str, str]]:
    """Name and body of the scripts that start further processes: one a name, its production form first."""
    chosen: dict[str, str] = {}
    for script, body in package.scripts.items():
        parts = script.split(":")
        word = next((part for part in parts if re.fullmatch(r"(\w+-)?(workers?|queues?|consumers?|scheduler|cron|jobs?)(-\w+)?", part)), None)
        others = {part for part in parts if part != word}
        if (
            word is None
            or script == taken
            or others - {"start", "prod", "production", "run", "serve"}
            or is_development(body)
            or not _runs(package, body)
        ):
            continue
        best = chosen.get(word)
        if best is None or ("prod" in script) > ("prod" in best):
            chosen[word] = script
    for word, script in chosen.items():
        yield word, script


def _runs(package: Package, body: str) -> bool:
    return (
        re.match(
            r"(node|tsx|ts-node|bun|nest start|medusa|graphile-worker|pm2|npm|yarn|pnpm)\b",
            " ".join(_without_prefix(words_of(flatten(package, body)))),
        )
        is not None
    )


def pick(package: Package, *names: str) -> str | None:
    return next((name for name in names if name in package.scripts), None)
