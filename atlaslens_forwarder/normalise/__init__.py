"""Raw rows of Atlassian's APIs as ECS documents: pure, deterministic, one module for each API."""
