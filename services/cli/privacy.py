"""Personal data: how long it is kept, how it is erased, and how it is handed over."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.common import open_register, operator, out, progress

if TYPE_CHECKING:
    from services.cases.erasing import Due
    from shared.register import Register

app = typer.Typer()
CaseReference = Annotated[str, typer.Argument(help="A case, compliment or comment, such as COV-2026-000123.")]
OfAuthority = Annotated[
    str | None, typer.Option("--authority", help="Whose it is; else what the reference begins with.")
]


def _whose(reference: str, authority: str | None) -> str:
    return authority or reference.partition("-")[0]


@app.command()
def retention(
    authority: Annotated[str | None, typer.Option(help="One authority; all of them otherwise.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Erase what nothing stands against.")] = False,
) -> None:
    """Whose personal data is due for erasure, since when, by which rule, and what stands against it.

    Nothing is erased without --confirm; what has to be looked at first is never erased here.

    Example: redress retention --authority COV
    """
    from services.cases import erasing

    with open_register(authority) as register:
        for code in [authority] if authority else register.authorities():
            found = list(erasing.due(register, code))
            for item in found:
                sys.stdout.write(_line(item))
            erasable = [item for item in found if item.erasable]
            sys.stdout.write(f"{code}: {len(found)} past their years, {len(erasable)} to be erased.\n")
            if confirm and erasable:
                with progress(f"Erasing {code}", len(erasable)) as advance:
                    for reference, what in erasing.erase_due(register, code, operator(), erasable):
                        sys.stdout.write(f"{reference}  {what}\n")
                        advance(1)


def _line(item: "Due") -> str:
    kept, rule = item.retention.kept_until, item.retention.rule
    assert rule is not None  # noqa: S101 - without a rule nothing falls due
    said = [f"kept until {kept}" if kept else "not closed"]
    said += [against.detail for against in item.against if against.obstacle != "open"]
    said += ["to be looked at first"] if rule.review and not item.against else []
    return f"{item.reference}  {'; '.join(said)}\n    {rule.years} years from {rule.runs_from}: {rule.source}\n"


@app.command()
def erase(
    reference: Annotated[str | None, typer.Argument(help="A case, compliment or comment.")] = None,
    ground: Annotated[str | None, typer.Option(help="Why; the codes are in shared/retention.toml.")] = None,
    party: Annotated[str | None, typer.Option(help="One party, such as complainant; all of them otherwise.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Erase. It cannot be undone.")] = False,
    kept: Annotated[
        Path | None,
        typer.Option("--from", exists=True, dir_okay=False, help="A list that `redress erasures` wrote: erase again."),
    ] = None,
    authority: OfAuthority = None,
) -> None:
    """Erase personal data, or say what would be erased; with --from, erase again what a restored backup brought back.

    Example: redress erase COV-2026-000123 --ground request --party complainant --confirm
    """
    from services.cases import erasing, kept_erasures

    if kept and not (reference or ground or party):
        with open_register() as register:
            again = erasing.erase_again(register, kept_erasures.read(kept))
        out.print(f"{again} parties erased again.")
        return
    if kept or not reference or not ground:
        raise ValueError("name a case and a ground, or a list with --from")
    with open_register(code := _whose(reference, authority)) as register:
        _erase(register, code, reference, ground, party, confirm=confirm)


def _erase(register: "Register", code: str, reference: str, ground: str, party: str | None, *, confirm: bool) -> None:
    from services.cases import erasing
    from services.cases.commands import ErasePersonalData
    from shared.handling import Request

    command = ErasePersonalData(ground=ground, party=party)
    if not confirm:
        parties = erasing.would_erase(register, code, reference, command)
        out.print(f"Would erase {', '.join(parties)} of {reference}. Nothing was erased: say --confirm.")
        return
    recorded = asyncio.run(erasing.erase(register, Request(code, operator(), internal=True), reference, command))
    erased = ", ".join(erasure.party for erasure in recorded.state.erasures[-len(recorded.events) :])
    out.print(f"Erased {erased} of {reference}.")


@app.command()
def erasures(
    authority: Annotated[str | None, typer.Option(help="One authority; all of them otherwise.")] = None,
) -> None:
    """What was erased: a line each, to keep beside the heads and away from the backups.

    Example: redress erasures > erasures-2026-11-22.txt
    """
    from services.cases import kept_erasures

    with open_register(authority) as register:
        for code in [authority] if authority else register.authorities():
            for kept in kept_erasures.of_log(register.log, code):
                sys.stdout.write(kept.line + "\n")


@app.command()
def disclose(
    reference: CaseReference,
    reason: Annotated[str, typer.Option(help="Why; kept with who and when.")],
    out_: Annotated[Path, typer.Option("--out", help="Where to write the archive; a file that is not there yet.")],
    party: Annotated[str | None, typer.Option(help="What is held about one party alone: a subject access.")] = None,
    authority: OfAuthority = None,
) -> None:
    """Write an encrypted archive of a case, or of what is held about one person; its password is printed, once.

    Send the password another way than the archive.

    Example: redress disclose COV-2026-000123 --reason "subject access" --party complainant --out pack.zip
    """
    from services.cases import disclosure
    from shared.personal_data import Reading

    if not 3 <= len(reason.strip()) <= 200:
        raise ValueError("the reason has 3 to 200 characters")
    if out_.exists():
        raise ValueError(f"{out_} is there already")
    with open_register(code := _whose(reference, authority)) as register:
        reading = Reading(code, operator(), reason.strip(), register.clock())
        if party:
            held = disclosure.subject_access(register, [(reference, party)], reading)
            content, password = disclosure.archive({"subject-access": held})
        else:
            content, password = disclosure.archive(disclosure.pack(register, reference, reading))
    with os.fdopen(os.open(out_, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    sys.stdout.write(password + "\n")
