"""What an image may do and holds."""

from __future__ import annotations

import re

from opsmith.detectors.services import is_secret
from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import ComposeService, Dockerfile, Estate
from opsmith.model.hosting import RUNNING
from opsmith.standard import Standard
from opsmith.standards.containers import runs_as_user
from opsmith.standards.images import Image, base, built_by, is_served, last, outside
from opsmith.standards.stores import is_store
from opsmith.standards.variables import is_placeholder
from opsmith.standards.verdicts import could_not_check, does_not_apply, each, met, not_met

NAME = "image"
TITLE = "Image"
TASK = "Containerise every service with hardened images that run as a non-root user"

NONE = "there is no Dockerfile"
_DROPS = re.compile(r"\b(?:gosu|su-exec|setpriv|runuser|s6-setuidgid|chroot --userspec|setuidgid|su - )\b")
_NON_ROOT = re.compile(
    r"nonroot|non-root|rootless|unprivileged|chainguard|chiseled|^bitnami/|/bitnami/|^grafana/|^prom/|^jenkins/|^curlimages/|^sonarqube|keycloak"
    r"|^elasticsearch|^kibana|^logstash|/uwsgi-nginx"
)
_DROPS_ITSELF = frozenset(
    ("postgres", "mysql", "mariadb", "mongo", "redis", "valkey", "rabbitmq", "memcached", "cassandra", "solr", "haproxy", "neo4j")
)


def _non_root(estate: Estate) -> Judgement:
    if not estate.dockerfiles:
        return does_not_apply(NONE)
    if enforced := _enforced(estate):
        return met("the manifests run every container as a user of their own", enforced)
    good, bad, unknown = list[Spot](), list[Spot](), list[Spot]()
    for item in estate.dockerfiles:
        answer, spot = _user(estate, item)
        {"good": good, "bad": bad, "unknown": unknown}[answer].append(spot)
    if unknown and not bad:
        return could_not_check("whether the base image has a user of its own is not told by the Dockerfile", unknown, task=TASK)
    return each(good, bad, what="image", fails="running as root", holds="without root", named=[spot.file for spot in bad], task=TASK)


def _enforced(estate: Estate) -> list[Spot]:
    """Where Kubernetes refuses root for every container, the user in the image decides nothing."""
    containers = [container for workload in estate.workloads for container in workload.containers()]
    return [container.spot("securityContext") for container in containers] if all(map(runs_as_user, containers)) else []


def _user(estate: Estate, item: Dockerfile) -> tuple[str, Spot]:
    user = last(item, "USER")
    if user is not None:
        name = user.words.strip().strip("\"'").partition(":")[0]
        return ("bad" if name in ("root", "0") and not _drops(estate, item) else "good"), item.spot(user)
    image, origin = base(item)
    whole = f"{image.name}:{image.tag}"
    if _NON_ROOT.search(whole) or image.official in _DROPS_ITSELF or _drops(estate, item):
        return "good", item.spot(origin)
    known = (
        image.official
        or image.name == "scratch"
        or image.name.startswith(("mcr.microsoft.com/dotnet", "gcr.io/distroless", "mcr.microsoft.com/devcontainers"))
    )
    return ("bad" if known and not image.is_variable else "unknown"), item.spot(origin)


def _drops(estate: Estate, item: Dockerfile) -> bool:
    """It is started as root and gives that up: in an instruction, or in a script that is copied into it."""
    words = "\n".join(part.words for part in item.of("RUN", "CMD", "ENTRYPOINT", "COPY", "ADD"))
    scripts = (
        text for path, text in estate.texts.items() if path.rpartition("/")[2] in words and path.endswith((".sh", "entrypoint", "start", "run"))
    )
    return _DROPS.search(words) is not None or any(_DROPS.search(text) for text in scripts)


def _tagged(estate: Estate) -> Judgement:
    found = [(item, image, origin) for item in estate.dockerfiles for image, origin in outside(item) if not image.is_variable]
    if not found:
        return does_not_apply("no Dockerfile stands on an image from elsewhere" if estate.dockerfiles else NONE)
    good = [item.spot(origin) for item, image, origin in found if not image.moves]
    moving = [(item.spot(origin), _shown(image)) for item, image, origin in found if image.moves]
    return each(good, [spot for spot, _ in moving], what="base image", fails="that may be another one tomorrow", holds="with a version",
                named=[name for _, name in moving], task=TASK)  # fmt: skip


def _shown(image: Image) -> str:
    return f"{image.name}:{image.tag}" if image.tag else image.name


def _digest(estate: Estate) -> Judgement:
    found = [(item, image, origin) for item in estate.dockerfiles for image, origin in outside(item) if not image.is_variable]
    if not found:
        return does_not_apply("no Dockerfile stands on an image from elsewhere" if estate.dockerfiles else NONE)
    return each(
        [item.spot(origin) for item, image, origin in found if image.digest],
        [item.spot(origin) for item, image, origin in found if not image.digest],
        what="base image", fails="without a digest, so a build today and one tomorrow differ", holds="by digest", task=TASK,
    )  # fmt: skip


_TOOLCHAINS = frozenset(("golang", "rust", "maven", "gradle", "sbt", "haskell", "swift", "gcc"))
_FULL = frozenset(("node", "python", "ruby", "perl", "openjdk", "elixir", "erlang"))
_SMALL = re.compile(r"slim|alpine|distroless|jre|chiseled|wolfi|busybox|windowsservercore|nanoserver|scratch")


def _small(estate: Estate) -> Judgement:
    good, bad, names = list[Spot](), list[Spot](), list[str]()
    for item in estate.dockerfiles:
        image, origin = base(item)
        jdk = image.official in ("eclipse-temurin", "amazoncorretto", "openjdk") and "jre" not in image.tag
        full = image.official in _FULL and not _SMALL.search(image.tag)
        if jdk or full or image.official in _TOOLCHAINS or image.name.startswith("mcr.microsoft.com/dotnet/sdk"):
            bad.append(item.spot(origin))
            names.append(_shown(image))
        elif not image.is_variable:
            good.append(item.spot(origin))
    if not good and not bad:
        return does_not_apply(NONE)
    return each(good, bad, what="image", fails="shipping a whole toolchain or distribution", holds="on a small base", named=names, task=TASK)


def _health(estate: Estate) -> Judgement:
    if estate.workloads or estate.charts:
        return does_not_apply("Kubernetes runs the images, and asks its own probes")
    if estate.dockerfiles and estate.resources(*RUNNING):
        return does_not_apply("a cloud runs the images, and asks its own probes")
    served = [item for item in estate.dockerfiles if is_served(estate, item)]
    if not served:
        return does_not_apply("no image listens on a port" if estate.dockerfiles else NONE)
    good, bad = list[Spot](), list[Spot]()
    for item in served:
        check = last(item, "HEALTHCHECK")
        runs = [*built_by(estate, item), *(service for service in estate.deployed_compose if _shares_port(service, item))]
        asked = next((service for service in runs if service.body.get("healthcheck")), None)
        if check and check.words.strip().upper() != "NONE":
            good.append(item.spot(check))
        elif asked:
            good.append(asked.spot("healthcheck"))
        else:
            bad.append(item.spot(last(item, "EXPOSE") or item.stages[-1]))
    return each(good, bad, what="image", fails="listening without a health check", holds="with a health check", named=[spot.file for spot in bad],
                task="Containerise every service with health checks")  # fmt: skip


def _shares_port(service: ComposeService, item: Dockerfile) -> bool:
    """The image may be known to compose by its published name alone."""
    numbers = set(re.findall(r"\d+", " ".join(step.words for step in item.of("EXPOSE"))))
    return (
        not service.body.get("build")
        and not is_store(service.image)
        and bool(numbers & set(re.findall(r"\d+", str(service.body.get("ports") or ""))))
    )


def _signals(estate: Estate) -> Judgement:
    good, bad = list[Spot](), list[Spot]()
    for item in estate.dockerfiles:
        command = last(item, "ENTRYPOINT") or last(item, "CMD")
        if command is not None:
            words = command.words.strip()
            (good if words.startswith(("[", "exec ")) else bad).append(item.spot(command))
    if not good and not bad:
        return does_not_apply("no Dockerfile says what is started" if estate.dockerfiles else NONE)
    return each(
        good, bad, what="image", fails="started through a shell, which keeps SIGTERM from the process", holds="so that signals arrive", task=TASK
    )


_ASSIGNMENT = re.compile(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S*)")


def _no_secrets(estate: Estate) -> Judgement:
    if not estate.dockerfiles:
        return does_not_apply(NONE)
    bad = [
        (item.spot(step), name)
        for item in estate.dockerfiles
        for step in item.of("ENV", "ARG")
        for name, value in _assigned(step.keyword, step.words)
        if value and "$" not in value and is_secret(name, value) and not is_placeholder(value)
    ]
    if not bad:
        return met(f"{len(estate.dockerfiles)} looked through", [Spot(file=item.path) for item in estate.dockerfiles])
    return not_met(f"secrets are written into an image: {', '.join(dict.fromkeys(name for _, name in bad))}", [spot for spot, _ in bad], task=TASK)


def _assigned(keyword: str, words: str) -> list[tuple[str, str]]:
    if keyword == "ENV" and "=" not in words.partition(" ")[0]:
        name, _, value = words.partition(" ")
        return [(name, value.strip().strip("\"'"))]
    return [(match[1], match[2].strip("\"'")) for match in _ASSIGNMENT.finditer(words[:4_000])]


def _lint(estate: Estate) -> Judgement:
    from opsmith.standards.tools import asked

    return asked(estate, "hadolint", "Dockerfile", none=NONE, task=TASK, without=("DL3002", "DL3006", "DL3007", "DL3025"), unreadable=("DL1000",))


STANDARDS = (
    Standard(id="image/non-root", summary="no image runs as root", source="CIS Docker 4.1", weight=3, judge=_non_root),
    Standard(id="image/no-secrets", summary="no image holds a secret", source="CIS Docker 4.10", weight=3, judge=_no_secrets),
    Standard(id="image/version", summary="base images have a version", source="CIS Docker 4.2; hadolint DL3006, DL3007", weight=2, judge=_tagged),
    Standard(id="image/digest", summary="base images are pinned by digest", source="OpenSSF Scorecard: Pinned-Dependencies", weight=1, judge=_digest),
    Standard(id="image/small", summary="images hold what runs and little else", source="CIS Docker 4.3", weight=1, judge=_small),
    Standard(id="image/health", summary="images that listen have a health check", source="CIS Docker 4.6", weight=2, judge=_health),
    Standard(id="image/signals", summary="the process gets its signals", source="hadolint DL3025", weight=1, judge=_signals),
    Standard(id="image/lint", summary="hadolint has no objection", source="hadolint", weight=1, judge=_lint),
)
