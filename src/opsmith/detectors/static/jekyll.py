"""Jekyll and Middleman: sites that Ruby builds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.static.site import Site, inside, is_aside, is_for_documents, join, parent, pinned
from opsmith.model.survey import Evidence, Runtime
from opsmith.repo import Repo
from opsmith.shapes import table

_FOLDERS = ("_layouts", "_posts", "_includes", "_pages", "_sass", "_drafts", "_data")
_RUBY = re.compile(r"""^ruby\s*\(?["']([^"']{1,40})["']""", re.MULTILINE)
_LOCKED_RUBY = re.compile(r"^RUBY VERSION\n\s+ruby (\d[\d.]*)", re.MULTILINE)


def sites(repo: Repo) -> Iterator[Site]:
    seen: set[str] = set()
    for file in repo.named("_config.yml", "_config.yaml"):
        folder = parent(file)
        if folder not in seen and not is_aside(folder) and _is_jekyll(repo, folder):
            seen.add(folder)
            settings = table(next(iter(repo.yaml(file) or ()), None))
            yield _site(repo, folder, file, "jekyll", inside(settings.get("destination"), "_site"), "jekyll build")
    for file in repo.named("config.rb"):
        folder = parent(file)
        if not is_aside(folder) and _gem(repo, folder, ("middleman",)) and repo.under(join(folder, "source")):
            yield _site(repo, folder, file, "middleman", "build", "middleman build")


def _is_jekyll(repo: Repo, folder: str) -> bool:
    """The gem, or the folders that only Jekyll has: a _config.yml alone may be Hexo's, or what GitHub shows a README with."""
    if repo.has(join(folder, "package.json")) and b'"hexo"' in (repo.bytes(join(folder, "package.json")) or b""):
        return False
    return _gem(repo, folder, ("jekyll", "github-pages")) is not None or any(repo.under(join(folder, name)) for name in _FOLDERS)


def _gem(repo: Repo, folder: str, names: tuple[str, ...]) -> tuple[str, int] | None:
    """The Gemfile that asks for one of `names` (or for the gem specification that does), and the line."""
    file = join(folder, "Gemfile")
    for number, row in enumerate((repo.read(file) or "").splitlines()[:1000] if repo.has(file) else (), start=1):
        if any(re.match(rf"""\s*gem\s*\(?["']{re.escape(name)}(?:-[\w-]+)?["']""", row) for name in names):
            return file, number
    return None


def _site(repo: Repo, folder: str, file: str, name: str, output: str, build: str) -> Site:
    gem = _gem(repo, folder, ("jekyll", "github-pages", "middleman"))
    bundled = repo.has(join(folder, "Gemfile"))
    version = _ruby(repo, folder)
    place = Evidence(file=gem[0], line=gem[1], shows=f"gem of {name}", confidence=0.95) if gem else Evidence(file=file, shows=file, confidence=0.8)
    evidence = {
        "framework": place,
        "static_dir": Evidence(file=file, line=repo.line_of(file, "destination:"), shows=f"build folder {output}", confidence=0.9),
        "build_command": Evidence(file=file, shows=f"{name}'s build", confidence=0.85),
    }
    evidence |= {"runtime": version[1]} if version else {}
    evidence |= {"package_manager": Evidence(file=join(folder, "Gemfile"), shows="Gemfile", confidence=0.95)} if bundled else {}
    return Site(
        path=folder,
        framework=name,
        language="ruby",
        output=output,
        build=f"bundle exec {build}" if bundled else build,
        install="bundle install" if bundled else f"gem install {name}",
        manager="bundler" if bundled else None,
        runtime=Runtime(name="ruby", version=version[0] if version else None),
        manifests=tuple(path for item in ("Gemfile", "Gemfile.lock") if repo.has(path := join(folder, item))),
        traits=(("native-gems",) if bundled else ()),
        documents=is_for_documents(folder),
        evidence=evidence,
    )


def _ruby(repo: Repo, folder: str) -> tuple[str, Evidence] | None:
    """.ruby-version, .tool-versions, mise.toml, then the Gemfile and what its lock file was made with."""
    stated = pinned(repo, folder, "ruby", plain=(".ruby-version",))
    if stated is not None:
        return stated
    for name, pattern in (("Gemfile", _RUBY), ("Gemfile.lock", _LOCKED_RUBY)):
        file = join(folder, name)
        match = pattern.search(repo.read(file) or "") if repo.has(file) else None
        if match:
            return match[1], Evidence(file=file, line=repo.line_of(file, match[0].splitlines()[-1]), shows=match[0].replace("\n", " "))
    return None
