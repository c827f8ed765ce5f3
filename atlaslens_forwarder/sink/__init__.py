"""Delivery of documents to append-only indices, one outcome per document."""
