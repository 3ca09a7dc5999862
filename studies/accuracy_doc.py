"""Write the tables of docs/accuracy.md anew.

Usage: python studies/accuracy_doc.py FOLDER   (clips with truth tables; see `screener validate`)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from page_parts import replaced

from screener.cli import main as screener

DOCUMENT = Path(__file__).parent.parent / "docs" / "accuracy.md"
BEGIN, END = "<!-- begin generated -->", "<!-- end generated -->"


def main(clips: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        code = screener(["validate", str(clips), "--out", folder])
        if code != 0:
            raise SystemExit(code)
        tables = (Path(folder) / "accuracy.md").read_text(encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(replaced(text, BEGIN, END, tables), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
