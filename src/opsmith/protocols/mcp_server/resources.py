"""What can be read: whole results, what earlier runs left in a repository, hive-mind sessions, the standards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio.to_thread
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.uri_template import UriTemplate

from opsmith.errors import OpsmithError, SessionError, UsageError
from opsmith.protocols.hive_mind.files import read_text
from opsmith.protocols.hive_mind.session import SESSIONS, locate
from opsmith.protocols.mcp_server.confine import confined
from opsmith.protocols.mcp_server.results import Result, Results
from opsmith.protocols.mcp_server.work import Served
from opsmith.redaction import redacted

Context = ServerRequestContext[Any, Any]

JSON, MARKDOWN, TEXT = "application/json", "text/markdown", "text/plain"
MOST_SESSIONS = 200
MOST_SESSION_FILES = 500
MOST_READ = 4 * 1024 * 1024
_SESSION_FILE = re.compile(
    r"(?:SESSION\.md|SESSION\.json|STATE\.json|(?:EVENTS|DEBUG|BACKLOG)\.jsonl|(?:workers/|)notes/[\w.-]+\.md|workers/json/[\w.-]+\.json)"
)

_REPORTS = (
    "name: run (the last render or write of this server), assessment (the last one here, else the one kept before the last delivery), delivered (the "
    "files that opsmith delivered, and what decided them)."
)
_TEMPLATES: tuple[tuple[str, str, str, str | None, str], ...] = (
    ("result", "A whole result", "opsmith://results/{id}", JSON, "Everything that a tool found out; its answer names the id."),
    ("result-file", "A rendered file", "opsmith://results/{id}/files/{+path}", TEXT, "A file as render or write made it."),
    ("report", "What is known of a repository", "opsmith://reports/{name}{?repo}", JSON, _REPORTS),
    ("session", "A hive-mind session", "opsmith://sessions/{id}{?repo}", JSON, "The files of a session, by name."),
    ("session-file", "A file of a session", "opsmith://sessions/{id}/{+file}{?repo}", TEXT, "One file of a session."),
    ("standards-layer", "The standards of a layer", "opsmith://standards/{layer}", MARKDOWN, "What assess judges, with sources and weights."),
)


class Resources:
    def __init__(self, served: Served, allowed: tuple[Path, ...], results: Results) -> None:
        self._served = served
        self._allowed = allowed
        self._results = results
        reads: dict[str, Callable[[dict[str, str]], tuple[str, str]]] = {
            "result": self._result,
            "result-file": self._result_file,
            "report": self._report,
            "session": self._session,
            "session-file": self._session_file,
            "standards-layer": self._layer,
        }
        self._reads = [(UriTemplate.parse(template), reads[name]) for name, _, template, _, _ in _TEMPLATES]

    async def list(self, _: Context, __: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=await anyio.to_thread.run_sync(lambda: list(self._listed())))

    async def templates(self, _: Context, __: types.PaginatedRequestParams | None) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(name=name, title=title, uri_template=template, mime_type=kind, description=description)
                for name, title, template, kind, description in _TEMPLATES
            ]
        )

    async def read(self, _: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        """What is not there, or may not be read, is an error of the request: reading has no other way to say so."""
        try:
            text, kind = await anyio.to_thread.run_sync(self._read, params.uri)
        except (OpsmithError, OSError, ValueError) as error:
            said = str(error) if isinstance(error, OpsmithError) else "it cannot be read"
            raise MCPError(types.INVALID_PARAMS, redacted(f"{params.uri[:300]}: {said}")) from None
        return types.ReadResourceResult(contents=[types.TextResourceContents(uri=params.uri, mime_type=kind, text=text)])

    def _listed(self) -> Iterator[types.Resource]:
        yield _resource("opsmith://standards", "standards", "The standards that assess judges by", MARKDOWN)
        yield _resource("opsmith://sessions", "sessions", "Hive-mind sessions below the roots", JSON)
        for root in self._allowed:
            for kind, title in (("assessment", "The assessment before the last delivery"), ("delivered", "What was delivered, and what decided it")):
                if self._served.kept(kind, root) is not None:
                    yield _resource(_REPORT.expand({"name": kind, "repo": str(root)}), f"{kind}-{root.name}", f"{title}, {root.name}", JSON)
        for result in self._results.newest():
            about = f" of {Path(result.repo).name}" if result.repo else ""
            yield _resource(f"opsmith://results/{result.id}", f"{result.tool}-{result.id}", f"{result.tool.capitalize()}{about}", JSON)

    def _read(self, uri: str) -> tuple[str, str]:
        if uri == "opsmith://standards":
            return "\n\n".join(self._served.standards().values()), MARKDOWN
        if uri == "opsmith://sessions":
            return json.dumps(list(self._sessions()), indent=2, ensure_ascii=False), JSON
        for template, read in self._reads:
            found = template.match(uri)
            if found is not None:
                return read({name: str(value) for name, value in found.items()})
        raise UsageError("there is no such resource.", next_step="list the resources and their templates")

    def _result(self, named: dict[str, str]) -> tuple[str, str]:
        return self._kept(named["id"]).text, JSON

    def _result_file(self, named: dict[str, str]) -> tuple[str, str]:
        files = self._kept(named["id"]).files
        if named["path"] not in files:
            raise UsageError(
                "this result has no such file.", why=f"it has {len(files)}: {', '.join(sorted(files)[:20])}", next_step="read one of them"
            )
        return files[named["path"]], TEXT

    def _kept(self, result_id: str) -> Result:
        found = self._results.get(result_id)
        if found is None:
            raise UsageError(
                "there is no such result.", why="results are kept while the server runs, the newest ones.", next_step="call the tool again"
            )
        return found

    def _report(self, named: dict[str, str]) -> tuple[str, str]:
        repo = confined(self._allowed, named.get("repo") or ".")
        of_run = {"run": "render", "assessment": "assess"}
        last = self._results.last(of_run[named["name"]], str(repo)) if named["name"] in of_run else None
        if last is not None:
            return last.text, JSON
        kept = self._served.kept(named["name"], repo) if named["name"] in ("assessment", "delivered") else None
        if kept is None:
            raise UsageError(f"nothing is known of {named['name'][:50]!r} there.", why="nothing was rendered, assessed or delivered yet.",
                             next_step="call render, assess or write")  # fmt: skip
        return kept, JSON

    def _sessions(self) -> Iterator[dict[str, str]]:
        for root in self._allowed:
            folder = root / SESSIONS
            if not folder.is_dir() or not folder.resolve().is_relative_to(root):
                continue
            names = sorted((entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.is_symlink()), reverse=True)
            for name in names[:MOST_SESSIONS]:
                yield {"id": name, "repo": str(root), "uri": _SESSION.expand({"id": name, "repo": str(root)})}

    def _located(self, named: dict[str, str]) -> Path:
        return locate(confined(self._allowed, named.get("repo") or "."), named["id"])

    def _session(self, named: dict[str, str]) -> tuple[str, str]:
        session = self._located(named)
        found = [
            path.relative_to(session).as_posix() for folder in ("", "notes", "workers/notes", "workers/json") for path in _files(session / folder)
        ]
        found = [name for name in sorted(found) if _SESSION_FILE.fullmatch(name)][:MOST_SESSION_FILES]
        repo = named.get("repo") or "."
        uris = {name: _SESSION_FILES.expand({"id": session.name, "file": name, "repo": repo}) for name in found}
        return json.dumps({"id": session.name, "files": uris}, indent=2, ensure_ascii=False), JSON

    def _session_file(self, named: dict[str, str]) -> tuple[str, str]:
        session = self._located(named)
        path = session / named["file"]
        if not _SESSION_FILE.fullmatch(named["file"]) or not path.parent.resolve().is_relative_to(session.resolve()):
            raise SessionError("no file of a session is called so.", next_step="read the session first")
        return redacted(read_text(path, errors="replace", limit=MOST_READ)), TEXT

    def _layer(self, named: dict[str, str]) -> tuple[str, str]:
        layers = self._served.standards()
        if named["layer"] not in layers:
            raise UsageError("there is no such layer.", next_step="one of: " + ", ".join(layers))
        return layers[named["layer"]], MARKDOWN


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir() and not folder.is_symlink():
        yield from (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())


def _resource(uri: str, name: str, title: str, kind: str) -> types.Resource:
    return types.Resource(uri=uri, name=name, title=title, mime_type=kind)


_BY_NAME = {name: UriTemplate.parse(template) for name, _, template, _, _ in _TEMPLATES}
_REPORT, _SESSION, _SESSION_FILES = _BY_NAME["report"], _BY_NAME["session"], _BY_NAME["session-file"]
