// A test double of a realtime voice API: it takes what was said, and answers with a tune of the same length,
// in deltas of 16 bit PCM at 24 kHz, faster than they are heard, as such services do.

const RATE = 24_000;
const DELTA = RATE / 10; // samples

export function connect() {
  let turn = 0;
  const api = {
    onaudio: (_pcm, _rate) => undefined,
    cancel: () => {
      turn += 1;
    },
    async send(pcm, rate) {
      const mine = ++turn;
      const samples = Math.max(RATE, Math.round((pcm.length / rate) * RATE));
      for (let at = 0; at < samples && mine === turn; at += DELTA) {
        await new Promise((go) => setTimeout(go, 20));
        if (mine === turn) api.onaudio(tune(at), RATE);
      }
    },
  };
  return api;
}

/** Return a delta of syllables on changing notes. */
function tune(at) {
  return Int16Array.from({ length: DELTA }, (_, i) => {
    const time = (at + i) / RATE;
    const note = [196, 247, 220, 165][Math.floor(time * 4) % 4];
    return 9000 * Math.sin(Math.PI * ((time * 4) % 1)) * Math.sin(2 * Math.PI * note * time);
  });
}
