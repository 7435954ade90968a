"""promtool check config: Prometheus configurations, syntax only, for what they point at lies where Prometheus runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "promtool_config"
TOOL = "promtool"
CLAIM = "promtool accepts the configuration"

_NEWER_FIELDS = frozenset(
    (
        "body_size_limit", "convert_classic_histograms_to_nhcb", "fallback_scrape_protocol", "keep_dropped_targets", "label_limit",
        "always_scrape_classic_histograms", "scrape_classic_histograms", "metric_name_escaping_scheme", "metric_name_validation_scheme",
        "native_histogram_bucket_limit", "native_histogram_min_bucket_factor", "otlp", "rule_query_offset", "runtime", "scrape_config_files",
        "scrape_failure_log_file", "scrape_native_histograms", "scrape_protocols", "extra_scrape_metrics", "http_headers", "http_config",
    )
)  # fmt: skip
"""Fields that Prometheus has learnt since the releases that distributions ship: an old promtool calls them unknown."""
_UNKNOWN_FIELD = re.compile(r"field (\w+) not found in type")
_AT = re.compile(r"\bline (\d+):|:(\d+):\d+:")


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    return [
        Question(command=Command(tool=TOOL, arguments=("check", "config", "--syntax-only", verdicts.argument(path))), paths=(path,))
        for path in kinds.selected(files, kinds.is_prometheus_config)
    ]


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code == 0 and "SUCCESS" in result.stdout:
        return verdicts.judged(())
    said = "\n".join((result.stdout, result.stderr)).partition("FAILED:")[2].strip()
    if result.exit_code != 1 or not said:
        return verdicts.unclear(result)
    newer = sorted(_NEWER_FIELDS & set(_UNKNOWN_FIELD.findall(said)))
    if newer:
        return verdicts.unclear(result, f"this promtool may be older than the field {', '.join(newer)}")
    line = _AT.search(said)
    return verdicts.judged(
        [
            Finding(
                rule="promtool/config",
                severity="high",
                message=verdicts.short(said),
                path=question.paths[0],
                line=int(line[1] or line[2]) if line else None,
            )
        ]
    )
