"""Numbers as people write them: figures in two spellings, number words in three languages, durations, amounts of money."""

from __future__ import annotations

import re

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "zero": 0,
    "null": 0, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "fuenf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11,
    "zwolf": 12, "zwoelf": 12, "funfzehn": 15, "fuenfzehn": 15, "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "funfzig": 50,
    "fuenfzig": 50, "sechzig": 60,
    "cero": 0, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12,
    "quince": 15, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "dois": 2, "duas": 2, "quatro": 4, "dez": 10,
    "quattro": 4, "cinque": 5, "dieci": 10, "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60,
}  # fmt: skip
AMBIGUOUS = {"once", "null", "elf", "acht"}  # also words of another of the three languages, or no number where they stand
LARGE = {
    "k": 1_000, "thousand": 1_000, "tausend": 1_000, "tsd": 1_000, "mil": 1_000, "m": 1_000_000, "mio": 1_000_000, "million": 1_000_000,
    "millions": 1_000_000, "millionen": 1_000_000, "millon": 1_000_000, "millones": 1_000_000, "hundred": 100, "hundert": 100, "cien": 100,
}  # fmt: skip
NUM = r"(?<![\w.])(\d{1,12}(?:\.\d{1,6})?)"
MULTIPLIED = NUM + r"(?: ?(k|thousand|tausend|tsd|mil|m|mio|millions?|millionen|millon|millones|hundred|hundert)\b)?"
UNIT_MINUTES = {
    "s": 1 / 60, "sec": 1 / 60, "secs": 1 / 60, "second": 1 / 60, "seconds": 1 / 60, "sekunde": 1 / 60, "sekunden": 1 / 60, "segundo": 1 / 60,
    "segundos": 1 / 60, "m": 1, "min": 1, "mins": 1, "minute": 1, "minutes": 1, "minuten": 1, "minuto": 1, "minutos": 1,
    "h": 60, "hr": 60, "hrs": 60, "hour": 60, "hours": 60, "std": 60, "stunde": 60, "stunden": 60, "hora": 60, "horas": 60,
    "d": 1440, "day": 1440, "days": 1440, "tag": 1440, "tage": 1440, "tagen": 1440, "tages": 1440, "dia": 1440, "dias": 1440,
    "week": 10080, "weeks": 10080, "woche": 10080, "wochen": 10080, "heure": 60, "heures": 60, "ora": 60, "ore": 60, "seconde": 1 / 60, "secondes": 1 / 60, "secondi": 1 / 60, "minuti": 1, "jour": 1440, "jours": 1440, "giorno": 1440, "giorni": 1440,
    "semana": 10080, "semanas": 10080,
}  # fmt: skip
UNITS = "|".join(sorted(UNIT_MINUTES, key=len, reverse=True))
FRACTIONS = {
    r"(?:an? )?quarter of an hour|(?:einer? )?viertelstunde|(?:un )?cuarto de hora": 15.0,
    r"(?:a )?half (?:an )?hour|half-hour|(?:einer? )?halben? stunde|media hora": 30.0,
    r"3 quarters of an hour|dreiviertelstunde": 45.0,
    r"(?:an|1) hour and a half|1 and a half hours|1,5 stunden|anderthalb stunden|eineinhalb stunden|(?:una|1) hora y media": 90.0,
    r"half a day|(?:einem |einen )?halben tag|medio dia": 720.0,
    r"overnight": 720.0,
}
DURATION = (
    "(?:"
    + "|".join(f"(?P<f{{n}}_{number}>{pattern})" for number, pattern in enumerate(FRACTIONS))
    + (
        rf"|(?P<n{{n}}>\d{{{{1,7}}}}(?:\.\d{{{{1,4}}}})?|an?|une?|una|un|eine[rmn]?|ein|1) ?-? ?(?P<u{{n}}>{UNITS})\b"
        rf"(?: ?(?:and|und|y)? ?(?P<x{{n}}>\d{{{{1,2}}}}) ?(?:m|min|minutes|minuten|minutos)\b)?)"
    )
)


def duration(number: int = 0) -> str:
    """A pattern for a stretch of time; `minutes` reads what it matched."""
    return DURATION.format(n=number)


def minutes(found: re.Match[str], number: int = 0) -> float:
    for place, value in enumerate(FRACTIONS.values()):
        if found[f"f{number}_{place}"]:
            return value
    count = found[f"n{number}"]
    amount = float(count) if count[0].isdigit() else 1.0
    return round(amount * UNIT_MINUTES[found[f"u{number}"]] + float(found[f"x{number}"] or 0), 4)


def number_of(word: str, decimal_comma: bool) -> str:
    """A number in plain figures (2.000 is two thousand where the comma is the decimal mark); any other word as it is."""
    if word in WORDS and word not in AMBIGUOUS:
        return str(WORDS[word])
    if not word[0].isdigit():
        return word
    return _plain(word, decimal_comma)


def _plain(word: str, decimal_comma: bool) -> str:
    parts = re.split(r"([.,'’])", word)
    if len(parts) == 1:
        return word
    groups, marks = parts[0::2], set(parts[1::2])
    grouped = all(len(group) == 3 for group in groups[1:]) and 1 <= len(groups[0]) <= 3 and groups[0] != "0"
    if len(marks) == 1 and grouped:
        mark = parts[1]
        nines = len(groups) == 2 and groups[0] in ("98", "99") and mark in ".,"
        round_amount = mark == "." and groups[1].endswith("00") and not nines
        thousands = len(groups) > 2 or mark in "'’" or round_amount or (not nines and mark == ("." if decimal_comma else ","))
        if thousands:
            return "".join(groups)
    if len(groups) == 2:
        return f"{groups[0]}.{groups[1]}"
    if len(marks) == 2 and parts[-2] != parts[1]:
        return "".join(groups[:-1]) + "." + groups[-1]
    return word


def value(figures: str, multiplier: str | None) -> float:
    """A number with its k, thousand or million."""
    return float(figures) * LARGE.get(multiplier or "", 1)


def whole(amount: float) -> int | float:
    return int(amount) if amount == int(amount) else amount
