"""Settings files of Spring, Quarkus, Micronaut, Helidon and Ktor as flat keys, with the profile that each belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from opsmith.detectors.jvm import properties
from opsmith.detectors.jvm.gradle_script import Statement, parse, walk
from opsmith.detectors.jvm.modules import Module, join
from opsmith.detectors.jvm.placeholders import Filled, fill
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import is_list, is_mapping, items, mapping

_NAME = re.compile(r"(?:application|bootstrap)(?:[-.]([\w-]+))?\.(?:properties|ya?ml|conf)")
_FILTERED = re.compile(r"(?m)((?::|-)[ \t]+)@([\w.-]+)@[ \t]*$")
_PLACES = ("src/main/resources", "src/main/resources/config", "src/main/resources/META-INF", "src/main/webapp/WEB-INF/classes", "config", "resources",
           "src/jvmMain/resources")  # fmt: skip
PRODUCTION = ("prod", "production", "docker", "kubernetes", "k8s")
"""Profiles that name what a container runs, the most telling first."""
_AT_A_DESK = frozenset(("dev", "develop", "development", "local", "test", "default", "localhost", "h2", "debug"))
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    value: str
    profile: str | None
    file: str
    line: int | None


class Files:
    """Settings files of the repository, each read once."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self._read: dict[str, tuple[Setting, ...]] = {}

    def read(self, path: str, profile: str | None = None) -> tuple[Setting, ...]:
        if path not in self._read:
            self._read[path] = tuple(self._parse(path))
        return tuple(Setting(item.key, item.value, item.profile or profile, item.file, item.line) for item in self._read[path])

    def _parse(self, path: str) -> Iterator[Setting]:
        text = self.repo.read(path)
        if text is None:
            return
        if path.endswith(".properties"):
            yield from _documents_of_properties(path, text)
        elif path.endswith(".conf"):
            yield from _hocon(path, text)
        else:
            yield from self._yaml(path, text)

    def _yaml(self, path: str, text: str) -> Iterator[Setting]:
        from opsmith.yaml_safe import load_yaml

        try:
            documents = load_yaml(_FILTERED.sub(r'\1"@\2@"', text))
        except (ValueError, RecursionError) as error:
            self.repo.problem(path, f"broken YAML: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}")
            return
        for document in documents:
            flat = dict(_flat(mapping(document)))
            yield from _of_document(path, [(key, value, None) for key, value in flat.items()])


def _flat(document: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > _MAX_DEPTH:
        return
    if is_mapping(document):
        for key, value in mapping(document).items():
            yield from _flat(value, f"{prefix}.{key}" if prefix else str(key), depth + 1)
    elif is_list(document):
        for index, value in enumerate(items(document)[:200]):
            yield from _flat(value, f"{prefix}[{index}]", depth + 1)
    else:
        yield prefix, "" if document is None else str(document).lower() if isinstance(document, bool) else str(document)


def _documents_of_properties(path: str, text: str) -> Iterator[Setting]:
    """`#---` begins another document."""
    document: list[tuple[str, str, int | None]] = []
    breaks = [number for number, line in enumerate(text.split("\n"), start=1) if line.rstrip() in ("#---", "!---")]
    for key, value, number in properties.entries(text):
        while breaks and number > breaks[0]:
            breaks.pop(0)
            yield from _of_document(path, document)
            document = []
        document.append((key, value, number))
    yield from _of_document(path, document)


def _of_document(path: str, document: list[tuple[str, str, int | None]]) -> Iterator[Setting]:
    told = {key: value for key, value, _ in document}
    profile = told.get("spring.config.activate.on-profile") or told.get("spring.profiles") or _listed(told, "spring.config.activate.on-profile")
    for key, value, number in document:
        own = re.match(r'["\']?%([\w-]+(?:,[\w-]+)*)["\']?\.(.+)', key)
        yield Setting(own[2] if own else key, value, f"%{own[1]}" if own else profile, path, number)


def _listed(told: dict[str, str], key: str) -> str | None:
    found = [value for name, value in told.items() if name.startswith(f"{key}[")]
    return ",".join(found) or None


def _hocon(path: str, text: str) -> Iterator[Setting]:
    """`port = 8080` followed by `port = ${?PORT}` is `${PORT:8080}`."""
    found: dict[str, Setting] = {}
    for around, item in walk(parse(re.sub(r"(?m)(?:^|[ \t])#.*$", "", text))):
        value = _hocon_value(item)
        if value is None or not item.head:
            continue
        key = ".".join((*(part for part in around if part), item.head))
        before = found.get(key)
        if before is not None and value.startswith("${?"):
            value = f"${{{value[3:-1]}:{before.value}}}"
        found[key] = Setting(key, value, None, path, item.line)
    yield from found.values()


def _hocon_value(item: Statement) -> str | None:
    rest = [token for token in item.tokens[1:] if token.kind != "mark"]
    if rest and rest[-1].text == "$" and item.body:
        name = next((token.text for token in item.body[0].tokens if token.kind == "word"), "")
        optional = "?" if item.body[0].tokens[:1] and item.body[0].tokens[0].text == "?" else ""
        return "".join(token.text for token in rest[:-1]) + f"${{{optional}{name}}}"
    return "".join(token.text for token in rest) if rest and not item.body else None


def plain(key: str) -> str:
    """Keys are the same with dashes, underscores or capitals."""
    return re.sub(r"[-_]", "", key).lower()


class Settings:
    """What holds for one module. `profiles` are active; `production` is the profile that a container runs, where one is there."""

    def __init__(self, repo: Repo, entries: Iterable[Setting]) -> None:
        self._repo = repo
        self.all = tuple(entries)
        self.stated = self._stated()
        self.production = self._production()
        self.profiles = (*((self.production.profile or "",) if self.production else self.stated),)
        self._active: dict[str, Setting] = {}
        general = [item for item in self.all if item.profile is None]
        special = [item for item in self.all if item.profile is not None and self.is_active(item)]
        for item in (*general, *special):
            self._active[plain(item.key)] = item

    def _stated(self) -> tuple[str, ...]:
        found: list[str] = []
        for item in self.all:
            if item.profile is None and re.fullmatch(r"spring\.profiles\.(?:active|include|default)(?:\[\d+\])?|micronaut\.environments", item.key):
                found += [name.strip() for name in fill(item.value, lambda _: None).text.split(",") if re.fullmatch(r"[\w-]+", name.strip())]
        return tuple(dict.fromkeys(found))

    def _production(self) -> Setting | None:
        """A setting of the profile that containers run; None when the settings themselves choose another one, or there is none."""
        if any(name not in _AT_A_DESK for name in self.stated):
            return None
        for name in PRODUCTION:
            found = next((item for item in self.all if item.profile == name), None)
            if found is not None:
                return found
        return None

    def is_active(self, item: Setting) -> bool:
        if item.profile is None:
            return True
        names = [name.strip() for name in re.split(r"[,|&]", item.profile)]
        return any(name in self.profiles or name == "%prod" or (name.startswith("!") and name[1:].strip() not in self.profiles) for name in names)

    def active(self) -> Iterator[Setting]:
        yield from self._active.values()

    def setting(self, key: str) -> Setting | None:
        return self._active.get(plain(key))

    def raw(self, key: str) -> str | None:
        found = self.setting(key)
        return found.value if found is not None else None

    def value(self, *keys: str) -> tuple[Filled, Setting] | None:
        """The first of `keys` that is stated, its placeholders filled in."""
        for key in keys:
            found = self.setting(key)
            if found is not None:
                return self.filled(found), found
        return None

    def text(self, *keys: str) -> str | None:
        found = self.value(*keys)
        return found[0].text if found is not None and found[0].complete else None

    def filled(self, item: Setting) -> Filled:
        return fill(item.value, self.raw)

    def evidence(self, item: Setting, confidence: float = 0.9) -> Evidence:
        number = item.line
        if number is None:
            last = item.key.rpartition(".")[2].partition("[")[0]
            number = self._repo.line_of(item.file, item.value.split("\n")[0]) if len(item.value) > 3 else None
            number = number or self._repo.line_of(item.file, f"{last}:")
        return Evidence(file=item.file, line=number, shows=f"{item.key}: {item.value}", confidence=confidence)


def settings_files(repo: Repo, module: Module, named: frozenset[str] = frozenset(), *, plain_code: bool = False) -> list[tuple[str, str | None]]:
    """Files of a module that its process reads by their place and name, with the profile in their name.

    `named` are further stems that code chooses; `plain_code`: no framework reads settings, so any file among the resources may be one.
    """
    found: list[tuple[str, str | None]] = []
    for place in _PLACES:
        folder = join(module.folder, place)
        for name in repo.folder(folder):
            match = _NAME.fullmatch(name)
            if match:
                found.append((join(folder, name), match[1]))
            elif name == "microprofile-config.properties":
                found.append((join(folder, name), None))
    found += _named_otherwise(repo, module, named, plain_code=plain_code)
    order = {"bootstrap": 0, "application": 1}
    return sorted(found, key=lambda entry: (order.get(re.split(r"[-.]", entry[0].rpartition("/")[2])[0], 2), entry[1] or "", entry[0]))


_NOISE = re.compile(
    r"(?i)^(?:messages?|log4j\d?|logback|logging|simplelogger|i18n|banner|git|version|validation\w*|labels?|strings?|quartz|ehcache|openapi|swagger)\b"
)


def _named_otherwise(repo: Repo, module: Module, named: frozenset[str], *, plain_code: bool) -> Iterator[tuple[str, str | None]]:
    """Files with the stem that code chooses, those of its profiles among them; or any, where no framework has names of its own."""
    folder = join(module.folder, "src/main/resources")
    free = [name for name in repo.folder(folder) if name.endswith((".properties", ".yml", ".yaml", ".conf")) and not _NAME.fullmatch(name)]
    bases = sorted({name.rpartition(".")[0] for name in free} & named)
    for name in free:
        stem = name.rpartition(".")[0]
        base = next((base for base in bases if stem.startswith(f"{base}-")), None)
        if stem in bases or (plain_code and not _NOISE.match(stem) and "_" not in stem[-6:]):
            yield join(folder, name), None
        elif base is not None:
            yield join(folder, name), stem[len(base) + 1 :]
