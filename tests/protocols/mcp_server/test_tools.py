"""Each tool over standard streams, as a client has it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.protocols.mcp_server.serving import TASK, Heard, command, content, environment, inside, over_streams, text

READING = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}
REPO: dict[str, Any] = {
    "type": "string",
    "maxLength": 4096,
    "description": "Folder of the repository, absolute or relative to the first root of this server.",
    "default": ".",
}


def test_lists_what_reads_and_with_leave_what_writes(repo: Path) -> None:
    async def listed(*arguments: str) -> dict[str, Any]:
        async with over_streams("--root", str(repo), *arguments) as client:
            return {tool.name: tool.model_dump(by_alias=True, exclude_none=True) for tool in (await client.list_tools()).tools}

    reading = inside(listed)
    writing = inside(lambda: listed("--allow-write"))
    assert list(reading) == ["survey", "assess", "interpret", "plan", "render", "verify", "explain"]
    assert list(writing) == [*reading, "write"]
    assert all(tool["annotations"] == READING | {"title": tool["title"]} for tool in reading.values())
    assert writing["write"]["annotations"] == {
        "title": "Write proven files", "readOnlyHint": False, "destructiveHint": True, "idempotentHint": True, "openWorldHint": False,
    }  # fmt: skip
    assert reading["survey"]["inputSchema"] == {
        "title": "Survey", "type": "object", "properties": {"repo": REPO}, "required": [], "additionalProperties": False,
    }  # fmt: skip
    assert reading["explain"]["inputSchema"]["properties"] == {
        "file": {"type": "string", "minLength": 1, "maxLength": 4096, "description": "A delivered file, relative to the repository."},
        "line": {"type": "integer", "minimum": 1, "maximum": 10_000_000, "description": "The line as it is now, from 1."},
        "repo": REPO,
    }
    assert writing["write"]["inputSchema"]["required"] == ["task"]
    assert {name: tool["outputSchema"]["properties"]["result"]["anyOf"][0]["$ref"] for name, tool in writing.items()} == {
        "survey": "#/$defs/Survey", "assess": "#/$defs/Assessment", "interpret": "#/$defs/Intent", "plan": "#/$defs/Blueprint",
        "render": "#/$defs/Delivery", "verify": "#/$defs/Verdicts", "explain": "#/$defs/Explanation", "write": "#/$defs/Delivery",
    }  # fmt: skip
    for tool in writing.values():
        jsonschema.Draft202012Validator.check_schema(tool["inputSchema"])
        jsonschema.Draft202012Validator.check_schema(tool["outputSchema"])
        assert tool["outputSchema"]["type"] == "object"
        assert tool["outputSchema"]["required"] == ["complete", "whole", "left_out", "result"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_survey_gives_facts_with_evidence_and_keeps_the_whole(repo: Path, mode: str) -> None:
    """In both eras of the protocol."""

    async def surveyed() -> None:
        async with over_streams("--root", str(repo), mode=mode) as client:
            heard = Heard()
            result = await client.call_tool("survey", {}, progress_callback=heard)
            component = result.structured_content["result"]["components"][0]
            assert (component["name"], component["ports"], component["health_path"]) == ("shop", [8000], "/health")
            assert component["evidence"]["health_path"][0]["file"] == "app.py"
            assert result.structured_content["complete"] is True
            assert text(result).startswith("shop  web, python, flask, in the root folder\n")
            assert heard.told == [(1, "survey: reading the repository")]
            whole = await client.read_resource(result.structured_content["whole"])
            assert json.loads(content(whole))["components"][0]["name"] == "shop"

    inside(surveyed)


def test_interpret_plan_and_assess(repo: Path) -> None:
    async def asked() -> None:
        async with over_streams("--root", str(repo)) as client:
            intent = (await client.call_tool("interpret", {"task": TASK})).structured_content["result"]
            assert (intent["kind"], intent["targets"]) == ("deliver", ["docker", "kubernetes"])
            plan = (await client.call_tool("plan", {"task": TASK})).structured_content["result"]
            assert plan["services"][0]["probe"]["path"] == "/health"
            assessed = await client.call_tool("assess", {"layers": ["image", "pipeline"], "ask_tools": False})
            results = assessed.structured_content["result"]["results"]
            assert {one["layer"] for one in results} == {"image", "pipeline"}
            states = [one["state"] for one in results]
            assert states == sorted(states, key=["not_met", "could_not_check", "met", "does_not_apply"].index)

    inside(asked)


def test_what_was_rendered_is_written_and_explained(repo: Path) -> None:
    async def delivered() -> None:
        async with over_streams("--root", str(repo), "--allow-write") as client:
            task = {"task": TASK, "targets": ["docker"]}
            shown = await client.call_tool("render", task)
            assert shown.structured_content["result"]["status"] == "planned"
            assert sorted(path.name for path in repo.iterdir()) == ["app.py", "requirements.txt"]
            assert [one["path"] for one in shown.structured_content["result"]["files"]] == [".dockerignore", "Dockerfile"]
            digest = shown.structured_content["result"]["digest"]
            file = await client.read_resource(shown.structured_content["whole"] + "/files/Dockerfile")

            stale = await client.call_tool("write", task | {"expected": "0" * 64})
            assert stale.is_error
            assert text(stale) == (
                "What would be written now is not what was shown; nothing was written.\n"
                "  why:  the repository, the task or the settings changed since render.\n"
                "  next: call render again and show what it gives"
            )
            assert not (repo / "Dockerfile").exists()

            written = await client.call_tool("write", task | {"expected": digest})
            assert written.structured_content["result"]["status"] == "delivered"
            assert (repo / "Dockerfile").read_text() == content(file)
            again = await client.call_tool("write", task)
            assert [one["change"] for one in again.structured_content["result"]["files"]] == ["unchanged", "unchanged"]

            lines = (repo / "Dockerfile").read_text().splitlines()
            exposed = next(number for number, line in enumerate(lines, 1) if line.startswith("EXPOSE"))
            told = await client.call_tool("explain", {"file": "Dockerfile", "line": exposed})
            assert told.structured_content["result"]["written_by"] == "opsmith"
            origins = [origin for node in told.structured_content["result"]["nodes"] for origin in node["origins"]]
            assert any(origin["file"] == "app.py" for origin in origins)

            known = {resource.uri for resource in (await client.list_resources()).resources}
            assert f"opsmith://reports/delivered?repo={str(repo).replace('/', '%2F')}" in known
            report = await client.read_resource("opsmith://reports/delivered")
            assert [one["path"] for one in json.loads(content(report))["files"]] == [".dockerignore", "Dockerfile"]
            last = await client.read_resource("opsmith://reports/run")
            assert json.loads(content(last))["status"] == "delivered"

    inside(delivered)


def test_verify_tells_what_could_not_be_checked_apart(repo: Path) -> None:
    (repo / "run.sh").write_text("#!/bin/sh\necho $1\n")
    (repo / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: a\n      image: a:1\n")

    async def verified() -> None:
        async with over_streams("--root", str(repo)) as client:
            heard = Heard()
            result = await client.call_tool("verify", {"tools": ["shellcheck", "kube-score"]}, progress_callback=heard)
            found = result.structured_content["result"]
            assert (found["root"], found["proved"], found["refuted"], found["could_not_check"]) == (str(repo), 1, 0, 1)
            assert [(proof["tool"], proof["outcome"]) for proof in found["proofs"]] == [("kube-score", "could_not_check"), ("shellcheck", "proved")]
            assert found["proofs"][0]["how_to_get"] == "go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0"
            assert [message for _, message in heard.told] == [
                "verify: reading the deployment files",
                "verify: shellcheck: proved",
                "verify: kube-score: could not check",
            ]
            unknown = await client.call_tool("verify", {"tools": ["nmap"]})
            assert unknown.is_error
            assert text(unknown).startswith("There is no tool 'nmap' here.\n  next: one of: actionlint, ")

    inside(verified)


def test_what_a_tool_refutes_is_not_written(repo: Path, tmp_path: Path) -> None:
    objection = [{"code": "DL9999", "column": 1, "file": "Dockerfile", "level": "error", "line": 1, "message": "no"}]
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "hadolint").write_text(f"#!/bin/sh\n[ \"$1\" = --version ] && echo 2.99.0 && exit\necho '{json.dumps(objection)}'\nexit 1\n")
    (tools / "hadolint").chmod(0o755)

    async def refused() -> None:
        async with over_streams("--root", str(repo), "--allow-write", path=f"{tools}:/usr/bin:/bin") as client:
            result = await client.call_tool("write", {"task": TASK, "targets": ["docker"]})
            found = result.structured_content["result"]
            assert result.is_error
            assert found["status"] == "refused"
            assert found["proofs"][0]["tool"] == "hadolint"
            assert [(finding["rule"], finding["severity"]) for finding in found["proofs"][0]["findings"]] == [("hadolint/DL9999", "high")]
            assert text(result).startswith("refused: 2 files, 2 of them new or changed; ")
            assert "Refused: a proof or check above says no, so nothing was written." in text(result)

    inside(refused)
    assert sorted(path.name for path in repo.iterdir()) == ["app.py", "requirements.txt"]


def test_write_is_refused_by_a_server_that_only_reads(repo: Path) -> None:
    async def refused() -> None:
        async with over_streams("--root", str(repo)) as client:
            result = await client.call_tool("write", {"task": TASK})
            assert result.is_error
            assert text(result) == (
                "write is not allowed here.\n"
                "  why:  this server was started to read only.\n"
                "  next: have the user start it with --allow-write, or use one of: survey, assess, interpret, plan, render, verify, explain"
            )

    inside(refused)
    assert sorted(path.name for path in repo.iterdir()) == ["app.py", "requirements.txt"]


def test_nothing_but_the_protocol_leaves_on_standard_output(repo: Path) -> None:
    """A line that is no message, and one that is far too long, are answered and survived."""
    start = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    survey: Any = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "survey", "arguments": {}}}
    lines = [
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": start}),
        json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        "{no message",
        '{"jsonrpc": "2.0", "id": 9, "method": "ping", "params": {"x": "' + "x" * 5_000_000 + '"}}',
        json.dumps(survey),
    ]
    with subprocess.Popen(
        command("--root", str(repo)), env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.flush()
        heard: list[dict[str, Any]] = []
        while not any(message.get("id") == 2 for message in heard):
            heard.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        rest = process.stdout.read()
        assert process.wait(timeout=30) == 0
    assert all(message["jsonrpc"] == "2.0" for message in heard)
    assert [message["id"] for message in heard if "result" in message] == [1, 2]
    assert rest == ""
