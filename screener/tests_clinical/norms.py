"""Every limit in use, in one list with its population and source, and the hash that identifies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from screener.model.recording import Person, Sex
from screener.model.results import NormRow
from screener.tests_clinical.definition import ClinicalTest

_PEOPLE = (Person(), *(Person(age, sex) for sex in Sex for age in range(18, 100)))


def norm_rows(tests: Iterable[ClinicalTest]) -> tuple[NormRow, ...]:
    """List every norm that any person can be compared with, each once."""
    rows: list[NormRow] = []
    for test in tests:
        for measure in test.measures:
            norms = [norm for person in _PEOPLE if (norm := measure.norm(person)) is not None]
            unique = {norm.model_dump_json(): norm for norm in norms}
            rows += [
                NormRow(
                    test=test.key,
                    title=test.title,
                    measure=measure.key,
                    label=measure.label,
                    tier=measure.tier,
                    norm=norm,
                )
                for norm in unique.values()
            ]
    return tuple(rows)


def norms_sha256(tests: Iterable[ClinicalTest]) -> str:
    """Checksum of all norms; it changes when a limit, a population or a source does."""
    rows = [(row.test, row.measure, row.tier.value, row.norm.model_dump(mode="json")) for row in norm_rows(tests)]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
