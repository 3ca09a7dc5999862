"""Record the golden landmarks anew: real MediaPipe and the surface tracker on rendered clips, their truth beside them.

Usage: python tests/golden/record.py FOLDER [NAME ...]   (the folder of the rendered clips with their truth tables)
Only when the model, the tracker or the clips change; the suite then runs without the pose network.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from screener.model.landmarks_file import save_recording
from screener.model.recording import Request
from screener.workflow.session import screen

CLIPS = {
    "stance_left_drop9": "single_leg_stance",
    "stance_left_drop8_back": "single_leg_stance",
    "stance_right_drop12": "single_leg_stance",
    "stance_right_drop4_lean9": "single_leg_stance",
    "stance_left_stable": "single_leg_stance",
    "slsquat_left_valgus16": "single_leg_squat",
    "slsquat_right_good": "single_leg_squat",
    "hinge_neutral": "hip_hinge",
    "hinge_rounded45": "hip_hinge",
    "squat_valgus_right14": "squat",
    "glute_bridge_short_hold": "glute_bridge",
    "clamshell_40": "clamshell",
    "lunge_left_valgus10": "lunge",
    "march_hike_right8": "march",
    "hamstring_curl_vertical": "hamstring_curl",
    "sit_to_stand_slow": "sit_to_stand",
    "toe_touch_105": "toe_touch",
    "quiet_stance_shift5": "quiet_stance",
    "gait_drop_right8": "gait",
}


def main(source: Path, names: list[str]) -> None:
    here = Path(__file__).parent
    for name, test in CLIPS.items():
        if names and name not in names:
            continue
        screening = screen(source / f"{name}.mp4", Request(test=test), pictures=False)
        save_recording(screening.recording, here / f"{name}.npz")
        shutil.copy(source / f"{name}.csv", here / f"{name}.csv")
        (here / f"{name}.csv").chmod(0o644)
        print(name, screening.report.headline)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
