// Picture with skeleton, gauge, keys. The picture is drawn as in a mirror; letters are not.
"use strict";

const live = (() => {
  const SIDES = {left: "#40c4ff", right: "#ffb03b"}, HIPS = "#fff176", TRUNK = "#f0f4f8", CASING = "#121c26";
  // Landmarks: 11 12 shoulders, 13 14 elbows, 15 16 wrists, 23 24 hips, 25 26 knees, 27 28 ankles, 29 30 heels, 31 32 toes.
  const CHAIN = [[11, 13], [13, 15], [11, 23], [23, 25], [25, 27], [27, 29], [29, 31], [27, 31]];
  const DOTS = [11, 13, 15, 23, 25, 27];
  const RETRY_MS = 1000;
  let socket = null, current = null, drawing = false, shown = {};
  const at = (id) => document.getElementById(id);

  // --- the connection -------------------------------------------------------------------------------------------------

  function tabName() {
    let name = sessionStorage.getItem("tab");
    if (!name) sessionStorage.setItem("tab", name = crypto.randomUUID());
    return name;
  }

  function connect(take) {
    const mine = socket = new WebSocket(`ws://${location.host}/stream`);
    mine.binaryType = "arraybuffer";
    mine.onopen = () => { cover(null); send({tab: tabName(), take}); };
    mine.onmessage = ({data}) => (typeof data === "string" ? told(JSON.parse(data)) : pictured(data));
    mine.onclose = ({code}) => {
      if (mine !== socket) return;
      if (code === 4001) cover("second");
      else if (code === 4002) cover("taken");
      else { cover("gone"); setTimeout(() => connect(false), RETRY_MS); }
    };
  }

  function send(message) {
    if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  // Another tab has the screen, or the program is gone: say so over everything.
  function cover(what) {
    const dialog = at("cover") || document.body.appendChild(Object.assign(document.createElement("dialog"), {id: "cover"}));
    if (!what) { if (dialog.open) dialog.close(); return; }
    dialog.replaceChildren();
    for (const [tag, text] of [["h2", LIVE_WORDS[what]], ["p", LIVE_WORDS[`${what}_help`]]])
      dialog.appendChild(document.createElement(tag)).textContent = text;
    dialog.setAttribute("aria-label", LIVE_WORDS[what]);
    if (what === "gone" && LIVE_WORDS.home) {
      const back = dialog.appendChild(document.createElement("a"));
      Object.assign(back, {className: "button primary", textContent: LIVE_WORDS.back, href: LIVE_WORDS.home});
    }
    if (what !== "gone") {
      const here = dialog.appendChild(document.createElement("button"));
      here.className = "button primary";
      here.textContent = LIVE_WORDS.here;
      here.onclick = () => connect(true);
    }
    dialog.oncancel = (event) => event.preventDefault();
    if (!dialog.open) dialog.showModal();
    sound.hush();
  }

  // --- words and numbers ----------------------------------------------------------------------------------------------

  function told(message) {
    if (message.kind === "say") sound.say(message);
    else if (message.kind === "beep") sound.beep(message.which);
    else if (message.kind === "hush") sound.hush();
    else if (message.kind === "found") found(message);
    else if (message.kind === "ended") location.replace(LIVE_WORDS.home);
    else if (message.kind === "show") { shown = message; write(); }
  }

  function put(id, text) {
    const place = at(id);
    if (place && place.textContent !== text) place.textContent = text;
  }

  function write() {
    put("cue", shown.cue || "");
    if (at("cue")) at("cue").dataset.tone = shown.tone || "plain";
    put("count", shown.count || "");
    put("big", shown.big || "");
    put("small", shown.small || "");
    put("left", shown.left || "");
    writeGauge(shown.gauge);
  }

  function writeGauge(gauge) {
    const box = at("gauge");
    if (!box) return;
    box.classList.toggle("on", Boolean(gauge));
    if (!gauge) return;
    box.dataset.state = gauge.state;
    put("gauge-label", gauge.label);
    put("gauge-text", gauge.text);
    put("gauge-word", gauge.word);
    put("gauge-guide", gauge.guide);
    place("gauge-value", gauge.value, gauge.value);
    place("gauge-spread", gauge.from, gauge.to);
    place("gauge-limit", gauge.limit, gauge.limit);
    place("gauge-beyond", gauge.limit, gauge.limit === null ? null : 1);
  }

  function place(id, from, to) {
    const part = at(id);
    part.hidden = from === null;
    if (from === null) return;
    part.style.left = `${100 * from}%`;
    part.style.width = from === to ? "" : `${100 * (to - from)}%`;
  }

  // --- the picture ----------------------------------------------------------------------------------------------------

  async function pictured(data) {
    const length = new DataView(data).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(data, 4 + length)], {type: "image/jpeg"}));
    if (current) current.bitmap.close();
    current = {...head, bitmap};
    drawSoon();
    send({drawn: head.number});
  }

  // A skeleton that came later than its picture, drawn on the newest one.
  function found({pose, points}) {
    if (!current || pose <= current.pose) return;
    Object.assign(current, {pose, points});
    drawSoon();
  }

  function drawSoon() {
    if (!drawing) { drawing = true; requestAnimationFrame(draw); }
  }

  function draw() {
    drawing = false;
    const canvas = at("picture"), shot = current;
    if (!canvas || !shot) return;
    const {bitmap, points} = shot;
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height)
      Object.assign(canvas, {width: bitmap.width, height: bitmap.height});
    const pen = canvas.getContext("2d", {alpha: false});
    pen.setTransform(-1, 0, 0, 1, bitmap.width, 0);
    pen.drawImage(bitmap, 0, 0);
    if (points.length) body(pen, points, canvas);
    canvas.dataset.number = shot.number;
    canvas.dataset.pose = shot.pose;
  }

  function body(pen, points, canvas) {
    const unit = Math.max(1.5, Math.min(canvas.width, canvas.height) / 160);
    const middle = (a, b) => points[a] && points[b] && [(points[a][0] + points[b][0]) / 2, (points[a][1] + points[b][1]) / 2];
    const lines = [];
    for (const [side, shift] of [["left", 0], ["right", 1]])
      for (const [from, to] of CHAIN) lines.push([points[from + shift], points[to + shift], SIDES[side], unit]);
    lines.push([points[11], points[12], TRUNK, unit]);
    lines.push([middle(11, 12), middle(23, 24), TRUNK, 1.6 * unit]);
    lines.push([points[23], points[24], HIPS, 2.2 * unit]);
    const whole = lines.filter(([from, to]) => from && to);
    pen.lineCap = "round";
    for (const casing of [true, false])
      for (const [from, to, colour, width] of whole) {
        pen.strokeStyle = casing ? CASING : colour;
        pen.lineWidth = width + (casing ? unit : 0);
        pen.beginPath(); pen.moveTo(...from); pen.lineTo(...to); pen.stroke();
      }
    for (const [side, shift] of [["left", 0], ["right", 1]])
      for (const dot of DOTS) if (points[dot + shift]) {
        pen.fillStyle = SIDES[side]; pen.strokeStyle = CASING; pen.lineWidth = unit / 3;
        pen.beginPath(); pen.arc(...points[dot + shift], 1.4 * unit, 0, 7); pen.fill(); pen.stroke();
      }
    letters(pen, points, canvas, unit);
  }

  // L and R beside the hips, so that a side is known without its colour; written the right way round.
  function letters(pen, points, canvas, unit) {
    if (!points[23] || !points[24]) return;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.font = `bold ${Math.round(6 * unit)}px sans-serif`;
    pen.textAlign = "center"; pen.textBaseline = "middle"; pen.lineWidth = unit; pen.strokeStyle = CASING;
    const outwards = Math.sign(points[24][0] - points[23][0]) || 1;
    for (const [letter, point, side, way] of [["L", points[23], "left", 1], ["R", points[24], "right", -1]]) {
      const x = canvas.width - point[0] + way * outwards * 6 * unit;
      pen.fillStyle = SIDES[side];
      pen.strokeText(letter, x, point[1]); pen.fillText(letter, x, point[1]);
    }
  }

  // --- keys -----------------------------------------------------------------------------------------------------------

  const CONTROLS = "#panel button, #panel input, #panel a[href], .bar button, button.stop";
  const FORWARD = ["ArrowDown", "ArrowRight"], BACKWARD = ["ArrowUp", "ArrowLeft"];

  function controls() {
    return [...document.querySelectorAll(CONTROLS)].filter((one) => one.offsetParent !== null);
  }

  addEventListener("keydown", (event) => {
    if (at("cover") && at("cover").open) return;
    if (event.key === "Escape") { send({act: "stop"}); event.preventDefault(); return; }
    if (event.key === "PageDown") { send({act: "next"}); event.preventDefault(); return; }
    const step = FORWARD.includes(event.key) ? 1 : BACKWARD.includes(event.key) ? -1 : 0;
    if (step) {
      const all = controls(), here = all.indexOf(document.activeElement);
      const to = here < 0 ? (step > 0 ? 0 : all.length - 1) : (here + step + all.length) % all.length;
      if (all.length) all[to].focus();
      event.preventDefault();
    } else if (event.key === " " && !controls().includes(document.activeElement)) {
      const first = document.querySelector("#panel .primary");
      if (first) first.click();
      event.preventDefault();
    }
  });

  // A new panel has come: its main button gets the keys, and what was written into the old one is written again.
  function entered(recording) {
    requestAnimationFrame(() => {
      const first = document.querySelector("#panel .primary"), blocked = document.querySelector("#panel input");
      const target = first && first.getAttribute("aria-disabled") === "true" && blocked ? blocked : first || at("heading");
      if (target && !(at("cover") && at("cover").open)) target.focus({preventScroll: true});
      scrollTo(0, 0);
      write();
    });
  }

  addEventListener("DOMContentLoaded", () => connect(false));
  return {entered};
})();
