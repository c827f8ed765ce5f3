"""Exports that carry their own proof, and the offline check of them.

``export`` streams the events of a filter from the store into a signed bundle; ``verify`` reads it back
without any server and says of each claim whether it holds; ``row_proof`` shows one row without the others,
and ``redact`` withholds some. ``docs/evidence.md`` specifies the format.
"""
