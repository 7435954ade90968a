"""What may be a secret is never shown, stored or sent: it is taken out where text of a repository enters a value of ours."""

from __future__ import annotations

import re

HIDDEN = "***"

_BY_FORM: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"\b(?:sk|pk|rk)_(?:live|test)_\w{6,}|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{12,}|\bxox[abprs]-[\w-]{8,}"
            r"|\bAKIA[0-9A-Z]{12,}|\bAIza[\w-]{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|\bSG\.[\w-]{8,}|\bhf_\w{16,}|\bnpm_\w{16,}|\bsk-[\w-]{16,}"
        ),
        HIDDEN,
    ),
    (re.compile(r"-----BEGIN [^-]{0,40}PRIVATE KEY-----.{0,4000}", re.DOTALL), HIDDEN),
)
"""Tokens by the prefixes that their issuers document; private keys."""

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@'\"]{1,200}@"), rf"\1{HIDDEN}@"),
    *_BY_FORM,
    (
        re.compile(
            r"((?:pass(?:word|wd|phrase)?|secret|token|api_?key|access_?key|private_?key|credentials?)\w{0,20}['\"]?\s{0,3}(?:[:=]|\|\||\?\?)"
            r"\s{0,3}['\"]?)(?!process\.|os\.|env|\$|getenv|None\b|null\b|undefined\b|true\b|false\b|[\w.]+\()[^\s'\",;)}]{3,200}",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(
            r"(?<![\w/.@-])(?=[A-Za-z0-9+_=-]{0,79}\d)(?=[A-Za-z0-9+_=-]{0,79}[A-Z])(?=[A-Za-z0-9+_=-]{0,79}[a-z])"
            r"[A-Za-z0-9+_=-]{24,80}(?![\w/.@-])"
        ),
        HIDDEN,
    ),
)  # fmt: skip
"""Userinfo of URLs; what is a secret by its form; what follows a telling name; long mixed words."""


def redacted(text: str) -> str:
    """`text` with everything that may be a secret replaced by `***`. Linear in its length."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def without_tokens(text: str) -> str:
    """`text` without what is a secret by its very form. For files of ours, in which `secretName: shop-tls` has to stay what it is."""
    for pattern, instead in _BY_FORM:
        text = pattern.sub(instead, text)
    return text
