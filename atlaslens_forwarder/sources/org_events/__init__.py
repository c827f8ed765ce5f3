"""Events of the organisation above the site, where Atlassian Guard lets an API key read them."""
