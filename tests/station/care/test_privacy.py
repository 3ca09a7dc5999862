"""Export and erasure of one person, videos with their time, and uploads that mean harm."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from sqlalchemy import func, select

from helpers.bad_clips import STANCE, pictures, write_clip
from helpers.practice_day import PASSPHRASE, Clock, screening_of
from screener.errors import NotAllowedError, StationError, UnreadableInputError
from screener.model.landmarks_file import load_recording
from screener.model.recording import Request
from screener.report.drawing.face import find_head
from screener.station.access.roles import COMMAND_LINE, Actor
from screener.station.access.unit_of_work import begin
from screener.station.care import privacy
from screener.station.care.startup import delete_expired
from screener.station.measuring import recordings
from screener.station.measuring.imports import import_video, measure_upload
from screener.station.measuring.incoming import IncomingVideo, incoming_folder
from screener.station.records import consents, people, videos, visits
from screener.station.records.forms import Comment, PersonData
from screener.station.results import reports
from screener.station.storage.database import Database, beside, open_file
from screener.station.storage.tables import AuditEntry, PersonRow, Purpose, Role, StoredRecording, VideoPart
from screener.video.file import VideoFile
from screener.workflow.screening import Screening

WORDS = ("Wilhelmina Quackenbush", "fell from a xylophone", "walks like a zeppelin", "her aunt Hildegard")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of a few frames with a person in it."""
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", pictures(STANCE, 0, 6))


def admitted(database: Database, screening: Screening, *, name: str = WORDS[0], notes: str = WORDS[1]) -> PersonRow:
    """A person with two visits, both consents, recordings and pictures."""
    with begin(database, COMMAND_LINE) as work:
        person = people.create(work, PersonData(name=name, notes=notes, birth_year=1970))
        consents.give(work, person.id, Purpose.SCREENING, WORDS[3])
        consents.give(work, person.id, Purpose.VIDEO)
        for side in ("left", "right"):
            visit = visits.begin(work, person.id)
            visits.change(work, visit.id, visit.version, comment=Comment(comment=WORDS[2]))
            recordings.add(work, visit.id, screening if side == "left" else screening_of(side))
    return person


def test_everything_of_a_person_is_exported(database: Database, screening: Screening, tmp_path: Path) -> None:
    person = admitted(database, screening)
    admitted(database, screening, name="Another one", notes="of someone else")
    file = tmp_path / "person.zip"
    with begin(database, COMMAND_LINE) as work, file.open("wb") as archive:
        privacy.export_person(work, person.id, archive)
    with zipfile.ZipFile(file) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert all(not name.startswith("/") and ".." not in name for name in names)
        facts = json.loads(opened.read("person.json"))
        folder = next(name for name in names if name.endswith("/report.pdf")).removesuffix("report.pdf")
        assert opened.read(f"{folder}report.pdf").startswith(b"%PDF")
        assert person.pseudonym in opened.read(f"{folder}report.html").decode()
        (tmp_path / "landmarks.npz").write_bytes(opened.read(f"{folder}landmarks-1.npz"))
        everything = b"".join(opened.read(name) for name in names)
    assert load_recording(tmp_path / "landmarks.npz").request.test == "single_leg_stance"
    assert {name.rsplit("/", 1)[-1] for name in names if name.startswith(folder)} == {
        "report.html", "report.pdf", "report.json", "report.fhir.json", "measures.csv", "landmarks-1.npz", "timeseries-1.csv"
    }  # fmt: skip
    assert len(facts["people"]) == 1
    assert len(facts["visits"]) == len(facts["recordings"]) == 2
    assert {row["purpose"] for row in facts["consents"]} == {"screening", "video"}
    assert len(facts["audit"]) >= 8
    assert all(word.encode() in everything for word in WORDS)
    assert b"someone else" not in everything


def test_an_erased_person_is_nowhere(database: Database, screening: Screening, clip: Path) -> None:
    person = admitted(database, screening)
    other = admitted(database, screening, name="Another one", notes=f"friend of {WORDS[0]}")
    with begin(database, COMMAND_LINE) as work:
        visit = visits.begin(work, person.id)
        recordings.add(work, visit.id, screening, video=[clip.read_bytes()])
    with pytest.raises(NotAllowedError), begin(database, Actor(None, Role.CLINICIAN)) as work:
        work.require(privacy.Permission.ERASE)
    erasure = privacy.erase_person(database, COMMAND_LINE, person.id)
    assert {name: erasure.rows[name] for name in ("people", "visits", "recordings", "consents", "pictures", "video_parts")} == {
        "people": 1, "visits": 3, "recordings": 3, "consents": 2, "pictures": 3, "video_parts": 1
    }  # fmt: skip
    found = {(trace.table, trace.column) for trace in erasure.traces}
    assert ("people", "notes") in found, "the friend's note still names the person, and nobody is told"
    with database.snapshot() as connection:
        assert privacy.find_traces(connection, [person.pseudonym, WORDS[1]]) == ()
        assert connection.exec_driver_sql("PRAGMA freelist_count").scalar() == 0
        ids = connection.scalars(select(PersonRow.id)).all()
        assert ids == [other.id]
        entry = connection.execute(select(AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert tuple(entry) == ("erased", "")
    with pytest.raises(StationError, match="no person"), begin(database, COMMAND_LINE) as work:
        people.by_pseudonym(work, person.pseudonym)
    with begin(database, COMMAND_LINE) as work:
        assert len(visits.of_person(work, other.id)) == 2
        assert reports.visit_html(work, visits.of_person(work, other.id)[0].id)


def test_what_was_erased_is_not_in_a_decrypted_copy(database: Database, screening: Screening, tmp_path: Path) -> None:
    """Indexes and all; that no page is free, where more could be, is checked above."""
    person = admitted(database, screening)
    privacy.erase_person(database, COMMAND_LINE, person.id)
    with begin(database, COMMAND_LINE) as work:
        people.create(work, PersonData(name="Another one"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"ATTACH DATABASE '{tmp_path / 'plain.db'}' AS plain KEY ''")
        connection.exec_driver_sql("SELECT sqlcipher_export('plain')")
        connection.exec_driver_sql("DETACH DATABASE plain")
    plain = (tmp_path / "plain.db").read_bytes()
    assert b"Another one" in plain
    for word in (*WORDS, WORDS[0].lower(), person.pseudonym, "single_leg_stance"):
        assert word.encode() not in plain
    assert database.file is not None
    assert not any(file.suffix in (".npz", ".mp4", ".json") for file in tmp_path.rglob("*"))


def words_in_the_file_alone(database: Database, tmp_path: Path) -> set[str]:
    """What someone finds who has the passphrase and the file, but not its log."""
    assert database.file is not None
    alone = tmp_path / "alone.db"
    shutil.copyfile(database.file, alone)
    with open_file(alone, PASSPHRASE, database.settings) as opened, opened.snapshot() as connection:
        found = {word for word in WORDS if privacy.find_traces(connection, [word])}
    for file in (alone, *beside(alone)):
        file.unlink(missing_ok=True)
    return found


def test_an_erasure_says_so_while_a_reader_keeps_the_person_in_the_file(
    database: Database, screening: Screening, tmp_path: Path
) -> None:
    """A backup that runs is such a reader: SQLite cannot overwrite the pages it may still want."""
    person = admitted(database, screening)
    assert database.flush_log()
    with database.snapshot() as reader:
        assert reader.scalar(select(func.count()).select_from(PersonRow)) == 1
        erasure = privacy.erase_person(database, COMMAND_LINE, person.id)
        assert not erasure.is_overwritten
        assert "Someone still reads" in erasure.remark
        delete_expired(database)
        assert words_in_the_file_alone(database, tmp_path) == set(WORDS)
    delete_expired(database)
    assert words_in_the_file_alone(database, tmp_path) == set()
    erasure = privacy.erase_person(database, COMMAND_LINE, admitted(database, screening).id)
    assert (erasure.is_overwritten, erasure.remark) == (True, "")
    assert words_in_the_file_alone(database, tmp_path) == set()


def test_an_unfinished_erasure_erases_nothing(
    database: Database, screening: Screening, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = admitted(database, screening)

    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("screener.station.access.unit_of_work.audit.append", fails)
    with pytest.raises(KeyboardInterrupt):
        privacy.erase_person(database, COMMAND_LINE, person.id)
    monkeypatch.undo()
    with begin(database, COMMAND_LINE) as work:
        assert len(visits.of_person(work, person.id)) == 2


def test_a_kept_video_has_its_time(database: Database, screening: Screening, clip: Path, clock: Clock) -> None:
    person = admitted(database, screening)
    with begin(database, COMMAND_LINE) as work:
        visit = visits.begin(work, person.id)
        stored = recordings.add(work, visit.id, screening, video=[clip.read_bytes()])
        assert stored.video_until == date(2026, 4, 1)
    with begin(database, COMMAND_LINE) as work:
        assert b"".join(videos.read(work, stored.id)) == clip.read_bytes()
        with zipfile.ZipFile(io.BytesIO(reports.visit_zip(work, visit.id, with_video=True))) as archive:
            assert archive.testzip() is None
            assert archive.read("video-1.mp4") == clip.read_bytes()
        with zipfile.ZipFile(io.BytesIO(reports.visit_zip(work, visit.id))) as archive:
            assert "video-1.mp4" not in archive.namelist()
    clock.turn(days=30)
    assert delete_expired(database) == 0
    clock.turn(days=1)
    assert delete_expired(database) == 1
    assert delete_expired(database) == 0
    with begin(database, COMMAND_LINE) as work:
        assert work.session.scalar(select(func.count()).select_from(VideoPart)) == 0
        assert recordings.load(work, stored.id).report == screening.report
    with pytest.raises(StationError, match="No video"), begin(database, COMMAND_LINE) as work:
        videos.read(work, stored.id)


def test_a_video_needs_a_consent_of_its_own_and_goes_with_it(database: Database, screening: Screening, clip: Path) -> None:
    person = admitted(database, screening)
    with begin(database, COMMAND_LINE) as work:
        visit = visits.begin(work, person.id)
        recordings.add(work, visit.id, screening, video=[clip.read_bytes()])
        consents.withdraw(work, person.id, Purpose.VIDEO)
    with pytest.raises(NotAllowedError, match="video kept"), begin(database, COMMAND_LINE) as work:
        recordings.add(work, visit.id, screening, video=[clip.read_bytes()])
    with begin(database, COMMAND_LINE) as work:
        assert work.session.scalar(select(func.count()).select_from(VideoPart)) == 0
        assert len(visits.see(work, visit.id).recordings) == 1


def test_an_imported_video_is_measured_kept_with_a_blurred_face_and_deleted_from_the_disk(
    database: Database, clip: Path, actors: dict[Role, Actor]
) -> None:
    with begin(database, actors[Role.CLINICIAN]) as work:
        person = people.create(work, PersonData())
        visit = visits.begin(work, person.id)
        consents.give(work, person.id, Purpose.SCREENING)
    request = Request(test="single_leg_stance")
    with IncomingVideo(database, "Wilhelmina Quackenbush.MP4") as incoming:
        for piece in (clip.read_bytes()[:1000], clip.read_bytes()[1000:]):
            incoming.write(piece)
        sealed = incoming.complete()
        assert sealed.path.parent.stat().st_mode & 0o077 == 0
        assert sealed.path.stat().st_size == clip.stat().st_size
        assert clip.read_bytes()[:500] not in sealed.path.read_bytes()
        with pytest.raises(NotAllowedError):
            import_video(database, actors[Role.VIEWER], visit.id, sealed, request)
        with pytest.raises(NotAllowedError, match="video kept"):
            import_video(database, actors[Role.CLINICIAN], visit.id, sealed, request, keep_video=True)
        with begin(database, actors[Role.CLINICIAN]) as work:
            consents.give(work, person.id, Purpose.VIDEO)
        stored = import_video(database, actors[Role.CLINICIAN], visit.id, sealed, request, keep_video=True)
    assert list(incoming_folder(database).iterdir()) == []
    with begin(database, actors[Role.VIEWER]) as work:
        screening = recordings.load(work, stored.id)
        kept = b"".join(videos.read(work, stored.id))
    assert screening.report.source.file == "recording.mp4"
    blurred = clip.parent / "kept.mp4"
    blurred.write_bytes(kept)
    original, shown = (next(iter(VideoFile(one))).rgb.astype(float) for one in (clip, blurred))
    head = find_head(screening.poses.pose(0))
    assert head is not None
    mask = head.mask(slice(0, original.shape[0]), slice(0, original.shape[1]))
    inside, outside = (np.abs(original - shown)[where].mean() for where in (mask, ~mask))
    assert inside > 3 * outside


HOSTILE = {
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a program": b"\x7fELF" + bytes(5000),
    "nothing": b"",
    "a playlist of other files": b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "a list of other files": b"ffconcat version 1.0\nfile /etc/hostname\n",
    "a list of its neighbours": b"ffconcat version 1.0\nfile recording.mp4\n",
    "a picture with a script": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a zip bomb": b"PK\x03\x04" + bytes(100_000),
    "half a header": b"\x00\x00\x00\x20ftypisom" + b"\xff" * 4000,
}


def upload(database: Database, pieces: list[bytes]) -> None:
    """Send the pieces of a video."""
    with IncomingVideo(database, "clip.mp4") as incoming:
        for piece in pieces:
            incoming.write(piece)
        measure_upload(incoming.complete(), Request(test="squat"), database.settings)


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_upload_is_refused_and_gone(database: Database, content: bytes) -> None:
    with pytest.raises(UnreadableInputError):
        upload(database, [content])
    assert list(incoming_folder(database).iterdir()) == []


@pytest.mark.parametrize("name", ["clip.exe", "clip", "", "clip.mp4.html", "../../clip.svg", "x" * 5000, ".mp4/..", "\x00"])
def test_a_name_of_no_video_is_refused(database: Database, name: str) -> None:
    with pytest.raises(UnreadableInputError, match="not a video"), IncomingVideo(database, name):
        pass


@pytest.mark.parametrize(
    "name",
    ["../../../etc/cron.d/x.mp4", "..\\..\\windows\\x.mp4", "/etc/passwd/x.MOV", "<script>alert(1)</script>.mp4", "a\x00b.mp4",
     "'; rm -rf ~; .mp4", "CON.mp4", "a" * 5000 + ".mp4"],
)  # fmt: skip
def test_a_name_leads_nowhere(database: Database, name: str) -> None:
    with IncomingVideo(database, name) as incoming:
        assert incoming.path.name == "sealed"
        incoming.write(b"x")
        assert incoming.complete().name in ("recording.mp4", "recording.mov")
        assert incoming.path.resolve().is_relative_to(incoming_folder(database).resolve())


def test_an_upload_that_never_ends_is_cut(database: Database) -> None:
    small = replace(database, settings=replace(database.settings, biggest_upload_bytes=10_000))
    with pytest.raises(UnreadableInputError, match="larger than"):
        upload(small, [bytes(1000)] * 100)
    assert list(incoming_folder(database).iterdir()) == []


def test_a_video_that_is_too_long_is_refused(database: Database, clip: Path) -> None:
    with pytest.raises(UnreadableInputError, match="longer than"):
        upload(replace(database, settings=replace(database.settings, longest_upload_s=0.05)), [clip.read_bytes()])


def test_a_picture_of_enormous_size_is_refused(database: Database, tmp_path: Path) -> None:
    huge = tmp_path / "huge.mp4"
    with av.open(str(huge), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(1))
        stream.width, stream.height, stream.pix_fmt = 8000, 8000, "yuv420p"
        frame = av.VideoFrame(8000, 8000, "yuv420p")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(UnreadableInputError, match="too large"):
        upload(database, [huge.read_bytes()])


def test_what_earlier_releases_left_behind_goes(database: Database) -> None:
    left = incoming_folder(database) / f".partial-{os.getpid()}-x"
    left.mkdir(parents=True)
    (left / "recording.mp4").write_bytes(b"someone's video")
    delete_expired(database)
    assert list(incoming_folder(database).iterdir()) == []


UPLOADING = """
import os, sys, time
from pathlib import Path
from helpers.practice_day import CHEAP, PASSPHRASE
from screener.station.measuring.incoming import IncomingVideo
from screener.station.storage.database import DatabaseLocation, open_database
with open_database(DatabaseLocation(Path(sys.argv[1])), PASSPHRASE, CHEAP) as database:
    with IncomingVideo(database, "clip.mp4") as incoming:
        incoming.write(b"someone's video")
        incoming._file._file.flush()
        print(os.getpid(), flush=True)
        time.sleep(600)
"""
OPENING = """
import os, sys
from pathlib import Path
from helpers.practice_day import CHEAP, PASSPHRASE
from screener.station.care.startup import open_station
from screener.station.storage.database import DatabaseLocation
open_station(DatabaseLocation(Path(sys.argv[1])), PASSPHRASE, CHEAP).close()
print(os.getpid())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="uses signals")
@pytest.mark.parametrize("as_first_process", [False, True], ids=["process", "container"])
def test_the_upload_of_a_killed_station_goes_at_the_next_start(database: Database, as_first_process: bool) -> None:
    """In a container every station is process number 1, the killed one and the next."""
    wrapper = ["unshare", "--pid", "--fork", "--kill-child"] if as_first_process else []
    if as_first_process and subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode:
        pytest.skip("only root may make a container")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    folder, arguments = incoming_folder(database), (sys.executable, "-c")
    command = [*wrapper, *arguments, UPLOADING, str(database.file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as station:
        assert station.stdout is not None
        number = int(station.stdout.readline())
        assert (number == 1) is as_first_process
        delete_expired(database)
        (video,) = folder.glob("*/sealed")  # a station that runs keeps what it works with
        assert len(video.read_bytes()) == len(b"someone's video")
        assert video.read_bytes() != b"someone's video"
        assert video.parent.stat().st_mode & 0o077 == 0
        station.kill()
    assert video.exists()
    command = [*wrapper, *arguments, OPENING, str(database.file)]
    assert (subprocess.check_output(command, text=True, env=environment) == "1\n") is as_first_process
    assert list(folder.iterdir()) == []


def test_recordings_and_visits_are_deleted(database: Database, screening: Screening, actors: dict[Role, Actor]) -> None:
    person = admitted(database, screening)
    with begin(database, actors[Role.CLINICIAN]) as work:
        first, second = visits.of_person(work, person.id)
        recordings.remove(work, visits.see(work, first.id).recordings[0].id)
    with begin(database, actors[Role.OWNER]) as work:
        assert visits.see(work, first.id).recordings == ()
        visits.remove(work, second.id)
        assert work.session.scalar(select(func.count()).select_from(StoredRecording)) == 0
        assert [visit.id for visit in visits.of_person(work, person.id)] == [first.id]
