"""Exports that carry their own proof, and the offline check of such files.

``export`` streams the events of a filter from the store into a file with a manifest; ``verify`` reads them
back without any server and says of each claim whether it holds. ``docs/evidence.md`` specifies the format.
"""
