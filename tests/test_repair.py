from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from opsmith.model.artifact import Artifact, LineOrigin
from opsmith.model.finding import Finding, Fix, Severity
from opsmith.model.proof import Outcome, Proof
from opsmith.stages.repair import Judgement, Repaired, repair


def artifact(text: str, *origins: tuple[int, int, str], path: str = "a.yaml") -> Artifact:
    return Artifact(path=path, text=text, target="x", origins=tuple(LineOrigin(first=a, last=b, node=node) for a, b, node in origins))


def finding(first: int, text: str, *, last: int | None = None, safe: bool = True, severity: Severity = "info", path: str = "a.yaml") -> Finding:
    fix = Fix(first=first, last=last or first, text=text, safe=safe, why="because")
    return Finding(rule=f"x/{first}", severity=severity, message="m", path=path, line=first, fix=fix)


def proof(outcome: Outcome, *findings: Finding, path: str = "a.yaml") -> Proof:
    return Proof(tool="x", claim="is fine", paths=(path,), outcome=outcome, findings=findings)


def clean(artifacts: Iterable[Artifact]) -> Judgement:
    return (proof("proved"),), ()


def test_a_safe_mend_is_kept_and_lines_keep_their_origins() -> None:
    before = artifact("a: 1 \nb: 2\nc: 3\nd: 4\n", (1, 4, "all"), (1, 1, "a"), (2, 3, "b"), (4, 4, "d"))
    wide, narrow = finding(1, "a: 1\n"), finding(2, "b: 2\nb2: 2\nc: 3\n", last=3)
    result = repair([before], [proof("proved", wide)], [narrow], clean)
    assert result == Repaired(
        artifacts=(artifact("a: 1\nb: 2\nb2: 2\nc: 3\nd: 4\n", (1, 5, "all"), (1, 1, "a"), (2, 4, "b"), (5, 5, "d")),),
        proofs=(proof("proved"),),
        findings=(),
        repaired=(narrow, wide),
    )


def test_lines_that_go_take_their_origins_along() -> None:
    before = artifact("a\nb\nc\nd\n", (1, 2, "ab"), (2, 2, "b"), (2, 3, "bc"), (3, 4, "cd"))
    result = repair([before], [], [finding(2, "", last=3)], clean)
    assert result.artifacts == (artifact("a\nd\n", (1, 1, "ab"), (2, 2, "cd")),)


def test_a_mend_without_a_line_end_replaces_whole_lines() -> None:
    assert repair([artifact("a\nb")], [], [finding(1, "x")], clean).artifacts == (artifact("x\nb"),)
    assert repair([artifact("a\nb")], [], [finding(2, "y")], clean).artifacts == (artifact("a\ny\n"),)


def test_a_line_is_what_tools_count_as_one() -> None:
    assert repair([artifact("a\x0cb\u2028c\nd \n")], [], [finding(2, "d\n")], clean).artifacts == (artifact("a\x0cb\u2028c\nd\n"),)


@pytest.mark.parametrize(
    "useless",
    [
        finding(1, "x\n", safe=False),
        finding(9, "x\n"),
        finding(2, "x\n", last=1),
        finding(0, "x\n"),
        finding(1, "x\n", path="elsewhere.yaml"),
        replace(finding(1, "x\n"), fix=None),
    ],
)
def test_nothing_to_apply_asks_nobody(useless: Finding) -> None:
    def nobody(artifacts: tuple[Artifact, ...]) -> Judgement:
        raise AssertionError(artifacts)

    before = artifact("a\nb\n")
    assert repair([before], [proof("proved")], [useless], nobody) == Repaired(artifacts=(before,), proofs=(proof("proved"),), findings=(useless,))


def test_of_two_mends_of_one_line_the_worse_finding_is_mended() -> None:
    low, high = finding(1, "low\n", severity="low"), finding(1, "high\n", severity="high")
    assert repair([artifact("a\n")], [], [low, high], clean).artifacts == (artifact("high\n"),)


def test_a_mend_that_breaks_a_proof_is_dropped() -> None:
    before, wrong = artifact("a: 1 \n"), finding(1, "a: [\n")

    def refuted(artifacts: tuple[Artifact, ...]) -> Judgement:
        return (proof("refuted"),), ()

    assert repair([before], [proof("proved", wrong)], [], refuted) == Repaired(artifacts=(before,), proofs=(proof("proved", wrong),), findings=())


def test_a_mend_after_which_a_tool_gives_no_verdict_is_dropped() -> None:
    before, wrong = artifact("a: 1 \n"), finding(1, "a: [\n")
    assert repair([before], [proof("proved", wrong)], [], lambda _: ((proof("could_not_check"),), ())).artifacts == (before,)


@pytest.mark.parametrize(("severity", "kept"), [("info", True), ("low", False), ("critical", False)])
def test_a_new_finding_as_bad_as_the_old_one_counts_as_worse(severity: Severity, kept: bool) -> None:
    before, old = artifact("a \n"), finding(1, "a\n", severity="low")
    new = Finding(rule="x/new", severity=severity, message="n", path="a.yaml", line=1)
    assert repair([before], [], [old], lambda _: ((), (new,))).artifacts == ((artifact("a\n"),) if kept else (before,))


def test_one_bad_mend_does_not_cost_the_good_one() -> None:
    good, bad = finding(1, "fine\n", path="good.yaml"), finding(1, "broken\n", path="bad.yaml")
    before = [artifact("x\n", path="good.yaml"), artifact("x\n", path="bad.yaml")]

    def judge(artifacts: tuple[Artifact, ...]) -> Judgement:
        texts = {entry.path: entry.text for entry in artifacts}
        mended = () if texts["good.yaml"] == "fine\n" else (good,)
        outcome: Outcome = "refuted" if texts["bad.yaml"] == "broken\n" else "proved"
        return (proof("proved", *mended, path="good.yaml"), proof(outcome, bad, path="bad.yaml")), ()

    proofs, _ = judge(tuple(before))
    result = repair(before, proofs, [], judge)
    assert [entry.text for entry in result.artifacts] == ["fine\n", "x\n"]
    assert result.repaired == (good,)


def test_mends_that_call_for_mends_end() -> None:
    rounds: list[str] = []

    def again(artifacts: tuple[Artifact, ...]) -> Judgement:
        rounds.append(artifacts[0].text)
        return (), (finding(1, artifacts[0].text[:-1] + "!\n"),)

    result = repair([artifact("a\n")], [], [finding(1, "a!\n")], again)
    assert rounds == ["a!\n", "a!!\n", "a!!!\n"]
    assert result.artifacts == (artifact("a!!!\n"),)


def _in_any_order(judge: Callable[[tuple[Artifact, ...]], Judgement]) -> None:
    findings = [finding(1, "one\n"), finding(2, "two\n"), finding(3, "three\n")]
    expected = repair([artifact("1\n2\n3\n")], [], findings, judge).artifacts
    assert repair([artifact("1\n2\n3\n")], [], findings[::-1], judge).artifacts == expected == (artifact("one\ntwo\nthree\n"),)


def test_the_order_of_the_findings_decides_nothing() -> None:
    _in_any_order(clean)
