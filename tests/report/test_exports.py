"""Exports are read back by the readers of their formats, or by a strict parser of their written form; signs and units hold."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.console import Console
from helpers.screened import screened
from screener.errors import UsageError
from screener.extras import install_command
from screener.model.landmarks_file import load_recording
from screener.model.pose import Landmark, Side
from screener.model.results import Grade, Status
from screener.model.series import Series
from screener.report.exports.c3d import c3d
from screener.report.exports.fhir import fhir_bundle
from screener.report.exports.opensim import ANGLES, mot, trc
from screener.report.exports.parquet import timeseries_parquet
from screener.report.exports.points import MARKERS, MarkerTrajectories, markers, pixels_per_metre
from screener.report.exports.registry import EXPORTS, ExportInput, wanted_exports
from screener.workflow.output import OutputOptions, write_report
from screener.workflow.screening import Screening, rescreen

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.fixture(scope="module")
def stance() -> Screening:
    return rescreen(load_recording(GOLDEN / "stance_left_drop9.npz"))


@pytest.fixture(scope="module")
def hinge() -> Screening:
    return rescreen(load_recording(GOLDEN / "hinge_neutral.npz"))


def points_of(screening: Screening) -> MarkerTrajectories:
    return markers(screening.poses, screening.report.quality.camera_roll_deg)


def read_trc(text: str) -> tuple[dict[str, str], list[str], np.ndarray]:
    """Header, marker names and the table of a .trc; nothing that is not as it should be is let pass."""
    lines = text.split("\n")
    assert lines.pop() == ""
    assert lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    labels = lines[3].split("\t")
    assert labels[:2] == ["Frame#", "Time"]
    names = labels[2::3]
    assert lines[4].split("\t") == ["", "", *(f"{axis}{n}" for n in range(1, len(names) + 1) for axis in "XYZ")]
    assert len(labels) == 2 + 3 * len(names) == len(lines[4].split("\t"))
    rows = [[float(cell) for cell in line.split("\t")] for line in lines[5:]]
    table = np.array(rows)
    assert table.shape == (int(header["NumFrames"]), 2 + 3 * len(names))
    assert int(header["NumMarkers"]) == len(names)
    assert table[:, 0].tolist() == list(range(1, len(table) + 1))
    return header, names, table[:, 1:]


def read_mot(text: str) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    head, body = text.split("endheader\n")
    assert head.splitlines()[0] == "Coordinates"
    header = dict(line.split("=") for line in head.splitlines() if "=" in line)
    lines = body.rstrip("\n").split("\n")
    names = lines[0].split("\t")
    table = np.array([[float(cell) for cell in line.split("\t")] for line in lines[1:]])
    assert table.shape == (int(header["nRows"]), int(header["nColumns"])) == (len(lines) - 1, len(names))
    return header, dict(zip(names, table.T, strict=True))


def test_a_trc_holds_every_frame_in_metres_with_y_up(stance: Screening) -> None:
    points = points_of(stance)
    header, names, table = read_trc(trc(points, "landmarks.trc"))
    frames = str(len(stance.poses))
    assert header == {
        **{"DataRate": "20", "CameraRate": "20", "NumFrames": frames, "NumMarkers": "19", "Units": "m"},
        **{"OrigDataRate": "20", "OrigDataStartFrame": "1", "OrigNumFrames": frames},
    }
    assert names == list(MARKERS)
    np.testing.assert_allclose(table[:, 0], stance.poses.time_s, atol=1e-6)
    np.testing.assert_allclose(table[:, 1:].reshape(len(table), -1, 3), points.metres, atol=1e-6)
    at = {name: np.nanmedian(points.metres[:, names.index(name)], axis=0) for name in names}
    assert 0.0 <= at["LHeel"][1] < 0.2 < at["LKnee"][1] < at["Hip"][1] < at["Neck"][1] < at["Nose"][1] < 1.9
    assert 0.75 < at["Hip"][1] < 1.1
    assert at["LHip"][0] > at["RHip"][0]  # seen from the front, the person's left is right in the picture


def test_points_are_right_in_every_axis() -> None:
    poses = sm.film(sm.Motion(sm.times(1.0)))
    pixels, world = np.zeros((30, 33, 2)), np.zeros((30, 33, 3))
    world[:, :, 2] = 0.1  # away from the camera
    for side, x in (("LEFT", 420.0), ("RIGHT", 380.0)):
        for joint, y in (("SHOULDER", 100.0), ("HIP", 200.0), ("KNEE", 300.0), ("ANKLE", 400.0), ("HEEL", 420.0)):
            landmark = Landmark[f"{side}_{joint}"]
            pixels[:, landmark], world[:, landmark, 1] = (x, y), (y - 200.0) / 200.0
        pixels[:, Landmark[f"{side}_FOOT_INDEX"]] = x, 410.0
    poses = replace(poses.with_landmarks(pixels, world, np.ones((30, 33))), width=800, height=600)
    assert pixels_per_metre(poses) == pytest.approx(200.0)
    at = dict(zip(MARKERS, markers(poses, 0.0).metres[0], strict=True))
    np.testing.assert_allclose(at["Hip"], (0.0, 1.1, -0.1), atol=1e-9)
    np.testing.assert_allclose(at["LHip"], (0.1, 1.1, -0.1), atol=1e-9)
    np.testing.assert_allclose(at["LHeel"], (0.1, 0.0, -0.1), atol=1e-9)
    np.testing.assert_allclose(at["Neck"], (0.0, 1.6, -0.1), atol=1e-9)


def test_every_marker_is_the_landmark_its_name_says() -> None:
    poses = sm.film(sm.Motion(sm.times(1.0)))
    pixels = np.tile(np.arange(33.0)[:, None] * (7.0, 5.0), (30, 1, 1))
    world = np.tile(np.arange(33.0)[:, None] * (0.07, 0.05, 0.01), (30, 1, 1))
    found = markers(poses.with_landmarks(pixels, world, np.ones((30, 33))), 0.0)
    parts = {"BigToe": "FOOT_INDEX", "Neck": "SHOULDER", "Hip": "HIP"}
    sides = {"L": ["LEFT"], "R": ["RIGHT"]}
    for name, depth in zip(found.names, -found.metres[0, :, 2], strict=True):
        part = name[1:] if name[0] in sides else name
        word = parts.get(part, part.upper())
        places = [word] if name == "Nose" else [f"{side}_{word}" for side in sides.get(name[0], ["LEFT", "RIGHT"])]
        assert depth == pytest.approx(np.mean([0.01 * Landmark[place] for place in places])), name


def test_the_roll_of_the_camera_is_taken_out_of_points() -> None:
    poses = sm.film(sm.Motion(sm.times(1.0)))
    upright = markers(poses, 0.0).metres[0]
    turned = markers(poses.with_landmarks(sm_turned(poses.pixels, 20.0), poses.world_m, poses.visibility), 20.0).metres[0]
    assert upright[12, 1] == pytest.approx(turned[12, 1], abs=1e-6)  # nose


def sm_turned(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """Turn points clockwise on the screen."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return pixels @ turn.T


def test_a_point_that_was_not_seen_is_no_number(stance: Screening) -> None:
    points = points_of(stance)
    metres = points.metres.copy()
    metres[3, 0] = metres[4, -1] = np.nan
    _, _, table = read_trc(trc(replace(points, metres=metres), "x.trc"))
    np.testing.assert_allclose(table[:, 1:].reshape(metres.shape), metres, atol=1e-6)


READ_BY_OPENSIM = """
import json, sys, opensim
points, angles = opensim.TimeSeriesTableVec3(sys.argv[1]), opensim.TimeSeriesTable(sys.argv[2])
print(json.dumps([
    {
        "names": table.getColumnLabels(),
        "time_s": table.getIndependentColumn(),
        "about": {key: table.getTableMetaDataString(key) for key in table.getTableMetaDataKeys()},
        "rows": [cells(table.getRowAtIndex(row)) for row in range(table.getNumRows())],
    }
    for table, cells in (
        (points, lambda row: [row[marker].to_numpy().tolist() for marker in range(row.size())]),
        (angles, lambda row: row.to_numpy().tolist()),
    )
]))
"""


def read_by_opensim(folder: Path) -> list[dict[str, Any]]:
    """Tables of a .trc and a .mot as OpenSim sees them; in a process of its own, as it brings its own native libraries."""
    if importlib.util.find_spec("opensim") is None:
        pytest.skip("OpenSim has no wheel for this machine or version of Python.")
    command = [sys.executable, "-c", READ_BY_OPENSIM, "landmarks.trc", "angles.mot"]
    read = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert read.returncode == 0, read.stderr
    tables: list[dict[str, Any]] = json.loads(read.stdout)
    return tables


def test_opensim_reads_points_and_angles(hinge: Screening, tmp_path: Path) -> None:
    write_report(hinge, tmp_path, OutputOptions(exports=("trc", "mot")))
    points, angles = read_by_opensim(tmp_path)
    kept = points_of(hinge)
    assert np.isnan(kept.metres[0, -1]).all()  # a row that ends with a point that was not seen
    assert points["names"] == list(MARKERS)
    assert (points["about"]["Units"], float(points["about"]["DataRate"])) == ("m", pytest.approx(kept.rate_hz))
    np.testing.assert_allclose(points["time_s"], kept.time_s, atol=1e-6)
    np.testing.assert_allclose(points["rows"], kept.metres, atol=1e-6)
    assert angles["about"]["inDegrees"] == "yes"
    columns = [column for column, name in ANGLES.items() if name in angles["names"]]
    assert [ANGLES[column] for column in columns] == angles["names"]
    np.testing.assert_allclose(angles["time_s"], hinge.series.time_s, atol=1e-6)
    kept_angles = np.stack([getattr(hinge.series, column) for column in columns], axis=1)
    known = np.isfinite(kept_angles)
    np.testing.assert_allclose(np.array(angles["rows"])[known], kept_angles[known], atol=1e-6)


READ_BY_OPENSIMS_PROGRAM = """
import json, opensim
table, labels = opensim.Storage("angles.mot"), None
labels = table.getColumnLabels()
rows = [table.getStateVector(row) for row in range(table.getSize())]
print(json.dumps({
    "names": [labels.get(number) for number in range(labels.getSize())],
    "time_s": [row.getTime() for row in rows],
    "rows": [[row.getData().get(number) for number in range(row.getSize())] for row in rows],
}))
"""


def test_the_reader_of_opensims_program_reads_every_row(stance: Screening, tmp_path: Path) -> None:
    if importlib.util.find_spec("opensim") is None:
        pytest.skip("OpenSim has no wheel for this machine or version of Python.")
    pelvis, knee = stance.series.pelvic_obliquity_deg.copy(), stance.series.knee_flexion_left_deg.copy()
    pelvis[:40], knee[60:80], knee[-3:] = np.nan, np.nan, np.nan
    series = replace(stance.series, pelvic_obliquity_deg=pelvis, knee_flexion_left_deg=knee)
    (tmp_path / "angles.mot").write_text(mot(series), encoding="utf-8")
    command = [sys.executable, "-c", READ_BY_OPENSIMS_PROGRAM]
    read = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert read.returncode == 0, read.stderr
    table = json.loads(read.stdout.splitlines()[-1])
    names = [name for column, name in ANGLES.items() if np.isfinite(getattr(series, column)).any()]
    assert table["names"] == ["time", *names]
    np.testing.assert_allclose(table["time_s"], series.time_s, atol=1e-5)
    rows = np.array(table["rows"])
    assert rows.shape == (len(series.time_s), len(names))
    assert np.isfinite(rows).all()
    at = {name: rows[:, number] for number, name in enumerate(names)}
    known = np.isfinite(pelvis)
    np.testing.assert_allclose(at["pelvis"][known], pelvis[known], atol=1e-5)


def test_what_was_not_measured_is_filled_and_the_head_of_a_mot_says_so(stance: Screening) -> None:
    time_s = stance.series.time_s
    pelvis = np.full(len(time_s), np.nan)
    pelvis[[10, 20]] = 1.0, 3.0
    text = mot(replace(stance.series, pelvic_obliquity_deg=pelvis, trunk_lean_deg=np.full(len(time_s), 2.0)))
    filled = read_mot(text)[1]["pelvis"]
    assert filled[:11] == pytest.approx(1.0)
    assert filled[20:] == pytest.approx(3.0)
    assert filled[15] == pytest.approx(2.0, abs=0.01)
    head = text.partition("endheader")[0]
    assert f"pelvis: {len(time_s) - 2} of {len(time_s)} rows" in head
    assert "trunk:" not in head
    assert "nan" not in text
    assert not any(" " in name for name in ANGLES.values())


def test_a_point_that_was_not_seen_is_invalid_in_a_c3d(stance: Screening) -> None:
    points = points_of(stance)
    metres = np.where(np.isfinite(points.metres), points.metres, 0.0)
    metres[3, 0] = metres[5, 18] = np.nan
    data = c3d(replace(points, metres=metres))
    block = int.from_bytes(data[16:18], "little")
    values = np.frombuffer(data[512 * (block - 1) :], "<f4", len(metres) * 19 * 4).reshape(len(metres), 19, 4)
    wanted = np.zeros((len(metres), 19))
    wanted[3, 0] = wanted[5, 18] = -1.0
    assert np.array_equal(values[..., 3], wanted)


def test_a_mot_holds_degrees_by_the_names_of_sports2d(hinge: Screening) -> None:
    header, columns = read_mot(mot(hinge.series))
    assert header["inDegrees"] == "yes"
    assert header["version"] == "1"
    assert next(iter(columns)) == "time"
    assert {"right_knee", "right_hip", "trunk_inclination"} <= set(columns)
    assert not {"pelvis", "left_knee_valgus"} & set(columns)  # the side view does not show them
    np.testing.assert_allclose(columns["time"], hinge.series.time_s, atol=1e-6)
    names = {name: column for column, name in ANGLES.items()}
    for name, values in columns.items():
        if name != "time":
            kept = getattr(hinge.series, names[name])
            np.testing.assert_allclose(values[np.isfinite(kept)], kept[np.isfinite(kept)], atol=1e-6)
    assert 50 < np.nanmax(columns["trunk_inclination"]) < 110  # degrees, bent forward


def test_c3d_is_read_back_in_millimetres(stance: Screening, tmp_path: Path) -> None:
    import ezc3d

    points = points_of(stance)
    metres = points.metres.copy()
    metres[3, 0] = np.nan
    path = tmp_path / "points.c3d"
    path.write_bytes(c3d(replace(points, metres=metres)))
    read = ezc3d.c3d(str(path))
    about = read["parameters"]["POINT"]
    assert about["LABELS"]["value"] == list(MARKERS)
    assert about["UNITS"]["value"] == ["mm"]
    assert about["RATE"]["value"][0] == pytest.approx(20.0)
    assert (about["X_SCREEN"]["value"], about["Y_SCREEN"]["value"]) == (["+X"], ["+Y"])
    data = read["data"]["points"]
    assert data.shape == (4, len(MARKERS), len(stance.poses))
    np.testing.assert_allclose(data[:3].transpose(2, 1, 0), 1000 * metres, atol=0.01)
    assert np.isnan(data[:3, 0, 3]).all()


def test_parquet_is_the_series_with_units(stance: Screening, tmp_path: Path) -> None:
    from pyarrow import parquet

    path = tmp_path / "timeseries.parquet"
    path.write_bytes(timeseries_parquet(stance.series))
    table = parquet.read_table(path)
    assert table.column_names == [field.name for field in fields(Series)]
    for name in table.column_names:
        kept = getattr(stance.series, name)
        read = table[name].to_pylist()
        if kept.dtype.kind == "f":
            np.testing.assert_array_equal(np.array([np.nan if value is None else value for value in read]), kept)
        else:
            assert read == kept.tolist()
    assert table["knee_flexion_left_deg"].null_count == np.isnan(stance.series.knee_flexion_left_deg).sum()
    assert table.schema.field("time_s").metadata[b"unit"] == b"seconds"
    assert table.schema.field("pelvic_obliquity_deg").metadata[b"unit"] == b"degrees"
    assert table.schema.field("stance").metadata is None


def test_fhir_is_valid_and_says_what_the_report_says(stance: Screening) -> None:
    from fhir.resources.R4B.bundle import Bundle

    text = fhir_bundle(stance.report)
    bundle = Bundle.model_validate_json(text)
    assert bundle.type == "collection"
    resources = {entry.fullUrl: entry.resource for entry in bundle.entry}
    (diagnostic,) = [one for one in resources.values() if one.get_resource_type() == "DiagnosticReport"]
    observations = [one for one in resources.values() if one.get_resource_type() == "Observation"]
    assert {reference.reference for reference in diagnostic.result} == {f"urn:uuid:{one.id}" for one in observations}
    assert "does not diagnose" in diagnostic.conclusion
    measures = [m for test in stance.report.tests if test.status is Status.SCORED for m in test.measures]
    by_key = {one.code.coding[0].code: one for one in observations}
    assert set(by_key) == {measure.key for measure in measures}
    for measure in measures:
        found = by_key[measure.key]
        assert measure.value is not None
        assert float(found.valueQuantity.value) == pytest.approx(measure.value, abs=1e-4)
        codes = [one.coding[0].code for one in found.interpretation or []]
        assert codes == {Grade.OUTSIDE: ["A"], Grade.WITHIN: ["N"]}.get(measure.grade, [])
    drop, drop_measure = by_key["pelvic_drop_deg"], next(one for one in measures if one.key == "pelvic_drop_deg")
    assert drop_measure.value is not None
    assert drop_measure.uncertainty is not None
    assert (drop.valueQuantity.code, drop.valueQuantity.system) == ("deg", "http://unitsofmeasure.org")
    assert float(drop.referenceRange[0].high.value) == 3.0
    assert drop.referenceRange[0].low is None
    low, high = (drop_measure.value - drop_measure.uncertainty, drop_measure.value + drop_measure.uncertainty)
    assert drop.note[-1].text.startswith(f"95 % interval {low:.2f} to {high:.2f} degrees; ")
    assert drop.bodySite.text == "left leg"
    assert by_key["hold_time_s"].valueQuantity.code == "s"


def test_fhir_dates_the_examination_when_it_was_recorded_not_when_it_was_computed_again(stance: Screening) -> None:
    recorded = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    dated = stance.report.model_copy(update={"source": stance.report.source.model_copy(update={"recorded_at": recorded})})
    for report, said in ((dated, "2026-03-01T09:30:00+00:00"), (stance.report, None)):
        made = report.created_at.astimezone(UTC).isoformat(timespec="seconds")
        first, *rest = (entry["resource"] for entry in json.loads(fhir_bundle(report))["entry"])
        assert first["issued"] == made
        assert {one["effectiveDateTime"] for one in (first, *rest)} == {said or made}
    later = stance.report.model_copy(update={"created_at": stance.report.created_at + timedelta(days=1)})
    ids = [[entry["fullUrl"] for entry in json.loads(fhir_bundle(report))["entry"]] for report in (stance.report, later)]
    assert ids[0] == ids[1]
    (test,) = stance.report.tests
    other = stance.report.model_copy(update={"tests": (test.model_copy(update={"key": "single_leg_squat"}),)})
    others = {entry["fullUrl"] for entry in json.loads(fhir_bundle(other))["entry"]}
    assert not others & set(ids[0])  # another test of the same video is another report


def test_fhir_says_why_a_value_is_missing() -> None:
    screening = screened(sm.film(sm.leg_squats("left", count=3)), "single_leg_squat", side=Side.LEFT)
    (test,) = screening.report.tests
    assert test.status is Status.SCORED
    missing = test.measures[0].model_copy(
        update={"value": None, "uncertainty": None, "reason": "hidden", "grade": Grade.NOT_ASSESSED}
    )
    report = screening.report.model_copy(update={"tests": (test.model_copy(update={"measures": (missing,)}),)})
    from fhir.resources.R4B.bundle import Bundle

    observation = Bundle.model_validate_json(fhir_bundle(report)).entry[1].resource
    assert observation.valueQuantity is None
    assert observation.dataAbsentReason.text == "hidden"


@pytest.mark.parametrize(
    ("unit", "shown", "code"),
    [
        ("degrees", "degrees", "deg"),
        ("s", "s", "s"),
        ("%", "%", "%"),
        ("", "1", "1"),
        ("% of height per s", "% of height per s", None),
    ],
)
def test_fhir_gives_units_in_ucum(stance: Screening, unit: str, shown: str, code: str | None) -> None:
    (test,) = stance.report.tests
    one = test.model_copy(update={"measures": (test.measures[0].model_copy(update={"unit": unit, "value": 12.34567}),)})
    written = json.loads(fhir_bundle(stance.report.model_copy(update={"tests": (one,)})))
    quantity = written["entry"][1]["resource"]["valueQuantity"]
    coded = {"system": "http://unitsofmeasure.org", "code": code} if code else {}
    assert quantity == {"value": 12.3457, "unit": shown} | coded


def test_fhir_gives_the_end_of_the_guide_range_that_counts(stance: Screening) -> None:
    (test,) = stance.report.tests
    drop = next(measure for measure in test.measures if measure.norm is not None)
    assert drop.norm is not None
    for within, outside, end in ((3.0, 5.0, "high"), (10.0, 5.0, "low")):
        norm = drop.norm.model_copy(update={"within": within, "outside": outside})
        one = test.model_copy(update={"measures": (drop.model_copy(update={"norm": norm}),)})
        written = json.loads(fhir_bundle(stance.report.model_copy(update={"tests": (one,)})))
        (range_,) = written["entry"][1]["resource"]["referenceRange"]
        assert set(range_) == {end, "text"}
        assert range_[end]["value"] == within


def test_fhir_has_no_empty_list(stance: Screening) -> None:
    """The standard forbids them; a report in which nothing was scored has no observation."""
    nothing = tuple(test.model_copy(update={"status": Status.NOT_ASSESSED}) for test in stance.report.tests)
    for report in (stance.report, stance.report.model_copy(update={"tests": nothing})):
        waiting = [json.loads(fhir_bundle(report))]
        while waiting:
            part = waiting.pop()
            assert part not in ([], {}, "", None)
            waiting += part.values() if isinstance(part, dict) else part if isinstance(part, list) else []


def test_fhir_of_the_same_report_is_the_same(stance: Screening) -> None:
    assert fhir_bundle(stance.report) == fhir_bundle(stance.report)


def test_all_are_written_beside_the_report(stance: Screening, tmp_path: Path) -> None:
    write_report(stance, tmp_path, OutputOptions(exports=tuple(EXPORTS)))
    measured = ExportInput(stance.report, stance.series, stance.poses)
    for export in EXPORTS.values():
        if export.file != "landmarks.c3d":  # holds the moment it was written
            assert (tmp_path / export.file).read_bytes() == export.write(measured), export.file
    assert (tmp_path / "landmarks.c3d").stat().st_size > 10_000


def test_names_are_read_as_typed() -> None:
    assert wanted_exports("") == ()
    assert wanted_exports("csv") == ()
    assert wanted_exports(" TRC, mot,csv,trc ") == ("trc", "mot")


def test_an_unknown_export_is_wrong_use(console: Console, tmp_path: Path) -> None:
    golden = str(GOLDEN / "hinge_neutral.npz")
    said = console("report", golden, "--out", str(tmp_path / "new"), "--export", "trc,xlsx")
    said.require(2, "There is no export xlsx.")
    assert "trc, mot, c3d, fhir, parquet" in said.advice
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("library", "name", "what", "extra"),
    [("ezc3d", "c3d", "A C3D file", "c3d"), ("pyarrow", "parquet", "A Parquet file", "batch")],
)
def test_a_missing_library_is_said_before_the_work(
    monkeypatch: pytest.MonkeyPatch, library: str, name: str, what: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError) as caught:
        wanted_exports(name)
    assert caught.value.message == f"{what} needs {library}, which is not installed."
    assert caught.value.advice == f"Install it: {install_command(extra)}"


def test_report_writes_what_is_asked_for(console: Console, tmp_path: Path) -> None:
    said = console("report", str(GOLDEN / "hinge_neutral.npz"), "--out", str(tmp_path), "--export", "csv,trc,mot,fhir")
    assert said.code == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        *("report.json", "report.html", "timeseries.csv", "landmarks.npz"),
        *("landmarks.trc", "angles.mot", "report.fhir.json"),
    }
    assert json.loads((tmp_path / "report.fhir.json").read_text())["resourceType"] == "Bundle"
