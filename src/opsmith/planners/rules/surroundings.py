"""What the repository adds to a reading: the names of what runs in it, and the files that the words name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from opsmith.model.survey import Survey
from opsmith.planners.rules.figures import Setting
from opsmith.planners.rules.phrases import Match
from opsmith.planners.rules.scope import CONTEXT_SECTION, NOT_SECTION
from opsmith.planners.rules.spelling import common
from opsmith.planners.rules.text import Sentence, Token

FILES = (
    ("docker", re.compile(r"(?:^|/)(?:dockerfile(?:\.[\w.-]+)?|[\w.-]+\.dockerfile|\.dockerignore)$")),
    ("compose", re.compile(r"(?:^|/)(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml$")),
    ("kustomize", re.compile(r"(?:^|/)kustomization\.ya?ml$")),
    ("helm", re.compile(r"(?:^|/)(?:chart|values(?:[.-][\w-]+)?)\.ya?ml$")),
    ("terraform", re.compile(r"\.(?:tf|tfvars|hcl)$")),
    ("github_actions", re.compile(r"(?:^|/)\.github/workflows(?:/|$)")),
    ("gitlab_ci", re.compile(r"(?:^|/)\.gitlab-ci\.ya?ml$")),
    ("jenkins", re.compile(r"(?:^|/)jenkinsfile(?:[.\w-]*)$")),
    ("circleci", re.compile(r"(?:^|/)\.circleci/config\.ya?ml$")),
    ("azure_pipelines", re.compile(r"(?:^|/)azure-pipelines(?:[.\w-]*)\.ya?ml$")),
    ("bicep", re.compile(r"\.bicep$")),
    ("prometheus", re.compile(r"(?:^|/)prometheus\.ya?ml$")),
    ("alertmanager", re.compile(r"(?:^|/)alertmanager\.ya?ml$")),
    ("ansible", re.compile(r"(?:^|/)playbooks?(?:/[\w.-]+)?\.ya?ml$")),
    ("packer", re.compile(r"\.pkr\.hcl$")),
    ("serverless", re.compile(r"(?:^|/)serverless\.ya?ml$")),
    ("pulumi", re.compile(r"(?:^|/)pulumi(?:\.[\w-]+)?\.ya?ml$")),
)
"""The input signals of the trade, by the paths that their tools prescribe or their users keep to."""
KINDS = {"dockerfile": "docker", "compose": "compose", "kubernetes": "kubernetes", "helm": "helm", "kustomize": "kustomize", "terraform": "terraform"}
"""What the survey calls a file that no name gives away (a manifest is any YAML file)."""
ROLE = r"(?:service|svc|app|application|api|worker|component|deployment|pods?|container|image|job|dienst|servicio)"
DETERMINED = r"(?:the|our|of|for|der|die|das|den|vom|unser\w*|el|la|nuestr\w+|le|notre|o|nosso|il) "


ENDS_NAME = re.compile(
    r"$| ?[,.;:!?)]| (?:and|or|in|on|to|onto|into|with|from|for|is|are|has|must|should|needs?|und|oder|auf|in|mit|nach|y|en|con|et|sur|e|em)\b"
)
ROW = r" ?(?:,|and|or|&|/|\+|und|oder|y|o|et|e) ?(?:and |und |y )?(?:the |our |die |den |das |el |la )?"
SPARED = re.compile(
    r"\b(?:not|except|without|but|leave|ignore|skip|nicht|ausser|ohne|excepto|sin|menos|sauf|exceto)(?: (?:for|the|our|den|die|das|el|la|le))* $"
)


def files(sentence: Sentence, survey: Survey | None) -> Iterator[Match]:
    """Paths in a sentence that only work like ours has, each as the tool whose file it is."""
    there = {item.path.lower(): KINDS[item.kind] for item in survey.existing if item.kind in KINDS} if survey else {}
    for first, after in _runs(sentence.tokens):
        path = "".join(token.key for token in sentence.tokens[first:after]).rstrip(".,;:/")
        name = next((tool for tool, pattern in reversed(FILES) if pattern.search(path)), there.get(path))
        if name and (len(path) > len(name) or "." in path):
            yield Match((f"tool:{name}",), first, after)


def _runs(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Tokens without a space between them, each run from its first to behind its last."""
    start = 0
    for number in range(1, len(tokens) + 1):
        if number == len(tokens) or not tokens[number].glued:
            yield start, number
            start = number


def with_files(found: list[Match], named: list[Match]) -> list[Match]:
    """The matches in their order, a path in place of the words inside it."""
    kept = [match for match in found if not any(one.first <= match.first < one.after for one in named)]
    return sorted([*kept, *named], key=lambda match: match.first)


def components(sentences: Sequence[Sentence], guessed: Sequence[Setting], survey: Survey) -> list[Setting]:
    """The names that the words act upon, as the survey has them; a guess that fits none of them stays as it was said."""
    names = [item.name for item in survey.components]
    found = [
        one
        for sentence in sentences
        if not CONTEXT_SECTION.match(sentence.section) and not NOT_SECTION.match(sentence.section)
        for one in _named(sentence, names)
    ]
    return [*found, *(replaced for one in guessed if (replaced := _as_surveyed(one, names)) not in found)]


def _named(sentence: Sentence, names: Sequence[str]) -> Iterator[Setting]:
    """Names in this sentence. An everyday word counts only where it must be a name: before its role, behind `the`, in a row with another name."""
    words = {name: r"[ _-]{1,3}".join(re.escape(part) for part in re.split(r"[\s_-]+", name.lower()) if part) for name in names}
    any_name = "|".join(words.values())
    for name, written in words.items():
        for found in re.finditer(rf"(?<![\w/.@-]){written}(?![\w@]|[-/.]\w)", sentence.canon):
            everyday = written.isalpha() and written in common()
            if not SPARED.search(sentence.canon[: found.start()]) and (
                not everyday or _is_set_apart(sentence, found) or _is_in_a_row(sentence.canon, found, any_name)
            ):
                yield Setting("components", name, *sentence.span(found.start(), found.end()))
                break


def _is_in_a_row(canon: str, found: re.Match[str], any_name: str) -> bool:
    after = re.match(rf"{ROW}(?:{any_name})(?![\w-])", canon[found.end() :])
    before = re.search(rf"(?<![\w-])(?:{any_name}){ROW}$", canon[: found.start()])
    return bool(after or before)


def _is_set_apart(sentence: Sentence, found: re.Match[str]) -> bool:
    before, after = sentence.canon[: found.start()], sentence.canon[found.end() :]
    return (
        sentence.tokens[sentence.index(found.start())].kind == "code"
        or bool(re.match(rf" {ROLE}\b", after))
        or bool(re.search(rf"(?:^|\b){DETERMINED}$", before) and ENDS_NAME.match(after))
        or sentence.canon.strip() == found[0]
    )


def _as_surveyed(one: Setting, names: Sequence[str]) -> Setting:
    name = next((name for name in names if _bare(name) == _bare(str(one.value))), one.value)
    return Setting(one.sets, name, one.start, one.end)


def _bare(name: str) -> str:
    return re.sub(r"[-_ ](?:service|svc|app)$", "", name.lower()).replace("_", "-")
