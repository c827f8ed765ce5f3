"""Making, telling and verifying seals: what :mod:`atlaslens_forwarder.seals` needs of the world."""
