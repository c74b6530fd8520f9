// Notes to hear.

const SECONDS_A_QUARTER = 0.36;

const frequency = (pitch) => 440 * 2 ** ((pitch - 69) / 12);

/** A note that begins at once and dies away, as of a plucked string. */
function pluck(context, pitch, from, seconds) {
  const oscillator = new OscillatorNode(context, { type: "triangle", frequency: frequency(pitch) });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0.25, from);
  loudness.gain.setTargetAtTime(0, from, 0.3);
  loudness.gain.setTargetAtTime(0, from + 0.9 * seconds, 0.02); // a note that breaks off would click
  oscillator.connect(loudness).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + seconds);
  return oscillator;
}

/** Play notes, and return what stops them. */
function play(notes, whenDone) {
  const context = new AudioContext();
  const begin = context.currentTime + 0.1;
  const last = notes
    .map(([pitch, start, length]) =>
      pluck(context, pitch, begin + SECONDS_A_QUARTER * start, SECONDS_A_QUARTER * length))
    .at(-1);
  last.addEventListener("ended", whenDone);
  return () => {
    last.removeEventListener("ended", whenDone);
    context.close();
  };
}
