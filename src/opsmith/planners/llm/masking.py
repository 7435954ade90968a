"""What a model may see of a repository and of an environment: nothing that may be a secret, whatever asks for it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from urllib.parse import quote, urlsplit

from opsmith.redaction import HIDDEN, redacted
from opsmith.repo import Repo

SECRET_NAME = re.compile(
    r"PASS(?!IVE|THROUGH|ENGER)|SECRET|TOKEN|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE|SIGNING|ENCRYPTION|AUTH(?!OR)|DSN|COOKIE|SALT|WEBHOOK|_KEY$|_URL$|_URI$"
    r"|CONNECTION",
    re.IGNORECASE,
)
"""Names of variables whose values are not for others. Addresses count: many carry a password."""
SHORTEST = 6
"""What is shorter stands in too many innocent places to be taken out."""
KEY_FILES = (
    "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "*.asc", "*.gpg", "*.tfstate", "*.tfstate.*", "*.ovpn", "id_rsa*",
    "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".pgpass", ".my.cnf", ".npmrc", ".pypirc", ".htpasswd", ".git-credentials",
    ".dockercfg", ".dockerconfigjson", "kubeconfig*", "credentials", "credentials.*", "*service-account*.json", "*serviceaccount*.json",
)  # fmt: skip
ASSIGNMENT_FILES = (".env", ".env.*", "*.env", "env.example", "*.tfvars", "*.tfvars.json", "*.auto.tfvars")
_ASSIGNMENT = re.compile(r"""^(\s*(?:export\s+)?"?([\w.-]+)"?\s*[=:]\s*)(["']?)(\S.*?)\3(\s*)$""", re.MULTILINE)
_SECRET_OBJECT = re.compile(r"^\s*kind:\s*[\"']?(?:Sealed|External)?Secret\b", re.MULTILINE)
_SECRET_DATA = re.compile(r"^(\s*)(?:data|stringData|encryptedData):\s*$")


class Mask:
    """Takes known values, and what looks like a secret, out of any text. Falsy values and short ones are not known."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = {form for value in values for form in _forms(value)}
        ordered = sorted(forms, key=lambda form: (-len(form), form))  # a value that holds another one goes first
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    @classmethod
    def of(cls, environment: Mapping[str, str], repo: Repo | None) -> Mask:
        """Of the values in `environment` and in the variable files of `repo` whose names tell of a secret."""
        ours = (value for name, value in environment.items() if SECRET_NAME.search(name))
        return cls((*ours, *(_values_of(repo) if repo else ())))

    def __call__(self, text: str) -> str:
        return redacted(self._known.sub(HIDDEN, text) if self._known else text)

    def file(self, path: str, text: str) -> str | None:
        """The text of a file as a model may see it; None for one that exists to hold a secret. Lines keep their numbers."""
        name = path.rpartition("/")[2].lower()
        if any(fnmatchcase(name, pattern) for pattern in KEY_FILES):
            return None
        if any(fnmatchcase(name, pattern) for pattern in ASSIGNMENT_FILES):
            text = _ASSIGNMENT.sub(lambda match: f"{match[1]}{HIDDEN}", text)
        elif _SECRET_OBJECT.search(text):
            text = "\n".join(_without_data(text.split("\n")))
        return _same_lines(text, self(text))


def _same_lines(before: str, after: str) -> str:
    """A key of several lines leaves none behind; the lines after it must keep their numbers, which evidence is given by."""
    if before.count("\n") == after.count("\n"):
        return after
    at = after.rfind(HIDDEN)
    missing = "\n" * (before.count("\n") - after.count("\n"))
    return after[: at + len(HIDDEN)] + missing + after[at + len(HIDDEN) :]


def _forms(value: str) -> Iterator[str]:
    """The value, the password in it when it is an address, and both as they are usually encoded."""
    for plain in (value.strip(), _password(value)):
        if len(plain) >= SHORTEST:
            yield plain
            yield quote(plain, safe="")
            yield base64.b64encode(plain.encode()).decode().rstrip("=")
            yield plain.encode().hex()


def _password(value: str) -> str:
    try:
        return urlsplit(value).password or "" if "://" in value else ""
    except ValueError:
        return ""


def _values_of(repo: Repo) -> Iterator[str]:
    for path in repo.files:
        name = path.rpartition("/")[2].lower()
        if any(fnmatchcase(name, pattern) for pattern in ASSIGNMENT_FILES):
            text = repo.read(path) or ""
            yield from (match[4] for match in _ASSIGNMENT.finditer(text) if SECRET_NAME.search(match[2]))


def _without_data(rows: list[str]) -> Iterator[str]:
    """The lines of a Secret manifest without the values below `data` and its like."""
    inside: int | None = None
    for row in rows:
        depth = len(row) - len(row.lstrip())
        if inside is not None and row.strip() and depth <= inside:
            inside = None
        if inside is not None and row.strip():
            head, colon, _ = row.partition(":")
            yield f"{head}: {HIDDEN}" if colon else f"{row[:depth]}{HIDDEN}"
        else:
            yield row
        if match := _SECRET_DATA.match(row):
            inside = len(match[1])
