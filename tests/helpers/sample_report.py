"""A made-up screening with every kind of result in it."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from screener.model.picture import KeyPicture
from screener.model.pose import LANDMARK_COUNT, Floats, Landmark, Pose
from screener.model.results import (
    Asymmetry,
    Curve,
    Grade,
    MeasureResult,
    Method,
    Norm,
    Quality,
    Score,
    ScreeningReport,
    Software,
    Source,
    SourceVideo,
    Span,
    Status,
    TestResult,
    Tier,
)
from screener.model.series import Series

RATE_HZ = 20.0
GAP = Span(start_s=14.0, end_s=17.0)

DROP_NORM = Norm(
    within=3.0,
    outside=5.0,
    unit="deg",
    population="adults",
    source=Source(citation="Youdas and others 2007, pelvic-on-femoral position", doi_or_url="10.1111/example.2007"),
)
LEAN_NORM = Norm(
    within=5.0,
    outside=10.0,
    unit="deg",
    population="adults",
    source=Source(citation="Dingenen and others 2018, two-dimensional video", doi_or_url="https://example.org/2018"),
    convention=True,
)
HOLD_NORM = Norm(
    within=43.0,
    outside=30.0,
    unit="s",
    population="people of 18 to 39 years",
    source=Source(citation="Springer and others 2007, unipedal stance", doi_or_url="doi:10.1519/example.2007"),
)


def drop(value: float | None = 6.1, grade: Grade = Grade.OUTSIDE, firm: bool = False) -> MeasureResult:
    return MeasureResult(
        key="pelvic_drop_deg",
        label="Pelvic drop",
        unit="deg",
        value=value,
        uncertainty=None if value is None else 2.0,
        grade=grade,
        firm=firm,
        method=Method.LANDMARKS,
        tier=Tier.LOW,
        usable_fraction=0.943,
        norm=DROP_NORM,
        statement="The pelvis lowered on the lifted side by 6.1 ± 2.0 degrees; the guide line is 5.",
        reason="The hips were covered by the arms." if value is None else None,
    )


def lean() -> MeasureResult:
    return MeasureResult(
        key="trunk_lean_deg",
        label="Trunk lean",
        unit="deg",
        value=-2.2,
        uncertainty=1.4,
        grade=Grade.WITHIN,
        firm=True,
        method=Method.LANDMARKS,
        tier=Tier.MODERATE,
        usable_fraction=0.97,
        norm=LEAN_NORM,
        statement="The trunk leaned away from the stance leg by 2.2 ± 1.4 degrees; the guide line is 10.",
    )


def hold(value: float = 34.0, grade: Grade = Grade.WATCH) -> MeasureResult:
    return MeasureResult(
        key="hold_time_s",
        label="Hold time",
        unit="s",
        value=value,
        uncertainty=0.2,
        grade=grade,
        firm=True,
        method=Method.LANDMARKS,
        tier=Tier.HIGH,
        usable_fraction=0.97,
        norm=HOLD_NORM,
        statement="The leg was held up for 34 seconds.",
    )


def sway(value: float | None = 21.0) -> MeasureResult:
    return MeasureResult(
        key="sway_mm_per_s",
        label="Sway",
        unit="mm/s",
        value=value,
        uncertainty=None if value is None else 4.0,
        grade=Grade.NOT_ASSESSED,
        firm=False,
        method=Method.LANDMARKS,
        tier=Tier.EXPLORATORY,
        usable_fraction=0.97,
        norm=None,
        statement="The hip moved by 21 mm a second over the standing foot.",
        reason="There is no published range for sway from a camera.",
    )


def stance(side: str = "left") -> TestResult:
    left = side == "left"
    return TestResult(
        key="single_leg_stance",
        title="Single-leg stance",
        side="left" if left else "right",
        status=Status.SCORED,
        reason=None,
        score=1 if left else 3,
        summary=f"Standing on the {side} leg: the pelvis lowered by {6.1 if left else 1.8} degrees and stayed there.",
        window=Span(start_s=2.0, end_s=32.0) if left else Span(start_s=36.0, end_s=66.0),
        holds=(Span(start_s=3.0, end_s=12.0), Span(start_s=18.0, end_s=30.0)) if left else (),
        key_moment_s=10.0 if left else 50.0,
        measures=(drop(), lean(), hold(), sway()) if left else (drop(1.8, Grade.WITHIN), lean(), hold(45.0, Grade.WITHIN)),
        curves=(
            Curve(
                column="pelvic_obliquity_deg",
                measure="pelvic_drop_deg",
                label="Pelvic drop",
                sign=-1 if left else 1,
                u95_column="pelvic_obliquity_u95_deg",
            ),
        ),
    )


def squat() -> TestResult:
    return TestResult(
        key="squat",
        title="Squat",
        side="both",
        status=Status.SCORED,
        reason=None,
        score=2,
        summary="Five squats, knees a little inwards.",
        window=Span(start_s=70.0, end_s=90.0),
        repetitions=tuple(Span(start_s=71.0 + 4 * n, end_s=73.5 + 4 * n) for n in range(4)),
        measures=(drop(None, Grade.NOT_ASSESSED), hold(12.0, Grade.OUTSIDE)),
        curves=(Curve(column="knee_flexion_left_deg", measure="depth_deg", label="Knee bend, left"),),
    )


def not_assessed() -> TestResult:
    return TestResult(
        key="hip_hinge",
        title="Hip hinge",
        side="both",
        status=Status.NOT_ASSESSED,
        reason="It could not be measured because the camera saw the person from the front.",
        advice="place the camera at your side, 3 m away.",
        score=None,
        summary="Not measured.",
    )


def stopped() -> TestResult:
    return TestResult(
        key="lunge",
        title="Lunge",
        side="right",
        status=Status.STOPPED,
        reason="It was stopped because of pain.",
        score=None,
        summary="The lunge was stopped after the first repetition.",
    )


def report(file: str = "anna.mp4", tests: tuple[TestResult, ...] | None = None) -> ScreeningReport:
    return ScreeningReport(
        created_at=datetime(2026, 11, 22, 14, 5, tzinfo=UTC),
        software=Software(
            version="1.0.0",
            mediapipe="1.2.2",
            model="pose_landmarker_full",
            model_sha256="4e" * 32,
            norms_sha256="ab" * 32,
        ),
        source=SourceVideo(file=file, sha256="0f" * 32, width=640, height=480, fps=19.98, frames=1840, duration_s=92.0),
        quality=Quality(
            view="front",
            body_turn_deg=4.2,
            usable_fraction=0.9432,
            fps=19.98,
            camera_roll_deg=-1.3,
            camera_roll_u95_deg=0.6,
            camera_roll_source="standing",
            subject_height_px=388.4,
            brightness=131.0,
            side_swaps_repaired=3,
            warnings=("The feet left the picture for 1.2 seconds.",),
        ),
        headline="Standing on the left leg, the pelvis lowered more than the guide line; on the right it stayed level.",
        tests=tests if tests is not None else (stance("left"), stance("right"), squat(), not_assessed(), stopped()),
        asymmetry=(
            Asymmetry(
                test="single_leg_stance",
                measure="pelvic_drop_deg",
                label="Pelvic drop",
                unit="deg",
                left=6.1,
                right=1.8,
                difference=4.3,
                smallest_detectable=2.7,
                grade=Grade.OUTSIDE,
            ),
        ),
        score=Score(points=6, possible=9, assessed=3, of=5),
        advice=("Glute bridge: five times, two seconds at the top. Not suitable for everyone.",),
    )


def series() -> Series:
    """92 s at 20 Hz; the left hip is higher by 6 degrees from 3 s on, with a gap in the middle of the first test."""
    time_s = np.arange(0, 92, 1 / RATE_HZ)
    obliquity_deg = np.where((time_s > 3) & (time_s < 30), -6.0, 1.0) + 0.5 * np.sin(2 * np.pi * time_s / 3.0)
    obliquity_deg[(time_s >= GAP.start_s) & (time_s <= GAP.end_s)] = np.nan
    knee_deg = 5.0 + np.where(time_s > 70, 40 * (1 - np.cos(2 * np.pi * (time_s - 70.25) / 4)), 0.0)

    def all_nan() -> Floats:
        return np.full(len(time_s), np.nan)

    return Series(
        time_s=time_s,
        hip_line_deg=0.5 * obliquity_deg,
        pelvic_obliquity_deg=obliquity_deg,
        pelvic_obliquity_u95_deg=np.full(len(time_s), 2.0),
        trunk_lean_deg=np.sin(time_s),
        knee_valgus_left_deg=all_nan(),
        knee_valgus_right_deg=all_nan(),
        knee_flexion_left_deg=knee_deg,
        knee_flexion_right_deg=knee_deg,
        hip_flexion_left_deg=all_nan(),
        hip_flexion_right_deg=all_nan(),
        trunk_inclination_deg=all_nan(),
        spine_rounding_deg=all_nan(),
        knee_separation_ratio=all_nan(),
        knee_over_foot_left_pct=all_nan(),
        knee_over_foot_right_pct=all_nan(),
        body_turn_deg=all_nan(),
        stance=np.where(time_s < 34, "left", "right"),
        usable=np.isfinite(obliquity_deg),
    )


def standing_pose(width: int = 640, height: int = 480) -> Pose:
    """Facing the camera, so the person's left is at the right of the picture; every landmark seen."""
    place: dict[Landmark, tuple[float, float]] = dict.fromkeys(Landmark, (0.5, 0.16))
    mirrored = {
        "EYE": (0.012, 0.14), "EYE_INNER": (0.006, 0.14), "EYE_OUTER": (0.018, 0.14), "EAR": (0.03, 0.15),
        "SHOULDER": (0.07, 0.27), "ELBOW": (0.1, 0.4), "WRIST": (0.1, 0.52), "PINKY": (0.1, 0.55),
        "INDEX": (0.1, 0.55), "THUMB": (0.1, 0.55), "HIP": (0.045, 0.53), "KNEE": (0.045, 0.72),
        "ANKLE": (0.045, 0.9), "HEEL": (0.045, 0.92), "FOOT_INDEX": (0.06, 0.94),
    }  # fmt: skip
    for name, (out, down) in mirrored.items():
        place[Landmark[f"LEFT_{name}"]] = (0.5 + out, down)
        place[Landmark[f"RIGHT_{name}"]] = (0.5 - out, down)
    place[Landmark.MOUTH_LEFT], place[Landmark.MOUTH_RIGHT] = (0.508, 0.185), (0.492, 0.185)
    pixels = np.array([place[landmark] for landmark in Landmark]) * (width, height)
    return Pose(10.0, pixels, np.zeros((LANDMARK_COUNT, 3)), np.ones(LANDMARK_COUNT))


def key_picture() -> KeyPicture:
    noise = np.random.default_rng(7).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    caption = "Standing on the left leg at the largest drop."
    return KeyPicture("single_leg_stance", "left", 10.0, noise, standing_pose(), caption)
