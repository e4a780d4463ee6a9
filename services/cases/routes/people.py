"""The doors to personal data: opening a case's, looking people up, and who did either."""

from datetime import date
from typing import Annotated

from fastapi import Query

from services.cases import commands, disclosure, handler, schemas
from services.cases.routes.desk import Opening, Overseeing, Reference
from shared import handling, reads
from shared.errors import bad_value
from shared.look_ups import forms
from shared.personal_data import Found, Reading, personal_look_ups
from shared.restrictions import open_to
from shared.web import Cursor, Limit, ListQuery, api_router, make_cursor, queried, read_cursor

router = api_router("cases")


@router.get("/cases/{reference}/personal-data")
def read_personal_data(
    reference: Reference,
    desk: Opening,
    reason: Annotated[str, Query(min_length=3, max_length=200, description="Why it is read; kept with who and when.")],
) -> dict[str, dict[str, str]]:
    """The personal data of a case, by party. Each reading is recorded, with who, when and why.

    Of a party that was erased there is nothing but when and on which ground: `erased_on`, `ground`.
    """
    kind = handler.holding(desk.register.log, desk.who.authority, reference)
    handling.history(desk.register, kind, desk.who, reference)
    reading = Reading(desk.who.authority, desk.who.actor, reason, desk.register.clock())
    return disclosure.read(desk.register, reference, reading)


@router.post("/people/search")
def search_people(
    body: commands.SearchPeople, desk: Opening, limit: Limit = 50, cursor: Cursor = None
) -> schemas.PeoplePage:
    """Where a person is a party, by exact e-mail address, phone number, or surname with postcode.

    Case, spaces and the ways to write a number do not matter. Each search is recorded, with who, when and why.
    """
    fields = _looked_for(body)
    after = Found(*read_cursor(cursor, str, str)) if cursor else None
    c = personal_look_ups.c
    among = open_to(desk.who.actor, c.authority, c.reference)
    reading = Reading(desk.who.authority, desk.who.actor, body.reason, desk.register.clock())
    found, more = desk.register.vault.look_up(reading, fields, among, limit, after)
    return schemas.PeoplePage(
        items=[schemas.FoundParty(reference=each.reference, party=each.party) for each in found],
        next=make_cursor(found[-1].reference, found[-1].party) if more else None,
    )


def _looked_for(body: commands.SearchPeople) -> dict[str, str]:
    """The fields to look for: of exactly one way, and with something left of them once they are brought to its form."""
    named = {"email": body.email, "phone": body.phone, "name": body.surname, "postcode": body.postcode}
    fields = {name: value for name, value in named.items() if value}
    if set(fields) not in ({"email"}, {"phone"}, {"name", "postcode"}):
        raise bad_value("one_way", "email", "give an e-mail address, or a phone number, or a surname with a postcode")
    if not forms(fields):
        raise bad_value("nothing_to_look_for", "email", "nothing is left of it without spaces and punctuation")
    return fields


class ReadQuery(ListQuery):
    """What the list of readings may be asked."""

    reference: Annotated[str | None, Query(max_length=60)] = None
    actor: Annotated[str | None, Query(max_length=300, examples=["key:1a2b3c4d"])] = None
    since: Annotated[date | None, Query(alias="from", description="From that day, in Europe/London.")] = None
    until: Annotated[date | None, Query(alias="to", description="Up to and including that day.")] = None
    limit: Limit = 50
    cursor: Cursor = None


@router.get("/personal-data-reads")
def list_reads(desk: Overseeing, query: Annotated[ReadQuery, queried(ReadQuery)]) -> schemas.PersonalDataReadPage:
    """Who read personal data, when, why, and which: newest first, for whoever oversees the register.

    Restricted cases are among them; what was read is not.
    """
    limit = query.limit
    (before,) = read_cursor(query.cursor, str) if query.cursor else (None,)
    filters = reads.Filters(query.reference, query.actor, query.since, query.until)
    with desk.register.engine.connect() as connection:
        rows = reads.page(connection, desk.who.authority, filters, limit + 1, before)
    following = make_cursor(rows[limit - 1]["read_id"]) if len(rows) > limit else None
    items = [schemas.PersonalDataRead.model_validate(row) for row in rows[:limit]]
    return schemas.PersonalDataReadPage(items=items, next=following)
