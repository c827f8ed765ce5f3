"""Scheduled reports: exports of saved filters, made by ``run`` when a day, week or month is over."""
