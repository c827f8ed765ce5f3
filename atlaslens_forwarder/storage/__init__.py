"""OpenSearch as a store: the client, names of indices, months, retention and state documents.

Nothing here knows Atlassian. Index templates and policies are put in place by ``provision``; events are
written by ``sink``.
"""
