"""Databases, caches and queues: one for each that the components share, with credentials that stand nowhere twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from opsmith import conventions
from opsmith.engines import ENGINES, Engine
from opsmith.model.blueprint import Backing, Resources, Variable
from opsmith.model.survey import BackingService, Component
from opsmith.settings import Settings
from opsmith.stages.draft.notes import Notes

ALIASES = {"postgresql": "postgres", "mongo": "mongodb", "valkey": "redis", "mssql": "mssql"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Backings:
    """Every backing service, and by component name which ones it needs."""

    all: tuple[Backing, ...]
    of: Mapping[str, tuple[Backing, ...]]


def backings(components: tuple[Component, ...], settings: Settings, notes: Notes) -> Backings:
    """One backing service for each kind and fixed host name.

    Optional ones are left to the person, but for a database that the code would replace by a file: replicas cannot share that, and a
    read-only container cannot write it.
    """
    wanted: dict[str, BackingService] = {}
    users: dict[str, list[tuple[Component, BackingService]]] = {}
    for component in components:
        for item in component.backing_services:
            if item.optional and not item.instead_of_file:
                notes.open(
                    f"{component.name} can use {item.kind} but works without; list it under components.{component.name}.backing_services to add it"
                )
                continue
            name = _name(item, wanted, components)
            wanted.setdefault(name, item)
            users.setdefault(name, []).append((component, item))
    made = {name: _backing(name, item, users[name], settings, notes) for name, item in wanted.items()}
    of = {component.name: tuple(made[name] for name in made if any(user is component for user, _ in users[name])) for component in components}
    return Backings(all=tuple(made.values()), of=of)


def _name(item: BackingService, wanted: Mapping[str, BackingService], components: tuple[Component, ...]) -> str:
    """The host name that code has fixed; else the one already taken for this kind; else its own."""
    if item.host and re.fullmatch(r"[a-z][a-z0-9-]*", item.host):
        return item.host
    for name, known in wanted.items():
        if kind_of(known) == kind_of(item):
            return name
    name = conventions.dns_label(item.name or item.kind)
    return f"{name}-{kind_of(item)}" if name in {component.name for component in components} else name


def kind_of(item: BackingService) -> str:
    return ALIASES.get(item.kind, item.kind)


def _backing(name: str, item: BackingService, users: list[tuple[Component, BackingService]], settings: Settings, notes: Notes) -> Backing:
    kind = kind_of(item)
    node = f"backings.{name}"
    for component, used in users:
        notes.fact(node, component, "backing_services")
        if used.optional:
            notes.default(node, f"{kind}, not the SQLite file that {component.name} falls back to: several replicas cannot share a file")
    told = settings.backing.get(name, {})
    engine = ENGINES.get(kind)
    placement = told.get("placement") or settings["backing_placement"]
    if engine is None:
        placement = "external"
        notes.open(f"{name}: opsmith does not run {kind} itself; put its address into the secret of each service that needs it")
    elif placement == "in_cluster":
        notes.default(f"{node}.placement", "in the cluster: nothing tells of a managed one; set backing.NAME.placement: external for that")
        if engine.data_path:
            notes.open(
                f"{name} runs as one replica without failover or backups; for production point at a managed {kind} "
                f"(backing.{name}.placement: external in opsmith.yaml)"
            )
    image = str(told.get("image") or (_image(engine, str(told.get("version") or item.version or "")) if engine else ""))
    notes.default(f"{node}.image", f"{image.partition('@')[0]}: the newest pinned version" + (f", {item.version} is told" if item.version else ""))
    protected = engine is not None and engine.password and _authenticates(engine, users)
    if engine and engine.password and not protected:
        notes.open(f"{name}: the code connects without credentials, so {kind} runs without a password and only the network policy guards it")
    return Backing(
        name=name,
        kind=kind,
        placement=placement,
        image=image,
        port=engine.port if engine else 0,
        user=engine.user if engine else 0,
        variables=_variables(name, engine, protected) if engine else (),
        data_path=engine.data_path if engine else None,
        volume_size=str(told.get("volume_size") or settings["volume_size"]),
        health_command=engine.health if engine else (),
        arguments=_arguments(name, engine, protected) if engine else (),
        resources=_resources(engine),
        writable=engine.writable if engine else (),
        version=item.version,
    )


def _image(engine: Engine, version: str) -> str:
    """The pinned tag that fits the version told, else the newest pinned one."""
    tags = conventions.image_tags(engine.image)
    ordered = sorted(tags, key=lambda tag: [int(part) for part in re.findall(r"\d+", tag.rpartition(":")[2])])
    fitting = [tag for tag in ordered if version and re.match(rf"v?{re.escape(version.partition('.')[0])}\b", tag.rpartition(":")[2])]
    return conventions.image((fitting or ordered)[-1])


def _authenticates(engine: Engine, users: list[tuple[Component, BackingService]]) -> bool:
    """A cache gets a password only when the code can be told one; a database's image does not start without."""
    if engine.kind != "redis":
        return True
    names = [name for component, item in users for name in (*item.env, *(variable.name for variable in component.env))]
    return all(
        any(_carries_password(name, engine.kind) for name in (*item.env, *(variable.name for variable in component.env))) for component, item in users
    ) and bool(names)


def _carries_password(name: str, kind: str) -> bool:
    """Whether a variable of this name holds the password, or a URL with it, of a backing service of this kind."""
    role = role_of(name, kind)
    return role in ("password", "url")


_WORDS: Mapping[str, tuple[str, ...]] = {
    "postgres": ("POSTGRES", "POSTGRESQL", "PG", "DATABASE", "DB", "SQL"),
    "mysql": ("MYSQL", "MARIADB", "DATABASE", "DB", "SQL"),
    "mariadb": ("MYSQL", "MARIADB", "DATABASE", "DB", "SQL"),
    "mongodb": ("MONGO", "MONGODB", "DATABASE", "DB"),
    "redis": ("REDIS", "CELERY_BROKER", "CELERY_RESULT", "BROKER", "CACHE", "RESULT_BACKEND", "VALKEY"),
    "rabbitmq": ("RABBITMQ", "RABBIT", "RMQ", "AMQP", "CELERY_BROKER", "BROKER"),
    "memcached": ("MEMCACHED", "MEMCACHE"),
    "elasticsearch": ("ELASTICSEARCH", "ELASTIC", "ES"),
    "neo4j": ("NEO4J",),
    "nats": ("NATS",),
    "minio": ("MINIO", "S3"),
    "ollama": ("OLLAMA",),
}
"""How names of variables speak of a backing service of this kind."""

_MIDDLES = ("BASE", "API", "SERVICE", "SERVER", "CONNECTION", "PRIMARY", "MASTER", "MAIN", "DEFAULT", "CLUSTER", "CACHE", "QUEUE")
"""What may stand between the two: REDIS_CACHE_URL, POSTGRES_PRIMARY_HOST."""

_PURPOSE = re.compile(r"(?:^|_)(?:REDIS|VALKEY)_(?!SENTINEL|CLUSTER|COMMANDER|INSIGHT|EXPORTER|TEST|TLS|SSL|SOCKET|ROOT|ADMIN)[A-Z0-9]+_")
"""One cache under several names, each for what it holds: REDIS_SESSIONS_HOST, REDIS_ACTIVITY_URL."""

_ADDRESS_ALONE = ("CELERY_BROKER", "BROKER", "RESULT_BACKEND", "CELERY_RESULT_BACKEND")

_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("url", ("URL", "URI", "DSN", "CONNECTION_STRING", "URLS")),
    ("password", ("PASSWORD", "PASS", "PASSWD", "PWD")),
    ("host", ("HOST", "HOSTNAME", "SERVER")),
    ("address", ("ADDR", "ADDRESS", "SERVERS", "HOSTS", "ENDPOINT")),
    ("port", ("PORT",)),
    ("user", ("USER", "USERNAME")),
    ("database", ("DB_NAME", "DATABASE", "DBNAME", "NAME", "DB")),
)


def role_of(name: str, kind: str) -> str | None:
    """What the variable `name` tells of a backing service of `kind`: url, password, host, address, port, user, database; None = nothing."""
    words, middles = "|".join(_WORDS.get(kind, ())), "|".join(_MIDDLES)
    if not words:
        return None
    plain = _PURPOSE.sub("REDIS_", name.upper()) if kind == "redis" else name.upper()
    for role, endings in _ENDINGS:
        if re.search(rf"(?:^|_)(?:{words})(?:_(?:{middles}))?_?(?:{'|'.join(endings)})$", plain):
            return role
    # CELERY_BROKER, RESULT_BACKEND, DATABASE_URL's short forms: the word alone is the address.
    return "url" if re.search(rf"(?:^|_)(?:{words})$", name.upper()) and name.upper() in _ADDRESS_ALONE else None


def password_key(name: str) -> str:
    return f"{conventions.upper(name)}_PASSWORD"


def filled(text: str, name: str, engine: Engine, *, protected: bool) -> str:
    """`text` of an engine with everything but the password put in; the password stays as ${KEY}."""
    if not protected:
        text = re.sub(r"(?:\$\{USER\})?:\$\{PASSWORD\}@", "", text)
    values = {"NAME": name, "USER": engine.user_name or "", "DATABASE": engine.database or "", "PASSWORD": f"${{{password_key(name)}}}"}
    return re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], text)


def _variables(name: str, engine: Engine, protected: bool) -> tuple[Variable, ...]:
    made: list[Variable] = []
    for key, value in engine.environment.items():
        if "${PASSWORD}" not in value:
            made.append(Variable(name=key, kind="literal", value=filled(value, name, engine, protected=protected)))
        elif protected:
            made.append(_with_password(key, filled(value, name, engine, protected=True), name))
    return tuple(made)


def _with_password(variable: str, value: str, name: str) -> Variable:
    key = password_key(name)
    secret = conventions.secret_name(name)
    if value == f"${{{key}}}":
        return Variable(name=variable, kind="secret", secret=secret, key=key)
    return Variable(name=variable, kind="composed", value=value, secret=secret, key=key)


def connection(variable: str, backing: Backing) -> Variable | None:
    """What the component's variable `variable` is set to so that it reaches `backing`; None when its name does not speak of it."""
    engine = ENGINES.get(backing.kind)
    role = role_of(variable, backing.kind)
    if engine is None or role is None:
        return None
    if backing.placement == "external":
        return Variable(name=variable, kind="secret", secret=conventions.secret_name(backing.name), key=variable)
    protected = any(item.secret for item in backing.variables)
    name = backing.name
    match role:
        case "url":
            text = filled(engine.url, name, engine, protected=protected)
            return _with_password(variable, text, name) if "${" in text else Variable(name=variable, kind="literal", value=text)
        case "password":
            return _with_password(variable, f"${{{password_key(name)}}}", name) if protected else None
        case "host":
            return Variable(name=variable, kind="literal", value=name)
        case "address":
            return Variable(name=variable, kind="literal", value=f"{name}:{backing.port}")
        case "port":
            return Variable(name=variable, kind="literal", value=str(backing.port))
        case "user":
            return Variable(name=variable, kind="literal", value=engine.user_name) if engine.user_name else None
        case _:
            return Variable(name=variable, kind="literal", value=engine.database) if engine.database else None


def _arguments(name: str, engine: Engine, protected: bool) -> tuple[str, ...]:
    if protected:
        return tuple(filled(item, name, engine, protected=True) for item in engine.arguments)
    kept: list[str] = []
    for item in engine.arguments:
        if "${PASSWORD}" in item:
            kept.pop()  # the option that takes it
        else:
            kept.append(item)
    return tuple(kept)


def _resources(engine: Engine | None) -> Resources:
    request, limit = engine.memory if engine else ("256Mi", "512Mi")
    return Resources(cpu_request="100m", cpu_limit="1", memory_request=request, memory_limit=limit)
