"""Streamable HTTP: several clients, by default of this machine only."""

from __future__ import annotations

import hmac
import ipaddress
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import uvicorn
from mcp.server import Server
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl

from opsmith.errors import UsageError
from opsmith.protocols.hive_mind.files import read_text

PATH = "/mcp"
MOST_BODY = 4 * 1024 * 1024
MOST_SESSIONS = 100
LEAST_TOKEN = 32
"""Characters; 16 random bytes as hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen. `names` are further names (with their port, if any) by which clients may call us; `token` is asked of them unless empty."""

    host: str
    port: int
    token: str = ""
    names: Sequence[str] = ()
    stateless: bool = False


def token(file: str) -> str:
    """Raises UsageError for a file that cannot be read, or a token that can be guessed."""
    how = "python3 -c 'import secrets; print(secrets.token_hex(32))' > FILE && chmod 600 FILE"
    try:
        text = read_text(Path(file), limit=4096).strip()
        readable = Path(file).stat().st_mode & 0o077
    except (OSError, ValueError) as error:
        raise UsageError(f"--token-file {file} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.", next_step=how) from None
    if len(text) < LEAST_TOKEN or not (text.isascii() and text.isprintable()) or " " in text:
        raise UsageError(f"--token-file {file} holds no token.", why=f"it has at least {LEAST_TOKEN} characters, none of them blank.", next_step=how)
    if readable:
        raise UsageError(f"--token-file {file} can be read by others.", next_step=f"chmod 600 {file}")
    return text


def require_safe(address: Address) -> None:
    """Raises UsageError where anybody in the network could make us work."""
    if is_loopback(address.host):
        return
    if not address.token:
        raise UsageError(f"--host {address.host} is reached from other machines, and no token is asked for.",
                         why="whoever reaches the port could read the repositories below the roots.", next_step="--token-file FILE")  # fmt: skip
    if address.host in ("0.0.0.0", "::") and not address.names:  # noqa: S104  # asked for, not bound
        raise UsageError(f"--host {address.host} has no name by which clients call it.",
                         why="only requests for a known name are answered, so that no web page can reach us through another one (DNS rebinding).",
                         next_step="--allow-host NAME:PORT (may be given more than once)")  # fmt: skip


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(server: Server[Any], address: Address) -> int:
    """Until a signal, which uvicorn hands on when it has ended. Raises UsageError where nothing can be bound."""
    require_safe(address)
    with _bound(address) as bound:
        port = int(bound.getsockname()[1])
        print(f"opsmith: serving MCP on http://{_shown(address.host)}:{port}{PATH}", file=sys.stderr, flush=True)  # noqa: T201  # for the one who started us
        config = uvicorn.Config(
            app(server, address, port),
            log_config=None,
            log_level="warning",
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=3,
            server_header=False,
        )
        anyio.run(lambda: uvicorn.Server(config).serve(sockets=[bound]))
    return 0


def app(server: Server[Any], address: Address, port: int) -> Any:
    """The ASGI application. The order of what a request has to pass: token, size, names (Host and Origin), then MCP."""
    names = _names(address, port)
    return server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=address.stateless,
        stateless_http=address.stateless,
        max_request_body_size=MOST_BODY,
        max_sessions=MOST_SESSIONS,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=names,
            allowed_origins=[f"{scheme}://{name}" for name in names for scheme in ("http", "https")],
        ),
        auth=AuthSettings(issuer_url=AnyHttpUrl("http://localhost"), resource_server_url=None) if address.token else None,
        token_verifier=_OneToken(address.token) if address.token else None,
    )


@dataclass(frozen=True, slots=True)
class _OneToken:
    """The token of --token-file, whoever sends it."""

    token: str

    async def verify_token(self, token: str) -> AccessToken | None:
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        return AccessToken(token=token, client_id="token-file", scopes=[])


def _names(address: Address, port: int) -> list[str]:
    """Every form of the Host header that means us."""
    hosts = ["127.0.0.1", "localhost", "[::1]"] if is_loopback(address.host) else [_shown(address.host)]
    names = [f"{host}:{port}" for host in hosts] + (hosts if port == 80 else [])
    return list(dict.fromkeys([*names, *address.names]))


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _bound(address: Address) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(place)
            bound.listen(128)  # from here on clients wait rather than be turned away
        except OSError:
            bound.close()
            raise
    except (OSError, UnicodeError, OverflowError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"--host {address.host} --port {address.port} cannot be bound: {said}.",
            why="another program listens there, or it is no address of this machine.",
            next_step="--port 0 takes any free one",
        ) from None
    return bound
