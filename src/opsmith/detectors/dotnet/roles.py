"""What a project is for, and what it is written with."""

from __future__ import annotations

import re

from opsmith.detectors.dotnet.program import Program
from opsmith.detectors.dotnet.projects import has, kind
from opsmith.model.survey import Evidence, Role

_COMMAND_LINE = ("system.commandline", "commandlineparser", "spectre.console.cli", "mcmaster.extensions.commandlineutils", "cocona", "cocona.lite",
                 "argu", "consoleappframework", "docopt.net", "clifx", "commanddotnet")  # fmt: skip
_ONCE = re.compile(r"(?i)(migrat|seed|dbup|backfill|import|export|setup|initiali[sz]e|generator)")
_WORKER = re.compile(r"(?i)(worker|consumer|subscriber|processor|daemon|agent|scheduler|bot\b|listener|relay|runner|background|poller|job)")
_FUNCTIONAL = (("saturn", "saturn"), ("giraffe", "giraffe"), ("falco", "falco"), ("suave", "suave"))
_CONSUMERS = ("masstransit", "confluent.kafka", "rabbitmq.client", "discord.net", "telegram.bot", "quartz", "hangfire.core", "hangfire")


def role(program: Program) -> tuple[Role, float]:
    """The role, and how sure that is."""
    match kind(program.project):
        case "web":
            return "web", 0.9
        case "wasm":
            return "static", 0.9
        case "functions":
            return ("web", 0.85) if any(source.mentions(b"HttpTrigger") for source in program.main) else ("worker", 0.85)
        case _:
            return _of_process(program)


def _of_process(program: Program) -> tuple[Role, float]:
    name = program.project.name.rpartition(".")[2]
    if program.project.says("packastool"):
        return "cli", 0.9
    if _ONCE.search(name) and not _WORKER.search(name):
        return "job", 0.8
    if kind(program.project) == "worker" or any(program.called("AddHostedService")):
        return "worker", 0.9
    if any(source.mentions(b"while (true)", b"while(true)", b"Thread.Sleep(Timeout.Infinite", b"while true do") for source in program.main):
        return "worker", 0.75
    if has(program.project.packages, _COMMAND_LINE):
        return "cli", 0.8
    if has(program.project.packages, _CONSUMERS) or _WORKER.search(name):
        return "worker", 0.7
    return "job", 0.4


def framework(program: Program) -> tuple[str, Evidence] | None:
    project = program.project
    for package, name in _FUNCTIONAL:
        if package in project.packages:
            known = project.packages[package]
            return name, Evidence(file=known.file, line=known.line, shows=known.name, confidence=0.95)
    shown = Evidence(file=project.path, line=1, shows=", ".join(project.sdks) or "Project", confidence=0.9)
    match kind(project):
        case "web":
            return "aspnetcore", shown
        case "wasm":
            return "blazor", shown
        case "functions":
            return "azure-functions", shown
        case "worker":
            return "dotnet-worker", shown
        case _:
            return None
