"""What proofs are made of: Merkle trees, signed envelopes, signing keys and their history.

Exports and seals are built on these. Nothing here knows the store, the network or what is proven.
"""
