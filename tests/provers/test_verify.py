from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from opsmith import catalog
from opsmith.errors import OpsmithError
from opsmith.model.finding import Finding
from opsmith.model.proof import Proof
from opsmith.prover import Prover, Question, Verdict
from opsmith.provers import hadolint, kustomize, yamllint
from opsmith.stages.verify import verify
from opsmith.tools import TOOLS, Command, LocalRunner, NoRunner, Result
from tests.provers.recorded import RecordedRunner

DOCKERFILE = {"Dockerfile": "FROM scratch\n"}


@pytest.fixture(autouse=True)
def no_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "CHECKS", ())


def hadolint_proof(reason: str, **changes: object) -> Proof:
    proof = Proof(
        tool="hadolint",
        claim="hadolint finds no error and no warning (left aside: versions of distribution packages)",
        paths=("Dockerfile",),
        outcome="could_not_check",
        reason=reason,
    )
    return replace(proof, **changes)  # type: ignore[arg-type]


def ask(files: Mapping[str, str], runner: object, *provers: object, **options: object) -> tuple[Proof, ...]:
    chosen = cast("Sequence[Prover]", provers or (hadolint,))
    proofs, findings = verify(files, cast("LocalRunner", runner), provers=chosen, **options)  # type: ignore[arg-type]
    assert findings == ()
    return tuple(replace(proof, seconds=0.0) for proof in proofs)


def tool(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return tmp_path / "bin"


def test_a_tool_that_passes() -> None:
    runner = RecordedRunner({"hadolint": Result(stdout="[]")})
    assert ask(DOCKERFILE, runner) == (hadolint_proof("", outcome="proved", version="1.2.3"),)
    assert runner.laid == [DOCKERFILE]


def test_a_missing_tool_is_no_pass() -> None:
    files = {"Dockerfile": "FROM scratch\n", "api/Dockerfile": "FROM scratch\n"}
    get = "pip install 'opsmith[verify]'"
    assert ask(files, NoRunner()) == (hadolint_proof("hadolint is not installed", how_to_get=get, paths=("Dockerfile", "api/Dockerfile")),)


def test_a_tool_that_hangs(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(bin_folder, "hadolint", '[ "$1" = --version ] && echo 9.9.9 && exit; sleep 30 & wait')
    monkeypatch.setattr(hadolint, "questions", _impatient)
    began = time.monotonic()
    assert ask(DOCKERFILE, LocalRunner()) == (hadolint_proof("timed out after 0.2 s", version="9.9.9"),)
    assert time.monotonic() - began < 10


def test_a_tool_leaves_nothing_behind(bin_folder: Path, tmp_path: Path) -> None:
    tool(bin_folder, "hadolint", f'sleep 300 & echo $! > {tmp_path}/child; [ "$1" = --version ] && echo 9.9.9 || echo "[]"')
    assert ask(DOCKERFILE, LocalRunner()) == (hadolint_proof("", outcome="proved", version="9.9.9"),)
    child = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}")
    end = time.monotonic() + 5
    while child.exists() and "\nState:\tZ" not in (child / "status").read_text() and time.monotonic() < end:
        time.sleep(0.01)
    assert not child.exists() or "\nState:\tZ" in (child / "status").read_text()


def _impatient(files: Mapping[str, str]) -> list[Question]:
    return [Question(command=Command(tool="hadolint", arguments=("Dockerfile",), seconds=0.2), paths=tuple(files))]


def test_a_tool_that_crashes(bin_folder: Path) -> None:
    tool(bin_folder, "hadolint", "kill -SEGV $$")
    assert ask(DOCKERFILE, LocalRunner()) == (hadolint_proof("crashed (signal 11)"),)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Traceback (most recent call last):\n  File x\nKeyError: 1\n", "crashed: KeyError: 1"),
        ("panic: runtime error: index out of range\n\ngoroutine 1:\n", "crashed: panic: runtime error: index out of range"),
    ],
)
def test_what_a_tool_printed_before_it_fell_is_no_verdict(said: str, reason: str) -> None:
    runner = RecordedRunner({"hadolint": Result(exit_code=1, stdout="[]", stderr=said)})
    assert ask(DOCKERFILE, runner) == (hadolint_proof(reason, version="1.2.3"),)


def test_a_tool_that_cannot_be_started(bin_folder: Path) -> None:
    tool(bin_folder, "hadolint", "")
    (bin_folder / "hadolint").write_text("#!/nowhere/sh\n")
    assert ask(DOCKERFILE, LocalRunner()) == (hadolint_proof(f"could not be started: {bin_folder}/hadolint: No such file or directory"),)


@pytest.mark.parametrize("said", ["[42]", '[{"code":"DL1"}]', "[", '[{"code":1,"level":"x","message":[],"line":"y"}]'])
def test_a_tool_that_prints_garbage(bin_folder: Path, said: str) -> None:
    tool(bin_folder, "hadolint", f"cat <<'EOF'\n{said}\nEOF")
    assert ask(DOCKERFILE, LocalRunner()) == (hadolint_proof("its output cannot be read (exit code 0)"),)


@pytest.mark.parametrize("name", [name for name in catalog.PROVERS if name not in ("docker_compose", "kustomize")])
@pytest.mark.parametrize("said", ["{}", "{[", "null", "\0"])
def test_no_prover_takes_an_exit_code_alone_for_a_pass(name: str, said: str) -> None:
    from tests.provers.test_judgements import FILES, prover

    proofs = ask(FILES, RecordedRunner(dict.fromkeys(TOOLS, Result(stdout=said))), prover(name))
    assert {proof.outcome for proof in proofs} == {"could_not_check"}


@pytest.mark.parametrize("name", catalog.PROVERS)
def test_no_prover_takes_garbage_for_a_pass(name: str) -> None:
    from tests.provers.test_judgements import FILES, prover

    for garbage in (
        Result(exit_code=1, stdout="\0\1{[", stderr="boom"),
        Result(exit_code=1, stdout="{}"),
        Result(exit_code=77),
        Result(exit_code=-9),
    ):
        proofs = ask(FILES, RecordedRunner(dict.fromkeys(TOOLS, garbage)), prover(name))
        assert [proof.outcome for proof in proofs if proof.outcome == "proved"] == [], garbage


def test_the_other_tool_is_asked_when_the_first_is_missing() -> None:
    files = {"k8s/kustomization.yaml": "resources: []\n"}
    runner = RecordedRunner({"kubectl": Result(stdout="kind: x\n")})
    proof = Proof(tool="kubectl", claim="kustomize renders the tree", paths=tuple(files), outcome="proved", version="1.2.3")
    assert ask(files, runner, kustomize) == (proof,)
    assert [str(command) for command in runner.commands] == ["kubectl kustomize k8s"]


def test_a_batch_is_told_file_by_file() -> None:
    said = "b.yaml:1:1: [error] syntax error (syntax)\na.yaml:1:5: [error] trailing spaces (trailing-spaces)\n"
    runner = RecordedRunner({"yamllint": Result(exit_code=1, stdout=said)})
    claim = "yamllint finds no error that changes what the YAML means"
    bad = Finding(rule="yamllint/syntax", severity="high", message="syntax error", path="b.yaml", line=1)
    proofs = ask({"a.yaml": "a: [1]", "b.yaml": "b: [", "c.yaml": "c: 1\n"}, runner, yamllint)
    assert [(proof.outcome, proof.paths, [finding.rule for finding in proof.findings], proof.claim) for proof in proofs] == [
        ("refuted", ("b.yaml",), ["yamllint/syntax"], claim),
        ("proved", ("a.yaml", "c.yaml"), ["yamllint/trailing-spaces"], claim),
    ]
    assert proofs[0].findings == (bad,)


def test_what_was_not_looked_at_is_not_proved() -> None:
    verdict = Verdict(outcome="proved", unchecked=("b.yaml",), reason="no schema for Widget")
    proofs = ask({"a.yaml": "", "b.yaml": ""}, RecordedRunner({"yamllint": Result()}), _sure_of(verdict))
    assert [(proof.outcome, proof.paths, proof.reason) for proof in proofs] == [
        ("proved", ("a.yaml",), ""),
        ("could_not_check", ("b.yaml",), "no schema for Widget"),
    ]


def _sure_of(verdict: Verdict) -> object:
    """A prover with a fixed verdict on everything."""

    def questions(files: Mapping[str, str]) -> list[Question]:
        return [Question(command=Command(tool="yamllint", arguments=()), paths=tuple(files))]

    def judge(question: Question, result: Result) -> Verdict:
        return verdict

    return SimpleNamespace(NAME="sure", TOOL="yamllint", CLAIM="is sure", questions=questions, judge=judge)


def test_the_tree_is_private_gone_afterwards_and_never_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, Path]] = []

    class Nosy(RecordedRunner):
        def run(self, command: Command, tree: Path) -> Result:
            seen.append((tree.parent.stat().st_mode & 0o777, tree))
            return Result(exit_code=1, stderr=f"Error: {tree}/k8s/x.yaml is bad, {tree} too\n")

    files = {"k8s/kustomization.yaml": "resources: []\n"}
    proofs = ask(files, Nosy({"kustomize": Result()}), kustomize)
    assert [finding.message for finding in proofs[0].findings] == ["k8s/x.yaml is bad, . too"]
    assert [mode for mode, _ in seen] == [0o700]
    assert not seen[0][1].parent.exists()


def test_executables_can_be_executed() -> None:
    modes: list[bool] = []

    class Looking(RecordedRunner):
        def run(self, command: Command, tree: Path) -> Result:
            modes.extend(os.access(tree / name, os.X_OK) for name in ("run.sh", "lib.sh"))
            return Result(stdout="[]")

    ask({**DOCKERFILE, "run.sh": "", "lib.sh": ""}, Looking({"hadolint": Result()}), executables=frozenset(("run.sh",)))
    assert modes == [True, False]


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ""])
def test_no_file_is_laid_outside_the_tree(path: str) -> None:
    with pytest.raises(OpsmithError, match="is no path inside a tree"):
        verify({path: ""}, NoRunner(), provers=())


def test_settings_that_load_code_are_laid_before_no_tool() -> None:
    runner = RecordedRunner({"hadolint": Result(stdout="[]")})
    ask({**DOCKERFILE, ".checkov.yaml": "external-checks-dir: [evil]\n", "trivy.yaml": "x: y\n"}, runner)
    assert runner.laid == [DOCKERFILE]


def test_an_interruption_ends_the_tools(bin_folder: Path, tmp_path: Path) -> None:
    tool(bin_folder, "hadolint", f'[ "$1" = --version ] && exit; echo $$ > {tmp_path}/pid; sleep 30')
    tool(bin_folder, "yamllint", '[ "$1" = --version ] && exit; echo')

    def interrupt(proof: Proof) -> None:
        while not (tmp_path / "pid").exists():
            time.sleep(0.01)
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        verify({**DOCKERFILE, "a.yaml": "a: 1\n"}, LocalRunner(), provers=cast("Sequence[Prover]", (yamllint, hadolint)), on_proof=interrupt)
    assert time.monotonic() - began < 10
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("proof")]


def test_the_order_is_the_catalogs_whoever_answers_first() -> None:
    class Slow(RecordedRunner):
        def run(self, command: Command, tree: Path) -> Result:
            time.sleep(0.05 if command.arguments[-1] == "Dockerfile" else 0)
            return Result(stdout="[]")

    files = {"Dockerfile": "", "a/Dockerfile": "", "b/Dockerfile": ""}
    told: list[Proof] = []
    proofs, _ = verify(files, Slow({"hadolint": Result()}), provers=cast("Sequence[Prover]", (hadolint,)), on_proof=told.append)
    assert [proof.paths for proof in proofs] == [("Dockerfile",), ("a/Dockerfile",), ("b/Dockerfile",)]
    assert told == list(proofs)


def test_what_a_chart_renders_to_is_judged() -> None:
    """By those that know manifests, and as a system by itself."""
    chart = {"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/values-staging.yaml": "a: 1\n", "c/templates/a.yaml": "{{ x }}\n"}
    service = "# Source: c/templates/a.yaml\napiVersion: v1\nkind: Service\nmetadata: {name: x}\n"
    runner = RecordedRunner({"helm": Result(stdout=service), "kubernetes-validate": Result(stdout="INFO c/~rendered.yaml\n")})
    proofs, _ = verify(chart, runner)
    commands = [str(command) for command in runner.commands if command.tool in ("helm", "kubernetes-validate")]
    assert commands[:2] == [
        "helm template c ./c --kube-version 1.34.0 --namespace c",
        "helm template c ./c --kube-version 1.34.0 --namespace c --values ./c/values-staging.yaml",
    ]
    assert "kubernetes-validate -k 1.34 --strict 'c/~rendered-values-staging.yaml' 'c/~rendered.yaml'" in commands
    assert [proof.paths for proof in proofs if proof.tool == "kubernetes-validate"] == [("c/~rendered-values-staging.yaml", "c/~rendered.yaml")]
