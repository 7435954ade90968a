"""Makes `tests.fakes` importable however pytest is started."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from collections.abc import Iterator

import pytest

from tests.protocols import redis_server


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis_server.Server]:
    redis_server.require()
    server = redis_server.Server(tmp_path_factory.mktemp("redis"), redis_server.free_port())
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis(shared_redis: redis_server.Server) -> redis_server.Server:
    """Empty."""
    client = shared_redis.client()
    client.flushall()
    client.close()
    return shared_redis
