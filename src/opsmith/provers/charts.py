"""Helm charts among files: where one begins, what belongs to it, which files of values it comes with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from opsmith.conventions import KUBERNETES_VERSION

KUBE_VERSION = f"{KUBERNETES_VERSION}.0"


def charts(files: Mapping[str, str]) -> tuple[str, ...]:
    """Folders of charts; a subchart is judged with the chart that holds it."""
    folders = sorted(str(PurePosixPath(path).parent) for path in files if PurePosixPath(path).name == "Chart.yaml")
    return tuple(folder for folder in folders if not any(folder.startswith(f"{other}/charts/") for other in folders))


def files_of(folder: str, files: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(path for path in files if folder == "." or path.startswith(f"{folder}/")))


def values_files(folder: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """Files of values for an environment, which lie beside the defaults: values-staging.yaml, values.prod.yaml."""
    names = [(path, PurePosixPath(path)) for path in files if str(PurePosixPath(path).parent) == folder]
    return tuple(sorted(path for path, name in names if name.suffix in (".yaml", ".yml") and name.stem.startswith(("values-", "values.", "values_"))))
