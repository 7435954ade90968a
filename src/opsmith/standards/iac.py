"""Infrastructure as code: where its state is, what it leaves open, what it leaves in the clear."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Block, Estate
from opsmith.standard import TEAM, Standard
from opsmith.standards.verdicts import could_not_check, does_not_apply, each, listed, met, not_met

NAME = "iac"
TITLE = "Infrastructure as code"
TASK = "Harden the Terraform: remote state, encryption, least privilege"
NONE = "there is no Terraform"

_OTHERS = ("cloudformation", "pulumi", "cdk", "bicep", "ansible", "serverless")


def _present(estate: Estate) -> Judgement:
    if estate.resources() or any(block.kind == "module" for block in estate.blocks):
        return met("infrastructure is described by Terraform", [Spot(file=path) for path in dict.fromkeys(block.file for block in estate.blocks)])
    if found := estate.kinds(*_OTHERS):
        return met("infrastructure is described", found)
    return could_not_check(
        "no infrastructure is described here; whether it is in another repository cannot be told", task="Provision it on AWS with Terraform"
    )


def _roots(estate: Estate) -> dict[str, list[Block]]:
    """Blocks of each folder that is applied by itself: it configures a provider, and nobody calls it as a module."""
    folders: dict[str, list[Block]] = {}
    for block in estate.blocks:
        folders.setdefault(block.file.rpartition("/")[0], []).append(block)
    called = {
        _joined(block.file.rpartition("/")[0], block.values.get("source", "").strip('"'))
        for block in estate.blocks
        if block.kind == "module" and block.values.get("source", "").startswith('".')
    }
    return {folder: blocks for folder, blocks in folders.items() if folder not in called and any(block.kind == "provider" for block in blocks)}


def _joined(folder: str, source: str) -> str:
    parts: list[str] = []
    for part in f"{folder}/{source}".split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _state(estate: Estate) -> Judgement:
    roots = _roots(estate)
    if not roots:
        return does_not_apply(NONE if not estate.blocks else "the Terraform here is modules that others apply")
    good, bad, names = list[Spot](), list[Spot](), list[str]()
    for folder, blocks in roots.items():
        where = next((inner for block in blocks if block.kind == "terraform" for inner in block.within("backend", "cloud")), None)
        if where is not None and where.labels[:1] != ("local",):
            good.append(where.spot())
        else:
            provider = next(block for block in blocks if block.kind == "provider")
            bad.append(where.spot() if where else provider.spot())
            names.append(folder or ".")
    return each(good, bad, what="configuration", fails="with its state in a local file", holds="with remote state", named=names, task=TASK)


def _locking(estate: Estate) -> Judgement:
    backends = [inner for block in estate.blocks if block.kind == "terraform" for inner in block.within("backend") if inner.labels[:1] == ("s3",)]
    if not backends:
        return does_not_apply("no state lies in S3, where locks have to be asked for")
    good = [item.spot() for item in backends if {"dynamodb_table", "use_lockfile"} & set(item.values)]
    bad = [item.spot() for item in backends if not {"dynamodb_table", "use_lockfile"} & set(item.values)]
    return each(good, bad, what="state", fails="open to two changes at once", holds="locked", task=TASK)


def _pinned(estate: Estate) -> Judgement:
    if not estate.blocks:
        return does_not_apply(NONE)
    good, bad, names = list[Spot](), list[Spot](), list[str]()
    for block in estate.blocks:
        if block.kind == "terraform":
            for providers in block.within("required_providers"):
                for name, text in providers.values.items():
                    holds = "version" in text or not text.startswith("{")
                    (good if holds else bad).append(providers.spot(name))
                    names += [] if holds else [name]
        if block.kind == "module" and block.labels:
            source = block.values.get("source", "").strip('"')
            if source and not source.startswith("."):
                holds = "version" in block.values or "ref=" in source
                (good if holds else bad).append(block.spot("source"))
                names += [] if holds else [block.labels[0]]
    if not good and not bad:
        return does_not_apply("no provider or module from elsewhere is named")
    return each(
        good,
        bad,
        what="dependency",
        fails="without a version",
        holds="with a version",
        named=names,
        task="Harden the Terraform: pin providers and modules",
    )


_ENCRYPTED: dict[str, tuple[str, ...]] = {
    "aws_db_instance": ("storage_encrypted",),
    "aws_rds_cluster": ("storage_encrypted",),
    "aws_docdb_cluster": ("storage_encrypted",),
    "aws_neptune_cluster": ("storage_encrypted",),
    "aws_ebs_volume": ("encrypted",),
    "aws_efs_file_system": ("encrypted",),
    "aws_redshift_cluster": ("encrypted",),
    "aws_elasticache_replication_group": ("at_rest_encryption_enabled", "transit_encryption_enabled"),
}


def _encrypted(estate: Estate) -> Judgement:
    stores = [block for block in estate.resources() if _ENCRYPTED.get(block.labels[0])]
    if not stores:
        return does_not_apply("no storage is described that has to be told to encrypt" if estate.blocks else NONE)
    good, bad, names = list[Spot](), list[Spot](), list[str]()
    for block in stores:
        missing = [key for key in _ENCRYPTED[block.labels[0]] if block.values.get(key, "false") == "false"]
        inherits = "snapshot_identifier" in block.values or "replicate_source_db" in block.values
        (bad if missing and not inherits else good).append(block.spot())
        names += [".".join(block.labels)] if missing and not inherits else []
    return each(
        good,
        bad,
        what="store",
        fails="not encrypted",
        holds="encrypted",
        named=names,
        task="Harden the Terraform: encrypt storage at rest and in transit",
    )


_ANY_ACTION = re.compile(r"[\"']?\bactions?[\"']?\s*[:=]\s*\[?\s*[\"']\*[\"']", re.IGNORECASE)
_BROAD = re.compile(r"\"(?:roles/(?:owner|editor)|arn:aws:iam::aws:policy/AdministratorAccess)\"|\"Owner\"|\"Contributor\"")


def _least(estate: Estate) -> Judgement:
    grants = [block for block in estate.blocks if block.kind in ("resource", "data") and block.labels and _grants(block.labels[0])]
    if not grants:
        return does_not_apply("no right is granted by Terraform" if estate.blocks else NONE)
    bad = [(spot, ".".join(block.labels)) for block in grants for spot in _broad(block)]
    if not bad:
        return met("no right is granted for everything", [block.spot() for block in grants])
    return not_met(
        f"rights for everything: {listed(name for _, name in bad)}", [spot for spot, _ in bad], task="Harden the Terraform: least-privilege IAM"
    )


def _grants(kind: str) -> bool:
    return kind.startswith(("aws_iam_", "google_project_iam", "google_organization_iam", "google_folder_iam", "azurerm_role_assignment"))


def _broad(block: Block) -> Iterator[Spot]:
    for inner in (block, *block.within("statement")):
        denies = inner.values.get("effect", "").strip('"') == "Deny"
        for key, text in inner.values.items():
            if (_ANY_ACTION.search(f"{key} = {text}") and not denies and "Deny" not in text) or (
                key in ("role", "roles", "policy_arn", "role_definition_name") and _BROAD.search(text)
            ):
                yield inner.spot(key)


_WORLD = re.compile(r"\"(?:0\.0\.0\.0/0|::/0|\*|Internet)\"")
_WEB = {"80", "443", "8080", "8443"}


def _closed(estate: Estate) -> Judgement:
    entries = list(_entries(estate))
    if not entries:
        return does_not_apply("no firewall rule is described" if estate.blocks else NONE)
    bad = [(block, name) for block, name in entries if _open_to_world(block)]
    if not bad:
        return met("only web ports are open to everybody", [block.spot() for block, _ in entries])
    return not_met(f"open to everybody beyond the web's ports: {listed(name for _, name in bad)}", [block.spot() for block, _ in bad],
                   task="Harden the Terraform: least-privilege security groups")  # fmt: skip


def _entries(estate: Estate) -> Iterator[tuple[Block, str]]:
    for block in estate.resources():
        name = ".".join(block.labels)
        if block.labels[0] == "aws_security_group":
            yield from ((inner, name) for inner in block.within("ingress"))
        elif (block.labels[0] == "aws_security_group_rule" and block.values.get("type") == '"ingress"') or block.labels[0] in (
            "aws_vpc_security_group_ingress_rule",
            "google_compute_firewall",
            "azurerm_network_security_rule",
        ):
            yield block, name


def _open_to_world(block: Block) -> bool:
    sources = " ".join(text for key, text in block.values.items() if key in
                       ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "source_ranges", "source_address_prefix"))  # fmt: skip
    if not _WORLD.search(sources) or block.values.get("direction", "").strip('"').lower() in ("egress", "outbound"):
        return False
    if block.values.get("protocol", block.values.get("ip_protocol", "")).strip('"') in ("-1", "all", "*"):
        return True
    first, last = block.values.get("from_port"), block.values.get("to_port")
    if first is not None:
        ports = {first, last or first}
        return all(port.strip('"').lstrip("-").isdigit() for port in ports) and not {port.strip('"') for port in ports} <= _WEB
    stated = [text for inner in (block, *block.within("allow")) for key, text in inner.values.items() if key in ("ports", "destination_port_range")]
    numbers = set(re.findall(r"\d+(?:-\d+)?|\*", " ".join(stated)))
    return bool(numbers) and not numbers <= _WEB


def _private(estate: Estate) -> Judgement:
    stores = estate.resources("aws_db_instance", "aws_rds_cluster_instance", "aws_s3_bucket_acl", "google_sql_database_instance", "google_storage_bucket_iam",
                              "azurerm_storage_container", "aws_redshift_cluster")  # fmt: skip
    if not stores:
        return does_not_apply("no store is described that could be public" if estate.blocks else NONE)
    bad = [block for block in stores if any(_is_public(inner) for inner in (block, *block.within("ip_configuration", "authorized_networks")))]
    return each([block.spot() for block in stores if block not in bad], [block.spot() for block in bad], what="store", fails="public", holds="private",
                named=[".".join(block.labels) for block in bad], task=TASK)  # fmt: skip


def _is_public(block: Block) -> bool:
    values = block.values
    return (
        values.get("publicly_accessible") == "true"
        or values.get("acl", "").strip('"').startswith("public-")
        or values.get("container_access_type", "").strip('"') in ("blob", "container")
        or any(name in values.get("member", "") for name in ("allUsers", "allAuthenticatedUsers"))
        or (block.kind == "authorized_networks" and "0.0.0.0/0" in values.get("value", ""))
    )


STANDARDS = (
    Standard(id="iac/present", summary="infrastructure changes through code alone", source=f"{TEAM}: infrastructure", weight=2, judge=_present),
    Standard(id="iac/state", summary="Terraform's state is remote", source="Terraform: backends", weight=2, judge=_state),
    Standard(id="iac/locking", summary="Terraform's state is locked", source="Terraform: state locking", weight=2, judge=_locking),
    Standard(id="iac/pinned", summary="providers and modules have a version", source="Terraform: version constraints", weight=1, judge=_pinned),
    Standard(
        id="iac/encrypted", summary="storage is encrypted", source=f"{TEAM}: encryption at rest and in transit; CIS AWS 2", weight=3, judge=_encrypted
    ),
    Standard(id="iac/least-privilege", summary="nobody may do everything", source=f"{TEAM}: least privilege; CIS AWS 1.16", weight=3, judge=_least),
    Standard(
        id="iac/closed", summary="only web ports are open to everybody", source=f"{TEAM}: least privilege; CIS AWS 5.2", weight=3, judge=_closed
    ),
    Standard(id="iac/private", summary="stores are not public", source="CIS AWS 2.1, 2.3", weight=3, judge=_private),
)
