"""Confluence audit records."""
