"""What a joint may do besides answering: look at the repository. Nothing here writes, runs or reaches further than `Repo` does.

Whatever comes back is wrapped as data. That tells a model what it is; what keeps it harmless is that no tool could carry out an order in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from opsmith.planners.llm.masking import Mask
from opsmith.repo import Repo

MAX_LINES = 400
MAX_CHARACTERS = 24_000
MAX_LISTED = 400
MAX_HITS = 60
MAX_SEARCHED = 20_000
LONGEST_LINE = 400


def wrapped(kind: str, text: str) -> str:
    """`text` between marks that it cannot imitate, for they are named by its own digest."""
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"<untrusted-{mark} {kind}>\n{text}\n</untrusted-{mark}>"


class RepositoryTools:
    """The reading tools of one repository, and which files they were asked for."""

    def __init__(self, repo: Repo, mask: Mask) -> None:
        self._repo = repo
        self._mask = mask

    def functions(self) -> tuple[Callable[..., str], ...]:
        return (self.read_file, self.list_files, self.search)

    def read_file(self, path: str, first_line: int = 1) -> str:
        """Lines of a text file of the repository, numbered.

        Args:
            path: The path as list_files gives it, relative to the root of the repository.
            first_line: The line to begin with.
        """
        text = self._text(path)
        if text is None:
            return f"There is no text file {_shown(path)} that may be read."
        rows = text.removesuffix("\n").split("\n")
        first = max(1, first_line)
        chosen = [f"{number}| {_clipped(row)}" for number, row in enumerate(rows[first - 1 : first - 1 + MAX_LINES], start=first)]
        body = "\n".join(chosen)[:MAX_CHARACTERS]
        return wrapped(f"lines {first} to {first + len(chosen) - 1} of {len(rows)} of the file {_shown(path)}", body)

    def list_files(self, folder: str = "") -> str:
        """Paths of the files below a folder of the repository.

        Args:
            folder: A folder relative to the root of the repository; empty for all of it.
        """
        found = self._repo.under(folder.strip("/"))
        rest = f"\n... and {len(found) - MAX_LISTED} more" if len(found) > MAX_LISTED else ""
        return wrapped(f"{len(found)} paths", self._mask("\n".join(found[:MAX_LISTED]) + rest))

    def search(self, text: str, folder: str = "") -> str:
        """Lines of the repository that hold a text (upper and lower case are the same), with path and number.

        Args:
            text: What to look for: plain text of at least three characters, no pattern.
            folder: Only below this folder; empty for everywhere.
        """
        if len(text.strip()) < 3:
            return "At least three characters are needed."
        hits: list[str] = []
        for hit in self._hits(text.lower(), folder.strip("/")):
            hits.append(hit)
            if len(hits) == MAX_HITS:
                break
        return wrapped(f"{len(hits)} lines", "\n".join(hits))

    def _hits(self, wanted: str, folder: str) -> Iterator[str]:
        """In what may be seen, not in what is there: else asking for the beginnings of a secret would tell it letter by letter."""
        for path in self._repo.under(folder)[:MAX_SEARCHED]:
            text = self._text(path)
            if text is not None and wanted in text.lower():
                rows = enumerate(text.split("\n"), start=1)
                yield from (f"{path}:{number}: {_clipped(row.strip())}" for number, row in rows if wanted in row.lower())

    def _text(self, path: str) -> str | None:
        text = self._repo.read(path)
        return None if text is None else self._mask.file(path, text)


def _clipped(row: str) -> str:
    return row if len(row) <= LONGEST_LINE else f"{row[:LONGEST_LINE]} ..."


def _shown(path: str) -> str:
    return repr(path[:200])
