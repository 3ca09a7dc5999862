from .errors import ScreenerError as ScreenerError
from .model.landmarks_file import load_recording as load_recording
from .model.picture import Frame as Frame
from .model.pose import PoseSequence as PoseSequence
from .model.recording import Recording as Recording
from .model.recording import Request as Request
from .model.results import ScreeningReport as ScreeningReport
from .tests_clinical import TESTS as TESTS
from .version import __version__ as __version__
from .workflow.output import write_report as write_report
from .workflow.screening import Screening as Screening
from .workflow.screening import rescreen as rescreen
from .workflow.session import Session as Session
from .workflow.session import screen as screen

__all__ = [
    "TESTS",
    "Frame",
    "PoseSequence",
    "Recording",
    "Request",
    "ScreenerError",
    "Screening",
    "ScreeningReport",
    "Session",
    "__version__",
    "load_recording",
    "rescreen",
    "screen",
    "write_report",
]
