"""What a program is for, and what it is written with."""

from __future__ import annotations

import re

from opsmith.detectors.rust.listen import Listener
from opsmith.detectors.rust.mains import Main
from opsmith.detectors.rust.manifests import join
from opsmith.detectors.rust.program import Program
from opsmith.model.survey import Evidence, Role
from opsmith.repo import Repo

_FRAMEWORKS = (
    ("loco-rs", "loco"), ("leptos", "leptos"), ("dioxus", "dioxus"), ("rocket", "rocket"), ("actix-web", "actix-web"), ("axum", "axum"), ("poem",
    "poem"),
    ("salvo", "salvo"), ("warp", "warp"), ("tide", "tide"), ("ntex", "ntex"), ("gotham", "gotham"), ("viz", "viz"), ("trillium", "trillium"),
    ("dropshot", "dropshot"), ("cot", "cot"), ("pavex", "pavex"), ("rouille", "rouille"), ("tiny_http", "tiny_http"), ("nickel", "nickel"),
    ("iron", "iron"), ("jsonrpsee", "jsonrpsee"), ("volo-grpc", "volo"), ("tonic", "tonic"), ("hyper", "hyper"),
)  # fmt: skip
_COMMAND_LINE = (
    "clap", "structopt", "argh", "pico-args", "bpaf", "lexopt", "gumdrop", "docopt", "getopts", "ratatui", "tui", "crossterm", "dialoguer",
    "indicatif",
    "inquire", "rustyline", "clap_derive", "termion",
)  # fmt: skip
_CONSUMERS = (
    "lapin", "amqprs", "rdkafka", "rskafka", "kafka", "async-nats", "nats", "pulsar", "rumqttc", "paho-mqtt", "apalis", "sidekiq", "rusty-sidekiq",
    "celery", "fang", "tokio-cron-scheduler", "clokwerk", "job_scheduler", "job_scheduler_ng", "cronjob", "delay_timer", "aws-sdk-sqs", "sqlxmq",
    "google-cloud-pubsub", "teloxide", "serenity", "poise", "twilight-gateway", "songbird", "matrix-sdk", "kube", "graphile_worker", "temporal-sdk",
    "underway", "rsmq_async", "frankenstein", "telegram-bot",
)  # fmt: skip
_ONCE = re.compile(r"(?i)(migrat|seed|import|export|backfill|init|setup|fixture|load(?:er)?$|delete|populate|job$)")
_WORKER = re.compile(r"(?i)(worker|consumer|subscriber|processor|daemon|agent|cron|scheduler|bot$|listener|relay|runner|indexer|monitor|crawler)")
_ARGUMENTS = (b"env::args", b"std::env::args")
_FOREVER = (b"loop {", b"ctrl_c(", b"signal(SignalKind", b".forever()", b"pending::<()>")


def framework(repo: Repo, program: Program, doors: tuple[Listener, ...]) -> tuple[str, Evidence] | None:
    """Of what answers: the HTTP framework where HTTP is spoken, tonic where only gRPC is."""
    if not doors:
        return None
    spoken = next((door.protocol for door in doors if not door.side), doors[0].protocol)
    order = _FRAMEWORKS if spoken == "http" else (("volo-grpc", "volo"), ("tonic", "tonic"))
    for crate, name in order if spoken != "tcp" else ():
        package = next((item for item in program.packages if item.uses(crate)), None)
        if package is not None and program.mentioned(crate.replace("-", "_")):
            line = repo.line_of(package.manifest, crate)
            return name, Evidence(file=package.manifest, line=line, shows=f"dependency {crate}", confidence=0.95)
    return None


def role(program: Program, main: Main, doors: tuple[Listener, ...]) -> tuple[Role, float]:
    """The role, and how sure that is."""
    word = main.binary.name
    consumes = any(package.uses(*_CONSUMERS) for package in program.packages)
    if any(not door.side for door in doors):
        return "web", 0.9
    if doors:
        return ("worker", 0.7) if consumes or _WORKER.search(word) else ("web", 0.6)
    if _ONCE.search(word) and not _WORKER.search(word):
        return "job", 0.8
    if word.lower().endswith(("-cli", "_cli")) or word.lower() in ("cli", "admin", "ctl"):
        return "cli", 0.85
    if _WORKER.search(word) or consumes:
        return "worker", 0.75
    own = [source for source in program.sources if source.path == main.binary.file]
    if main.package.uses(*_COMMAND_LINE) or any(source.mentions(*_ARGUMENTS) for source in own):
        return "cli", 0.8
    return ("worker", 0.6) if any(source.mentions(*_FOREVER) for source in own) else ("job", 0.4)


def static_site(repo: Repo, main: Main) -> Evidence | None:
    """A page that Trunk builds: its index.html names the crate's assets."""
    for name in ("Trunk.toml", "index.html"):
        path = join(main.package.folder, name)
        if repo.has(path) and (name == "Trunk.toml" or b"data-trunk" in (repo.bytes(path) or b"")):
            crates = ("yew", "leptos", "dioxus", "sycamore", "seed", "dioxus-web", "wasm-bindgen", "web-sys", "perseus")
            return Evidence(file=path, shows=f"{name} of Trunk", confidence=0.9) if main.package.uses(*crates) else None
    return None
