"""Where the static site generators on Node leave their pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from opsmith.detectors.javascript.facts import join, table, written
from opsmith.detectors.node.packages import Package
from opsmith.repo import Repo

Setting = Callable[[str, str], "tuple[str, int, str] | None"]
"""By configuration (its name without the ending) and key: the value, its line and the file."""
_FOLDERS: Mapping[str, str] = {
    "gatsby": "public", "docusaurus": "build", "vitepress": ".vitepress/dist", "vuepress": ".vuepress/dist", "eleventy": "_site", "hexo": "public",
    "gridsome": "dist", "rspress": "doc_build",
}  # fmt: skip
_KEYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "eleventy": ((".eleventy", "output"), ("eleventy.config", "output")),
    "gridsome": (("gridsome.config", "outputDir"),),
    "rspress": (("rspress.config", "outDir"),),
}


def is_site(framework: str) -> bool:
    return framework in _FOLDERS


def output(repo: Repo, package: Package, framework: str, setting: Setting) -> tuple[str, str, int | None, str, float]:
    """Folder, file, line, what it shows, how sure."""
    told = next((value for name, key in _KEYS.get(framework, ()) if (value := setting(name, key)) is not None and _is_folder(value[0])), None)
    if told is not None:
        return told[0].removeprefix("./").rstrip("/"), told[2], told[1], f"build folder {told[0]}", 0.9
    if framework == "hexo":
        return _of_hexo(repo, package)
    body = next((body for body in package.scripts.values() if re.search(rf"\b{framework}[\w-]* build\b", body)), "")
    asked = re.search(r"--(?:out-dir|outDir|dest|output|doc_build)[ =]([\w./-]+)", body)
    if asked is not None and _is_folder(asked[1]):
        return asked[1].removeprefix("./").rstrip("/"), package.file, repo.line_of(package.file, asked[0]), asked[0], 0.9
    source = re.search(r"\b(?:vitepress|vuepress[\w-]*) build ([\w./-]+)", body)
    inside = join(source[1]) if source is not None and framework in ("vitepress", "vuepress") else ""
    return join(inside, _FOLDERS[framework]), package.file, None, f"{framework}'s build folder", 0.85


def _is_folder(told: str) -> bool:
    return re.fullmatch(r"[\w./-]+", told) is not None and ".." not in told


def _of_hexo(repo: Repo, package: Package) -> tuple[str, str, int | None, str, float]:
    file = join(package.path, "_config.yml")
    settings = table(next(iter((repo.yaml(file) if repo.has(file) else None) or ()), None))
    folder = written(settings.get("public_dir"))
    if folder is None or not _is_folder(folder):
        return "public", package.file, None, "hexo's build folder", 0.85
    return folder.rstrip("/"), file, repo.line_of(file, "public_dir"), f"public_dir {folder}", 0.9
