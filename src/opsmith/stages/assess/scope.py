"""Which files are about what is shipped: samples, tests and a developer's own environment are not."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_ASIDE = frozenset(
    (
        "test", "tests", "testing", "testdata", "fixtures", "__tests__", "e2e", "spec", "specs", "example", "examples", "sample", "samples",
        ".devcontainer", "devcontainer", "docs", "doc", "node_modules", "third_party", "mock", "mocks", "benchmark", "benchmarks", "bench",
        "playground", "loadtest", "load-test", "localdev", "integration-tests", "integration_tests", "test-data", "test_data",
    )
)  # fmt: skip
_DEVELOPMENT = re.compile(
    r"(?:^|[._-])(?:dev|devel|development|local|test|tests|testing|ci|e2e|override|build|debug|lint|bench|example|sample|playground)(?:[._-]|$)"
)


def is_aside(path: str) -> bool:
    """It lies in a folder of tests, samples or documents."""
    return any(part.lower() in _ASIDE for part in PurePosixPath(path).parts[:-1])


def is_development(path: str) -> bool:
    """Its name says that it is for developing or testing: compose.override.yaml, Dockerfile.dev."""
    return _DEVELOPMENT.search(PurePosixPath(path).name.lower()) is not None
