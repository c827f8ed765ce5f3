"""Detection rules in Sigma's format: read, checked, compiled to queries and monitors, documented."""
