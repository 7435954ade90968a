"""The HTTP servers: threads of the standard library on a free port of loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fake_models import wires
from tests.fake_models.replies import Answer, Cut, Hang, Reply, Status, Text

ROUTES = {"/v1/chat/completions": "chat", "/v1/responses": "responses", "/v1/messages": "anthropic"}
WIRES = {"chat": wires.chat, "responses": wires.responses, "anthropic": wires.anthropic}
BEGINNINGS = {
    "Read what a task asks": "interpret",
    "A plan for running a system was made from": "amend",
    "A plan for running a system was made, and": "author",
    "Tools object to files": "mend",
    "Sum up for a developer": "narrate",
}


@dataclass(frozen=True)
class Asked:
    """One request. `turn` counts the model's earlier replies in the same conversation, `raw` is all that arrived."""

    api: str
    joint: str
    turn: int
    body: dict[str, Any]
    raw: str
    key: str


Script = Callable[[Asked], Reply]


def quiet(asked: Asked) -> Reply:
    """A model that has nothing to add."""
    match asked.joint:
        case "interpret":
            return Answer(kind="deliver", kind_words="")
        case "amend":
            return Answer(changes=[])
        case "author":
            return Answer(files=[])
        case "mend":
            return Answer(edits=[])
        case _:
            return Answer(text="")


class FakeModels:
    """Serves until the end of `with`. `requests` are those that arrived, `finished` counts the answers that were sent whole."""

    def __init__(self, script: Script = quiet, *, usage: tuple[int, int] = (100, 20), delay: float = 0.0) -> None:
        self.script: Script = script
        self.usage = usage
        self.delay = delay
        self.requests: list[Asked] = []
        self.finished = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> FakeModels:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """What leads the clients of OpenAI and Anthropic here."""
        return {
            "OPENAI_BASE_URL": f"{self.url}/v1", "OPENAI_API_KEY": "not-a-key-but-sent-as-one", "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": "not-a-key-but-sent-as-one",
        }  # fmt: skip

    @property
    def joints(self) -> list[str]:
        return [asked.joint for asked in self.requests]

    def sleep(self, seconds: float) -> None:
        self._ended.wait(seconds)

    def noted(self, asked: Asked) -> int:
        with self._lock:
            self.requests.append(asked)
            return len(self.requests)

    def done(self) -> None:
        with self._lock:
            self.finished += 1


def _handler(models: FakeModels) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as the base names it
            """Nobody reads it."""

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
            headers = "\n".join(f"{name}: {value}" for name, value in self.headers.items() if name.lower() not in ("authorization", "x-api-key"))
            asked = _asked(ROUTES[self.path], raw, headers)
            number = models.noted(asked)
            reply = models.script(asked)
            models.sleep(models.delay)
            try:
                self._reply(asked, reply, number)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _reply(self, asked: Asked, reply: Reply, number: int) -> None:
            match reply:
                case Status():
                    self._error(reply, asked.api)
                case Hang():
                    models.sleep(reply.seconds)
                    self.close_connection = True
                case Cut():
                    self._stream(asked, Text("I begin to sa" * 20), number, last=4)
                case _:
                    self._stream(asked, reply, number)
                    models.done()

        def _error(self, reply: Status, api: str) -> None:
            error = {"message": reply.message, "type": "scripted", "code": None, "param": None}
            body = json.dumps({"type": "error", "error": error} if api == "anthropic" else {"error": error}).encode()
            self.send_response(reply.code)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _stream(self, asked: Asked, reply: wires.Spoken, number: int, last: int | None = None) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True
            events = list(WIRES[asked.api](reply, number, models.usage, str(asked.body.get("model"))))
            for name, data in events[:last]:
                text = data if isinstance(data, str) else json.dumps(data)
                self.wfile.write((f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode())
                self.wfile.flush()
                time.sleep(0)

    return Handler


def _asked(api: str, raw: str, headers: str) -> Asked:
    body = json.loads(raw)
    joint = next((joint for begins, joint in BEGINNINGS.items() if begins in raw), "unknown")
    said: list[dict[str, Any]] = body.get("messages") or body.get("input") or []
    turn = sum(1 for message in said if message.get("role") == "assistant" or message.get("type") == "function_call")
    return Asked(api=api, joint=joint, turn=turn, body=body, raw=f"{headers}\n{raw}", key=raw)
