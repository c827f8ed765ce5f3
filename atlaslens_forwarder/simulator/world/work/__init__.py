"""What people do with issues: a store in memory of all that ever was, also of what was overwritten."""
