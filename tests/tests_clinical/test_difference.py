from __future__ import annotations

import pytest

from screener.tests_clinical.difference import difference


@pytest.mark.parametrize(
    ("second", "u95", "limit", "expected"),
    [(6.0, 3.0, 0.0, True), (4.2, 3.0, 0.0, False), (6.0, 1.0, 6.0, False), (6.1, 1.0, 6.0, True), (-6.1, 1.0, 6.0, True)],
)
def test_a_change_exceeds_both_the_error_and_the_smallest_detectable(
    second: float, u95: float, limit: float, expected: bool
) -> None:
    assert difference(0.0, second, u95, u95, limit).is_change is expected


def test_it_is_the_second_minus_the_first_with_the_error_of_both() -> None:
    found = difference(2.0, 5.0, 3.0, 4.0, 1.0)
    assert (found.value, found.u95, found.needed) == (3.0, 5.0, 5.0)


@pytest.mark.parametrize(("first", "second"), [(None, 1.0), (1.0, None)])
def test_without_an_error_nothing_is_said(first: float | None, second: float | None) -> None:
    assert difference(0.0, 50.0, first, second, 2.0).is_change is None
