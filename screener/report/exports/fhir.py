"""The report as a FHIR R4 bundle: one DiagnosticReport, one Observation a measure.

The person is not named: an app that knows the patient sets `subject`. What is measured has no LOINC codes of its own; the codes
are this program's measure keys. A grade is given as the interpretation N (within the guide range), A (outside) or IND (the
error reaches from one to the other); the range itself stands beside it with its population.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from screener.model.results import Grade, MeasureResult, Method, Norm, ScreeningReport, Status, TestResult

SYSTEM = "urn:movement-screener:measure"
_INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_CODES = {
    Grade.WITHIN: ("N", "Normal"),
    Grade.OUTSIDE: ("A", "Abnormal"),
    Grade.UNDECIDED: ("IND", "Indeterminate"),
}
_UCUM = {"degrees": "deg", "s": "s", "%": "%", "": "1"}
"""Units of measures in UCUM; a unit that it does not have stands as text alone."""
_METHOD = {
    Method.LANDMARKS: "Pose landmarks and surface of the clothes, one camera",
    Method.MARKERS: "Two stickers on the front hip bones, one camera",
    Method.SILHOUETTE: "Outline and surface of the body, one camera",
}
_NAMESPACE = uuid.UUID("6f1c9f0e-52a8-4c2f-9c0a-2f1c6a1d7b55")


def fhir_bundle(report: ScreeningReport) -> str:
    """Write a report as JSON of a FHIR R4 Bundle of type collection.

    Parameters
    ----------
    report : ScreeningReport
        The results. The same recording gives the same identifiers, also when it is recomputed.
    """
    observations = [
        _observation(report, test, measure)
        for test in report.tests
        if test.status is Status.SCORED
        for measure in test.measures
    ]
    entries = [_diagnostic_report(report, observations), *observations]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": _instant(report.created_at),
        "entry": [{"fullUrl": f"urn:uuid:{entry['id']}", "resource": entry} for entry in entries],
    }
    return json.dumps(bundle, indent=2, ensure_ascii=False) + "\n"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _recorded_at(report: ScreeningReport, recording: int = 0) -> datetime:
    """When the person moved; when the report was made where the file does not say."""
    source = report.recordings[recording].source if report.recordings else report.source
    return source.recorded_at or report.created_at


def _id(report: ScreeningReport, *parts: str) -> str:
    sources = [one.source for one in report.recordings] or [report.source]
    recorded = [one.sha256 or (one.recorded_at or report.created_at).isoformat() for one in sources]  # a camera has no file
    seed = "|".join((*recorded, *parts))
    return str(uuid.uuid5(_NAMESPACE, seed))


def _diagnostic_report(report: ScreeningReport, observations: list[dict[str, Any]]) -> dict[str, Any]:
    result = [{"reference": f"urn:uuid:{observation['id']}"} for observation in observations]
    return {
        "resourceType": "DiagnosticReport",
        "id": _id(report, *(f"{test.key} {test.side}" for test in report.tests)),
        "status": "final",
        "code": {"text": "Movement screen from one camera"},
        "effectiveDateTime": _instant(_recorded_at(report)),
        "issued": _instant(report.created_at),
        "conclusion": f"{report.headline} {report.safety}",
        **({"result": result} if result else {}),  # FHIR has no empty lists
    }


def _observation(report: ScreeningReport, test: TestResult, measure: MeasureResult) -> dict[str, Any]:
    side = "" if test.side == "both" else f", {test.side}"
    observation: dict[str, Any] = {
        "resourceType": "Observation",
        "id": _id(report, test.key, test.side, measure.key, *([str(test.recording)] if test.recording else [])),
        "status": "final",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "exam"}]},
        ],
        "code": {
            "coding": [{"system": SYSTEM, "code": measure.key, "display": measure.label}],
            "text": f"{test.title}{side}: {measure.label}",
        },
        "effectiveDateTime": _instant(_recorded_at(report, test.recording)),
        "device": {"display": f"movement-screener {report.software.version}, pose model {report.software.model}"},
        "method": {"text": _METHOD[measure.method]},
        "note": [{"text": text} for text in (measure.statement, measure.reason, _spread(measure)) if text],
    }
    if test.side != "both":
        observation["bodySite"] = {"text": f"{test.side} leg"}
    if measure.value is None:
        observation["dataAbsentReason"] = {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}],
            "text": measure.reason or "could not be measured",
        }
    else:
        observation["valueQuantity"] = _quantity(measure.value, measure.unit)
    if measure.grade in _CODES:
        code, display = _CODES[measure.grade]
        observation["interpretation"] = [{"coding": [{"system": _INTERPRETATION, "code": code, "display": display}]}]
    if measure.norm is not None:
        observation["referenceRange"] = [_range(measure.norm)]
    return observation


def _spread(measure: MeasureResult) -> str:
    if measure.value is None or measure.uncertainty is None:
        return ""
    low, high = measure.value - measure.uncertainty, measure.value + measure.uncertainty
    firm = "firm" if measure.firm else "not firm"
    unit = f" {measure.unit}" if measure.unit else ""
    return f"95 % interval {low:.2f} to {high:.2f}{unit}; confidence tier {measure.tier.value}; {firm}."


def _quantity(value: float, unit: str) -> dict[str, Any]:
    quantity: dict[str, Any] = {"value": round(value, 4), "unit": unit or "1"}
    if unit in _UCUM:
        quantity |= {"system": "http://unitsofmeasure.org", "code": _UCUM[unit]}
    return quantity


def _range(norm: Norm) -> dict[str, Any]:
    """Return the guide range: up to, or from, the limit within which a value is graded within."""
    end = "high" if norm.higher_is_worse else "low"
    return {end: _quantity(norm.within, norm.unit), "text": f"{norm.population}. {norm.source.citation}"}
