"""The Ombudsman's own figures beside the register's."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.cli.common import AuthorityCode, open_register

if TYPE_CHECKING:
    from services.ombudsman.published import AnnualLetter
    from services.ombudsman.reconciliation import LetterCount, Reconciliation

ombudsman = typer.Typer(no_args_is_help=True, help=__doc__)


@ombudsman.callback()
def _group() -> None:
    """The Ombudsman's own figures beside the register's."""


@ombudsman.command("reconcile")
def reconcile_list(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV: reference, category or decision, decided_on, reason, remedy."
        ),
    ],
    year: Annotated[str, typer.Option(help="Twelve months to 31 March, such as 2023-24.")],
    authority: AuthorityCode = "COV",
    letter: Annotated[
        list[str] | None,
        typer.Option(help="A count of the annual letter, such as received=10; give the option once for each."),
    ] = None,
    format_: Annotated[Literal["text", "json"], typer.Option("--format", help="The answer's form.")] = "text",
) -> None:
    """Compare the Ombudsman's list of a year's decisions with the register: what matches, differs, or is alone.

    The Ombudsman's own words for decisions and 27/02/2024 for a day are understood. The log is not touched.

    Example: redress ombudsman reconcile list.csv --authority COV --year 2023-24 --letter received=10
    """
    import orjson

    from services.ombudsman.cohort import reconciled
    from services.ombudsman.list_file import read_list
    from services.ombudsman.published import ReconcileDecisions

    asked = ReconcileDecisions(year=year, items=read_list(file.read_bytes()), letter=_letter(letter or []))
    with open_register(authority) as register:
        found = reconciled(register, authority, asked)
    if format_ == "json":
        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _print(found)


def _letter(counts: list[str]) -> "AnnualLetter | None":
    from pydantic import ValidationError

    from services.ombudsman.published import AnnualLetter

    stated = {name: value for name, _, value in (count.partition("=") for count in counts)}
    try:
        return AnnualLetter.model_validate(stated) if stated else None
    except ValidationError as error:
        at_fault = ", ".join(str(fault["loc"][0]) for fault in error.errors())
        known = ", ".join(AnnualLetter.model_fields)
        raise ValueError(f"not a count of the letter: {at_fault}; they are written received=10: {known}") from None


def _print(found: "Reconciliation") -> None:
    differing = {difference.reference for difference in found.differences}
    sys.stdout.write(
        f"{found.year}: {found.listed} listed, {len(found.matches)} match, {len(differing)} differ, "
        f"{len(found.alone_there)} alone there, {len(found.alone_here)} alone here\n"
    )
    for difference in found.differences:
        sys.stdout.write(
            f"{difference.reference}  {difference.field}: here {difference.ours or '-'}, "
            f"there {difference.theirs or '-'}\n"
        )
    for where, lone in (("there", found.alone_there), ("here", found.alone_here)):
        for decision in lone:
            sys.stdout.write(f"{decision.reference}  alone {where}: {decision.category}, {decision.decided_on}\n")
    for count in found.letter:
        sys.stdout.write(_line(count))


def _line(count: "LetterCount") -> str:
    ours = "-" if count.ours is None else count.ours
    said = f"{count.count}: {count.theirs} in the letter, {ours} here"
    return f"{said}\n" if count.same else f"{said} ({', '.join(count.references) or 'none'})\n"
