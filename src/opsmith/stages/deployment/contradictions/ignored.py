"""Whether git ignores a path: then it may lie on a machine although the repository does not hold it."""

from __future__ import annotations

from fnmatch import fnmatchcase

from opsmith.repo import Repo

MOST = 2_000


class Ignored:
    """Read generously: a pattern that may mean the path counts, whatever is taken out again after it."""

    def __init__(self, repo: Repo) -> None:
        self._patterns: list[tuple[str, str]] = []
        for path in repo.named(".gitignore")[:200]:
            folder = path.rpartition("/")[0]
            lines = (line.strip() for line in (repo.read(path) or "").split("\n")[:MOST])
            self._patterns += [(folder, line.strip("/")) for line in lines if line and not line.startswith(("#", "!"))]

    def has(self, path: str) -> bool:
        return any(_means(pattern, path[len(folder) :].strip("/")) for folder, pattern in self._patterns if path.startswith(folder))


def _means(pattern: str, path: str) -> bool:
    parts = path.split("/")
    plain = pattern.removeprefix("**/").removesuffix("/**").removesuffix("/*")
    if "/" not in plain:
        return any(fnmatchcase(part, plain) for part in parts)
    return any(fnmatchcase("/".join(parts[: size + 1]), plain) for size in range(len(parts)))
