"""The JVM for Java and Kotlin: every module of a Maven or Gradle build that somebody starts.

`install_command`, `build_command`, `test_command` and `lint_command` run in the component's context (the folder of the whole build, where the
wrapper lies); `start_command` names its files from the component's own folder.
"""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "jvm"
_MANIFESTS = ("pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")


def detect(repo: Repo) -> Iterable[Component]:
    if not repo.named(*_MANIFESTS):
        return ()
    from opsmith.detectors.jvm.components import components  # other repositories do without loading it

    return components(repo)
