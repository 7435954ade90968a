"""The secret scan: what looks like a live credential or a person's address in text that would be written. It never repeats a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from opsmith.model.proof import Proof
from opsmith.protocols.write_zone.validation import Finding
from opsmith.redaction import HIDDEN, redacted

_PLACEHOLDER = re.compile(
    r"\$\{\{?[^}]*\}?\}|\$\{\w+|ci-only|\$\(?[A-Za-z_]\w*\)?|YOUR_\w+_HERE|your[-_]\w+|process\.env\.\w+|<[^>]*>|\*{3,}|x{3,}|change[-_]?me|replace[-_]?me|placeholder\w*|"
    r"example\w*|dummy\w*|secrets\.\w+|\.{3}|none|null|true|false|required|optional",
    re.IGNORECASE,
)  # fmt: skip
_RULES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("private-key", "a private key", re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----")),
    ("issued-token", "a token as its issuer makes them", re.compile(
        r"\b(?P<value>(?:sk|pk|rk)_(?:live|test)_\w{10,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}"
        r"|AIza[\w-]{30,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}(?:\.[\w-]*)?|SG\.[\w-]{16,}|hf_\w{20,}|npm_\w{20,}|sk-[\w-]{20,})")),
    ("connection-string", "a connection string with a password", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"<>]{0,80}:(?P<value>[^\s/@'\"]{1,200})@")),
    ("password", "a password or key in plain text", re.compile(
        r"\b(?!\w*(?:_FILE|_NAME|_PATH|_URL|_REF)\b)\w*(?:password|passwd|passphrase|secret|token|api_?key|access_?key|private_?key)\b['\"]?\s{0,3}[:=]\s{0,3}"
        r"(?P<quote>['\"]?)(?P<value>[^\s'\",;)}`|]{6,200})", re.IGNORECASE)),
    ("email-address", "an e-mail address", re.compile(
        r"(?<![\w.+/:-])(?P<value>[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24})(?![\w.@/:])")),
)  # fmt: skip
_HARMLESS_MAIL = re.compile(
    r"@(?:[\w-]+\.)*(?:example\.(?:com|org|net)|example|invalid|localhost|test|local|svc)$|^(?:git|noreply|no-reply)@", re.IGNORECASE
)
_NO_VALUE = re.compile(r"[a-z]+(?:[-_.][a-z0-9]+)*|[A-Z][A-Z0-9_]*|[\w.]+\(.*|/[\w./-]*|\[.*|\{.*|[\d.]+\w?")
"""A name, a path, a call, a duration: what stands after "secret:" where a secret is referred to."""


def found(file: str, text: str, placeholders: Sequence[re.Pattern[str]] = ()) -> Iterator[Finding]:
    """At most one for each line, by its most telling rule; a value that is a placeholder, or only names where one lies, is none."""
    for number, line in enumerate(text.split("\n"), start=1):
        hit = next(((rule, what) for rule, what, pattern in _RULES if _holds(line[:4_000], rule, pattern, placeholders)), None)
        if hit:
            yield Finding(file=file, line=number, rule=hit[0], message=f"looks like {hit[1]}")


def _holds(line: str, rule: str, pattern: re.Pattern[str], placeholders: Sequence[re.Pattern[str]]) -> bool:
    return any(_is_live(rule, match, placeholders) for match in pattern.finditer(line))


def _is_live(rule: str, match: re.Match[str], placeholders: Sequence[re.Pattern[str]]) -> bool:
    value = match.groupdict().get("value") or ""
    if rule == "private-key":
        return True
    if any(pattern.fullmatch(value) for pattern in placeholders) or _PLACEHOLDER.fullmatch(value):
        return False
    if rule == "email-address":
        return not _HARMLESS_MAIL.search(value)
    if rule == "password":
        return not (_PLACEHOLDER.match(value) or (not match["quote"] and _NO_VALUE.fullmatch(value)))
    return True


def masked(text: str) -> str:
    """Words of somebody else without what may be a secret or a person's address."""
    mail = next(pattern for rule, _, pattern in _RULES if rule == "email-address")
    return mail.sub(lambda match: match[0] if _HARMLESS_MAIL.search(match["value"]) else HIDDEN, redacted(text))


def by_gitleaks(proofs: Sequence[Proof]) -> tuple[list[Finding], str]:
    """What gitleaks found, and why it could not look (empty: it did)."""
    findings = [
        Finding(
            file=item.path or proof.paths[0], line=item.line, rule=item.rule.removeprefix("gitleaks/"), message="value looks like a live credential"
        )
        for proof in proofs
        for item in proof.findings
    ]
    unknown = next((proof.reason for proof in proofs if proof.outcome == "could_not_check"), "")
    return findings, unknown if proofs else "gitleaks was not asked"
