"""Which package manager installs a package, how, and from which files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith import conventions
from opsmith.detectors.javascript.facts import Found, found, join, json_table, written
from opsmith.detectors.node.packages import Package
from opsmith.repo import Repo

_LOCKS = (
    ("pnpm-lock.yaml", "pnpm"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
    ("yarn.lock", "yarn"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
)
_SETTINGS = (".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", "pnpm-workspace.yaml", "bunfig.toml", "lerna.json")


@dataclass(frozen=True, slots=True)
class Manager:
    """`name` is npm, yarn, pnpm or bun; `berry` is Yarn 2 and later; `lock` is the lock file's path; `folder` is where it installs."""

    name: str
    folder: str
    lock: str | None
    berry: bool
    plug_and_play: bool
    version: str | None
    """Of a manager that no Node image brings: as package.json names it, else by the format of the lock file. None where none is installed."""
    pinned: bool
    """package.json names the manager and its version, as corepack reads it."""

    def run(self, script: str) -> str:
        if self.name == "npm":
            return "npm start" if script == "start" else "npm test" if script == "test" else f"npm run {script}"
        return f"yarn {script}" if self.name == "yarn" else f"{self.name} run {script}"

    def execute(self, command: str) -> str:
        """Runs a program of the installed packages."""
        if self.plug_and_play:
            return f"yarn {command}"
        return f"bunx {command}" if self.name == "bun" else f"npx {command}"

    @property
    def install(self) -> str:
        if self.lock is None:
            return f"{self.name} install"
        flag = "--immutable" if self.berry else "--frozen-lockfile"
        return "npm ci" if self.name == "npm" else f"{self.name} install {flag}"


def manager_of(repo: Repo, package: Package) -> Found[Manager]:
    """The lock file decides; the `packageManager` field settles what several lock files leave open."""
    declared = _declared(repo, package)
    locks = list(_locks(repo, package))
    if declared is not None:
        name, version = declared.value
        lock = next((file for file, kind in locks if kind == name), None)
        return Found(_manager(repo, package, name, lock, version), declared.evidence)
    if not locks:
        name = "yarn" if repo.has(join(package.context, ".yarnrc.yml")) else "npm"
        shows = ".yarnrc.yml" if name == "yarn" else "package.json without a lock file"
        return found(_manager(repo, package, name, None, None), package.file, None, shows, 0.7)
    file, name = locks[0]
    kinds = list(dict.fromkeys(kind for path, kind in locks if path.rpartition("/")[0] == file.rpartition("/")[0]))
    return found(
        _manager(repo, package, name, file, None),
        file,
        None,
        f"lock file of {name}",
        0.95 if len(kinds) == 1 else 0.6,
        choices=kinds if len(kinds) > 1 else (),
    )


def _declared(repo: Repo, package: Package) -> Found[tuple[str, str]] | None:
    for folder in dict.fromkeys((package.path, package.context)):
        file = join(folder, "package.json")
        value = written(json_table(repo, file).get("packageManager")) or ""
        match = re.match(r"(npm|yarn|pnpm|bun)@(\S+)", value)
        if match:
            return found((match[1], match[2]), file, repo.line_of(file, '"packageManager"'), f"packageManager: {value}", 0.95)
    return None


def _locks(repo: Repo, package: Package) -> Iterator[tuple[str, str]]:
    """Lock files in the package's folder, then in its workspace's."""
    for folder in dict.fromkeys((package.path, package.context)):
        for name, kind in _LOCKS:
            if repo.has(join(folder, name)):
                yield join(folder, name), kind


def _manager(repo: Repo, package: Package, name: str, lock: str | None, version: str | None) -> Manager:
    settings = join(package.context, ".yarnrc.yml")
    berry = name == "yarn" and (repo.has(settings) or bool(version and not version.startswith("1.")) or _is_berry_lock(repo, lock))
    folder = lock.rpartition("/")[0] if lock else package.context
    needed = _version(repo, name, lock, version, berry=berry, settings=settings)
    return Manager(name, folder, lock, berry, berry and _plug_and_play(repo, settings), needed, version is not None)


def _version(repo: Repo, name: str, lock: str | None, declared: str | None, *, berry: bool, settings: str) -> str | None:
    """The version to install: Node images hold npm and Yarn 1, and a repository may carry its own Yarn (yarnPath)."""
    if name == "pnpm":
        return declared.partition("+")[0] if declared else _pnpm_of(repo, lock)
    if berry and "yarnPath" not in (repo.read(settings) or ""):
        return declared.partition("+")[0] if declared else conventions.package("yarn")
    return None


def _pnpm_of(repo: Repo, lock: str | None) -> str:
    """The newest pnpm that writes this format of lock file."""
    match = re.search(r"^lockfileVersion:\s*'?(\d+)", ((repo.bytes(lock) if lock else None) or b"")[:2000].decode("utf-8", "replace"), re.MULTILINE)
    return {"5": "7.33.7", "6": "8.15.9"}.get(match[1] if match else "", conventions.package("pnpm"))


def _is_berry_lock(repo: Repo, lock: str | None) -> bool:
    return bool(lock) and b"__metadata:" in (repo.bytes(lock or "") or b"")[:2000]


def _plug_and_play(repo: Repo, settings: str) -> bool:
    return "nodeLinker: node-modules" not in (repo.read(settings) or "") and "nodeLinker: pnpm" not in (repo.read(settings) or "")


def manifests(repo: Repo, package: Package, manager: Manager, members: tuple[str, ...], schemas: tuple[str, ...]) -> tuple[str, ...]:
    """What `install` reads: manifests of the workspace, the lock file, settings, patches, and a schema that a postinstall script reads."""
    folders = dict.fromkeys((manager.folder, package.context, package.path))
    files = [join(folder, "package.json") for folder in folders] + [join(member, "package.json") for member in members]
    files += [manager.lock] if manager.lock else []
    files += [join(folder, name) for folder in folders for name in _SETTINGS]
    files += [path for folder in folders for name in ("patches", ".yarn/patches") for path in repo.under(join(folder, name), ".patch")]
    files += [path for folder in folders for name in (".yarn/releases", ".yarn/plugins") for path in repo.under(join(folder, name), ".cjs")]
    hooks = [package.scripts.get(hook, "") for hook in ("postinstall", "prepare", "preinstall")]
    files += schemas if any("prisma" in hook for hook in hooks) else ()
    files += [join(package.path, word) for hook in hooks for word in hook.split() if re.fullmatch(r"[\w./-]+\.\w+", word)]
    return tuple(sorted({file for file in files if repo.has(file)}))


BROWSERS = ("cypress", "playwright", "puppeteer")
"""Packages that fetch a whole browser when they are installed."""


def _for_development(package: Package, name: str) -> bool:
    return name in package.development or (name == "playwright" and "@playwright/test" in package.development)


def traits(package: Package, manager: Manager, above: Package | None) -> list[str]:
    result = ["yarn-berry"] if manager.berry else []
    result += [f"manager:{manager.version}"] if manager.version else []
    result += ["corepack"] if manager.pinned and manager.name in ("yarn", "pnpm") else []
    result += [f"downloads:{name}" for name in BROWSERS if _for_development(package, name) or (above is not None and _for_development(above, name))]
    leaving = next(
        (hook for hook in ("preinstall", "postinstall", "prepare") if re.search(r"(?:^|[\s'\"=])\.\./", package.scripts.get(hook, ""))), None
    )
    result += [f"install-leaves:{leaving}"] if leaving and above is None and package.path else []
    prepare = [item.scripts.get("prepare", "") + item.scripts.get("postinstall", "") for item in (package, above) if item is not None]
    result += ["husky-prepare"] if any(re.search(r"\b(husky|lefthook|simple-git-hooks|patch-package)\b", text) for text in prepare) else []
    return result
