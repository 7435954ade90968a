"""Build: the images are built, the system is started on this machine, and its probes are asked. Loopback only; everything is removed again."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint
from opsmith.model.proof import Proof
from opsmith.model.report import Event
from opsmith.stages.build.engine import Engine, choose
from opsmith.stages.build.images import build_images
from opsmith.stages.build.system import start_and_ask
from opsmith.stages.build.tree import overlaid
from opsmith.tools import Runner

HOW_TO_GET = "apt-get install podman"


def build(repo: Path, artifacts: tuple[Artifact, ...], blueprint: Blueprint, runner: Runner, on_event: Callable[[Event], None]) -> tuple[Proof, ...]:
    """One proof for each image ("builds") and, where an engine can run containers, one for each service ("starts and answers")."""
    engine = choose(runner)
    if engine is None:
        reason = "neither docker (with its daemon), podman nor buildah is here"
        return tuple(
            Proof(tool="podman", claim="the image builds", paths=(made.dockerfile,), outcome="could_not_check", reason=reason, how_to_get=HOW_TO_GET)
            for made in blueprint.builds
        )
    prefix = f"opsmith-proof-{secrets.token_hex(4)}"
    with overlaid(repo, artifacts) as tree:
        proofs, images = build_images(blueprint, tree, engine, prefix, lambda text: on_event(Event(stage="build", message=text)))
        try:
            return (*proofs, *_started(blueprint, images, engine, prefix, on_event))
        finally:
            for image in images.values():
                engine.ask("rmi", "--force", image)


def _started(blueprint: Blueprint, images: dict[str, str], engine: Engine, prefix: str, on_event: Callable[[Event], None]) -> tuple[Proof, ...]:
    if engine.runs_containers:
        return start_and_ask(blueprint, images, engine, prefix, lambda text: on_event(Event(stage="build", message=text)))
    return tuple(
        Proof(
            tool=engine.tool, claim="starts and answers", paths=(blueprint.build(service.build).dockerfile,), outcome="could_not_check",
            reason=f"{engine.tool} builds images but runs none", how_to_get=HOW_TO_GET,
        )
        for service in blueprint.services
    )  # fmt: skip
