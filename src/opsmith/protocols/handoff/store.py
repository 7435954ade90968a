"""The handoffs in Redis. Every change is one script, so that no end of a process leaves half of one."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from opsmith.errors import MissingExtra, QueueError
from opsmith.protocols.handoff import names, scripts
from opsmith.protocols.handoff.address import Address
from opsmith.protocols.handoff.errors import QueueAwayError


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One id that was taken. `size` is the payload's; -1: it is gone, -2: the key holds no text. `data` is at most a little over the limit.

    `done` is the checksum under which the id was done before; `abandoned`: how often it was taken and never finished.
    """

    raw_id: bytes
    queue: str
    score: str
    size: int
    data: bytes
    done: str
    abandoned: int

    @property
    def id(self) -> str:
        return self.raw_id.decode("utf-8", "backslashreplace")

    @property
    def has_sound_id(self) -> bool:
        """Else nothing is written under it: it may be the name of another key."""
        return self.id.encode() == self.raw_id and names.is_handoff_id(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message on its way into a queue."""

    id: str
    queue: str
    score: float
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Depths:
    queues: dict[str, int]
    in_flight: int
    dead: int


class Store:
    """Raises QueueAwayError where waiting may help, QueueError where it does not. Safe to use from several threads."""

    def __init__(self, where: Address) -> None:
        self.where = where
        self._client: Any = _client(where)
        self._scripts: dict[str, Any] = {}

    def close(self) -> None:
        self._client.close()

    def ping(self) -> None:
        with self._explained():
            self._client.ping()

    def publish(self, message: Outgoing) -> tuple[bool, int]:
        """Whether it was new, and how many wait in its queue now."""
        fresh, depth = self._run(scripts.PUBLISH, [], [message.id, message.queue, repr(message.score), message.data])
        return bool(fresh), int(depth)

    def claim(self, agent: str, queues: Sequence[str], token: str, seconds: float, *, resume: bool) -> Claim | None:
        """Take the most urgent of the first queue that has any. `resume`: an answer was lost, so one may be ours already."""
        keys = [*self._flight(agent), names.abandoned(agent), *queues]
        answer = self._run(scripts.CLAIM, keys, [token, seconds, int(resume), names.MAX_PAYLOAD])
        if not answer:
            return None
        raw_id, queue, score, size, data, done, abandoned = answer
        told = done.decode("ascii", "replace")
        return Claim(raw_id=raw_id, queue=queue.decode(), score=score.decode(), size=int(size), data=data, done=told, abandoned=int(abandoned))

    def hold(self, agent: str, claim: Claim, token: str, seconds: float, data: bytes = b"") -> bool:
        """Keep it for `seconds` more, with `data` as its payload from now on. False: somebody else has it."""
        return bool(self._run(scripts.HOLD, [*self._flight(agent), _payload(claim)], [claim.raw_id, token, seconds, data]))

    def defer(self, agent: str, claim: Claim, token: str, seconds: float, *, score: float | None = None, data: bytes = b"") -> bool:
        """Nobody gets it for `seconds`."""
        place = "" if score is None else repr(score)
        return bool(self._run(scripts.DEFER, [*self._flight(agent), _payload(claim)], [claim.raw_id, token, seconds, place, data]))

    def release(self, agent: str, claim: Claim, token: str, data: bytes = b"") -> bool:
        return bool(self._run(scripts.RELEASE, [*self._flight(agent), _payload(claim)], [claim.raw_id, token, data]))

    def forget(self, agent: str, claim: Claim, token: str) -> bool:
        return bool(self._run(scripts.FORGET, [*self._flight(agent), names.abandoned(agent)], [claim.raw_id, token]))

    def settle(self, agent: str, handoff_id: str, token: str, checksum: str, data: bytes, duration: str, follow: Iterable[Outgoing]) -> bool:
        """It is done, and what follows from it is published, at once. False: that had happened before."""
        keys = [*self._flight(agent), names.abandoned(agent), names.payload(handoff_id), names.done(handoff_id), names.COMPLETED]
        return bool(self._run(scripts.SETTLE, keys, [handoff_id, token, checksum, data, duration, *_flat(follow)]))

    def bury(self, agent: str, claim: Claim, token: str, entry: bytes, data: bytes, duration: str, follow: Iterable[Outgoing] = ()) -> bool:
        """It becomes a dead letter, and what follows from that is published, at once."""
        keys = [*self._flight(agent), names.abandoned(agent), _payload(claim), names.dead(agent), names.FAILED]
        return bool(self._run(scripts.BURY, keys, [claim.raw_id, token, entry, data if claim.has_sound_id else b"", duration, *_flat(follow)]))

    def dead(self, agent: str, most: int = 1000) -> list[bytes]:
        """Entries, newest first."""
        with self._explained():
            return list(self._client.lrange(names.dead(agent), 0, most - 1))

    def revive(self, agent: str, entry: bytes, message: Outgoing) -> bool:
        """From the dead letters back into its queue, at once. False: the entry is gone."""
        keys = [names.dead(agent), names.payload(message.id), message.queue]
        return bool(self._run(scripts.REVIVE, keys, [entry, message.id, repr(message.score), message.data]))

    def depths(self, agent: str, queues: Sequence[str]) -> Depths:
        with self._explained():
            counts = {queue: int(self._client.zcard(queue)) for queue in queues}
            return Depths(queues=counts, in_flight=int(self._client.zcard(names.in_flight(agent))), dead=int(self._client.llen(names.dead(agent))))

    def counters(self) -> tuple[int, int, int]:
        """How many were published, completed, failed within the last day."""
        with self._explained():
            total, completed, failed = self._client.mget(names.TOTAL, names.COMPLETED, names.FAILED)
        return _count(total), _count(completed), _count(failed)

    def times(self) -> list[str]:
        with self._explained():
            return [item.decode("utf-8", "replace") for item in self._client.lrange(names.TIMES, 0, names.KEPT_TIMES - 1)]

    def announce(self, agent: str) -> None:
        """Tell that `agent` is being served."""
        with self._explained():
            self._client.pipeline(transaction=True).sadd(names.ACTIVE, agent).expire(names.ACTIVE, names.ACTIVE_SECONDS).execute()

    def active(self) -> list[str]:
        with self._explained():
            return sorted(item.decode("utf-8", "replace") for item in self._client.smembers(names.ACTIVE))

    def dangers(self) -> list[str]:
        """What of this Redis' configuration can lose handoffs."""
        with self._explained():
            memory, persistence = self._client.info("memory"), self._client.info("persistence")
        told: list[str] = []
        policy = str(memory.get("maxmemory_policy", "noeviction"))
        if policy != "noeviction":
            told.append(f"Redis evicts keys when its memory is full (maxmemory-policy {policy}), waiting handoffs among them; noeviction is safe")
        if not int(persistence.get("aof_enabled", 0)):
            told.append("Redis keeps no append-only file: handoffs since its last snapshot are lost with it; appendonly yes is safe")
        return told

    def _flight(self, agent: str) -> list[str]:
        return [names.in_flight(agent), names.leases(agent)]

    def _run(self, text: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        with self._explained():
            if text not in self._scripts:
                self._scripts[text] = self._client.register_script(text)
            return self._scripts[text](keys=keys, args=arguments)

    @contextmanager
    def _explained(self) -> Generator[None]:
        from redis import exceptions

        try:
            yield
        except (exceptions.AuthenticationError, exceptions.AuthorizationError, exceptions.NoPermissionError) as error:
            raise QueueError(
                f"Redis at {self.where} refuses: {error}.",
                why="REDIS_PASSWORD is missing or wrong, or the user may not do this.",
                next_step="REDIS_PASSWORD=... opsmith handoff status",
            ) from None
        except (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ReadOnlyError, OSError) as error:
            raise QueueAwayError(self.where, _cause(error)) from None
        except exceptions.RedisError as error:
            raise QueueError(
                f"Redis at {self.where} cannot do it: {error}.",
                why="a key of the protocol holds something else, its memory or disk is full, or it is older than 5.0.",
                next_step="opsmith handoff status",
            ) from None


def _client(where: Address) -> Any:
    """Without redis-py's own retries: a command whose answer was lost may have been done, and only its caller knows what to do about that."""
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise MissingExtra("Handoffs over Redis need the redis client.", next_step="pip install 'opsmith[handoff]'") from None
    settings: dict[str, Any] = {"socket_timeout": 15, "socket_connect_timeout": 5, "retry": Retry(NoBackoff(), 0), "client_name": "opsmith"}
    if where.password:
        settings["password"] = where.password
    if where.url:
        return cast("Any", Redis).from_url(where.url, db=where.db, **settings)
    return Redis(host=where.host, port=where.port, db=where.db, **settings)


def _cause(error: Exception) -> str:
    return str(error).strip().rstrip(".").split("\n")[0][:200] or type(error).__name__


def _payload(claim: Claim) -> str:
    """For an id that is none, a key that nothing is written under."""
    return names.payload(claim.id if claim.has_sound_id else "none")


def _flat(messages: Iterable[Outgoing]) -> list[Any]:
    return [part for message in messages for part in (message.id, message.queue, repr(message.score), message.data)]


def _count(value: Any) -> int:
    try:
        return max(0, int(value or 0))
    except ValueError:
        return 0
