"""Ruby: Rails, Sinatra, Roda, Hanami, Grape and plain Rack applications, and the processes that run beside them from the same code.

Every command runs in the component's folder, `install_command` too.
"""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "ruby"


def detect(repo: Repo) -> Iterable[Component]:
    if not repo.named("Gemfile", "gems.rb", "config.ru") and not any(path.endswith(".rb") for path in repo.files):
        return ()
    from opsmith.detectors.ruby.components import components  # other repositories do without loading it

    return components(repo)
