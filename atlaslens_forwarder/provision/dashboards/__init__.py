"""Puts saved objects into OpenSearch Dashboards and tells what differs there."""
