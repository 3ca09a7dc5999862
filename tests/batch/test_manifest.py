from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from helpers.console import Console
from screener.batch.locations import clip_location
from screener.batch.plan import find_clips, told_by_name
from screener.errors import UnreadableInputError
from screener.model.recording import Request
from screener.workflow.plan import read_plan

# Plan


@pytest.mark.parametrize(
    ("name", "test", "side", "person"),
    [
        ("anna_single_leg_stance_left.mp4", "single_leg_stance", "left", "anna_single_leg_stance"),
        ("anna/Single-Leg Squat/RIGHT 2.MOV", "single_leg_squat", "right", "anna_single_leg_squat_2"),
        ("hip_hinge.mp4", "hip_hinge", "auto", "hip_hinge"),
        ("single_leg_stance_left_right.mp4", "single_leg_stance", "auto", "single_leg_stance"),
        ("leftover_hip_hinge.mp4", "hip_hinge", "auto", "leftover_hip_hinge"),
        ("holiday.mp4", None, "auto", "holiday"),
        ("SingleLegSquat_left.mp4", "single_leg_squat", "left", "single_leg_squat"),
        ("slsquat_left.mp4", None, "left", "slsquat"),
        ("anna squat2.mp4", "squat", "auto", "anna_squat2"),
        ("Zoë/hip_hinge.mp4", "hip_hinge", "auto", "zoë_hip_hinge"),
        ("Zoe\u0308/hip_hinge.mp4", "hip_hinge", "auto", "zoë_hip_hinge"),
        ("山田 squat left.mp4", "squat", "left", "山田_squat"),
        ("鈴木squat RIGHT.mp4", "squat", "right", "鈴木squat"),
    ],
)
def test_a_name_tells_test_side_and_person(name: str, test: str | None, side: str, person: str) -> None:
    assert told_by_name(name) == (test, side, person)


def test_a_folder_gives_its_videos_in_order(shorts: Path) -> None:
    clips = find_clips(str(shorts))
    assert [clip.name for clip in clips] == [
        "holiday.mp4",
        *(f"p{n}_single-leg-stance_{side}.mp4" for n in (0, 1) for side in ("left", "right")),
        "p9 hip hinge.mp4",
    ]
    assert clips[0].request is None
    assert clips[0].reason == "The name does not say which test it shows; see: screener tests"
    assert clips[1].request == Request(test="single_leg_stance", side="left")
    assert clips[1].person == clips[2].person != clips[3].person


def test_a_manifest_says_more_than_names(tmp_path: Path) -> None:
    for name in ("a.mp4", "hip_hinge b.mp4", "c.mp4", "d.mp4"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "manifest.csv").write_text(
        "\ufefffile,test,side,age,sex,person,colour\n"
        "a.mp4,single_leg_stance,left,54,female,anna,red\n"
        "hip_hinge b.mp4,,,,,,\n"
        "c.mp4,cartwheel,,,,,\n"
        "d.mp4,single_leg_stance,up,140,,,\n",
        encoding="utf-8",
    )
    first, second, third, fourth = find_clips(str(tmp_path / "manifest.csv"))
    assert first.request == Request(test="single_leg_stance", side="left", age_years=54, sex="female")
    assert (first.person, first.place) == ("anna", clip_location(str(tmp_path / "a.mp4")))
    assert second.request == Request(test="hip_hinge")
    assert third.reason.startswith("There is no test cartwheel")
    assert fourth.reason == (
        "The manifest cannot be understood here: side = up should be 'left', 'right', 'both' or 'auto'; "
        "age = 140 should be less than or equal to 120."
    )
    assert first.unread == ("colour",)
    assert [clip.name for clip in find_clips(str(tmp_path))] == ["a.mp4", "hip_hinge b.mp4", "c.mp4", "d.mp4"]


@pytest.mark.parametrize(
    "text",
    [
        "File, Test ,SIDE,Age,Sex,marker_colour\na b.mp4, Single-Leg Stance,Left,54.0,FEMALE,green\n",
        'file;test;side;age;sex;marker_colour\r\n"a b.mp4";single_leg_stance;left;54;female;green\r\n',
        "file\ttest\tside\tage\tsex\tmarker_colour\na b.mp4\tsingle leg stance\tleft\t54\tfemale\tgreen\n",
    ],
)
def test_a_manifest_is_read_as_spreadsheets_and_people_write_it(tmp_path: Path, text: str) -> None:
    separator = next(sign for sign in ";\t," if sign in text)
    (tmp_path / "m.csv").write_text(f"{text}{separator * 5}\n \n", encoding="utf-8", newline="")
    (clip,) = find_clips(str(tmp_path / "m.csv"))
    asked = Request(test="single_leg_stance", side="left", age_years=54, sex="female", markers=True, marker_colour="green")
    assert (clip.name, clip.reason, clip.request, clip.unread) == ("a b.mp4", "", asked, ())


HEAD = "file;test;side;vertical;markers;straight_first"
ROW = "Jürgen Müller.mp4;squat;left;-1,5;WAHR;nein"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-32", "cp1252"])
@pytest.mark.parametrize(
    "above",
    ["", "\r\n\r\n", "sep=;\r\n", '"sep=;"\r\n', ";;;;\r\n", "# clips of May, from the ward\r\n", "\r\nSEP=;\r\n;;\r\n"],
)
def test_a_manifest_is_read_as_excel_saves_it(tmp_path: Path, encoding: str, above: str) -> None:
    text = f"{above}{HEAD}\r\n{ROW}\r\n"
    data = codecs.BOM_UTF16_LE + text.encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    (tmp_path / "m.csv").write_bytes(data)
    (clip,) = find_clips(str(tmp_path / "m.csv"))
    assert (clip.name, clip.reason) == ("Jürgen Müller.mp4", "")
    assert clip.request == Request(test="squat", side="left", vertical_deg=-1.5, markers=True)


@pytest.mark.parametrize(("word", "meant"), [("WAHR", True), ("ja", True), ("TRUE", True), ("1", True), ("vrai", True),
                                             ("FALSCH", False), ("Nein", False), ("no", False), ("0", False)])  # fmt: skip
def test_yes_and_no_of_a_spreadsheet(tmp_path: Path, word: str, meant: bool) -> None:
    (tmp_path / "m.csv").write_text(f"file,test,markers\na.mp4,squat,{word}\n")
    (clip,) = find_clips(str(tmp_path / "m.csv"))
    assert clip.request == Request(test="squat", markers=meant)


@pytest.mark.parametrize(
    ("data", "message", "advice"),
    [
        (b"PK\x03\x04" + bytes(50), "m.csv is a workbook of a spreadsheet, whatever its ending says.", "Save it as CSV UTF-8."),
        ("file\nä.mp4".encode("utf-16-be"), "m.csv is no text, or in an encoding that cannot be told.",
         "Save it as UTF-8 text; in a spreadsheet: CSV UTF-8."),
        (b"file\n\x81.mp4", "m.csv is no text, or in an encoding that cannot be told.",
         "Save it as UTF-8 text; in a spreadsheet: CSV UTF-8."),
        (b"file,test\n\"" + b"x" * 200_000, "m.csv is not CSV that can be read (field larger than field limit (131072)).",
         "Check that every quotation mark is closed again."),
        (b"video,test\na.mp4,squat\n", "Row 1 of m.csv names no file.",
         "Fill in its column `file`; what it has is: video, test."),
    ],
)  # fmt: skip
def test_the_true_cause_of_an_unreadable_manifest_is_named(tmp_path: Path, data: bytes, message: str, advice: str) -> None:
    (tmp_path / "m.csv").write_bytes(data)
    with pytest.raises(UnreadableInputError) as caught:
        find_clips(str(tmp_path / "m.csv"))
    assert (caught.value.message, caught.value.advice) == (message, advice)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_plan_is_read_as_editors_save_it(tmp_path: Path, encoding: str) -> None:
    text = '[[recording]]\nvideo = "Müller.mp4"\ntest = "squat"\nmarkers = "ja"\nvertical = "1,5"\n'
    (tmp_path / "plan.toml").write_bytes(text.encode(encoding))
    (planned,) = read_plan(tmp_path / "plan.toml")
    assert planned.video == str(tmp_path / "Müller.mp4")
    assert planned.request == Request(test="squat", markers=True, vertical_deg=1.5)


def test_columns_that_mean_nothing_are_named(shorts: Path, tmp_path: Path, console: Console) -> None:
    clip = shorts / "p0_single-leg-stance_left.mp4"
    (tmp_path / "m.csv").write_text(f"file,tests,sex,licence\n{clip},squat,,CC0\n{clip},,,\n")
    said = console("batch", str(tmp_path / "m.csv"), "--out", str(tmp_path / "out"), "--dry-run", "--trust-manifest")
    assert said.code == 0
    assert said.err == "Columns of the manifest that are ignored: tests, licence\n"


def test_a_toml_manifest_and_addresses(tmp_path: Path) -> None:
    manifest = tmp_path / "study.toml"
    manifest.write_text('[[clip]]\nfile = "s3://bucket/x.mp4"\ntest = "hip_hinge"\nage = 30\nstraight_first = true\n')
    (clip,) = find_clips(str(manifest), trust_manifest=True)
    assert clip.place.address == "s3://bucket/x.mp4"
    assert clip.request == Request(test="hip_hinge", age_years=30, straight_first=True)
    manifest.write_text('[[clip]]\nfile = "x.mp4"\ntest = ["squat"]\n')
    (clip,) = find_clips(str(manifest))
    assert clip.reason == "The manifest cannot be understood here: test = ['squat'] should be a valid string."


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty", None, "There are no videos in"),
        ("a.csv", "name,test\nx,hip_hinge\n", "Row 1 of a.csv names no file."),
        ("a.csv", "file,test\nx\0y.mp4,hip_hinge\n", "Row 1 of a.csv names no file."),
        ("a.csv", "file,test\n", "There are no videos in"),
        ("a.toml", "[[clip\n", "a.toml is not TOML that can be read: Expected"),
        ("a.toml", "clip = 3\n", "a.toml lists no clips."),
        ("a.toml", "[[clips]]\nfile = 'x.mp4'\n", "a.toml lists no clips."),
        ("a.toml", "clip = []\n", "There are no videos in"),
        ("missing", "", "There is no folder or manifest"),
    ],
)
def test_an_input_without_clips_is_an_error(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    if content is None:
        (tmp_path / name).mkdir()
    elif content:
        (tmp_path / name).write_text(content)
    with pytest.raises(UnreadableInputError) as caught:
        find_clips(str(tmp_path / name))
    assert caught.value.message.startswith(message)
