"""The newest Python that a project's pinned dependencies still run on.

Sources: each project's release notes and published wheels (the first release with support for a Python is the row's version), and
Django's own table of supported Python versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opsmith.detectors.python.packages import Packages, Requirement
from opsmith.model.survey import Evidence, Runtime

if TYPE_CHECKING:
    from packaging.version import Version

FIRST_RELEASE: dict[str, tuple[tuple[str, int], ...]] = {
    "aiohttp": (("3.9", 12), ("3.10.6", 13)),
    "asyncpg": (("0.29", 12), ("0.30", 13)),
    "celery": (("5.3", 12),),
    "cffi": (("1.16", 12), ("1.17", 13)),
    "django": (("3.2", 10), ("4.1", 11), ("4.2", 12), ("5.1", 13), ("5.2", 14)),
    "eventlet": (("0.34", 12),),
    "gevent": (("23.9", 12), ("24.10.1", 13)),
    "greenlet": (("3.0", 12), ("3.1", 13)),
    "grpcio": (("1.59", 12), ("1.67", 13)),
    "httptools": (("0.6", 12), ("0.6.2", 13)),
    "lxml": (("4.9.3", 12), ("5.3", 13)),
    "matplotlib": (("3.8", 12), ("3.9.2", 13)),
    "numpy": (("1.26", 12), ("2.1", 13), ("2.3.2", 14)),
    "pandas": (("2.1.1", 12), ("2.2.3", 13), ("2.3.3", 14)),
    "pillow": (("10.1", 12), ("11", 13), ("12", 14)),
    "psycopg2": (("2.9.9", 12), ("2.9.10", 13), ("2.9.11", 14)),
    "psycopg2-binary": (("2.9.9", 12), ("2.9.10", 13), ("2.9.11", 14)),
    "pydantic": (("1.10.13", 12), ("2.8", 13), ("2.12", 14)),
    "pyyaml": (("6.0.1", 12), ("6.0.2", 13), ("6.0.3", 14)),
    "scikit-learn": (("1.3.1", 12), ("1.5.2", 13)),
    "scipy": (("1.11.2", 12), ("1.14.1", 13)),
    "sqlalchemy": (("2.0.31", 13),),
    "uvloop": (("0.19", 12), ("0.21", 13), ("0.22", 14)),
}
"""By package: the first release that runs on Python 3.N, for each N that an older release does not run on."""


def bounded(stated: Runtime, shown: Evidence | None, packages: Packages) -> tuple[Runtime, Evidence | None]:
    """What is stated, and where that leaves the newest version open, the bound that the dependencies set."""
    is_open = stated.version is None or (stated.version.lstrip()[0] in ">^" and "<" not in stated.version)
    found = ceiling(packages) if is_open else None
    if found is None:
        return stated, shown
    bound = f"<3.{found[0]}"
    return Runtime(name=stated.name, version=f"{stated.version},{bound}" if stated.version else bound), shown or found[1]


def ceiling(packages: Packages) -> tuple[int, Evidence] | None:
    """The first minor version of Python 3 that a dependency is too old for, and which dependency says so; None when none is."""
    found = [(minor, item) for item in packages.main.values() if (minor := _too_new(item)) is not None]
    if not found:
        return None
    minor, item = min(found, key=lambda pair: (pair[0], pair[1].name))
    shows = f"{item.name}{item.specifier} does not run on Python 3.{minor}"
    return minor, Evidence(file=item.evidence.file, line=item.evidence.line, shows=shows, confidence=0.7)


def _too_new(item: Requirement) -> int | None:
    """The first Python 3.N for which no release that `item` allows was made."""
    releases = FIRST_RELEASE.get(item.name)
    if releases is None:
        return None
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        parts = [(part.operator, part.version) for part in SpecifierSet(item.specifier)]
    except InvalidSpecifier:
        return None
    return next((minor for release, minor in releases if any(_ends_before(release, *part) for part in parts)), None)


def _ends_before(release: str, operator: str, version: str) -> bool:
    """Whether everything that `operator version` allows is older than `release`."""
    from packaging.version import Version

    least, stated = Version(release), Version(version.removesuffix(".*"))
    match operator:
        case "==" if version.endswith(".*"):
            return _next(stated.release) <= least
        case "==" | "===" | "<=":
            return stated < least
        case "<":
            return stated <= least
        case "~=":
            return _next(stated.release[:-1]) <= least
        case _:
            return False


def _next(release: tuple[int, ...]) -> Version:
    """The first version beyond all that begin with `release`."""
    from packaging.version import Version

    return Version(".".join(map(str, (*release[:-1], release[-1] + 1))))
