"""What a program tells viper, flag libraries and environment readers about the keys of its configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from opsmith.detectors.go.program import Expression, Field, Program, keyed
from opsmith.detectors.go.source import arguments, callee, literal, text

TAG = re.compile(r'([\w-]+):"([^"]*)"')


@dataclass(frozen=True, slots=True)
class EnvTag:
    """The variable that a struct field is filled from."""

    name: str
    required: bool
    default: str | None


class Index:
    """What the program tells viper, flag libraries and environment readers about their keys."""

    def __init__(self, program: Program) -> None:
        self._program = program

    @cached_property
    def defaults(self) -> dict[str, list[Expression]]:
        found: dict[str, list[Expression]] = {}
        for call in self._program.called("SetDefault"):
            given = arguments(call.node)
            if len(given) == 2 and (key := literal(given[0])):
                found.setdefault(key.lower(), []).append(Expression(given[1], call.source))
        for name, values in self.options.items():
            found.setdefault(name.lower(), []).extend(values)
        return found

    @cached_property
    def options(self) -> dict[str, list[Expression]]:
        """Defaults of urfave/cli style flags: literals with Name and Value."""
        found: dict[str, list[Expression]] = {}
        for composite in self.program_composites(b"Flag{"):
            parts = dict(keyed(composite.node))
            name = literal(parts.get("Name"))
            if name and "Value" in parts:
                found.setdefault(name.partition(",")[0], []).append(Expression(parts["Value"], composite.source))
        return found

    def program_composites(self, mark: bytes) -> Iterator[Expression]:
        for source in self._program.sources:
            if source.mentions(mark):
                for node in source.syntax("composite"):
                    if text(node.child_by_field_name("type")).endswith(mark.decode().rstrip("{")):
                        yield Expression(node, source)

    @cached_property
    def unmarshals(self) -> bool:
        return any("viper" in path for path in self._program.imports)

    @cached_property
    def _automatic(self) -> str | None:
        """The prefix of viper's automatic variables; None when it reads none."""
        if not any(self._program.called("AutomaticEnv")):
            return None
        prefixes = (literal(arguments(call.node)[0]) for call in self._program.called("SetEnvPrefix") if arguments(call.node))
        return next((prefix.upper() + "_" for prefix in prefixes if prefix), "")

    @cached_property
    def _bound(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for call in self._program.called("BindEnv", "MustBindEnv"):
            given = [value for node in arguments(call.node) if (value := literal(node))]
            if len(given) > 1:
                found[given[0].lower()] = given[1]
            elif given and self._automatic is None:
                found[given[0].lower()] = re.sub(r"[.-]", "_", given[0].upper())
        return found

    def variable(self, key: str) -> str | None:
        if key.lower() in self._bound:
            return self._bound[key.lower()]
        return self._automatic + re.sub(r"[.-]", "_", key.upper()) if self._automatic is not None else None

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        """Prefix of variables by the type of a struct: from envPrefix tags and envconfig.Process."""
        found: dict[str, str] = {}
        for items in self._program.tags.values():
            for item in items:
                prefix = dict(TAG.findall(item.tag)).get("envPrefix")
                if prefix:
                    found[item.type.lstrip("*").rpartition(".")[2]] = prefix
                    found[item.name] = prefix
        return found

    @cached_property
    def process_prefix(self) -> str:
        """What kelseyhightower/envconfig puts before every name."""
        for call in self._program.called("Process", "MustProcess"):
            given = arguments(call.node)
            if callee(call.node)[0] == "envconfig" and given and (prefix := literal(given[0])):
                return prefix.upper() + "_"
        return ""

    def prefix(self, item: Field) -> str:
        if "envconfig:" in item.tag or (self.process_prefix and "env:" not in item.tag):
            return self.process_prefix
        return next((self._prefixes[owner] for owner in reversed(item.owners) if owner in self._prefixes), "")


def env_tag(item: Field, prefix: str = "") -> EnvTag | None:
    """The variable that a tag of a known environment reader names."""
    tags: dict[str, str] = dict(TAG.findall(item.tag))
    spec = tags.get("env") or tags.get("envconfig") or next((part for part in tags.get("arg", "").split(",") if "env" in part), "")
    words = [word.strip() for word in spec.split(",")]
    name = words[0].removeprefix("env:").removeprefix("--")
    if not re.fullmatch(r"[A-Za-z_]\w*", name) or (not name.isupper() and "envconfig" not in tags and "env" not in tags):
        return None
    inline = next((word.partition("=")[2] for word in words if word.startswith("default=")), None)
    default = tags.get("envDefault", tags.get("env-default", tags.get("default", inline)))
    asked = {"required", "notEmpty"} & set(words) or "true" in (tags.get("required"), tags.get("env-required"))
    return EnvTag((prefix + name).upper() if "envconfig" in tags else prefix + name, bool(asked) and default is None, default)
