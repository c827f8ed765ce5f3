r"""The way of an event, one direction only.

::

    sources      pages of raw rows, counted at the HTTP edge
       │
    privacy      e-mail addresses leave the row
       │
    normalise    row → event, or a reason why not          (pure)
       │
    sink         one outcome per event: stored | repeat | conflict | quarantined
       │
    ledger       one row per window: asked, came, stored, proven
       │
    cursor       the window becomes covered, last of all

No step reaches back. A crash between any two costs a re-read, never a record and never a duplicate,
because ``_id`` is a function of the row and documents are only ever created.
"""
