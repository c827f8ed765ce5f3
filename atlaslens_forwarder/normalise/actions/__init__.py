"""The action table: what the words of an audit row mean, as data."""
