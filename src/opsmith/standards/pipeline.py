"""What happens to a change on its way, and what the pipeline itself may do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Estate, Job, Pipeline, Step
from opsmith.standard import TEAM, Standard
from opsmith.standards.tools import asked
from opsmith.standards.verdicts import could_not_check, does_not_apply, each, met, not_met

NAME = "pipeline"
TITLE = "Pipeline"
NONE = "there is no pipeline, which is told by pipeline/present"
NO_GITHUB = "there is no GitHub workflow"
_FOREIGN = ("travis", "cloud_build", "codebuild", "bitbucket_pipelines", "drone", "appveyor", "woodpecker", "buildkite")

_TESTS = re.compile(
    r"\b(?:pytest|tox|nox|unittest|go test|cargo (?:test|nextest)|(?:npm|pnpm|yarn|bun)(?: run| -r| -w \S+| --\S+)* (?:test|t\b|e2e)|\bt(?:est)?:\w+|jest|vitest|mocha|ava|karma|"
    r"rspec|rails test|rake(?: test| spec)?|phpunit|pest|artisan test|mix test|dotnet test|ctest|mvnw?[^\n]{0,300}\b(?:test|verify|package|install)\b|"
    r"gradlew?[^\n]{0,300}\b(?:test|check|build)\b|sbt[^\n]{0,300}\btest|make[^\n]{0,300}\b(?:test|check|e2e)|manage\.py test|playwright test|cypress|nx[^\n]{0,300}\btest|turbo[^\n]{0,300}\btest|"
    r"helm test|deno test|lein test|bats|ginkgo|testacular|behave|robot|kuttl|flutter test|just test|task test|earthly[^\n]{0,300}test|setup\.py test|"
    r"smoke[-_]?tests?|integration[-_]?tests?|unit[-_]?tests?|e2e[-_]?tests?|codecov)\b", re.IGNORECASE,
)  # fmt: skip
_LINTS = re.compile(
    r"\b(?:lint\w*|eslint|ruff|flake8|pylint|black|mypy|pyright|prettier|biome|rubocop|standardrb|golangci|gofmt|go vet|staticcheck|clippy|cargo fmt|rustfmt|"
    r"phpstan|psalm|php-cs-fixer|pint\b|phpcs|credo|mix format|checkstyle|spotless|spotbugs|ktlint|detekt|scalafmt|dotnet format|pre-commit|hadolint|"
    r"actionlint|shellcheck|yamllint|tsc\b|type-?check|format:check|check:format|style|superlinter|super-linter|megalinter|sonar\w*|code quality|lefthook)", re.IGNORECASE,
)  # fmt: skip
_CODE_SCANS = re.compile(
    r"\b(?:codeql|semgrep|snyk|bandit|gosec|govulncheck|brakeman|bundler-audit|bundle[- ]audit|npm audit|yarn (?:npm )?audit|pnpm audit|pip-audit|safety check|cargo audit|"
    r"cargo deny|osv-scanner|dependency-review|dependency-check|sonar\w*|checkmarx|fortify|veracode|trufflehog|gitleaks|trivy|grype|sast|dependency.scanning|"
    r"fossa|whitesource|mend|sobelow|mix_audit|composer audit|scorecard|zizmor|clair|anchore|docker scout|checkov|tfsec|kics|horusec|cloc-?sec|dotnet list package --vulnerable)",
    re.IGNORECASE,
)  # fmt: skip
_IMAGE_SCANS = re.compile(
    r"\b(?:trivy|grype|snyk container|snyk/actions/docker|docker[- ]scout|clair|anchore|container[-_. ]scanning|prisma|aqua|sysdig|neuvector|ecr describe-image-scan)",
    re.IGNORECASE,
)
_BUILDS_IMAGE = re.compile(
    r"docker/build-push-action|docker/bake-action|\bdocker (?:buildx )?(?:build|bake)\b|\bdocker[- ]compose[^\n]{0,300}\bbuild\b|\bpodman build|buildah|kaniko|\bDocker@\d|skaffold (?:build|run)|"
    r"\bko (?:build|publish|apply)|jib:|\bpack build|docker/publish|circleci/docker|aws-ecr/build|docker\.build\(|earthly|nix build[^\n]{0,300}(?:docker|image)|sbt docker|build-image|bootBuildImage",
    re.IGNORECASE,
)  # fmt: skip
_PUBLISHES = re.compile(
    r"push[=:]\s*(?!false)\S+|\bdocker (?:buildx )?push\b|--push\b|docker-compose[^\n]{0,300} push|\bskopeo copy|\bcrane (?:push|copy)|kaniko|goreleaser|semantic-release|"
    r"gh-action-pypi-publish|twine upload|npm publish|cargo publish|helm push|chart-releaser|softprops/action-gh-release|gh release|ncipollo/release|release-please|changesets/action|"
    r"docker\.withRegistry|dotnet nuget push|mix hex\.publish|action-automatic-releases|command: buildAndPush|buildAndPush|tagpr|flux push|ko (?:build|publish)|ghcr\.io[^\n]{0,300}push", re.IGNORECASE,
)  # fmt: skip
_DEPLOYS = re.compile(
    r"\bkubectl (?:apply|set image|rollout|patch|create|replace|-n \S+ (?:apply|set|rollout))|\bhelm (?:upgrade|install)|helmfile (?:apply|sync)|argocd app|kustomize[^\n]{0,300}\| *kubectl|"
    r"skaffold (?:run|deploy)|terraform apply|tofu apply|terragrunt (?:run-all )?apply|pulumi up|cdk deploy|sam deploy|serverless deploy|sls deploy|cloudformation deploy|aws-cloudformation|"
    r"ecs (?:update-service|deploy)|amazon-ecs-deploy|eb deploy|beanstalk|gcloud (?:run|app|functions|deploy|builds)[^\n]{0,300}\b(?:deploy|submit|create|releases)|deploy-cloudrun|az (?:webapp|containerapp|aks|functionapp)|"
    r"azure/webapps-deploy|azure/k8s-deploy|Azure(?:WebApp|RmWebAppDeployment|FunctionApp)|KubernetesManifest@|HelmDeploy@|flyctl|fly deploy|superfly/|heroku|railway|vercel|netlify|"
    r"wrangler|pages-action|peaceiris/actions-gh-pages|actions/deploy-pages|kamal deploy|ansible-playbook|cap \w+ deploy|docker stack deploy|ssh-action|ssh [^\n]{0,300}docker|aws s3 sync|"
    r"appleboy/|render\.com/deploy|doctl|rsync|dokku|caprover|nomad job run|kube(?:rnetes)?[-_]deploy|deploy-to-\w+", re.IGNORECASE,
)  # fmt: skip
_ROLLS_BACK = re.compile(
    r"rollout undo|helm rollback|--atomic|--rollback-on-failure|rollback|argo rollouts|kubectl argo|flagger|canary|blue[-_ ]?green|wait-for-service-stability|kamal rollback|"
    r"revert|circuit.?breaker|CodeDeploy", re.IGNORECASE,
)  # fmt: skip
_SIGNS = re.compile(
    r"cosign|sigstore|attest-build-provenance|attest-sbom|actions/attest|provenance[=:]\s*(?:true|mode=max)|sbom[=:]\s*true|slsa-framework|syft|cyclonedx|notation sign|sbom-action|--provenance|"
    r"--sbom|bom-tool|sbom", re.IGNORECASE,
)  # fmt: skip
_KEYS = re.compile(
    r"aws-secret-access-key=|AWS_SECRET_ACCESS_KEY|credentials_json=|GCP_SA_KEY|GOOGLE_CREDENTIALS|service_account_key=|AZURE_CREDENTIALS|azure_credentials|creds=\s*\$\{\{\s*secrets",
    re.IGNORECASE,
)
_CLOUD_LOGIN = re.compile(
    r"aws-actions/configure-aws-credentials|google-github-actions/auth|azure/login|AWS_SECRET_ACCESS_KEY|GCP_SA_KEY|GOOGLE_CREDENTIALS", re.IGNORECASE
)
_IDENTITY = re.compile(r"workload_identity_provider=|role-to-assume=|client-id=|federated", re.IGNORECASE)
_SHA = re.compile(r"@[0-9a-f]{40}$|@sha256:[0-9a-f]{64}$")


def _steps(pipelines: Iterable[Pipeline]) -> list[Step]:
    return [step for item in pipelines for step in item.steps]


def _elsewhere(estate: Estate) -> list[Spot]:
    """Jobs that another repository describes: what they do is not told here."""
    return [step.spot for step in _steps(estate.pipelines) if _FOREIGN_JOB.search(step.uses) and not step.uses.startswith(("./", "local "))]


_FOREIGN_JOB = re.compile(r"\.github/workflows/|^(?:project|remote|component) | (?:project|remote|component) ")


def _matching(estate: Estate, pattern: re.Pattern[str], *, changes: bool = True) -> list[Spot]:
    """Steps of the pipelines that run on changes (of all, where told so) that say this."""
    return [step.spot for step in _steps(item for item in estate.pipelines if item.on_change or not changes) if pattern.search(step.words[:50_000])]


def _present(estate: Estate) -> Judgement:
    if not estate.shipped and not estate.dockerfiles and not estate.existing:
        return does_not_apply("nothing that runs was recognised")
    if estate.pipelines:
        return met("changes go through a pipeline", [Spot(file=item.path) for item in estate.pipelines])
    if found := estate.kinds(*_FOREIGN):
        return could_not_check("there is a pipeline of a system that is not read here", found, task="Write a GitHub Actions pipeline")
    return not_met(
        "there is no pipeline: nothing tests, scans or ships a change by itself", task="Write a GitHub Actions pipeline with tests and scans"
    )


def _step(pattern: re.Pattern[str], *, lacks: str, right: str, task: str, changes: bool = True) -> Callable[[Estate], Judgement]:
    def judge(estate: Estate) -> Judgement:
        if not estate.pipelines:
            return does_not_apply(NONE)
        found = _matching(estate, pattern, changes=changes)
        if not found and (hidden := _elsewhere(estate)):
            return could_not_check("the jobs are described in another repository", hidden, task=task)
        return met(right, found) if found else not_met(lacks, [Spot(file=item.path) for item in estate.pipelines if item.on_change], task=task)

    return judge


def _image_scan(estate: Estate) -> Judgement:
    if not estate.pipelines:
        return does_not_apply(NONE)
    built = _matching(estate, _BUILDS_IMAGE, changes=False)
    if not built:
        return does_not_apply("the pipeline builds no image")
    found = _matching(estate, _IMAGE_SCANS, changes=False)
    if found:
        return met("images are scanned", found)
    return not_met("images are built and never scanned", built, task="Write a GitHub Actions pipeline that scans images")


def _delivery(estate: Estate) -> Judgement:
    if not estate.pipelines:
        return does_not_apply(NONE)
    found = [*_matching(estate, _DEPLOYS, changes=False), *_matching(estate, _PUBLISHES, changes=False)]
    found += [
        item.spot()
        for item in estate.objects
        if item.group in ("argoproj.io", "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io") and _is_gitops(item.kind)
    ]
    if found:
        return met("what passes is published or deployed by the pipeline", found)
    if hidden := _elsewhere(estate):
        return could_not_check("the jobs are described in another repository", hidden)
    return not_met("the pipeline ends before anything is published or deployed", [Spot(file=item.path) for item in estate.pipelines],
                   task="Write a GitHub Actions pipeline that deploys to Kubernetes")  # fmt: skip


def _is_gitops(kind: str) -> bool:
    return kind in ("Application", "ApplicationSet", "Kustomization", "HelmRelease")


def _deploying(estate: Estate) -> list[tuple[Pipeline, Job]]:
    return [
        (item, job)
        for item in estate.pipelines
        for job in item.jobs
        if not _TRIAL.search(f"{job.name} {job.environment} {item.path.rpartition('/')[2]}")
        and not any(_TRIAL_CLUSTER.search(step.words[:50_000]) for step in job.steps)
        and any(_DEPLOYS.search(step.words[:50_000]) for step in job.steps)
    ]


_TRIAL = re.compile(r"(?:^|[-_ ./])(?:tests?|e2e|pr|preview|integration|smoke|kind|review)(?:[-_ ./]|$)", re.IGNORECASE)
_TRIAL_CLUSTER = re.compile(r"\bkind-action|\bkind create|\bk3d\b|\bminikube\b|setup-minikube|\bk3s\b|microk8s")
"""A cluster that lives for the run: nobody is served by it."""


def _rollback(estate: Estate) -> Judgement:
    deploying = _deploying(estate)
    if not deploying:
        return does_not_apply("the pipeline deploys nothing" if estate.pipelines else NONE)
    found = _matching(estate, _ROLLS_BACK, changes=False) + [item.spot() for item in estate.of_kind("Rollout", "Canary")]
    found += [
        Spot(file=path)
        for path, text in estate.texts.items()
        if "runbook" in path.lower() and re.search(r"roll(?:ing|s)?[ -]?back|rollout undo", text, re.IGNORECASE)
    ]
    if found:
        return met("a way back is described", found)
    return not_met("nothing rolls a bad deployment back, by itself or by hand", [job.spot for _, job in deploying],
                   task="Write a GitHub Actions pipeline with automatic rollback")  # fmt: skip


def _signed(estate: Estate) -> Judgement:
    if not estate.pipelines:
        return does_not_apply(NONE)
    if not (_matching(estate, _BUILDS_IMAGE, changes=False) and (published := _matching(estate, _PUBLISHES, changes=False))):
        return does_not_apply("the pipeline publishes no image")
    found = _matching(estate, _SIGNS, changes=False)
    if found:
        return met("what is published has a signature, provenance or bill of materials", found)
    return not_met(
        "images are published without signature, provenance or bill of materials",
        published,
        task="Write a GitHub Actions pipeline with SBOM and signing",
    )


# -- what the pipeline may do ------------------------------------------------------------------------------------------------------------


def _github(estate: Estate) -> list[Pipeline]:
    return [item for item in estate.pipelines if item.system == "github_actions"]


def _permissions(estate: Estate) -> Judgement:
    workflows = _github(estate)
    if not workflows:
        return does_not_apply(NO_GITHUB)
    good, bad = list[Spot](), list[Spot]()
    for item in workflows:
        body = item.document.body if item.document else {}
        limited = _is_limited(body.get("permissions", _UNSET)) or all(_is_limited(job.body.get("permissions", _UNSET)) for job in item.jobs)
        (good if limited else bad).append(
            item.document.spot("permissions") if limited and item.document and "permissions" in body else item.jobs[0].spot
        )
    return each(good, bad, what="workflow", fails="leaving the token's permissions at the repository's default", holds="with permissions of its own",
                named=[spot.file.rpartition("/")[2] for spot in bad], task="Write a GitHub Actions pipeline with least permissions")  # fmt: skip


_UNSET = object()


def _is_limited(value: object) -> bool:
    return value is not _UNSET and value != "write-all"


def _pinned(estate: Estate) -> Judgement:
    workflows = _github(estate)
    used = [step for step in _steps(workflows) if step.uses and not step.uses.startswith(("./", "docker://"))]
    if not used:
        return does_not_apply("no workflow uses an action" if workflows else NO_GITHUB)
    bad = [step for step in used if not _SHA.search(step.uses)]
    return each([step.spot for step in used if step not in bad], [step.spot for step in bad], what="action", fails="by a tag that can be moved",
                holds="by commit", task="Write a GitHub Actions pipeline with pinned actions")  # fmt: skip


def _limits(estate: Estate) -> Judgement:
    jobs = [job for item in estate.pipelines if item.system in ("github_actions", "jenkins") for job in item.jobs if "uses" not in job.body]
    if not jobs:
        return does_not_apply("no GitHub workflow or Jenkinsfile, whose jobs could run for hours" if estate.pipelines else NONE)
    bad = [job for job in jobs if job.minutes is None]
    return each([job.spot for job in jobs if job.minutes is not None], [job.spot for job in bad], what="job", fails="without a time limit",
                holds="with a time limit", named=[job.name for job in bad], task="Write a GitHub Actions pipeline with time limits")  # fmt: skip


def _one_at_a_time(estate: Estate) -> Judgement:
    deploying = [(item, job) for item, job in _deploying(estate) if item.system == "github_actions"]
    if not deploying:
        return does_not_apply("no GitHub workflow deploys")
    good, bad = list[Spot](), list[Spot]()
    for item, job in deploying:
        holds = "concurrency" in job.body or (item.document is not None and "concurrency" in item.document.body)
        (good if holds else bad).append(job.spot)
    return each(
        good,
        bad,
        what="deployment",
        fails="that may overtake another one",
        holds="one at a time",
        task="Write a GitHub Actions pipeline with concurrency limits",
    )


def _no_keys(estate: Estate) -> Judgement:
    logins = [step for step in _steps(estate.pipelines) if _CLOUD_LOGIN.search(step.words)]
    if not logins:
        return does_not_apply("the pipeline signs in to no cloud" if estate.pipelines else NONE)
    bad = [step.spot for step in logins if _KEYS.search(step.words) and not _IDENTITY.search(step.words)]
    return each([step.spot for step in logins if step.spot not in bad], bad, what="sign-in", fails="with a key that lasts", holds="by identity",
                task="Write a GitHub Actions pipeline with OIDC")  # fmt: skip


def _lint(estate: Estate) -> Judgement:
    return asked(estate, "actionlint", "workflow", none=NO_GITHUB, task="Fix the GitHub Actions workflows")


def _weakness(estate: Estate) -> Judgement:
    """Pinned actions and permissions are standards of their own."""
    return asked(estate, "zizmor", "workflow", none=NO_GITHUB, task="Harden the GitHub Actions workflows",
                 without=("unpinned-uses", "excessive-permissions", "undocumented-permissions"))  # fmt: skip


STANDARDS = (
    Standard(id="pipeline/present", summary="all changes go through a pipeline", source=f"{TEAM}: pipeline", weight=3, judge=_present),
    Standard(id="pipeline/tests", summary="changes are tested", source=f"{TEAM}: testing stages", weight=3,
             judge=_step(_TESTS, lacks="no step runs tests", right="changes are tested", task="Write a GitHub Actions pipeline with tests")),
    Standard(id="pipeline/lint", summary="changes are linted", source=f"{TEAM}: code quality gates", weight=1,
             judge=_step(_LINTS, lacks="no step lints, formats or checks types", right="changes are linted", task="Write a GitHub Actions pipeline with linting")),
    Standard(id="pipeline/scan", summary="code or dependencies are scanned", source=f"{TEAM}: security scanning on every build", weight=2,
             judge=_step(_CODE_SCANS, lacks="no step scans code or dependencies", right="code or dependencies are scanned", changes=False,
                         task="Write a GitHub Actions pipeline with security scanning")),
    Standard(id="pipeline/image-scan", summary="images are scanned", source=f"{TEAM}: container scanning; CIS Docker 4.4", weight=2, judge=_image_scan),
    Standard(id="pipeline/delivery", summary="what passes is shipped without hands", source=f"{TEAM}: deployment fully automated", weight=2, judge=_delivery),
    Standard(id="pipeline/rollback", summary="a bad deployment is rolled back", source=f"{TEAM}: rollback within 5 minutes", weight=2, judge=_rollback),
    Standard(id="pipeline/provenance", summary="what is published can be traced", source="SLSA; CIS Software Supply Chain", weight=1, judge=_signed),
    Standard(id="pipeline/permissions", summary="the pipeline's token has least privilege", source="GitHub: secure use; OpenSSF Scorecard: Token-Permissions", weight=2, judge=_permissions),
    Standard(id="pipeline/pinned", summary="actions are pinned by commit", source="GitHub: secure use; OpenSSF Scorecard: Pinned-Dependencies", weight=1, judge=_pinned),
    Standard(id="pipeline/keys", summary="no lasting cloud keys", source="GitHub: OpenID Connect", weight=2, judge=_no_keys),
    Standard(id="pipeline/limits", summary="jobs have a time limit", source="GitHub: timeout-minutes", weight=1, judge=_limits),
    Standard(id="pipeline/order", summary="deployments do not overtake each other", source="GitHub: concurrency", weight=1, judge=_one_at_a_time),
    Standard(id="pipeline/valid", summary="actionlint has no objection", source="actionlint", weight=1, judge=_lint),
    Standard(id="pipeline/weakness", summary="zizmor has no objection", source="zizmor", weight=2, judge=_weakness),
)  # fmt: skip
