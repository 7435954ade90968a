"""PHP: Laravel, Symfony, other frameworks and plain scripts behind a web server, and the processes that run beside them from the same code.

Every command runs in the component's folder, `install_command` too.
"""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "php"


def detect(repo: Repo) -> Iterable[Component]:
    if not any(path.endswith(".php") for path in repo.files):
        return ()
    from opsmith.detectors.php.components import components  # other repositories do without loading it

    return components(repo)
