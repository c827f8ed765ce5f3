"""What the sources of Bitbucket Cloud share: asking, paging, repositories."""
