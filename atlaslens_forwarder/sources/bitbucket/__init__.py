"""What the sources of Bitbucket Cloud share."""
