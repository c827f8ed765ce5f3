"""One folder per Atlassian API: how to ask for a window, page through it and name its rows."""
