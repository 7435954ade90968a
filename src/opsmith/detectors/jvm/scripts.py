"""Shell scripts that start the jars of a build by hand: the ports that they give."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsmith.detectors.jvm.modules import Module
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_JAR = re.compile(r"-jar[ \t]+[\"']?([\w./*$(){}-]{1,200})")
_PORT = re.compile(r"(?:--|-D)server\.port=[\"']?(\d{2,5})")


@dataclass(frozen=True, slots=True)
class Line:
    jar: str
    port: int
    evidence: Evidence


def lines(repo: Repo) -> tuple[Line, ...]:
    """Every line of a script that starts a jar and says on which port."""
    found: list[Line] = []
    for path in repo.files:
        if path.endswith((".sh", ".bash")) and b"server.port=" in (repo.bytes(path) or b""):
            for number, row in enumerate((repo.read(path) or "").split("\n"), start=1):
                jar, port = _JAR.search(row), _PORT.search(row)
                if jar and port and int(port[1]) < 65_536 and not row.lstrip().startswith("#"):
                    shown = f"-jar {jar[1]} {port[0]}"
                    found.append(Line(jar[1], int(port[1]), Evidence(file=path, line=number, shows=shown, confidence=0.75)))
    return tuple(found)


def of_module(found: tuple[Line, ...], module: Module) -> Line | None:
    """The line whose jar lies in the module's folder, or carries its name."""
    for line in found:
        folder, _, name = line.jar.rpartition("/")
        inside = bool(module.folder) and folder.removeprefix("./").startswith((f"{module.folder}/target", f"{module.folder}/build"))
        if inside or re.match(rf"{re.escape(module.name)}(?:-[\d*$]|\.jar|\*)", name):
            return line
    return None
