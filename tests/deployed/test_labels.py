from __future__ import annotations

from opsmith.detectors.deployed.documents import parsed
from opsmith.detectors.deployed.kubernetes import of_documents
from opsmith.stages.deployment.labels import Labelled

PODS = "\n---\n".join(
    f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  labels: {labels}\nspec:\n  containers: [{{name: main, image: x}}]"
    for name, labels in (("a", "{app: shop, tier: web}"), ("b", "{app: shop, tier: work}"), ("c", "{tier: web}"))
)


def test_a_selector_finds_what_has_all_of_its_labels() -> None:
    labelled = Labelled(of_documents("pods.yaml", parsed("pods.yaml", PODS)).workloads)
    found = {
        text: [workload.object.name for workload in labelled.selected(selector)]
        for text, selector in {"both": {"app": "shop", "tier": "web"}, "one": {"tier": "web"}, "none": {"app": "other"}, "empty": {}}.items()
    }
    assert found == {"both": ["a"], "one": ["a", "c"], "none": [], "empty": ["a", "b", "c"]}
