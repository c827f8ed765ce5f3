"""The report for people: an export as one or several PDF files. Without network and store.

``report.write_pdf`` is the way in. Data flows one way:

::

    events ─ digest (one pass: figures, characters) ─ fonts (files with just these characters)
       └──── volumes of N events ─ rows ─ table ─┐
    facts ─ cover, summary, statements, appendix ─┴─ sheet ─ bytes

A report shows, it does not prove: the proof is in the bundle's manifest, whose stamps every page repeats.
"""
