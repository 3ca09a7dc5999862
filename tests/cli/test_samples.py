"""The bundled clips: what the manifest says of them is true."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from screener.cli import main
from screener.cli.samples import Sample, load_samples
from screener.model.results import ScreeningReport, Status

SAMPLES = load_samples()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path.stem)
def test_the_file_is_the_one_in_the_manifest(sample: Sample) -> None:
    assert hashlib.sha256(sample.path.read_bytes()).hexdigest() == sample.sha256
    assert sample.licence in ("CC0-1.0", "BSD-3-Clause")


def test_no_clip_is_left_out(samples: Path) -> None:
    assert {sample.path.name for sample in SAMPLES} == {path.name for path in samples.glob("*.mp4")}


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path.stem)
def test_the_flags_are_the_expected_ones(sample: Sample, tmp_path: Path) -> None:
    code = main(["analyze", str(sample.path), "--test", sample.test, "--out", str(tmp_path)])
    report = ScreeningReport.model_validate_json((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report.quality.view == sample.view
    if sample.expected == "not_assessed":
        assert code == 3
        assert all(test.status is Status.NOT_ASSESSED and test.reason and test.advice for test in report.tests)
        return
    assert code == 0
    (result,) = report.tests
    assert result.side == sample.side
    grades = {measure.key: measure.grade.value for measure in result.measures}
    expected = dict(pair.split("=") for pair in sample.expected.split(";"))
    assert {key: grades[key] for key in expected} == expected
