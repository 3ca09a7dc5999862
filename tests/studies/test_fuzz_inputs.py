from __future__ import annotations

import sys

import numpy as np
import pytest

if sys.platform == "win32":
    pytest.skip("the script needs processes that fork", allow_module_level=True)

from fuzz_inputs import PLAN, Outcome, Tally, changed_bytes, changed_text, table_of


def test_the_same_seed_gives_the_same_inputs_and_another_one_others() -> None:
    def made(seed: int) -> list[bytes]:
        chance = np.random.default_rng([seed, 0])
        return [change for _ in range(8) for change in (changed_bytes(bytes(2000), chance), changed_text(PLAN, chance))]

    assert made(1) == made(1) != made(2)
    assert len(set(made(1))) > 12


def test_an_input_falls_by_its_code_or_by_what_is_printed() -> None:
    assert Outcome(4, "No.\nDo this.\n", 1.0, 1).fault == ""
    assert Outcome(1, "No.\nDo this.\n", 1.0, 1).fault == "ended with 1"
    assert Outcome(-9, "", 1.0, 1).fault == "ended with -9"
    assert Outcome(0, "a\x1b[2J", 1.0, 1).fault == "steers the terminal"
    assert Outcome(0, "Traceback (most", 1.0, 1).fault == "a traceback"


def test_the_table_counts_codes_and_keeps_the_worst() -> None:
    tally = Tally()
    for outcome in (Outcome(0, "", 1.0, 10_000_000), Outcome(4, "", 3.0, 5_000_000), Outcome(1, "", 2.0, 1)):
        tally.add(outcome)
    assert table_of({"plan": tally}).splitlines()[-1] == "| plan | 3 | 1 | 0 | 0 | 1 | 1 | 10 MB | 3.0 s |"
