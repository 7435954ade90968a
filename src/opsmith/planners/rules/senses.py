"""Names of tools that are everyday words too: beside words of the other world they stand for that one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.planners.rules.phrases import Match
from opsmith.planners.rules.text import Sentence

WORLDS = {
    ("helm",): r"rudder\w*|autopilot|vessels?|yachts?|boats?|captain|skipper|sail(?:ing|ors?)|helmsman|naval|steuerruder|barcos?|tim[oó]n",
    ("loki",): r"thor|odin|freya|asgard|norse|marvel|baldur|heimdall",
    ("elk",): r"moose|deer|wildlife|antlers?|herds?|hunting|reindeer|bison",
    ("vault",): r"gold|jewel\w*|safe deposit|bank vault|bank's|gymnast\w*|burglar\w*|tresor",
    ("flux",): r"magnetic|capacitor|solder\w*|luminous|neutrons?|heat flux|radiation",
    ("bicep",): r"curls?|muscles?|workouts?|gym|fitness|dumbbells?|triceps",
    ("packer",): r"warehouse|green bay|parcels?|boxes of|pickers?",
    ("velero",): r"barcos?|vela|puerto|regata|navegar|marina",
    ("falco",): r"falcons?|falconry|hawks?|amadeus",
    ("jaeger",): r"hunters?|hunting|cocktails?|schnaps|shots of",
    ("terraform",): r"mars|planets?|colon(?:y|ies|ists)|science fiction",
    ("compose",): r"melod(?:y|ies)|songs?|symphon(?:y|ies)|music|orchestra",
    ("canary", "canarie"): r"birds?|parrots?|coal ?mine|cages?|tenerife|browser|finch\w*",
    ("chaos",): r"theory|toddlers?|fractals?",
    ("consul",): r"roman|rome|embassy|senate",
    ("puppet", "chef"): r"theatre|theater|children|kitchens?|restaurants?|recipes?|menus?",
    ("swarm", "bamboo", "harness"): r"bees?|drones?|furniture|panda\w*|climbing|horses?|wiring",
    ("pod",): r"coffee|whales?|dolphins?|peas|escape pod|capsules?",
    ("cis",): r"gender|trans|women|men",
    ("pci",): r"pci-?e|express|motherboards?|slots?|graphics card|passthrough",
}
OTHER_WORLD = {word: re.compile(rf"\b(?:{pattern})\b") for words, pattern in WORLDS.items() for name in words for word in (name, f"{name}s")}
TRADE_AFTER = re.compile(
    r"^ (?:charts?|values|templates?|releases?|upgrade|install|files?|secrets?|policies|rules|deployments?|rollouts?|logs?|stack|audit|dss)\b"
)
TRADE_BEFORE = re.compile(r"\b(?:hashicorp|docker|grafana|with|via|through|using|use|per|mit|con|install) $")


def of_the_trade(sentence: Sentence, found: list[Match]) -> Iterator[Match]:
    """The matches without single words that the rest of their sentence puts into another world."""
    for match in found:
        first, canon = sentence.offsets[match.first], sentence.canon
        world = OTHER_WORLD.get(sentence.tokens[match.first].key) if match.after == match.first + 1 else None
        end = first + len(sentence.tokens[match.first].key)
        if world is None or not world.search(canon) or TRADE_AFTER.match(canon[end:]) or TRADE_BEFORE.search(canon[:first]):
            yield match
