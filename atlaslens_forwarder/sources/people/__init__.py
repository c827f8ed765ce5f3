"""People and groups of a site: accounts and groups of Jira, the desk's organisations, Bitbucket's members."""
