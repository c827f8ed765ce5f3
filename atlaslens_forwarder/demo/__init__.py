"""The product's main job on a made-up site: real HTTP, real OpenSearch, nothing to configure."""
