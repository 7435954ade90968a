"""Nothing delivered runs an image whose tag moves."""

from __future__ import annotations

from collections.abc import Iterator

from opsmith.checks.agreement.compose import Compose
from opsmith.checks.agreement.objects import Pod
from opsmith.checks.agreement.reading import say, word
from opsmith.model.finding import Finding


def images(pods: list[Pod], composed: list[Compose]) -> Iterator[Finding]:
    for path, image in (*_of_pods(pods), *_of_compose(composed)):
        if image and _moves(image):
            yield say(path, f"{image} names no version, so what runs changes by itself", "medium")


def _of_pods(pods: list[Pod]) -> list[tuple[str, str]]:
    return [(pod.path, word(container.get("image"))) for pod in pods for container in pod.containers]


def _of_compose(composed: list[Compose]) -> list[tuple[str, str]]:
    return [(file.path, word(service.get("image"))) for file in composed for service in file.services.values()]


def _moves(image: str) -> bool:
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    return "@sha256:" not in image and tag in ("", "latest") and "$" not in image
