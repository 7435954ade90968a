"""Which folders hold something that is deployed, and which runtime they are written for."""

from __future__ import annotations

import re

from opsmith.detectors.javascript.facts import join, json_table, table
from opsmith.repo import Repo

NOT_DEPLOYED = frozenset(
    (
        "example", "examples", "doc", "docs", "documentation", "e2e", "test", "tests", "__tests__", "spec", "fixture", "fixtures", "__fixtures__",
        "template", "templates", "mock", "mocks", "__mocks__", "bench", "benchmark", "benchmarks", "playground", "playgrounds", "sandbox",
        "sandboxes", "cypress", "playwright", "storybook", ".storybook", "remix.init", "scripts", "tools", "tooling", ".github", ".devcontainer",
        "integration-tests", "test-apps", "testing", "samples", "sample", "snippets", "demo", "demos", "dev-docs", "e2e-tests", ".changeset",
        "eslint", "wasm", "testdata", "third_party", "codemods", "starters",
    )
)  # fmt: skip
"""Folders whose packages nobody deploys."""
DOCUMENTS = frozenset(("doc", "docs", "documentation", "dev-docs"))
DENO_MANIFESTS = ("deno.json", "deno.jsonc")
_NAMED_AFTER = re.compile(r"[-_](?:examples|samples|e2e|test-utils|testing-utils)$")
_RUNNING = ("start", "serve", "server", "dev", "build", "prod", "preview")


def is_not_deployed(folder: str) -> bool:
    return any(part in NOT_DEPLOYED or _NAMED_AFTER.search(part) for part in folder.lower().split("/"))


def is_for_documents(folder: str) -> bool:
    """Whether what lies in `folder` would be deployed, were it not documentation."""
    parts = [part.lower() for part in folder.split("/")]
    return bool(DOCUMENTS & set(parts)) and not is_not_deployed("/".join(part for part in parts if part not in DOCUMENTS))


def on_deno(repo: Repo, folder: str) -> bool:
    """Whether Deno runs what lies in `folder`: its configuration is there, and no package.json whose scripts go without it.

    Many Node packages have a deno.json, too, to be published for Deno or to be formatted by it.
    """
    if not any(repo.has(join(folder, name)) for name in DENO_MANIFESTS):
        return False
    manifest = json_table(repo, join(folder, "package.json"))
    if "workspaces" in manifest or repo.has(join(folder, "pnpm-workspace.yaml")):
        return False
    scripts = table(manifest.get("scripts"))
    bodies = [body for name, body in scripts.items() if name.partition(":")[0] in _RUNNING and isinstance(body, str)]
    return not bodies or any("deno " in body for body in bodies)
