"""What each service may do in PostgreSQL: said here once, and applied anew after every migration.

A service's role is a group. The deployment lets it log in, or makes members of it that do, and gives them passwords;
the tables belong to whoever migrates, who is bound by none of this. Commands of an operator (`keys`, `import`,
`rebuild`, `verify`) run as the owner.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import get_args

import sqlalchemy as sa

from shared import codec, events

CASES, OMBUDSMAN, REPORTING = ROLES = ("redress_cases", "redress_ombudsman", "redress_reporting")

READ = ("SELECT",)
ADD = (*READ, "INSERT")
KEEP = (*ADD, "UPDATE")
OWN = (*KEEP, "DELETE")

_READ_BY_ALL = dict.fromkeys(ROLES, READ)
_ADDED_TO_BY_ALL = dict.fromkeys(ROLES, ADD)

GRANTS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "alembic_version": _READ_BY_ALL,
    "api_keys": dict.fromkeys(ROLES, (*READ, "UPDATE (last_used_at)")),
    "breach_facts": {REPORTING: OWN},
    "case_facts": {REPORTING: OWN},
    "case_list": {CASES: KEEP},
    "case_restrictions": {CASES: KEEP, OMBUDSMAN: READ, REPORTING: READ},
    "checkpoints": {REPORTING: OWN},
    "cited": _ADDED_TO_BY_ALL,
    "clock_facts": {REPORTING: OWN},
    "concern_facts": {REPORTING: OWN},
    "delay_facts": {REPORTING: OWN},
    "deployment_keys": _READ_BY_ALL,
    "documents": {REPORTING: ADD},
    "enquiry_facts": {REPORTING: OWN},
    "enquiry_list": {OMBUDSMAN: KEEP},
    "events": _ADDED_TO_BY_ALL,
    "figure_facts": {REPORTING: OWN},
    "followers": {CASES: KEEP, OMBUDSMAN: KEEP},
    "idempotency_keys": _ADDED_TO_BY_ALL,
    "learning": {CASES: KEEP},
    "lesson_facts": {REPORTING: OWN},
    "narrative_facts": {REPORTING: OWN},
    "named_enquiries": {OMBUDSMAN: KEEP},
    "personal_data": {CASES: OWN},
    "personal_data_reads": {CASES: (*ADD, "UPDATE (reason)")},
    "personal_keys": {CASES: OWN},
    "personal_look_ups": {CASES: OWN},
    "remedies": {CASES: KEEP, OMBUDSMAN: KEEP},
    "remedy_facts": {REPORTING: OWN},
    "representation_facts": {REPORTING: OWN},
    "series": {CASES: KEEP},
    "spell_facts": {REPORTING: OWN},
}
"""Table, role, privileges; one column's is written `UPDATE (column)`. What is not said here is refused."""

_CASE_EVENTS = get_args(events.CaseEvent)

APPENDS: Mapping[str, Mapping[str, Sequence[type[events.Event]]]] = {
    CASES: {
        "authority": (events.PracticeLearningAlertIssued,),
        "case": _CASE_EVENTS,
        "comment": _CASE_EVENTS,
        "compliment": _CASE_EVENTS,
    },
    OMBUDSMAN: {"enquiry": get_args(events.EnquiryEvent)},
    REPORTING: {
        "authority": (events.ReferenceFigureRecorded, events.NarrativeRecorded),
        "publication": get_args(events.PublicationEvent),
    },
}
"""Role, category of stream, events: all that a service may append to the log."""

APPENDED_BY_OPERATORS: Sequence[type[events.Event]] = (events.HistoryImported, events.WentLive)


def apply(connection: sa.Connection) -> list[str]:
    """Make the database's grants and policies what is said above; answers the statements that its owner must ask for.

    Roles that are missing are made where the migrating user may. Where not, somebody who may has to run what this
    answers, and then migrate again; the others have their grants. Nothing to do for SQLite.
    """
    if connection.dialect.name != "postgresql":
        return []
    for role in _missing(connection):
        _create(connection, role)
    missing = _missing(connection)
    roles = [role for role in ROLES if role not in missing]
    if roles:
        _grant(connection, roles)
        _let_append(connection, roles)
    return [f"CREATE ROLE {role} NOLOGIN;" for role in missing]


def _missing(connection: sa.Connection) -> list[str]:
    there = set(connection.execute(sa.text("SELECT rolname FROM pg_roles")).scalars())
    return [role for role in ROLES if role not in there]


def _create(connection: sa.Connection, role: str) -> None:
    """Make a role if that is allowed. Roles are the cluster's: another database's migration may be faster."""
    if not connection.scalar(sa.text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")):
        return
    try:
        with connection.begin_nested():
            connection.execute(sa.text(f"CREATE ROLE {role} NOLOGIN"))
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in ("23505", "42710"):
            raise


def _grant(connection: sa.Connection, roles: Sequence[str]) -> None:
    """Take everything away and give what is said, in the one transaction: nobody sees what is between."""
    schema, database = connection.execute(
        sa.text("SELECT quote_ident(current_schema()), quote_ident(current_database())")
    ).one()
    everyone = ", ".join(roles)
    statements = [
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {everyone}",
        f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC, {everyone}",
        f"GRANT USAGE ON SCHEMA {schema} TO {everyone}",
        f"REVOKE ALL ON {', '.join(GRANTS)} FROM {everyone}",
    ]
    statements += [
        f"GRANT {', '.join(privileges)} ON {table} TO {role}"
        for table, granted in GRANTS.items()
        for role, privileges in granted.items()
        if role in roles
    ]
    for statement in statements:
        connection.execute(sa.text(statement))


def _let_append(connection: sa.Connection, roles: Sequence[str]) -> None:
    """Row-level policies: a role, or a member of it, appends its own events and no others; without one, none.

    A policy's name tells what it says, so that one which stands already is not made again: that would lock the log.
    """
    wanted = {}
    for role in roles:
        check = _own_events(role)
        wanted[f"{role}_appends_{sha256(check.encode()).hexdigest()[:8]}"] = (role, check)
    found = connection.execute(
        sa.text("SELECT policyname FROM pg_policies WHERE schemaname = current_schema() AND tablename = 'events'")
    )
    standing = {name for name in found.scalars() if "_appends_" in name}
    for name in sorted(standing - set(wanted)):
        connection.execute(sa.text(f"DROP POLICY {name} ON events"))
    for name in sorted(set(wanted) - standing):
        role, check = wanted[name]
        connection.exec_driver_sql(f"CREATE POLICY {name} ON events FOR INSERT TO {role} WITH CHECK ({check})")


def _own_events(role: str) -> str:
    """The condition on a row of `events`. Categories and types are letters and underscores."""
    by_types: dict[tuple[str, ...], list[str]] = {}
    for category, kinds in APPENDS[role].items():
        by_types.setdefault(tuple(map(codec.type_name, kinds)), []).append(category)
    return " OR ".join(
        f"split_part(stream, ':', 1) IN ({_quoted(categories)}) AND type IN ({_quoted(types)})"
        for types, categories in by_types.items()
    )


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
