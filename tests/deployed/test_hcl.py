"""Terraform's language as blocks."""

from __future__ import annotations

import pytest

from opsmith.detectors.deployed.hcl import blocks, plain
from opsmith.detectors.deployed.told import Told


def test_hcl() -> None:
    source = """# resource "no" "no" {}
resource "aws_s3_bucket" "a" { # one
  name = "x-${var.a["}"]}"  // two
  tags = {
    team = "}"
  }
  text = <<-EOT
    } resource "b" "c" {
  EOT
  rule { on = true }
}
/* resource "no" "no" {} */
variable "open" {
"""
    (bucket, variable) = blocks("a.tf", source)
    assert (bucket.kind, bucket.labels, bucket.line) == ("resource", ("aws_s3_bucket", "a"), 2)
    assert list(bucket.values) == ["name", "tags", "text"]
    assert (bucket.values["name"], bucket.lines["text"]) == ('"x-${var.a["}"]}"', 7)
    assert [(inner.kind, dict(inner.values)) for inner in bucket.blocks] == [("rule", {"on": "true"})]
    assert variable.labels == ("open",)


@pytest.mark.parametrize("source", ["{" * 5_000, 'a "' + "${" * 5_000, "a = <<X\n" * 2_000, 'r "a" {\n' * 2_000, "}" * 5_000, "a = [" * 5_000, '"\\'])
def test_hostile_hcl_ends(source: str) -> None:
    blocks("a.tf", source)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('"a b"', Told("a b", 2)), ("16", Told("16", 2)), ("true", Told("true", 2)), ("var.a", None), ('"${var.a}"', None), ("[1]", None),
        ('"a" == "b"', None), ("<<X\nX", None),
    ],
)  # fmt: skip
def test_only_plain_values_are_told(value: str, told: Told[str] | None) -> None:
    (block,) = blocks("a.tf", f'resource "a" "b" {{\n  name = {value}\n}}\n')
    assert plain(block, "name") == told
    assert plain(block, "other") is None
