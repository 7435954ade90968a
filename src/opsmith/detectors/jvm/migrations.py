"""What prepares the database: most frameworks do it while they start, plugins of the build only when somebody asks."""

from __future__ import annotations

from opsmith.detectors.jvm.app import App
from opsmith.detectors.jvm.commands import program
from opsmith.model.survey import Evidence

_LIBRARIES = ("org.flywaydb:flyway-", "org.liquibase:liquibase-", "org.springframework.boot:spring-boot-starter-flyway",
              "org.springframework.boot:spring-boot-starter-liquibase", "io.quarkus:quarkus-flyway", "io.quarkus:quarkus-liquibase",
              "io.micronaut.flyway:", "io.micronaut.liquibase:", "io.dropwizard:dropwizard-migrations")  # fmt: skip
_PLUGINS = {"flyway-maven-plugin": "flyway:migrate", "liquibase-maven-plugin": "liquibase:update", "org.flywaydb.flyway": "flywayMigrate",
            "org.liquibase.gradle": "update"}  # fmt: skip


def migration(app: App, arguments: str) -> tuple[str | None, Evidence | None]:
    """The command, and what shows it; evidence without a command: the process does it itself."""
    library = app.has(*_LIBRARIES)
    if library is not None and library.group == "io.dropwizard" and app.module.start is not None:
        return f"java -jar {app.module.start.file} {arguments.replace('server', 'db migrate', 1)}", library.evidence
    if library is not None and _in_process(app):
        shown = f"{library.group}:{library.name}: the process migrates while it starts"
        return None, Evidence(file=library.file, line=library.line, shows=shown, confidence=0.8)
    for plugin, task in _PLUGINS.items():
        if plugin in app.module.plugins:
            where = f"-pl {app.module.address} " if app.module.address and app.module.tool == "maven" else ""
            own = f"{app.module.address}:{task}" if app.module.address and app.module.tool == "gradle" else task
            return f"{program(app.module)} {where}{own}", Evidence(file=app.module.manifest, shows=plugin, confidence=0.75)
    return None, None


def _in_process(app: App) -> bool:
    """Spring and Micronaut run the library by themselves, Quarkus when it is told, code of any kind by a call."""
    if app.has("io.quarkus:") is not None:
        keys = ("quarkus.flyway.migrate-at-start", "quarkus.liquibase.migrate-at-start")
        return any(app.settings.text(key) == "true" for key in keys)
    off = any(app.settings.text(key) == "false" for key in ("spring.flyway.enabled", "spring.liquibase.enabled"))
    by_framework = app.has("org.springframework.boot:", "io.micronaut") is not None and not off
    return by_framework or any(app.program.called("migrate", "Liquibase", "update"))
