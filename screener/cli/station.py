"""The clinic station: serve it, and what its keeper does at the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from screener.cli.base import app
from screener.cli.console import err, out
from screener.errors import StationError, UsageError
from screener.extras import require_extra

if TYPE_CHECKING:
    from screener.station.access.unit_of_work import UnitOfWork
    from screener.station.storage.database import Database, DatabaseLocation
    from screener.station.storage.tables import PersonRow

PASSPHRASE = "SCREENER_PASSPHRASE"
LIBRARIES = ("sqlalchemy", "alembic", "sqlcipher3", "argon2", "psycopg", "cryptography")

station = typer.Typer(
    help="The clinic station: people, visits and progress, encrypted, with sign-in.", invoke_without_command=True
)
app.add_typer(station, name="station")

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|URL",
        help="Database file, or postgresql://user@host/name (password: ~/.pgpass, PGPASSFILE); a file in your home by default.",
    ),
]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help=f"Read the passphrase from here; otherwise from {PASSPHRASE}, otherwise it is asked for."
    ),
]
RoleOption = Annotated[str, typer.Option(help="owner, clinician or viewer.", case_sensitive=False)]
PasswordOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Read the user's password from here; otherwise it is asked for.")
]
PersonArgument = Annotated[str, typer.Argument(metavar="PSEUDONYM", help="Such as 7K3Q-XB2M.")]


class DatabaseOptions(NamedTuple):
    """Which database, and where its passphrase is."""

    database: str | None
    passphrase_file: Path | None


@station.callback()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on; TLS is needed beyond this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8460,
    database: DatabaseOption = None,
    passphrase_file: PassphraseOption = None,
    tls_cert: Annotated[Path | None, typer.Option(metavar="FILE", help="Certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Key of the certificate, PEM.")] = None,
    camera: Annotated[
        str,
        typer.Option(help="Camera of this machine: its number, an http or rtsp address, or a video file to play in its place."),
    ] = "0",
) -> None:
    """Serve the clinic station until Ctrl-C."""
    context.obj = DatabaseOptions(database, passphrase_file)
    if context.invoked_subcommand is not None:
        return
    _require_libraries()
    from screener.live.camera.sources import source_of
    from screener.station.address import Address
    from screener.station.web.serving import serve as serve_pages

    address = Address(host, port, tls_cert, tls_key)
    address.require_safe()
    source_of(camera)  # a file that is not there is told now, not in front of a patient
    with _opened(context.obj) as opened:
        os.environ.pop(PASSPHRASE, None)  # the processes that measure uploads would inherit it
        serve_pages(opened, address, camera)


@station.command()
def init(
    context: typer.Context,
    owner: Annotated[str, typer.Option(help="Sign-in name of the owner of the practice.")] = "owner",
    database: DatabaseOption = None,
    passphrase_file: PassphraseOption = None,
    password_file: PasswordOption = None,
) -> None:
    """Create the database and its first user, the owner."""
    _require_libraries()
    from screener.station.access import audit, seal, users
    from screener.station.storage.database import create_database

    asked = _asked(context, database, passphrase_file)
    place = _place(asked)
    if place.file is not None and place.file.exists():
        raise UsageError(f"There is already a database {place.file}.", "Name another file with --database.")
    passphrase = "" if place.file is None else _passphrase(asked, "New passphrase of the database", twice=True)
    password = _password(password_file, owner)
    with create_database(place, passphrase) as opened:
        try:
            users.create_owner(opened, owner, password)
        except UsageError:
            if place.file is not None:
                place.file.unlink()
            raise
        with opened.transaction() as session:  # of the new log, whatever lay here before
            seal.write_anchor(audit.last(session, opened.location))
    out.print(f"Created {place.file or 'the tables'}; {owner} can sign in now.", highlight=False, soft_wrap=True)
    if place.file is not None:
        out.print("Write the passphrase down in a safe place: without it nobody can read the database or a backup.")


@station.command()
def add_user(
    context: typer.Context,
    login: Annotated[str, typer.Argument(help="Sign-in name.")],
    role: RoleOption = "clinician",
    full_name: Annotated[str, typer.Option("--name", help="Name to show for the user.")] = "",
    database: DatabaseOption = None,
    passphrase_file: PassphraseOption = None,
    password_file: PasswordOption = None,
) -> None:
    """Add a user."""
    _require_libraries()
    from screener.station.access import users
    from screener.station.access.roles import COMMAND_LINE
    from screener.station.access.unit_of_work import begin
    from screener.station.storage.tables import Role

    if role.lower() not in set(Role):
        raise UsageError(f"There is no role {role}.", f"Choose one of {', '.join(Role)}.")
    with _opened(_asked(context, database, passphrase_file)) as opened:
        password = _password(password_file, login)
        with begin(opened, COMMAND_LINE) as work:
            users.create(work, login, password, Role(role.lower()), full_name)
    out.print(f"{login} can sign in as {role.lower()}.", highlight=False)


@station.command()
def unlock_user(
    context: typer.Context,
    login: Annotated[str, typer.Argument(help="Sign-in name.")],
    database: DatabaseOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Let a user sign in again at once who is locked out after wrong tries."""
    _require_libraries()
    from screener.station.access import users
    from screener.station.access.roles import COMMAND_LINE
    from screener.station.access.unit_of_work import begin

    with _opened(_asked(context, database, passphrase_file)) as opened, begin(opened, COMMAND_LINE) as work:
        users.unlock(work, login)
    out.print(f"{login} may try again.", highlight=False)


@station.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Encrypted file to write.")],
    database: DatabaseOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Write everything into one encrypted file, with the same passphrase; the station may keep running."""
    _require_libraries()
    from screener.station.access import audit
    from screener.station.access.roles import COMMAND_LINE
    from screener.station.care.backup import back_up
    from screener.station.storage.database import open_database

    asked = _asked(context, database, passphrase_file)
    place = _place(asked)
    passphrase = _passphrase(asked, "Passphrase" if place.file else "New passphrase of the backup", twice=place.file is None)
    with open_database(place, passphrase) as opened:
        rows = back_up(opened, COMMAND_LINE, file, passphrase)
        with opened.transaction() as session:
            log = audit.last(session, opened.location)
    out.print(f"{rows} rows are in {file}. Its audit log: {log.text}.", highlight=False, soft_wrap=True)


@station.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File that backup wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace a station that is there; its file is kept as FILE.before.")
    ] = False,
    database: DatabaseOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Put a backup in place, while no station runs; the passphrase is the backup's."""
    _require_libraries()
    from screener.station.care.backup import restore as put_back
    from screener.station.storage.database import BEFORE

    asked = _asked(context, database, passphrase_file)
    place = _place(asked)
    rows = put_back(file, place, _passphrase(asked, "Passphrase of the backup"), force=force)
    out.print(f"{rows} rows restored.", highlight=False)
    there = place.file.resolve() if place.file is not None else None
    if there is not None and there.with_name(there.name + BEFORE).exists():
        kept = f"The database that was there is {there}{BEFORE}; delete it when nothing in it is needed any more."
        out.print(kept, highlight=False, soft_wrap=True)


@station.command()
def verify_log(context: typer.Context, database: DatabaseOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Check that nobody changed the audit log, also against what this machine has seen of it before."""
    _require_libraries()
    from screener.station.access import audit

    with _opened_unwatched(_asked(context, database, passphrase_file)) as opened, opened.transaction() as session:
        found = audit.verify_here(session, opened.location)
    out.print(f"{found.entries} entries in an unbroken chain. Last hash: {found.last_hash}", highlight=False, soft_wrap=True)
    for remark in found.remarks:
        out.print(remark, highlight=False, soft_wrap=True)
    out.print("Keep the last hash somewhere else: it shows later whether the end of the log was cut off.")


@station.command()
def purge(context: typer.Context, database: DatabaseOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Delete expired videos and free their space."""
    _require_libraries()
    from screener.station.care.startup import delete_expired as purge_now
    from screener.station.storage.database import open_database

    asked = _asked(context, database, passphrase_file)
    place = _place(asked)
    with open_database(place, _passphrase(asked, "Passphrase") if place.file else "") as opened:
        count = purge_now(opened)
        is_overwritten = opened.tidy()
    out.print(f"{count} videos deleted.", highlight=False)
    if not is_overwritten:
        out.print(
            "Someone still reads what was there before, such as a backup: it is overwritten when they are done. "
            "Give this command again then.",
            soft_wrap=True,
        )


@station.command()
def export_person(
    context: typer.Context,
    pseudonym: PersonArgument,
    file: Annotated[Path, typer.Argument(help="Zip file to write. It is not encrypted.")],
    database: DatabaseOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Write everything that is kept about a person into a zip file."""
    _require_libraries()
    from screener.files import staged
    from screener.station.access.roles import COMMAND_LINE
    from screener.station.access.unit_of_work import begin
    from screener.station.care import privacy

    with _opened(_asked(context, database, passphrase_file)) as opened, staged(file.absolute().parent) as stage:
        with begin(opened, COMMAND_LINE) as work, (stage / file.name).open("wb") as archive:
            privacy.export_person(work, _person(work, pseudonym).id, archive)
        (stage / file.name).chmod(0o600)
    out.print(f"Everything about {pseudonym.upper()} is in {file}.", highlight=False, soft_wrap=True)


@station.command()
def erase_person(
    context: typer.Context,
    pseudonym: PersonArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    database: DatabaseOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Erase a person, and prove that nothing is left."""
    _require_libraries()
    from screener.station.access.roles import COMMAND_LINE
    from screener.station.access.unit_of_work import begin
    from screener.station.care import privacy

    with _opened(_asked(context, database, passphrase_file)) as opened:
        with begin(opened, COMMAND_LINE) as work:
            person = _person(work, pseudonym)
        if not yes:
            typer.confirm(f"Erase {person.pseudonym} and every visit for good?", abort=True)
        erasure = privacy.erase_person(opened, COMMAND_LINE, person.id)
    erased = ", ".join(f"{count} {table}" for table, count in erasure.rows.items() if count)
    out.print(f"Erased: {erased}. Nothing of it is left in any table.", highlight=False, soft_wrap=True)
    for trace in erasure.traces:
        out.print(
            f"The same words are in {trace.table}, row {trace.row}, {trace.column}: check whether they mean this person.",
            highlight=False,
        )
    if erasure.remark:
        out.print(erasure.remark, highlight=False, soft_wrap=True)
    out.print("Earlier backups still hold the person: make a new one and delete the old ones.")


def _require_libraries() -> None:
    require_extra("The station", "station", *LIBRARIES)


def _asked(context: typer.Context, database: str | None, passphrase_file: Path | None) -> DatabaseOptions:
    """Options may stand before the subcommand or after it."""
    before: DatabaseOptions = context.obj
    return DatabaseOptions(database or before.database, passphrase_file or before.passphrase_file)


def _place(asked: DatabaseOptions) -> DatabaseLocation:
    from screener.station.storage.database import DatabaseLocation, standard_file

    place = DatabaseLocation.parse(asked.database) if asked.database else DatabaseLocation(standard_file())
    if place.names_password:
        err.print(
            "Every user of this machine can read the password in the address: take it out, and put it in the file ~/.pgpass, "
            "or in another one that PGPASSFILE names.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    return place


def _opened(asked: DatabaseOptions) -> Database:
    """Open the database, and say where its log was tampered with; people are screened all the same."""
    from screener.station.access import audit

    opened = _opened_unwatched(asked)
    try:
        audit.keep_anchor(opened)
    except StationError as error:
        err.print(f"{error.message}\n{error.advice}", highlight=False, soft_wrap=True, markup=False)
    return opened


def _opened_unwatched(asked: DatabaseOptions) -> Database:
    from screener.station.care.startup import open_station

    place = _place(asked)
    if place.file is not None and not place.file.is_file():
        raise UsageError(f"There is no database {place.file}.", "Create it with: screener station init")
    return open_station(place, _passphrase(asked, "Passphrase") if place.file else "")


def _passphrase(asked: DatabaseOptions, prompt: str, *, twice: bool = False) -> str:
    if asked.passphrase_file is not None:
        return _first_line(asked.passphrase_file)
    if PASSPHRASE in os.environ:
        return os.environ[PASSPHRASE]
    return _typed(prompt, f"Set {PASSPHRASE}, or name a file with --passphrase-file.", twice=twice)


def _password(file: Path | None, login: str) -> str:
    if file is not None:
        return _first_line(file)
    return _typed(f"Password of {login}", "Name a file with --password-file.", twice=True)


def _typed(prompt: str, advice: str, *, twice: bool) -> str:
    if not sys.stdin.isatty():
        raise UsageError(f"{prompt}: there is no terminal to ask for it.", advice)
    typed: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=twice)
    return typed


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The file {file} cannot be read.", "Check its name; it must hold one line.") from error


def _person(work: UnitOfWork, pseudonym: str) -> PersonRow:
    from screener.station.records.people import by_pseudonym

    return by_pseudonym(work, pseudonym)
