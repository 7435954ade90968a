"""What a check is: a rule of ours over a whole set of files, delivered or found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from opsmith.model.blueprint import Blueprint
from opsmith.model.finding import Finding


class Check(Protocol):
    ID: str
    SUMMARY: str

    def check(self, files: Mapping[str, str], blueprint: Blueprint | None) -> Iterator[Finding]:
        """Findings over `files` (path to text). `blueprint` is None where files are judged that opsmith did not make."""
        ...
