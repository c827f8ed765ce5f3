"""Seals: signed, chained digests of every append-only index, by shard and by the engine's own order.

How one is composed, what a chain of them must look like, and what a store that is held against it has lost,
gained or changed. The store is a port, the clock an argument: nothing here does IO or logs.
"""
