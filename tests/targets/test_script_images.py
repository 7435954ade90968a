"""Dockerfiles of Ruby, PHP and Elixir."""

from __future__ import annotations

from dataclasses import replace

import pytest

from opsmith.conventions import image
from opsmith.model.blueprint import Build, Probe
from opsmith.stages.draft import commands, constraints
from opsmith.targets import docker
from tests.targets.blueprints import SHOP, build, service

RUBY = image("ruby:3.3-slim-bookworm")
NODE = image("node:22-bookworm-slim")
PHP = image("dunglas/frankenphp:php8.4-bookworm")
ELIXIR = image("hexpm/elixir:1.19.5-erlang-28.3.3-debian-bookworm-20260824-slim")
DEBIAN = image("debian:bookworm-20260824-slim")

RAILS = build(
    "web", dockerfile="Dockerfile", context="", path="", language="ruby", framework="rails", package_manager="bundler", runtime_version="3.3",
    install_command="bundle install", build_command="yarn install --frozen-lockfile && bin/rails assets:precompile",
    manifests=("Gemfile", "Gemfile.lock", "package.json", "yarn.lock"), build_packages=("build-essential", "libpq-dev"), runtime_packages=("libpq5",),
    traits=("rails", "bootsnap", "node", "node-manager:yarn", "node-image:22", "execjs", "bundle-without:development:test"),
    build_variables=(("RAILS_ENV", "production"), ("RAILS_MASTER_KEY", "build-only"), ("SECRET_KEY_BASE", "build-only")),
)  # fmt: skip
RAILS_DOCKERFILE = f"""\
FROM {RUBY} AS build
# Compilers stay in this stage. Unpinned: Debian keeps only the newest fix of each package, so a pinned one would vanish.
# hadolint ignore=DL3008
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends build-essential libpq-dev \\
 && rm -rf /var/lib/apt/lists/*
# Node builds the assets and stays in this stage.
COPY --from={NODE} /usr/local/bin /usr/local/bin
COPY --from={NODE} /usr/local/lib/node_modules /usr/local/lib/node_modules
COPY --from={NODE} /opt /opt
ENV RAILS_ENV=production \\
    BOOTSNAP_CACHE_DIR=/usr/local/bundle/bootsnap \\
    BUNDLE_PATH=/usr/local/bundle \\
    BUNDLE_WITHOUT=development:test \\
    BUNDLE_DEPLOYMENT=1
WORKDIR /app
# Dependencies first: they change less often than the code, and this layer is then reused.
COPY Gemfile Gemfile.lock ./
RUN bundle install \\
 && rm -rf /usr/local/bundle/ruby/*/cache /usr/local/bundle/ruby/*/bundler/gems/*/.git \\
 && bundle exec bootsnap precompile --gemfile
COPY . ./
RUN bundle exec bootsnap precompile app/ lib/
RUN --mount=type=cache,target=/usr/local/share/.cache/yarn \\
    yarn install --frozen-lockfile
RUN SECRET_KEY_BASE=build-only \\
    bin/rails assets:precompile
RUN rm -rf node_modules

FROM {RUBY} AS runtime
LABEL org.opencontainers.image.title="web"
# hadolint ignore=DL3008
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends libpq5 \\
 && rm -rf /var/lib/apt/lists/*
# Gems that talk to a JavaScript engine look for one when they are loaded.
COPY --from={NODE} /usr/local/bin/node /usr/local/bin/node
RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app
# A home for what looks for one: nothing but /tmp can be written.
ENV RAILS_ENV=production \\
    BOOTSNAP_CACHE_DIR=/usr/local/bundle/bootsnap \\
    BUNDLE_PATH=/usr/local/bundle \\
    BUNDLE_WITHOUT=development:test \\
    BUNDLE_DEPLOYMENT=1 \\
    PIDFILE=/tmp/server.pid \\
    RAILS_LOG_TO_STDOUT=1 \\
    BOOTSNAP_READONLY=1 \\
    HOME=/tmp
WORKDIR /app
COPY --from=build /usr/local/bundle /usr/local/bundle
# Owned by root: the process can read its code, not change it.
COPY --from=build /app ./
USER 10001:10001
EXPOSE 8000
CMD ["bundle", "exec", "puma"]
"""

LARAVEL = build(
    "panel", language="php", framework="laravel", package_manager="composer", runtime_version="8.4", build_command="npm ci && npm run build",
    install_command="composer install --no-interaction --prefer-dist", runtime_packages=("ghostscript", "libzip4"),
    manifests=("panel/composer.json", "panel/composer.lock", "panel/package.json", "panel/package-lock.json"),
    traits=("laravel", "document-root:public", "php-ext:zip", "php-ext:pdo_mysql", "node", "node-manager:npm", "node-image:22"),
)  # fmt: skip
LARAVEL_DOCKERFILE = f"""\
FROM {PHP} AS base
RUN install-php-extensions opcache pcntl pdo_mysql zip
RUN cp "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"

FROM base AS build
# hadolint ignore=DL3008
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends git unzip \\
 && rm -rf /var/lib/apt/lists/*
COPY --from={image("composer:2")} /usr/bin/composer /usr/local/bin/composer
# Node builds the assets and stays in this stage.
COPY --from={NODE} /usr/local/bin /usr/local/bin
COPY --from={NODE} /usr/local/lib/node_modules /usr/local/lib/node_modules
COPY --from={NODE} /opt /opt
ENV APP_ENV=production \\
    LOG_CHANNEL=stderr \\
    COMPOSER_ALLOW_SUPERUSER=1 \\
    COMPOSER_CACHE_DIR=/root/.composer/cache
WORKDIR /app
# Dependencies first: they change less often than the code, and this layer is then reused.
COPY composer.json composer.lock ./
RUN --mount=type=cache,target=/root/.composer/cache \\
    composer install --no-dev --no-interaction --no-progress --prefer-dist --no-scripts --no-autoloader
COPY . .
RUN mkdir -p bootstrap/cache storage/framework/cache storage/framework/sessions storage/framework/views storage/logs
RUN composer dump-autoload --no-dev --no-interaction --optimize
RUN --mount=type=cache,target=/root/.npm \\
    npm ci
RUN --mount=type=cache,target=/root/.npm \\
    npm run build
RUN rm -rf node_modules

FROM base AS runtime
LABEL org.opencontainers.image.title="panel"
# hadolint ignore=DL3008
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends ghostscript \\
 && rm -rf /var/lib/apt/lists/*
# The right to take ports below 1024 comes with the program, which nobody may start who is allowed no rights at all.
RUN setcap -r /usr/local/bin/frankenphp \\
 && groupadd --gid 10001 app \\
 && useradd --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app
ENV APP_ENV=production \\
    LOG_CHANNEL=stderr \\
    XDG_CONFIG_HOME=/tmp/config \\
    XDG_DATA_HOME=/tmp/data \\
    HOME=/tmp
WORKDIR /app
# Owned by root: the process can read its code, not change it.
COPY --from=build /app ./
USER 10001:10001
EXPOSE 8000
CMD ["bundle", "exec", "puma"]
"""

PHOENIX = build(
    "chat", context="", path="apps/chat", dockerfile="apps/chat/Dockerfile", language="elixir", framework="phoenix", package_manager="mix",
    runtime_version="1.19", install_command="mix deps.get", build_command="MIX_ENV=prod mix compile && MIX_ENV=prod mix release",
    manifests=("apps/chat/mix.exs", "apps/chat/mix.lock"), build_packages=("git",), runtime_packages=("libncurses6", "libstdc++6", "openssl"),
    traits=("release:chat", "app:chat", "mix-config"),
)  # fmt: skip
PHOENIX_DOCKERFILE = f"""\
FROM {ELIXIR} AS build
# Compilers stay in this stage. Unpinned: Debian keeps only the newest fix of each package, so a pinned one would vanish.
# hadolint ignore=DL3008
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends ca-certificates git \\
 && rm -rf /var/lib/apt/lists/*
ENV MIX_ENV=prod \\
    MIX_HOME=/opt/mix \\
    HEX_HOME=/opt/hex \\
    LANG=C.UTF-8
WORKDIR /app
RUN mix local.hex --force && mix local.rebar --force
# Dependencies first: they change less often than the code, and this layer is then reused.
COPY apps/chat/mix.exs apps/chat/mix.lock ./apps/chat/
COPY apps/chat/config ./apps/chat/config/
WORKDIR /app/apps/chat
RUN mix deps.get --only prod \\
 && mix deps.compile
WORKDIR /app
COPY . .
WORKDIR /app/apps/chat
RUN mix compile
RUN mix release

FROM {DEBIAN} AS runtime
LABEL org.opencontainers.image.title="chat"
# hadolint ignore=DL3008
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends ca-certificates libncurses6 libstdc++6 openssl \\
 && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app
# No port mapper and no door for other Erlang nodes, whose key lies in the image; rel/env.sh may open it. Nothing but /tmp can be written.
ENV RELEASE_DISTRIBUTION=none \\
    RELEASE_TMP=/tmp \\
    LANG=C.UTF-8 \\
    HOME=/tmp
WORKDIR /app
# Owned by root: the process can read its code, not change it.
COPY --from=build /app/apps/chat/_build/prod/rel/chat ./
USER 10001:10001
EXPOSE 8000
CMD ["bundle", "exec", "puma"]
"""


def _dockerfile(made: Build) -> str:
    plan = replace(SHOP, builds=(made,), services=(service(made.name, argv=("bundle", "exec", "puma")),))
    return next(file.text for file in docker.render(plan) if file.path == made.dockerfile)


@pytest.mark.parametrize(("made", "expected"), [(RAILS, RAILS_DOCKERFILE), (LARAVEL, LARAVEL_DOCKERFILE), (PHOENIX, PHOENIX_DOCKERFILE)])
def test_the_image_of_each_stack(made: Build, expected: str) -> None:
    assert _dockerfile(made) == expected


def test_a_version_that_bundler_insists_on_is_the_images() -> None:
    made = build("web", language="ruby", runtime_version="3.2", manifests=("web/Gemfile", "web/Gemfile.lock"), traits=("ruby-exact:3.2.2",))
    assert _dockerfile(made).splitlines()[0] == "FROM ruby:3.2.2-slim AS build"
    newer = build("web", language="ruby", runtime_version="3.4", manifests=("web/Gemfile", "web/Gemfile.lock"), traits=("ruby-exact:3.4.1",))
    assert _dockerfile(newer).splitlines()[0] == "FROM ruby:3.4.1-slim-bookworm AS build"


def test_a_lock_file_without_linux_is_completed_before_it_is_frozen() -> None:
    made = build("web", language="ruby", runtime_version="3.3", manifests=("web/Gemfile", "web/Gemfile.lock"), traits=("lock-without-linux",))
    text = _dockerfile(made)
    assert "RUN bundle lock --add-platform x86_64-linux aarch64-linux \\\n && bundle install \\\n" in text
    assert "BUNDLE_DEPLOYMENT" not in text


def test_gems_of_the_repository_are_there_before_they_are_installed() -> None:
    own = build("web", language="ruby", runtime_version="3.3", manifests=("web/Gemfile", "web/Gemfile.lock"), traits=("own-gems",))
    assert "# Gems that lie in the repository are part of the bundle.\nCOPY . .\nRUN bundle install" in _dockerfile(own)
    kept = build("web", language="ruby", runtime_version="3.3", manifests=("web/Gemfile", "web/Gemfile.lock"), traits=("vendored-gems",))
    assert "COPY Gemfile Gemfile.lock ./\nCOPY vendor/cache ./vendor/cache/\nRUN bundle install" in _dockerfile(kept)


def test_without_a_release_mix_starts_what_was_compiled() -> None:
    text = _dockerfile(build("api", language="elixir", runtime_version="1.19", build_command="MIX_ENV=prod mix compile", manifests=("api/mix.exs",)))
    assert f"FROM {ELIXIR} AS runtime" in text
    assert "COPY --from=build /opt/mix /opt/mix\n" in text


def test_symfony_reads_its_settings_from_the_environment() -> None:
    made = build("shop", language="php", framework="symfony", runtime_version="8.5", install_command="composer install",
                 manifests=("shop/composer.json",), build_variables=(("APP_ENV", "dev"), ("APP_SECRET", "build-only")))  # fmt: skip
    text = _dockerfile(made)
    assert "RUN install-php-extensions pcntl\n" in text
    assert "RUN touch .env\n" in text
    assert "RUN APP_SECRET=build-only \\\n    composer run-script --no-dev --no-interaction post-install-cmd\n" in text


@pytest.mark.parametrize(
    ("language", "path", "expected"),
    [
        (
            "ruby", "/up",
            ("ruby", "-rnet/http", "-e",
             "exit Net::HTTP.start('127.0.0.1', 8080, open_timeout: 4, read_timeout: 4) { _1.get('/up') }.code.to_i.between?(200, 399)"),
        ),
        ("ruby", None, ("ruby", "-rsocket", "-e", "Socket.tcp('127.0.0.1', 8080, connect_timeout: 4).close")),
        (
            "php", "/up",
            ("php", "-r", ("exit(@file_get_contents('http://127.0.0.1:8080/up', false, "
             "stream_context_create(['http' => ['timeout' => 4]])) === false ? 1 : 0);")),
        ),
        ("php", None, ("php", "-r", "exit(@fsockopen('127.0.0.1', 8080, $code, $text, 4) ? 0 : 1);")),
        (
            "elixir", "/up",
            ("timeout", "4", "bash", "-c",
             (r"exec 3<>/dev/tcp/127.0.0.1/8080 && printf '%s\r\nHost: localhost\r\nConnection: close\r\n\r\n' 'GET /up HTTP/1.1' >&3"
             " && read -r _ code _ <&3 && [[ $code == [23]* ]]")),
        ),
        ("elixir", None, ("timeout", "4", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080")),
    ],
)  # fmt: skip
def test_the_image_asks_for_its_own_health(language: str, path: str | None, expected: tuple[str, ...]) -> None:
    probe = Probe(kind="http", port=8080, path=path) if path else Probe(kind="tcp", port=8080)
    assert commands.health(probe, build("web", language=language)) == expected


@pytest.mark.parametrize(
    ("asked", "version", "expected"),
    [
        ("3.2.2", (3, 2), True), ("3.2.2", (3, 3), False), (">= 3.1, < 3.4", (3, 3), True), (">= 3.1, < 3.4", (3, 4), False),
        ("~> 3.2", (3, 4), True), ("~> 3.2", (4, 0), False), ("~> 3.2.0", (3, 3), False), ("~> 3.2.0", (3, 2), True),
        ("^8.1", (8, 4), True), ("^8.1", (9, 0), False), ("^7.4 || ^8.0", (8, 2), True), ("^7.4|^8.0", (8, 2), True), ("8.1.*", (8, 2), False),
        (">=8.1 <8.4", (8, 4), False), ("8.1 - 8.3", (8, 3), True), ("8.1 - 8.3", (8, 4), False), (">8.2.3", (8, 2), True),
        (">= 1.14.0 and < 2.0.0", (1, 19), True), ("~> 1.13 or ~> 2.0", (1, 18), True), ("1.16.1-otp-26", (1, 16), True), ("latest", (1, 16), False),
        ("<8.3.5", (8, 3), True), ("<=8.3", (8, 3), True), ("!=8.1.2", (8, 1), True),
    ],
)  # fmt: skip
def test_what_a_stated_version_allows(asked: str, version: tuple[int, ...], expected: bool) -> None:
    assert constraints.allows(asked, version) is expected
