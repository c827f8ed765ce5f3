"""Evaluates the rules on stored events, keeps alerts, and calls a webhook."""
