"""What Prometheus asks for metrics, and what Ansible plays run where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.deployed.ci import walk
from opsmith.detectors.deployed.documents import documents
from opsmith.detectors.deployed.told import Image, Told, image_of, is_open, number
from opsmith.repo import Repo
from opsmith.shapes import items, mapping


@dataclass(frozen=True, slots=True)
class Scrape:
    """A target that a scrape job names itself."""

    path: str
    job: str
    host: str
    port: int | None
    metrics_path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    path: str
    name: str | None
    hosts: str
    roles: tuple[str, ...]
    images: tuple[Told[Image], ...]
    line: int


def scrapes(repo: Repo, path: str) -> list[Scrape]:
    return list(_scrapes(repo, path))


def _scrapes(repo: Repo, path: str) -> Iterator[Scrape]:
    for document in documents(repo, path):
        for number_of, value in enumerate(items(document.at("scrape_configs"))):
            job = mapping(value)
            relabelled = any(mapping(rule).get("target_label") == "__address__" for rule in items(job.get("relabel_configs")))
            for group, body in enumerate(items(job.get("static_configs"))):
                for index, target in enumerate(items(mapping(body).get("targets"))):
                    host, _, port = str(target).partition("://")[2].rpartition(":") if "://" in str(target) else str(target).rpartition(":")
                    if not relabelled and host and not is_open(str(target)):
                        line = document.line("scrape_configs", number_of, "static_configs", group, "targets", index)
                        yield Scrape(path, str(job.get("job_name", "")), host, number(port), str(job.get("metrics_path", "/metrics")), line)


def plays(repo: Repo, path: str) -> list[Play]:
    """The plays of a playbook; the images are those of its containers."""
    found: list[Play] = []
    for document in documents(repo, path):
        for index, value in enumerate(items(document.value)):
            play = mapping(value)
            if isinstance(play.get("hosts"), str):
                name, roles = play.get("name"), items(play.get("roles"))
                found.append(
                    Play(
                        path=path,
                        name=name if isinstance(name, str) else None,
                        hosts=play["hosts"],
                        roles=tuple(str(mapping(role).get("role", mapping(role).get("name", role))) for role in roles),
                        images=tuple(
                            Told(image, document.line(index, *at, "image"))
                            for at, body in walk(play, 5_000)
                            if (image := image_of(body.get("image"))) is not None
                        ),
                        line=document.line(index),
                    )
                )
    return found
