"""Issues of Jira with their changes and comments; requests of Jira Service Management are among them."""
