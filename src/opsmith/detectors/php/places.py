"""Where things lie in a PHP project: paths, and folders that nobody deploys."""

from __future__ import annotations

NOT_DEPLOYED = frozenset(
    (
        "test", "tests", "spec", "specs", "example", "examples", "fixture", "fixtures", "docs", "doc", "documentation", "benchmark", "benchmarks",
        "sample", "samples", "demo", "demos", "stubs", "tools", "build", ".github", "node_modules", "e2e", "templates", "template", "phpstan",
        "vendor-bin", "dev", ".devcontainer", "resources", "assets", "static", "dist",
    )
)  # fmt: skip
_NO_PROCESS = frozenset(("test", "tests", "spec", "fixtures", "stubs", "lang", "translations", "migrations", "seeders", "factories", "views"))


def join(*parts: str) -> str:
    """POSIX path of `parts`, with `.` and `..` taken out; what leads out of the root ends at the root."""
    result: list[str] = []
    for part in "/".join(parts).split("/"):
        if part == "..":
            del result[-1:]
        elif part not in ("", "."):
            result.append(part)
    return "/".join(result)


def parent(path: str) -> str:
    return path.rpartition("/")[0]


def inside(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(folder + "/")


def upward(folder: str) -> list[str]:
    """The folder and every one above it, the root last."""
    found = [folder]
    while folder:
        folder = parent(folder)
        found.append(folder)
    return found


def is_not_deployed(folder: str) -> bool:
    return any(part in NOT_DEPLOYED or part.endswith(("-examples", "-samples")) for part in folder.lower().split("/"))


def is_process_code(relative: str) -> bool:
    parts = relative.lower().split("/")
    return not any(part in _NO_PROCESS for part in parts[:-1]) and not parts[-1].endswith(("test.php", ".blade.php", ".tpl.php", ".phtml"))
