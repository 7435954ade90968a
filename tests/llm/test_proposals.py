"""Stages that apply what a planner proposes: what is allowed, founded and makes nothing worse, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint, Service, Variable
from opsmith.model.finding import Finding, Severity
from opsmith.model.proof import Proof
from opsmith.model.proposal import Amendment, Edit, Made
from opsmith.repo import Repo
from opsmith.stages.amend import amended, applied
from opsmith.stages.mend import edited, mended
from tests import fakes

TASK = "Give the api five replicas; ten thousand users"
VARIABLES = (
    Variable(name="LIMIT", kind="unset"),
    Variable(name="LEVEL", kind="literal", value="info"),
    Variable(name="TOKEN", kind="secret", secret="s", key="k"),
)
PLAN = replace(fakes.BLUEPRINT, services=(replace(fakes.BLUEPRINT.services[0], variables=VARIABLES),))
LIMIT = Variable(name="LIMIT", kind="literal", value="25mb")
CODE = '@app.get("/ready")\nLIMIT = "25mb"\n# replicas = 9\nWORKERS = 40\nMEMORY = "4Gi"\nTOKEN_X = "abc123"\n'


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    (tmp_path / "tests").mkdir()
    for path, text in (("main.py", CODE), ("README.md", 'the path is "/ready"\n'), ("tests/x.py", 'PATH = "/ready"\n')):
        (tmp_path / path).write_text(text)
    return Repo(tmp_path)


def change(node: str, value: str | int, quote: str, line: int | None = None, file: str | None = "main.py") -> Amendment:
    return Amendment(node=f"services.api.{node}", value=value, reason="because", quote=quote, file=file if line else None, line=line)


def reads(get: Callable[[Service], object]) -> Callable[[Service], object]:
    return get


@pytest.mark.parametrize(
    ("item", "get", "value"),
    [
        (change("replicas", 5, "five replicas"), reads(lambda api: api.replicas), 5),
        (change("replicas", 40, "WORKERS = 40", 4), reads(lambda api: api.replicas), 40),
        (change("probe.path", "/ready", '@app.get("/ready")', 1), reads(lambda api: api.probe and api.probe.path), "/ready"),
        (change("resources.memory_limit", "4Gi", 'MEMORY = "4Gi"', 5), reads(lambda api: api.resources.memory_limit), "4Gi"),
        (change("resources.cpu_limit", "1", "ten thousand users"), reads(lambda api: api.resources.cpu_limit), "1"),
        (change("startup_seconds", 120, "ten thousand users"), reads(lambda api: api.startup_seconds), 120),
        (
            change("variables.LIMIT", "25mb", 'LIMIT = "25mb"', 2),
            reads(lambda api: api.variables[0]),
            Variable(name="LIMIT", kind="literal", value="25mb"),
        ),
    ],
)
def test_taken(item: Amendment, get: Callable[[Service], object], value: object, repo: Repo) -> None:
    plan, notes = applied(PLAN, [item], TASK, repo)
    assert (get(plan.services[0]), notes) == (value, ())
    assert [(origin.kind, origin.file, origin.line) for origin in plan.origins[item.node]][:1] == [("model", item.file, item.line)]


FAR = "it is 4 times away from what the plan has, and its evidence does not state it"


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (change("replicas", 9, "# replicas = 9", 3), "main.py:3 is prose, which decides nothing"),
        (change("replicas", 49, "ten thousand users"), FAR),
        (change("replicas", 51, "five replicas"), "it has to be a whole number from 1 to 50"),
        (change("replicas", "5", "five replicas"), "it has to be a whole number from 1 to 50"),
        (change("replicas", 5, "six replicas"), "the words are not in the task"),
        (change("replicas", 5, "x"), "no reason is quoted"),
        (change("replicas", 5, "WORKERS = 40", 99), "there is no line main.py:99"),
        (change("replicas", 5, "WORKERS = 41", 4), "main.py:4 does not say so"),
        (change("replicas", 5, "root:x:0:0", 1, file="/etc/passwd"), "there is no line /etc/passwd:1"),
        (change("probe.path", "/ready", 'the path is "/ready"', 1, file="README.md"), "README.md:1 is prose, which decides nothing"),
        (
            change("probe.path", "/ready", 'PATH = "/ready"', 1, file="tests/x.py"),
            "tests/x.py belongs to tests, examples or documents, which decide nothing",
        ),
        (change("probe.path", "/other", '@app.get("/ready")', 1), "the path does not stand in what is quoted for it"),
        (change("resources.memory_limit", "4Gb", 'MEMORY = "4Gi"', 5), "it is no memory quantity"),
        (change("resources.memory_limit", "64Gi", "ten thousand users"), FAR),
        (change("resources.memory_request", "1Gi", "ten thousand users"), "the request would be more than the limit"),
        (change("variables.TOKEN", "abc123", "ten thousand users"), "only values of known variables that are no secrets may be set"),
        (change("variables.NEW", "x", "ten thousand users"), "only values of known variables that are no secrets may be set"),
        (change("variables.LEVEL", "debug", "ten thousand users"), "the value does not stand in what is quoted for it, or may be a secret"),
        (change("schedule", "* * * * *", "ten thousand users"), "it runs by no schedule"),
        (change("command", "sh", "ten thousand users"), "no such node may be changed"),
        (change("user", 0, "ten thousand users"), "no such node may be changed"),
        (Amendment(node="services.nobody.replicas", value=2, reason="r", quote="five replicas"), "no such node may be changed"),
        (Amendment(node="namespace", value="kube-system", reason="r", quote="five replicas"), "no such node may be changed"),
    ],
)
def test_not_taken(item: Amendment, why: str, repo: Repo) -> None:
    assert applied(PLAN, [item], TASK, repo) == (PLAN, (f"the model proposed {item.node} = {str(item.value)!r}, which was not taken: {why}",))


def test_singletons_stay_alone(repo: Repo) -> None:
    plan = replace(PLAN, services=(replace(PLAN.services[0], singleton=True),))
    after, notes = applied(plan, [change("replicas", 5, "five replicas")], TASK, repo)
    assert after is plan
    assert "would do everything twice" in notes[0]


FILE = Artifact(path="k8s/a.yaml", text="kind: A\nmetadata:\n  name: a\nspec:\n  x: 1\n  y: 2\n", target="kubernetes")
GOOD = Proof(tool="tool", claim="is well", paths=("k8s/a.yaml",), outcome="proved")
BAD = Finding(rule="tool/x", severity="medium", message="x must not be 1", path="k8s/a.yaml", line=5)
FIX = Edit(path="k8s/a.yaml", rule="tool/x", search="  x: 1\n", replace="  x: 3\n", reason="as it says")


def made(*findings: Finding, proofs: tuple[Proof, ...] = (GOOD,), text: str = FILE.text) -> Made:
    return Made(blueprint=PLAN, artifacts=(replace(FILE, text=text),), proofs=proofs, findings=findings)


def judge(*findings: Finding, proofs: tuple[Proof, ...] = (GOOD,)) -> Callable[[Blueprint, tuple[Artifact, ...]], Made]:
    return lambda plan, files: Made(blueprint=plan, artifacts=files, proofs=proofs, findings=findings)


def once(*edits: Edit) -> Callable[[object, object], tuple[Edit, ...]]:
    rest = [edits]
    return lambda _, __: rest.pop() if rest else ()


def test_a_mend_that_mends() -> None:
    after, notes = mended(made(BAD), once(FIX), judge())
    assert (after.artifacts[0].text, after.findings, notes) == (FILE.text.replace("x: 1", "x: 3"), (), ())
    assert after.artifacts[0].origins[-1].node == "mended.k8s/a.yaml"
    assert after.blueprint.origins["mended.k8s/a.yaml"][0].text == "as it says (a model's mend of tool/x)"


def finding(rule: str, severity: Severity) -> Finding:
    return Finding(rule=rule, severity=severity, message="new", path="k8s/a.yaml")


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (judge(proofs=()), "with it tool no longer proves k8s/a.yaml"),
        (judge(proofs=(replace(GOOD, outcome="refuted"),)), "with it tool no longer proves k8s/a.yaml"),
        (judge(proofs=(replace(GOOD, outcome="could_not_check"),)), "with it tool no longer proves k8s/a.yaml"),
        (judge(finding("tool/y", "critical")), "with it k8s/a.yaml has a new critical finding: tool/y: new"),
        (judge(finding("tool/y", "medium")), "with it k8s/a.yaml has a new medium finding: tool/y: new"),
        (judge(BAD), "the finding is still there"),
    ],
)
def test_a_mend_that_trades(after: Callable[[Blueprint, tuple[Artifact, ...]], Made], why: str) -> None:
    before = made(BAD)
    assert mended(before, once(FIX), after) == (before, (f"the model's mend of tool/x in k8s/a.yaml was dropped: {why}",))


def test_a_milder_finding_may_come_up_for_a_worse_one() -> None:
    worse = replace(BAD, severity="high")
    assert mended(made(worse), once(FIX), judge(finding("tool/y", "low")))[1] == ()


@pytest.mark.parametrize(
    ("search", "into", "why"),
    [
        ("nowhere", "x", "the text to replace does not stand there exactly once"),
        ("a", "b", "the text to replace does not stand there exactly once"),
        ("", "x", "the text to replace does not stand there exactly once"),
        ("  x: 1\n", "  x: 1\n", "it changes nothing"),
        ("  x: 1\n", "  x: 1  # checkov:skip=CKV_1: fine\n", "it makes a tool look away"),
        ("  x: 1\n", "", "it takes away spec.x"),
        ("spec:\n  x: 1\n  y: 2\n", "", "it takes away spec"),
        ("kind: A", "kind: B", "it takes away kind=A"),
        ("name: a\n", "name: b\n", "it takes away metadata.name=a"),
        ("  x: 1\n", "  x: [\n", "it takes away the form of the file: it cannot be read any more"),
        ("  x: 1\n", "  x: ghp_abcdefghijklmnop1234\n", "it brings in something that may be a secret, an expression or a control character"),
        ("  x: 1\n", "  x: ${{ github.token }}\n", "it brings in something that may be a secret, an expression or a control character"),
        ("  x: 1\n", "  x: \u202e1\n", "it brings in something that may be a secret, an expression or a control character"),
    ],
)
def test_edits_that_are_none(search: str, into: str, why: str) -> None:
    assert edited(FILE, replace(FIX, search=search, replace=into)) == why


def test_a_dockerfile_keeps_its_instructions() -> None:
    image = Artifact(path="Dockerfile", text='FROM a:1\nUSER 10001\nCMD ["x"]\n', target="docker")
    assert edited(image, Edit(path="Dockerfile", rule="r", search="USER 10001\n", replace="", reason="r")) == "it takes away a USER instruction"


def test_changes_that_make_something_worse_are_dropped(tmp_path: Path, repo: Repo) -> None:
    before = made()
    wanted = [change("replicas", 5, "five replicas")]
    after, notes = amended(before, wanted, TASK, tmp_path, lambda plan: replace(judge(proofs=())(plan, before.artifacts)))
    assert after is before
    assert notes == ("the model's changes to the plan were dropped, because with them tool no longer proves k8s/a.yaml",)
    kept, none = amended(before, wanted, TASK, tmp_path, lambda plan: judge()(plan, before.artifacts))
    assert (kept.blueprint.services[0].replicas, none) == (5, ())
