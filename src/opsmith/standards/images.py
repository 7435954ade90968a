"""What the standards of builds and images share: which base a Dockerfile ends in, and what is known of base images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.model.estate import ComposeService, Dockerfile, Estate, Instruction
from opsmith.shapes import items, table

_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?", re.IGNORECASE)
MOVING = frozenset(("latest", "edge", "stable", "lts", "current", "nightly", "main", "master", "mainline", "rolling", "dev", "unstable"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    name: str
    tag: str
    digest: str

    @property
    def moves(self) -> bool:
        """It may be another one tomorrow by its very name."""
        return not self.digest and (not self.tag or self.tag in MOVING or self.tag.removesuffix("-alpine").removesuffix("-slim") in MOVING)

    @property
    def is_variable(self) -> bool:
        return "$" in f"{self.name}{self.tag}{self.digest}" or "{{" in self.name

    @property
    def official(self) -> str:
        """Its name in Docker's library; "" for others."""
        name = re.sub(r"^(?:(?:docker\.io|public\.ecr\.aws/docker|mirror\.gcr\.io|index\.docker\.io)/)?(?:library/)?", "", self.name)
        return name if "/" not in name else ""


def image(reference: str) -> Image:
    whole, _, digest = reference.strip().partition("@")
    head, colon, tag = whole.rpartition(":")
    if not colon or ("/" in tag and "$" not in tag):
        head, tag = whole, ""
    return Image(name=head.lower(), tag=tag, digest=digest)


def chain(dockerfile: Dockerfile, stage: int | None = None) -> list[int]:
    """The stages that the final one (or `stage`) stands on, from the last to the first."""
    aliases = {name.lower(): number for number, item in enumerate(dockerfile.stages) if (name := _named(item)[1])}
    found: list[int] = []
    at = dockerfile.final if stage is None else stage
    while at not in found:
        found.append(at)
        at = aliases.get(_named(dockerfile.stages[at])[0].lower(), at)
    return found


def base(dockerfile: Dockerfile) -> tuple[Image, Instruction]:
    """The image that the final stage stands on, and where it is named."""
    item = dockerfile.stages[chain(dockerfile)[-1]]
    return image(_named(item)[0]), item


def outside(dockerfile: Dockerfile) -> Iterator[tuple[Image, Instruction]]:
    """Every image that comes from elsewhere; scratch and earlier stages do not."""
    names = {_named(item)[1].lower() for item in dockerfile.stages} - {""}
    for item in dockerfile.stages:
        name = _named(item)[0]
        if name.lower() not in names | {"scratch"}:
            yield image(name), item


def _named(item: Instruction) -> tuple[str, str]:
    match = _FROM.match(item.words.strip())
    return (match[1], match[2] or "") if match else ("", "")


def last(dockerfile: Dockerfile, *keywords: str) -> Instruction | None:
    """The one that counts for the final image."""
    for stage in chain(dockerfile):
        found = dockerfile.of(*keywords, stage=stage)
        if found:
            return found[-1]
    return None


def built_by(estate: Estate, dockerfile: Dockerfile) -> list[ComposeService]:
    """The compose services that are built from it."""
    return [service for service in estate.compose if dockerfile.path in _build_files(service)]


def _build_files(service: ComposeService) -> tuple[str, ...]:
    build = service.body.get("build")
    if not build:
        return ()
    folder = service.document.file.rpartition("/")[0]
    context = build if isinstance(build, str) else str(table(build).get("context") or ".")
    file = str(table(build).get("dockerfile") or "Dockerfile")
    return (_joined(folder, context, file),)


def _joined(*parts: str) -> str:
    done: list[str] = []
    for part in "/".join(parts).split("/"):
        if part == "..":
            done = done[:-1]
        elif part not in ("", "."):
            done.append(part)
    return "/".join(done)


def is_served(estate: Estate, dockerfile: Dockerfile) -> bool:
    """Whether what runs in the image listens."""
    if any(dockerfile.of("EXPOSE", stage=stage) for stage in chain(dockerfile)):
        return True
    if any(items(service.body.get("ports")) for service in built_by(estate, dockerfile)):
        return True
    return any(item.role in ("web", "static") and item.ports and item.path == dockerfile.folder for item in estate.components)
