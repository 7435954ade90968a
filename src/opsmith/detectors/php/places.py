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


def is_not_deployed(folder: str) -> bool:
    return any(part in NOT_DEPLOYED or part.endswith(("-examples", "-samples")) for part in folder.lower().split("/"))


def is_process_code(relative: str) -> bool:
    parts = relative.lower().split("/")
    return not any(part in _NO_PROCESS for part in parts[:-1]) and not parts[-1].endswith(("test.php", ".blade.php", ".tpl.php", ".phtml"))
