"""The HTTP routes of the cases service: a command or a query each. HTTP comes in, a command goes out."""

from fastapi import APIRouter

from services.cases import case_list
from services.cases.following import REACTIONS
from services.cases.routes import acting, assessing, intake, ledgers, people, quality, reading, reference
from shared.web import Measure, Service

router = APIRouter()
for part in (intake, reading, people, acting, assessing, ledgers, quality, reference):
    router.include_router(part.router)

OVERDUE = Measure(
    "redress_overdue_cases",
    "Cases with a deadline of the council's behind them.",
    lambda register, connection: case_list.overdue(connection, register.ends(connection), register.today()),
)

SERVICE = Service("cases", "Redress: cases", router, REACTIONS.run, (OVERDUE,))
