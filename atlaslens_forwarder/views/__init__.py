"""The views: what each shows, how it is asked, how a page of it is drawn. Pure: nothing reads a store."""
