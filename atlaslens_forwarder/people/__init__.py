"""Who is who: records of people and groups, which of them are one person, and how they change. Pure."""
