"""Pages that are served as they lie there: an index.html at the root or in a folder for a site, that no other program builds or serves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from opsmith.detectors.static.site import Site, ancestors, is_aside, is_for_documents, join, manifest_in, parent
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import table

_CONTENTS = frozenset(("public", "www", "html", "site", "src", "static", "public_html", "htdocs", "docroot", "web", "webroot"))
"""Folders that hold a site's files, while the site is the folder above."""
_SITES = frozenset(("frontend", "front-end", "client", "website", "ui", "webapp", "landing", "landing-page", "homepage", "web-client", "page", "app"))
_TEMPLATED = re.compile(rb"\{\{|\{%|<%|\sth:|<\?php|\$\{|@@|%PUBLIC_URL%")
_BUNDLED = re.compile(rb"""<script[^>]{1,200}?src=["']/?(?:\./)?(?:src/|@vite)[^"']{1,200}\.(?:[jt]sx?|mjs|vue)["']|<app-root|data-trunk""")
_SOURCES = (".py", ".js", ".ts", ".go", ".java", ".kt", ".rb", ".php", ".cs", ".rs", ".ex", ".cpp", ".scala")
_MOST_SOURCES = 2_000
_MOST_SITES = 4
"""More of them are a collection of exercises."""
_SERVING = ("index.php", "config.xml", "artisan", "wp-config.php", "Makefile.am")
"""Files of programs that have no manifest."""
_SERVERS = re.compile(r"^(?:npx\s+)?(?:http-server|serve|live-server|browser-sync|lite-server|python3? -m http\.server|static-server|sirv)\b")


def sites(repo: Repo, others: Iterable[Site]) -> Iterator[Site]:
    """`others` are the sites that were found already: what lies in them is theirs."""
    taken = [site.path for site in others]
    found: list[Site] = []
    for file in repo.named("index.html"):
        folder = parent(file)
        if is_aside(folder) or any(not path or f"{folder}/".startswith(f"{path}/") for path in taken):
            continue
        site = _site(repo, file, folder)
        if site is not None:
            found.append(site)
            taken.append(site.path)
    yield from found if len(found) <= _MOST_SITES else ()


def _site(repo: Repo, file: str, folder: str) -> Site | None:
    name = folder.rpartition("/")[2].lower()
    home = parent(folder) if name in _CONTENTS else folder
    deep = home.count("/") > 1 or (home and home.rpartition("/")[2].lower() not in _SITES and name not in _CONTENTS)
    if deep or is_for_documents(folder) or _owner(repo, folder) or not _is_page(repo, file) or _is_handed_out(repo, folder):
        return None
    output = folder[len(home) :].strip("/") or "."
    script = b"docsify" in (repo.bytes(file) or b"")
    framework = {"framework": Evidence(file=file, line=repo.line_of(file, "docsify"), shows="docsify", confidence=0.9)} if script else {}
    place = Evidence(file=file, shows="a page that nothing builds or serves", confidence=0.8)
    return Site(
        path=home,
        framework="docsify" if script else None,
        language="html",
        output=output,
        documents=script,
        evidence={**framework, "static_dir": place},
    )


def _owner(repo: Repo, folder: str) -> str | None:
    """The manifest of a program that may build or serve what lies in `folder`, there or further up."""
    for above in ancestors(folder):
        name = manifest_in(repo, above)
        if name is not None and not (name == "package.json" and _only_shows(repo, join(above, name))):
            return name
        other = next((name for name in _SERVING if repo.has(join(above, name))), None)
        if other is not None:
            return other
    return None


def _only_shows(repo: Repo, file: str) -> bool:
    """A package.json that neither builds nor starts more than a server for files."""
    scripts = {name: body for name, body in table(table(repo.json(file)).get("scripts")).items() if isinstance(body, str)}
    running = [body for name, body in scripts.items() if re.match(r"(build|start|dev|serve|prod|watch|compile)\b", name)]
    return all(_SERVERS.match(body.strip()) for body in running)


def _is_page(repo: Repo, file: str) -> bool:
    data = (repo.bytes(file) or b"")[:100_000]
    return b"<html" in data.lower() and not _BUNDLED.search(data) and not _TEMPLATED.search(_without_scripts(data))


def _without_scripts(data: bytes) -> bytes:
    first, *others = data.split(b"<script")
    return first + b"".join(part.partition(b"</script>")[2] for part in others)


def _is_handed_out(repo: Repo, folder: str) -> bool:
    """Whether sources elsewhere name the folder, as a server does that hands its files out."""
    name = folder.rpartition("/")[2].encode()
    if not name:
        return False
    pattern = re.compile(rb"""["'/]""" + re.escape(name) + rb"""["'/]""")
    elsewhere = [path for path in repo.under("", *_SOURCES) if not path.startswith(folder + "/")][:_MOST_SOURCES]
    return any(name in (data := repo.bytes(path) or b"") and pattern.search(data) for path in elsewhere)
