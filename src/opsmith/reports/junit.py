"""JUnit XML: each claim about each file is a test; what could not be checked is a skipped one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from opsmith.model.finding import Finding
from opsmith.model.proof import Proof
from opsmith.reports.proofs import place, refuting

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(proofs: Sequence[Proof], findings: Sequence[Finding]) -> str:
    root = ET.Element("testsuites", name="opsmith verify")
    for tool in dict.fromkeys(proof.tool for proof in proofs):
        _suite(root, tool, [proof for proof in proofs if proof.tool == tool])
    _own(root, findings)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, tool: str, proofs: Sequence[Proof]) -> None:
    suite = ET.SubElement(root, "testsuite", name=tool)
    for proof in proofs:
        for path in proof.paths:
            case = ET.SubElement(suite, "testcase", classname=tool, name=_clean(f"{path}: {proof.claim}"), file=_clean(path))
            _outcome(case, proof, path)
    _count(suite)


def _outcome(case: ET.Element, proof: Proof, path: str) -> None:
    about = [finding for finding in proof.findings if finding.path in (path, None)]
    if proof.outcome == "could_not_check":
        ET.SubElement(case, "skipped", message=_clean(f"could not check: {proof.reason}" + (f" ({proof.how_to_get})" if proof.how_to_get else "")))
    elif proof.outcome == "refuted":
        _failure(case, about)
    elif about:
        ET.SubElement(case, "system-out").text = _clean(_lines(about))


def _own(root: ET.Element, findings: Sequence[Finding]) -> None:
    suite = ET.SubElement(root, "testsuite", name="opsmith")
    for rule in dict.fromkeys(finding.rule for finding in findings if refuting(finding)):
        case = ET.SubElement(suite, "testcase", classname="opsmith", name=_clean(rule))
        _failure(case, [finding for finding in findings if finding.rule == rule])
    _count(suite)


def _failure(case: ET.Element, findings: Sequence[Finding]) -> None:
    first = next((finding.message for finding in findings if refuting(finding)), "refuted")
    ET.SubElement(case, "failure", message=_clean(first)).text = _clean(_lines(findings))


def _lines(findings: Sequence[Finding]) -> str:
    return "\n".join(f"{finding.severity} {place(finding)} {finding.rule} {finding.message}" for finding in findings)


def _count(suite: ET.Element) -> None:
    for name, tag in (("tests", "testcase"), ("failures", "testcase/failure"), ("skipped", "testcase/skipped")):
        suite.set(name, str(len(suite.findall(tag))))


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NO_XML.sub("�", text)
