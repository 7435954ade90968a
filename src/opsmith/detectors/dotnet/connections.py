"""Connection strings in the form of ADO.NET (`Server=db;User Id=...`), URLs and bare addresses."""

from __future__ import annotations

import re

from opsmith.detectors.services import kind_of_url

_PAIR = re.compile(r"(?:^|;)\s*([A-Za-z][\w ]{0,40}?)\s*=\s*([^;]*)")
_HOST_KEYS = ("server", "host", "data source", "datasource", "address", "addr", "network address")
_ADDRESS = re.compile(r"(?:tcp:)?([A-Za-z_][\w.-]*)(?:[:,]\d{1,5})?(?:,.*)?")
_URL = re.compile(r"[a-z][a-z0-9+]{1,20}://(?:[^@/\s]*@)?([A-Za-z][\w.-]*)")
_MSSQL = (
    "initial catalog",
    "trusted_connection",
    "integrated security",
    "multipleactiveresultsets",
    "trustservercertificate",
    "encrypt",
    "attachdbfilename",
)


def pairs(value: str) -> dict[str, str]:
    return {name.lower(): given.strip() for name, given in _PAIR.findall(value[:2000])}


def kind_of_connection(value: str) -> str | None:
    """The kind that a connection string is for, where its words or its scheme tell."""
    if "://" in value:
        return kind_of_url(value)
    told = pairs(value)
    if not told:
        return "redis" if re.match(r"[\w.-]+:\d{2,5},\s*(?:password|ssl|abortConnect|user)", value, re.IGNORECASE) else None
    if any(name in told for name in _MSSQL):
        return "mssql"
    source = told.get("data source", told.get("filename", told.get("datasource", "")))
    if source.lower().endswith((".db", ".sqlite", ".sqlite3", ".db3")) or ":memory:" in source:
        return "sqlite"
    if ("host" in told and ("username" in told or "user id" in told or "database" in told)) or "search path" in told or told.get("port") == "5432":
        return "postgres"
    if "uid" in told or told.get("port") == "3306" or ("sslmode" in told and "server" in told):
        return "mysql"
    return None


def host_of(value: str, kind: str) -> str | None:
    """The host that a connection string, URL or bare address names."""
    match = _URL.match(value.strip())
    if match is not None:
        return match[1] if kind_of_url(value) in (kind, None) else None
    told = pairs(value)
    address = next((told[key] for key in _HOST_KEYS if key in told), None)
    if address is None:
        address = (
            value.strip()
            if kind in ("redis", "rabbitmq", "kafka", "memcached", "nats") and re.fullmatch(r"[a-z][\w.-]*(?::\d+)?(?:,.*)?", value)
            else ""
        )
    plain = _ADDRESS.fullmatch(address)
    return plain[1] if plain is not None else None
