"""Answers of a model that are there already: of a run that was cut off, or of a recording.

One line for each answer, `{"key": ..., "joint": ..., "response": ...}`: the key is a digest of everything that was asked, the response is in the form
of Pydantic AI's messages. A line is added by one write and synced before the answer is used, so that what was paid for is there after any end of
the process; a line that a crash tore is cut off. What was asked is not kept.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsmith.errors import UsageError
from opsmith.shapes import is_list, is_mapping, items, table

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import ModelRequestParameters

VOLATILE = frozenset(
    (
        "timestamp", "run_id", "conversation_id", "tool_call_id", "id", "usage", "provider_details", "provider_response_id", "provider_name",
        "provider_url", "metadata", "workspace_ref", "history_digest", "failed_attempts", "model_id", "model_name", "signature", "state",
        "canonical_system",
    )
)  # fmt: skip
"""What differs between two runs that ask the same."""
MAX_BYTES = 64 * 1024 * 1024


def key_of(model: str, messages: list[ModelMessage], parameters: ModelRequestParameters) -> str:
    """A digest of the model's name, what was said so far, and the forms in which it may answer."""
    from pydantic_ai.messages import ModelMessagesTypeAdapter

    said = _lasting(ModelMessagesTypeAdapter.dump_python(messages, mode="json"))
    tools = [(tool.name, tool.description, tool.parameters_json_schema) for tool in (*parameters.function_tools, *parameters.output_tools)]
    return hashlib.sha256(json.dumps([model, said, tools], sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def _lasting(value: Any) -> Any:
    if is_mapping(value):
        return {name: _lasting(item) for name, item in table(value).items() if name not in VOLATILE}
    return [_lasting(item) for item in items(value)] if is_list(value) else value


class Journal:
    """The answers in one file, which is made with the first of them. Raises UsageError for a file that is none of ours."""

    def __init__(self, path: Path, *, writable: bool = True) -> None:
        self.path = path
        self._writable = writable
        self._lines: dict[str, str] = {}
        data = _read(path)
        whole = data[: data.rfind(b"\n") + 1]
        for number, line in enumerate(whole.decode("utf-8", "replace").split("\n")[:-1], start=1):
            self._lines[_entry(line, path, number)["key"]] = line
        if writable and len(whole) < len(data):
            os.truncate(path, len(whole))

    def get(self, key: str) -> ModelResponse | None:
        from pydantic import ValidationError
        from pydantic_ai.messages import ModelMessagesTypeAdapter, ModelResponse

        line = self._lines.get(key)
        if line is None:
            return None
        try:
            (response,) = ModelMessagesTypeAdapter.validate_python([json.loads(line)["response"]])
        except (ValidationError, ValueError, KeyError):
            return None  # of another version of the library: asked again
        return response if isinstance(response, ModelResponse) else None

    def put(self, key: str, joint: str, response: ModelResponse) -> None:
        from pydantic_ai.messages import ModelMessagesTypeAdapter

        (plain,) = ModelMessagesTypeAdapter.dump_python([response], mode="json")
        line = json.dumps({"key": key, "joint": joint, "response": plain}, ensure_ascii=False, sort_keys=True)
        self._append(line.encode("utf-8", "backslashreplace") + b"\n")
        self._lines[key] = line

    def _append(self, data: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.write(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def forget(self, keys: Collection[str]) -> None:
        """Let go of these answers; the file goes with the last one."""
        gone = self._lines.keys() & set(keys)
        if not gone or not self._writable:
            return
        self._lines = {key: line for key, line in self._lines.items() if key not in gone}
        if not self._lines:
            self.path.unlink(missing_ok=True)
            return
        new = self.path.with_name(f"{self.path.name}.new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write("".join(f"{line}\n" for line in self._lines.values()))
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self.path)

    def forget_all(self) -> None:
        self.forget(tuple(self._lines))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES // 1024 // 1024} MiB, which no recording is.")
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", next_step=f"ls -ld {path}") from None


def _entry(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        entry = table(json.loads(line))
    except (ValueError, RecursionError):
        entry = {}
    if not isinstance(entry.get("key"), str) or not is_mapping(entry.get("response")):
        raise UsageError(f"{path}:{number} is no recorded answer.", why="another file, or one that was edited.", next_step="--record NEW-FILE")
    return entry


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where runs that were cut off keep their answers: with the user, not in a repository, which could bring along answers that nobody gave."""
    base = environment.get("XDG_STATE_HOME") or ""
    return (Path(base) if Path(base).is_absolute() else Path("~/.local/state").expanduser()) / "opsmith" / "model"


def place(folder: Path, repo: Path, model: str) -> Path:
    digest = hashlib.sha256(f"{repo.resolve()}\n{model}".encode("utf-8", "surrogatepass")).hexdigest()
    return folder / f"{digest[:32]}.jsonl"
