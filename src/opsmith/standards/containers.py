"""What the standards of images and of Kubernetes both ask of a container."""

from __future__ import annotations

from opsmith.model.estate import Container


def runs_as_user(container: Container) -> bool:
    user = container.security.get("runAsUser")
    return container.security.get("runAsNonRoot") is True or (isinstance(user, int) and not isinstance(user, bool) and user > 0)
