// Voice and beeps, made by the browser itself.
"use strict";

const sound = (() => {
  let audio = null;
  const notes = {
    count: [[660, 0, 0.12]],
    start: [[880, 0, 0.5]],
    stop: [[880, 0, 0.15], [660, 0.2, 0.4]],
    good: [[660, 0, 0.1], [880, 0.12, 0.15]],
    lost: [[330, 0, 0.25], [330, 0.35, 0.25]],
  };

  // A browser lets a page make sound only after the first key or click.
  function unlock() {
    audio = audio || new AudioContext();
    audio.resume();
  }
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, unlock, {capture: true});

  function beep(which) {
    if (!audio) return;
    for (const [pitch, after, length] of notes[which] || []) {
      const tone = audio.createOscillator(), volume = audio.createGain(), start = audio.currentTime + after;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.3, start + 0.01);
      volume.gain.setValueAtTime(0.3, start + length - 0.03);
      volume.gain.linearRampToValueAtTime(0, start + length);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + length);
    }
  }

  // A browser may load its voices late, and would speak with one of its own choice until then.
  let waiting = null;
  if ("speechSynthesis" in window) {
    speechSynthesis.onvoiceschanged = () => { if (waiting) say(waiting); };
    speechSynthesis.getVoices();  // begins to load them
  }

  function say(sentence) {
    if (!("speechSynthesis" in window)) return;
    const {text, lang, now} = sentence;
    waiting = null;  // the newer one counts
    if (now) speechSynthesis.cancel();
    else if (speechSynthesis.speaking) return;
    const voices = speechSynthesis.getVoices();
    if (!voices.length) { waiting = sentence; return; }
    const words = new SpeechSynthesisUtterance(text);
    words.lang = lang;
    const local = voices.filter((voice) => voice.localService && voice.lang.startsWith(lang));
    if (local.length) words.voice = local[0];  // a voice from the network would send the words away
    else if (voices.some((voice) => !voice.localService)) return;
    speechSynthesis.speak(words);
  }

  function hush() {
    waiting = null;
    if ("speechSynthesis" in window) speechSynthesis.cancel();
  }

  return {beep, say, hush};
})();
