"""Pages, blog posts and comments of Confluence."""
