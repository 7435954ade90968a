"""What the standards of several layers ask of containers, and why there may be none to ask."""

from __future__ import annotations

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Container, Estate
from opsmith.standards.verdicts import could_not_check, does_not_apply

NONE = "there are no Kubernetes manifests"


CHARTS = "the only manifests are templates of a Helm chart, which are not rendered here"


def absent(estate: Estate) -> Judgement | None:
    """Why nothing can be said of workloads; None where there are some."""
    if estate.workloads:
        return None
    if estate.charts:
        return could_not_check(CHARTS, [Spot(file=path) for path in estate.charts])
    return does_not_apply("the manifests hold no workload" if estate.objects else NONE)


def runs_as_user(container: Container) -> bool:
    user = container.security.get("runAsUser")
    return container.security.get("runAsNonRoot") is True or (isinstance(user, int) and not isinstance(user, bool) and user > 0)
