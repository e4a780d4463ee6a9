"""Every enquiry of an authority at once: read, and compared with what the Ombudsman publishes."""

import sqlalchemy as sa

from services.ombudsman.enquiry import Enquiry
from services.ombudsman.enquiry_list import enquiry_list
from services.ombudsman.handler import ENQUIRY
from services.ombudsman.published import ReconcileDecisions
from services.ombudsman.reconciliation import Reconciliation, reconcile
from shared.authority import authority
from shared.register import Register
from shared.year import Year

_PAGE = 200


def reconciled(register: Register, code: str, asked: ReconcileDecisions) -> Reconciliation:
    """The Ombudsman's side of a year beside the register's as it stands. Raises `Rejected` for a year not begun."""
    year = Year.begun(asked.year, register.today())
    return reconcile(year, enquiries(register, code), asked.items, asked.letter, authority(code).codes)


def enquiries(register: Register, code: str) -> dict[str, Enquiry]:
    """The enquiries of an authority by reference, as they stand; a page of histories in memory at a time."""
    listed = sa.select(enquiry_list.c.reference).where(enquiry_list.c.authority == code)
    with register.engine.connect() as connection:
        references = connection.execute(listed.order_by(enquiry_list.c.reference)).scalars().all()
    found: dict[str, Enquiry] = {}
    for start in range(0, len(references), _PAGE):
        streams = {ENQUIRY.stream(reference): reference for reference in references[start : start + _PAGE]}
        for stream, history in register.log.histories(code, list(streams)).items():
            enquiry = ENQUIRY.fold([recorded.event for recorded in history])
            if enquiry:
                found[streams[stream]] = enquiry
    return found
