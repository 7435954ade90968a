"""Workloads by their labels: every service asks for those that it selects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from opsmith.detectors.deployed.kubernetes import Workload


class Labelled:
    def __init__(self, workloads: Iterable[Workload]) -> None:
        self._all = list(workloads)
        self._by_label: dict[tuple[str, str], list[Workload]] = {}
        for workload in self._all:
            for label in workload.labels.items():
                self._by_label.setdefault(label, []).append(workload)

    def selected(self, selector: Mapping[str, str]) -> list[Workload]:
        """Those with all of these labels, in the order given; everything where none is asked for."""
        fewest = min((self._by_label.get(label, []) for label in selector.items()), key=len, default=self._all)
        return [workload for workload in fewest if selector.items() <= workload.labels.items()]
