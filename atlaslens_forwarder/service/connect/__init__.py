"""From an address and a token to working settings: find out, probe, write."""
