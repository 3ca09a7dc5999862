"""Whether a recording can be used for a test at all. A gate that fails gives a reason and a cure, never a grade."""

from __future__ import annotations

from screener.model import View
from screener.results import Quality

LEAST_RATE_HZ = 15.0
LARGEST_TURN_DEG = 15.0
LEAST_HEIGHT_PX = 100.0
DARKEST_LEVEL = 20.0
LEAST_WHOLE_BODY = 0.5
LARGEST_MOVEMENT_DEG = 3.0


def recording_gate(quality: Quality, views: tuple[View, ...], camera: str) -> tuple[str, str] | None:
    """Why a recording cannot be used for a test, and the cure.

    Parameters
    ----------
    quality : Quality
        What is known of the recording.
    views : tuple of View
        Views that the test can be seen from.
    camera : str
        Where the camera goes for the test; the cure for a wrong view.

    Returns
    -------
    reason, cure : str
        None when the recording can be used.
    """
    return next(((reason, cure) for fails, reason, cure in _checks(quality, views, camera) if fails), None)


def _checks(quality: Quality, views: tuple[View, ...], camera: str) -> tuple[tuple[bool, str, str], ...]:
    frontal = View.SIDE not in views
    view = View(quality.view)
    height = quality.subject_height_px or 0.0
    turn = quality.body_turn_deg or 0.0
    wanted = " or ".join(v.value for v in views)
    return (
        (
            view is View.UNKNOWN or quality.found_fraction < 0.2,
            "Nobody was found in the picture." if quality.found_fraction == 0 else "A person was hardly ever found.",
            "Stand two to four metres from the camera, the whole body in the picture, with light from the front.",
        ),
        (
            quality.fps == 0,
            "The video holds only one picture.",
            "Name a video of the whole movement, and check that it was copied completely.",
        ),
        (
            round(quality.fps) < LEAST_RATE_HZ,
            f"The video has {quality.fps:.0f} frames a second; angles over time need at least {LEAST_RATE_HZ:.0f}.",
            "Film at 30 frames a second.",
        ),
        (
            quality.upside_down,
            "The picture is upside down.",
            "Turn the video by 180 degrees, or hold the phone the other way up.",
        ),
        (
            quality.sideways,
            "The picture lies on its side.",
            "Turn the video by 90 degrees, or hold the phone the other way.",
        ),
        (
            quality.whole_body_fraction < LEAST_WHOLE_BODY,
            f"Head or feet are outside the picture in {100 * (1 - quality.whole_body_fraction):.0f} % of the frames.",
            "Move the camera back, or turn it, so that the whole body is in the picture.",
        ),
        (
            frontal and quality.camera_moved_deg > LARGEST_MOVEMENT_DEG,
            f"The camera turned by {quality.camera_moved_deg:.0f} degrees while it filmed, which looks like a tilting body.",
            "Put the camera on something firm.",
        ),
        (
            quality.people > 1,
            "More than one person of about the same size is in the picture, so it is not clear whom to measure.",
            "Film with one person in the picture.",
        ),
        (
            height < LEAST_HEIGHT_PX,
            f"The person is only {height:.0f} pixels tall in the picture; {LEAST_HEIGHT_PX:.0f} are needed.",
            "Move the camera closer, or film with more pixels.",
        ),
        (
            (quality.brightness or 0.0) < DARKEST_LEVEL,
            "The picture is too dark.",
            "Turn on a light in front of you, not behind.",
        ),
        (
            view not in views and not (view is View.OBLIQUE and frontal),
            f"The camera sees the body from the {view.value}; this test needs the {wanted}."
            if view is not View.OBLIQUE
            else f"The camera sees the body at an angle; this test needs the {wanted}.",
            camera,
        ),
        (
            frontal and turn > LARGEST_TURN_DEG,
            f"The body is turned by about {turn:.0f} degrees from the camera; {LARGEST_TURN_DEG:.0f} are allowed.",
            "Stand so that the camera sees you squarely, chest or back towards the lens.",
        ),
    )
