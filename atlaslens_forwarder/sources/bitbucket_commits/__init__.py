"""Commits of all repositories of the configured Bitbucket workspaces."""
