"""Prometheus metrics in a registry of our own, declared in ``telemetry.metric_specs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from atlaslens_forwarder import __version__
from atlaslens_forwarder.telemetry.metric_specs import METRICS, MetricKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client.metrics import MetricWrapperBase

_CLASSES: dict[MetricKind, type[Counter | Gauge | Histogram]] = {
    MetricKind.COUNTER: Counter,
    MetricKind.GAUGE: Gauge,
    MetricKind.HISTOGRAM: Histogram,
}


class Metrics:
    """All metrics of one process; names are those of ``telemetry.metric_specs.METRICS``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._metrics: dict[str, MetricWrapperBase] = {
            spec.name: _CLASSES[spec.kind](spec.name, spec.help, spec.labels, registry=self.registry)
            for spec in METRICS
        }
        ProcessCollector(registry=self.registry)  # process_*: memory, CPU, open files, start time
        self.set("atlaslens_build_info", 1, version=__version__)

    def add(self, name: str, amount: float, **labels: str) -> None:
        """Add to a counter."""
        metric = self._labelled(name, labels)
        if not isinstance(metric, Counter):
            raise TypeError(f"{name} is no counter")
        metric.inc(amount)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        metric = self._labelled(name, labels)
        if not isinstance(metric, Gauge):
            raise TypeError(f"{name} is no gauge")
        metric.set(value)

    def follow(self, name: str, read: Callable[[], float], **labels: str) -> None:
        """Let a gauge ask for its value at each scrape, from the scrape's thread."""
        metric = self._labelled(name, labels)
        if not isinstance(metric, Gauge):
            raise TypeError(f"{name} is no gauge")
        metric.set_function(read)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Count a value into a histogram."""
        metric = self._labelled(name, labels)
        if not isinstance(metric, Histogram):
            raise TypeError(f"{name} is no histogram")
        metric.observe(value)

    def value(self, name: str, **labels: str) -> float:
        """The present value of a sample, 0 when it was never touched."""
        return self.registry.get_sample_value(name, labels) or 0.0

    def _labelled(self, name: str, labels: dict[str, str]) -> MetricWrapperBase:
        metric = self._metrics[name]
        return metric.labels(**labels) if labels else metric
