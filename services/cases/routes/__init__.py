"""The HTTP routes of the cases service: a command or a query each. HTTP comes in, a command goes out."""

from services.cases import case_list
from services.cases.following import REACTIONS
from services.cases.routes import acting, assessing, intake, ledgers, people, quality, reading, reference
from shared.web import Measure, Service

OVERDUE = Measure(
    "redress_overdue_cases",
    "Cases with a deadline of the council's behind them.",
    lambda register, connection: case_list.overdue(connection, register.ends(connection), register.today()),
)

_PARTS = (intake, reading, people, acting, assessing, ledgers, quality, reference)

SERVICE = Service("cases", "Redress: cases", tuple(part.router for part in _PARTS), REACTIONS.run, (OVERDUE,))
