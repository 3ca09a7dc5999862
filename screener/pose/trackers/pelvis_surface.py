"""Rotation of the pelvis in the image, from the cloth or skin that moves with it.

MediaPipe's hip line follows the trunk more than the pelvis. This tracker looks at the surface: a band over the pelvis,
from about the front hip bones to the iliac crest, is cut at a fixed size per torso length and aligned as a whole to the
first frame of the segment and to a few keyframes by an affine warp (efficient second-order minimisation, Benhimane and
Malis, IROS 2004, robust weights): no drift. Rotation is read from the vertical motion alone, ``atan2(dv/dx, dv/dy)``:
a trunk that shears the band sideways and a flat surface that turns about the vertical leave it as it is.
It measures the surface: a loose shirt, or a waistband pushed up by a raised thigh, turns otherwise than the bone.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pixels = NDArray[np.float32]

SHOULDERS = [11, 12]
HIPS = [23, 24]
FOREARMS = ((13, 15), (14, 16))
THIGHS = ((23, 25), (24, 26))

# Geometry, in torso lengths (mid-hip to mid-shoulder, about 0.5 m) from the mid-hip, y down.
TORSO_PX = 112.0  # size of a torso in the crop
MIN_TORSO_PX = 32.0  # smallest one in the picture
BAND_TOP = -0.32
BAND_BOTTOM = -0.08
BAND_HALF_WIDTH = 0.40
RAMP = 0.04
MARGIN = 0.25
ARM_RADIUS = 0.07
HAND_REACH = 0.4
THIGH_RADIUS = 0.13
THIGH_START = 0.12
THIGH_RAISED = 0.55
FINE = 0.0045  # blurs of the band-pass
COARSE = 0.0375

# Alignment, in crop pixels and grey levels.
ITERATIONS = 6
SETTLED_PX = 0.02
PIXEL_NOISE = 3.0
EDGE_NOISE_PX = 0.15
CAUCHY = 3.0
CORRELATED_PX = 4.0
PRIOR_STRETCH = 0.004  # 1-sigma of what a warp may do beside rotate and shift
PRIOR_SHEAR = 0.004
PRIOR_SCALE = 0.008
BLOCKS_X = 6
BLOCKS_Y = 2
MEMORY_S = 0.22  # how long a key remembers which of its pixels move with it

# Trust. The factors of the spread are the only fitted numbers: squared errors on rendered people against three causes.
DISAGREEMENT_FACTOR = 2.0
UNEXPLAINED_DEG = 3.5
LOST_TEXTURE_DEG = 3.0
SMALL_TORSO_DEG = 4.0
SHARP_TORSO_PX = 80.0
GRIP_FACTOR = 1.1
FLOOR_DEG = 0.1
INNER = 0.65  # inner: no outline
KEEP_CORRELATION = 0.5
GOOD_CORRELATION = 0.9
NEW_KEY_CORRELATION = 0.85
MIN_USABLE = 0.35
MAX_SPREAD_DEG = 5.0
MAX_STRETCH = 1.6
MAX_KEYS = 8
GIVE_UP_S = 0.3


@dataclass(frozen=True)
class SurfaceReading:
    """Rotation of the pelvis surface in one frame.

    `rotation_deg` counts from the first frame of `segment`, + = clockwise on the screen. `segment` grows by one each
    time tracking starts anew: different segments have different zeros. `u_deg`: 1-sigma uncertainty against the
    start of the segment. Both are NaN when lost. `features`: textured pixels of the band that agree with the warp.
    """

    rotation_deg: float
    segment: int
    u_deg: float
    features: int


@dataclass(frozen=True)
class _Warp:
    """Band coordinates, from the band's centre, to crop coordinates, from the crop's: ``linear @ x + shift``."""

    linear: Floats
    shift: Floats

    @property
    def rotation(self) -> float:
        """Radians, from the vertical motion alone."""
        return float(np.arctan2(self.linear[1, 0], self.linear[1, 1]))


UNMOVED = _Warp(np.eye(2), np.zeros(2))


@dataclass(frozen=True)
class _SurfaceKeyframe:
    """A frame to align to, straightened to the segment's first frame. `agreement` is a running mean, kept in place."""

    texture: Pixels
    gradient: tuple[Pixels, Pixels]
    usable: Pixels
    agreement: Pixels
    rotation: float
    variance: float  # radians squared


@dataclass(frozen=True)
class _System:
    """Normal equations of one alignment step and how far to trust them."""

    hessian: Floats  # (6, 6)
    pixel_pull: Pixels  # (N, 6)
    correlation: float
    agreement: Pixels  # (N,), 0 to 1
    features: int
    explained: float  # correlation of the cloth between the outlines: what is lost of its texture shows here
    inner_grip: float  # what the cloth between the outlines says of dv/dx, 1 / radians squared


@dataclass(frozen=True)
class _Fit:
    key: _SurfaceKeyframe
    warp: _Warp
    variance: float  # radians squared, of this alignment and of the key it is tied to
    system: _System


class _Band:
    """The fixed pixel grid of the band."""

    def __init__(self) -> None:
        width, height = round(2 * BAND_HALF_WIDTH * TORSO_PX), round((BAND_BOTTOM - BAND_TOP) * TORSO_PX)
        margin = round(MARGIN * TORSO_PX)
        self.size, self.crop_size = (width, height), (width + 2 * margin, height + 2 * margin)
        self.middle = np.s_[margin : margin + height, margin : margin + width]
        self.centre = np.array([(width - 1) / 2, (height - 1) / 2])
        self.crop_centre = self.centre + margin
        x, y = np.meshgrid(np.arange(width) - self.centre[0], np.arange(height) - self.centre[1])
        self.x, self.y = np.float32(x).ravel(), np.float32(y).ravel()
        self.inner = (np.abs(self.x) < INNER * self.centre[0]).astype(np.float32)
        self.inner_lever = self.inner * self.x**2
        inset = np.minimum(width / 2 - np.abs(x), height / 2 - np.abs(y))
        self.window = np.clip(inset / (RAMP * TORSO_PX), 0, 1).astype(np.float32)
        column, row = (x + width / 2) * BLOCKS_X // width, (y + height / 2) * BLOCKS_Y // height
        self.block = (column + BLOCKS_X * row).ravel().astype(np.intp)

    def sample(self, image: Pixels, warp: _Warp) -> Pixels:
        offset = warp.shift + self.crop_centre - warp.linear @ self.centre
        return _resample(image, np.column_stack([warp.linear, offset]), self.size)


def _resample(image: NDArray[np.uint8] | Pixels, matrix: Floats, size: tuple[int, int]) -> Pixels:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _gradient(image: Pixels) -> tuple[Pixels, Pixels]:
    x, y = cv2.Scharr(image, cv2.CV_32F, 1, 0, scale=1 / 32), cv2.Scharr(image, cv2.CV_32F, 0, 1, scale=1 / 32)
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def _bandpass(image: Pixels) -> Pixels:
    """Remove shading, which stays with the light and not with the cloth, and the finest noise."""
    fine = cv2.GaussianBlur(image, (0, 0), FINE * TORSO_PX)
    return np.asarray(fine - cv2.GaussianBlur(image, (0, 0), COARSE * TORSO_PX), np.float32)


def _usable_mask(points: Floats, size: tuple[int, int]) -> Pixels:
    """1 where a crop may show the pelvis, 0 on forearms, hands, raised thighs. `points`: landmarks in crop pixels."""
    mask = np.ones(size[::-1], np.float32)
    limbs = [(points[e], points[w] + HAND_REACH * (points[w] - points[e]), ARM_RADIUS) for e, w in FOREARMS]
    for hip, knee in THIGHS:
        if points[knee, 1] - points[hip, 1] < THIGH_RAISED * TORSO_PX:
            limbs.append((points[hip] + np.array([0.0, THIGH_START * TORSO_PX]), points[knee], THIGH_RADIUS))
    for start, end, radius in limbs:
        if np.isfinite([start, end]).all():
            ends = np.clip([start, end], -1e4, 1e4).astype(int).tolist()
            cv2.line(mask, ends[0], ends[1], 0.0, round(2 * radius * TORSO_PX))
    return mask


def _prior(linear: Floats) -> tuple[Floats, Floats]:
    """Weak pull towards a similarity: a plain waistband leaves stretch and shear open. The rotation is left free."""
    angle = np.arctan2(linear[1, 0], linear[1, 1])
    straight = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) @ linear
    rows = np.array([[1.0, 0, 0, -1, 0, 0], [0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0]])
    miss = np.array([straight[0, 0] - straight[1, 1], straight[0, 1], straight[1, 1] - 1])
    sigma = np.array([PRIOR_STRETCH, PRIOR_SHEAR, PRIOR_SCALE])
    return rows.T @ (rows / sigma[:, None] ** 2), -rows.T @ (miss / sigma**2)


def _linearise(band: _Band, key: _SurfaceKeyframe, crop: Pixels, warp: _Warp) -> _System | None:
    """Robust normal equations around a warp; None when too little of the band is in sight."""
    seen, usable_now = cv2.split(band.sample(crop, warp))
    in_sight = usable_now * key.usable
    if in_sight.sum() < MIN_USABLE * band.window.sum():
        return None
    usable = (in_sight * key.agreement).ravel()
    now_x, now_y = _gradient(seen)
    gx, gy = ((key.gradient[0] + now_x) / 2).ravel(), ((key.gradient[1] + now_y) / 2).ravel()
    old, new = key.texture.ravel(), seen.ravel()
    both, old_power, new_power = (float(usable @ (a * b)) for a, b in ((old, new), (old, old), (new, new)))
    error = np.float32(np.clip(both / (old_power + 1e-6), 0.6, 1.6)) * old - new
    edge = (gx * gx + gy * gy) * np.float32(EDGE_NOISE_PX**2)
    noise = edge + np.float32(PIXEL_NOISE**2)
    scaled = np.abs(error) / np.sqrt(noise)
    scale = max(1.0, 1.4826 * float(np.median(scaled[in_sight.ravel() > 0.02])))
    agreement = 1 / (1 + (scaled / np.float32(CAUCHY * scale)) ** 2)
    weight = usable * agreement / (noise * np.float32(scale**2 * CORRELATED_PX))
    jacobian = np.stack([gx * band.x, gx * band.y, gy * band.x, gy * band.y, gx, gy], axis=1)
    weighted = jacobian * weight[:, None]
    features = np.count_nonzero((edge > 0.05 * PIXEL_NOISE**2) & (usable * agreement > 0.5))
    inner_grip = float(
        np.sum(weight * band.inner_lever * key.gradient[1].ravel() * now_y.ravel())
    )  # noise, which differs, drops out
    correlation = both / float(np.sqrt(old_power * new_power) + 1e-9)
    cloth = usable * band.inner
    explained = float(cloth @ (old * new) / (np.sqrt((cloth @ (old * old)) * (cloth @ (new * new))) + 1e-9))
    hessian = (weighted.T @ jacobian).astype(np.float64) + _prior(warp.linear)[0] + 1e-4 * np.eye(6)
    return _System(hessian, weighted * error[:, None], correlation, agreement, int(features), explained, max(inner_grip, 0.0))


def _rotation_variance(band: _Band, system: _System) -> float:
    """Radians squared: disagreement of blocks (cluster-robust), texture left unexplained, little texture to hold."""
    blocks = BLOCKS_X * BLOCKS_Y
    pulls = np.stack([np.bincount(band.block, column, blocks) for column in system.pixel_pull.T], axis=1)
    lever = np.linalg.inv(system.hessian)[2]
    disagreement = float(np.sum((lever @ (pulls - pulls.mean(axis=0)).T) ** 2)) * blocks / (blocks - 3)
    unexplained = float(np.radians(UNEXPLAINED_DEG)) ** 2 * (1 - system.correlation)
    lost = (float(np.radians(LOST_TEXTURE_DEG)) * (1 - system.explained)) ** 2
    return DISAGREEMENT_FACTOR**2 * disagreement + unexplained + lost + GRIP_FACTOR**2 / (system.inner_grip + 1e-9)


def _align(band: _Band, key: _SurfaceKeyframe, crop: Pixels, warp: _Warp) -> _Fit | None:
    """Warp that takes the key's band to the crop, found from a first guess; None where it cannot be trusted."""
    system = None
    for _ in range(ITERATIONS):
        if (system := _linearise(band, key, crop, warp)) is None:
            break
        pull = system.pixel_pull.sum(axis=0, dtype=np.float64) + _prior(warp.linear)[1]
        step = np.linalg.solve(system.hessian, pull)
        change = step[:4].reshape(2, 2)
        warp = _Warp(warp.linear @ (np.eye(2) + change), warp.shift + warp.linear @ step[4:])
        if max(np.abs(change).max() * band.centre[0], np.abs(step[4:]).max()) < SETTLED_PX:
            break
    if system is None:
        return None
    scales = np.linalg.svd(warp.linear, compute_uv=False)
    fit = _Fit(key, warp, key.variance + _rotation_variance(band, system), system)
    sure = system.correlation > KEEP_CORRELATION and fit.variance < np.radians(MAX_SPREAD_DEG) ** 2
    return fit if sure and 1 / MAX_STRETCH < scales[1] <= scales[0] < MAX_STRETCH else None


class SurfaceTracker:
    """Follows the pelvis surface through a stream of frames, with bounded memory and time per frame."""

    def __init__(self) -> None:
        self._band = _Band()
        self._segment, self._seen_s = 0, 0.0
        self._restart()

    def update(self, rgb: NDArray[np.uint8], pixels: NDArray[np.float64], time_s: float) -> SurfaceReading:
        """Read one frame; NaN where the surface was not found.

        Parameters
        ----------
        rgb : (H, W, 3) uint8
        pixels : (33, 2) float
            MediaPipe landmarks, x right, y down; all NaN where nobody was found. Left and right may be swapped.
        time_s : float
            Time of the frame.
        """
        torso_px = float(np.hypot(*(pixels[SHOULDERS].mean(axis=0) - pixels[HIPS].mean(axis=0))))
        if not torso_px > MIN_TORSO_PX:
            return self._miss(time_s)
        crop = self._cut(rgb, pixels, torso_px)
        if not self._keys:
            self._seen_s = time_s
            self._add_key(crop, UNMOVED, 0.0)
        fits = self._fits(crop)
        if not fits:
            return self._miss(time_s)
        best = min(fits, key=lambda fit: fit.variance)
        elapsed_s, self._seen_s = max(time_s - self._seen_s, 0.0), time_s
        self._misses, self._warp = 0, best.warp
        memory = best.key.agreement.reshape(-1)  # a view
        memory += (1.0 - np.exp(-elapsed_s / MEMORY_S)) * (best.system.agreement - memory)
        if max(fit.system.correlation for fit in fits) < NEW_KEY_CORRELATION:
            self._add_key(crop, best.warp, best.variance)
        small = SMALL_TORSO_DEG * max(0.0, 1.0 - torso_px / SHARP_TORSO_PX)
        spread = float(np.hypot(np.degrees(np.sqrt(best.variance)), FLOOR_DEG + small))
        return SurfaceReading(float(np.degrees(best.warp.rotation)), self._segment, spread, best.system.features)

    def _restart(self) -> None:
        self._keys: list[_SurfaceKeyframe] = []
        self._warp, self._misses = UNMOVED, 0
        self._axis: Pixels | None = None

    def _miss(self, time_s: float) -> SurfaceReading:
        self._misses += 1
        if self._keys and time_s - self._seen_s > GIVE_UP_S:
            self._restart()
            self._segment += 1
        return SurfaceReading(np.nan, self._segment, np.nan, 0)

    def _cut(self, rgb: NDArray[np.uint8], pixels: Floats, torso_px: float) -> Pixels:
        """Surroundings of the pelvis at TORSO_PX pixels a torso, (H, W, 2): band-passed texture, usable from 0 to 1."""
        zoom = torso_px / TORSO_PX
        middle = pixels[HIPS].mean(axis=0) + np.array([0.0, (BAND_TOP + BAND_BOTTOM) / 2 * torso_px])
        origin = middle - zoom * self._band.crop_centre
        colours = _resample(rgb, np.column_stack([zoom * np.eye(2), origin]), self._band.crop_size)
        if self._axis is None:  # the mixture of red, green and blue that shows the most texture
            samples = _bandpass(colours)[self._band.middle].reshape(-1, 3)
            self._axis = (0.75 * np.linalg.eigh(samples.T @ samples)[1][:, -1]).astype(np.float32)
        usable = _usable_mask((pixels - origin) / zoom, self._band.crop_size)
        x, y = (origin[axis] + zoom * np.arange(self._band.crop_size[axis]) for axis in (0, 1))
        usable[:, (x < 0) | (x > rgb.shape[1] - 1)] = 0
        usable[(y < 0) | (y > rgb.shape[0] - 1)] = 0
        return np.dstack([_bandpass(colours @ self._axis), usable])

    def _add_key(self, crop: Pixels, warp: _Warp, variance: float) -> None:
        if len(self._keys) == MAX_KEYS:
            del self._keys[1]
        texture, usable = cv2.split(self._band.sample(crop, warp))
        seen = _gradient(texture), usable * self._band.window, np.ones_like(usable)
        self._keys.append(_SurfaceKeyframe(texture, *seen, warp.rotation, variance))

    def _fits(self, crop: Pixels) -> list[_Fit]:
        """Align to the first frame and, unless that is convincing, to the keyframe of the most similar rotation."""
        guess = self._warp if self._misses % 2 == 0 else UNMOVED
        first = _align(self._band, self._keys[0], crop, guess)
        if len(self._keys) == 1 or (first is not None and first.system.correlation > GOOD_CORRELATION):
            return [first] if first else []
        nearest = min(self._keys[1:], key=lambda key: abs(key.rotation - guess.rotation))
        second = _align(self._band, nearest, crop, guess)
        return [fit for fit in (first, second) if fit is not None]
