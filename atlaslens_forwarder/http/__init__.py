"""The one door to Atlassian: credentials, request budget, retry policy, and errors named by what to do."""
