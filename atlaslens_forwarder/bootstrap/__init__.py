"""Certificates, passwords and first accounts for an OpenSearch of one's own."""
