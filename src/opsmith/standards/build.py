"""How what is shipped is built: from locked dependencies, in stages, quickly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Dockerfile, Estate, Instruction, Job
from opsmith.model.survey import Component
from opsmith.standard import TEAM, Standard
from opsmith.standards.images import chain
from opsmith.standards.verdicts import could_not_check, does_not_apply, each, met, not_met

LIMIT = 10
MAX_JOBS = 200

NAME = "build"
TITLE = "Build"
TASK = "Containerise every service"

_LOCKS = {
    "javascript": ("package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "npm-shrinkwrap.json", "deno.lock"),
    "python": ("poetry.lock", "uv.lock", "Pipfile.lock", "pdm.lock", "pixi.lock", "conda-lock.yml", "pylock.toml"),
    "go": ("go.sum",),
    "ruby": ("Gemfile.lock",),
    "php": ("composer.lock",),
    "rust": ("Cargo.lock",),
    "elixir": ("mix.lock",),
}
_LOCKS["typescript"] = _LOCKS["node"] = _LOCKS["deno"] = _LOCKS["javascript"]
_PLATFORMS = ("platform", "procfile", "serverless", "cloudformation")
_OTHER_BUILDERS = re.compile(
    r"jib-maven-plugin|com\.google\.cloud\.tools\.jib|spring-boot:build-image|bootBuildImage|\bko (?:build|publish)\b|\bpack build\b"
)


def _image(estate: Estate) -> Judgement:
    if not estate.shipped:
        return does_not_apply("nothing that runs was recognised")
    if files := estate.kinds("dockerfile"):
        return met("its images are described", files)
    if files := estate.kinds(*_PLATFORMS):
        return met("a platform builds it", files)
    if made := [Spot(file=path) for path, text in estate.texts.items() if _OTHER_BUILDERS.search(text)]:
        return met("a build tool makes its images", made)
    return not_met("no Dockerfile and no other build of an image", task=TASK)


def _locked(estate: Estate) -> Judgement:
    good, bad, names = list[Spot](), list[Spot](), list[str]()
    for component in estate.shipped:
        locks = _LOCKS.get(component.language)
        if locks is None or not component.manifests:
            continue
        found = next(_near(estate, component, locks), None) or _pinned(estate, component)
        if found:
            good.append(Spot(file=found))
        else:
            bad.append(Spot(file=_manifest(component)))
            names.append(component.name)
    if not good and not bad:
        return does_not_apply("no component has dependencies of a kind that is locked by a file")
    return each(good, bad, what="component", fails="without a lock file", holds="with locked dependencies", named=names, task=None)


def _manifest(component: Component) -> str:
    """The one that names dependencies, rather than a runtime's version."""
    return next((path for path in component.manifests if not path.rpartition("/")[2].startswith(".")), component.manifests[0])


def _near(estate: Estate, component: Component, names: tuple[str, ...]) -> Iterator[str]:
    """A lock file in its folder or one around it."""
    folder = component.path
    while True:
        for name in names:
            if (path := f"{folder}/{name}" if folder else name) in estate.files:
                yield path
        if not folder:
            return
        folder = folder.rpartition("/")[0]


_REQUIREMENT = re.compile(r"^\s*[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?\s*(?P<version>[^#;\s]*)")


def _pinned(estate: Estate, component: Component) -> str | None:
    """Requirements of Python with an exact version each; what pip compiled is such a file."""
    for path in component.manifests:
        lines = [line for line in estate.texts.get(path, "").splitlines() if line.strip() and not line.lstrip().startswith(("#", "-"))]
        matches = [_REQUIREMENT.match(line) for line in lines]
        if path.endswith(".txt") and lines and all(match and match["version"].startswith("==") for match in matches):
            return path
    return None


_COMPILES = re.compile(
    r"\b(?:go (?:build|install)|cargo (?:build|install)|mvnw?\b|gradlew?\b|dotnet (?:publish|build)|npm run build|yarn (?:run )?build|pnpm (?:run )?build|"
    r"bun run build|mix release|sbt |tsc\b|ng build|nx (?:run|build)|make build|vite build|next build|apt-get install[^&]{0,300}(?:gcc|build-essential|g\+\+)|"
    r"apk add[^&]{0,300}(?:gcc|build-base|g\+\+|musl-dev))"
)


def _stages(estate: Estate) -> Judgement:
    good, bad = list[Spot](), list[Spot]()
    for item in estate.dockerfiles:
        first = next((run for run in item.of("RUN", stage=chain(item)[0]) if _COMPILES.search(run.words)), None)
        if len(item.stages) > 1:
            good.append(item.spot(item.stages[-1]))
        elif first:
            bad.append(item.spot(first))
    if not good and not bad:
        return does_not_apply("no Dockerfile compiles anything" if estate.dockerfiles else "there is no Dockerfile")
    return each(good, bad, what="Dockerfile", fails="compiling in the only stage, so tools and sources are shipped", holds="in stages",
                task="Containerise every service with multi-stage builds")  # fmt: skip


_EVERYTHING = re.compile(r"(?:--\S+\s+)*(?:\[\s*\"\.?/?\"\s*,|\.?/?\s+\S)")


def _context(estate: Estate) -> Judgement:
    good, bad = list[Spot](), list[Spot]()
    for item in estate.dockerfiles:
        copied = next((copy for copy in item.of("COPY", "ADD") if "--from" not in copy.words and _EVERYTHING.match(copy.words)), None)
        if copied is None:
            continue
        ignored = _ignore_file(estate, item)
        (good if ignored else bad).append(Spot(file=ignored) if ignored else item.spot(copied))
    if not good and not bad:
        return does_not_apply("no Dockerfile copies a whole folder")
    return each(good, bad, what="Dockerfile", fails="copying everything, with no .dockerignore to keep .git, secrets and build results out",
                holds="with a .dockerignore", task=TASK)  # fmt: skip


def _ignore_file(estate: Estate, item: Dockerfile) -> str | None:
    candidates = [f"{item.path}.dockerignore"]
    folder = item.folder
    while folder:
        candidates.append(f"{folder}/.dockerignore")
        folder = folder.rpartition("/")[0]
    return next((path for path in (*candidates, ".dockerignore") if path in estate.files), None)


_INSTALLS = re.compile(
    r"\b(?:npm (?:ci|install|i)|yarn install|yarn$|pnpm install|pnpm i\b|pip3? install[^\n]{0,300}-r|poetry install|uv sync|pipenv (?:install|sync)|go mod download|"
    r"bundle install|composer install|dotnet restore|mix deps\.get|cargo fetch|bun install)"
)


def _layers(estate: Estate) -> Judgement:
    good, bad = list[Spot](), list[Spot]()
    for item in estate.dockerfiles:
        for install in item.of("RUN"):
            if _INSTALLS.search(install.words):
                (bad if _after_everything(item, install) else good).append(item.spot(install))
    if not good and not bad:
        return does_not_apply("no Dockerfile installs locked dependencies")
    return each(good, bad, what="installation", fails="repeated after every change of a source", holds="cached apart from the sources",
                task="Containerise every service with cached dependency layers")  # fmt: skip


def _after_everything(item: Dockerfile, install: Instruction) -> bool:
    """The whole folder was copied before, and dependencies were installed by nothing earlier."""
    before = [step for step in item.instructions if step.stage == install.stage and step.line < install.line]
    copied = [step for step in before if step.keyword in ("COPY", "ADD") and "--from" not in step.words and _EVERYTHING.match(step.words)]
    earlier = any(step.keyword == "RUN" and _INSTALLS.search(step.words) for step in before)
    return bool(copied) and not earlier and "--mount=type=cache" not in install.words


def _duration(estate: Estate) -> Judgement:
    """The time limits of the jobs bound it; how long runs take in fact is known to the pipeline's system alone."""
    pipelines = [item for item in estate.pipelines if item.on_change]
    if not pipelines:
        return does_not_apply("no pipeline runs on changes")
    if all(job.minutes is not None for item in pipelines for job in item.jobs) and all(longest(item.jobs) <= LIMIT for item in pipelines):
        return met(f"the time limits of the jobs add up to {LIMIT} minutes at most", [item.jobs[0].spot for item in pipelines])
    return could_not_check("how long its runs take is known to the pipeline's system, not to the files", [Spot(file=item.path) for item in pipelines])


def longest(jobs: Sequence[Job]) -> float:
    """Minutes of the longest way through jobs that wait for each other, by their time limits."""
    known = {job.name: job for job in jobs}
    minutes: dict[str, float] = {}
    for _ in known:  # each round settles at least one more of those that wait for nobody unsettled; a circle is left alone
        for job in jobs:
            minutes[job.name] = (job.minutes or 0) + max((minutes.get(name, 0) for name in job.after if name in known), default=0)
        if len(known) > MAX_JOBS:
            break
    return max(minutes.values(), default=0)


STANDARDS = (
    Standard(
        id="build/image",
        summary="everything that is deployed has a described build",
        source=f"{TEAM}: immutable infrastructure",
        weight=3,
        judge=_image,
    ),
    Standard(id="build/locked", summary="dependencies are locked", source="The Twelve-Factor App II; SLSA", weight=2, judge=_locked),
    Standard(
        id="build/stages",
        summary="tools of the build are not shipped",
        source="Docker build best practices: multi-stage builds",
        weight=2,
        judge=_stages,
    ),
    Standard(
        id="build/context",
        summary="what a build may not see is kept out",
        source="Docker build best practices: .dockerignore",
        weight=1,
        judge=_context,
    ),
    Standard(
        id="build/layers",
        summary="dependencies are cached apart from sources",
        source="Docker build best practices: build cache",
        weight=1,
        judge=_layers,
    ),
    Standard(id="build/duration", summary="a build takes less than 10 minutes", source=f"{TEAM}: pipeline", weight=1, judge=_duration),
)
