"""What Prometheus has learnt since the releases that distributions ship, and what they leave out of it.

A promtool that calls such a thing unknown proves nothing.
"""

from __future__ import annotations

import re

_FIELDS = frozenset(
    (
        "always_scrape_classic_histograms", "body_size_limit", "convert_classic_histograms_to_nhcb", "extra_scrape_metrics",
        "fallback_scrape_protocol", "fuzzy_compare", "histogram", "http_headers", "keep_dropped_targets", "keep_firing_for", "label_limit",
        "label_name_length_limit", "label_value_length_limit", "metric_name_escaping_scheme", "metric_name_validation_scheme",
        "native_histogram_bucket_limit", "native_histogram_min_bucket_factor", "otlp", "query_offset", "rule_query_offset", "runtime",
        "scrape_classic_histograms", "scrape_config_files", "scrape_failure_log_file", "scrape_native_histograms", "scrape_protocols",
        "start_timestamp",
    )
)  # fmt: skip
_FUNCTIONS = frozenset(
    (
        "double_exponential_smoothing", "first_over_time", "histogram_avg", "histogram_stddev", "histogram_stdvar", "info", "mad_over_time",
        "sort_by_label", "sort_by_label_desc", "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time", "ts_of_min_over_time",
    )
)  # fmt: skip
_UNKNOWN_FIELD = re.compile(r"field (\w+) not found in type")
_UNKNOWN_FUNCTION = re.compile(r'unknown function with name "(\w+)"')
_DISCOVERIES = frozenset(
    f"{name}_sd_configs"
    for name in (
        "aws", "azure", "consul", "digitalocean", "docker", "dockerswarm", "ec2", "ecs", "eureka", "gce", "hetzner", "ionos", "kubernetes",
        "kuma", "lightsail", "linode", "marathon", "msk", "nerve", "nomad", "oci", "openstack", "outscale", "ovhcloud", "puppetdb", "scaleway",
        "serverset", "stackit", "triton", "uyuni", "vultr",
    )
)  # fmt: skip
"""Distributions build promtool without many of these, Kubernetes' among them."""


def unknown(said: str) -> str:
    """Why the complaint `said` is none against the file; empty when it is one."""
    fields = set(_UNKNOWN_FIELD.findall(said))
    newer = sorted((fields & _FIELDS) | (set(_UNKNOWN_FUNCTION.findall(said)) & _FUNCTIONS))
    left_out = sorted(fields & _DISCOVERIES)
    if left_out:
        return f"this promtool is built without {', '.join(left_out)}"
    return f"this promtool may be older than {', '.join(newer)}" if newer else ""
