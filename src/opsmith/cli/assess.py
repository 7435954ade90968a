"""`opsmith assess`: how ready a repository is, and what would close each gap. It reads; only --save writes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.model.assessment import Assessment


def add(commands: Any) -> None:
    command = commands.add_parser(
        "assess", help="say how ready a repository is: each standard met or not, the evidence, and the task that closes the gap"
    )
    command.add_argument("path", nargs="?", default=".", help="the repository (default: this folder)")
    command.add_argument("--format", choices=("text", "json", "sarif", "markdown", "html"), default="text")
    command.add_argument("--layer", action="append", default=[], metavar="NAME", help="only this layer (may be given more than once)")
    command.add_argument("--all", action="store_true", help="text: also what is met and what does not apply")
    command.add_argument("--no-tools", action="store_true", help="ask no tool; what only a tool can tell could not be checked then")
    command.add_argument("--compare", metavar="FILE", help="an earlier assessment (default: the one from before the last `opsmith run`)")
    command.add_argument("--save", metavar="FILE", help="also write the assessment as JSON, for a later --compare")
    command.add_argument("--fail-under", type=_percent, metavar="SCORE", help="exit with 3 when the whole score is lower")
    command.set_defaults(action=action)


def _percent(text: str) -> int:
    number = int(text.rstrip("% "))
    if not 0 <= number <= 100:
        raise ValueError(text)
    return number


def action(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from opsmith import settings
    from opsmith.stages.assess import assess
    from opsmith.stages.assess.scoring import compared
    from opsmith.tools import LocalRunner

    root = Path(options.path)
    result = assess(root, settings.load(root), runner=None if options.no_tools else LocalRunner(), layers=options.layer)
    before = _before(options, root)
    if before is not None:
        result = replace(result, compared=compared(before, result))
    print(_encoded(options, result))
    if options.save:
        _save(Path(options.save), result)
    _require_score(options, result)
    return 0


def _before(options: argparse.Namespace, root: Path) -> Assessment | None:
    """The assessment to compare with; of the layers that are asked for now."""
    from dataclasses import replace

    from opsmith.stages.assess.memory import read, remembered
    from opsmith.stages.assess.scoring import score

    found = read(Path(options.compare)) if options.compare else remembered(root)
    if found is None or not options.layer:
        return found
    kept = tuple(item for item in found.results if item.layer in options.layer)
    return replace(found, results=kept, score=score(kept))


def _save(path: Path, result: Assessment) -> None:
    """Whole or not at all."""
    from opsmith import encoding
    from opsmith.errors import DeliveryError

    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8") as stream:
            stream.write(encoding.to_json(result) + "\n")
        Path(stream.name).replace(path)
    except OSError as error:
        raise DeliveryError(f"{path} cannot be written: {error.strerror}.", next_step=f"ls -ld {path.parent}") from error


def _encoded(options: argparse.Namespace, result: Assessment) -> str:
    from opsmith import encoding

    match options.format:
        case "json":
            return encoding.to_json(result)
        case "sarif":
            from opsmith.reports import assessment_sarif

            return encoding.to_json(assessment_sarif.sarif(result))
        case "markdown":
            from opsmith.reports import assessment_markdown

            return assessment_markdown.markdown(result)
        case "html":
            from opsmith.reports import assessment_html

            return assessment_html.html(result)
        case _:
            from opsmith.reports import assessment

            return assessment.text(result, everything=options.all)


def _require_score(options: argparse.Namespace, result: Assessment) -> None:
    from opsmith.errors import Refused

    if options.fail_under is None:
        return
    percent = result.score.percent
    if percent is None or percent < options.fail_under:
        shown = "nothing could be judged" if percent is None else f"the score is {percent} %"
        sys.stdout.flush()
        raise Refused(f"In {result.root}, {shown}; at least {options.fail_under} % is asked for.",
                      next_step="close the gaps that are listed under 'Not met', the weightiest first")  # fmt: skip
