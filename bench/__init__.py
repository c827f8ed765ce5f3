"""Measures what the forwarder costs; run with ``python -m bench``. Not part of the installed program."""
