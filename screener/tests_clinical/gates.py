"""Whether a recording can be used for a test at all. A gate that fails gives a reason and advice, never a grade."""

from __future__ import annotations

from dataclasses import dataclass, replace

from screener.model.pose import View
from screener.model.results import Quality

MIN_RATE_HZ = 15.0
MIN_COUNTING_HZ = 4.0
"""From this rate on repetitions are still counted, though no angle is graded."""
COUNTABLE = ("rate", "oblique", "turn", "small")
"""Checks whose failure leaves the repetitions to be counted."""
MAX_TURN_DEG = 30.0
"""No frontal measure is given where the interval of the turn reaches beyond: a leg that bends looks like one that gives way,
and a trunk that leans forward like one that leans sideways."""
MAX_LYING_TURN_DEG = 35.0
"""The model's depth of a lying body is coarse: a clamshell squarely in front of the camera reads 19 degrees."""
MIN_HEIGHT_PX = 100.0
MIN_BRIGHTNESS = 20.0
MIN_WHOLE_BODY = 0.5
MAX_MOVEMENT_DEG = 8.0
"""A camera that turns less widens every angle that it touches by as much; where that hides the answer, it is undecided."""


@dataclass(frozen=True)
class Refusal:
    """Why a recording cannot be used, and the advice.

    Attributes
    ----------
    countable : bool
        Repetitions can be counted all the same, though no angle can be graded.
    """

    reason: str
    advice: str
    countable: bool = False


def recording_gate(
    quality: Quality, views: tuple[View, ...], camera: str, *, lying: bool = False, by_view: bool = False
) -> Refusal | None:
    """Why a recording cannot be used for a test, and the advice.

    Parameters
    ----------
    quality : Quality
        What is known of the recording.
    views : tuple of View
        Views that the test can be seen from.
    camera : str
        Where the camera goes for the test; the advice for a wrong view.
    lying : bool
        The person lies on the floor.
    by_view : bool
        Also a test that can be seen from the side is a frontal one where the camera does not stand there.

    Returns
    -------
    Refusal
        None when the recording can be used.
    """
    failed = [
        Refusal(reason, advice, countable=name in COUNTABLE)
        for name, fails, reason, advice in _checks(quality, views, camera, lying=lying, by_view=by_view)
        if fails
    ]
    return replace(failed[0], countable=all(refusal.countable for refusal in failed)) if failed else None


def _checks(
    quality: Quality, views: tuple[View, ...], camera: str, *, lying: bool, by_view: bool
) -> tuple[tuple[str, bool, str, str], ...]:
    frontal = View.SIDE not in views or (by_view and View(quality.view) is not View.SIDE)
    largest_turn = MAX_LYING_TURN_DEG if lying else MAX_TURN_DEG
    view = View(quality.view)
    height = quality.subject_height_px or 0.0
    turn = quality.largest_turn_deg
    wanted = " or ".join(v.value for v in views)
    return (
        (
            "nobody",
            view is View.UNKNOWN or quality.found_fraction < 0.2,
            "Nobody was found in the picture." if quality.found_fraction == 0 else "A person was found in very few frames.",
            "Stand two to four metres from the camera, the whole body in the picture, with light from the front.",
        ),
        (
            "one picture",
            quality.fps == 0,
            "The video contains only one picture.",
            "Use a video of the whole movement, and check that it was copied completely.",
        ),
        (
            "rate",
            round(quality.fps) < MIN_RATE_HZ,
            f"The video has {quality.fps:.0f} frames a second; angles over time need at least {MIN_RATE_HZ:.0f}.",
            "Film at 30 frames a second.",
        ),
        (
            "rate for counting",
            quality.fps < MIN_COUNTING_HZ,
            f"The video has {quality.fps:.0f} frames a second.",
            "Film at 30 frames a second.",
        ),
        (
            "upside down",
            quality.upside_down,
            "The picture is upside down.",
            "Turn the video by 180 degrees, or hold the phone the other way up.",
        ),
        (
            "sideways",
            quality.sideways and not lying,
            "The picture is turned on its side.",
            "Turn the video by 90 degrees, or hold the phone the other way.",
        ),
        (
            "not lying",
            lying and not quality.sideways,
            "Nobody was seen lying on the floor.",
            f"Lie down as described before the recording starts. {camera}",
        ),
        (
            "framing",
            quality.whole_body_fraction < MIN_WHOLE_BODY,
            f"Head or feet are outside the picture in {100 * (1 - quality.whole_body_fraction):.0f} % of the frames.",
            "Move the camera back, or turn it, so that the whole body is in the picture.",
        ),
        (
            "moved",
            frontal and quality.camera_moved_deg > MAX_MOVEMENT_DEG,
            f"The camera turned by {quality.camera_moved_deg:.0f} degrees while it filmed, which looks as if the body tilted.",
            "Put the camera on something firm.",
        ),
        (
            "people",
            quality.people > 1,
            "More than one person of about the same size is in the picture, so it is not clear whom to measure.",
            "Film with only one person in the picture.",
        ),
        (
            "small",
            height < MIN_HEIGHT_PX,
            f"The person is only {height:.0f} pixels tall in the picture; {MIN_HEIGHT_PX:.0f} are needed.",
            "Move the camera closer, or film at a higher resolution.",
        ),
        (
            "dark",
            (quality.brightness or 0.0) < MIN_BRIGHTNESS,
            "The picture is too dark.",
            "Turn on a light in front of you, not behind.",
        ),
        (
            "oblique" if view is View.OBLIQUE else "view",
            view not in views and not (view is View.OBLIQUE and frontal),
            f"The camera sees the body from the {view.value}; this test needs a view from the {wanted}."
            if view is not View.OBLIQUE
            else f"The camera sees the body at an angle; this test needs a view from the {wanted}.",
            camera,
        ),
        (
            "turn",
            frontal and turn > largest_turn,
            f"The body is turned by about {quality.body_turn_deg or 0.0:.0f} degrees away from the camera, up to {turn:.0f} "
            f"with the error; at most {largest_turn:.0f} are allowed.",
            "Turn so that the camera sees you squarely, chest or back towards the lens.",
        ),
    )
