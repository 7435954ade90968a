"""The container engine of this machine: docker, podman or buildah, whichever works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opsmith.tools import Command, Result, Runner

BUILD_SECONDS = 1200.0
PULL_SECONDS = 300.0
ASK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Engine:
    """`tool` is the engine's name in opsmith.tools.TOOLS."""

    tool: str
    runner: Runner

    @property
    def runs_containers(self) -> bool:
        return self.tool != "buildah"

    @property
    def version(self) -> str | None:
        return self.runner.version(self.tool)

    def ask(self, *arguments: str, seconds: float = ASK_SECONDS, tree: Path | None = None) -> Result:
        return self.runner.run(Command(tool=self.tool, arguments=arguments, seconds=seconds), tree or Path("/"))

    def works(self, *arguments: str, seconds: float = ASK_SECONDS) -> bool:
        result = self.ask(*arguments, seconds=seconds)
        return not result.missing and not result.timed_out and result.exit_code == 0

    def has_image(self, reference: str) -> bool:
        return self.works("inspect", "--type", "image", reference)

    def build(self, dockerfile: str, context: str, tag: str, tree: Path) -> Result:
        form = () if self.tool == "docker" else ("--format", "docker", "--layers")
        return self.ask("build", *form, "--file", dockerfile, "--tag", tag, context, seconds=BUILD_SECONDS, tree=tree)


def choose(runner: Runner) -> Engine | None:
    """The first engine that is installed and answers; a docker client without its daemon does not."""
    for tool, question in (("docker", ("info",)), ("podman", ("info",)), ("buildah", ("info",))):
        if runner.find(tool):
            engine = Engine(tool, runner)
            if engine.works(*question):
                return engine
    return None
