"""Where things lie in a Ruby project: paths, and folders that nobody deploys."""

from __future__ import annotations

NOT_DEPLOYED = frozenset(
    (
        "spec", "specs", "test", "tests", "dummy", "example", "examples", "fixture", "fixtures", "docs", "doc", "documentation", "benchmark",
        "benchmarks", "bench", "sample", "samples", "demo", "demos", "template", "templates", "features", "gemfiles", ".github", "fastlane",
        "ios", "android", "tools", "sandbox", "website", ".devcontainer", "e2e",
    )
)  # fmt: skip
_NO_PROCESS = frozenset(("spec", "specs", "test", "tests", "features", "examples", "example", "fixtures", "sorbet", "capistrano"))


def is_not_deployed(folder: str) -> bool:
    return any(part.lower() in NOT_DEPLOYED for part in folder.split("/"))


def is_process_code(relative: str) -> bool:
    """Whether a file of a project runs in its processes: no tests, no settings of other environments, no deployment recipes, no one-off scripts."""
    parts = relative.split("/")
    if any(part in _NO_PROCESS for part in parts[:-1]) or parts[-1].endswith(("_spec.rb", "_test.rb")):
        return False
    if parts[0] in ("db", "bin", "script", "scripts") or relative in ("config/deploy.rb", "config/environments/development.rb"):
        return False
    return not relative.startswith(("config/deploy/", "config/environments/test", "config/environments/dev", "config/environments/ci"))
