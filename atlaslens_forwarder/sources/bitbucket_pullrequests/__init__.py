"""Pull requests and their activity in all repositories of the configured Bitbucket workspaces."""
