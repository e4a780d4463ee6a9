"""Policies: what the procedures ask, and what if they asked something else."""

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.common import AuthorityCode, open_register

if TYPE_CHECKING:
    from services.cases.assessment import ReplayOut, TallyOut
    from shared.policy import Policy

policy = typer.Typer(no_args_is_help=True, help=__doc__)


@policy.callback()
def _group() -> None:
    """Policies: what the procedures ask, and what if they asked something else."""


@policy.command("replay")
def replay_policy(
    from_: Annotated[
        str, typer.Option("--from", help="A pathway and a day (corporate@2026-04-01), a version, or a .toml file.")
    ],
    year: Annotated[str, typer.Option(help="Twelve months to 31 March, such as 2025-26.")],
    authority: AuthorityCode = "COV",
    format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Read a past year again under another policy: how many answers would have been in time, and which change sides.

    The log is not touched. A file has the form of the shipped pathways; its newest edition is the one replayed.

    Example: redress policy replay --from corporate@2026-04-01 --year 2025-26
    """
    from services.cases.assessment import replay_out
    from shared.handling import Request
    from shared.year import Year

    if format_ not in ("text", "json"):
        raise ValueError("the formats are text and json")
    with open_register(authority) as register:
        today = register.today()
        operator = Request(authority=authority, actor="redress", internal=True)
        found = replay_out(register, operator, Year.begun(year, today), _policy(from_, authority), today)
    if format_ == "json":
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
    else:
        _print_replay(found)


def _policy(name: str, code: str) -> "Policy":
    from shared.policy import named_policy, policy_book, proposed_policy

    if not name.endswith(".toml"):
        return named_policy(name, policy_book(code))
    return proposed_policy(tomllib.loads(Path(name).read_text("utf-8")), code, name)


def _print_replay(found: "ReplayOut") -> None:
    answers = found.answers
    sys.stdout.write(f"{found.pathway} {found.year}: {found.cases} cases, under {found.policy_version}\n")
    sys.stdout.write(
        f"{answers.sent} answers were sent: {answers.in_time_then} in time as it was, "
        f"{answers.in_time_under} under this policy\n\n"
    )
    sys.stdout.write(f"{'deadline':28}{'as it was':>26}{'under this policy':>26}\n")
    sys.stdout.write(f"{'':28}{'in time/late/running':>26}{'in time/late/running':>26}\n")
    for deadline in found.deadlines:
        sys.stdout.write(f"{deadline.name:28}{_tally(deadline.then):>26}{_tally(deadline.under):>26}\n")
    for change in found.changes:
        due = ", ".join(f"{name} {day}" for name, day in change.under.due.items())
        sys.stdout.write(
            f"\n{change.reference} {change.stage}, sent {change.sent_on}: "
            f"{change.then.result} became {change.under.result} (due: {due})"
        )
    sys.stdout.write("\n" if found.changes else "")


def _tally(tally: "TallyOut | None") -> str:
    return f"{tally.in_time}/{tally.late}/{tally.running}" if tally else "-"
