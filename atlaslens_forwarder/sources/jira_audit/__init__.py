"""Jira audit records, those of Jira Service Management among them."""
