"""Views as saved objects of OpenSearch Dashboards. Pure."""
