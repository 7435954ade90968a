"""The Ruby detector on small trees, each showing one way in which Ruby applications are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors import ruby
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, RequestMetric, Runtime
from opsmith.repo import Repo


def write(root: Path, files: dict[str, str]) -> Repo:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Repo(root)


def detect(root: Path, files: dict[str, str]) -> list[Component]:
    return list(ruby.detect(write(root, files)))


def only(root: Path, files: dict[str, str]) -> Component:
    (component,) = detect(root, files)
    return component


def commands(components: list[Component]) -> list[tuple[str, str, str | None]]:
    return [(item.name, item.role, item.start_command) for item in components]


RAILS = {
    "Gemfile": 'source "https://rubygems.org"\nruby "3.3.1"\ngem "rails", "~> 7.2.0"\ngem "puma"\ngem "pg", "~> 1.5"\ngem "propshaft"\n',
    "Gemfile.lock": "GEM\n  specs:\n    pg (1.5.4)\n    puma (6.4.0)\n      nio4r (~> 2.0)\n    nio4r (2.7.0)\n    rails (7.2.1)\n",
    "config.ru": 'require_relative "config/environment"\nrun Rails.application\n',
    "config/application.rb": "module Shop\n  class Application < Rails::Application\n  end\nend\n",
    "config/puma.rb": 'port ENV.fetch("PORT") { 3000 }\n',
    "config/routes.rb": 'Rails.application.routes.draw do\n  get "up" => "rails/health#show", as: :rails_health_check\nend\n',
    "config/database.yml": "default: &default\n  adapter: postgresql\n\nproduction:\n  <<: *default\n  database: shop_production\n"
    '  host: <%= ENV["DB_HOST"] %>\n  password: <%= ENV["SHOP_DATABASE_PASSWORD"] %>\n',
    "config/environments/production.rb": "Rails.application.configure do\nend\n",
    "config/environments/test.rb": 'ENV.fetch("ONLY_IN_TESTS")\n',
    "bin/rails": "#!/usr/bin/env ruby\n",
    "db/migrate/20240101000000_create_things.rb": "class CreateThings < ActiveRecord::Migration[7.2]; end\n",
}


def test_a_rails_application(tmp_path: Path) -> None:
    assert only(tmp_path, RAILS) == Component(
        name="shop",
        path="",
        role="web",
        language="ruby",
        framework="rails",
        package_manager="bundler",
        runtime=Runtime(name="ruby", version="3.3.1"),
        install_command="bundle install",
        build_command="SECRET_KEY_BASE_DUMMY=1 bin/rails assets:precompile",
        start_command="bin/rails server -b 0.0.0.0",
        ports=(3000,),
        port_env="PORT",
        protocol="http",
        health_path="/up",
        migration_command="bin/rails db:prepare",
        backing_services=(BackingService(kind="postgres", name="postgres", env=("DB_HOST", "SHOP_DATABASE_PASSWORD")),),
        env=(
            EnvVar(name="DB_HOST", required=True),
            EnvVar(name="PORT", required=False, default="3000"),
            EnvVar(name="RAILS_ENV", required=True, default="production"),
            EnvVar(name="SECRET_KEY_BASE", required=True, secret=True),
            EnvVar(name="SHOP_DATABASE_PASSWORD", required=False, secret=True),
        ),
        manifests=("Gemfile", "Gemfile.lock"),
        build_packages=("build-essential", "libpq-dev", "pkg-config"),
        runtime_packages=("libpq5",),
        traits=("rails", "assets:propshaft", "ruby-exact:3.3.1"),
        evidence={
            "language": (Evidence(file="Gemfile", shows="Gemfile", confidence=1.0),),
            "runtime": (Evidence(file="Gemfile", line=2, shows='ruby "3.3.1"', confidence=0.95),),
            "backing_services": (Evidence(file="config/database.yml", line=4, shows="production: adapter postgres", confidence=0.95),),
            "env": (
                Evidence(file="config/application.rb", shows="Rails runs as development unless told", confidence=0.9),
                Evidence(file="config/application.rb", shows="no encrypted file, so that Rails wants SECRET_KEY_BASE in production", confidence=0.8),
                Evidence(file="config/puma.rb", line=1, shows='ENV.fetch("PORT") { 3000 }', confidence=0.9),
                Evidence(file="config/database.yml", line=7, shows='ENV["DB_HOST"]', confidence=0.9),
                Evidence(file="config/database.yml", line=8, shows='ENV["SHOP_DATABASE_PASSWORD"]', confidence=0.9),
            ),
            "framework": (Evidence(file="Gemfile", line=3, shows='gem "rails", "~> 7.2.0"', confidence=0.95),),
            "start_command": (
                Evidence(file="bin/rails", shows="`rails server` with Puma's settings", confidence=0.8),
                Evidence(file="config/puma.rb", shows="config/puma.rb: settings of the server", confidence=0.9),
            ),
            "ports": (Evidence(file="config/puma.rb", line=1, shows='port ENV.fetch("PORT") { 3000 }', confidence=0.9),),
            "health_path": (
                Evidence(file="config/routes.rb", line=2, shows='get "up" => "rails/health#show", as: :rails_health_check', confidence=0.9),
            ),
            "migration_command": (Evidence(file="db/migrate/20240101000000_create_things.rb", shows="migrations in db/migrate", confidence=0.9),),
            "build_command": (Evidence(file="Gemfile", line=6, shows='gem "propshaft"', confidence=0.95),),
        },
    )


def test_a_repository_without_ruby_has_no_component(tmp_path: Path) -> None:
    assert detect(tmp_path, {"README.md": "hello"}) == []


def test_gems_of_development_and_tests_do_not_count(tmp_path: Path) -> None:
    gemfile = (
        'gem "sinatra"\ngem "puma"\ngem "pg", group: :test\ngroup :development, :test do\n  gem "redis"\n  gem "sidekiq"\nend\n'
        'gem "mongoid", groups: [:development]\n'
    )
    found = only(tmp_path, {"Gemfile": gemfile, "config.ru": "require './app'\nrun App\n", "app.rb": "class App < Sinatra::Base\n  Redis.new\nend\n"})
    assert (found.framework, found.backing_services) == ("sinatra", ())


def test_versions_take_precedence_in_the_documented_order(tmp_path: Path) -> None:
    base = {"Gemfile": 'ruby "~> 3.1"\ngem "rack"\n', "config.ru": "run App\n", "Gemfile.lock": "RUBY VERSION\n   ruby 3.1.4p223\n\nBUNDLED WITH\n"}
    trees = [
        base,
        {**base, "Gemfile": 'ruby file: ".ruby-version"\ngem "rack"\n'},
        {**base, "mise.toml": '[tools]\nruby = "3.2"\n'},
        {**base, "mise.toml": '[tools]\nruby = "3.2"\n', ".tool-versions": "nodejs 20.1.0\nruby 3.3.0\n"},
        {**base, ".tool-versions": "ruby 3.3.0\n", ".ruby-version": "ruby-3.4.1\n"},
    ]
    found = [only(tmp_path / str(number), tree).runtime for number, tree in enumerate(trees)]
    assert [item.version for item in found if item] == ["~> 3.1", "3.1.4", "3.2", "3.3.0", "3.4.1"]


DATABASE = "production:\n  adapter: {}\n  database: shop\n"


@pytest.mark.parametrize(
    ("adapter", "gem", "kind"), [("postgis", "pg", "postgres"), ("trilogy", "trilogy", "mysql"), ("sqlserver", "tiny_tds", "mssql")]
)
def test_the_adapter_of_production_decides_the_database(tmp_path: Path, adapter: str, gem: str, kind: str) -> None:
    tree = {**RAILS, "config/database.yml": DATABASE.format(adapter), "Gemfile": f'gem "rails", "7.0.4"\ngem "{gem}"\ngem "sqlite3", group: :test\n'}
    found = only(tmp_path, tree)
    assert found.backing_services == (BackingService(kind=kind, name=kind, env=("DATABASE_URL",)),)
    assert EnvVar(name="DATABASE_URL", required=True, secret=True) in found.env


def test_sqlite_in_production_is_a_file_and_a_queue_database_no_server(tmp_path: Path) -> None:
    text = "production:\n  primary:\n    adapter: sqlite3\n    database: a.sqlite3\n  queue:\n    adapter: sqlite3\n    database: b.sqlite3\n"
    found = only(tmp_path, {**RAILS, "config/database.yml": text, "Gemfile": 'gem "rails"\ngem "sqlite3"\n'})
    assert (found.backing_services, "sqlite" in found.traits) == ((), True)


def test_an_adapter_that_a_variable_chooses_is_its_default(tmp_path: Path) -> None:
    text = "production:\n  adapter: <%= ENV['DB_ADAPTER'] || 'mysql2' %>\n  host: <%= ENV.fetch('DB_HOST', 'db') %>\n  password: x\n"
    tree = {**RAILS, "config/database.yml": text, "Gemfile": 'gem "rails"\ngem "pg"\ngem "mysql2"\n'}
    assert only(tmp_path, tree).backing_services == (BackingService(kind="mysql", name="mysql", env=("DB_HOST",)),)


def test_two_drivers_without_settings_are_a_question(tmp_path: Path) -> None:
    tree = {name: text for name, text in RAILS.items() if name != "config/database.yml"} | {"Gemfile": 'gem "rails"\ngem "pg"\ngem "mysql2"\n'}
    found = only(tmp_path, tree)
    assert found.backing_services == ()
    assert found.ambiguities == (
        Ambiguity(
            fact="backing_services",
            component="shop",
            choices=("postgres", "mysql"),
            how_to_decide="set components.shop.backing_services in opsmith.yaml",
        ),
    )


def test_credentials_are_opened_by_a_key(tmp_path: Path) -> None:
    found = only(tmp_path, {**RAILS, "config/credentials.yml.enc": "AAAA--BBBB--CCCC"})
    assert EnvVar(name="RAILS_MASTER_KEY", required=True, secret=True) in found.env
    assert EnvVar(name="SECRET_KEY_BASE", required=False, secret=True) in found.env


def test_the_key_base_under_a_name_of_its_own(tmp_path: Path) -> None:
    found = only(tmp_path, {**RAILS, "config/secrets.yml": "production:\n  secret_key_base: <%= ENV['APP_SECRET_TOKEN'] %>\n"})
    assert [item for item in found.env if item.name in ("APP_SECRET_TOKEN", "SECRET_KEY_BASE")] == [
        EnvVar(name="APP_SECRET_TOKEN", required=True, secret=True)
    ]


def test_a_container_serves_static_files_and_logs_to_its_output(tmp_path: Path) -> None:
    text = 'config.public_file_server.enabled = ENV["RAILS_SERVE_STATIC_FILES"].present?\nif ENV["RAILS_LOG_TO_STDOUT"].present?\nend\n'
    found = only(tmp_path, {**RAILS, "config/environments/production.rb": text})
    assert [(item.name, item.required, item.default) for item in found.env if item.name.startswith("RAILS_") and item.name != "RAILS_ENV"] == [
        ("RAILS_LOG_TO_STDOUT", True, "1"),
        ("RAILS_SERVE_STATIC_FILES", True, "1"),
    ]


def test_older_rails_starts_puma_itself_and_migrates(tmp_path: Path) -> None:
    tree = {**RAILS, "Gemfile": 'gem "rails", "~> 6.1"\ngem "puma"\ngem "pg"\ngem "sass-rails"\n', "Gemfile.lock": ""}
    tree |= {"app/assets/config/manifest.js": "//= link_tree ../images\n", "app/assets/stylesheets/a.css": ""}
    found = only(tmp_path, tree)
    assert (found.start_command, found.build_command, found.migration_command) == (
        "bundle exec puma -C config/puma.rb",
        "bin/rails assets:precompile",
        "bin/rails db:migrate",
    )


def test_thruster_stands_in_front_on_port_80(tmp_path: Path) -> None:
    tree = {**RAILS, "Gemfile": RAILS["Gemfile"] + 'gem "thruster", require: false\n', "bin/thrust": "#!/usr/bin/env ruby\n"}
    found = only(tmp_path, tree)
    assert (found.start_command, found.ports, found.port_env) == ("bin/thrust bin/rails server", (80,), "HTTP_PORT")


def test_without_a_server_or_a_port_the_default_is_said_to_be_one(tmp_path: Path) -> None:
    tree = {name: text for name, text in RAILS.items() if name != "config/puma.rb"} | {"Gemfile": 'gem "rails", "5.2.1"\n', "Gemfile.lock": ""}
    found = only(tmp_path, tree)
    assert (found.start_command, found.ports) == ("bin/rails server -b 0.0.0.0 -p 3000", (3000,))
    assert [item.shows for item in found.evidence["ports"]] == ["Rails' default, 3000: no port is stated"]


def test_unicorn_by_its_settings(tmp_path: Path) -> None:
    tree = {**RAILS, "Gemfile": 'gem "rails", "6.0"\ngem "unicorn"\ngem "pg"\n', "Gemfile.lock": ""}
    tree["config/unicorn.rb"] = 'listen "/tmp/unicorn.sock"\nlisten ENV["PORT"] || 8081, tcp_nopush: true\n'
    found = only(tmp_path, tree)
    assert (found.start_command, found.ports, found.port_env) == ("bundle exec unicorn -c config/unicorn.rb", (8081,), "PORT")


def test_a_port_inside_a_string(tmp_path: Path) -> None:
    bound = 'bind "unix://tmp/puma.sock"\nbind "tcp://#{ENV.fetch("IP", "0.0.0.0")}:#{ENV.fetch("HTTP_PORT", 8085)}"\n'
    found = only(tmp_path, {**RAILS, "config/puma.rb": bound})
    assert (found.ports, found.port_env) == ((8085,), "HTTP_PORT")


@pytest.mark.parametrize(
    ("routes", "path"),
    [
        ('scope "/internal" do\n  get "healthz", to: "health#show"\nend\nget "upload/:id/status", to: "x#y"\n', "/internal/healthz"),
        ('namespace :api do\n  namespace :v1 do\n    get :ping, to: "ping#show"\n  end\nend\n', "/api/v1/ping"),
        ('mount OkComputer::Engine, at: "/checks"\nget "/health" => "x#y"\n', "/checks"),
        ('get "/up", to: "x#y"\nget "alive" => "rails/health#show"\n', "/alive"),
        ('get "/profile" => "x#y"\n', None),
    ],
)
def test_health_checks_of_rails(tmp_path: Path, routes: str, path: str | None) -> None:
    found = only(tmp_path, {**RAILS, "config/routes.rb": f"Rails.application.routes.draw do\n{routes}end\n"})
    assert found.health_path == path


def test_the_metrics_of_a_known_exporter(tmp_path: Path) -> None:
    tree = {**RAILS, "config/routes.rb": 'Rails.application.routes.draw do\n  mount Yabeda::Prometheus::Exporter => "/metrics"\nend\n'}
    tree["Gemfile"] += 'gem "yabeda-rails"\ngem "yabeda-prometheus"\n'
    found = only(tmp_path, tree)
    assert (found.metrics_path, found.request_metric) == (
        "/metrics",
        RequestMetric(counter="rails_requests_total", errors='status=~"5.."', histogram="rails_request_duration_seconds"),
    )


REDIS = BackingService(kind="redis", name="redis", env=("REDIS_URL",))


def test_sidekiq_is_a_worker_that_needs_redis(tmp_path: Path) -> None:
    tree = {**RAILS, "Gemfile": RAILS["Gemfile"] + 'gem "sidekiq"\n', "config/sidekiq.yml": ":queues:\n  - default\n"}
    web, worker = detect(tmp_path, tree)
    assert (worker.name, worker.role, worker.start_command) == ("shop-sidekiq", "worker", "bundle exec sidekiq -C config/sidekiq.yml")
    assert (worker.ports, worker.health_path, worker.migration_command, worker.protocol) == ((), None, None, None)
    assert web.backing_services[1] == worker.backing_services[1] == REDIS
    assert EnvVar(name="REDIS_URL", required=True, secret=True) in web.env


@pytest.mark.parametrize(
    ("gem", "files", "expected"),
    [
        ("solid_queue", {"bin/jobs": "", "config/queue.yml": ""}, ("shop-jobs", "worker", "bin/jobs")),
        ("good_job", {}, ("shop-good-job", "worker", "bundle exec good_job start")),
        ("resque", {}, ("shop-resque", "worker", "bundle exec rake resque:work")),
        ("delayed_job_active_record", {"bin/delayed_job": ""}, ("shop-delayed-job", "worker", "bin/delayed_job run")),
        ("que", {}, ("shop-que", "worker", "bundle exec que")),
        ("karafka", {"karafka.rb": ""}, ("shop-karafka", "worker", "bundle exec karafka server")),
        ("clockwork", {"clock.rb": ""}, ("shop-clock", "worker", "bundle exec clockwork clock.rb")),
    ],
)
def test_other_job_runners(tmp_path: Path, gem: str, files: dict[str, str], expected: tuple[str, str, str]) -> None:
    tree = {**RAILS, **files, "Gemfile": RAILS["Gemfile"] + f'gem "{gem}"\n'}
    assert commands(detect(tmp_path, tree))[1:] == [expected]


def test_good_job_inside_the_web_process_is_no_worker(tmp_path: Path) -> None:
    text = "Rails.application.configure do\n  config.good_job.execution_mode = :async\nend\n"
    tree = {**RAILS, "Gemfile": RAILS["Gemfile"] + 'gem "good_job"\n', "config/environments/production.rb": text}
    assert len(detect(tmp_path, tree)) == 1


def test_the_processes_of_a_procfile_speak_for_themselves(tmp_path: Path) -> None:
    procfile = (
        "web: bundle exec puma -p ${PORT:-5000}\nrelease: rake db:migrate\nredis: redis-server\n"
        "workers: QUEUE=mail INTERVAL=1 bundle exec resque-pool\n"
    )
    web, worker = detect(tmp_path, {**RAILS, "Gemfile": RAILS["Gemfile"] + 'gem "resque"\n', "Procfile": procfile})
    assert (web.start_command, web.ports, web.port_env) == ("bundle exec puma -p ${PORT:-5000}", (5000,), "PORT")
    assert (worker.name, worker.start_command) == ("shop-workers", "bundle exec resque-pool")
    assert {EnvVar(name="QUEUE", required=True, default="mail"), EnvVar(name="INTERVAL", required=True, default="1")} <= set(worker.env)


def test_the_jobs_of_whenever_are_cron(tmp_path: Path) -> None:
    schedule = (
        'every 1.day do\n  rake "reports:send"\nend\nevery "0 4 * * 1" do\n  runner "Clean.up(\'x\')"\nend\n'
        'every 15.minutes do\n  command "date"\nend\nevery :sunday, at: "4pm" do\n  rake "weekly"\nend\n'
    )
    found = detect(tmp_path, {**RAILS, "Gemfile": RAILS["Gemfile"] + 'gem "whenever"\n', "config/schedule.rb": schedule})[1:]
    assert [(item.name, item.role, item.start_command, [trait for trait in item.traits if trait.startswith("schedule:")]) for item in found] == [
        ("shop-reports-send", "cron", "bundle exec rake reports:send", ["schedule:0 0 * * *"]),
        ("shop-clean-up-x", "cron", """bin/rails runner 'Clean.up('"'"'x'"'"')'""", ["schedule:0 4 * * 1"]),
        ("shop-date", "cron", "date", ["schedule:*/15 * * * *"]),
        ("shop-weekly", "cron", "bundle exec rake weekly", []),
    ]


def test_redis_counts_where_something_uses_it(tmp_path: Path) -> None:
    cable = "production:\n  adapter: redis\n  url: <%= ENV.fetch('REDIS_URL') { 'redis://localhost:6379/1' } %>\n"
    unused = {**RAILS, "Gemfile": RAILS["Gemfile"] + 'gem "redis"\n', "config/cable.yml": cable}
    talking = {**unused, "app/channels/chat_channel.rb": "class ChatChannel < ApplicationCable::Channel\nend\n"}
    caching = {**unused, "config/environments/production.rb": 'config.cache_store = :redis_cache_store, { url: ENV["CACHE_URL"] }\n'}
    kinds = [[item.kind for item in only(tmp_path / name, tree).backing_services] for name, tree in (("a", unused), ("b", talking), ("c", caching))]
    assert kinds == [["postgres"], ["postgres", "redis"], ["postgres", "redis"]]


def test_variables_with_their_defaults_and_what_the_code_cannot_do_without(tmp_path: Path) -> None:
    initializer = (
        'A = ENV.fetch("MUST")\nB = ENV["PLAIN"]\nC = ENV["OR"] || "word"\nD = ENV.fetch("NUMBER", 5).to_i\nE = ENV.fetch("NOTHING", nil)\n'
        'F = ENV["STRICT"] || raise("no")\nG = ENV.fetch("GUARDED") if ENV["SWITCH"]\nH = (ENV["PRESENCE"].presence || "x")\n'
        'I = ENV["API_TOKEN"] || "s3cr3t-v4lue"\n'
    )
    found = only(tmp_path, {**RAILS, "config/initializers/a.rb": initializer, "spec/x_spec.rb": 'ENV.fetch("SPEC_ONLY")\n'})
    names = ("MUST", "PLAIN", "OR", "NUMBER", "NOTHING", "STRICT", "GUARDED", "SWITCH", "PRESENCE", "API_TOKEN", "SPEC_ONLY", "ONLY_IN_TESTS")
    assert sorted((item.name, item.required, item.secret, item.default) for item in found.env if item.name in names) == [
        ("API_TOKEN", False, True, "***"),
        ("GUARDED", False, False, None),
        ("MUST", True, False, None),
        ("NOTHING", False, False, None),
        ("NUMBER", False, False, "5"),
        ("OR", False, False, "word"),
        ("PLAIN", False, False, None),
        ("PRESENCE", False, False, "x"),
        ("STRICT", True, False, None),
        ("SWITCH", False, False, None),
    ]
    assert "s3cr3t" not in str(found)


def test_assets_that_node_builds(tmp_path: Path) -> None:
    tree = {**RAILS, "Gemfile": RAILS["Gemfile"] + 'gem "jsbundling-rails"\n', "yarn.lock": ""}
    tree["package.json"] = '{"dependencies": {"esbuild": "1"}, "scripts": {"build": "esbuild app/javascript/*.*"}}'
    found = only(tmp_path, tree)
    assert found.build_command == "yarn install --frozen-lockfile && SECRET_KEY_BASE_DUMMY=1 bin/rails assets:precompile"
    assert found.traits == ("rails", "assets:propshaft", "assets:jsbundling", "node", "node-manager:yarn", "ruby-exact:3.3.1")
    assert found.manifests == ("Gemfile", "Gemfile.lock", "package.json", "yarn.lock")


def test_native_packages_of_what_is_installed_and_not_precompiled(tmp_path: Path) -> None:
    lock = (
        "GIT\n  remote: https://example.com/x.git\n  specs:\n    x (1.0)\nGEM\n  specs:\n    rails (7.2.1)\n      activestorage (= 7.2.1)\n"
        "    image_processing (1.12)\n      ruby-vips (>= 2)\n    ruby-vips (2.2)\n    sqlite3 (2.0.1-x86_64-linux-gnu)\n"
        "    mysql2 (0.5.6)\n    rmagick (5.0)\n"
    )
    gemfile = 'gem "rails"\ngem "image_processing"\ngem "sqlite3"\ngem "mysql2"\ngroup :development do\n  gem "rmagick"\nend\n'
    found = only(tmp_path, {**RAILS, "Gemfile": gemfile, "Gemfile.lock": lock})
    assert found.build_packages == ("build-essential", "default-libmysqlclient-dev", "git", "pkg-config")
    assert found.runtime_packages == ("libmariadb3", "libvips42")


def test_sinatra_behind_rack_with_a_worker_and_a_rake_task(tmp_path: Path) -> None:
    tree = {
        "Gemfile": "gem 'sinatra'\ngem 'puma'\ngem 'rackup'\ngem 'pg'\ngem 'sidekiq'\n",
        "config.ru": "require './app/server'\nmap '/api' do\n  run Server\nend\n",
        "app/server.rb": "require 'sinatra'\nclass Server < Sinatra::Base\n  get '/health' do\n    'ok'\n  end\nend\n",
        "app/database.rb": "require 'pg'\nCONFIG = { host: 'database', password: 'postgres' }\nPG.connect CONFIG\n",
        "app/job.rb": "class Job\n  include Sidekiq::Job\nend\n",
        "Rakefile": "namespace :db do\n  task :init do\n  end\nend\n",
    }
    web, worker = detect(tmp_path / "exams", tree)
    assert (web.name, web.framework, web.start_command, web.ports, web.health_path) == (
        "exams",
        "sinatra",
        "bundle exec puma -b tcp://0.0.0.0:9292",
        (9292,),
        "/api/health",
    )
    assert web.backing_services == (BackingService(kind="postgres", name="postgres", host="database"), REDIS)
    assert web.migration_command == "bundle exec rake db:init"
    assert [(item.fact, item.choices) for item in web.ambiguities] == [("migration_command", ("bundle exec rake db:init",))]
    assert (worker.role, worker.start_command) == ("worker", "bundle exec sidekiq -r ./app/job.rb")
    assert EnvVar(name="RACK_ENV", required=True, default="production") in web.env


def test_sinatra_in_one_file_starts_itself(tmp_path: Path) -> None:
    found = only(
        tmp_path, {"Gemfile": "gem 'sinatra'\n", "app.rb": "require 'sinatra'\nset :port, ENV.fetch('PORT', 8080)\nget('/ping') { 'pong' }\n"}
    )
    assert (found.start_command, found.ports, found.port_env, found.health_path) == ("bundle exec ruby app.rb -o 0.0.0.0", (8080,), "PORT", "/ping")


def test_sinatra_without_a_gemfile(tmp_path: Path) -> None:
    found = only(tmp_path, {"web/app.rb": "require 'sinatra'\nset :bind, '0.0.0.0'\nget('/') { 'hi' }\n"})
    assert (found.path, found.start_command, found.ports, found.package_manager) == ("web", "ruby app.rb", (4567,), None)
    assert [item.shows for item in found.evidence["ports"]] == ["Sinatra's default, 4567: no port is stated"]


@pytest.mark.parametrize(
    ("gem", "code", "framework", "start", "port", "health"),
    [
        ("roda", "class App < Roda\n  route do |r|\n    r.on 'api' do\n      r.get('healthz') { 'ok' }\n    end\n  end\nend\n", "roda",
         "bundle exec rackup --host 0.0.0.0 --port 9292", 9292, "/api/healthz"),
        ("grape", "class App < Grape::API\n  get :health do\n    {}\n  end\nend\n", "grape",
         "bundle exec rackup --host 0.0.0.0 --port 9292", 9292, "/health"),
        ("hanami", "class Routes < Hanami::Routes\n  get '/up', to: 'up.show'\nend\n", "hanami",
         "bundle exec hanami server --host 0.0.0.0 --port 2300", 2300, "/up"),
        ("rack", "App = ->(env) { [200, {}, []] }\n", "rack", "bundle exec rackup --host 0.0.0.0 --port 9292", 9292, None),
        ("falcon", "App = 1\n", "rack", "bundle exec falcon serve --bind http://0.0.0.0:9292", 9292, None),
    ],
)  # fmt: skip
def test_other_rack_applications(tmp_path: Path, gem: str, code: str, framework: str, start: str, port: int, health: str | None) -> None:
    found = only(tmp_path, {"Gemfile": f"gem '{gem}'\n", "config.ru": "run App\n", "app.rb": code})
    assert (found.framework, found.start_command, found.ports, found.health_path) == (framework, start, (port,), health)


def test_webrick_with_the_port_in_its_code(tmp_path: Path) -> None:
    found = only(tmp_path, {"server.rb": "require 'webrick'\nWEBrick::HTTPServer.new(:Port => 8000, :DocumentRoot => '.').start\n"})
    assert (found.start_command, found.ports, found.framework) == ("ruby server.rb", (8000,), None)


def test_workers_without_a_web_server(tmp_path: Path) -> None:
    tree = {
        "Gemfile": "gem 'sidekiq'\n",
        "worker.rb": "class A\n  include Sidekiq::Worker\nend\n",
        "b.rb": "class B\n  include Sidekiq::Worker\nend\n",
    }
    found = only(tmp_path / "mailer", tree)
    assert (found.name, found.role, found.start_command, found.ports) == ("mailer", "worker", "bundle exec sidekiq -r ./worker.rb", ())


def test_libraries_tools_and_test_applications_are_no_deployables(tmp_path: Path) -> None:
    tree = {
        "Gemfile": "source 'https://rubygems.org'\ngemspec\ngem 'rails'\n",
        "thing.gemspec": "Gem::Specification.new do |s|\n  s.add_dependency 'redis'\nend\n",
        "lib/thing.rb": "module Thing\nend\n",
        "spec/dummy/config/application.rb": "module Dummy\nend\n",
        "spec/dummy/config.ru": "run Rails.application\n",
        "fastlane/Gemfile": "gem 'fastlane'\n",
        "site/Gemfile": "gem 'jekyll'\n",
    }
    assert detect(tmp_path, tree) == []


def test_several_applications_of_one_repository(tmp_path: Path) -> None:
    tree = {f"shop/{name}": text for name, text in RAILS.items()}
    tree |= {
        "shop/vendored/Gemfile": "gem 'rake'\n",
        "gate/Gemfile": "gem 'rack'\ngem 'tools', path: '../libs/tools'\n",
        "gate/config.ru": "run App\n",
    }
    tree |= {"libs/tools/tools.gemspec": "Gem::Specification.new\n", "libs/tools/lib/tools.rb": "module Tools\nend\n"}
    found = detect(tmp_path, tree)
    assert [(item.name, item.path, item.context, item.manifests) for item in found] == [
        ("gate", "gate", "", ("gate/Gemfile", "libs/tools/tools.gemspec")),
        ("shop", "shop", None, ("shop/Gemfile", "shop/Gemfile.lock")),
    ]


def test_broken_and_hostile_files_are_survived(tmp_path: Path) -> None:
    deep = "(" * 20_000 + 'ENV.fetch("DEEP")' + ")" * 20_000
    tree = {
        **RAILS,
        "config/initializers/deep.rb": deep,
        "config/initializers/torn.rb": 'ENV.fetch("TORN',
        "config/cable.yml": "production: [<%= ENV['X' %>\n",
        "config/database.yml": "production:\n\t<%= \n  adapter: {{{\n",
        "Gemfile.lock": "GEM\n  specs:\n    (((\n",
        "config/schedule.rb": "every do\n  rake\nend\n",
        "Gemfile": RAILS["Gemfile"] + "gem \ngem 5\ngroup do\n gem 'whenever'\nend\n",
    }
    repo = write(tmp_path, tree)
    (found,) = ruby.detect(repo)
    assert (found.framework, [item.kind for item in found.backing_services]) == ("rails", ["postgres"])
    assert [(problem.file, problem.manifest) for problem in sorted(repo.problems, key=lambda item: item.file)] == [
        ("config/cable.yml", False),
        ("config/database.yml", False),
    ]


def test_no_file_outside_is_read_and_nothing_is_run(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.rb").write_text('ENV.fetch("STOLEN")\n')
    marker = tmp_path / "ran"
    tree = {**RAILS, "Gemfile": RAILS["Gemfile"] + f"File.write('{marker}', 'x')\neval_gemfile '../outside/x.rb'\nruby file: '../outside/x.rb'\n"}
    found = only(tmp_path / "inside", tree)
    assert not marker.exists()
    assert "STOLEN" not in str(found)


def test_what_is_larger_or_deeper_than_anybody_writes_is_not_walked(tmp_path: Path) -> None:
    chain = " || ".join(f'ENV["A{number}"]' for number in range(3_000))
    large = 'ENV["LARGE"]\n' * 10_000
    tags = "<%" * 400_000 + '<%= ENV["LATE"] %>\n'
    found = only(tmp_path, {**RAILS, "lib/chain.rb": chain, "lib/large.rb": large, "config/tags.yml": tags})
    assert [item.name for item in found.env] == ["DB_HOST", "PORT", "RAILS_ENV", "SECRET_KEY_BASE", "SHOP_DATABASE_PASSWORD"]


def test_a_variable_without_a_number_leaves_the_default_which_is_said(tmp_path: Path) -> None:
    found = only(tmp_path, {**RAILS, "config/puma.rb": 'port ENV["PORT"]\n'})
    assert (found.ports, found.port_env) == ((3000,), "PORT")
    assert [item.shows for item in found.evidence["ports"]] == ['port ENV["PORT"]', "Rails' default, 3000: no port is stated"]
