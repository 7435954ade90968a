"""What an image has to know to install a bundle: what it leaves out, how strictly a Ruby is asked for, which gems lie in the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.paths import join
from opsmith.detectors.ruby.bundle import NOT_PRODUCTION, Bundle
from opsmith.repo import Repo


def bundled(repo: Repo, bundle: Bundle, version: str | None) -> Iterator[str]:
    """Traits; `version` is the Ruby that the repository states."""
    groups = {group for gem in bundle.gems.values() for group in gem.groups if group in NOT_PRODUCTION}
    if groups:
        yield f"bundle-without:{':'.join(sorted(groups))}"
    if bundle.insists and version is not None and re.fullmatch(r"\d+\.\d+\.\d+", version):
        yield f"ruby-exact:{version}"
    if bundle.platforms and not any(name == "ruby" or "linux" in name for name in bundle.platforms):
        yield "lock-without-linux"
    if bundle.has_gemspec or any(gem.path for gem in bundle.gems.values()):
        yield "own-gems"
    if repo.under(join(bundle.folder, "vendor/cache"), ".gem"):
        yield "vendored-gems"
