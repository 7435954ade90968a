"""What a program is for, and what it is written with."""

from __future__ import annotations

import re

from opsmith.detectors.go.listen import Listener
from opsmith.detectors.go.mains import Main
from opsmith.detectors.go.program import Program
from opsmith.model.survey import Evidence, Role

_FRAMEWORKS = (
    ("github.com/gin-gonic/gin", "gin"), ("github.com/labstack/echo", "echo"), ("github.com/gofiber/fiber", "fiber"),
    ("github.com/kataras/iris", "iris"), ("github.com/beego/beego", "beego"), ("github.com/astaxie/beego", "beego"),
    ("github.com/gobuffalo/buffalo", "buffalo"), ("github.com/revel/revel", "revel"), ("github.com/cloudwego/hertz", "hertz"),
    ("github.com/go-kratos/kratos", "kratos"), ("github.com/zeromicro/go-zero", "go-zero"), ("github.com/tal-tech/go-zero", "go-zero"),
    ("go-micro.dev", "go-micro"), ("github.com/asim/go-micro", "go-micro"), ("github.com/micro/go-micro", "go-micro"),
    ("github.com/gogf/gf", "goframe"), ("github.com/go-chi/chi", "chi"), ("github.com/gorilla/mux", "gorilla/mux"),
    ("github.com/julienschmidt/httprouter", "httprouter"), ("github.com/danielgtaylor/huma", "huma"), ("goji.io", "goji"),
    ("github.com/go-martini/martini", "martini"), ("github.com/emicklei/go-restful", "go-restful"), ("github.com/valyala/fasthttp", "fasthttp"),
)  # fmt: skip
_COMMAND_LINE = (
    "github.com/spf13/cobra", "github.com/urfave/cli", "github.com/alecthomas/kingpin", "github.com/alecthomas/kong",
    "github.com/codegangsta/cli", "github.com/jessevdk/go-flags", "github.com/charmbracelet/bubbletea", "github.com/mitchellh/cli",
    "gopkg.in/alecthomas/kingpin",
)  # fmt: skip
_CONSUMERS = (
    "github.com/segmentio/kafka-go", "github.com/Shopify/sarama", "github.com/IBM/sarama", "github.com/confluentinc/confluent-kafka-go",
    "github.com/twmb/franz-go", "github.com/streadway/amqp", "github.com/rabbitmq/amqp091-go", "github.com/nats-io",
    "github.com/hibiken/asynq", "github.com/gocraft/work", "go.temporal.io/sdk", "github.com/ThreeDotsLabs/watermill",
    "github.com/robfig/cron", "github.com/go-co-op/gocron", "github.com/riverqueue/river", "github.com/RichardKnox/machinery",
    "github.com/nsqio/go-nsq", "cloud.google.com/go/pubsub", "github.com/eclipse/paho.mqtt.golang", "k8s.io/client-go",
    "sigs.k8s.io/controller-runtime", "github.com/bwmarrin/discordgo", "github.com/go-telegram-bot-api",
)  # fmt: skip
_ONCE = re.compile(r"(?i)(migrat|seed|import|export|backfill|job|init|setup|fixture|load)")
_WORKER = re.compile(r"(?i)(worker|consumer|subscriber|processor|daemon|agent|cron|scheduler|bot|listener|relay|runner)")


def framework(program: Program, listeners: tuple[Listener, ...]) -> tuple[str, Evidence] | None:
    """Of what answers: the HTTP framework where HTTP is spoken, gRPC where that alone is, else the bare library."""
    web = [listener for listener in listeners if not listener.side] or list(listeners)
    if not web:
        return None
    for source_test in (True, False):
        for prefix, name in _FRAMEWORKS if any(item.protocol == "http" for item in web) or name_is_both(program) else ():
            evidence = _imported(program, prefix, near=source_test)
            if evidence is not None:
                return name, evidence
    if any(item.protocol == "grpc" for item in web) and web[0].protocol != "http":
        evidence = _imported(program, "google.golang.org/grpc", near=False)
        return ("grpc", evidence) if evidence is not None else None
    evidence = _imported(program, "net/http", near=False)
    return ("net/http", evidence) if evidence is not None and any(item.protocol == "http" for item in web) else None


def name_is_both(program: Program) -> bool:
    """Frameworks that serve gRPC as well as HTTP under their own name."""
    return any(
        path.startswith(("github.com/go-kratos", "github.com/zeromicro", "github.com/tal-tech", "go-micro.dev", "github.com/asim/"))
        for path in program.imports
    )


def _imported(program: Program, prefix: str, *, near: bool) -> Evidence | None:
    """The first import of a package; `near`: only where routes are made or the server is started."""
    for source in program.sources:
        path = next((path for path in sorted(source.imported) if path == prefix or path.startswith(prefix + "/")), None)
        if path is None or (near and not source.mentions(b".New(", b".Default(", b".NewRouter(", b".NewServer(", b".Classic(", b".MustNewServer(")):
            continue
        number = source.data[: max(source.data.find(f'"{path}"'.encode()), 0)].count(b"\n") + 1
        return Evidence(file=source.path, line=number, shows=f'import "{path}"', confidence=0.9)
    return None


def role(program: Program, main: Main, listeners: tuple[Listener, ...]) -> tuple[Role, float]:
    """The role, and how sure that is."""
    word = main.folder.rpartition("/")[2] or main.binary
    consumes = any(path.startswith(_CONSUMERS) for path in program.imports)
    if any(not listener.side for listener in listeners):
        return "web", 0.9
    if listeners:
        return ("worker", 0.7) if consumes or _WORKER.search(word) else ("web", 0.6)
    if _ONCE.search(word) and not _WORKER.search(word):
        return "job", 0.8
    if _WORKER.search(word) or consumes:
        return "worker", 0.75
    if any(path.startswith(_COMMAND_LINE) for path in program.imports):
        return "cli", 0.8
    waits = any(
        source.folder == main.folder and source.mentions(b"select {}", b"signal.Notify(", b"signal.NotifyContext(") for source in program.sources
    )
    return ("worker", 0.6) if waits else ("job", 0.4)
