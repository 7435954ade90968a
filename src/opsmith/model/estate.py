"""Everything by which a repository is built, run and watched, as its files state it: what standards judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from opsmith.model.assessment import Spot
from opsmith.model.document import Document, Place
from opsmith.model.hosting import RUNNING
from opsmith.model.proof import Proof
from opsmith.model.survey import Component, Existing
from opsmith.shapes import items, table

# -- images ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """`text` is what follows the keyword and its flags, on one line; `words` all that is written behind the keyword, here-documents with it.

    `stage` counts the FROMs before it. Of a FROM both have the variables filled in that stand before the first one.
    """

    keyword: str
    text: str
    words: str
    line: int
    stage: int = -1
    flags: Mapping[str, str] = field(default_factory=dict[str, str])
    heredocs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    path: str
    instructions: tuple[Instruction, ...]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @cached_property
    def stages(self) -> tuple[Instruction, ...]:
        """The FROM of every stage."""
        return self.of("FROM")

    def of(self, *keywords: str, stage: int | None = None) -> tuple[Instruction, ...]:
        return tuple(item for item in self.instructions if item.keyword in keywords and stage in (None, item.stage))

    @property
    def final(self) -> int:
        return len(self.stages) - 1

    def spot(self, item: Instruction | None) -> Spot:
        return Spot(file=self.path, line=item.line if item else None)


# -- compose -----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ComposeService:
    document: Document
    name: str

    @property
    def body(self) -> dict[str, Any]:
        return table(table(self.document.body.get("services")).get(self.name))

    @property
    def image(self) -> str:
        image = self.body.get("image")
        return image if isinstance(image, str) else ""

    def spot(self, *place: str | int) -> Spot:
        return self.document.spot("services", self.name, *place)


# -- Kubernetes --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Object:
    """`document.body` has the patches of its kustomizations laid over it."""

    document: Document
    kind: str
    name: str

    @property
    def body(self) -> dict[str, Any]:
        return self.document.body

    @property
    def spec(self) -> dict[str, Any]:
        return table(self.body.get("spec"))

    @property
    def metadata(self) -> dict[str, Any]:
        return table(self.body.get("metadata"))

    @property
    def group(self) -> str:
        return str(self.body.get("apiVersion", "")).rpartition("/")[0]

    @property
    def namespace(self) -> str:
        return str(self.metadata.get("namespace") or "")

    def spot(self, *place: str | int) -> Spot:
        return self.document.spot(*place)


_TEMPLATES: Mapping[str, Place] = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Rollout"), ("spec", "template")),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
LASTING = ("Deployment", "StatefulSet", "DaemonSet", "Rollout")


def pod_place(kind: str) -> Place | None:
    """Where an object of this kind keeps its pod; None when it makes none."""
    return _TEMPLATES.get(kind)


@dataclass(frozen=True, kw_only=True)
class Workload:
    """An object that makes pods."""

    object: Object
    place: Place

    @property
    def kind(self) -> str:
        return self.object.kind

    @property
    def name(self) -> str:
        return self.object.name

    @property
    def template(self) -> dict[str, Any]:
        value: dict[str, Any] = self.object.body
        for key in self.place:
            value = table(value.get(str(key)))
        return value

    @property
    def pod(self) -> dict[str, Any]:
        return table(self.template.get("spec"))

    @property
    def labels(self) -> dict[str, Any]:
        return table(table(self.template.get("metadata")).get("labels"))

    @property
    def lasts(self) -> bool:
        return self.kind in LASTING

    def containers(self, *, initial: bool = False) -> Iterator[Container]:
        for key in ("containers", "initContainers") if initial else ("containers",):
            for index, body in enumerate(items(self.pod.get(key))):
                yield Container(workload=self, body=table(body), place=(*self.place, "spec", key, index))

    def spot(self, *place: str | int) -> Spot:
        return self.object.spot(*self.place, "spec", *place)


@dataclass(frozen=True, kw_only=True)
class Container:
    workload: Workload
    body: dict[str, Any]
    place: Place

    @property
    def name(self) -> str:
        return str(self.body.get("name") or "")

    @property
    def image(self) -> str:
        image = self.body.get("image")
        return image if isinstance(image, str) else ""

    @property
    def security(self) -> dict[str, Any]:
        """The container's own settings over the pod's."""
        return table(self.workload.pod.get("securityContext")) | table(self.body.get("securityContext"))

    def spot(self, *place: str | int) -> Spot:
        return self.workload.object.spot(*self.place, *place)


# -- infrastructure ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of HCL: `resource "aws_db_instance" "main" {…}` has the kind `resource` and two labels. Values are the text of their expressions."""

    file: str
    kind: str
    labels: tuple[str, ...]
    line: int
    values: Mapping[str, str]
    lines: Mapping[str, int]
    blocks: tuple[Block, ...]

    def within(self, *kinds: str) -> Iterator[Block]:
        """The blocks of these kinds in it, at any depth."""
        for block in self.inner():
            if block.kind in kinds or (block.kind == "dynamic" and block.labels[:1] and block.labels[0] in kinds):
                yield block

    def inner(self) -> Iterator[Block]:
        """Every block in it, each before those in itself."""
        pending = [*reversed(self.blocks)]
        while pending:
            block = pending.pop()
            yield block
            pending.extend(reversed(block.blocks))

    def spot(self, key: str | None = None) -> Spot:
        return Spot(file=self.file, line=self.lines.get(key, self.line) if key else self.line)


# -- pipelines ---------------------------------------------------------------------------------------------------------------------------

System = Literal["github_actions", "gitlab_ci", "jenkins", "circleci", "azure_pipelines", "skaffold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`words` is the command that it runs, or the ready-made step that it uses with its inputs; `uses` that step alone."""

    spot: Spot
    words: str
    uses: str = ""


@dataclass(frozen=True, kw_only=True)
class Job:
    name: str
    spot: Spot
    steps: tuple[Step, ...]
    minutes: float | None = None
    """The time limit that the file states."""
    after: tuple[str, ...] = ()
    environment: str = ""
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """`document` is None for a Jenkinsfile, which is no YAML, and for a broken file."""

    path: str
    system: System
    jobs: tuple[Job, ...]
    document: Document | None = None
    on_change: bool = True
    """It runs when code is pushed or proposed, not only by the clock, by hand or for issues."""

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for job in self.jobs for step in job.steps)


# -- monitoring --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`seconds` is how long the expression has to hold."""

    spot: Spot
    alert: str
    record: str
    expression: str
    seconds: float
    labels: Mapping[str, Any]
    annotations: Mapping[str, Any]


# -- all of it ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Estate:
    """What is there. What lies in folders of tests and samples is left out: nobody ships it.

    `texts` are prose and scripts by their path. `proofs` are real tools' verdicts; empty when none was asked, and `tools_asked` says which.
    """

    components: tuple[Component, ...] = ()
    existing: tuple[Existing, ...] = ()
    files: frozenset[str] = frozenset()
    dockerfiles: tuple[Dockerfile, ...] = ()
    compose: tuple[ComposeService, ...] = ()
    objects: tuple[Object, ...] = ()
    charts: tuple[str, ...] = ()
    kustomizations: tuple[Document, ...] = ()
    set_images: frozenset[str] = frozenset()
    """Images whose tag kustomize or skaffold sets when they are deployed."""
    blocks: tuple[Block, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    rules: tuple[Rule, ...] = ()
    rule_tests: tuple[Document, ...] = ()
    scrapes: tuple[Document, ...] = ()
    routes: tuple[Document, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    proofs: tuple[Proof, ...] = ()
    tools_asked: bool = False

    @cached_property
    def workloads(self) -> tuple[Workload, ...]:
        return tuple(Workload(object=item, place=place) for item in self.objects if (place := pod_place(item.kind)) is not None)

    def of_kind(self, *kinds: str) -> tuple[Object, ...]:
        return tuple(item for item in self.objects if item.kind in kinds)

    def resources(self, *types: str) -> tuple[Block, ...]:
        """Terraform resources whose type begins with one of `types` (all, when none is given)."""
        return tuple(block for block in self.blocks if block.kind == "resource" and block.labels and (not types or block.labels[0].startswith(types)))

    def kinds(self, *kinds: str) -> tuple[Spot, ...]:
        return tuple(Spot(file=item.path) for item in self.existing if item.kind in kinds)

    @cached_property
    def deployed_compose(self) -> tuple[ComposeService, ...]:
        """The services of compose, where nothing else tells how the system is deployed: beside that, compose is for developing."""
        return () if self.workloads or self.charts or self.resources(*RUNNING) else self.compose

    @property
    def served(self) -> tuple[Component, ...]:
        """Components that answer requests."""
        return tuple(item for item in self.components if item.role in ("web", "static") and (item.ports or item.role == "web"))

    @property
    def shipped(self) -> tuple[Component, ...]:
        return tuple(item for item in self.components if item.role not in ("library", "cli"))
