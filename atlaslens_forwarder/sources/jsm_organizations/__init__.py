"""Customer organisations of Jira Service Management, as far as two looks at them differ."""
