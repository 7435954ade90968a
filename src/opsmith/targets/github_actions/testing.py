"""The job that lints and tests one component, with the backing services that its tests reach."""

from __future__ import annotations

from typing import Any

from opsmith.emit import noted
from opsmith.model.blueprint import Blueprint, TestJob
from opsmith.targets.github_actions import containers, steps, toolchains

MINUTES = 20


def job(blueprint: Blueprint, test: TestJob) -> Any:
    node = f"pipeline.tests.{test.name}"
    backings = containers.reached(blueprint, test)
    made: dict[str, Any] = {
        "name": f"Test {test.name}",
        "runs-on": steps.RUNNER,
        "timeout-minutes": MINUTES,
        "permissions": {"contents": noted("read", beside="check out")},
        "defaults": {"run": {"shell": "bash"} | ({"working-directory": noted(steps.told(test.path), node)} if test.path else {})},
    }
    if backings:
        made["services"] = {item.name: containers.container(item, port) for item, port in backings.items()}
    if environment := containers.environment(blueprint, test, backings):
        made["env"] = environment
    return noted(made | {"steps": [steps.checkout(), *toolchains.setup(blueprint, test), *_commands(blueprint, test, node)]}, node)


def _commands(blueprint: Blueprint, test: TestJob, node: str) -> list[Any]:
    told = (
        ("Install", "install_command", test.install_command),
        ("Lint", "lint_command", test.lint_command),
        ("Build" if _only_builds(blueprint, test) else "Test", "test_command", test.test_command),
    )
    return [noted(_command(title, test, command), f"{node}.{fact}") for title, fact, command in told if command]


def _only_builds(blueprint: Blueprint, test: TestJob) -> bool:
    """A component without tests is at least built."""
    return any(build.build_command == test.test_command for build in blueprint.builds if build.path == test.path)


def _command(title: str, test: TestJob, command: str) -> dict[str, Any]:
    if test.language == "go" and command.startswith("golangci-lint run"):
        arguments = command.removeprefix("golangci-lint run").strip()
        settings = {"working-directory": steps.told(test.path or ".")} | ({"args": steps.told(arguments)} if arguments else {})
        return steps.use(title, "golangci/golangci-lint-action", settings)
    return steps.run(title, steps.told(command))
