"""Publications that more than one test draws its limits from."""

from __future__ import annotations

from screener.model.results import Source

CLINIC_CONVENTION = Source(
    citation='Clinic convention: "the pelvis should not drop more than 5 degrees". Measurement error of a goniometer: MDC '
    "4 degrees (Youdas JW, Mraz ST, Norstad BJ, et al. Determining meaningful changes in pelvic-on-femoral position during "
    "the Trendelenburg test. J Sport Rehabil 2007;16:326-335); of 2-D video: smallest detectable difference 2.7 degrees "
    "(Dingenen B, Staes FF, Santermans L, et al. Phys Ther Sport 2018).",
    doi_or_url="https://doi.org/10.1123/jsr.16.4.326",
)
TRUNK_CONVENTION = Source(
    citation="Convention of this program. Smallest detectable difference of 2-D video 1.3 to 2.3 degrees (Dingenen B, Staes "
    "FF, Santermans L, et al. Are two-dimensional measured frontal plane angles related to three-dimensional measured "
    "kinematic profiles during running? Phys Ther Sport 2018)."
)
HERRINGTON_MUNRO = Source(
    citation="Herrington L, Munro A. Drop jump landing knee valgus angle; normative data in a physically active population. "
    "Phys Ther Sport 2010;11:56-59 (step landing: women 5-12, men 1-9 degrees). Smallest detectable difference 8 degrees: "
    "Munro A, Herrington L, Carolan M. J Sport Rehabil 2012;21:7-11.",
    doi_or_url="https://doi.org/10.1016/j.ptsp.2009.11.004",
)
PROGRAM_CONVENTION = Source(citation="Convention of this program; no published norm was found.")
WEIGHT_CONVENTION = Source(
    citation="Convention of this program; no published norm was found. In quiet standing an offset of 10 % of the distance "
    "between the feet goes with 60 : 40 per cent of the weight on the legs, one of 15 % with 65 : 35."
)
MARCH_CONVENTION = Source(
    citation="Convention of this program; no published norm was found. Not the Gillet test, in which a hand on the bones feels "
    "how they move."
)
