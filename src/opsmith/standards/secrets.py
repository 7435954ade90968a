"""Secrets stand in no file, and come from a place that is made for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.services import is_secret
from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Container, Estate, Object
from opsmith.shapes import items, table
from opsmith.standard import TEAM, Standard
from opsmith.standards.tools import asked
from opsmith.standards.variables import environment, is_placeholder
from opsmith.standards.verdicts import could_not_check, does_not_apply, listed, met, not_met

NAME = "secrets"
TITLE = "Secrets"
TASK = "Deploy it to Kubernetes with secrets from a secret store"

_STORES = ("ExternalSecret", "ClusterExternalSecret", "SealedSecret", "SecretProviderClass", "VaultStaticSecret", "VaultDynamicSecret", "OnePasswordItem",
           "InfisicalSecret", "SopsSecret")  # fmt: skip


def _manifests(estate: Estate) -> Judgement:
    if not estate.objects:
        return does_not_apply("there are no Kubernetes manifests")
    bad = [(item.spot("data" if "data" in item.body else "stringData"), item.name) for item in estate.of_kind("Secret") if _holds_values(item)]
    for workload in estate.workloads:
        for container in workload.containers(initial=True):
            for index, entry in enumerate(items(container.body.get("env"))):
                name, value = str(table(entry).get("name") or ""), table(entry).get("value")
                if isinstance(value, str) and _is_value(name, value):
                    bad.append((container.spot("env", index), name))
    if not bad:
        return met(
            "no manifest holds a secret's value", [Spot(file=path) for path in dict.fromkeys(item.document.file for item in estate.objects)][:20]
        )
    return not_met(f"secrets stand in manifests: {listed(name for _, name in bad)}", [spot for spot, _ in bad], task=TASK)


def _holds_values(item: Object) -> bool:
    """SOPS leaves its mark, a kind of Secret without a value has nothing to hide, and what is made from placeholders is filled elsewhere."""
    if "sops" in item.body or item.body.get("type") in ("kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"):
        return False
    plain = [str(value) for value in table(item.body.get("stringData")).values() if value]
    values = plain + [_decoded(str(value)) for value in table(item.body.get("data")).values() if value]
    return any(not is_placeholder(value) and not value.startswith(("ENC[", "<", "${", "vault:", "AVP:")) for value in values)


def _decoded(value: str) -> str:
    import base64
    import binascii

    try:
        return base64.b64decode(value, validate=True).decode("utf-8", "replace").strip()
    except (binascii.Error, ValueError):
        return value


def _is_value(name: str, value: str) -> bool:
    return is_secret(name, value) and bool(value) and "$" not in value and not is_placeholder(value) and not _is_bare_address(value)


def _is_bare_address(value: str) -> bool:
    """An address without a password in it, or the path of a file."""
    return ("://" in value and not re.search(r"://[^/@\s]*:[^/@\s]+@", value)) or (
        re.match(r"/[\w./-]*$|[\w.-]+(?::\d+)?(?:/\w*)?$", value) is not None and ("." in value or ":" in value or value.startswith("/"))
    )


def _compose(estate: Estate) -> Judgement:
    if not estate.deployed_compose:
        return does_not_apply("compose does not deploy it")
    bad = [
        (service.spot("environment", name), f"{service.name}.{name}")
        for service in estate.deployed_compose
        for name, value in environment(service).items()
        if _is_value(name, value)
    ]
    if not bad:
        return met(
            "no compose file holds a secret's value",
            [Spot(file=path) for path in dict.fromkeys(item.document.file for item in estate.deployed_compose)],
        )
    return not_met(f"secrets stand in compose files: {listed(name for _, name in bad)}", [spot for spot, _ in bad],
                   task="Containerise it with compose, secrets from the environment")  # fmt: skip


_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*[\"']?([^\"'\n]*)", re.MULTILINE)
_EXAMPLE = re.compile(r"example|sample|template|dist|test|defaults|ci|dev|local|schema")


def _env_files(estate: Estate) -> Judgement:
    paths = [
        path
        for path in estate.texts
        if re.search(r"(?:^|/)(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env)$", path) and not _EXAMPLE.search(path.rpartition("/")[2])
    ]
    if not paths:
        return met("no file of variables is in the repository but examples")
    bad = [(Spot(file=path, line=line), name) for path in paths for line, name in _values(estate.texts[path])]
    if not bad:
        return met("the files of variables hold no secret", [Spot(file=path) for path in paths])
    return not_met(f"secrets stand in files of variables: {listed(name for _, name in bad)}", [spot for spot, _ in bad], task=None)


def _values(text: str) -> Iterator[tuple[int, str]]:
    for match in _LINE.finditer(text):
        if _is_value(match[1], match[2].strip()):
            yield text.count("\n", 0, match.start()) + 1, match[1]


def _ignored(estate: Estate) -> Judgement:
    uses = [Spot(file=path) for path in estate.texts if re.search(r"(?:^|/)\.?env\.(?:example|sample|template|dist)$", path)]
    if not uses:
        return does_not_apply("no example of a file of variables is there to be copied")
    ignores = [path for path in estate.texts if path.rpartition("/")[2] == ".gitignore"]
    if not ignores:
        return not_met("a copy of the example would be committed: there is no .gitignore", uses, task=None)
    lines = [line.strip() for path in ignores for line in estate.texts[path].splitlines()]
    if any(re.search(r"(?:^|/)(?:\*?\.env\S*|\.env|\*\.env)$", line) for line in lines if not line.startswith(("#", "!"))):
        return met("git leaves .env files out", [Spot(file=path) for path in ignores[:1]])
    return not_met("a copy of the example would be committed: .gitignore does not name .env", uses, task=None)


def _store(estate: Estate) -> Judgement:
    stores = [item.spot() for item in estate.of_kind(*_STORES)] + [item.spot() for item in estate.of_kind("Secret") if "sops" in item.body]
    stores += [
        block.spot()
        for block in estate.resources("aws_secretsmanager_", "google_secret_manager_", "azurerm_key_vault", "vault_", "aws_ssm_parameter")
    ]
    if stores:
        return met("secrets come from a store or are encrypted", stores)
    wanted = [spot for workload in estate.workloads for container in workload.containers() for spot in _references(container)]
    if wanted:
        return could_not_check("the manifests refer to secrets that are made elsewhere; from which store is not told here", wanted, task=TASK)
    return does_not_apply("no manifest or infrastructure here uses a secret")


def _references(container: Container) -> Iterator[Spot]:
    for index, entry in enumerate(items(container.body.get("env"))):
        if "secretKeyRef" in table(table(entry).get("valueFrom")):
            yield container.spot("env", index)
    for index, entry in enumerate(items(container.body.get("envFrom"))):
        if "secretRef" in table(entry):
            yield container.spot("envFrom", index)


def _scan(estate: Estate) -> Judgement:
    return asked(estate, "gitleaks", "file", none="there is no deployment file to look through", task=None)


STANDARDS = (
    Standard(
        id="secrets/scan",
        summary="gitleaks finds no secret in deployment files",
        source=f"{TEAM}: no secrets in files; OWASP Secrets Management",
        weight=3,
        judge=_scan,
    ),
    Standard(
        id="secrets/manifests",
        summary="no secret's value in manifests",
        source="OWASP Kubernetes Top Ten K08; CIS Kubernetes 5.4",
        weight=3,
        judge=_manifests,
    ),
    Standard(id="secrets/compose", summary="no secret's value in compose files", source=f"{TEAM}: no secrets in files", weight=3, judge=_compose),
    Standard(
        id="secrets/env-files",
        summary="no secret in committed .env files",
        source="The Twelve-Factor App III; OWASP Secrets Management",
        weight=3,
        judge=_env_files,
    ),
    Standard(id="secrets/ignored", summary=".env files are not committed by accident", source="OWASP Secrets Management", weight=1, judge=_ignored),
    Standard(id="secrets/store", summary="secrets come from a store", source=f"{TEAM}: secrets management", weight=2, judge=_store),
)
