"""Telemetry of the Temporal SDK: its log lines go into our log, its figures to a port for Prometheus."""

import logging

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from runtime.settings import Settings


def runtime_of(settings: Settings, *, metrics: bool) -> Runtime:
    """The SDK's runtime. With `metrics`, where a port is set, it serves `/metrics` for Prometheus: workflow tasks,
    activities and their latencies, and what our activities count.

    The port asks for no password, though nothing in the figures is secret: bind it to an address that only the scraper
    reaches.
    Raises RuntimeError when the port is taken.
    """
    prometheus = None
    if metrics and settings.worker_metrics_port is not None:
        prometheus = PrometheusConfig(
            bind_address=f"{settings.worker_metrics_host}:{settings.worker_metrics_port}",
            counters_total_suffix=True,
            unit_suffix=True,
            durations_as_seconds=True,
        )
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(
                filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
                forwarding=LogForwardingConfig(logger=logging.getLogger("temporalio.core")),
            ),
            metrics=prometheus,
        )
    )
