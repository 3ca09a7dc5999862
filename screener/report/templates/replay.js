"use strict";
// Draws the skeleton of a test at a moment; the moment is tied to the slider and to the curves beside it.
const LEFT = "#1276a8", RIGHT = "#b56a00", PELVIS = "#8a6d00", INK = "#1b2733";

function nearest(times, now) {
  let low = 0, high = times.length - 1;
  while (high - low > 1) { const middle = (low + high) >> 1; if (times[middle] < now) low = middle; else high = middle; }
  return Math.abs(times[low] - now) <= Math.abs(times[high] - now) ? low : high;
}

function draw(canvas, data, index) {
  const scale = canvas.width / 1000, pen = canvas.getContext("2d"), pose = data.p[index];
  const at = point => pose[2 * point] === null ? null : [pose[2 * point] * scale, pose[2 * point + 1] * scale];
  const line = (a, b, colour, width) => {
    if (!a || !b) return;
    pen.strokeStyle = colour; pen.lineWidth = width * scale; pen.lineCap = "round";
    pen.beginPath(); pen.moveTo(a[0], a[1]); pen.lineTo(b[0], b[1]); pen.stroke();
  };
  pen.clearRect(0, 0, canvas.width, canvas.height);
  for (const [a, b] of data.across) line(at(a), at(b), INK, 4);
  for (const [a, b] of data.bones) line(at(a), at(b), data.left.includes(a) ? LEFT : RIGHT, 9);
  const head = at(0);
  if (head) { pen.fillStyle = INK; pen.beginPath(); pen.arc(head[0], head[1], 26 * scale, 0, 7); pen.fill(); }
  const hips = data.across[1].map(at);
  if (hips[0] && hips[1]) {
    const middle = [(hips[0][0] + hips[1][0]) / 2, (hips[0][1] + hips[1][1]) / 2];
    const half = Math.hypot(hips[0][0] - hips[1][0], hips[0][1] - hips[1][1]);
    pen.setLineDash([10 * scale, 12 * scale]);
    line([middle[0] - 1.6 * half, middle[1]], [middle[0] + 1.6 * half, middle[1]], INK, 2);
    pen.setLineDash([]);
    if (data.pelvis[index] !== null) {
      const turn = data.pelvis[index] / 10 * Math.PI / 180, x = 0.9 * half * Math.cos(turn), y = 0.9 * half * Math.sin(turn);
      line([middle[0] - x, middle[1] - y], [middle[0] + x, middle[1] + y], PELVIS, 14);
    }
  }
}

function start(figure) {
  const data = JSON.parse(figure.querySelector("script").textContent);
  const canvas = figure.querySelector("canvas"), slider = figure.querySelector("input"), button = figure.querySelector("button");
  const clock = figure.querySelector("output"), marks = figure.querySelector(".marks"), times = data.t;
  const [plotLeft, plotRight] = data.plot;  // where a curve's plot begins and ends in its drawing
  const first = times[0], last = times[times.length - 1], curves = [];
  let playing = 0;
  for (const [from, to] of data.spans) {
    const mark = document.createElement("span");
    mark.style.left = `${100 * (from - first) / (last - first)}%`;
    mark.style.width = `${100 * (to - from) / (last - first)}%`;
    marks.append(mark);
  }
  const show = now => {
    const index = nearest(times, now);
    slider.value = times[index];
    clock.textContent = `${(times[index] / 100).toFixed(1)} s`;
    draw(canvas, data, index);
    for (const one of curves) one.style.left = `${100 * (plotLeft + (plotRight - plotLeft) * (times[index] - first) / (last - first))}%`;
  };
  const stop = () => { cancelAnimationFrame(playing); playing = 0; button.textContent = "Play"; };
  const play = () => {
    button.textContent = "Stop";
    const begun = performance.now(), from = Number(slider.value) >= last ? first : Number(slider.value);
    const step = clockNow => {
      const now = from + (clockNow - begun) / 10;
      show(now);
      if (now < last) playing = requestAnimationFrame(step); else stop();
    };
    playing = requestAnimationFrame(step);
  };
  slider.min = first; slider.max = last;
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  button.addEventListener("click", () => playing ? stop() : play());
  for (const holder of figure.parentElement.querySelectorAll(".curve-plot")) {
    const cursor = document.createElement("span");
    cursor.className = "cursor";
    holder.append(cursor);
    curves.push(cursor);
    holder.addEventListener("pointermove", event => {
      const box = holder.getBoundingClientRect(), share = ((event.clientX - box.left) / box.width - plotLeft) / (plotRight - plotLeft);
      stop();
      show(first + Math.min(Math.max(share, 0), 1) * (last - first));
    });
  }
  figure.hidden = false;
  show(data.key === null ? first : data.key);
}

for (const figure of document.querySelectorAll(".replay")) start(figure);
