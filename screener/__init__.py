"""A movement screen from one ordinary camera, with its uncertainty.

Public names are loaded when they are first used: mediapipe takes seconds to load, and most uses do not need it. Each is
written once, in `__init__.pyi`.

>>> import screener
>>> "single_leg_stance" in screener.TESTS
True
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
