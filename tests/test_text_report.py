"""What a person reads of a plan."""

from __future__ import annotations

from opsmith.model.blueprint import Blueprint, Origin
from opsmith.reports import text


def test_an_origin_says_its_line_only_where_it_has_one() -> None:
    origins = (
        Origin(kind="fact", text="pip project", file="pyproject.toml"),
        Origin(kind="fact", text="depends on ruff", file="pyproject.toml", line=56),
        Origin(kind="default", text="python 3.12"),
    )
    plan = Blueprint(
        name="shop", namespace="shop", targets=("docker",), strategy="rolling", builds=(), services=(), backings=(), secrets=(), monitoring=None,
        pipeline=None, registry="ghcr.io/acme/shop", origins={"builds.api": origins},
    )  # fmt: skip
    assert (
        text.plan(plan)
        == """\
shop: docker

builds.api
  fact     pip project   (pyproject.toml)
  fact     depends on ruff   (pyproject.toml:56)
  default  python 3.12"""
    )
