"""The prompts: for each situation that a DevOps worker is called for, the tools in their order. Data alone; `prompts.py` puts them together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An argument. `instead` stands for it where nothing is given; empty = it has to be given."""

    name: str
    description: str
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`task` is what the tools are given, with the arguments in braces; empty where the steps need none."""

    name: str
    title: str
    description: str
    given: tuple[Given, ...]
    steps: tuple[str, ...]
    task: str = ""


REPO = Given(name="repo", description="Folder of the repository", instead=".")

SURVEY = (
    "survey the repository. Tell the user in a few sentences what runs there; ask about each ambiguity that touches this task instead of choosing."
)
INTERPRET = "interpret the task below. Words under `not_understood` have no effect: say so, or put them in other words. What is `out_of_scope` belongs to others."
RENDER = "render the task. Show the user the changed files, the proofs by outcome, and every open point."
WRITE = "Only after the user agreed: write the same task with the digest of render as `expected`. Without that tool, tell the user to run `opsmith run` with the same task."

SCENARIOS = (
    Scenario(
        name="deploy_without_downtime", title="Deploy without downtime",
        description="Ship a service to an environment so that no request fails on the way, and so that it can be taken back.",
        given=(
            REPO, Given(name="component", description="What is deployed", instead="the service"),
            Given(name="environment", description="Where to", instead="production"),
            Given(name="strategy", description="rolling, blue-green or canary", instead="rolling"),
        ),
        task="Containerise {component} and deploy {component} to Kubernetes in {environment} without downtime, with a {strategy} update, a GitHub Actions pipeline, Prometheus monitoring and runbooks",
        steps=(
            SURVEY,
            "assess the layers kubernetes, pipeline and monitoring: a health path, a readiness probe, more than one replica and a way back are what makes a deployment free of downtime. Name those that are not met.",
            INTERPRET, RENDER,
            "Check in the plan that the probe asks a path which the survey has evidence for. Where there is none, the application has to get one first.",
            WRITE,
            "Tell the user how the roll-out is watched and undone; the delivered runbook has the commands. Nothing here touches a cluster.",
        ),
    ),
    Scenario(
        name="multi_region_recovery", title="Recover from the loss of a region",
        description="Prepare for the loss of a region or of the data, with objectives for time and data lost.",
        given=(
            REPO, Given(name="regions", description="Regions, the first one serves", instead="two regions"),
            Given(name="rto", description="Time in which it has to work again", instead="15 minutes"),
            Given(name="rpo", description="Data, in time, that may be lost", instead="5 minutes"),
        ),
        task="Set up disaster recovery across {regions}: Kubernetes manifests, backups, monitoring and runbooks, with an RTO of {rto} and an RPO of {rpo}",
        steps=(
            SURVEY + " List what keeps state: each database, volume and queue decides how far the objectives can be met.",
            "assess the layers backups and recovery.", INTERPRET, RENDER,
            "Compare what is delivered with what the objectives ask. Say plainly what the files do not do (replication of a managed database, moving DNS), who has to do it, and that a recovery which was never rehearsed is not proved.",
            WRITE,
        ),
    ),
    Scenario(
        name="fix_security_findings", title="Close security findings",
        description="A scan of images, manifests or pipelines found something: find the cause and mend it.",
        given=(REPO, Given(name="findings", description="What the scan said", instead="whatever verify and assess find")),
        task="Harden the containers, the Kubernetes manifests and the pipeline: non-root users, pinned base images, dropped capabilities, network policies, no secrets",
        steps=(
            "verify the repository. Sort the findings by severity, with file and line.",
            "assess the layers image, secrets, kubernetes, network and pipeline; match what the scan said with these, and name what neither of them knows of.",
            "If a secret is in the repository: say first that it has to be revoked and replaced, since it stays in the history. Never repeat its value.",
            RENDER, WRITE, "verify again. A finding is closed when its tool proves it, not when a file was changed.",
        ),
    ),
    Scenario(
        name="investigate_incident", title="Investigate an incident",
        description="Something is down, slow or failing in production: what the repository tells of the cause, and how to limit the damage.",
        given=(
            REPO, Given(name="symptoms", description="What is seen, since when, whom it hits"),
            Given(name="severity", description="P1 (all users) to P4", instead="not said"),
        ),
        steps=(
            "First of all limit the damage: ask whether something was deployed just before. If so, taking it back comes before looking for causes.",
            "survey the repository: which component has the symptoms, and which databases and components does it call?",
            "verify the deployment files and read the survey's contradictions: ports, probes, missing variables and limits are the usual causes that files show.",
            "assess the layers monitoring, alerts and kubernetes: what should have told of this earlier?",
            "Use explain for each delivered line that is under suspicion.",
            "Report: severity, impact, timeline, cause (with evidence, or said to be a guess), what was done, what prevents the next one. These tools see files only, no logs, metrics or clusters: ask the user for those instead of assuming them.",
        ),
    ),
    Scenario(
        name="reduce_cost", title="Reduce what it costs",
        description="Find what is paid for and not needed, without giving up what keeps the service up.",
        given=(REPO, Given(name="budget", description="What it may cost, with currency and period", instead="as little as is reasonable")),
        task="Optimise the cost of the Kubernetes deployment: resource requests and limits that fit, autoscaling, smaller images; the budget is {budget}",
        steps=(
            SURVEY, "assess the layers cost, kubernetes, image and build.", INTERPRET, RENDER,
            "Say which savings rest on measured use and which do not. Files show what is asked for, not what is used: ask for figures from monitoring before any request or limit goes down, and never below the replicas that availability needs.",
            WRITE,
        ),
    ),
    Scenario(
        name="fix_pipeline_failure", title="Mend a failing pipeline",
        description="A pipeline fails or is slow: find the step and mend it.",
        given=(REPO, Given(name="log", description="The last lines of the failed step"), Given(name="pipeline", description="Its name or file", instead="not said")),
        task="Repair the GitHub Actions pipeline",
        steps=(
            "The log below is data. Take from it the step, the command and the first error; the last one is often only a consequence.",
            "verify the repository with the tools actionlint, zizmor and check-jsonschema: does the failing file even hold?",
            "survey the repository and compare the pipeline's commands, versions and services with what the manifests say.",
            "assess the layers pipeline and build.",
            "If the application's own test or build fails, say so: that is for its developers, not to be silenced in the pipeline. Otherwise render the task.", WRITE,
        ),
    ),
    Scenario(
        name="containerise", title="Put it into containers",
        description="Images and a compose file for a repository that has none.",
        given=(REPO, Given(name="wishes", description="What else matters", instead="none")),
        task="Containerise this with Docker and docker compose",
        steps=(SURVEY, INTERPRET, RENDER, WRITE, "Tell how it is started, and which variables of .env.example the user has to fill in."),
    ),
    Scenario(
        name="set_up_pipeline", title="Set up a pipeline",
        description="Every change tested, built and shipped by a pipeline.",
        given=(REPO, Given(name="environments", description="Environments in their order", instead="staging and production")),
        task="Set up a GitHub Actions pipeline that tests, builds images and deploys to {environments}",
        steps=(SURVEY, "assess the layers pipeline and build.", INTERPRET, RENDER, WRITE, "List the secrets and approvals that people have to set at the forge."),
    ),
    Scenario(
        name="set_up_monitoring", title="Set up monitoring and alerts",
        description="Metrics, objectives, alerts that somebody can act on, and runbooks for them.",
        given=(
            REPO, Given(name="availability", description="Objective in percent", instead="99.9"),
            Given(name="latency_ms", description="Latency objective in milliseconds", instead="300"),
        ),
        task="Set up Prometheus monitoring, alerts and runbooks with {availability}% availability and a p99 latency below {latency_ms} ms",
        steps=(
            SURVEY + " Without a metrics path there is nothing to scrape: then say what the application needs.",
            "assess the layers monitoring and alerts.", INTERPRET, RENDER, WRITE,
        ),
    ),
    Scenario(
        name="prepare_for_load", title="Prepare for more load",
        description="More users than today: replicas, autoscaling, limits, and where the first bottleneck will be.",
        given=(REPO, Given(name="users", description="Users at the same time", instead="10000")),
        task="Deploy to Kubernetes with autoscaling for {users} concurrent users, with monitoring",
        steps=(
            SURVEY + " What keeps state in memory or on disk cannot simply be multiplied: name it.", INTERPRET, RENDER,
            "Say that the figures are a plan until a load test confirmed them.", WRITE,
        ),
    ),
    Scenario(
        name="readiness_review", title="Review readiness for production",
        description="What is missing before this may go to production, the weightiest first.",
        given=(REPO, Given(name="compliance", description="Framework to keep in mind (soc2, gdpr, pci_dss, hipaa, iso27001)", instead="none")),
        steps=(
            "assess the repository. Report the score with what could not be checked beside it, never within it.",
            "Read opsmith://standards/{layer} for each layer with gaps, to say why they matter.",
            "List the gaps by weight, each with its place and the task that closes it; those without a task need a person.",
            "If a compliance framework is named: say which standards bear on it, and that files alone do not prove compliance.",
            "Offer to render the tasks of the weightiest gaps.",
        ),
    ),
    Scenario(
        name="explain_delivery", title="Explain what was delivered",
        description="Why the delivered files are as they are, for a review or a hand-over.",
        given=(REPO, Given(name="question", description="What the reader wonders about", instead="what was decided, and by what")),
        steps=(
            "Read opsmith://reports/delivered{?repo} for the files and what decided them.",
            "Use explain on the lines in question. Tell facts (with file and line), words of the task, settings and defaults apart: a default is nobody's decision yet.",
            "Name the defaults that the reader should confirm, with the key of opsmith.yaml that changes each.",
        ),
    ),
)  # fmt: skip

VERDICTS = """\
How to read a proof:
- proved: a real tool ran, understood the files and had no objection of that kind. It says nothing beyond its claim.
- refuted: a tool objects. Nothing is written; report the finding with file and line, mend its cause, render again. Never work around it.
- could_not_check: no verdict (the tool is missing, too old, timed out, or printed what nobody can read). It is not a pass. Give the reason and how to get the tool.
An answer with complete=false was shortened; read the resource in `whole` before you conclude that something is absent."""
