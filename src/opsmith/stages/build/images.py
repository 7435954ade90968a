"""Building every image of the blueprint, on its pinned bases or, where those cannot be had, on what this machine has under their names."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from opsmith.model.blueprint import Blueprint, Build
from opsmith.model.finding import Finding
from opsmith.model.proof import Proof
from opsmith.stages.build.engine import PULL_SECONDS, Engine
from opsmith.tools import Result

CLAIM = "the image builds"


def build_images(
    blueprint: Blueprint, tree: Path, engine: Engine, prefix: str, tell: Callable[[str], None]
) -> tuple[tuple[Proof, ...], dict[str, str]]:
    """A proof for each image, and the local tag of each one that was built."""
    proofs: list[Proof] = []
    images: dict[str, str] = {}
    for made in blueprint.builds:
        tell(f"building {made.name}")
        proof = _built(made, tree, engine, f"{prefix}/{made.name}:proof")
        proofs.append(proof)
        if proof.outcome == "proved":
            images[made.name] = f"{prefix}/{made.name}:proof"
    return tuple(proofs), images


def _built(made: Build, tree: Path, engine: Engine, tag: str) -> Proof:
    dockerfile = tree / made.dockerfile
    standing_in: list[str] = []
    for base in _bases(dockerfile.read_text(encoding="utf-8")):
        match _available(base, engine):
            case "here":
                pass
            case "tag":
                standing_in.append(base)
            case _:
                reason = f"the base image {base.partition('@')[0]} is not here and cannot be pulled"
                return _proof(made, engine, "could_not_check", reason=reason)
    _without_digests(dockerfile, standing_in)
    result = engine.build(made.dockerfile, made.context or ".", tag, tree)
    if result.timed_out:
        return _proof(made, engine, "could_not_check", reason=f"the build took longer than {result.seconds:.0f} s", seconds=result.seconds)
    if result.exit_code != 0:
        finding = Finding(rule=f"{engine.tool}/build", severity="high", path=made.dockerfile, message=_last_words(result))
        return _proof(made, engine, "refuted", findings=(finding,), seconds=result.seconds)
    names = ", ".join(sorted({base.partition("@")[0] for base in standing_in}))
    return _proof(
        made,
        engine,
        "proved",
        reason=f"on this machine's own {names}, as the pinned ones could not be pulled" if names else "",
        seconds=result.seconds,
    )


def _proof(made: Build, engine: Engine, outcome: str, *, reason: str = "", findings: tuple[Finding, ...] = (), seconds: float = 0.0) -> Proof:
    return Proof(
        tool=engine.tool, claim=CLAIM, paths=(made.dockerfile,), outcome=outcome, version=engine.version, reason=reason,  # type: ignore[arg-type]
        findings=findings, seconds=seconds,
    )  # fmt: skip


def _bases(dockerfile: str) -> list[str]:
    """The images that FROM and COPY --from name, without the stages of the file itself."""
    stages = set(re.findall(r"^FROM\s.+?\sAS\s+(\S+)", dockerfile, re.MULTILINE | re.IGNORECASE))
    named = re.findall(r"^FROM\s+(?:--\S+\s+)*(\S+)|^COPY\s+(?:--\S+\s+)*?--from=(\S+)", dockerfile, re.MULTILINE | re.IGNORECASE)
    return list(dict.fromkeys(name for pair in named for name in pair if name and name not in stages and name != "scratch"))


def _available(base: str, engine: Engine) -> str:
    """ "here" with its digest (pulled if need be), "tag" when only the same name lies on this machine, else "no"."""
    if engine.has_image(base) or engine.works("pull", "--quiet", base, seconds=PULL_SECONDS):
        return "here"
    return "tag" if engine.has_image(base.partition("@")[0]) else "no"


def _without_digests(dockerfile: Path, bases: list[str]) -> None:
    text = dockerfile.read_text(encoding="utf-8")
    for base in bases:
        text = text.replace(base, base.partition("@")[0])
    dockerfile.write_text(text, encoding="utf-8")


def _last_words(result: Result) -> str:
    """The end of what the build said: its error, without the progress before it."""
    lines = [line for line in (result.stdout + "\n" + result.stderr).splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|fail|not found|cannot|missing", line, re.IGNORECASE)]
    return "\n".join(dict.fromkeys([*telling[:8], *lines[-6:]]))[:1500]
