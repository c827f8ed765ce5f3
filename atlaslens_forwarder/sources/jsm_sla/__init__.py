"""Broken promises of Jira Service Management: SLA cycles that ran beyond their goal."""
