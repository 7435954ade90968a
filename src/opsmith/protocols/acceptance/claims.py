"""What the words of a criterion can claim, and how a RunReport shows it. The most specific phrase stands first."""

from __future__ import annotations

import re
from collections.abc import Callable

from opsmith.model.artifact import Artifact
from opsmith.protocols.acceptance.evidence import Evidence, Shown, absent, shown
from opsmith.protocols.hive_mind import view

Judge = Callable[[Evidence, re.Match[str]], Shown]
BUILDING = "run again with --prove build"
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


def _files(what: str, pattern: str, *tools: str) -> Judge:
    return lambda evidence, _: evidence.proved(evidence.named(pattern), what, *tools)


def _there(what: str, pattern: str) -> Judge:
    return lambda evidence, _: evidence.placed(evidence.named(pattern), what)


def _target(what: str, *targets: str) -> Judge:
    return lambda evidence, _: evidence.proved(evidence.of(*targets), what)


def _kind(*kinds: str) -> Judge:
    return lambda evidence, _: evidence.proved(evidence.of_kind(*kinds), kinds[0], "kubernetes-validate", "kubeconform")


def _holds(what: str, pattern: str, *kinds: str) -> Judge:
    return lambda evidence, _: evidence.each(evidence.of_kind(*kinds), pattern, what)


def _dockerfiles(evidence: Evidence) -> list[Artifact]:
    return evidence.named(r"(^|/)Dockerfile[^/]*$")


def _in_dockerfile(what: str, pattern: str) -> Judge:
    return lambda evidence, _: evidence.each(_dockerfiles(evidence), pattern, what)


def _claimed(claim: str, what: str) -> Judge:
    return lambda evidence, _: evidence.claimed(claim, what, BUILDING)


def _dockerfile(evidence: Evidence, _: re.Match[str]) -> Shown:
    return evidence.proved(_dockerfiles(evidence), "a Dockerfile", "hadolint")


def _runbooks(evidence: Evidence, _: re.Match[str]) -> Shown:
    return evidence.placed(evidence.of("runbooks"), "a runbook")


def _default_deny(evidence: Evidence, _: re.Match[str]) -> Shown:
    all_pods = [item for item in evidence.of_kind("NetworkPolicy") if "podSelector: {}" in item.text]
    return evidence.proved(all_pods, "a default-deny policy", "kubernetes-validate", "kubeconform")


def _multi_stage(evidence: Evidence, _: re.Match[str]) -> Shown:
    return evidence.each(_dockerfiles(evidence), r"^FROM [\s\S]*^FROM ", "a second stage")


def _stage(name: str) -> Judge:
    def judge(evidence: Evidence, _: re.Match[str]) -> Shown:
        if name not in view.stages(evidence.report):
            return absent(f"the pipeline has no {name} stage, because the repository tells no command for it" if name in ("lint", "test")
                          else f"the pipeline has no {name} stage")  # fmt: skip
        return evidence.proved(evidence.of(*view.PIPELINES), "a pipeline")

    return judge


def _deploys(evidence: Evidence, match: re.Match[str]) -> Shown:
    plan = evidence.report.blueprint.pipeline if evidence.report.blueprint else None
    if plan is None or not plan.deploys or match["env"].lower() not in plan.environments:
        return absent(f"the pipeline does not deploy to {match['env']}")
    return evidence.proved(evidence.of(*view.PIPELINES), "a pipeline")


def _no_secrets(evidence: Evidence, match: re.Match[str]) -> Shown:
    """Only what is delivered was looked through; the rest of the repository, its history and built images were not."""
    if re.search(r"repo|code|git|commit|image", match[0], re.IGNORECASE):
        return Shown(state="unchecked", told="only what is delivered was looked through for secrets", mitigation="run gitleaks over the repository")
    return evidence.proved(evidence.report.artifacts, "a delivered file", "gitleaks")


def _port(evidence: Evidence, match: re.Match[str]) -> Shown:
    found = [service.name for service in view.served(evidence.report) if service.port and service.port.number == int(match["port"])]
    return shown(f"{', '.join(found)} on port {match['port']}") if found else absent(f"no service listens on port {match['port']}")


def _path(evidence: Evidence, match: re.Match[str]) -> Shown:
    path = match["path"].rstrip("/.") or "/"
    asked = [service.name for service in view.services(evidence.report) if service.probe and (service.probe.path or "").rstrip("/") == path]
    monitoring = evidence.report.blueprint.monitoring if evidence.report.blueprint else None
    asked += [scrape.service for scrape in (monitoring.scrapes if monitoring else ()) if scrape.path.rstrip("/") == path]
    return (
        shown(f"{path} is asked of {', '.join(asked)}") if asked else absent(f"nothing asks {path}", f"set the health path to {path} in opsmith.yaml")
    )


def _named_file(evidence: Evidence, match: re.Match[str]) -> Shown:
    return evidence.proved(evidence.files(lambda artifact: artifact.path == match["file"]), match["file"])


def _replicas(evidence: Evidence, match: re.Match[str]) -> Shown:
    wanted = _NUMBERS.get(match["count"].lower()) or int(match["count"])
    counts = {service.name: service.replicas for service in view.services(evidence.report) if service.role in ("web", "static")}
    if not counts:
        return absent("no service answers requests")
    bad = [f"{name} has {count}" for name, count in counts.items() if not (count >= wanted if match["least"] else count == wanted)]
    return absent(", ".join(bad), f"set replicas: {wanted} in opsmith.yaml") if bad else shown(f"{wanted} replicas of {', '.join(counts)}")


def _probed(evidence: Evidence, _: re.Match[str]) -> Shown:
    served = view.served(evidence.report)
    bare = [service.name for service in served if service.probe is None]
    if not served or bare:
        return absent(f"{', '.join(bare) or 'no service'} answers no health question", "add a health route, or set health_path in opsmith.yaml")
    told = ", ".join(f"{service.name}: {view.health(service)}" for service in served)
    held = evidence.files(lambda artifact: re.search(r"HEALTHCHECK|healthcheck:|readinessProbe:", artifact.text) is not None)
    proved = evidence.proved(held, "a health check")
    return shown(told) if proved.state == "shown" else proved


def _deployment_probes(evidence: Evidence, match: re.Match[str]) -> Shown:
    """Each kind of probe that is named; only what listens can be asked."""
    served = [item for item in evidence.of_kind("Deployment") if "containerPort:" in item.text]
    for kind in ("readiness", "liveness", "startup"):
        lacking = [item.path for item in served if f"{kind}Probe:" not in item.text]
        if kind in match[0].lower() and lacking:
            return absent(f"{lacking[0]} has no {kind} probe", "add a health route, or set health_path in opsmith.yaml")
    return evidence.proved(served, "a probe", "kubernetes-validate", "kubeconform")


def _resources(evidence: Evidence, match: re.Match[str]) -> Shown:
    """Requests, limits or both, as they are named."""
    found = evidence.of_kind("Deployment")
    for word in ("request", "limit"):
        if word in match[0].lower() and (lacking := [item.path for item in found if f"{word}s:" not in item.text]):
            return absent(f"{lacking[0]} has no {word}s")
    return evidence.proved(found, "a deployment", "kubernetes-validate", "kubeconform")


def _migration(evidence: Evidence, _: re.Match[str]) -> Shown:
    """The job that runs the command of each service that owns a schema."""
    owners = [service for service in view.services(evidence.report) if service.migration]
    if not owners:
        return absent("no migration was found in the code")
    jobs = [item for item in evidence.of_kind("Job") if any(word in item.text for service in owners for word in service.migration_argv[-1:])]
    return evidence.proved(jobs, "a migration job", "kubernetes-validate", "kubeconform")


def _env_example(evidence: Evidence, _: re.Match[str]) -> Shown:
    """There, and with every variable of the services in it that somebody has to set."""
    files = evidence.named(r"(^|/)\.env\.example$")
    wanted = {
        key for service in view.services(evidence.report) for item in service.variables if item.kind != "literal" for key in (item.key or item.name,)
    }
    lacking = sorted(name for name in wanted if not any(name in item.text for item in files))
    if files and lacking:
        return absent(f"{files[0].path} does not name {lacking[0]}")
    return evidence.placed(files, ".env.example")


def _without(evidence: Evidence, match: re.Match[str]) -> Shown:
    there = evidence.of(_target_name(match["unwanted"]))
    return absent(f"{there[0].path} was delivered all the same") if there else shown(f"no {match['unwanted']} in what was delivered")


def _other_target(evidence: Evidence, match: re.Match[str]) -> Shown:
    return evidence.proved(evidence.of(_target_name(match["wanted"])), match["wanted"])


def _target_name(words: str) -> str:
    return "_".join(words.lower().removesuffix("file").split()[: 2 if words.lower().startswith(("gitlab", "argo")) else 1]).replace(
        "argo_cd", "argocd"
    )


def _non_root(evidence: Evidence, _: re.Match[str]) -> Shown:
    roots = [item.name for item in view.services(evidence.report) if item.user == 0]
    if roots or not view.services(evidence.report):
        return absent(f"{', '.join(roots) or 'no service'} runs as a user other than root")
    return evidence.each(_dockerfiles(evidence), r"^USER (?!root|0\b)\S", "a USER other than root")


def _pinned(evidence: Evidence, _: re.Match[str]) -> Shown:
    own = {build.reference for build in evidence.report.blueprint.builds} if evidence.report.blueprint else set[str]()
    loose: list[str] = []
    for artifact in evidence.report.artifacts:
        names = re.findall(r"^FROM (?:--\S+ )?(\S+)|^\s+(?:- )?uses: (\S+)|^\s+(?:- )?image: [\"']?([^\s\"']+)", artifact.text, re.MULTILINE)
        stages = set(re.findall(r"^FROM .* AS (\S+)", artifact.text, re.MULTILINE | re.IGNORECASE))
        for name in (part for parts in names for part in parts if part):
            ours = (
                name in own or name in stages or name.startswith(("./", "${")) or name.rpartition(":")[0] in {item.rpartition(":")[0] for item in own}
            )
            if not ours and not re.search(r"@(?:sha256:)?[0-9a-f]{40,64}$", name):
                loose.append(f"{artifact.path}: {name}")
    if loose:
        return absent(f"not pinned: {loose[0]}" + (f" and {len(loose) - 1} more" if len(loose) > 1 else ""))
    if not evidence.report.artifacts:
        return absent("nothing was delivered")
    return shown("every base image, image of others and action is pinned by digest or commit")


def _objective(evidence: Evidence, match: re.Match[str]) -> Shown:
    monitoring = evidence.report.blueprint.monitoring if evidence.report.blueprint else None
    slos = [slo for slo in (monitoring.slos if monitoring else ()) if slo.objective == float(match["percent"])]
    rules = evidence.proved(evidence.named(r"rules/"), "alert rules", "promtool")
    return (
        rules if slos else absent(f"no objective of {match['percent']} % is watched", "an objective is measured in production; name it in the task")
    )


def _alerts(evidence: Evidence, _: re.Match[str]) -> Shown:
    monitoring = evidence.report.blueprint.monitoring if evidence.report.blueprint else None
    if monitoring is None or not monitoring.alerts:
        return absent("no alert was made, because nothing that can be measured was found or asked for")
    return evidence.proved(evidence.named(r"rules/"), "alert rules", "promtool")


def _runtime(evidence: Evidence, match: re.Match[str]) -> Shown:
    wanted, version = match["language"].lower().removesuffix(".js"), match["version"]
    builds = evidence.report.blueprint.builds if evidence.report.blueprint else ()
    found = [
        build
        for build in builds
        if build.language in (wanted, {"node": "javascript"}.get(wanted, wanted), {"node": "typescript"}.get(wanted, wanted))
    ]
    good = [build for build in found if build.runtime_version == version or build.runtime_version.startswith(f"{version}.")]
    if found and len(good) == len(found):
        return shown(f"{found[0].name} is built on {wanted} {found[0].runtime_version}")
    return absent(f"no image is built on {wanted} {version}", "set runtime in opsmith.yaml")


def _backing(evidence: Evidence, match: re.Match[str]) -> Shown:
    name = match[0].lower().replace("postgresql", "postgres").replace("mongodb", "mongo")
    found = [
        item for item in (evidence.report.blueprint.backings if evidence.report.blueprint else ()) if name in item.kind.replace("mongodb", "mongo")
    ]
    return shown(f"{found[0].name} runs from {found[0].image.partition('@')[0]}") if found else absent(f"no component was found to use {match[0]}")


def _tool(evidence: Evidence, match: re.Match[str]) -> Shown:
    tool = (match["tool"] or match["other"]).lower().replace("kubescore", "kube-score")
    proofs = [proof for proof in evidence.report.proofs if proof.tool == tool]
    if not proofs:
        return Shown(state="unchecked", told=f"{tool} was not asked", mitigation=f"run {tool} in the pipeline")
    return evidence.proved(evidence.files(lambda artifact: any(artifact.path in proof.paths for proof in proofs)), "a file", tool)


def _valid(evidence: Evidence, _: re.Match[str]) -> Shown:
    unknown = [proof for proof in evidence.report.proofs if proof.outcome == "could_not_check"]
    if unknown:
        getting = f"get {unknown[0].tool} ({unknown[0].how_to_get}) and run again" if unknown[0].how_to_get else "opsmith tools, then run again"
        return Shown(state="unchecked", told=f"could not check with {view.listed(dict.fromkeys(item.tool for item in unknown))}", mitigation=getting)
    return evidence.proved(evidence.report.artifacts, "a delivered file")


_PIPELINE: Judge = _target("a pipeline", *view.PIPELINES)
_WORKLOADS = ("Deployment", "StatefulSet", "CronJob", "Job")
_OTHERS = (
    r"(?:helm(?: charts?)?|terraform|ansible|grafana(?: dashboards?)?|gitlab ci|jenkins(?:file)?|argo ?cd|velero|vault|istio|cloudformation|pulumi)"
)
_SECRETS = r"(?:secrets?|credentials?|tokens?|passwords?|sensitive data|api keys?)"

CLAIMS: tuple[tuple[re.Pattern[str], Judge], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), judge)
    for pattern, judge in (
        (rf"\b(?:no|without)(?: hard-?coded| plain-?text)? {_SECRETS}(?:(?:,| or| and|, or) {_SECRETS})*(?: (?:are |is )?(?:committed|delivered|hard-?coded|stored))?(?: in(?:to)? (?:the |any )?(?:output|repository|repo|code|git|files?|images?|manifests?))?", _no_secrets),
        (rf"\b(?:no|without) (?P<unwanted>{_OTHERS})\b", _without),
        (r"\bmulti-?stage(?: docker)?(?: ?builds?| dockerfiles?)?", _multi_stage),
        (r"\b(?:build ?kit )?(?:layer |build )?cach(?:e|es|ing)(?: mounts?)?\b", _in_dockerfile("a cache mount", r"--mount=type=cache")),
        (r"\b(?:docker |container )?images? (?:is |are )?(?:builds?|built)(?: successfully)?|\bbuilds? successfully|\bdocker build (?:works|succeeds)", _claimed("the image builds", "the image builds")),
        (r"\b(?:starts?|comes? up|runs?)(?: locally| successfully)? (?:with|using|by|under) docker[- ]compose(?: up)?|\bstarts? and answers\b|\bdocker[- ]compose up (?:works|succeeds|starts?)", _claimed("starts and answers", "it starts and answers")),
        (r"\b(?:docker[- ])?compose(?:\.ya?ml)?(?: file| stack| setup)?\b", _files("a compose file", r"(^|/)(?:docker-)?compose\.ya?ml$", "docker-compose", "check-jsonschema")),
        (r"(?<![\w.])(?P<file>(?:[\w.-]+/)*[\w.-]+\.(?:ya?ml|md|sh|json|toml|tf))\b", _named_file),
        (r"\.dockerignore", _there(".dockerignore", r"(^|/)\.dockerignore$")),
        (r"\.env\.example(?: file)?(?: (?:documents|lists|covers|holds|names|with) (?:all |every )?(?:the )?(?:required |environment )?(?:configuration|variables?|settings))?", _env_example),
        (r"\b(?:runs?|running)? ?(?:as )?(?:an? )?non-?root(?: users?)?|\bunprivileged(?: user)?|\b(?:not|never) (?:run |runs )?as root", _non_root),
        (r"\b(?:readiness|liveness|startup)(?:(?:,| and|, and) (?:readiness|liveness|startup))* probes?", _deployment_probes),
        (r"\bhealth ?-?checks?\b|\bprobes?\b|\bhealth (?:endpoint|path|route)s?\b", _probed),
        (r"(?P<least>at least |minimum of |min\.? )?(?P<count>\d{1,3}|one|two|three|four|five) replicas?", _replicas),
        (r"\bports? (?P<port>\d{2,5})\b", _port),
        (r"\b(?:cpu|memory|resource)(?:(?:,| and|, and|/) ?(?:cpu|memory))* (?:requests?|limits?)(?:(?: and|/| or) (?:requests?|limits?))?", _resources),
        (r"\bdefault[- ]deny(?: (?:network ?)?polic(?:y|ies))?", _default_deny),
        (r"\b(?:default[- ]deny )?network ?polic(?:y|ies)", _kind("NetworkPolicy")),
        (r"\bpod ?disruption ?budgets?|\bPDBs?\b", _kind("PodDisruptionBudget")),
        (r"\bhorizontal ?pod ?autoscal(?:er|ing)s?|\bHPAs?\b|\bauto-?scal(?:ing|ers?)", _kind("HorizontalPodAutoscaler")),
        (r"\bread-?only (?:root )?file ?systems?", _holds("a read-only root file system", r"readOnlyRootFilesystem: true", "Deployment")),
        (r"\bpersistent (?:volumes?|storage)", _holds("a volume claim", r"volumeClaimTemplates:|PersistentVolumeClaim", "StatefulSet", "PersistentVolumeClaim")),
        (r"\bstateful ?sets?", _kind("StatefulSet")),
        (r"\bingress(?:es)?\b", _kind("Ingress")),
        (r"\bservice ?accounts?\b", _kind("ServiceAccount")),
        (r"\bnamespaces?\b", _kind("Namespace")),
        (r"\b(?:zero[- ]downtime|without downtime|rolling)(?: updates?| deployments?| releases?| rollouts?)?", _holds("a rolling update without gap", r"maxUnavailable: 0", "Deployment")),
        (r"\bmigrations?(?: jobs?)?\b", _migration),
        (r"\b(?:passes|pass|validated (?:by|with)|accepted by|clean (?:in|by)|checked (?:by|with)) (?P<tool>hadolint|actionlint|kube-?score|gitleaks|trivy|checkov|promtool|shellcheck|yamllint|zizmor|kubeconform)\b|\b(?P<other>hadolint|actionlint|kube-?score|gitleaks|trivy|checkov|promtool|shellcheck|yamllint|zizmor|kubeconform) (?:passes|clean|finds nothing)", _tool),
        (r"\b(?:kustomize|kustomization)(?: (?:base|build|renders))?", _files("a kustomization", r"kustomization\.yaml$", "kubectl", "kustomize")),
        (r"\bdeploys?(?: automatically)? to (?P<env>staging|production|dev)\b", _deploys),
        (r"\b(?:runs?|executes?) (?:the )?(?:unit )?tests?(?: suite)?\b|\btests? (?:are )?(?:run|executed)\b|\btest (?:stage|job|step)\b", _stage("test")),
        (r"\b(?:runs?|executes?) (?:the )?lint(?:er|ers|ing)?\b|\blint(?:ing)?(?: stage| job| step)?\b", _stage("lint")),
        (r"\b(?:pushes|publishes) (?:the )?(?:container |docker )?images?\b", _stage("push")),
        (r"\b(?:builds) (?:the )?(?:container |docker )?images?\b", _stage("build")),
        (r"\b(?:github actions?|ci/cd|ci|cicd)(?: (?:pipelines?|workflows?))?\b|\bpipelines?\b|\bworkflows?\b", _PIPELINE),
        (r"\bdependabot\b|\bdependency updates?\b", _there("dependabot.yml", r"dependabot\.yml$")),
        (r"\b(?:images?|actions?|base images?|versions?)? ?(?:(?:is|are) )?pinned(?: (?:by|to)(?: an?)?(?: (?:digests?|sha|commits?|full commit sha))+)?", _pinned),
        (r"\balert(?:ing)?(?: rules?)? tests?\b|\btests? (?:of|for) (?:the )?alert(?:ing)?(?: rules?)?|\b(?:tested )alert(?:ing)?(?: rules?)?", _files("tests of the rules", r"tests/.*\.test\.ya?ml$", "promtool")),
        (r"\b(?:prometheus )?alert(?:ing)?(?: rules?)?s?\b", _alerts),
        (r"(?P<percent>\d{2}(?:\.\d+)?) ?%(?: (?:availability|uptime|slos?|objective))", _objective),
        (r"\bprometheus(?: (?:rules|configuration|config|monitoring|metrics))?\b|\bmonitoring\b|\bmetrics\b", _target("monitoring", "prometheus")),
        (r"\brunbooks?\b", _runbooks),
        (r"\b(?:infrastructure |deployment )?(?:documentation|docs)\b|\bREADME\b", _there("documentation", r"\.md$")),
        (r"\b(?P<language>python|node(?:\.js)?|go|java|ruby|php) (?P<version>\d[\d.]*\d|\d)\b", _runtime),
        (r"\b(?:postgres(?:ql)?|mysql|mariadb|redis|mongo(?:db)?|rabbitmq|kafka|memcached|elasticsearch)\b", _backing),
        (r"(?<![\w./])(?P<path>/[\w./-]*)", _path),
        (r"\bkubernetes(?: (?:manifests?|deployments?|objects?|resources?))?\b|\bk8s(?: manifests?)?\b|\bmanifests?\b", _kind(*_WORKLOADS, "Service", "NetworkPolicy")),
        (r"\bdeployments?\b", _kind("Deployment")),
        (r"\bdockerfiles?\b|\bcontaineri[sz](?:e|ed|es)\b|\bdocker(?: images?)?\b", _dockerfile),
        (r"\b(?:passes|pass(?:ing)?) validation\b|\bvalidated\b|\bno (?:lint(?:er)? )?(?:errors|warnings|issues)\b", _valid),
        (rf"\b(?P<wanted>{_OTHERS})\b", _other_target),
    )
)  # fmt: skip
