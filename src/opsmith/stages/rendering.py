"""What Kustomize overlays and Helm charts become: nothing is judged unrendered that can be rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from opsmith.provers import charts, kinds
from opsmith.tools import Command, Runner

_SOURCE = re.compile(r"^# Source: .*\n", re.MULTILINE)
"""Helm's remark on where a document came from, which tools take for the file that they were given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """`path` names the result beside its source: k8s/overlays/staging/~rendered.yaml."""

    path: str
    command: Command


def rendered(files: Mapping[str, str], runner: Runner, tree: Path) -> dict[str, str]:
    """The rendered trees and charts of `files`, which are laid out in `tree`. What does not render is left out: its own prover tells why."""
    found: dict[str, str] = {}
    for item in renderings(files):
        if runner.find(item.command.tool) is None:
            continue
        result = runner.run(item.command, tree)
        if result.exit_code == 0 and not result.missing and not result.timed_out and not result.flooded and result.stdout.strip():
            found[item.path] = _SOURCE.sub("", result.stdout)
    return found


def renderings(files: Mapping[str, str]) -> Iterator[Rendering]:
    for path in sorted(path for path in files if kinds.is_kustomization(path) and _is_overlay(files[path])):
        folder = str(PurePosixPath(path).parent)
        yield Rendering(path=f"{folder}/{kinds.RENDERED}.yaml", command=Command(tool="kustomize", arguments=("build", folder)))
    for folder in charts.charts(files):
        for values in (None, *charts.values_files(folder, files)):
            yield _chart(folder, values)


def _chart(folder: str, values: str | None) -> Rendering:
    """The release is called like the chart's folder: names that come from it are then those that a reader expects."""
    name = PurePosixPath(folder).name
    arguments = ("template", name, f"./{folder}", "--kube-version", charts.KUBE_VERSION, "--namespace", name)
    chosen = ("--values", f"./{values}") if values else ()
    suffix = f"-{PurePosixPath(values).stem}" if values else ""
    return Rendering(path=f"{folder}/{kinds.RENDERED}{suffix}.yaml", command=Command(tool="helm", arguments=(*arguments, *chosen)))


def _is_overlay(text: str) -> bool:
    """Whether it changes another tree; the objects of a plain list of files are judged where they stand."""
    return "../" in text and "kind: Component" not in text
