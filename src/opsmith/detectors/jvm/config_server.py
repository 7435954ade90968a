"""Settings that a config server of the same repository hands out, by the name of the application that asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.jvm.modules import Module, join
from opsmith.detectors.jvm.settings import Files, Setting
from opsmith.repo import Repo

SERVER = ("org.springframework.cloud:spring-cloud-config-server", "org.springframework.cloud:spring-cloud-starter-config-server")
CLIENT = ("org.springframework.cloud:spring-cloud-starter-config", "org.springframework.cloud:spring-cloud-config-client")
_FOLDER = re.compile(r"(?i)(?:^|/)(?:[\w-]*config(?:uration)?s?[\w-]*|shared|properties)$")
_OWN = tuple(f"{stem}{ending}" for stem in ("application", "bootstrap") for ending in (".yml", ".yaml", ".properties"))
_ENDINGS = (".yml", ".yaml", ".properties")


class Served:
    """Every file that a config server can hand out; empty where the repository has no such server."""

    def __init__(self, repo: Repo, modules: list[Module], files: Files) -> None:
        self._files = files
        self._by_name: dict[str, list[str]] = {}
        servers = [module for module in modules if module.has(*SERVER)]
        own = {join(module.folder, "src/main/resources", name) for module in servers for name in _OWN}
        for path in dict.fromkeys(path for folder in _folders(repo, servers, modules) for path in repo.under(folder, *_ENDINGS)):
            if path not in own:
                self._by_name.setdefault(path.rpartition("/")[2].rpartition(".")[0], []).append(path)

    def settings(self, application: str) -> Iterator[Setting]:
        """Those for every application, then its own, then those of its profiles."""
        for stem in ("application", application):
            for path in self._by_name.get(stem, ()):
                yield from self._files.read(path)
        for stem in sorted(self._by_name):
            if stem.startswith(f"{application}-"):
                for path in self._by_name[stem]:
                    yield from self._files.read(path, stem[len(application) + 1 :])


def _folders(repo: Repo, servers: list[Module], modules: list[Module]) -> Iterator[str]:
    """The server's resources, and folders of the repository outside of any module that are called config."""
    taken = {module.folder for module in modules if module.folder}
    yield from (join(module.folder, "src/main/resources") for module in servers)
    for folder in repo.folders() if servers else ():
        top = folder.partition("/")[0]
        if folder.count("/") < 2 and _FOLDER.search(folder) and top not in taken and "src" not in folder.split("/"):
            yield folder
