"""Work logged on issues of Jira."""
