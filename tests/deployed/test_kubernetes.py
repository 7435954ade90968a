"""Kubernetes objects, kustomizations and charts."""

from __future__ import annotations

from pathlib import Path

from opsmith.detectors.deployed import charts, kubernetes
from opsmith.detectors.deployed.kubernetes import Backend, ContainerPort, KubeProbe, Kustomization, ServicePort
from opsmith.detectors.deployed.told import Image, Told
from tests.deployed.trees import write

TEXT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels: {app: api, tier: back}
    spec:
      initContainers:
        - {name: migrate, image: "ghcr.io/acme/api:1.2", args: [migrate]}
      containers:
        - name: api
          image: ghcr.io/acme/api:1.2@sha256:00
          command: ["/bin/sh", "-c", "exec gunicorn app:app"]
          ports:
            - containerPort: 8000
              name: http
          env:
            - {name: A, value: "1"}
            - {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}
          envFrom: []
          resources: {limits: {cpu: 1}}
          readinessProbe:
            httpGet: {path: /ready, port: http}
          livenessProbe:
            grpc: {port: 9000}
---
apiVersion: v1
kind: Service
metadata: {name: api}
spec:
  selector: {app: api}
  ports:
    - port: 80
      targetPort: http
    - port: 9000
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
    - http:
        paths:
          - path: /
            backend: {service: {name: api, port: {number: 80}}}
---
apiVersion: v1
kind: List
items:
  - apiVersion: batch/v1
    kind: CronJob
    metadata: {name: nightly}
    spec: {jobTemplate: {spec: {template: {metadata: {labels: {app: n}}, spec: {containers: [{name: n, image: busybox}]}}}}}
  - {apiVersion: v1, kind: Pod, metadata: {name: one, labels: {app: p}}, spec: {containers: [{name: p}]}}
"""


def test_every_part(tmp_path: Path) -> None:
    found = kubernetes.read(write(tmp_path, {"k8s/all.yaml": TEXT}), "k8s/all.yaml")
    assert [(item.kind, item.name, item.namespace, item.line) for item in found.objects] == [
        ("Deployment", "api", "shop", 3),
        ("Service", "api", None, 32),
        ("Ingress", "shop", None, 42),
        ("CronJob", "nightly", None, 55),
        ("Pod", "one", None, 57),
    ]
    api, nightly, one = found.workloads
    assert (api.labels, api.selector) == ({"app": "api", "tier": "back"}, Told({"app": "api"}, 6))
    (container,) = api.containers
    assert container.image == Told(Image("ghcr.io/acme/api", "1.2"), 15)
    assert container.command == Told("gunicorn app:app", 16)
    assert container.ports == (ContainerPort(8000, "http", 18),)
    assert container.environment == {"A": Told("1", 21), "B": Told(None, 22)}
    assert (container.takes_more, container.resources) == (True, True)
    assert container.probes == (KubeProbe("readiness", "/ready", "http", False, 26), KubeProbe("liveness", None, 9000, True, 28))
    assert [(item.name, item.arguments) for item in api.inits] == [("migrate", Told("migrate", 12))]
    assert [(item.labels, item.containers[0].image, item.containers[0].line) for item in (nightly, one)] == [
        ({"app": "n"}, Told(Image("busybox"), 56), 56),
        ({"app": "p"}, None, 57),
    ]
    (service,) = found.services
    assert (service.selector, service.ports) == (Told({"app": "api"}, 34), (ServicePort(80, "http", 37), ServicePort(9000, 9000, 38)))
    assert found.ingresses[0].backends == (Backend("api", 80, 48),)


def test_kustomizations(tmp_path: Path) -> None:
    text = "resources: [a.yaml, ../base]\nimages:\n  - {name: api, newName: ghcr.io/acme/api, newTag: 1}\n  - {name: b, digest: x}\n"
    found = kubernetes.kustomization(write(tmp_path, {"k/kustomization.yaml": text}), "k/kustomization.yaml")
    assert found == Kustomization(
        "k/kustomization.yaml",
        (Told("a.yaml", 1), Told("../base", 1)),
        {"api": Told(Image("ghcr.io/acme/api", "1"), 3), "b": Told(Image("b"), 4)},
    )


def test_charts_are_read_without_rendering(tmp_path: Path) -> None:
    template = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "x.fullname" . }}
  {{- with .Values.labels }}
  labels:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  template:
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          ports:
            - containerPort: {{ .Values.port }}
"""
    files = {
        "c/Chart.yaml": "apiVersion: v2\nname: c\n",
        "c/values.yaml": "image: {repository: acme/api, tag: ''}\nport: 8000\n",
        "c/templates/deployment.yaml": template,
        "c/templates/broken.yaml": "a: {{ if }}\n  b: [\n",
        "c/templates/_helpers.tpl": "{{ define }}",
    }
    found = charts.read(write(tmp_path, files), "c/Chart.yaml")
    assert [item.path for item in found] == ["c/templates/broken.yaml", "c/templates/deployment.yaml"]
    (workload,) = found[1].workloads
    assert workload.object.templated
    assert workload.containers[0].image == Told(Image("acme/api"), 14)
    assert workload.containers[0].ports == (ContainerPort(8000, None, 16),)


def test_broken_and_odd_files_are_empty(tmp_path: Path) -> None:
    texts = (
        "kind: [",
        "kind: Deployment\n",
        "apiVersion: v1\nkind: Deployment\nspec: {template: {spec: {containers: [x, {ports: y, env: 3}]}}}\n",
        "- 1\n",
    )
    repo = write(tmp_path, {f"{number}.yaml": text for number, text in enumerate(texts)})
    assert [len(kubernetes.read(repo, f"{number}.yaml").workloads) for number in range(len(texts))] == [0, 0, 1, 0]
