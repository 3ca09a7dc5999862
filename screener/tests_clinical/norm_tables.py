"""Norms that depend on age and sex, from the CSV files in tables/."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

from screener.model.recording import Person


@dataclass(frozen=True)
class TableMatch:
    """The row of a table that fits a person."""

    within: float
    population: str


def norm_table(name: str, person: Person) -> TableMatch | None:
    """Look a person up in a table with the columns age_from, age_to, sex (empty for both), within, source.

    Parameters
    ----------
    name : str
        File in tables/.
    person : Person
        Age, and sex where the table needs it.

    Returns
    -------
    NormRow
        None where the age is not known or outside the table, or the table needs a sex that is not known.
    """
    if person.age_years is None:
        return None
    table = resources.files("screener.tests_clinical").joinpath("tables", name).read_text(encoding="utf-8")
    for row in csv.DictReader(table.splitlines()):
        of_age = int(row["age_from"]) <= person.age_years <= int(row["age_to"])
        if of_age and row["sex"] in ("", person.sex.value if person.sex else None):
            who = {"female": "women", "male": "men", "": "adults"}[row["sex"]]
            return TableMatch(float(row["within"]), f"{who} aged {row['age_from']} to {row['age_to']}")
    return None
