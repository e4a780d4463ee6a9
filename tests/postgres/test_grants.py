"""A service's role in PostgreSQL may do the service's work and nothing else."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

import migrations
from migrations.grants import APPENDED_BY_OPERATORS, APPENDS, CASES, GRANTS, OMBUDSMAN, REPORTING, ROLES
from services import together
from shared import codec
from shared.database import metadata
from shared.log import Log
from shared.log.record import genesis
from shared.log.tables import events
from tests.http import test_cases_api as cases_api
from tests.http import test_intake as intake
from tests.http import test_ombudsman_api as ombudsman_api
from tests.http import test_personal_data as personal_data
from tests.http import test_publications as publications
from tests.http.conftest import Api
from tests.http.described import described
from tests.postgres.apart import apart, as_user
from tests.postgres.appends import AUTHORITY, Connecting, filled, tamper
from tests.postgres.server import Server, postgres_server

FORBIDDEN = "42501"
VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@pytest.fixture(scope="module")
def roles(postgres: Server, postgres_template: str) -> Sequence[str]:
    """The services' roles, which may log in here."""
    assert postgres_template
    for role in ROLES:
        postgres.execute(f"ALTER ROLE {role} LOGIN")
    return ROLES


@pytest.fixture
def migrated(postgres_url: str, connecting: Connecting) -> str:
    """The address of a database of its own. What a migration grants on the database itself no copy of it has."""
    migrations.upgrade(connecting(postgres_url))
    return postgres_url


def refused(engine: sa.Engine, statement: str) -> bool:
    """Whether the role may not make a statement at all; any other fault does not count, such as a row's."""
    with engine.connect() as connection:
        try:
            connection.exec_driver_sql(statement)
        except sa.exc.DBAPIError as error:
            return getattr(error.orig, "sqlstate", None) == FORBIDDEN and "row-level" not in str(error.orig)
        finally:
            connection.rollback()
    return False


# --- what is declared ---------------------------------------------------------------------------------------------


def test_every_table_has_its_grants() -> None:
    assert set(GRANTS) == {*metadata.tables, "alembic_version"}


def test_every_event_has_one_who_may_append_it() -> None:
    appended = {kind for of_role in APPENDS.values() for kinds in of_role.values() for kind in kinds}
    assert appended | set(APPENDED_BY_OPERATORS) == set(codec.TYPES.values())
    assert not appended & set(APPENDED_BY_OPERATORS)


def test_what_is_personal_is_of_the_cases_service_alone() -> None:
    for table in GRANTS:
        if table.startswith("personal_"):
            assert set(GRANTS[table]) == {CASES}


def test_each_service_writes_its_own_tables_and_nobody_changes_what_is_never_changed() -> None:
    for table, granted in GRANTS.items():
        writers = {role for role, privileges in granted.items() if set(privileges) != {"SELECT"}}
        if table.endswith("_facts") or table == "checkpoints":
            assert writers == {REPORTING}
    assert (set(GRANTS["case_list"]), set(GRANTS["enquiry_list"])) == ({CASES}, {OMBUDSMAN})
    assert GRANTS["documents"] == {REPORTING: ("SELECT", "INSERT")}
    for table in ("events", "idempotency_keys", "cited"):
        assert {privilege for granted in GRANTS[table].values() for privilege in granted} == {"SELECT", "INSERT"}


# --- what the database refuses ------------------------------------------------------------------------------------


def exercising(verb: str, table: str, columns: Sequence[str]) -> str:
    """A statement that takes one privilege on a table, and does nothing if it is given."""
    return {
        "SELECT": f"SELECT * FROM {table} LIMIT 0",
        "INSERT": f"INSERT INTO {table} DEFAULT VALUES",
        "UPDATE": f"UPDATE {table} SET {columns[0]} = NULL WHERE false",
        "DELETE": f"DELETE FROM {table} WHERE false",
        "TRUNCATE": f"TRUNCATE {table}",
        "REFERENCES": f"CREATE TABLE another ({columns[0]} text REFERENCES {table})",
        "TRIGGER": f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION events_never_change()",
    }[verb]


def test_every_role_may_do_on_every_table_what_is_declared_and_nothing_else(
    migrated: str, roles: Sequence[str], connecting: Connecting
) -> None:
    tables = sa.inspect(connecting(migrated)).get_table_names()
    assert set(tables) == set(GRANTS)
    columns = {
        name: [column["name"] for column in sa.inspect(connecting(migrated)).get_columns(name)] for name in tables
    }
    wrong = []
    for role in roles:
        engine = connecting(as_user(migrated, role))
        for table in tables:
            for verb in VERBS:
                granted = verb in GRANTS[table].get(role, ())
                locks = verb == "MAINTAIN" and {"UPDATE", "DELETE"} & {*GRANTS[table].get(role, ())}
                if refused(engine, exercising(verb, table, columns[table])) == bool(granted or locks):
                    wrong.append((role, table, verb, granted))
    assert wrong == []


def test_a_role_appends_its_own_events_to_its_own_streams_and_no_others(
    migrated: str, roles: Sequence[str], connecting: Connecting
) -> None:
    categories = {category for of_role in APPENDS.values() for category in of_role} | {"somewhere"}
    wrong = []
    for role in roles:
        engine = connecting(as_user(migrated, role))
        for category in categories:
            own = set(map(codec.type_name, APPENDS[role].get(category, ())))
            kinds = (*codec.TYPES, "no_such_event")
            wrong += [(role, category, kind) for kind in kinds if appends(engine, category, kind) != (kind in own)]
    assert wrong == []


def appends(engine: sa.Engine, category: str, kind: str) -> bool:
    """Whether the first event of a log may be this one; it is not left there."""
    with engine.connect() as connection:
        try:
            connection.execute(events.insert().values(a_row(category, kind)))
        except sa.exc.ProgrammingError as error:
            if "row-level security" not in str(error.orig):
                raise
            return False
        finally:
            connection.rollback()
    return True


def a_row(category: str, kind: str) -> dict[str, Any]:
    """The first event of a log."""
    return {
        **dict.fromkeys(("event_id", "occurred", "recorded_at", "known_at", "actor", "payload", "hash"), "x"),
        **dict.fromkeys(("position", "version", "schema_version"), 1),
        "authority": AUTHORITY,
        "stream": f"{category}:1",
        "type": kind,
        "previous_hash": genesis(AUTHORITY),
    }


OUT_OF_BOUNDS = [
    "CREATE TABLE mine (a int)",
    "CREATE TEMPORARY TABLE events (authority text, position int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE ROLE another",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "ALTER TABLE events DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE events OWNER TO CURRENT_USER",
    "DROP TRIGGER events_only_the_next ON events",
    "DROP POLICY events_read ON events",
    "CREATE POLICY mine ON events FOR INSERT WITH CHECK (true)",
    "DROP TABLE events",
    "ALTER FUNCTION events_never_change() RENAME TO mine",
    "GRANT redress_cases TO CURRENT_USER",
    "GRANT redress_reporting TO CURRENT_USER",
    "SET session_replication_role = replica",
    "SET ROLE postgres",
    "COPY api_keys TO PROGRAM 'cat'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT rolpassword FROM pg_authid",
]


def test_a_role_gets_round_nothing(
    migrated: str, roles: Sequence[str], connecting: Connecting, subtests: pytest.Subtests
) -> None:
    for role in roles:
        engine = connecting(as_user(migrated, role))
        for statement in OUT_OF_BOUNDS:
            if statement == f"GRANT {role} TO CURRENT_USER":
                continue
            with subtests.test(f"{role}: {statement}"):
                assert refused(engine, statement)


def test_a_table_of_the_sessions_own_does_not_hide_the_log_from_its_guard(
    postgres_url: str, connecting: Connecting
) -> None:
    """A temporary table comes before every other of its name: the guard must name the log's schema."""
    engine = connecting(postgres_url)
    filled(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE events (authority text, position bigint)")
        connection.commit()
        columns = ", ".join(column.name for column in events.c)
        copied = columns.replace("position", "12").replace("event_id", "'new'").replace("previous_hash", "'new'")
        forged = (
            f"INSERT INTO public.events ({columns}) SELECT {copied.replace(' version', ' version + 1000')} "
            "FROM public.events WHERE position = 5"
        )
        with pytest.raises(sa.exc.IntegrityError, match="events never change"):
            connection.exec_driver_sql(forged)


# --- who migrates -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[Server]:
    """A server without the roles, and with an owner of a database who may do nothing but own it."""
    with postgres_server() as server:
        server.execute("CREATE ROLE owner LOGIN")
        yield server


@pytest.fixture
def owners(cluster: Server) -> Iterator[str]:
    """The address of an empty database, for its owner."""
    cluster.execute("CREATE DATABASE owned OWNER owner")
    yield as_user(cluster.url("owned"), "owner")
    cluster.execute("DROP DATABASE owned WITH (FORCE)")
    for role in ROLES:
        cluster.execute(f"DROP ROLE IF EXISTS {role}")


def test_who_may_not_create_roles_is_told_what_to_run_and_is_migrated_all_the_same(
    cluster: Server, owners: str, connecting: Connecting
) -> None:
    missing = migrations.upgrade(connecting(owners))
    assert missing == [f"CREATE ROLE {role} NOLOGIN;" for role in ROLES]
    assert migrations.current(connecting(owners)) == migrations.head()
    cluster.execute(missing[0])
    cluster.execute(f"ALTER ROLE {CASES} LOGIN")
    assert migrations.upgrade(connecting(owners)) == missing[1:]
    assert Log(connecting(as_user(owners, CASES))).authorities() == []
    for statement in missing[1:]:
        cluster.execute(statement)
    assert migrations.upgrade(connecting(owners)) == []


def test_who_may_create_roles_creates_them(cluster: Server, owners: str, connecting: Connecting) -> None:
    cluster.execute("ALTER ROLE owner CREATEROLE")
    try:
        assert migrations.upgrade(connecting(owners)) == []
    finally:
        cluster.execute("ALTER ROLE owner NOCREATEROLE")
    found = cluster.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'redress%' AND NOT rolcanlogin ORDER BY 1")
    assert [name for (name,) in found] == sorted(ROLES)
    for role in ROLES:
        cluster.execute(f"REASSIGN OWNED BY {role} TO postgres")


def test_a_member_of_a_services_role_may_what_the_role_may(
    cluster: Server, owners: str, connecting: Connecting
) -> None:
    """The grants and the policies alike."""
    for statement in migrations.upgrade(connecting(owners)):
        cluster.execute(statement)
    migrations.upgrade(connecting(owners))
    cluster.execute(f"CREATE ROLE reporting_1 LOGIN IN ROLE {REPORTING}")
    try:
        member = connecting(as_user(owners, "reporting_1"))
        with member.begin() as connection:
            connection.execute(events.insert().values(a_row("authority", "reference_figure_recorded")))
        row = {**a_row("authority", "went_live"), "position": 2, "previous_hash": "y", "event_id": "y"}
        with pytest.raises(sa.exc.ProgrammingError, match="row-level security"), member.begin() as connection:
            connection.execute(events.insert().values(row))
        assert refused(member, "SELECT * FROM personal_data")
    finally:
        cluster.execute("DROP ROLE reporting_1")


def test_a_second_migration_takes_back_what_was_given_beside_it(
    migrated: str, roles: Sequence[str], connecting: Connecting
) -> None:
    owner = connecting(migrated)
    tamper(
        owner,
        f"GRANT ALL ON events, personal_data TO {REPORTING}",
        f"GRANT UPDATE (payload) ON events TO {REPORTING}",
        f"CREATE POLICY {REPORTING}_appends_anything ON events FOR INSERT TO {REPORTING} WITH CHECK (true)",
    )
    reporting = connecting(as_user(migrated, roles[-1]))
    assert not refused(reporting, "SELECT * FROM personal_data")
    before = policies(owner)
    migrations.upgrade(owner)
    assert refused(reporting, "SELECT * FROM personal_data")
    assert refused(reporting, "UPDATE events SET payload = ''")
    assert policies(owner) == before - {f"{REPORTING}_appends_anything"}


def policies(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(sa.text("SELECT policyname FROM pg_policies")).scalars())


def test_a_second_migration_does_not_wait_for_who_reads_the_log(migrated: str, connecting: Connecting) -> None:
    """To make a policy is to lock the table."""
    engine = connecting(migrated)
    with engine.connect() as reading:
        reading.execute(sa.select(events)).all()
        assert migrations.upgrade(engine) == []


def test_the_owners_ordinary_session_cannot_change_an_event_either(
    cluster: Server, owners: str, connecting: Connecting, subtests: pytest.Subtests
) -> None:
    engine = connecting(owners)
    migrations.upgrade(engine)
    filled(engine)
    for statement in (
        "UPDATE events SET actor = actor",
        "UPDATE ONLY events SET payload = '{}' WHERE position = 5",
        "DELETE FROM events",
        "DELETE FROM events USING events AS other WHERE events.position = other.position",
        "TRUNCATE events",
        "TRUNCATE events, series RESTART IDENTITY CASCADE",
        "MERGE INTO events USING (SELECT 5 AS place) AS one ON position = place WHEN MATCHED THEN DELETE",
        "MERGE INTO events USING (SELECT 5 AS at) AS one ON position = one.at WHEN MATCHED THEN UPDATE SET actor = ''",
        "WITH gone AS (DELETE FROM events RETURNING *) SELECT * FROM gone",
    ):
        with subtests.test(statement), pytest.raises(sa.exc.IntegrityError, match="events never change"):
            tamper(engine, statement)
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        tamper(engine, "SET session_replication_role = replica")


# --- the services' whole work -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def api(migrated: str, roles: Sequence[str], running: asyncio.Runner, tmp_path: Path) -> Iterator[Api]:
    """The services apart, as one. It is Friday 20 November 2026, ten in the morning."""
    assert roles
    with apart(migrated, tmp_path, running) as api:
        yield api


STORIES: dict[str, Callable[[Api], None]] = {
    **{f"case-{n}": partial(cases_api.test_a_life_over_http, life=life) for n, life in enumerate(cases_api.LIVES)},
    **{
        f"enquiry-{n}": partial(ombudsman_api.test_a_life_over_http, life=life)
        for n, life in enumerate(ombudsman_api.LIVES)
    },
    "compliments": partial(intake.test_compliments_and_comments_are_taken_in_and_listed, kind="compliment"),
    "people": intake.test_everything_that_a_complaint_may_say_is_kept_and_people_apart,
    "reading about people": cases_api.test_personal_data_needs_its_scope_and_a_reason_and_the_reading_is_recorded,
    "people again": personal_data.test_the_one_door_gives_everything_back,
    "retries": intake.test_a_retried_command_gets_the_first_answer_though_it_could_not_be_done_again,
    "publications": publications.test_a_life_over_http,
    "the return": ombudsman_api.test_the_return_counts_an_enquiry_at_once,
}


@pytest.mark.parametrize("story", STORIES)
def test_the_services_do_their_work_each_with_its_own_role(api: Api, story: str) -> None:
    STORIES[story](api)


def test_no_route_needs_more_than_its_services_role_may(api: Api) -> None:
    """Every route with the example of its description: what is wrong with it may be said, but not by the database."""
    case, enquiry = api.complaint(), ombudsman_api.enquire(api)["reference"]
    for route in described(together.app(()).openapi()):
        answer = api.ask(**route.about(quote(enquiry) if "/ombudsman/" in route.path else case))
        assert answer.status_code < 500, (str(route), answer.text)


def test_reporting_rebuilds_with_its_own_role(
    migrated: str, roles: Sequence[str], api: Api, connecting: Connecting
) -> None:
    from services.reporting.follower import Follower
    from shared.authority import authority

    api.complaint()
    before = api.get("/v1/reports/annual/2026-27")
    engine = connecting(as_user(migrated, roles[-1]))
    assert Follower(engine, Log(engine), lambda code: authority(code).calendar).rebuild("COV") == api.head()
    assert api.get("/v1/reports/annual/2026-27") == before
