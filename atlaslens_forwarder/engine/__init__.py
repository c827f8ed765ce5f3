"""The embedded OpenSearch: a real node that this product installs, starts and stops, without containers."""
