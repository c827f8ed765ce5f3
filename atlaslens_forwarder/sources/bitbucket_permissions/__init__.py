"""Who may do what in Bitbucket, as far as two looks at it differ."""
