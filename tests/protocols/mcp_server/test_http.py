"""Who is answered over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.protocols.mcp_server.serving import command, environment, http_server, inside, over_http, text

TOKEN = "0123456789abcdef" * 2
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
START = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip


def post(url: str, **headers: str) -> httpx.Response:
    return httpx.post(url, json=START, headers=HEADERS | headers, timeout=30)


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o600)
    return file


def test_only_names_of_this_machine_and_pages_of_it_are_answered(repo: Path) -> None:
    with http_server("--root", str(repo)) as url:
        port = httpx.URL(url).port
        assert url == f"http://127.0.0.1:{port}/mcp"
        assert post(url).status_code == 200
        assert post(url, Host=f"localhost:{port}").status_code == 200
        assert post(url, Host=f"rebound.example:{port}").status_code == 421
        assert post(url, Host="127.0.0.1:1").status_code == 421
        assert post(url, Origin=f"http://localhost:{port}").status_code == 200
        assert post(url, Origin="https://page.example").status_code == 403
        assert post(url, Origin="null").status_code == 403
        modern = {"MCP-Protocol-Version": "2026-07-28"}
        assert post(url, Host=f"rebound.example:{port}", **modern).status_code == 421
        assert post(url, Origin="https://page.example", **modern).status_code == 403
        assert httpx.post(url, content=json.dumps(START), headers=HEADERS | {"Content-Type": "text/plain"}).status_code == 400


def test_a_request_that_is_too_long_is_not_read(repo: Path) -> None:
    with http_server("--root", str(repo)) as url:
        long = json.dumps(START | {"params": {"x": "y" * 4_200_000}})
        assert httpx.post(url, content=long, headers=HEADERS, timeout=30).status_code == 413
        chunks = (long[start : start + 65536].encode() for start in range(0, len(long), 65536))
        assert httpx.post(url, content=chunks, headers=HEADERS, timeout=30).status_code == 413  # whose length is not said before
        assert httpx.post(url, content="[" * 100_000, headers=HEADERS, timeout=30).status_code == 400
        assert post(url).status_code == 200


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_token_is_asked_of_everybody(repo: Path, token_file: Path, mode: str) -> None:
    async def asked(url: str) -> None:
        async with over_http(url, token=TOKEN, mode=mode) as client:
            assert text(await client.call_tool("survey", {})).startswith("shop  web")

    with http_server("--root", str(repo), "--token-file", str(token_file)) as url:
        for headers in ({}, {"Authorization": f"Bearer {TOKEN}0"}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer ü"}):
            refused = httpx.post(url, json=START, headers={name.encode(): value.encode() for name, value in (HEADERS | headers).items()})
            assert refused.status_code == 401
            assert refused.json() == {"error": "invalid_token", "error_description": "Authentication required"}
        inside(lambda: asked(url))


def test_without_sessions_answers_are_plain_json(repo: Path) -> None:
    call: Any = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "survey", "arguments": {}}}
    with http_server("--root", str(repo), "--stateless") as url:
        answered = httpx.post(url, json=call, headers=HEADERS | {"MCP-Protocol-Version": "2025-06-18"}, timeout=60)
        assert answered.headers["content-type"] == "application/json"
        assert "mcp-session-id" not in answered.headers
        result: dict[str, Any] = answered.json()["result"]
        assert result["structuredContent"]["result"]["components"][0]["ports"] == [8000]


UNSAFE: dict[str, tuple[list[str], list[str]]] = {
    "without a token": (
        ["--host", "0.0.0.0"],
        [
            "--host 0.0.0.0 is reached from other machines, and no token is asked for.",
            "  why:  whoever reaches the port could read the repositories below the roots.",
            "  next: --token-file FILE",
        ],
    ),
    "without a name": (
        ["--host", "0.0.0.0", "--token-file", "TOKEN"],
        [
            "--host 0.0.0.0 has no name by which clients call it.",
            "  why:  only requests for a known name are answered, so that no web page can reach us through another one (DNS rebinding).",
            "  next: --allow-host NAME:PORT (may be given more than once)",
        ],
    ),
    "no token file": (["--token-file", "missing"], ["--token-file missing cannot be read: No such file or directory."]),
    "a token that can be guessed": (["--token-file", "SHORT"], ["--token-file SHORT holds no token."]),
    "a token for everybody": (["--token-file", "OPEN"], ["--token-file OPEN can be read by others.", "  next: chmod 600 OPEN"]),
    "no address of ours": (["--host", "192.0.2.1", "--token-file", "TOKEN"], ["--host 192.0.2.1 --port 8765 cannot be bound: "]),
    "a port that is taken": (["--port", "TAKEN"], ["--host 127.0.0.1 --port TAKEN cannot be bound: Address already in use."]),
    "a missing root": (["--root", "missing"], ["--root missing: No such file or directory.", "  next: opsmith serve mcp --root DIR"]),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_what_would_not_be_safe_is_not_started(tmp_path: Path, case: str) -> None:
    arguments, told = UNSAFE[case]
    (tmp_path / "TOKEN").write_text(TOKEN)
    (tmp_path / "TOKEN").chmod(0o600)
    (tmp_path / "SHORT").write_text("secret")
    (tmp_path / "SHORT").chmod(0o600)
    (tmp_path / "OPEN").write_text(TOKEN)
    (tmp_path / "OPEN").chmod(0o644)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        argv = command("--http", *(port if argument == "TAKEN" else argument for argument in arguments))
        done = subprocess.run(argv, env=environment(), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.replace(port, "TAKEN").startswith("opsmith: " + "\n".join(told))


def test_names_that_were_allowed_are_answered(repo: Path, token_file: Path) -> None:
    arguments = ("--root", str(repo), "--host", "0.0.0.0", "--token-file", str(token_file), "--allow-host", "opsmith.example")
    with http_server(*arguments) as url:
        own = url.replace("0.0.0.0", "127.0.0.1")
        assert post(own, Host="opsmith.example", Authorization=f"Bearer {TOKEN}").status_code == 200
        assert post(own, Authorization=f"Bearer {TOKEN}").status_code == 421
        assert post(own, Host="opsmith.example").status_code == 401
