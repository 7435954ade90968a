"""Debian packages that gems need: to be compiled, and while they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opsmith.detectors.ruby.project import Project

_COMPILER = ("build-essential", "pkg-config")
_NEEDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "pg": (("libpq-dev",), ("libpq5",)),
    "mysql2": (("default-libmysqlclient-dev",), ("libmariadb3",)),
    "trilogy": (("libssl-dev",), ()),
    "sqlite3": (("libsqlite3-dev",), ("libsqlite3-0",)),
    "tiny_tds": (("freetds-dev",), ("libsybdb5",)),
    "nokogiri": (("zlib1g-dev",), ()),
    "psych": (("libyaml-dev",), ("libyaml-0-2",)),
    "ffi": (("libffi-dev",), ("libffi8",)),
    "ruby-vips": ((), ("libvips42",)),
    "rmagick": (("libmagickwand-dev",), ("imagemagick",)),
    "mini_magick": ((), ("imagemagick",)),
    "paperclip": ((), ("imagemagick", "file")),
    "kt-paperclip": ((), ("imagemagick", "file")),
    "charlock_holmes": (("libicu-dev", "zlib1g-dev"), ("libicu-dev",)),
    "rugged": (("cmake", "libssl-dev"), ()),
    "curb": (("libcurl4-openssl-dev",), ("libcurl4",)),
    "ethon": ((), ("libcurl4",)),
    "idn-ruby": (("libidn-dev",), ("libidn12",)),
    "snappy": (("cmake", "libsnappy-dev"), ("libsnappy1v5",)),
    "rdkafka": ((), ()),
    "wicked_pdf": ((), ("wkhtmltopdf",)),
    "pdfkit": ((), ("wkhtmltopdf",)),
    "ferrum": ((), ("chromium",)),
    "grover": ((), ("chromium",)),
    "streamio-ffmpeg": ((), ("ffmpeg",)),
    "bcrypt": ((), ()), "bootsnap": ((), ()), "puma": ((), ()), "msgpack": ((), ()), "unf_ext": ((), ()), "hiredis": ((), ()),
    "racc": ((), ()), "bigdecimal": ((), ()), "oj": ((), ()), "redcarpet": ((), ()), "nio4r": ((), ()), "websocket-driver": ((), ()),
}  # fmt: skip
"""A gem that is there with nothing needs a compiler only."""
_MIXED_VIPS = "image_processing"
_JAVASCRIPT = ("execjs", "uglifier", "terser", "autoprefixer-rails", "coffee-rails", "babel-transpiler", "mini_racer")


def native_packages(project: Project) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For the build and for the running process."""
    if project.bundle is None:
        return (), ()
    installed = [name for name in _NEEDS if name in project.bundle.production]
    compiled = [name for name in installed if not _is_precompiled(project, name)]
    build = {package for name in compiled for package in _NEEDS[name][0]}
    run = {package for name in compiled for package in _NEEDS[name][1]}
    if _MIXED_VIPS in project.bundle.production and "ruby-vips" not in installed and "mini_magick" not in installed:
        run.add("libvips42")
    build.update(_COMPILER if compiled else ())
    build.update(_from_git(project))
    return tuple(sorted(build)), tuple(sorted(run))


def _is_precompiled(project: Project, name: str) -> bool:
    """Whether the lock file has a build of the gem for Linux, so that nothing is compiled."""
    return project.bundle is not None and "-linux" in project.bundle.locked.get(name, "")


def _from_git(project: Project) -> Iterator[str]:
    lock = project.bundle.lock if project.bundle is not None else None
    if lock is not None and (project.repo.bytes(lock) or b"").startswith(b"GIT\n"):
        yield "git"


def needs_javascript(project: Project) -> bool:
    """Whether building assets asks for a JavaScript runtime that is no gem."""
    production = project.bundle.production if project.bundle is not None else frozenset[str]()
    return bool(production & set(_JAVASCRIPT)) and "mini_racer" not in production
