"use strict";
// Keys, the lock of an idle screen, and uploads. Every page works without it but the upload.

const COUNT_S = 5;
const LONGEST_S = 300;

const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !document.body.matches(".inside")) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    const search = document.querySelector("#search");
    if (search) { search.focus(); search.select(); } else location.href = "/people#search";
    return;
  }
  const field = event.key.length === 1 && document.querySelector(`[data-focus="${CSS.escape(event.key)}"]`);
  if (field) { event.preventDefault(); field.focus(); return; }
  const named = event.key.length === 1 && document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (named) { event.preventDefault(); named.click(); } else if (event.key === "n") location.href = "/people/new";
});

// Enter in an unchanged search opens the first person found.
const search = document.querySelector("[data-search]");
if (search) {
  if (search.value || location.hash === "#search") search.focus();
  search.form.addEventListener("submit", (event) => {
    const first = document.querySelector("[data-first]");
    if (first && search.value && search.value === search.defaultValue && event.submitter?.matches(".button") && document.activeElement === search) {
      event.preventDefault();
      location.href = first.href;
    }
  });
}

document.querySelectorAll("[data-ask]").forEach((form) =>
  form.addEventListener("submit", (event) => { if (!confirm(form.dataset.ask)) event.preventDefault(); }));

// The server decides when the screen locks; the page only covers what it shows, and says that someone types or is being recorded.
const CHECK_MS = 10000;
if (document.body.matches(".inside")) {
  let typed = false;
  addEventListener("input", () => { typed = true; });
  const check = async () => {
    const asked = typed || document.querySelector("[data-stop]:not([hidden])") ? "/here" : "/presence";
    typed = false;
    try {
      const answer = await fetch(asked, { cache: "no-store" });
      if (answer.redirected || (await answer.json()) !== "here") {
        document.body.classList.add("covered");
        location.replace(`/locked?next=${encodeURIComponent(location.pathname)}`);
      }
    } catch { /* the station is not reachable: the next check tells */ }
  };
  setInterval(check, CHECK_MS);
  addEventListener("pageshow", (event) => { if (event.persisted) check(); });
}

// What is typed into a comment goes to the station's memory, so that a screen that locks does not lose it.
const DRAFT_MS = 700;
for (const form of document.querySelectorAll("[data-draft]")) {
  let waiting = 0;
  const keep = () => {
    clearTimeout(waiting);
    waiting = 0;
    fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true }).catch(() => {
      waiting = setTimeout(keep, CHECK_MS); // the station is not reachable: again, and the cover of the screen tells
    });
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, DRAFT_MS); });
  form.addEventListener("submit", () => { clearTimeout(waiting); waiting = 0; });
  addEventListener("pagehide", () => { if (waiting) keep(); });
}

// A table that is wider than its window can be moved with the keys.
const reach = () => document.querySelectorAll(".list").forEach((table) => { if (table.scrollWidth > table.clientWidth) table.tabIndex = 0; });
reach();
addEventListener("resize", reach);

const intake = document.querySelector("[data-intake]");
const jobs = document.querySelector("[data-jobs]");

const line = () => { const p = document.createElement("p"); jobs.append(p); return p; };
const failed = (p, words) => { p.textContent = words; p.className = "bad"; };

const plural = (count) => (count === 1 ? "1 video is" : `${count} videos are`);
const waits = (state) => (state.ahead ? `Waiting to be measured: ${plural(state.ahead)} measured before it.` : "Waiting to be measured.");

const follow = async (key, p) => {
  const address = `/jobs/${encodeURIComponent(key)}`;
  const words = document.createElement("span");
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.className = "button small";
  cancel.textContent = "Cancel";
  cancel.addEventListener("click", () => {
    cancel.disabled = true;
    fetch(`${address}/cancel`, { method: "POST", body: new URLSearchParams({ csrf: intake.dataset.csrf }) });
  });
  p.replaceChildren(words, " ", cancel);
  for (;;) {
    const state = await (await fetch(address, { cache: "no-store" })).json();
    if (state.problem) return failed(p, state.problem);
    if (state.done) return location.replace(`${location.pathname}?said=imported`);
    words.textContent = state.seconds ? `Measuring: ${state.seconds.toFixed(0)} s of the video are done.` : waits(state);
    await new Promise((wake) => setTimeout(wake, 1000));
  }
};

if (jobs) jobs.dataset.jobs.split(" ").filter(Boolean).forEach((key) => follow(key, line()));

if (intake) {
  const side = intake.elements.side;
  const fit = () => { const one = intake.elements.test.selectedOptions[0].dataset.sides === "one"; if (one) side.value = "auto"; side.disabled = one; };
  intake.elements.test.addEventListener("change", fit);
  fit();
  const send = (file, name, more = {}) => {
    const button = intake.querySelector("button:not([formaction])");
    const p = line();
    const wanted = new URLSearchParams({ ...more, name, test: intake.elements.test.value, side: side.value });
    for (const box of ["stickers", "keep"]) if (intake.elements[box].checked) wanted.set(box, "true");
    const sending = new XMLHttpRequest();
    sending.open("POST", `${intake.dataset.intake}?${wanted}`);
    sending.setRequestHeader("x-csrf", intake.dataset.csrf);
    sending.upload.onprogress = (sent) => { p.textContent = `Uploading: ${Math.round((100 * sent.loaded) / sent.total)} %`; };
    sending.onerror = () => { button.disabled = false; failed(p, "The upload was interrupted. Choose the video again."); };
    sending.onload = () => {
      button.disabled = false;
      let answer = { problem: "The station did not take the video. Load the page again." };
      try { answer = JSON.parse(sending.responseText); } catch { /* not an answer of ours: the sentence above is shown */ }
      if (answer.problem) failed(p, answer.problem); else { intake.elements.video.value = ""; follow(answer.job, p); }
    };
    button.disabled = true;
    p.textContent = "Uploading.";
    sending.send(file);
  };
  intake.addEventListener("submit", (event) => {
    if (event.submitter?.formAction.includes("/guide")) return; // goes to the station as any form does
    event.preventDefault();
    const file = intake.elements.video.files[0];
    send(file, file.name);
  });
  camera(send);
}

// The camera of this device: what it records goes the way of every video, and is nowhere else.
function camera(send) {
  const box = document.querySelector(".camera");
  const open = document.querySelector("[data-record]");
  if (!navigator.mediaDevices || !window.MediaRecorder) return; // the browser gives a camera to secure pages only
  open.hidden = false;
  const [video, count] = [box.querySelector("video"), box.querySelector(".count")];
  const [begin, finish, stop, away] = ["begin", "finish", "stop", "away"].map((name) => box.querySelector(`[data-${name}]`));
  let stream = null;
  let recorder = null;
  let ticking = 0;

  const shown = (running) => { begin.hidden = running; away.hidden = running; finish.hidden = !recorder; stop.hidden = !running; };
  const off = () => { clearInterval(ticking); stream?.getTracks().forEach((track) => track.stop()); stream = null; recorder = null; box.close(); count.textContent = ""; };
  const end = (more) => {
    clearInterval(ticking);
    if (!recorder) { count.textContent = ""; shown(false); return; }
    recorder.onstop = () => { const clip = new Blob(parts, { type: "video/webm" }); off(); send(clip, "camera.webm", more); };
    recorder.stop();
  };
  let parts = [];

  open.addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, min: 15 } }, audio: false });
    } catch (error) {
      failed(line(), `The camera cannot be used (${error.name}). Plug it in, close other programs that use it, and allow it in the browser.`);
      return;
    }
    video.srcObject = stream;
    await video.play();
    box.showModal();
    shown(false);
    begin.focus();
  });
  begin.addEventListener("click", () => {
    let left = COUNT_S;
    const record = () => {
      parts = [];
      recorder = new MediaRecorder(stream, { mimeType: "video/webm", videoBitsPerSecond: 6e6 });
      recorder.ondataavailable = (event) => { if (event.data.size) parts.push(event.data); };
      recorder.start(1000);
      count.classList.add("running");
      shown(true);
      finish.focus();
    };
    count.classList.remove("running");
    count.textContent = left;
    ticking = setInterval(() => {
      left -= 1;
      if (left === 0) record();
      if (left <= 0) count.textContent = `● ${-left} s`;
      else count.textContent = left;
      if (-left >= LONGEST_S) end({});
    }, 1000);
    shown(true);
  });
  finish.addEventListener("click", () => end({}));
  stop.addEventListener("click", () => end({ stopped: "true" }));
  away.addEventListener("click", off);
  box.addEventListener("cancel", (event) => { event.preventDefault(); if (stop.hidden) off(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !stop.hidden) end({ stopped: "true" }); });
  addEventListener("pagehide", off);
}
