"""The simulated company: who works there, what they own, and what they did when. Pure arithmetic, no IO."""
