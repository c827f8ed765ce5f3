"""Logs and metrics. Names come from closed lists, so that docs, dashboards and alerts can rely on them."""
