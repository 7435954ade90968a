"""Extensions of PHP that an image needs, and the Debian packages that they are built from and run with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from opsmith.detectors.php.project import Project

_BUNDLED = frozenset(
    (
        "core", "ctype", "curl", "date", "dom", "fileinfo", "filter", "hash", "iconv", "json", "libxml", "mbstring", "openssl", "pcre", "pdo",
        "pdo_sqlite",
        "phar", "posix", "random", "readline", "reflection", "session", "simplexml", "sodium", "spl", "sqlite3", "standard", "tokenizer", "xml",
        "xmlreader",
        "xmlwriter", "zlib", "mysqlnd",
    )
)  # fmt: skip
"""What the official images of PHP are compiled with."""
_NEEDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gd": (("libfreetype6-dev", "libjpeg62-turbo-dev", "libpng-dev", "libwebp-dev"), ("libfreetype6", "libjpeg62-turbo", "libpng16-16", "libwebp7")),
    "zip": (("libzip-dev",), ("libzip4",)),
    "intl": (("libicu-dev",), ("libicu72",)),
    "pdo_pgsql": (("libpq-dev",), ("libpq5",)),
    "pgsql": (("libpq-dev",), ("libpq5",)),
    "imagick": (("libmagickwand-dev",), ("libmagickwand-6.q16-6",)),
    "ldap": (("libldap2-dev",), ("libldap-2.5-0",)),
    "soap": (("libxml2-dev",), ()),
    "xsl": (("libxslt1-dev",), ("libxslt1.1",)),
    "gmp": (("libgmp-dev",), ("libgmp10",)),
    "bz2": (("libbz2-dev",), ()),
    "imap": (("libc-client-dev", "libkrb5-dev"), ("libc-client2007e",)),
    "memcached": (("libmemcached-dev", "libssl-dev", "zlib1g-dev"), ("libmemcached11",)),
    "tidy": (("libtidy-dev",), ("libtidy5deb1",)),
    "amqp": (("librabbitmq-dev",), ("librabbitmq4",)),
    "mongodb": (("libssl-dev",), ()),
    "rdkafka": (("librdkafka-dev",), ("librdkafka1",)),
    "yaml": (("libyaml-dev",), ("libyaml-0-2",)),
    "ssh2": (("libssh2-1-dev",), ("libssh2-1",)),
    "ffi": (("libffi-dev",), ("libffi8",)),
    "enchant": (("libenchant-2-dev",), ("libenchant-2-2",)),
    "gnupg": (("libgpgme-dev",), ("libgpgme11",)),
}
_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "barryvdh/laravel-snappy": ("wkhtmltopdf",), "knplabs/knp-snappy": ("wkhtmltopdf",), "knplabs/knp-snappy-bundle": ("wkhtmltopdf",),
    "mikehaertl/phpwkhtmltopdf": ("wkhtmltopdf",), "spatie/browsershot": ("chromium",), "spatie/pdf-to-image": ("ghostscript",),
    "php-ffmpeg/php-ffmpeg": ("ffmpeg",), "pbmedia/laravel-ffmpeg": ("ffmpeg",), "spatie/laravel-backup": ("default-mysql-client",),
    "spatie/image-optimizer": ("jpegoptim", "optipng", "pngquant"), "chrome-php/chrome": ("chromium",), "smalot/pdfparser": (),
}  # fmt: skip
_DRIVERS: Mapping[str, tuple[str, ...]] = {"mysql": ("pdo_mysql",), "postgres": ("pdo_pgsql",), "mssql": ("pdo_sqlsrv",), "mongodb": ("mongodb",)}


def extensions(project: Project, kinds: Iterable[str], framework: str | None) -> tuple[str, ...]:
    """Beyond those that every image has: what composer requires, the drivers of the services, what the framework's workers want."""
    wanted = set(project.composer.extensions if project.composer is not None else ())
    wanted |= {name for kind in kinds for name in _driver(project, kind, framework)}
    wanted |= {"pcntl"} if project.requires("laravel/horizon", "laravel/octane", "laravel/reverb") else set()
    wanted.discard("zend-opcache")
    return tuple(sorted(wanted - _BUNDLED))


def _driver(project: Project, kind: str, framework: str | None) -> Iterator[str]:
    if kind == "redis":
        phpredis = framework == "laravel" and (project.told("REDIS_CLIENT") or "phpredis") == "phpredis"
        uses = any(project.marked(b"new Redis(", b"new \\Redis(", b"new RedisCluster("))
        if uses or phpredis or (framework == "symfony" and project.requires("predis/predis") is None):
            yield "redis"
    elif kind == "memcached":
        yield "memcached"
    elif kind == "mysql" and (framework in ("wordpress", "codeigniter") or any(project.marked(b"mysqli"))):
        yield "mysqli"
        yield from ("pdo_mysql",) if any(project.marked(b"PDO(")) else ()
    else:
        yield from _DRIVERS.get(kind, ())


def packages(project: Project, names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For the build and for the running process."""
    listed = tuple(names)
    build = {package for name in listed for package in _NEEDS.get(name, ((), ()))[0]}
    run = {package for name in listed for package in _NEEDS.get(name, ((), ()))[1]}
    run |= {package for name, programs in _PROGRAMS.items() if project.requires(name) for package in programs}
    build |= {"git", "unzip"} if project.composer is not None else set()
    return tuple(sorted(build)), tuple(sorted(run))
