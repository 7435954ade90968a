"""The Elixir detector on small trees, each showing one way in which Elixir applications are written."""

from __future__ import annotations

from pathlib import Path

from opsmith.detectors import elixir
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, RequestMetric, Runtime
from opsmith.repo import Repo

INSTALL = "mix local.hex --force && mix local.rebar --force && mix deps.get"
MIX = """defmodule Shop.MixProject do
  use Mix.Project

  def project do
    [app: :shop, version: "0.1.0", elixir: "~> 1.15", aliases: aliases(), deps: deps()]
  end

  def application do
    [mod: {Shop.Application, []}, extra_applications: [:logger]]
  end

  defp deps do
    [
      {:phoenix, "~> 1.7"},
      {:postgrex, ">= 0.0.0"},
      {:redix, "~> 1.0", only: :test},
      {:credo, "~> 1.7", only: [:dev, :test], runtime: false}
    ]
  end

  defp aliases do
    ["assets.deploy": ["esbuild shop --minify", "phx.digest"]]
  end
end
"""
ENDPOINT = "defmodule ShopWeb.Endpoint do\n  use Phoenix.Endpoint, otp_app: :shop\nend\n"
REPO = "defmodule Shop.Repo do\n  use Ecto.Repo, otp_app: :shop, adapter: Ecto.Adapters.Postgres\nend\n"
RUNTIME = """import Config

if System.get_env("PHX_SERVER") do
  config :shop, ShopWeb.Endpoint, server: true
end

if config_env() == :test do
  System.fetch_env!("ONLY_IN_TESTS")
end

if config_env() == :prod do
  database_url =
    System.get_env("DATABASE_URL") ||
      raise "environment variable DATABASE_URL is missing."

  config :shop, Shop.Repo, url: database_url
  port = String.to_integer(System.get_env("PORT") || "4000")
  config :shop, ShopWeb.Endpoint, http: [ip: {0, 0, 0, 0}, port: port], secret_key_base: System.fetch_env!("SECRET_KEY_BASE")
end
"""
ROUTER = """defmodule ShopWeb.Router do
  use ShopWeb, :router

  scope "/api", ShopWeb do
    scope "/v1" do
      get "/items", ItemController, :index
    end

    get "/health", HealthController, :index
  end
end
"""


def detect(root: Path, files: dict[str, str]) -> list[Component]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(elixir.detect(Repo(root)))


def only(root: Path, files: dict[str, str]) -> Component:
    (component,) = detect(root, files)
    return component


PHOENIX = {
    "mix.exs": MIX,
    "mix.lock": "%{}\n",
    "config/config.exs": "import Config\n",
    "config/runtime.exs": RUNTIME,
    "config/hex.exs": "import Config\nconfig :shop, ShopWeb.Endpoint, http: [port: 4043]\n",
    "lib/shop/repo.ex": REPO,
    "lib/shop_web/endpoint.ex": ENDPOINT,
    "lib/shop_web/router.ex": ROUTER,
    "priv/repo/migrations/1_items.exs": "defmodule M do\nend\n",
}


def test_a_phoenix_application(tmp_path: Path) -> None:
    assert only(tmp_path, PHOENIX) == Component(
        name="shop",
        path="",
        role="web",
        language="elixir",
        framework="phoenix",
        package_manager="mix",
        runtime=Runtime(name="elixir", version="~> 1.15"),
        install_command=INSTALL,
        build_command="MIX_ENV=prod mix compile && MIX_ENV=prod mix assets.deploy && MIX_ENV=prod mix release",
        start_command="bin/shop start",
        ports=(4000,),
        protocol="http",
        port_env="PORT",
        health_path="/api/health",
        migration_command="mix ecto.migrate",
        backing_services=(BackingService(kind="postgres", name="postgres", env=("DATABASE_URL",)),),
        env=(
            EnvVar(name="DATABASE_URL", required=True, secret=True),
            EnvVar(name="PHX_SERVER", required=True, default="true"),
            EnvVar(name="PORT", required=False, default="4000"),
            EnvVar(name="SECRET_KEY_BASE", required=True, secret=True),
        ),
        lint_command="mix credo",
        manifests=("mix.exs", "mix.lock"),
        runtime_packages=("libncurses6", "libstdc++6", "openssl"),
        traits=("release:shop", "app:shop", "mix-config"),
        evidence={
            "role": (Evidence(file="config/runtime.exs", line=18, shows="ShopWeb.Endpoint, http: port 4000", confidence=0.9),),
            "language": (Evidence(file="mix.exs", shows="mix.exs", confidence=1.0),),
            "framework": (Evidence(file="mix.exs", line=14, shows=":phoenix", confidence=0.95),),
            "runtime": (Evidence(file="mix.exs", line=5, shows='elixir: "~> 1.15"', confidence=0.9),),
            "start_command": (
                Evidence(
                    file="config/runtime.exs",
                    shows="configuration that is read when a release starts; Mix names it after the application, shop",
                    confidence=0.75,
                ),
            ),
            "ports": (Evidence(file="config/runtime.exs", line=18, shows="ShopWeb.Endpoint, http: port 4000", confidence=0.9),),
            "health_path": (Evidence(file="lib/shop_web/router.ex", line=9, shows="/api/health"),),
            "migration_command": (Evidence(file="priv/repo/migrations/1_items.exs", shows="a migration of Ecto", confidence=0.85),),
            "backing_services": (Evidence(file="lib/shop/repo.ex", line=2, shows="Shop.Repo uses Ecto.Adapters.Postgres", confidence=0.95),),
            "env": (
                Evidence(file="config/runtime.exs", line=13, shows="DATABASE_URL"),
                Evidence(file="config/runtime.exs", line=3, shows="PHX_SERVER"),
                Evidence(file="config/runtime.exs", line=17, shows="PORT"),
                Evidence(file="config/runtime.exs", line=18, shows="SECRET_KEY_BASE"),
            ),
            "lint_command": (Evidence(file="mix.exs", line=17, shows=":credo"),),
        },
    )


def test_a_repository_without_elixir_has_no_component(tmp_path: Path) -> None:
    assert detect(tmp_path, {"README.md": "hello"}) == []


def test_the_scripts_of_a_release_are_its_commands(tmp_path: Path) -> None:
    scripts = {"rel/overlays/bin/server": "#!/bin/sh\nPHX_SERVER=true exec ./shop start\n", "rel/overlays/bin/migrate": "#!/bin/sh\n"}
    found = only(tmp_path, {**PHOENIX, **scripts})
    assert (found.start_command, found.migration_command) == ("bin/server", "bin/migrate")
    assert EnvVar(name="PHX_SERVER", required=False) in found.env


def test_a_release_migrates_by_a_module_of_its_own(tmp_path: Path) -> None:
    task = "defmodule Shop.Release do\n  def migrate do\n    Ecto.Migrator.with_repo(Shop.Repo, & &1)\n  end\nend\n"
    found = only(tmp_path, {**PHOENIX, "lib/shop/release.ex": task})
    assert found.migration_command == 'bin/shop eval "Shop.Release.migrate()"'


def test_an_application_that_migrates_when_it_starts_has_no_command(tmp_path: Path) -> None:
    started = "defmodule Shop.Application do\n  use Application\n  def start(_, _), do: [{Ecto.Migrator, repos: [Shop.Repo]}]\nend\n"
    assert only(tmp_path, {**PHOENIX, "lib/shop/application.ex": started}).migration_command is None


def test_without_a_release_mix_starts_phoenix_on_its_default_port(tmp_path: Path) -> None:
    found = only(tmp_path, {"mix.exs": MIX, "lib/shop_web/endpoint.ex": ENDPOINT})
    assert (found.start_command, found.ports, found.env) == ("mix phx.server", (4000,), (EnvVar(name="MIX_ENV", required=True, default="prod"),))
    shown = Evidence(file="lib/shop_web/endpoint.ex", line=2, shows="Phoenix's default, 4000: no port is stated", confidence=0.6)
    assert found.evidence["ports"] == (shown,)


def test_versions_take_precedence_in_the_documented_order(tmp_path: Path) -> None:
    files = {"mix.exs": MIX, "lib/e.ex": ENDPOINT}
    asdf = only(tmp_path / "a", {**files, ".tool-versions": "erlang 26.2\nelixir 1.16.1-otp-26\n", "mise.toml": '[tools]\nelixir = "1.17"\n'})
    mise = only(tmp_path / "b", {**files, "mise.toml": '[tools]\nelixir = "1.17.2-otp-27"\n'})
    assert (asdf.runtime, asdf.traits) == (Runtime(name="elixir", version="1.16.1"), ("otp:26.2", "app:shop"))
    assert (mise.runtime, mise.traits) == (Runtime(name="elixir", version="1.17.2"), ("otp:27", "app:shop"))


PLUG = """defmodule Shop.Application do
  use Application

  def start(_type, _args) do
    children = [{Bandit, plug: Shop.Router, port: Application.fetch_env!(:shop, :port)}, {GRPC.Server.Supervisor, endpoint: E, port: 50051}]
    Supervisor.start_link(children, strategy: :one_for_one)
  end
end
"""


def test_a_plug_application_takes_its_port_from_the_configuration(tmp_path: Path) -> None:
    config = 'import Config\nconfig :shop, port: String.to_integer(System.get_env("HTTP_PORT", "8085"))\n'
    router = 'defmodule Shop.Router do\n  use Plug.Router\n  get "/healthz" do\n    send_resp(conn, 200, "")\n  end\nend\n'
    found = only(tmp_path, {"mix.exs": MIX, "config/config.exs": config, "lib/a.ex": PLUG, "lib/router.ex": router})
    assert (found.framework, found.ports, found.port_env, found.health_path) == ("plug", (8085, 50051), "HTTP_PORT", "/healthz")
    assert found.start_command == "mix run --no-halt"


def test_an_application_that_listens_on_nothing_is_a_worker(tmp_path: Path) -> None:
    app = "defmodule Shop.Application do\n  use Application\n  def start(_, _), do: {:ok, self()}\nend\n"
    consumer = 'defmodule Shop.Consumer do\n  use Broadway\n  @producer {BroadwayRabbitMQ.Producer, url: System.get_env("AMQP_URL")}\nend\n'
    mix = MIX.replace('{:phoenix, "~> 1.7"}', '{:broadway, "~> 1.0"}, {:broadway_rabbitmq, "~> 0.8"}')
    found = only(tmp_path, {"mix.exs": mix, "lib/a.ex": app, "lib/c.ex": consumer})
    assert (found.role, found.framework, found.ports, found.traits) == ("worker", "broadway", (), ("app:shop", "broadway"))
    assert found.backing_services == (BackingService(kind="rabbitmq", name="rabbitmq", env=("AMQP_URL",), optional=True),)


def test_libraries_and_what_lies_beside_a_project_are_no_component(tmp_path: Path) -> None:
    library = "defmodule L do\n  use Mix.Project\n  def project, do: [app: :l, package: package()]\n  defp package, do: []\nend\n"
    root = MIX.replace('{:phoenix, "~> 1.7"}', '{:phoenix, "~> 1.7"}, {:l, path: "l"}')
    found = detect(tmp_path, {"mix.exs": root, "lib/e.ex": ENDPOINT, "l/mix.exs": library, "deps/x/mix.exs": MIX, "alone/mix.exs": library})
    assert [item.path for item in found] == [""]


UMBRELLA = """defmodule Top.MixProject do
  use Mix.Project

  def project do
    [apps_path: "apps", releases: [front: [applications: [shop_web: :permanent]], back: [applications: [shop_jobs: :permanent]]]]
  end
end
"""


def test_every_release_of_an_umbrella_is_a_component(tmp_path: Path) -> None:
    def app(name: str, needs: str = "") -> str:
        return (
            f"defmodule A do\n  use Mix.Project\n  def project, do: [app: :{name}, deps: deps()]\n"
            f"  def application, do: [mod: {{A, []}}]\n  defp deps, do: [{needs}]\nend\n"
        )

    files = {
        "mix.exs": UMBRELLA,
        "apps/shop/mix.exs": app("shop"),
        "apps/shop_web/mix.exs": app("shop_web", "{:shop, in_umbrella: true}"),
        "apps/shop_web/lib/e.ex": ENDPOINT,
        "apps/shop_jobs/mix.exs": app("shop_jobs", "{:shop, in_umbrella: true}"),
        "apps/shop_jobs/lib/j.ex": "defmodule Jobs do\nend\n",
    }
    found = {item.name: (item.role, item.start_command, item.ports) for item in detect(tmp_path, files)}
    assert found == {"front": ("web", "bin/front start", (4000,)), "back": ("worker", "bin/back start", ())}


def test_several_releases_are_told_as_an_ambiguity(tmp_path: Path) -> None:
    mix = MIX.replace("deps: deps()]", "deps: deps(), releases: [one: [], two: []]]")
    found = only(tmp_path, {"mix.exs": mix, "lib/e.ex": ENDPOINT})
    assert found.ambiguities == (
        Ambiguity(
            fact="start_command",
            component="shop",
            choices=("bin/one start", "bin/two start"),
            how_to_decide="set components.shop.start_command in opsmith.yaml",
        ),
    )


def test_prom_ex_publishes_request_metrics(tmp_path: Path) -> None:
    plugged = ENDPOINT.removesuffix("end\n") + '  plug PromEx.Plug, prom_ex_module: Shop.PromEx, path: "/stats"\nend\n'
    prom = "defmodule Shop.PromEx do\n  use PromEx, otp_app: :shop\n  def plugins, do: [PromEx.Plugins.Phoenix]\nend\n"
    found = only(tmp_path, {"mix.exs": MIX, "lib/e.ex": plugged, "lib/p.ex": prom})
    assert (found.metrics_path, found.request_metric) == (
        "/stats",
        RequestMetric(counter="shop_prom_ex_phoenix_http_requests_total", errors='status=~"5.."'),
    )


def test_wrappers_and_branches_decide_what_is_needed(tmp_path: Path) -> None:
    runtime = """import Config
mode = System.get_env("MODE", "web")

if mode == "s3" do
  System.fetch_env!("BUCKET")
end

Shop.Env.number("POOL_SIZE", 5)
Shop.Env.needed("LICENSE_KEY")
config :shop, old: {:system, "OLD_STYLE"}
"""
    wrapper = "defmodule Shop.Env do\n  def number(n, d), do: System.get_env(n) || d\n  def needed(n), do: System.fetch_env!(n)\nend\n"
    found = only(tmp_path, {"mix.exs": MIX, "lib/e.ex": ENDPOINT, "lib/env.ex": wrapper, "config/runtime.exs": runtime})
    assert found.env == (
        EnvVar(name="BUCKET", required=False),
        EnvVar(name="LICENSE_KEY", required=True, secret=True),
        EnvVar(name="MODE", required=False, default="web"),
        EnvVar(name="OLD_STYLE", required=True),
        EnvVar(name="POOL_SIZE", required=False, default="5"),
    )


def test_broken_and_deep_files_do_no_harm(tmp_path: Path) -> None:
    deep = "import Config\nconfig :shop, ShopWeb.Endpoint, http: [port: " + "[" * 5000 + "1" + "]" * 5000 + "]\n"
    names = "".join(f"a{index} = a{index + 1} + a{index + 1} + a{index + 1}\n" for index in range(60))
    files = {
        "mix.exs": MIX,
        "lib/e.ex": ENDPOINT,
        "config/runtime.exs": deep,
        "config/config.exs": "import Config\n" + names + "config :shop, a: a0\n",
    }
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/bad.ex").write_bytes(b"defmodule Bad do\n use Ecto.Repo, adapter: \xff\xfe [[[ (\n")
    assert [(item.role, item.ports) for item in detect(tmp_path, files)] == [("web", (4000,))]


def test_an_address_without_a_default_is_needed_and_a_file_is_no_service(tmp_path: Path) -> None:
    runtime = 'import Config\nconfig :shop, Shop.Repo, url: System.get_env("DATABASE_URL")\n'
    found = only(tmp_path / "a", {**PHOENIX, "config/runtime.exs": runtime})
    assert EnvVar(name="DATABASE_URL", required=True, secret=True) in found.env
    sqlite = only(tmp_path / "b", {**PHOENIX, "lib/shop/repo.ex": REPO.replace("Postgres", "SQLite3")})
    assert (sqlite.backing_services, sqlite.traits) == ((), ("release:shop", "app:shop", "mix-config", "sqlite"))
