"""What never belongs into a build: history, secrets, what the build makes itself, and what only people read."""

from __future__ import annotations

from collections.abc import Sequence

from opsmith.model.blueprint import Build
from opsmith.targets.docker import stacks

EVERYWHERE = (
    ("# History, editors, delivery", (".git", ".github", ".gitignore", ".vscode", ".idea", ".opsmith", "k8s", "monitoring")),
    ("# Secrets and local settings", ("**/.env", "**/.env.*", "!**/.env.example", "**/*.pem", "**/*.key")),
    ("# Container files change without the program changing", ("**/Dockerfile*", "**/.dockerignore", "**/compose*.y*ml", "**/docker-compose*.y*ml")),
    ("# Logs and operating system left-overs", ("**/*.log", "**/.DS_Store")),
)


def text(builds: Sequence[Build]) -> str:
    """The file for all builds that share a context."""
    sections = [f"{title}\n" + "\n".join(names) + "\n" for title, names in EVERYWHERE]
    languages = dict.fromkeys(build.language for build in builds)
    sections += [f"# Made by tools, and made again inside the image ({name})\n" + "\n".join(stacks.of(name).IGNORED) + "\n" for name in languages]
    return "\n".join(sections)
