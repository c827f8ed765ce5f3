"""Keys, e-mail blinding, sealing and the origin hash. Pure but for reading and writing the key file."""
