"""A runner that plays back what real tools once said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from opsmith.tools import Command, Result


@dataclass
class RecordedRunner:
    """Answers by tool. A tool without an answer is not installed. `trees` and `laid` remember where and over what it was asked."""

    answers: Mapping[str, Result]
    commands: list[Command] = field(default_factory=list[Command])
    trees: list[Path] = field(default_factory=list[Path])
    laid: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def find(self, tool: str) -> str | None:
        return f"/usr/bin/{tool}" if tool in self.answers else None

    def version(self, tool: str) -> str | None:
        return "1.2.3" if tool in self.answers else None

    def run(self, command: Command, tree: Path) -> Result:
        if command.tool not in self.answers:
            return Result(missing=True)
        self.commands.append(command)
        self.trees.append(tree)
        self.laid.append({str(path.relative_to(tree)): path.read_text() for path in sorted(tree.rglob("*")) if path.is_file()})
        return self.answers[command.tool]
