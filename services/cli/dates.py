"""Working days, calendars, and the deadlines of a case."""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.common import open_register, out, progress

if TYPE_CHECKING:
    from services.cases.checks import Rules
    from shared.register import Register

app = typer.Typer()
working_days = typer.Typer(no_args_is_help=True, help="Count working days.")
calendar = typer.Typer(no_args_is_help=True, help="Calendars of bank holidays.")
Division = Annotated[str, typer.Option(help="england-and-wales, scotland or northern-ireland.")]


@working_days.command("add")
def add_working_days(
    start: Annotated[str, typer.Argument(help="A date, such as 2026-12-24.")],
    days: Annotated[int, typer.Argument(min=0, help="How many working days after it.")],
    division: Division = "england-and-wales",
) -> None:
    """The days-th working day after a date, and why days were skipped.

    Example: redress working-days add 2026-12-24 20
    """
    from shared.calendar import load

    found = load(division)
    end = found.add(date.fromisoformat(start), days)
    out.print(f"{end:%A %-d %B %Y} ({end})" + (" provisional" if found.provisional(end) else ""))
    for skip in found.skipped(date.fromisoformat(start), end):
        if skip.reason not in ("Saturday", "Sunday"):
            out.print(f"  {skip.date}  {skip.reason}")


@calendar.command("update")
def update_calendars() -> None:
    """Make the shipped calendars anew from the `holidays` package.

    Example: redress calendar update
    """
    from shared import calendar as calendars

    for division in calendars.DIVISIONS:
        path = Path(str(calendars.shipped(division)))
        content = calendars.readable(calendars.snapshot(division))
        changed = not path.exists() or path.read_bytes() != content
        path.write_bytes(content)
        out.print(f"{division}: {'changed' if changed else 'as it was'}")


@calendar.command("review")
def review_calendar(
    authority: Annotated[str | None, typer.Option(help="One authority; all of them otherwise.")] = None,
    holiday: Annotated[
        list[str] | None, typer.Option(help="What if this were a bank holiday? Its day and name; nothing is recorded.")
    ] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Record it: one event a case.")] = False,
) -> None:
    """Which running deadlines the calendar now in force puts on another day.

    A bank holiday proclaimed since this version was made is written into the authority's file, under [[bank_holidays]];
    start the servers anew before confirming, so that they count in the same calendar.

    Example: redress calendar review --authority COV --holiday "2026-12-21 Day of mourning"
    """
    from services.cases import handler

    if holiday and confirm:
        raise ValueError("--holiday asks what if; to record it, write the day into the authority's file")
    supposed = dict(_named_day(text) for text in holiday or ())
    with open_register(authority) as register:
        for code in [authority] if authority else register.authorities():
            rules = handler.rules(code)
            if supposed:
                calendar = rules.calendar.with_proclaimed(supposed)
                rules = replace(rules, authority=replace(rules.authority, calendar=calendar))
            moving = _print_moving(register, rules)
            if confirm:
                _confirm_review(register, code, moving)


def _print_moving(register: "Register", rules: "Rules") -> list[str]:
    from services.cases import calendar_review

    moving = list(calendar_review.moving(register, rules))
    for reference, case, anew in moving:
        for deadline in anew:
            before = case.clocks[deadline.name].deadline.due_on
            told = f"  (told {deadline.told_on})" if deadline.told_on else ""
            sys.stdout.write(f"{reference}  {deadline.name}  {before} -> {deadline.due_on}{told}\n")
    count = sum(len(anew) for _, _, anew in moving)
    said = f"{count} deadlines of {len(moving)} cases move"
    sys.stdout.write(f"{rules.authority.code}: {said} in calendar {rules.calendar.version}\n")
    return [reference for reference, _, _ in moving]


def _confirm_review(register: "Register", code: str, references: Sequence[str]) -> None:
    from services.cases import calendar_review, handler
    from shared.errors import Rejected
    from shared.handling import relist

    with progress("Recording", len(references)) as advance:
        for reference in references:
            with contextlib.suppress(Rejected):  # another review was faster
                asyncio.run(calendar_review.review(register, code, reference))
            advance(1)
    relist(register, handler.kind_of(code, "complaint"), code, lambda _: None)
    sys.stdout.write(f"{code}: recorded; who was told a date before is to be told anew\n")


def _named_day(text: str) -> tuple[date, str]:
    day, _, name = text.partition(" ")
    return date.fromisoformat(day), name or "Bank holiday"


@app.command()
def deadlines(
    reference: Annotated[str, typer.Argument(help="A case, such as COV-2026-000123.")],
    on: Annotated[str | None, typer.Option(help="As they stood at the end of a day; today otherwise.")] = None,
) -> None:
    """The deadlines of a case, and how each came about.

    Example: redress deadlines COV-2026-000123 --on 2026-12-01
    """
    from services.cases import handler
    from shared.clock import end_of_day
    from shared.errors import NotFound
    from shared.explained import explained_deadlines

    code = reference.partition("-")[0]
    with open_register(code) as register:
        day = date.fromisoformat(on) if on else register.today()
        history = register.log.stream(code, f"case:{reference}")
        if day < register.today():
            history = [recorded for recorded in history if recorded.known_at < end_of_day(day)]
        case = handler.kind_of(code, "complaint").fold([recorded.event for recorded in history])
        if case is None:
            raise NotFound(f"case {reference}")
        found = explained_deadlines(code, case.clocks, day, register.citations)
    for deadline in found:
        late = f", late by {deadline.days_late}" if deadline.days_late else ""
        out.print(
            f"{deadline.name}: {deadline.due_on}, {deadline.state}{late}{' (provisional)' * deadline.provisional}"
        )
        rule = deadline.rule
        length = f"{rule.value} {(rule.unit or '').replace('_', ' ')}" if rule.value is not None else "as stated"
        out.print(f"  {length} from {deadline.anchor.event} on {deadline.anchor.on}: {rule.source} ({rule.id})")
        for skip in deadline.skipped:
            if skip.reason not in ("Saturday", "Sunday"):
                out.print(f"  not counted: {skip.date} {skip.reason}")
        for extension in deadline.extensions:
            out.print(
                f"  moved on {extension.extended_on} from {extension.before} to {extension.after}: {extension.reason}"
            )
        for review in deadline.reviews:
            out.print(f"  counted anew on {review.reviewed_on}: {review.before} became {review.after}")
        for pause in deadline.pauses:
            out.print(f"  stood still from {pause.paused_on} to {pause.resumed_on or 'now'}: {pause.reason}")
        if deadline.rag:
            amber = f"amber in the last {deadline.rag.amber_working_days} working days"
            out.print(f"  {deadline.rag.colour} ({amber}, red when late)")
        out.print(f"  policy {rule.policy_version}, calendar {deadline.calendar_version}")
