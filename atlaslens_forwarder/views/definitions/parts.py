"""Figures, buckets and columns that several views share."""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.views.model import By, ByPart, Calc, Column, Kind, Metric, Part, Unit

EVENTS: Final = Metric("Events")
PEOPLE: Final = Metric("People", Calc.DISTINCT, "user.id")
FIRST: Final = Metric("First", Calc.EARLIEST, "@timestamp")
LAST: Final = Metric("Last", Calc.LATEST, "@timestamp")
ITEMS: Final = Metric("Work items", Calc.DISTINCT, "atlassian.work_item.id")
AREAS: Final = Metric("Areas", Calc.DISTINCT, "atlassian.object.container")
ADDRESSES: Final = Metric("Addresses", Calc.DISTINCT, "source.ip")
LINK: Final = Metric("Open", Calc.NEWEST_VALUE, "event.url", Unit.LINK)

PRODUCT: Final = By("Product", "atlassian.product")
PIPELINE: Final = By("Pipeline", "atlassian.pipeline")
SENSITIVITY: Final = By("Sensitivity", "atlassian.sensitivity")
ACTION: Final = By("Action", "event.action", 15)
ALL_ACTIONS: Final = By("Action", "event.action", 50)
ITEM_TYPE: Final = By("Type", "atlassian.work_item.type")
PERSON: Final = By("Person", "user.id", 15, names="user.full_name")
MANY_PEOPLE: Final = By("Person", "user.id", 50, names="user.full_name")
OBJECT_TYPE: Final = By("Object", "atlassian.object.type")
TARGET: Final = By("Affected person", "user.target.id", 15, names="user.target.full_name")
FEW_ACTIONS: Final = By("Action", "event.action", 5)
FEW_TARGETS: Final = By("Affected person", "user.target.id", 5, names="user.target.full_name")
GROUP: Final = By("Group", "group.name", 15)
AREA: Final = By("Area", "atlassian.object.container", 15)
ADDRESS: Final = By("Address", "source.ip", 15)
HOUR: Final = ByPart("Hour (UTC)", Part.HOUR)
WEEKDAY: Final = ByPart("Day", Part.WEEKDAY)

AT: Final = Column("Time (UTC)", "@timestamp", Kind.TIME)
WHO: Final = Column("Who", "user.id", names="user.full_name")
WHOM: Final = Column("Affected", "user.target.id", names="user.target.full_name")
WHICH_GROUP: Final = Column("Group", "group.name")
DID: Final = Column("Action", "event.action")
IN_PRODUCT: Final = Column("Product", "atlassian.product")
WHAT: Final = Column("What", "message")
OBJECT: Final = Column("Object", "atlassian.object.name")
CHANGES: Final = Column("From → to", "atlassian.change_summary")
FROM_ADDRESS: Final = Column("Address", "source.ip")
SENSITIVE: Final = Column("Sensitivity", "atlassian.sensitivity")
OPEN: Final = Column("Open", "event.url", Kind.LINK)

DEED_COLUMNS: Final = (AT, WHO, DID, IN_PRODUCT, WHAT, OPEN)
CHANGE_COLUMNS: Final = (AT, WHO, DID, OBJECT, WHOM, WHICH_GROUP, CHANGES, FROM_ADDRESS, OPEN)
STREAM_COLUMNS: Final = (AT, IN_PRODUCT, DID, WHO, WHAT, WHOM, CHANGES, FROM_ADDRESS, OPEN)
ITEM_COLUMNS: Final = (
    AT,
    WHO,
    DID,
    Column("Item", "atlassian.work_item.key"),
    Column("Title", "atlassian.work_item.name"),
    CHANGES,
    OPEN,
)
