"""What people do in Bitbucket, in memory: every commit, review and permission that ever was."""
