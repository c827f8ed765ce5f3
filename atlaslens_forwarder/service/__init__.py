"""Joins the steps into connectors, rounds and the long-running service."""
