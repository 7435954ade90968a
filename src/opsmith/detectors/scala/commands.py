"""Packing and starting: sbt-native-packager's stage, sbt-assembly's jar, else sbt itself."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from opsmith.detectors.javaversions import java_version
from opsmith.detectors.scala.build import PACKAGERS, Build, Project
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_NATIVE = (b"sbt-native-packager", b"sbt-play-", b'"sbt-plugin"')
_RELEASE = re.compile(rb'"(?:--release|-release|-target|-target:jvm-|-Xtarget|-java-output-version)"?[,:\s]*"?(?:jvm-)?(?:1\.)?(\d+)"')
_JOINED = re.compile(rb'"-(?:release|Xtarget|java-output-version|target)[:\s](?:jvm-)?(?:1\.)?(\d+)"')
_IMAGE = re.compile(rb'dockerBaseImage\s*:=\s*"[\w./-]*(?:java|jdk|jre|temurin|corretto|zulu|graalvm\w*)[\w./-]*:(\d+)')


@dataclass(frozen=True, slots=True)
class Packed:
    build: str
    start: str
    evidence: Evidence
    trait: str | None


def packed(build: Build, project: Project, packer: Project) -> Packed:
    """`packer` is the project with the packaging plugin, where it is another one than that of the program."""
    place = packer.folder[len(build.folder) :].strip("/")
    task = f"{packer.id}/" if packer.id and place else ""
    script = _normal(packer.setting("executableScriptName") or packer.setting("name") or packer.id or "app")
    if packer.plugins & PACKAGERS and build.mentions(*_NATIVE):
        start = posixpath.join(place, f"target/universal/stage/bin/{script}")
        shown = Evidence(
            file=packer.file, line=packer.line, shows=f"sbt-native-packager, {', '.join(sorted(packer.plugins & PACKAGERS))}", confidence=0.9
        )
        return Packed(f"sbt {task}stage", start, shown, "sbt-native-packager")
    if build.mentions(b"sbt-assembly"):
        plugin = next(item for item in build.files if item.mentions(b"sbt-assembly"))
        shown = Evidence(file=plugin.path, line=plugin.line_of(b"sbt-assembly"), shows="sbt-assembly", confidence=0.85)
        return Packed(f"sbt {task}assembly", f"java -jar {posixpath.join(place, _jar(build, packer, script))}", shown, "sbt-assembly")
    shown = Evidence(file=project.file, line=project.line, shows="no packaging plugin, so sbt starts the program", confidence=0.6)
    return Packed(f"sbt {task}compile", f"sbt {task}run", shown, None)


def _normal(name: str) -> str:
    """sbt's normalised name."""
    return re.sub(r"\W+", "-", name.lower())


def _jar(build: Build, project: Project, script: str) -> str:
    version = project.setting("scalaVersion") or build.common.get("scalaVersion", ("2.12", 0))[0]
    folder = version if version.startswith("3") else ".".join(version.split(".")[:2])
    release = project.setting("version") or build.common.get("version", ("0.1.0-SNAPSHOT", 0))[0]
    return f"target/scala-{folder}/{project.setting('assemblyJarName') or f'{script}-assembly-{release}.jar'}"


def runtime(repo: Repo, build: Build, project: Project) -> tuple[str, Evidence] | None:
    """Files beside the build, then its image, then what it compiles for."""
    stated = java_version(repo, (project.folder, build.folder, ""))
    if stated is not None:
        return stated
    for pattern, sure in ((_IMAGE, 0.85), (_RELEASE, 0.75), (_JOINED, 0.75)):
        for item in build.files:
            match = pattern.search(item.data)
            if match:
                number = item.data.count(b"\n", 0, match.start()) + 1
                return match[1].decode(), Evidence(file=item.path, line=number, shows=match[0].decode("utf-8", "replace")[:100], confidence=sure)
    return None


def test(project: Project, build: Build) -> str:
    return f"sbt {project.id}/test" if project.id and project.folder != build.folder else "sbt test"


def lint(repo: Repo, build: Build) -> tuple[str, Evidence] | None:
    path = posixpath.join(build.folder, ".scalafmt.conf")
    return (
        ("sbt scalafmtCheckAll", Evidence(file=path, shows=".scalafmt.conf", confidence=0.85))
        if repo.has(path) and build.mentions(b"sbt-scalafmt")
        else None
    )


def manifests(repo: Repo, build: Build) -> tuple[str, ...]:
    properties = posixpath.join(build.folder, "project/build.properties")
    return (*(item.path for item in build.files), *((properties,) if repo.has(properties) else ()))
