"""The HTTP routes of the cases service: a command or a query each. HTTP comes in, a command goes out."""

from fastapi import APIRouter

from services.cases.following import REACTIONS
from services.cases.routes import acting, assessing, intake, ledgers, people, quality, reading, reference
from shared.web import Service

router = APIRouter()
for part in (intake, reading, people, acting, assessing, ledgers, quality, reference):
    router.include_router(part.router)

SERVICE = Service("cases", "Redress: cases", router, REACTIONS.run)
