"""A Dockerfile as what it builds."""

from __future__ import annotations

import pytest

from opsmith.detectors.deployed.dockerfile import Copy, Dockerfile, Health, parse
from opsmith.detectors.deployed.told import Image, Told

TWO_STAGES = """\
# syntax=docker/dockerfile:1
# A comment
ARG PYTHON=3.12
ARG BASE=python:${PYTHON}-slim

FROM --platform=$BUILDPLATFORM ${BASE} AS Build
ARG EXTRA
ENV HOME_DIR=/srv/app PORT=8000 \\
    # a comment between
    GREETING="hello world"
WORKDIR $HOME_DIR
COPY --chown=1:1 requirements.txt ./
RUN <<EOF
pip install -r requirements.txt
EOF
RUN --mount=type=cache,target=/root/.cache \\
    pip install gunicorn && \\

    rm -rf /tmp/*

FROM build
WORKDIR web
COPY --from=Build ["a b.txt", "./c/"]
COPY <<CONF /etc/app.conf
FROM nothing
CONF
EXPOSE $PORT 9000/udp 9100/tcp
USER app
HEALTHCHECK --interval=5s CMD curl -f http://localhost:8000/healthz
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["sh", "-c", "exec gunicorn app:app --bind :$PORT"]
"""


def parsed(text: str) -> Dockerfile:
    found = parse("Dockerfile", text)
    assert found is not None
    return found


def test_stages_and_what_they_take_over() -> None:
    found = parsed(TWO_STAGES)
    build, final = found.stages
    assert (build.base, build.name, build.line, build.on) == ("python:3.12-slim", "build", 6, None)
    assert build.image == Image("python", "3.12-slim")
    assert build.copies == (Copy(("requirements.txt",), "./", None, 12),)
    assert build.runs == (
        Told("<<EOF\npip install -r requirements.txt", 13),
        Told("pip install gunicorn &&     rm -rf /tmp/*", 16),
    )
    assert (final.base, final.on, final.line, final.image) == ("build", 0, 21, None)
    assert final.environment == {"HOME_DIR": Told("/srv/app", 8), "PORT": Told("8000", 8), "GREETING": Told("hello world", 8)}
    assert final.workdir == Told("/srv/app/web", 22)
    assert final.copies == (Copy(("a b.txt",), "./c/", "Build", 23),)
    assert final.ports == (Told(8000, 27), Told(9100, 27))
    assert final.user == Told("app", 28)
    assert final.health == Health("curl -f http://localhost:8000/healthz", 29)
    assert final.starts == Told("gunicorn app:app --bind :$PORT", 31)
    assert found.images == [Told(Image("python", "3.12-slim"), 6)]
    assert found.target("BUILD") is build
    assert found.bases(final) == [final, build]


@pytest.mark.parametrize(
    ("lines", "starts"),
    [
        ('ENTRYPOINT ["python", "app.py"]', "python app.py"),
        ('ENTRYPOINT ["python"]\nCMD ["app.py"]', "python app.py"),
        ('CMD ["app.py"]\nENTRYPOINT ["python"]', "python app.py"),
        ('ENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["node", "server.js"]', "node server.js"),
        ('ENTRYPOINT ["./start.sh"]', "./start.sh"),
        ("ENTRYPOINT exec java -jar app.jar\nCMD x", "java -jar app.jar"),
        ("CMD npm start", "npm start"),
        ('CMD ["/bin/sh", "-c", "a && b"]', "a && b"),
        ('CMD ["say", "two words"]', "say 'two words'"),
        ("CMD [broken", "[broken"),
        ('CMD ["first"]\nCMD ["second"]', "second"),
        ("RUN true", None),
    ],
)
def test_what_it_starts(lines: str, starts: str | None) -> None:
    told = parsed(f"FROM a\n{lines}\n").final.starts
    assert (told.value if told else None) == starts


def test_an_entry_point_takes_away_the_command_below_it() -> None:
    found = parsed('FROM a AS base\nCMD ["x"]\nFROM base\nENTRYPOINT ["y"]\n').final
    assert found.starts == Told("y", 4)


def test_the_escape_of_windows() -> None:
    found = parsed("# escape=`\nFROM a\nCOPY a `\n  b C:\\\nCMD run\n").final
    assert found.copies == (Copy(("a", "b"), "C:\\", None, 3),)
    assert found.starts == Told("run", 5)


def test_what_no_one_knows_stays_open() -> None:
    found = parsed("ARG REGISTRY\nFROM ${REGISTRY}/base:${TAG:-1.2}\nEXPOSE $PORT\nENV A=${B:+c} D=${E}\nHEALTHCHECK NONE\n").final
    assert (found.base, found.image, found.ports, found.health) == ("${REGISTRY}/base:1.2", None, (), None)
    assert found.environment == {"A": Told("", 4), "D": Told("${E}", 4)}


@pytest.mark.parametrize("text", ["", "RUN x\n", "# FROM a\n", "\\\n\\\n", 'ENTRYPOINT ["' + "[" * 5000])
def test_what_is_no_dockerfile(text: str) -> None:
    assert parse("Dockerfile", text) is None


def test_a_heredoc_without_an_end_and_deep_json_stop_nothing() -> None:
    assert len(parsed("FROM a\nRUN cat <<EOF\nRUN b\n").final.runs) == 2
    deep = parsed("FROM a\nCMD " + "[" * 100_000 + "\n").final.starts
    assert deep is not None
