"""The people of the simulated company, invented, with ids and addresses of the real forms.

Names mix scripts and diacritics and every person has an e-mail, because privacy code must survive both.
Addresses come from the documentation ranges of RFC 5737 and RFC 3849.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.simulator.world.chance import Chance, label

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.spec import WorldSpec

ADMIN: Final = "admin"
LEAD: Final = "lead"
AGENT: Final = "agent"
MEMBER: Final = "member"
CONTRACTOR: Final = "contractor"
LEAVER: Final = "deactivated"
SERVICE: Final = "service-account"
CUSTOMER: Final = "customer"

_LEAVES_BEFORE_END_DAYS: Final = 40

# name, mail name, role; the collector account of the forwarder comes last among the service accounts.
_STAFF: Final = (
    ("Nadia Brandt", "nadia.brandt", ADMIN),
    ("Tomás Herrera Ibáñez", "tomas.herrera", ADMIN),
    ("坂本 悠希", "yuki.sakamoto", ADMIN),
    ("Oluwaseun Adeyemi", "oluwaseun.adeyemi", ADMIN),
    ("Søren Kjærgaard", "soren.kjaergaard", LEAD),
    ("Zofia Dąbrowska", "zofia.dabrowska", LEAD),
    ("Олена Ткаченко", "olena.tkachenko", LEAD),
    ("Priya Raghunathan", "priya.raghunathan", LEAD),
    ("Camille Lefèvre-Roux", "camille.lefevre", AGENT),
    ("ليلى منصور", "layla.mansour", AGENT),
    ("Dimitra Κωνσταντίνου", "dimitra.k", AGENT),
    ("Henrik Östlund", "henrik.ostlund", MEMBER),
    ("Aoife Ní Bhraonáin", "aoife.nibhraonain", MEMBER),
    ("李 思远", "siyuan.li", MEMBER),
    ("Mateus Figueiredo", "mateus.figueiredo", MEMBER),
    ("Ingrid Solheim", "ingrid.solheim", MEMBER),
    ("박 서연", "seoyeon.park", MEMBER),
    ("Jakob Weißenfels", "jakob.weissenfels", MEMBER),
    ("Ramona Petrescu", "ramona.petrescu", MEMBER),
    ("Kwame Boateng-Mills", "kwame.boateng", MEMBER),
    ("Thandeka Mokoena", "thandeka.mokoena", MEMBER),
    ("Viktor Halloran", "viktor.halloran.ext", CONTRACTOR),
    ("Graham Pelletier", "graham.pelletier", LEAVER),
    ("Release Pipeline", "release-pipeline", SERVICE),
    ("Audit Collector", "audit-collector", SERVICE),
)
_CUSTOMERS: Final = (
    ("Maren Oldenkott", "maren.oldenkott"),
    ("Иван Черных", "ivan.chernykh"),
    ("Bianca Sottomayor", "bianca.sottomayor"),
    ("Kofi Amankwah", "kofi.amankwah"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """One account; ``user_key`` is the legacy key in Jira items, ``left_at_ms`` when it was deactivated."""

    account_id: str
    user_key: str
    display_name: str
    email: str
    role: str
    account_type: str
    address: str
    left_at_ms: int | None = None

    @property
    def is_external(self) -> bool:
        """Whether Confluence marks the person as an external collaborator."""
        return self.role == CONTRACTOR


@dataclass(frozen=True, slots=True)
class People:
    """Everyone of one site."""

    staff: tuple[Person, ...]
    customers: tuple[Person, ...]
    collector: Person

    def everyone(self) -> tuple[Person, ...]:
        """Staff, service accounts and customers."""
        return self.staff + self.customers

    def with_role(self, role: str) -> tuple[Person, ...]:
        """All accounts of one role."""
        return tuple(person for person in self.everyone() if person.role == role)

    def of(self, account_id: str) -> Person | None:
        """The person with this account id."""
        return next((person for person in self.everyone() if person.account_id == account_id), None)


def _account_id(chance: Chance) -> str:
    form = chance.below(3)
    if form == 0:
        return "5" + chance.hex(23)
    return f"{'557058' if form == 1 else '712020'}:{chance.uuid()}"


def _address(role: str, position: int) -> str:
    if role == CONTRACTOR:
        return "203.0.113.77"
    if role == SERVICE:
        return f"198.51.100.{200 + position}"
    if role == CUSTOMER:
        return f"203.0.113.{120 + position}"
    return f"2001:db8:5::{position + 16:x}" if position % 5 == 0 else f"192.0.2.{20 + position}"


def people_of(spec: WorldSpec) -> People:
    """The people of a world; equal seeds and sites give equal ids."""
    chance = Chance(spec.seed, label(spec.site), label("people"))
    staff = tuple(
        Person(
            account_id=_account_id(chance),
            user_key=f"ug:{chance.uuid()}",
            display_name=name,
            email=f"{mail}@{spec.site}.example",
            role=role,
            account_type="app" if role == SERVICE else "atlassian",
            address=_address(role, position),
            left_at_ms=spec.now_ms - _LEAVES_BEFORE_END_DAYS * DAY_MS if role == LEAVER else None,
        )
        for position, (name, mail, role) in enumerate(_STAFF)
    )
    portal = chance.uuid()
    customers = []
    for position, (name, mail) in enumerate(_CUSTOMERS):
        key = f"qm:{portal}:{chance.uuid()}"
        address = _address(CUSTOMER, position)
        customers.append(Person(key, key, name, f"{mail}@customer.example", CUSTOMER, "customer", address))
    return People(staff, tuple(customers), staff[-1])
