from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from opsmith.cli import explain as command
from opsmith.errors import DeliveryError, UsageError
from opsmith.model.artifact import Artifact, LineOrigin
from opsmith.model.blueprint import Origin
from opsmith.stages.deliver import deliver
from opsmith.stages.explain import Explanation, Node, explain

PYTHON = Origin(kind="fact", text="Python 3.12", file="pyproject.toml", line=4)
PORT = Origin(kind="fact", text="uvicorn.run(port=8000)", file="app/main.py", line=42)
DEFAULT = Origin(kind="default", text="services run as uid 10001")
ORIGINS = {"builds.api.runtime_version": (PYTHON,), "services.api.port": (PORT,), "services.api.user": (DEFAULT,)}
DOCKERFILE = Artifact(
    path="Dockerfile",
    text="FROM python:3.12\n# made\nEXPOSE 8000\nUSER 10001\n",
    target="docker",
    origins=(
        LineOrigin(first=1, last=4, node="builds.api"),
        LineOrigin(first=3, last=3, node="services.api.port.number"),
        LineOrigin(first=3, last=4, node="services.api"),
    ),
)
API = Node(name="services.api", origins=(PORT, DEFAULT))
BUILD = Node(name="builds.api", origins=(PYTHON,))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    deliver([DOCKERFILE], ORIGINS, tmp_path)
    return tmp_path


def test_narrowest_node_first(root: Path) -> None:
    assert explain(root, "./Dockerfile", 3) == Explanation(
        file="Dockerfile",
        line=3,
        text="EXPOSE 8000",
        written_by="opsmith",
        target="docker",
        delivered_line=3,
        nodes=(Node(name="services.api.port.number", origins=(PORT,)), API, BUILD),
    )
    assert explain(root, str(root / "Dockerfile"), 1).nodes == (BUILD,)


def test_lines_are_found_again_after_an_edit(root: Path) -> None:
    (root / "Dockerfile").write_bytes(b"FROM python:3.12\r\nRUN mine\r\n# made\r\nEXPOSE 8000\r\nUSER 0\r\n")
    found = [explain(root, "Dockerfile", line) for line in range(1, 6)]
    assert [(item.text, item.written_by, item.delivered_line) for item in found] == [
        ("FROM python:3.12", "opsmith", 1),
        ("RUN mine", "user", None),
        ("# made", "opsmith", 2),
        ("EXPOSE 8000", "opsmith", 3),
        ("USER 0", "user", None),
    ]


def test_merged_and_offered_files(root: Path) -> None:
    (root / "Dockerfile").write_text("FROM mine\n# made\nEXPOSE 8000\nUSER 10001\n")
    (root / "compose.yaml").write_text("mine\n")
    mark = (LineOrigin(first=1, last=1, node="services.api.port"),)
    deliver([Artifact(path="compose.yaml", text="ours\n", target="compose", origins=mark)], ORIGINS, root)
    assert explain(root, "compose.yaml.opsmith.new", 1).nodes == (Node(name="services.api.port", origins=(PORT,)),)
    with pytest.raises(DeliveryError, match=r"compose.yaml is your own file; opsmith's version of it is compose.yaml.opsmith.new"):
        explain(root, "compose.yaml", 1)


def test_what_cannot_be_explained(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(UsageError, match="Dockerfile has 4 lines; there is no line 5"):
        explain(root, "Dockerfile", 5)
    with pytest.raises(UsageError, match="there is no line 0"):
        explain(root, "Dockerfile", 0)
    with pytest.raises(DeliveryError, match="opsmith did not deliver Dockerfil"):
        explain(root, "Dockerfil", 1)
    with pytest.raises(DeliveryError, match=r"opsmith did not deliver \.\./x"):
        explain(root, "../x", 1)
    (root / "Dockerfile").unlink()
    with pytest.raises(DeliveryError, match="was delivered but is not there any more"):
        explain(root, "Dockerfile", 1)
    with pytest.raises(DeliveryError, match="Nothing was delivered to"):
        explain(tmp_path_factory.mktemp("empty"), "Dockerfile", 1)


def test_a_link_that_leads_out_shows_nothing(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    deliver([Artifact(path="k8s/a", text="ours\n", target="kubernetes")], ORIGINS, root)
    (root / "k8s").rename(outside)
    (root / "k8s").symlink_to(outside)
    (outside / "a").write_text("secret\n")
    with pytest.raises(DeliveryError, match=r"k8s/a was delivered but a folder on its way is a link that leaves"):
        explain(root, "k8s/a", 1)
    (root / "k8s").unlink()
    (root / "k8s").symlink_to("inside")
    outside.rename(root / "inside")
    assert explain(root, "k8s/a", 1).text == "secret"


def run(root: Path, place: str, form: str = "text") -> int:
    return command.action(argparse.Namespace(place=place, repo=str(root), format=form))


def test_command(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, "Dockerfile:3") == 0
    assert capsys.readouterr().out == (
        "Dockerfile:3  EXPOSE 8000\n"
        "  from target docker\n"
        "  services.api.port.number\n"
        "    fact: uvicorn.run(port=8000) (app/main.py:42)\n"
        "  services.api\n"
        "    fact: uvicorn.run(port=8000) (app/main.py:42)\n"
        "    default: services run as uid 10001\n"
        "  builds.api\n"
        "    fact: Python 3.12 (pyproject.toml:4)\n"
    )
    (root / "Dockerfile").write_text("mine\n" + DOCKERFILE.text)
    run(root, "Dockerfile:1")
    run(root, "Dockerfile:2")
    assert capsys.readouterr().out == (
        "Dockerfile:1  mine\n  written by you; opsmith did not deliver this line\n"
        "Dockerfile:2  FROM python:3.12\n  from target docker, delivered as line 1\n  builds.api\n    fact: Python 3.12 (pyproject.toml:4)\n"
    )


@pytest.mark.parametrize("place", ["Dockerfile", ":3", "Dockerfile:x", "Dockerfile:-1", "Dockerfile:9999999999", "Dockerfile:²"])
def test_place_that_is_none(root: Path, place: str) -> None:
    with pytest.raises(UsageError, match="is no FILE:LINE"):
        run(root, place)
