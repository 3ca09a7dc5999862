"""Publications that more than one test draws its limits from."""

from __future__ import annotations

from screener.model.results import Source

DINGENEN = (
    "Dingenen B, Barton C, Janssen T, Benoit A, Malliaras P. Phys Ther Sport 2018;33:40-47, doi:10.1016/j.ptsp.2018.06.009"
)
DOUBTS = (
    "A drop of the pelvis is not a weak muscle: a nerve block of the hip abductors changed no drop in nine men (Kendall 2013).",
    "What a practitioner calls a drop and what three-dimensional capture shows agree weakly, in 36 hips (McCarney 2020).",
)
"""What speaks against the rule of 5 degrees of pelvic drop, in words that the page of the limits prints."""
CLINIC_CONVENTION = Source(
    citation='Clinic convention: "the pelvis should not drop more than 5 degrees". Measurement error of a goniometer: MDC '
    "4 degrees (Youdas JW, Mraz ST, Norstad BJ, et al. Determining meaningful changes in pelvic-on-femoral position during "
    "the Trendelenburg test. J Sport Rehabil 2007;16:326-335); of 2-D video: smallest detectable difference 2.7 degrees, in 21 "
    f"runners ({DINGENEN}).",
    doi_or_url="https://doi.org/10.1123/jsr.16.4.326",
)
TRUNK_CONVENTION = Source(
    citation="Convention of this program. Smallest detectable difference of 2-D video 1.3 to 2.3 degrees, in 21 runners "
    f"({DINGENEN}).",
    doi_or_url="https://doi.org/10.1016/j.ptsp.2018.06.009",
)
HERRINGTON_MUNRO = Source(
    citation="Herrington L, Munro A. Drop jump landing knee valgus angle; normative data in a physically active population. "
    "Phys Ther Sport 2010;11:56-59 (step landing: women 5-12, men 1-9 degrees). Smallest detectable difference 8 degrees: "
    "Munro A, Herrington L, Carolan M. J Sport Rehabil 2012;21:7-11.",
    doi_or_url="https://doi.org/10.1016/j.ptsp.2009.11.004",
)
KNEE_SEPARATION = Source(
    citation="Knee separation distance in landing: Noyes FR, Barber-Westin SD, Fleckenstein C, Walsh C, West J. The drop-jump "
    "screening test: difference in lower limb control by gender and effect of neuromuscular training in female athletes. Am J "
    "Sports Med 2005;33:197-207 (there over the distance of the hips, 60 % and less called abnormal). Over the distance of the "
    "ankles 1 is a knee over its ankle; that 0.9 is outside in a squat is only a convention of this program.",
    doi_or_url="https://doi.org/10.1177/0363546504266484",
)
OVER_FOOT_CONVENTION = Source(
    citation="Convention of this program; no published norm was found. 10 and 15 % of the shank, some 4 and 6 cm, are what a "
    "projection angle of 11 and 17 degrees is in a leg that is bent by 45 to 60 degrees."
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
