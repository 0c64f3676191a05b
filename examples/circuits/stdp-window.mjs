// The window of spike-timing-dependent plasticity: 60 pairs a second apart, as G. Bi and M. Poo measured it in 1998, for
// each distance between the spike of the source and that of the target.
import assert from 'node:assert/strict';
import { driveSynapse, synapse } from 'lapicque/circuit';

const [aPlus, aMinus, tauPlus, tauMinus, pairs] = [0.01, 0.006, 17, 34, 60];
const stdp = synapse.stdp({ aPlus, aMinus, tauPlus, tauMinus, muPlus: 0, muMinus: 0, wMin: 0, wMax: 4 });
const window = (ms) => (ms > 0 ? aPlus * Math.exp(-ms / tauPlus) : -aMinus * Math.exp(ms / tauMinus));

let largest = 0;
for (let ms = -80; ms <= 80; ms += 5) {
  if (ms === 0) continue;
  const pre = Array.from({ length: pairs }, (_, k) => 1000 * (k + 1));
  const { last } = await driveSynapse(stdp, { weight: 2, pre, post: pre.map((t) => t + ms) });
  const change = (last.w - 2) / pairs;
  const bar = '#'.repeat(Math.round(Math.abs(change) * 4000));
  console.log(`${String(ms).padStart(4)} ms ${change < 0 ? bar.padStart(40) : ' '.repeat(41) + bar}`);
  largest = Math.max(largest, Math.abs(change / window(ms) - 1));
}
assert(largest < 0.01, `the window is off by ${largest}`);
console.log(`within ${(100 * largest).toFixed(2)} % of two exponentials`);
