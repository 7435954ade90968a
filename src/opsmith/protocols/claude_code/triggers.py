"""Whether a prompt, or a use of a tool, is a DevOps worker's business: the trigger words, input signals and exclusions of the five agents.

Most prompts are decided by these words alone, in a moment. Where they leave it open, the task is read as `opsmith interpret` reads it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # every import of a hook is waited for by a person
    from collections.abc import Callable

    from opsmith.model.intent import HandOver, Intent

    Interpret = Callable[[str], Intent]

LONGEST = 4_000
"""So much of a prompt is interpreted: what a task is about stands at its beginning, and the hook has to be quick."""
MAX_WORDS = 5

_SURE = re.compile(
    r"ci/cd|\bcicd\b|\bdeploy(?:s|ed|ing|ment|ments|able)?\b|\binfrastructure\b|\bdocker(?:file|ize|ise|ized|ised|izing|ising)?s?\b"
    r"|\bdocker[- ]compose\b|\bkubernetes\b|\bk8s\b|\bkubectl\b|\bhelm\b|\bterraform\b|\bcloudformation\b|\bpulumi\b|\bansible\b"
    r"|\bcontaineri[sz]\w*\b|\bgithub actions\b|\bgitlab[- ]ci\b|\bjenkins(?:file)?\b|\bcircleci\b|\bazure pipelines\b|\bargo ?cd\b"
    r"|\bgitops\b|\bprometheus\b|\bgrafana\b|\balertmanager\b|\bauto-?scal\w*\b|\brollback\b"
    r"|\b(?:build|release|deployment) pipelines?\b",
    re.IGNORECASE,
)
"""Words that hardly mean anything else."""
_OPEN = re.compile(
    r"\bpipelines?\b|\baws\b|\bazure\b|\bgcp\b|\bcloud\b|\bcontainers?\b|\bmonitoring\b|\balert(?:s|ing)?\b|\bscal(?:e|ing|ability)\b"
    r"|\bcluster\w*\b|\boutages?\b|\bincidents?\b|\bcanary\b|\bblue[- ]green\b|\bslos?\b|\bbackups?\b"
    r"|\bprod(?:uction|uktion|ucci[oó]n)?\b|\bstaging\b|\bsecrets?\b|\bcosts?\b|\broll(?:s|ed|ing)? ?(?:out|back)\b|\brevert\b"
    r"|\bpromote\b|zur[uü]ck|\bpods?\b|\bhpa\b|\bingress\b|\begress\b|\bnamespaces?\b|\bmanife?sts?\b|\boom\w*\b|\blogs\b|\btraces?\b"
    r"|\btracing\b|\bopentelemetry\b|\bjaeger\b|\bloki\b|\belk\b|\bdatadog\b|\bnew relic\b|\bcloudwatch\b|\bfalco\b|\bkyverno\b"
    r"|\bvault\b|\bflux\b|\bflagger\b|\blinkerd\b|\bistio\b|\bservice mesh\b|\bvelero\b|\bpacker\b|\bserverless\b|\blambdas?\b|\bcdk\b"
    r"|\be[ck][s2]2?\b|\b[ag]ks\b|\bdisaster\b|\bdesastres?\b|\brto\b|\brpo\b|\bfail(?:s|ed)? ?over\b|\b(?:5\d\d|99[.,]\d+ ?%)"
    r"|\b(?:up|down)time\b|\breplicas?\b|\bdespl\w+\b|\binfrastru[kc]t\w+\b",
    re.IGNORECASE,
)
"""Trigger words, and names of tools, that mean other things as well: a data pipeline, a container in a page."""
_EXCLUDED = re.compile(
    r"\bvercel\b|\b(?:security|code) review\b|\bsecurity assessment\b|\bpen(?:etration)?[- ]?test\w*\b"
    r"|\breview the (?:code|security)\b|\b(?:write|update|improve) (?:the |our |some )?(?:docs|documentation|readme|tutorial|guide)\b"
    r"|\bschema\b|\bdata model\b|\b(?:front[- ]?end|css|react|vue|angular|svelte|button|page|layout|component|form|dialog|screen)\b"
    r"|\bapi design\b|\bdesign (?:the |an |our )?api\b"
    r"|\b(?:blog|post|article|endpoint|function|class|method|refactor\w*|unit tests?)\b"
    r"|\b(?:bug|typo|feature|explain|what is|what are|what does|difference between)\b",
    re.IGNORECASE,
)
"""Application code, interfaces, schemas, reviews of code, and documents are somebody else's."""

_FILE = re.compile(
    r"(?:^|/)(?:Dockerfile[\w.-]*|[\w.-]+\.dockerfile|Containerfile|\.dockerignore|(?:docker-)?compose[\w.-]*\.ya?ml|\.gitlab-ci\.yml|Jenkinsfile[\w.-]*"
    r"|azure-pipelines[\w.-]*\.yml|Chart\.yaml|kustomization\.ya?ml|(?:prometheus|alertmanager)[\w.-]*\.ya?ml|[\w.-]+\.tf|[\w.-]+\.tfvars)$"
    r"|(?:^|/)\.github/workflows/[^/]+\.ya?ml$|(?:^|/)\.circleci/[^/]+\.ya?ml$|(?:^|/)(?:k8s|kubernetes|manifests|charts|helm|argocd)/.*\.ya?ml$"
)
_MANIFEST = re.compile(r"(?m)^apiVersion: *\S+$")
_COMMAND = re.compile(
    r"\b(?:kubectl\s+(?:-\S+\s+\S+\s+)*(?:apply|create|delete|patch|replace|rollout|scale)|helm\s+(?:install|upgrade|rollback|uninstall)"
    r"|terraform\s+(?:apply|destroy)|pulumi\s+(?:up|destroy)|cdk\s+deploy|ansible-playbook|argocd\s+app\s+sync|docker\s+(?:push|stack\s+deploy))\b"
)


class Ours(NamedTuple):
    """`words` are what it was told by; `handed` are the parts that the words give to other agents."""

    words: tuple[str, ...]
    handed: tuple[HandOver, ...] = ()


def of_prompt(prompt: str, interpret: Interpret) -> Ours | None:
    """None where the prompt is nobody's of ours. `interpret` is only asked where the words leave it open."""
    sure, unsure = _found(_SURE, prompt), _found(_OPEN, prompt)
    if not sure and not unsure:
        return None
    if (sure or len(unsure) > 1) and not _EXCLUDED.search(prompt):
        return Ours(words=(*sure, *unsure)[:MAX_WORDS])
    intent = interpret(prompt[:LONGEST])
    return None if intent.kind == "none" else Ours(words=(*sure, *unsure)[:MAX_WORDS], handed=intent.out_of_scope)


def _found(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0].lower() for match in pattern.finditer(text)))[:MAX_WORDS]


def of_file(path: str, text: str) -> bool:
    """Whether the file at `path`, that `text` is to be written into, is one of deployment."""
    return _FILE.search(path) is not None or (path.endswith((".yaml", ".yml")) and _MANIFEST.search(text) is not None)


def of_command(command: str) -> str | None:
    """The part of a shell command that changes what runs somewhere."""
    match = _COMMAND.search(command)
    return " ".join(match[0].split()) if match else None
