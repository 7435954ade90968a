"""C and C++: every executable of a CMake, Meson or Makefile project that listens, or that is installed."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "cpp"


def detect(repo: Repo) -> Iterable[Component]:
    if not repo.named("CMakeLists.txt", "meson.build", "Makefile", "makefile", "GNUmakefile"):
        return ()
    if not any(path.endswith((".cpp", ".cc", ".cxx", ".c", ".C")) for path in repo.files):
        return ()
    from opsmith.detectors.cpp.components import components  # other repositories do without loading it

    return components(repo)
