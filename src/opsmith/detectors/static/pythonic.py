"""Sites that Python builds: MkDocs, Pelican, and Sphinx where the repository is nothing but the site."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.pysyntax import tree_of
from opsmith.detectors.static.site import Site, ancestors, inside, is_aside, join, manifest_in, parent, pinned
from opsmith.model.survey import Evidence, Runtime
from opsmith.repo import Repo
from opsmith.shapes import table

_REQUIREMENTS = re.compile(r"(?i)(?:requirements?[\w.-]*|(?:docs?|mkdocs|site)[\w.-]*requirements?[\w.-]*)\.(?:txt|in)")
_MAKES_PAGES = re.compile(r"(?im)^[ \t]*(?:mkdocs|sphinx|pelican|furo)\b")


def sites(repo: Repo) -> Iterator[Site]:
    yield from _mkdocs(repo)
    yield from _pelican(repo)
    yield from _sphinx(repo)


def _mkdocs(repo: Repo) -> Iterator[Site]:
    seen: set[str] = set()
    for file in repo.named("mkdocs.yml", "mkdocs.yaml"):
        folder = parent(file)
        if folder in seen or is_aside(folder):
            continue
        seen.add(folder)
        settings = table(next(iter(repo.yaml(file) or ()), None))
        if "site_name" not in settings and "INHERIT" not in settings:
            continue
        output = inside(settings.get("site_dir"), "site")
        theme = settings.get("theme")
        theme = table(theme).get("name", theme)
        needed = ("mkdocs-material",) if theme == "material" else ("mkdocs",)
        yield _site(repo, folder, file, "mkdocs", output, "mkdocs build", needed, documents=True)


def _pelican(repo: Repo) -> Iterator[Site]:
    for file in repo.named("pelicanconf.py"):
        folder = parent(file)
        if not is_aside(folder):
            told = _assigned(repo, file, "OUTPUT_PATH")
            content = inside(_assigned(repo, file, "PATH"), "content")
            settings = "publishconf.py" if repo.has(join(folder, "publishconf.py")) else "pelicanconf.py"
            output = inside(told, "output")
            yield _site(
                repo, folder, file, "pelican", output, f"pelican {content} -o {output} -s {settings}", ("pelican[markdown]",), documents=False
            )


def _assigned(repo: Repo, file: str, name: str) -> str | None:
    """The text that a module of settings gives to `name`."""
    import ast

    try:
        tree = tree_of(repo.read(file) or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in tree.body:
        named = isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        if named and isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return node.value.value
    return None


def _sphinx(repo: Repo) -> Iterator[Site]:
    """Documentation of a library is published with the library; a repository that holds nothing else is deployed as a site."""
    for file in repo.named("conf.py"):
        folder = parent(file)
        home = parent(folder) if folder.rpartition("/")[2] == "source" else folder
        other = [name for above in ancestors(home) if (name := manifest_in(repo, above)) and name != "requirements.txt"]
        beside = any(repo.has(join(folder, name)) for name in ("index.rst", "index.md"))
        if is_aside(folder) or other or not beside or b"extensions" not in (repo.bytes(file) or b"") or not _is_alone(repo, home):
            continue
        apart = home != folder
        output = "build/html" if apart else "_build/html"
        yield _site(repo, home, file, "sphinx", output, f"sphinx-build -b html {'source' if apart else '.'} {output}", ("sphinx",), documents=True)


def _is_alone(repo: Repo, home: str) -> bool:
    """No program lies anywhere else."""
    programs = repo.under("", ".go", ".java", ".rb", ".php", ".cs", ".rs", ".ts", ".ex", ".kt", ".cpp")
    python = [path for path in repo.under("", ".py") if not path.startswith(home + "/" if home else "") and not path.endswith("conf.py")]
    return not python and len(programs) <= 5


def _site(repo: Repo, folder: str, file: str, name: str, output: str, build: str, needed: tuple[str, ...], *, documents: bool) -> Site:
    manager, prefix, install, manifests = _installing(repo, folder, needed)
    version = _python(repo, folder)
    evidence = {
        "framework": Evidence(file=file, shows=file.rpartition("/")[2], confidence=0.95),
        "static_dir": Evidence(file=file, line=repo.line_of(file, "site_dir"), shows=f"build folder {output}", confidence=0.85),
        "build_command": Evidence(file=file, shows=f"{name}'s build", confidence=0.85),
        "package_manager": Evidence(file=manifests[0] if manifests else file, shows=f"installed by {manager}", confidence=0.8 if manifests else 0.5),
    }
    evidence |= {"runtime": version[1]} if version else {}
    return Site(
        path=folder,
        framework=name,
        language="python",
        output=output,
        build=prefix + build,
        install=install,
        manager=manager,
        runtime=Runtime(name="python", version=version[0] if version else None),
        manifests=manifests,
        documents=documents,
        evidence=evidence,
    )


def _installing(repo: Repo, folder: str, needed: tuple[str, ...]) -> tuple[str, str, str, tuple[str, ...]]:
    """Manager, what goes before a command, the command that installs, and the files that decide."""
    for lock, manager in (("uv.lock", "uv"), ("poetry.lock", "poetry"), ("Pipfile.lock", "pipenv")):
        if repo.has(join(folder, lock)):
            step = {"uv": "uv sync --all-groups", "poetry": "poetry install", "pipenv": "pipenv sync --dev"}[manager]
            named = tuple(path for name in ("pyproject.toml", "Pipfile", lock) if repo.has(path := join(folder, name)))
            return manager, f"{manager} run ", step, named
    listed = [join(place, name) for place in (folder, join(folder, "docs"), join(folder, "requirements")) for name in repo.folder(place)]
    fitting = [path for path in listed if _is_list(path) and _MAKES_PAGES.search(repo.read(path) or "")]
    if fitting:
        below = fitting[0][len(folder) :].lstrip("/")
        return "pip", "", f"pip install -r {below}", (fitting[0],)
    return "pip", "", "pip install " + " ".join(needed), ()


def _is_list(path: str) -> bool:
    return _REQUIREMENTS.fullmatch(path.rpartition("/")[2]) is not None or ("/requirements/" in f"/{path}" and path.endswith(".txt"))


def _python(repo: Repo, folder: str) -> tuple[str, Evidence] | None:
    stated = pinned(repo, folder, "python", plain=(".python-version", "runtime.txt"))
    if stated is not None:
        return stated
    file = join(folder, "pyproject.toml")
    told = table(table(repo.toml(file) if repo.has(file) else None).get("project")).get("requires-python")
    return (told, Evidence(file=file, line=repo.line_of(file, "requires-python"), shows=f"requires-python {told}")) if isinstance(told, str) else None
