"""Plain data that every step shares: no IO, no clock, no logging."""
