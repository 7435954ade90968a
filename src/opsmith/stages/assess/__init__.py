"""Assess: how ready a repository is, standard by standard, with what would close each gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from opsmith import catalog
from opsmith.errors import UsageError
from opsmith.model.assessment import Assessment, LayerScore, Result
from opsmith.model.estate import Estate
from opsmith.model.proof import Proof
from opsmith.model.survey import Component
from opsmith.provers import kinds
from opsmith.repo import Repo
from opsmith.settings import Settings
from opsmith.stages.assess.estate import estate
from opsmith.stages.assess.scope import is_aside, is_development
from opsmith.stages.assess.scoring import score
from opsmith.stages.survey import survey
from opsmith.stages.understood import executables, understood
from opsmith.stages.verify import verify
from opsmith.standard import Layer, Standard
from opsmith.tools import Runner

TOOLS = ("hadolint", "gitleaks", "kubernetes-validate", "actionlint", "zizmor", "promtool")
"""Whose verdicts are standards of their own; what the others would say is judged here without them."""


def assess(
    root: Path,
    settings: Settings,
    *,
    tree: Repo | None = None,
    components: tuple[Component, ...] | None = None,
    runner: Runner | None = None,
    over: Mapping[str, str] | None = None,
    layers: Sequence[str] = (),
) -> Assessment:
    """Judge everything below `root` by every standard (of `layers`, when some are given).

    `tree` spares a second walk, `components` a second survey. Without a `runner` no tool is asked. `over` is laid over the repository, to see what
    a delivery would change.
    """
    chosen = _chosen(layers)
    tree = tree or Repo(root, ignore=settings["ignore"])
    repo = tree.with_over(over or {})
    found, unread = estate(repo, survey(root, settings, tree).components if components is None else components)
    if runner is not None:
        found = replace(found, proofs=_proofs(repo, runner), tools_asked=True)
    results = tuple(_result(layer, standard, found) for layer in chosen for standard in layer.STANDARDS)
    return Assessment(
        root=str(repo.root),
        score=score(results),
        layers=tuple(LayerScore(layer=layer.NAME, title=layer.TITLE, score=score(_of(results, layer))) for layer in chosen),
        results=results,
        unread=unread,
    )


def _chosen(names: Sequence[str]) -> tuple[Layer, ...]:
    layers = catalog.standards()
    known = [layer.NAME for layer in layers]
    for name in names:
        if name not in known:
            raise UsageError(f"There is no layer {name!r}.", why=f"known are {', '.join(known)}.", next_step="opsmith assess --help")
    return tuple(layer for layer in layers if not names or layer.NAME in names)


def _result(layer: Layer, standard: Standard, found: Estate) -> Result:
    said = standard.judge(found)
    return Result(
        id=standard.id,
        layer=layer.NAME,
        summary=standard.summary,
        source=standard.source,
        weight=standard.weight,
        state=said.state,
        message=said.message,
        evidence=said.evidence,
        task=said.task,
    )


def _of(results: Sequence[Result], layer: Layer) -> tuple[Result, ...]:
    return tuple(item for item in results if item.layer == layer.NAME)


def _is_no_deployment(path: str) -> bool:
    """A Dockerfile that is for tests, samples or developing."""
    return kinds.is_dockerfile(path) and (is_aside(path) or is_development(path))


def _proofs(repo: Repo, runner: Runner) -> tuple[Proof, ...]:
    files = {path: text for path, text in understood(repo).items() if not _is_no_deployment(path)}
    provers = tuple(prover for prover in catalog.provers() if prover.TOOL in TOOLS)
    return verify(files, runner, executables=executables(repo.root, files), provers=provers)[0] if files else ()
