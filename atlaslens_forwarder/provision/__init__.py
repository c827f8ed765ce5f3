"""Set-up of OpenSearch as plan → diff → apply; a second run finds nothing to do."""
