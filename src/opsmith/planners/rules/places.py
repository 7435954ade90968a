"""Regions: by their code, and by the name of a place once the cloud is known."""

from __future__ import annotations

import re

CODES = {
    "aws": re.compile(
        r"\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-)?(?:north|south|east|west|central|northeast|southeast|northwest|southwest)-[1-9]\b"
    ),
    "gcp": re.compile(
        r"\b(?:us|europe|asia|australia|northamerica|southamerica|me|africa)-(?:north|south|east|west|central"
        r"|northeast|southeast|southwest)(?:1[0-3]|[1-9])\b"
    ),
    "azure": re.compile(
        r"\b(?:(?:west|north)europe|(?:east|west)us[23]?|(?:north|south|west)?centralus|uk(?:south|west)|germany"
        r"(?:westcentral|north)|france(?:central|south)"
        r"|switzerland(?:north|west)|sweden(?:central|south)|norway(?:east|west)|polandcentral|italynorth"
        r"|spaincentral|(?:southeast|east)asia|japan(?:east|west)"
        r"|korea(?:central|south)|(?:central|south|west)india|australia(?:east|southeast|central)|brazilsouth"
        r"|canada(?:central|east)|uae(?:north|central)"
        r"|southafrica(?:north|west)|israelcentral|qatarcentral|mexicocentral)\b"
    ),
}
PLACES = {
    "aws": {
        "eu-central-1": "frankfurt|germany|deutschland|alemania|francfort", "eu-west-1": "ireland|dublin|irland|irlanda", "eu-west-2": "london|londres|uk",
        "eu-west-3": "paris|france|frankreich|francia", "eu-north-1": "stockholm|sweden|schweden|suecia|estocolmo",
        "eu-south-1": "milan|milano|mailand|italy|italien|italia", "eu-south-2": "spain|spanien|espana|madrid|zaragoza|aragon",
        "eu-central-2": "zurich|switzerland|schweiz|suiza", "us-east-1": "north virginia|n virginia|northern virginia|virginia", "us-east-2": "ohio|columbus",
        "us-west-1": "northern california|n california|north california|california", "us-west-2": "oregon", "ca-central-1": "canada|montreal|kanada",
        "ca-west-1": "calgary", "sa-east-1": "sao paulo|brazil|brasilien|brasil", "ap-northeast-1": "tokyo|tokio", "ap-northeast-2": "seoul|seul|korea",
        "ap-northeast-3": "osaka", "ap-southeast-1": "singapore|singapur", "ap-southeast-2": "sydney|sidney", "ap-southeast-3": "jakarta|indonesia",
        "ap-southeast-4": "melbourne", "ap-south-1": "mumbai|bombay|india|indien", "ap-south-2": "hyderabad", "ap-east-1": "hong kong|hongkong",
        "me-south-1": "bahrain", "me-central-1": "uae|dubai", "af-south-1": "cape town|kapstadt|ciudad del cabo|south africa", "il-central-1": "tel aviv|israel",
        "mx-central-1": "mexico|queretaro",
    },
    "gcp": {
        "europe-west1": "belgium|belgien|belgica|st ghislain", "europe-west2": "london|londres|uk", "europe-west3": "frankfurt|germany|deutschland|alemania|francfort",
        "europe-west4": "netherlands|niederlande|niederlanden|paises bajos|eemshaven|holland", "europe-west6": "zurich|switzerland|schweiz|suiza",
        "europe-west8": "milan|milano|mailand", "europe-west9": "paris|france|frankreich|francia", "europe-west10": "berlin", "europe-west12": "turin|torino",
        "europe-southwest1": "madrid|spain|spanien|espana", "europe-central2": "warsaw|warschau|varsovia|poland|polen|polonia",
        "europe-north1": "finland|finnland|finlandia|hamina", "europe-north2": "stockholm|sweden|schweden|suecia", "us-central1": "iowa|council bluffs",
        "us-east1": "south carolina", "us-east4": "north virginia|n virginia|northern virginia|virginia", "us-east5": "columbus|ohio", "us-south1": "dallas|texas",
        "us-west1": "oregon", "us-west2": "los angeles", "us-west3": "salt lake city", "us-west4": "las vegas", "northamerica-northeast1": "montreal",
        "northamerica-northeast2": "toronto", "southamerica-east1": "sao paulo|brazil|brasil|brasilien", "southamerica-west1": "santiago|chile",
        "asia-east1": "taiwan", "asia-east2": "hong kong|hongkong", "asia-northeast1": "tokyo|tokio", "asia-northeast2": "osaka", "asia-northeast3": "seoul|seul",
        "asia-south1": "mumbai|bombay", "asia-south2": "delhi", "asia-southeast1": "singapore|singapur", "asia-southeast2": "jakarta",
        "australia-southeast1": "sydney", "australia-southeast2": "melbourne", "me-west1": "tel aviv|israel", "me-central1": "doha|qatar",
        "me-central2": "dammam", "africa-south1": "johannesburg",
    },
    "azure": {
        "westeurope": "west europe|westeuropa|europa occidental|amsterdam|netherlands|niederlande|niederlanden|paises bajos|oeste de europa",
        "northeurope": "north europe|nordeuropa|ireland|dublin|irland|irlanda|norte de europa",
        "uksouth": "uk south|london|londres", "ukwest": "uk west|cardiff", "germanywestcentral": "germany west central|frankfurt|germany|deutschland|alemania",
        "germanynorth": "germany north|berlin", "francecentral": "france central|paris|france|frankreich|francia", "francesouth": "france south|marseille",
        "switzerlandnorth": "switzerland north|zurich|schweiz|switzerland|suiza", "switzerlandwest": "switzerland west|geneva|genf",
        "swedencentral": "sweden central|gavle|sweden|schweden|suecia|stockholm", "norwayeast": "norway east|oslo|norway|norwegen|noruega",
        "polandcentral": ("poland central|warsaw|warschau|poland|polen|polonia|varsovia"), "italynorth": "italy north|milan|mailand|italy|italien|italia",
        "spaincentral": "spain central|madrid|spain|spanien|espana", "eastus": "east us|virginia", "eastus2": "east us 2", "westus": "west us|california",
        "westus2": "west us 2|washington", "westus3": "west us 3|phoenix|arizona", "centralus": "central us|iowa", "northcentralus": "north central us|illinois|chicago",
        "southcentralus": "south central us|texas|san antonio", "westcentralus": "west central us|wyoming", "canadacentral": "canada central|toronto",
        "canadaeast": "canada east|quebec", "brazilsouth": "brazil south|sao paulo|brasil|brazil", "southeastasia": "southeast asia|singapore|singapur",
        "eastasia": "east asia|hong kong", "japaneast": "japan east|tokyo|tokio", "japanwest": "japan west|osaka", "koreacentral": "korea central|seoul",
        "centralindia": "central india|pune", "southindia": "south india|chennai", "westindia": "west india|mumbai", "australiaeast": "australia east|sydney",
        "australiasoutheast": "australia southeast|melbourne", "uaenorth": "uae north|dubai", "southafricanorth": "south africa north|johannesburg",
        "israelcentral": "israel central|israel|tel aviv", "qatarcentral": "qatar central|doha", "mexicocentral": "mexico central|queretaro",
    },
}  # fmt: skip
NO_PLACE_BEFORE = re.compile(
    r"\b(?:office|team|teams|colleagues|people|guys|customers?|users?|clients?|headquarters|hq|based|company"
    r"|developers|kunden|kollegen|buro|nutzer|clientes|usuarios|oficina|equipo|born|meeting"
    r"|conference|visitors|shop|auditors?|travell?ing)(?: \w+)? (?:in|from|aus|de|en|at) (?:the )?$"
)
NO_PLACE_AFTER = re.compile(r"^ (?:office|team|time|timezone|customers|users|colleagues|people|buro|kunden|hq|conference|clients)\b")


def by_code(canon: str) -> list[tuple[str, str, int, int]]:
    """(cloud, region, start, end) for every region code in a sentence."""
    return [(cloud, found[0], found.start(), found.end()) for cloud, pattern in CODES.items() for found in pattern.finditer(canon)]


def by_name(canon: str, cloud: str) -> list[tuple[str, int, int]]:
    """(region, start, end) for every place in a sentence that is a region of the cloud."""
    names = {name: region for region, written in PLACES[cloud].items() for name in written.split("|")}
    pattern = re.compile(r"(?<![\w-])(?:" + "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) + r")(?![\w-])")
    return [
        (names[found[0]], found.start(), found.end())
        for found in pattern.finditer(canon.replace("'s", "  "))
        if not NO_PLACE_BEFORE.search(canon[max(found.start() - 60, 0) : found.start()]) and not NO_PLACE_AFTER.match(canon[found.end() :])
    ]
