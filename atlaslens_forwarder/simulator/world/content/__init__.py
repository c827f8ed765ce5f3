"""What people write in Confluence, in memory: every version and every status that ever was."""
