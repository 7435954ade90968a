"""The Clojure detector on small trees, and the reader that it stands on."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors import clojure
from opsmith.detectors.clojure.reader import EdnError, Form, plain, read, table
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, RequestMetric, Runtime
from opsmith.repo import Repo

LEIN = """(defproject acme/shop "1.2.0"
  :dependencies [[org.clojure/clojure "1.11.1"]
                 [compojure "1.7.0"]
                 [ring/ring-jetty-adapter "1.9.6"]
                 [environ "1.2.0"]
                 [org.postgresql/postgresql "42.5.0"]
                 [com.h2database/h2 "2.1" :scope "test"]]
  :plugins [[migratus-lein "0.7.3"]]
  :main ^:skip-aot shop.core
  :target-path "target/%s"
  :profiles {:uberjar {:aot :all, :uberjar-name "shop.jar"}})
"""
CORE = """(ns shop.core
  (:require [ring.adapter.jetty :refer [run-jetty]]
            [compojure.core :refer [defroutes context GET]]
            [environ.core :refer [env]])
  (:gen-class))

(defroutes app
  (context "/api" []
    (GET "/items" [] "items")
    (GET "/health" [] "ok")))

(def db {:dbtype "postgresql" :host (env :database-host)})

(defn -main []
  (run-jetty app {:port (Integer/parseInt (or (System/getenv "PORT") "3000")) :join? false}))
"""


def detect(root: Path, files: dict[str, str]) -> list[Component]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(clojure.detect(Repo(root)))


def only(root: Path, files: dict[str, str]) -> Component:
    (component,) = detect(root, files)
    return component


def test_a_leiningen_project(tmp_path: Path) -> None:
    assert only(tmp_path, {"project.clj": LEIN, "src/shop/core.clj": CORE, ".java-version": "17\n"}) == Component(
        name="shop",
        path="",
        role="web",
        language="clojure",
        framework="compojure",
        package_manager="lein",
        runtime=Runtime(name="java", version="17"),
        install_command="lein deps",
        build_command="lein uberjar",
        start_command="java -jar target/uberjar/shop.jar",
        ports=(3000,),
        protocol="http",
        port_env="PORT",
        health_path="/api/health",
        migration_command="lein migratus migrate",
        backing_services=(BackingService(kind="postgres", name="postgres", env=("DATABASE_HOST",)),),
        env=(EnvVar(name="DATABASE_HOST", required=True), EnvVar(name="PORT", required=False, default="3000")),
        test_command="lein test",
        manifests=("project.clj",),
        traits=("uberjar",),
        evidence={
            "role": (Evidence(file="src/shop/core.clj", line=15, shows="run-jetty: port 3000", confidence=0.9),),
            "language": (Evidence(file="project.clj", shows="project.clj", confidence=1.0),),
            "framework": (Evidence(file="project.clj", line=3, shows="compojure"),),
            "runtime": (Evidence(file=".java-version", line=1, shows="17", confidence=0.95),),
            "start_command": (Evidence(file="project.clj", line=9, shows=":main shop.core", confidence=0.95),),
            "ports": (Evidence(file="src/shop/core.clj", line=15, shows="run-jetty: port 3000", confidence=0.85),),
            "health_path": (Evidence(file="src/shop/core.clj", line=10, shows="/api/health"),),
            "backing_services": (Evidence(file="project.clj", line=6, shows="org.postgresql/postgresql"),),
            "env": (Evidence(file="src/shop/core.clj", line=12, shows="DATABASE_HOST"), Evidence(file="src/shop/core.clj", line=15, shows="PORT")),
            "migration_command": (Evidence(file="project.clj", shows="migratus-lein", confidence=0.85),),
            "test_command": (Evidence(file="project.clj", shows="project.clj", confidence=0.8),),
        },
    )


def test_a_repository_without_clojure_has_no_component(tmp_path: Path) -> None:
    assert detect(tmp_path, {"README.md": "hello"}) == []


DEPS = """{:paths ["src" "resources"]
 :deps {io.pedestal/pedestal.service {:mvn/version "0.6.0"}
        io.pedestal/pedestal.jetty {:mvn/version "0.6.0"}
        aero/aero {:mvn/version "1.1.6"}
        com.taoensso/carmine {:mvn/version "3.2.0"}}
 :aliases {:build {:deps {io.github.clojure/tools.build {:mvn/version "0.9"}} :ns-default build}
           :test {:main-opts ["-m" "kaocha.runner"]}
           :lint {:main-opts ["-m" "clj-kondo.main"]}
           :run {:main-opts ["-m" "shop.main"]}}}
"""
PEDESTAL = """(ns shop.main
  (:require [io.pedestal.http :as http] [taoensso.carmine :as car] [aero.core :as aero]))

(def routes #{["/items" :get `items] ["/healthz" :get `health]})

(defn -main [& _]
  (let [config (aero/read-config "config.edn")]
    (-> {::http/routes routes ::http/type :jetty ::http/port (get-in config [:http :port])} http/create-server http/start)))

(defn start [m] (http/create-server (assoc m ::http/port (get-in {} [:http :port]))))
"""
CONFIG = """{:http {:port #long #or [#env PORT 8080]}
 :redis {:port 6379 :uri #env REDIS_URL}
 :level #profile {:prod "info" :default "debug"}}
"""
BUILD = """(ns build (:require [clojure.tools.build.api :as b]))
(def lib 'acme/shop)
(def version "0.3.0")
(def uber-file (format "target/%s-%s-standalone.jar" (name lib) version))
(defn uber [_]
  (b/uber {:class-dir "target/classes" :uber-file uber-file :main 'shop.main}))
"""


def test_pedestal_with_aero_and_tools_build(tmp_path: Path) -> None:
    files = {"deps.edn": DEPS, "build.clj": BUILD, "src/shop/main.clj": PEDESTAL, "resources/config.edn": CONFIG}
    found = only(tmp_path, files)
    assert (found.framework, found.ports, found.port_env, found.health_path) == ("pedestal", (8080,), "PORT", "/healthz")
    assert (found.build_command, found.start_command) == ("clojure -T:build uber", "java -jar target/shop-0.3.0-standalone.jar")
    assert (found.test_command, found.lint_command, found.package_manager) == ("clojure -M:test", "clojure -M:lint", "tools.deps")
    assert found.backing_services == (BackingService(kind="redis", name="redis", env=("REDIS_URL",)),)
    assert found.env == (EnvVar(name="PORT", required=False, default="8080"), EnvVar(name="REDIS_URL", required=True, secret=True))
    assert found.evidence["ports"] == (Evidence(file="resources/config.edn", line=1, shows="http/create-server: port 8080", confidence=0.85),)


def test_without_a_jar_the_alias_that_runs_the_project_starts_it(tmp_path: Path) -> None:
    found = only(tmp_path, {"deps.edn": DEPS, "src/shop/main.clj": PEDESTAL, "resources/config.edn": CONFIG})
    assert (found.build_command, found.start_command) == (None, "clojure -M:run")


HTTP_KIT = """(ns shop.server (:require [org.httpkit.server :as http]))
(defn start [port] (http/run-server handler {:port port}))
(defn -main [& _] (start (or (some-> (System/getenv "HTTP_PORT") parse-long) 9090)))
"""


def test_a_port_that_callers_hand_in(tmp_path: Path) -> None:
    found = only(tmp_path, {"deps.edn": '{:deps {http-kit/http-kit {:mvn/version "2.6"}}}', "src/shop/server.clj": HTTP_KIT})
    assert (found.framework, found.ports, found.port_env, found.start_command) == ("http-kit", (9090,), "HTTP_PORT", "clojure -M -m shop.server")


def test_kit_is_started_by_its_configuration(tmp_path: Path) -> None:
    system = '{:system/env #profile {:prod :prod}\n :server/http {:port #long #or [#env PORT 3000] :host "0.0.0.0"}\n :nrepl/server {:port 7000}}\n'
    files = {
        "deps.edn": '{:deps {io.github.kit-clj/kit-core {:mvn/version "1.0"} io.github.kit-clj/kit-undertow {:mvn/version "1.0"}}}',
        "src/shop/core.clj": "(ns shop.core (:gen-class))\n(defn -main [& _] (start-app))\n",
        "resources/system.edn": system,
    }
    found = only(tmp_path, files)
    assert (found.framework, found.ports, found.port_env) == ("kit", (3000,), "PORT")


def test_polylith_is_built_from_the_workspace(tmp_path: Path) -> None:
    files = {
        "deps.edn": '{:aliases {:dev {:extra-deps {poly/api {:local/root "bases/api"}}}}}',
        "build.clj": "(ns build)\n(defn uberjar [opts] opts)\n",
        "bases/api/deps.edn": '{:deps {ring/ring-jetty-adapter {:mvn/version "1.9"}}}',
        "bases/api/src/shop/api/main.clj": CORE.replace("shop.core", "shop.api.main"),
        "projects/backend/deps.edn": '{:deps {poly/api {:local/root "../../bases/api"}} :aliases {:uberjar {:main shop.api.main}}}',
    }
    found = only(tmp_path, files)
    assert (found.name, found.path, found.context, found.ports) == ("backend", "projects/backend", "", (3000,))
    assert (found.build_command, found.start_command) == ("clojure -T:build uberjar :project backend", "java -jar target/backend.jar")


def test_luminus_migrates_by_its_own_program_and_cprop_reads_the_environment(tmp_path: Path) -> None:
    project = LEIN.replace("[environ", '[cprop "0.1"] [luminus-jetty "0.2"] [luminus-migrations "0.7"] [environ').replace(
        '[[migratus-lein "0.7.3"]]', "[]"
    )
    source = """(ns shop.core
  (:require [luminus.http-server :as http] [luminus-migrations.core :as migrations] [shop.config :refer [env]]))
(defn start-http [] (http/start (-> env (assoc :handler app) (update :port #(or (-> env :options :port) %)))))
(defn -main [& args] (if (some #{"migrate"} args) (migrations/migrate args {:database-url (env :database-url)}) (start-http)))
"""
    found = only(
        tmp_path, {"project.clj": project, "src/shop/core.clj": source, "env/prod/resources/config.edn": "{:production true\n :port 3000}\n"}
    )
    assert (found.framework, found.ports, found.port_env) == ("luminus", (3000,), "PORT")
    assert found.migration_command == "java -jar target/uberjar/shop.jar migrate"


def test_iapetos_publishes_request_metrics(tmp_path: Path) -> None:
    source = CORE.replace("[environ.core", "[iapetos.collector.ring :as prom]\n            [environ.core").replace(
        "run-jetty app", 'run-jetty (prom/wrap-metrics app registry {:path "/stats"})'
    )
    found = only(tmp_path, {"project.clj": LEIN, "src/shop/core.clj": source})
    assert found.metrics_path == "/stats"
    metric = RequestMetric(counter="http_requests_total", errors='status=~"5.."', histogram="http_request_latency_seconds")
    assert found.request_metric == metric


def test_a_worker_and_a_program_of_unknown_role(tmp_path: Path) -> None:
    deps = '{:deps {fundingcircle/jackdaw {:mvn/version "0.9"}}}'
    worker = '(ns shop.consumer (:require [jackdaw.client :as jc]))\n(defn -main [& _] (consume (System/getenv "KAFKA_BROKERS")))\n'
    found = only(tmp_path / "a", {"deps.edn": deps, "src/shop/consumer.clj": worker})
    assert (found.role, found.backing_services) == ("worker", (BackingService(kind="kafka", name="kafka", env=("KAFKA_BROKERS",)),))
    unsure = only(tmp_path / "b", {"deps.edn": "{}", "src/shop/core.clj": "(ns shop.core)\n(defn -main [& _] 1)\n"})
    assert unsure.ambiguities == (
        Ambiguity(fact="role", component="b", choices=("job", "worker", "cli"), how_to_decide="set components.b.role in opsmith.yaml"),
    )


def test_libraries_are_no_component(tmp_path: Path) -> None:
    assert (
        detect(tmp_path, {"project.clj": '(defproject lib "1.0" :dependencies [])', "src/lib/core.clj": "(ns lib.core)\n(defn add [a b] (+ a b))\n"})
        == []
    )


def shown(forms: list[Form]) -> list[object]:
    return [(form.kind, form.text) if not form.items else (form.kind, form.text, shown(list(form.items))) for form in forms]


def test_the_reader() -> None:
    text = '#_dropped ^:meta {:a "x\\"y" \\a [1 -2.5 nil]} #env PORT #?(:cljs no :clj yes) \'sym #"re\\d" #{1} ; rest'
    assert shown(read(text)) == [
        ("map", "", [("keyword", ":a"), ("string", 'x"y'), ("char", "a"), ("vector", "", [("number", "1"), ("number", "-2.5"), ("symbol", "nil")])]),
        ("tagged", "env", [("symbol", "PORT")]),
        ("symbol", "yes"),
        ("quote", "'", [("symbol", "sym")]),
        ("regex", "re\\d"),
        ("set", "", [("number", "1")]),
    ]
    assert [form.line for form in read("a\n\n(b\nc)")] == [1, 3]
    assert plain(table(read("{:a 'b}")[0])[":a"]) == "b"


@pytest.mark.parametrize(
    ("text", "what"),
    [("(a", "'(' is not closed at line 1"), ("\n]", "']' closes nothing at line 2"), ("[" * 5000, "nested too deeply at line 1"),
     ('"open', "unexpected '\"' at line 1"), ("(a]", "']' closes nothing at line 1"), ("#_", "'#_' is not closed at line 1")],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error_with_its_line(text: str, what: str) -> None:
    with pytest.raises(EdnError) as caught:
        read(text)
    assert str(caught.value) == what


def test_a_broken_manifest_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "deps.edn").write_text("{:deps {a ")
    (tmp_path / "project.clj").write_bytes(b"\xff\xfe\xff")
    repo = Repo(tmp_path)
    assert list(clojure.detect(repo)) == []
    assert [(item.file, item.manifest) for item in repo.problems if item.file == "deps.edn"] == [("deps.edn", True)]


def test_names_that_stand_for_names_do_no_harm(tmp_path: Path) -> None:
    names = "\n".join(f"(def a{index} (+ {' '.join([f'a{index + 1}'] * 40)}))" for index in range(30))
    source = f"(ns shop.core (:require [ring.adapter.jetty :as j]))\n{names}\n(defn -main [] (j/run-jetty x {{:port a0}}))\n"
    found = only(tmp_path, {"deps.edn": "{}", "src/shop/core.clj": source})
    assert (found.role, found.ports) == ("web", ())


def test_a_command_line_beside_a_server_is_not_what_is_deployed(tmp_path: Path) -> None:
    files = {
        "deps.edn": '{:deps {http-kit/http-kit {:mvn/version "2.6"}} :aliases {:cli {:main-opts ["-m" "shop.cli"]}}}',
        "src/shop/cli.clj": "(ns shop.cli)\n(defn -main [& _] 1)\n",
        "src/shop/server.clj": HTTP_KIT,
    }
    found = only(tmp_path, files)
    assert found.start_command == "clojure -M -m shop.server"
    assert [item.choices for item in found.ambiguities] == [("clojure -M -m shop.server", "clojure -M -m shop.cli")]
