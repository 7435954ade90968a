"""Routes that a file's place declares: Next.js, Remix / React Router, SvelteKit, Nuxt, Astro."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from opsmith.detectors.javascript.facts import join
from opsmith.detectors.javascript.health import Route, rank
from opsmith.repo import Repo

_SCRIPT = r"\.[cm]?[jt]sx?$"


def health_routes(repo: Repo, folder: str, framework: str) -> Iterator[Route]:
    """Health checks among the file routes of the application in `folder`."""
    reader = _READERS.get(framework)
    for base in _FOLDERS.get(framework, ()):
        for file in repo.under(join(folder, base)):
            path = reader(file[len(join(folder, base)) + 1 :], base) if reader else None
            if path is not None and rank(path) is not None:
                yield Route(path, file, 1, f"file route {path}")


def _next(file: str, base: str) -> str | None:
    if base.endswith("app"):
        match = re.fullmatch(r"(.+)/route" + _SCRIPT.rstrip("$"), file)
        parts = [part for part in match[1].split("/") if not re.fullmatch(r"\(.*\)|@.*", part)] if match else []
        return "/" + "/".join(parts) if match else None
    match = re.fullmatch(r"(api/.+?)(/index)?" + _SCRIPT.rstrip("$"), file)
    return "/" + match[1] if match else None


def _remix(file: str, _base: str) -> str | None:
    match = re.fullmatch(r"(.+?)(/route|/index|\._index)?\.[cm]?[jt]sx?", file)
    if match is None or "/" in match[1].replace("+/", "."):
        return None
    parts = [part for part in match[1].replace("+/", ".").split(".") if not part.startswith("_")]
    return "/" + "/".join(part.rstrip("_").strip("[]") for part in parts) if parts else None


def _svelte(file: str, _base: str) -> str | None:
    match = re.fullmatch(r"(.+)/\+(server\.[jt]s|page\.svelte)", file)
    return "/" + "/".join(part for part in match[1].split("/") if not re.fullmatch(r"\(.*\)", part)) if match else None


def _nuxt(file: str, base: str) -> str | None:
    match = re.fullmatch(r"(.+?)(/index)?(\.(get|head))?\.[jt]s", file)
    return ("/api/" if base.endswith("api") else "/") + match[1] if match else None


def _astro(file: str, _base: str) -> str | None:
    match = re.fullmatch(r"(.+?)(/index)?(\.\w+)?\.[jt]s", file)
    return "/" + match[1] + (match[3] or "") if match else None


_READERS: Mapping[str, Callable[[str, str], str | None]] = {
    "nextjs": _next,
    "remix": _remix,
    "react-router": _remix,
    "sveltekit": _svelte,
    "nuxt": _nuxt,
    "astro": _astro,
}
_FOLDERS: Mapping[str, tuple[str, ...]] = {
    "nextjs": ("app", "src/app", "pages", "src/pages"),
    "remix": ("app/routes",),
    "react-router": ("app/routes",),
    "sveltekit": ("src/routes",),
    "nuxt": ("server/api", "server/routes"),
    "astro": ("src/pages",),
}
