"""Roles and accounts in OpenSearch's security plugin, each with the least rights that its part needs."""
