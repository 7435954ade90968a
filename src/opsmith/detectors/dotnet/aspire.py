"""What a .NET Aspire AppHost says: which project runs under which name, what it refers to, which services it is given.

The AppHost itself starts everything on a developer's machine; in production it runs nothing, so it is no component.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from opsmith.detectors.dotnet.program import Sources
from opsmith.detectors.dotnet.projects import Solution, kind
from opsmith.detectors.dotnet.source import Call, Source, argument, callee, literal, text, type_arguments
from opsmith.model.survey import BackingService, Evidence

_RESOURCES = {
    "AddPostgres": "postgres", "AddAzurePostgresFlexibleServer": "postgres", "AddRedis": "redis", "AddValkey": "redis", "AddGarnet": "redis",
    "AddAzureRedis": "redis", "AddSqlServer": "mssql", "AddAzureSqlServer": "mssql", "AddMySql": "mysql", "AddMongoDB": "mongodb",
    "AddRabbitMQ": "rabbitmq", "AddKafka": "kafka", "AddNats": "nats", "AddOracle": "oracle", "AddElasticsearch": "elasticsearch",
    "AddQdrant": "qdrant", "AddMilvus": "milvus", "AddMeilisearch": "meilisearch", "AddOllama": "ollama", "AddMinioContainer": "minio",
    "AddKeycloak": "keycloak", "AddAzureServiceBus": "azure-service-bus", "AddAzureCosmosDB": "cosmosdb",
}  # fmt: skip
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Resource:
    """`project` is the path of the project that it runs, `kind` that of a backing service."""

    name: str
    project: str | None
    kind: str | None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Wiring:
    """What an AppHost says of one project."""

    name: str
    evidence: Evidence
    references: list[tuple[Resource, Evidence]] = field(default_factory=list[tuple[Resource, Evidence]])


def wiring(solution: Solution, sources: Sources) -> dict[str, Wiring]:
    """By the path of the project."""
    found: dict[str, Wiring] = {}
    for project in solution.projects.values():
        if kind(project) == "apphost":
            for source in sources.of(project):
                _read(source, solution, found)
    return found


def _read(source: Source, solution: Solution, found: dict[str, Wiring]) -> None:
    for call in source.calls():
        resource = _resource(call.node, source, solution) if call.name == "AddProject" else None
        if resource is not None and resource.project is not None:
            shown = Evidence(file=source.path, line=call.line, shows=call.shows, confidence=0.9)
            found.setdefault(resource.project, Wiring(resource.name, shown))
    for call in source.calls():
        if call.name in ("WithReference", "WithEnvironment"):
            _refer(call, source, solution, found)


def _refer(call: Call, source: Source, solution: Solution, found: dict[str, Wiring]) -> None:
    """What is said later, in a statement of its own, closes circles (callback addresses): only a reference counts there."""
    subject, in_chain = _subject(call.node, source, solution)
    told = argument(call.node, 0 if call.name == "WithReference" else 1)
    target = _target(told, source, solution) if told is not None else None
    if subject is None or subject.project not in found or target is None or (call.name == "WithEnvironment" and not in_chain):
        return
    shown = Evidence(file=source.path, line=call.line, shows=f"{subject.name}: {call.shows}", confidence=0.9)
    found[subject.project].references.append((target, shown))


def _subject(call: Node, source: Source, solution: Solution) -> tuple[Resource | None, bool]:
    """On which resource a method is called, and whether that is made in the same chain."""
    base = _base(call)
    if base is not None and base.type == "identifier":
        return _of_variable(text(base), source, solution), False
    return (_resource(base, source, solution) if base is not None else None), True


def _base(call: Node) -> Node | None:
    """The start of a chain of calls: `builder.AddX(...)`, or a variable."""
    current = call
    for _ in range(_DEEPEST):
        if current.type != "invocation_expression":
            return current
        function = current.child_by_field_name("function")
        inner = function.child_by_field_name("expression") if function is not None and function.type == "member_access_expression" else None
        _, name = callee(current)
        if name in _RESOURCES or name in ("AddProject", "AddDatabase") or inner is None:
            return current
        current = inner
    return None


def _target(node: Node, source: Source, solution: Solution) -> Resource | None:
    base = _base(node) if node.type == "invocation_expression" else node
    if base is None:
        return None
    return _of_variable(text(base), source, solution) if base.type == "identifier" else _resource(base, source, solution)


def _of_variable(name: str, source: Source, solution: Solution, depth: int = 0) -> Resource | None:
    for value, _ in source.given().get(name, ()):
        base = _base(value) if value.type == "invocation_expression" else value
        if base is not None and base.type == "identifier" and depth < 5 and text(base) != name:
            return _of_variable(text(base), source, solution, depth + 1)
        resource = _resource(base, source, solution, _tag(value), depth) if base is not None else None
        if resource is not None:
            return resource
    return None


def _tag(chain: Node) -> str | None:
    """`.WithImageTag("16")` somewhere in a chain."""
    match = re.search(r'WithImageTag\(\s*"(\d[\w.]{0,20})"', text(chain)[:2000])
    return match[1] if match is not None else None


def _resource(node: Node, source: Source, solution: Solution, version: str | None = None, depth: int = 0) -> Resource | None:
    if node.type != "invocation_expression":
        return None
    receiver, name = callee(node)
    called = literal(argument(node, 0, "name")) or ""
    if name in _RESOURCES:
        return Resource(called, None, _RESOURCES[name], version)
    if name == "AddDatabase" and depth < 5:
        server = _of_variable(receiver, source, solution, depth + 1) if receiver.isidentifier() else _chained(node, source, solution, depth)
        return Resource(called, None, server.kind, server.version) if server is not None else None
    if name == "AddProject":
        project = next(_projects(node, source, solution), None)
        return Resource(called, project, None) if project is not None and called else None
    return None


def _chained(node: Node, source: Source, solution: Solution, depth: int) -> Resource | None:
    function = node.child_by_field_name("function")
    inner = function.child_by_field_name("expression") if function is not None else None
    base = _base(inner) if inner is not None else None
    return _resource(base, source, solution, _tag(inner), depth + 1) if base is not None and inner is not None else None


def _projects(node: Node, source: Source, solution: Solution) -> Iterator[str]:
    """`AddProject<Projects.Basket_API>("basket-api")`, `AddProject("basket-api", "../Basket/Basket.csproj")`."""
    for told in type_arguments(node):
        wanted = told.rpartition(".")[2]
        yield from (path for path, project in solution.projects.items() if re.sub(r"\W", "_", project.name) == wanted)
    second = literal(argument(node, 1))
    if second:
        path = posixpath.normpath(posixpath.join(source.path.rpartition("/")[0], second.replace("\\", "/")))
        yield from (path,) if path in solution.projects else ()


def services(told: Wiring | None, known: tuple[BackingService, ...]) -> tuple[tuple[BackingService, ...], tuple[Evidence, ...]]:
    """What the AppHost gives besides what the code's clients already tell."""
    kinds = {service.kind for service in known}
    found: dict[str, BackingService] = {}
    shown: list[Evidence] = []
    for resource, evidence in told.references if told is not None else ():
        if resource.kind is not None and resource.kind not in kinds:
            env = tuple(sorted({*(found[resource.kind].env if resource.kind in found else ()), f"ConnectionStrings__{resource.name}"}))
            found[resource.kind] = BackingService(kind=resource.kind, name=resource.kind, version=resource.version, env=env)
            shown.append(evidence)
    return tuple(found.values()), tuple(shown)


def depends_on(told: Wiring | None, names: dict[str, str]) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
    """Other components, `names` being theirs by the path of their project."""
    edges = {names[item.project]: evidence for item, evidence in (told.references if told else ()) if item.project in names}
    return tuple(sorted(edges)), tuple(edges[name] for name in sorted(edges))
