"""Sites that end as files without Node, on small trees; and what is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors import static
from opsmith.model.survey import Component, Evidence, Runtime
from opsmith.repo import Repo
from opsmith.settings import load
from opsmith.stages.survey import survey as whole_survey

PAGE = "<!doctype html><html><head><title>Game</title></head><body></body></html>"
HUGO = 'baseURL = "https://example.org/"\ntheme = "ananke"\n[module.hugoVersion]\nmin = "0.120.0"\n'


def survey(root: Path, files: dict[str, str]) -> list[Component]:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return list(static.detect(Repo(root)))


def only(root: Path, files: dict[str, str]) -> Component:
    (component,) = survey(root, files)
    return component


def test_hugo_whole(tmp_path: Path) -> None:
    files = {
        "blog/hugo.toml": HUGO, "blog/content/_index.md": "", "blog/assets/main.scss": "", "blog/.hugo-version": "0.148.2\n",
        ".gitmodules": '[submodule "themes/ananke"]\n\tpath = blog/themes/ananke\n',
    }  # fmt: skip
    assert only(tmp_path, files) == Component(
        name="blog",
        path="blog",
        role="static",
        language="html",
        framework="hugo",
        runtime=Runtime(name="hugo", version="0.148.2"),
        build_command="hugo --minify",
        start_command="nginx -g 'daemon off;'",
        ports=(8080,),
        protocol="http",
        static_dir="public",
        traits=("git-submodules", "hugo-extended", "multi-page"),
        evidence={
            "framework": (Evidence(file="blog/hugo.toml", shows="hugo.toml", confidence=0.95),),
            "static_dir": (Evidence(file="blog/hugo.toml", shows="Hugo's own publishDir", confidence=0.85),),
            "build_command": (Evidence(file="blog/hugo.toml", shows="Hugo's build", confidence=0.85),),
            "runtime": (Evidence(file="blog/.hugo-version", line=1, shows="0.148.2"),),
            "start_command": (Evidence(file="blog/hugo.toml", shows="static files in public", confidence=0.85),),
            "ports": (Evidence(file="blog/hugo.toml", shows="static files, served by an unprivileged nginx", confidence=0.8),),
        },
    )


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"netlify.toml": '[build.environment]\nHUGO_VERSION = "0.111.3"\n', ".hugo-version": "0.112.0"}, "0.112.0"),
        ({"netlify.toml": '[build.environment]\nHUGO_VERSION = "0.111.3"\n'}, "0.111.3"),
        ({"package.json": '{"devDependencies": {"hugo-extended": "^0.130.0"}}'}, "0.130.0"),
        ({"package.json": '{"optionalDependencies": {"hugo-extended": "0.164.0"}}'}, "0.164.0"),
        ({".github/workflows/pages.yml": "steps:\n  - uses: peaceiris/actions-hugo@v3\n    with:\n      hugo-version: '0.141.0'\n"}, "0.141.0"),
        ({".tool-versions": "hugo extended_0.119.0\n"}, "extended_0.119.0"),
        ({"mise.toml": '[tools]\nhugo = "0.125"\n'}, "0.125"),
        ({}, ">=0.120.0"),
    ],
)
def test_hugo_versions(tmp_path: Path, files: dict[str, str], version: str) -> None:
    assert only(tmp_path, {"config.toml": HUGO, "content/a.md": "", **files}).runtime == Runtime(name="hugo", version=version)


def test_hugo_built_by_a_script(tmp_path: Path) -> None:
    package = '{"scripts": {"build": "npm run site", "site": "hugo --gc"}, "devDependencies": {"postcss": "8"}}'
    files = {
        "config/_default/hugo.yaml": "publishDir: ./out\n",
        "config/production/hugo.yaml": "x: 1\n",
        "package.json": package,
        "package-lock.json": "{}",
        "go.mod": "module x\n",
    }
    component = only(tmp_path / "docs", files)
    assert (component.path, component.install_command, component.build_command, component.static_dir) == ("", "npm ci", "npm run build", "out")
    assert component.manifests == ("go.mod", "package-lock.json", "package.json")
    assert component.traits == ("hugo-modules", "multi-page", "node")


def test_hugo_where_a_script_names_the_output(tmp_path: Path) -> None:
    package = '{"scripts": {"build": "hugo --minify -d dist/site"}}'
    assert only(tmp_path, {"hugo.toml": 'publishDir = "out"\n', "package.json": package}).static_dir == "dist/site"


def test_jekyll(tmp_path: Path) -> None:
    lock = "GEM\n\nRUBY VERSION\n   ruby 3.3.5p100\n"
    files = {
        "_config.yml": "title: x\ndestination: ./out\n",
        "Gemfile": 'source "https://rubygems.org"\ngem "jekyll", "~> 4.3"\n',
        "Gemfile.lock": lock,
    }
    component = only(tmp_path, files)
    assert (component.framework, component.language, component.package_manager, component.static_dir) == ("jekyll", "ruby", "bundler", "out")
    assert (component.install_command, component.build_command) == ("bundle install", "bundle exec jekyll build")
    assert component.runtime == Runtime(name="ruby", version="3.3.5")


@pytest.mark.parametrize(
    ("files", "path", "framework", "build", "output"),
    [
        ({"mkdocs.yml": "site_name: x\n"}, "", "mkdocs", "mkdocs build", "site"),
        ({"docs/mkdocs.yml": "site_name: x\nsite_dir: ../out\n"}, "docs", "mkdocs", "mkdocs build", "site"),
        ({"mkdocs.yml": "site_name: x\nplugins:\n  - a: !!python/name:b.c\n", "uv.lock": ""}, "", "mkdocs", "uv run mkdocs build", "site"),
        ({"book.toml": '[book]\ntitle = "x"\n[build]\nbuild-dir = "html"\n', "src/SUMMARY.md": ""}, "", "mdbook", "mdbook build", "html"),
        ({"config.toml": 'base_url = "https://x"\n', "content/_index.md": ""}, "", "zola", "zola build", "public"),
        ({"pelicanconf.py": 'PATH = "posts"\nOUTPUT_PATH = "www"\n', "publishconf.py": ""}, "", "pelican",
         "pelican posts -o www -s publishconf.py", "www"),
        ({"source/conf.py": "extensions = []\n", "source/index.rst": ""}, "", "sphinx", "sphinx-build -b html source build/html", "build/html"),
        ({"config.rb": "", "Gemfile": "gem 'middleman'\n", "source/index.html.erb": ""}, "", "middleman", "bundle exec middleman build", "build"),
    ],
)  # fmt: skip
def test_generators(tmp_path: Path, files: dict[str, str], path: str, framework: str, build: str, output: str) -> None:
    component = only(tmp_path, files)
    assert (component.path, component.framework, component.build_command, component.static_dir) == (path, framework, build, output)
    assert (component.role, component.start_command, component.ports) == ("static", "nginx -g 'daemon off;'", (8080,))


@pytest.mark.parametrize(
    ("files", "path", "output"),
    [
        ({"index.html": PAGE, "style.css": ""}, "", "."),
        ({"public/index.html": PAGE, "README.md": ""}, "", "public"),
        ({"frontend/index.html": PAGE, "backend/main.go": "", "backend/go.mod": ""}, "frontend", "."),
        ({"client/public/index.html": PAGE}, "client", "public"),
        ({"index.html": PAGE, "package.json": '{"scripts": {"start": "http-server .", "lint": "eslint ."}}'}, "", "."),
        ({"index.html": PAGE.replace("<body>", "<body><script>let a = {{b: 1}};</script>")}, "", "."),
    ],
)
def test_pages_as_they_lie_there(tmp_path: Path, files: dict[str, str], path: str, output: str) -> None:
    component = only(tmp_path / "site", files)
    assert (component.path, component.static_dir, component.build_command, component.framework) == (path, output, None, None)


@pytest.mark.parametrize(
    "files",
    [
        {"index.html": PAGE.replace("<body>", "<body>{{ name }}")},
        {"index.html": PAGE.replace("<body>", '<body><script type="module" src="/src/main.ts">')},
        {"index.html": PAGE, "package.json": '{"scripts": {"build": "vite build"}}'},
        {"index.html": PAGE, "index.php": ""},
        {"public/index.html": PAGE, "pyproject.toml": ""},
        {"web/index.html": PAGE, "pubspec.yaml": ""},
        {"docs/index.html": PAGE},
        {"test/index.html": PAGE},
        {"examples/site/index.html": PAGE},
        {"templates/index.html": PAGE},
        {"frontend/index.html": PAGE, "server/main.py": "app.mount('/', StaticFiles(directory='frontend'))"},
        {f"day{number}/public/index.html": PAGE for number in range(9)},
        {"themes/x/hugo.toml": HUGO},
        {"themes/x/exampleSite/config.toml": HUGO, "themes/x/exampleSite/content/a.md": ""},
        {"config.yaml": "log: info\n", "content/x.md": ""},
        {"config.toml": "[server]\nport = 1\n"},
        {"_config.yml": "theme: jekyll-theme-minimal\n", "main.go": ""},
        {"docs/conf.py": "extensions = []\n", "docs/index.rst": "", "pyproject.toml": ""},
        {"tests/fixtures/mkdocs.yml": "site_name: x\n"},
        {"book.toml": "[book]\n"},
    ],
)
def test_what_is_no_site(tmp_path: Path, files: dict[str, str]) -> None:
    assert survey(tmp_path, files) == []


@pytest.mark.parametrize("name", ["hugo.toml", "hugo.yaml", "_config.yml", "mkdocs.yml", "book.toml", "pelicanconf.py"])
def test_broken_settings_are_no_exception(tmp_path: Path, name: str) -> None:
    survey(tmp_path, {name: "{[: 'x\n\t- =", "_posts/a.md": "", "src/SUMMARY.md": ""})


def test_output_stays_inside_the_site(tmp_path: Path) -> None:
    assert only(tmp_path, {"hugo.toml": 'publishDir = "../../etc"\n'}).static_dir == "public"


def test_documentation_beside_a_program_is_a_component_and_not_the_main_one(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "api"\ndependencies = ["fastapi", "uvicorn"]\n', "mkdocs.yml": "site_name: x\n",
        "main.py": "from fastapi import FastAPI\napp = FastAPI()\n", "docs/index.md": "curl http://api:8000/\n",
    }  # fmt: skip
    survey(tmp_path, files)
    made = whole_survey(tmp_path, load(tmp_path, {}, {})).components
    assert [(item.name, item.path, item.role, "documentation" in item.traits, item.depends_on) for item in made] == [
        ("api", "", "web", False, ()),
        ("docs", "", "static", True, ()),
    ]


def test_hostile_pages_take_no_time(tmp_path: Path) -> None:
    files = {"index.html": "<html>" + "<script" * 100_000, "hugo.toml": "title = 'x'\n", ".github/workflows/x.yml": "# hugo\n" + "\n" * 500_000}
    assert [item.framework for item in survey(tmp_path, files)] == ["hugo"]
    assert [item.framework for item in survey(tmp_path / "plain", {"index.html": files["index.html"]})] == [None]
