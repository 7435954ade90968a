"""The Go detector on small trees, each showing one way in which Go services are written."""

from __future__ import annotations

from pathlib import Path

from opsmith.detectors import go
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, RequestMetric, Runtime
from opsmith.repo import Repo

BUILD = 'go build -trimpath -ldflags="-s -w" -o bin/'


def detect(root: Path, **files: str) -> list[Component]:
    """Keys are paths with `__` for a slash and `_DOT_` for a dot."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(go.detect(Repo(root)))


def only(root: Path, **files: str) -> Component:
    (component,) = detect(root, **files)
    return component


MODULE = "module example.com/acme/shop\n\ngo 1.22\n"


def test_a_plain_http_server(tmp_path: Path) -> None:
    source = 'package main\n\nimport "net/http"\n\nfunc main() {\n\thttp.ListenAndServe(":8000", nil)\n}\n'
    assert only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source) == Component(
        name="shop",
        path="",
        role="web",
        language="go",
        framework="net/http",
        package_manager="go",
        runtime=Runtime(name="go", version="1.22"),
        install_command="go mod download",
        build_command=BUILD + "shop .",
        start_command="./shop",
        ports=(8000,),
        protocol="http",
        test_command="go test ./...",
        lint_command="go vet ./...",
        manifests=("go.mod",),
        evidence={
            "role": (Evidence(file="main.go", line=1, shows="package main", confidence=0.9),),
            "language": (Evidence(file="go.mod", shows="go.mod", confidence=1.0),),
            "framework": (Evidence(file="main.go", line=3, shows='import "net/http"', confidence=0.9),),
            "runtime": (Evidence(file="go.mod", line=3, shows="go 1.22", confidence=0.95),),
            "ports": (Evidence(file="main.go", line=6, shows='http.ListenAndServe(":8000", nil)', confidence=0.9),),
            "start_command": (Evidence(file="main.go", line=1, shows="main package .", confidence=0.85),),
        },
    )


def test_a_repository_without_go_has_no_component(tmp_path: Path) -> None:
    assert detect(tmp_path, README_DOT_md="hello") == []


def test_versions_take_precedence_in_the_documented_order(tmp_path: Path) -> None:
    main = "package main\n\nfunc main() {}\n"
    plain = only(tmp_path / "a", go_DOT_mod=MODULE, main_DOT_go=main)
    pinned = only(tmp_path / "b", **{".go-version": "1.23.4\n"}, go_DOT_mod=MODULE, main_DOT_go=main)
    toolchain = only(tmp_path / "c", go_DOT_mod=MODULE + "\ntoolchain go1.24.1\n", main_DOT_go=main)
    assert [item.runtime.version for item in (plain, pinned, toolchain) if item.runtime] == ["1.22", "1.23.4", "1.24.1"]


HELPERS = """package main

import (
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

const defaultPort = "5050"

func main() {
	if os.Getenv("ENABLE_TRACING") == "1" {
		initTracing()
	}
	port := defaultPort
	if os.Getenv("PORT") != "" {
		port = os.Getenv("PORT")
	}
	var cart string
	must(&cart, "CART_SERVICE_ADDR")
	run(port)
}

func run(port string) {
	lis, err := net.Listen("tcp", fmt.Sprintf(":%s", port))
	if err != nil {
		panic(err)
	}
	srv := grpc.NewServer()
	healthpb.RegisterHealthServer(srv, health.NewServer())
	srv.Serve(lis)
}

func initTracing() {
	var collector string
	must(&collector, "COLLECTOR_ADDR")
}

func unused() {
	var nothing string
	must(&nothing, "NEVER_READ")
}

func must(target *string, key string) {
	value := os.Getenv(key)
	if value == "" {
		panic("not set: " + key)
	}
	*target = value
}
"""


def test_grpc_with_a_constant_port_and_required_variables(tmp_path: Path) -> None:
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=HELPERS)
    assert (found.role, found.framework, found.protocol, found.ports, found.port_env, found.health_path) == (
        "web", "grpc", "grpc", (5050,), "PORT", "grpc",
    )  # fmt: skip
    assert found.env == (
        EnvVar(name="ENABLE_TRACING", required=False),
        EnvVar(name="PORT", required=False),
        EnvVar(name="CART_SERVICE_ADDR", required=True),
        EnvVar(name="COLLECTOR_ADDR", required=False),
    )


def test_a_required_database_and_one_that_is_switched_on(tmp_path: Path) -> None:
    source = """package main

import (
	"database/sql"
	"net/http"
	"os"

	_ "github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
)

func getenv(key, fallback string) string {
	if value, ok := os.LookupEnv(key); ok {
		return value
	}
	return fallback
}

func main() {
	dsn := os.Getenv("MYSQL_DSN")
	if dsn == "" {
		panic("MYSQL_DSN is missing")
	}
	sql.Open("mysql", dsn)
	if address := os.Getenv("REDIS_ADDR"); address != "" {
		redis.NewClient(&redis.Options{Addr: address})
	}
	http.ListenAndServe(":"+getenv("PORT", "3000"), nil)
}
"""
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source)
    assert found.ports == (3000,)
    assert found.port_env == "PORT"
    assert found.backing_services == (
        BackingService(kind="mysql", name="mysql", env=("MYSQL_DSN",)),
        BackingService(kind="redis", name="redis", env=("REDIS_ADDR",), optional=True),
    )
    assert found.env == (
        EnvVar(name="MYSQL_DSN", required=True, secret=True),
        EnvVar(name="REDIS_ADDR", required=False),
        EnvVar(name="PORT", required=False, default="3000"),
    )


def test_a_database_at_a_fixed_host(tmp_path: Path) -> None:
    source = """package main

import (
	"database/sql"
	"net/http"

	_ "github.com/lib/pq"
)

func main() {
	sql.Open("postgres", "postgres://app:secret@db:5432/shop")
	http.ListenAndServe(":80", nil)
}
"""
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source)
    assert found.backing_services == (BackingService(kind="postgres", name="postgres", host="db"),)
    assert found.evidence["backing_services"] == (Evidence(file="main.go", line=7, shows='import "github.com/lib/pq"', confidence=0.9),)


def test_two_databases_without_a_decision_are_an_ambiguity(tmp_path: Path) -> None:
    source = """package main

import (
	"net/http"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"
)

func main() { http.ListenAndServe(":80", nil) }
"""
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source)
    assert found.backing_services == ()
    assert found.ambiguities == (
        Ambiguity(
            fact="backing_services",
            component="shop",
            choices=("mysql", "postgres"),
            how_to_decide="set components.shop.backing_services in opsmith.yaml",
        ),
    )


GIN = """package main

import (
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

var requests = prometheus.NewCounterVec(
	prometheus.CounterOpts{Namespace: "shop", Subsystem: "http", Name: "requests_total"}, []string{"method", "status"})
var seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "http_request_duration_seconds"}, []string{"method"})

func main() {
	prometheus.MustRegister(requests, seconds)
	r := gin.Default()
	r.LoadHTMLGlob("templates/**/*")
	r.Use(func(c *gin.Context) { requests.WithLabelValues("GET", strconv.Itoa(c.Writer.Status())).Inc() })
	v1 := r.Group("/api").Group("/v1")
	v1.GET("/health", nil)
	v1.GET("/orders/:id", nil)
	r.GET("/metrics", gin.WrapH(promhttp.Handler()))
	r.Run()
}
"""


def test_routes_groups_and_request_metrics(tmp_path: Path) -> None:
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=GIN, templates__a__index_DOT_html="<p>")
    assert (found.framework, found.ports, found.port_env) == ("gin", (8080,), "PORT")
    assert (found.health_path, found.metrics_path) == ("/api/v1/health", "/metrics")
    assert found.request_metric == RequestMetric(
        counter="shop_http_requests_total", errors='status=~"5.."', histogram="http_request_duration_seconds"
    )
    assert found.traits == ("runtime-files:templates",)


CHI = """package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

func main() {
	r := chi.NewRouter()
	r.Route("/api", func(r chi.Router) {
		r.Get("/readyz", nil)
		r.Get("/ping", nil)
	})
	server := &http.Server{Addr: ":4000", Handler: r}
	server.ListenAndServe()
}
"""


def test_nested_routes_and_the_ranking_of_health_paths(tmp_path: Path) -> None:
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=CHI)
    assert (found.framework, found.ports, found.health_path) == ("chi", (4000,), "/api/readyz")


def test_commands_below_cmd_share_a_module(tmp_path: Path) -> None:
    server = 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":80", nil) }\n'
    worker = 'package main\n\nimport _ "github.com/segmentio/kafka-go"\n\nfunc main() {}\n'
    once = 'package main\n\nimport _ "github.com/lib/pq"\n\nfunc main() {}\n'
    found = detect(
        tmp_path,
        go_DOT_mod=MODULE,
        cmd__api__main_DOT_go=server.replace("import", 'import _ "github.com/lib/pq"\nimport'),
        cmd__consumer__main_DOT_go=worker,
        cmd__migrate__main_DOT_go=once,
        tools__gen__main_DOT_go=server,
        hack__main_DOT_go=server,
        cmd__mockgen__main_DOT_go=server,
        examples__x__main_DOT_go=server,
        cmd__api__main_test_DOT_go=server,
    )
    assert [(item.name, item.path, item.role, item.build_command, item.start_command, item.migration_command) for item in found] == [
        ("api", "", "web", BUILD + "api ./cmd/api", "./api", "./migrate"),
        ("consumer", "", "worker", BUILD + "consumer ./cmd/consumer", "./consumer", None),
        ("migrate", "", "job", BUILD + "migrate ./cmd/migrate", "./migrate", None),
    ]


def test_a_lone_server_command_is_named_after_the_module(tmp_path: Path) -> None:
    source = 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":80", nil) }\n'
    found = only(tmp_path, go_DOT_mod=MODULE, cmd__server__main_DOT_go=source)
    assert (found.name, found.start_command) == ("shop", "./server")


def test_modules_that_need_each_other_are_built_from_the_workspace(tmp_path: Path) -> None:
    main = """package main

import "example.com/common/web"

func main() { web.Run(":9000") }
"""
    shared = 'package web\n\nimport "net/http"\n\nfunc Run(address string) { http.ListenAndServe(address, nil) }\n'
    found = only(
        tmp_path,
        go_DOT_work="go 1.22\n\nuse (\n\t./orders\n\t./common\n)\n",
        orders__go_DOT_mod="module example.com/orders\n\ngo 1.22\n",
        orders__main_DOT_go=main,
        common__go_DOT_mod="module example.com/common\n\ngo 1.22\n",
        common__web__web_DOT_go=shared,
    )
    assert (found.name, found.path, found.context, found.ports) == ("orders", "orders", "", (9000,))
    assert found.manifests == ("orders/go.mod", "go.work")


def test_a_port_from_a_loaded_configuration_file(tmp_path: Path) -> None:
    source = """package main

import (
	"fmt"
	"net/http"

	"gopkg.in/ini.v1"
)

type Server struct{ HttpPort int }
type Database struct{ Port int }

var ServerSetting = &Server{}

func main() {
	ini.Load("conf/app.ini")
	http.ListenAndServe(fmt.Sprintf(":%d", ServerSetting.HttpPort), nil)
}
"""
    settings = "[server]\nRunMode = debug\nHttpPort = 8001\n\n[database]\nPort = 3306\n"
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source, conf__app_DOT_ini=settings)
    assert found.ports == (8001,)
    assert [(item.file, item.line) for item in found.evidence["ports"]] == [("conf/app.ini", 3)]
    assert found.traits == ("runtime-files:conf/app.ini",)


def test_flags_and_viper_and_an_optional_cache(tmp_path: Path) -> None:
    source = """package main

import (
	"net/http"

	"github.com/gomodule/redigo/redis"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

func main() {
	fs := pflag.NewFlagSet("default", pflag.ContinueOnError)
	fs.Int("port", 9898, "HTTP port")
	fs.Int("grpc-port", 0, "gRPC port")
	fs.String("cache", "", "Redis address")
	viper.SetEnvPrefix("SHOP")
	viper.AutomaticEnv()
	if viper.GetString("cache") != "" {
		redis.Dial("tcp", viper.GetString("cache"))
	}
	http.ListenAndServe(":"+viper.GetString("port"), nil)
}
"""
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source)
    assert (found.ports, found.port_env) == ((9898,), "SHOP_PORT")
    assert found.backing_services == (BackingService(kind="redis", name="redis", optional=True),)
    assert found.env == (
        EnvVar(name="SHOP_CACHE", required=False, default=""),
        EnvVar(name="SHOP_PORT", required=False, default="9898"),
    )


def test_struct_tags_and_a_sample_of_the_environment(tmp_path: Path) -> None:
    source = """package main

import (
	"github.com/caarlos0/env/v11"
	"github.com/gofiber/fiber/v2"
)

type HTTP struct {
	Port string `env:"HTTP_PORT,required"`
}

type Config struct {
	HTTP HTTP
	Log  string `env:"LOG_LEVEL" envDefault:"info"`
}

func main() {
	cfg := Config{}
	env.Parse(&cfg)
	app := fiber.New()
	app.Listen(":" + cfg.HTTP.Port)
}
"""
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source, _DOT_env_DOT_example="HTTP_PORT=8085 # web\n")
    assert (found.framework, found.ports, found.port_env) == ("fiber", (8085,), "HTTP_PORT")
    assert found.env == (EnvVar(name="HTTP_PORT", required=True), EnvVar(name="LOG_LEVEL", required=False, default="info"))


def test_a_server_without_a_known_port_says_so(tmp_path: Path) -> None:
    source = 'package main\n\nimport (\n\t"net/http"\n\t"os"\n)\n\nfunc main() { http.ListenAndServe(os.Args[1], nil) }\n'
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source)
    assert (found.role, found.ports, found.protocol) == ("web", (), None)
    assert [item.fact for item in found.ambiguities] == ["ports"]


def test_cgo_and_embedded_files(tmp_path: Path) -> None:
    source = """package main

import (
	_ "embed"
	"net/http"

	_ "github.com/mattn/go-sqlite3"
)

//go:embed index.html
var page string

func main() { http.ListenAndServe(":80", nil) }
"""
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source)
    assert (found.traits, found.backing_services) == (("cgo", "embed", "sqlite"), ())


def test_trees_from_before_modules(tmp_path: Path) -> None:
    source = 'package main\n\nimport "github.com/acme/shop/web"\n\nfunc main() { web.Run() }\n'
    shared = 'package web\n\nimport "net/http"\n\nfunc Run() { http.ListenAndServe(":7000", nil) }\n'
    found = only(tmp_path, Gopkg_DOT_toml="", main_DOT_go=source, web__web_DOT_go=shared)
    assert (found.package_manager, found.install_command, found.ports) == ("dep", "dep ensure -vendor-only", (7000,))


def test_broken_and_odd_files_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "bad.go").write_bytes(b"package main\n\nfunc main() {\n\xff\xfe http.ListenAndServe(\n")
    (tmp_path / "go.mod").write_text("module (\nreplace =>\ngo\n")
    (tmp_path / "loop.go").write_text('package main\n\nimport "net/http"\n\nvar a = b\nvar b = a + a\n\nfunc f() string { return f() + a }\n'
                                      'func g() { http.ListenAndServe(f()+b, nil) }\nvar _ = g\n')  # fmt: skip
    assert [(item.role, item.ports) for item in go.detect(Repo(tmp_path))] == [("web", ())]


def test_a_port_filled_through_a_pointer_and_wiring_that_is_generated(tmp_path: Path) -> None:
    source = """package main

import "os"

func fill(target *string, key string) {
	value := os.Getenv(key)
	if value == "" {
		panic(key)
	}
	*target = value
}

func main() { wire() }
"""
    wired = """// Code generated by Wire. DO NOT EDIT.

package main

import "example.com/acme/shop/queue"

func wire() { queue.Listen() }
"""
    queue = """package queue

import (
	"net/http"

	amqp "github.com/rabbitmq/amqp091-go"
)

func Listen() {
	var port string
	fill(&port, "SHOP_PORT")
	amqp.Dial("amqp://guest@broker:5672/")
	http.ListenAndServe(":"+port, nil)
}
"""
    files = {"main.go": source, "wire_gen.go": wired, "queue/queue.go": queue, ".env": "SHOP_PORT=5050\n", "go.mod": MODULE}
    found = only(tmp_path, **files)
    assert (found.ports, found.port_env) == ((5050,), "SHOP_PORT")
    assert found.env == (EnvVar(name="SHOP_PORT", required=True),)
    assert found.backing_services == (BackingService(kind="rabbitmq", name="rabbitmq", host="broker"),)


def test_what_only_a_switch_asks_for_is_not_required(tmp_path: Path) -> None:
    source = """package main

import (
	"net/http"
	"os"
)

func mustMapEnv(target *string, key string) {
	v := os.Getenv(key)
	if v == "" {
		panic("missing " + key)
	}
	*target = v
}

func trace() {
	var addr string
	mustMapEnv(&addr, "COLLECTOR_ADDR")
}

func main() {
	var catalog, profiler, bucket string
	profiling := os.Getenv("ENABLE_PROFILER") == "1"
	if os.Getenv("ENABLE_TRACING") == "1" {
		trace()
	}
	if profiling {
		mustMapEnv(&profiler, "PROFILER_ADDR")
	}
	switch os.Getenv("STORAGE") {
	case "s3":
		mustMapEnv(&bucket, "BUCKET_ADDR")
	}
	mustMapEnv(&catalog, "CATALOG_ADDR")
	http.ListenAndServe(":8000", nil)
}
"""
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source)
    assert sorted((item.name, item.required) for item in found.env) == [
        ("BUCKET_ADDR", False),
        ("CATALOG_ADDR", True),
        ("COLLECTOR_ADDR", False),
        ("ENABLE_PROFILER", False),
        ("ENABLE_TRACING", False),
        ("PROFILER_ADDR", False),
        ("STORAGE", False),
    ]


SQLITE = """package main

import (
	"net/http"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

func main() {
	gorm.Open(sqlite.Open("shop.db"))
	http.ListenAndServe(":8000", nil)
}
"""


def test_a_file_as_the_only_database_is_a_trait(tmp_path: Path) -> None:
    found = only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=SQLITE)
    shown = Evidence(file="main.go", line=6, shows='import "gorm.io/driver/sqlite": SQLite, a file', confidence=0.85)
    assert (found.traits, found.evidence["traits"]) == (("cgo", "sqlite"), (shown,))


def test_a_database_in_memory_or_beside_a_server_is_no_file(tmp_path: Path) -> None:
    memory = only(tmp_path / "a", go_DOT_mod=MODULE, main_DOT_go=SQLITE.replace('Open("shop.db")', 'Open("file::memory:")'))
    driver = 'import _ "github.com/redis/go-redis/v9"\nimport _ "go.mongodb.org/mongo-driver/mongo"\n'
    server = only(tmp_path / "b", go_DOT_mod=MODULE, main_DOT_go=SQLITE.replace("func main", driver + "\nfunc main"))
    assert (memory.traits, server.traits) == (("cgo",), ("cgo",))


def test_what_systemd_sets_is_no_setting(tmp_path: Path) -> None:
    source = """package main

import (
	"net/http"
	"os"
	"strconv"
)

func main() {
	if os.Getenv("NOTIFY_SOCKET") != "" {
		if _, err := strconv.Atoi(os.Getenv("WATCHDOG_USEC")); err != nil {
			panic(err)
		}
	}
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
"""
    assert [item.name for item in only(tmp_path, go_DOT_mod=MODULE, main_DOT_go=source).env] == ["PORT"]
