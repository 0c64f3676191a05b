// One neuron finds a pattern that repeats among Poisson inputs (Masquelier, Guyonneau, Thorpe 2008). If the spikes of the pattern are jittered, there is
// nothing to find.
import { circuit, connect, poisson, population, record, rule, spikeSource, synapse } from 'lapicque/circuit';
import { neuron } from 'lapicque/neurons';
import { Random } from '../random.mjs';

const [inputs, members] = [2000, 1000]; // all inputs, those in the pattern
const [rate, spontaneous] = [54, 10]; // Hz
const [length, fixedFrom] = [50, 12_500]; // ms: of the pattern, until the control without further learning
const afterwards = 10; // ms after the pattern in which a spike still answers it

const relay = neuron({ state: { v: 0 }, input: ['x'], update: 'v = x', spike: 'v > 0.5' });
const detector = neuron({
  input: ['x'],
  state: { v: 0, i: 0 },
  params: { threshold: 500 },
  update: "v' = -v/10 + i; i' = -i/2.5",
  arrival: 'i += x',
  spike: 'v > threshold',
  reset: 'v = -threshold; i = 0',
  method: 'exponential-euler',
});
// A spike of the neuron pairs with the last spike of an input before it and with the first one after it.
const stdp = synapse.rule({
  params: { aPlus: 0.02, aMinus: 0.0164, tauMinus: 33.7, wMin: 0, wMax: 1 },
  traces: { x: { of: 'pre', tau: 16.8, jump: 'set' } },
  variables: { y: 0, learns: 1 },
  post: 'w += learns*aPlus*x; y = y*exp(-elapsed/tauMinus) + 1',
  pre: 'w -= learns*aMinus*y*exp(-elapsed/tauMinus); y = 0',
});

/**
 * When the pattern begins, and when the neuron fires. Each spike of the pattern moves by at most `jitter` ms, each time anew. `fixed` also tells when it
 * would fire if it learned no more.
 */
async function listen({ duration, jitter, fixed = false }, seed) {
  const random = new Random(seed + 500);
  const pattern = [];
  for (let input = 0; input < members; input++)
    for (let t = random.exponential(1000 / rate); t < length; t += random.exponential(1000 / rate))
      pattern.push({ input, t });
  // A quarter of the sections of 50 ms are the pattern, never two in a row.
  const starts = [];
  for (let start = 2 * length; start < duration - 2 * length; start += length)
    if (starts.at(-1) !== start - length && random.uniform() < 1 / 3) starts.push(start);

  // While its inputs play the pattern, their other spikes pause, so that rates tell nothing.
  const background = new Float64Array(duration).fill(rate + spontaneous);
  const trains = Array.from({ length: members }, () => new Set());
  for (const start of starts) {
    for (const { input, t } of pattern)
      trains[input].add(Math.round(start + t + random.uniform(-jitter, jitter)));
    for (let t = start - jitter; t < start + length + jitter; t++) {
      const overlap = jitter + length / 2 - Math.abs(t + 0.5 - start - length / 2);
      background[t] -= (rate * Math.min(overlap, length, 2 * jitter)) / (2 * jitter);
    }
  }
  const ascending = trains.map((times) => Array.from(times).sort((a, b) => a - b));

  const source = population(relay, inputs, { name: 'inputs' });
  const [first, others] = [source.slice(0, members), source.slice(members)];
  const cell = population(detector, 1, { name: 'cell' });
  const times = Array.from({ length: duration }, (_, t) => t);
  const values = Array.from(background, (hz) => Math.max(0, hz));
  const synapses = connect(source, cell, rule.allToAll(), {
    port: 'x',
    weight: 0.475,
    delay: 1,
    model: stdp,
  });
  const simulation = await circuit(
    connect(poisson({ times, values }), first, { port: 'x', weight: 1 }),
    connect(poisson(rate + spontaneous), others, { port: 'x', weight: 1 }),
    connect(spikeSource(ascending), first, rule.oneToOne(), { port: 'x', weight: 1, delay: 1 }),
    synapses,
    record.spikes(cell),
  ).compile({ dt: 1, seed, threads: 1 });
  const run = async (ms) => Array.from((await simulation.run(ms)).of('cell').times);
  const before = await run(fixedFrom);
  const state = fixed ? await simulation.save() : undefined;
  const spikes = [...before, ...(await run(duration - fixedFrom))];
  const withoutLearning = [...before];
  if (fixed) {
    await simulation.restore(state);
    await simulation.set(synapses, { learns: 0 });
    withoutLearning.push(...(await run(duration - fixedFrom)));
  }
  simulation.dispose();
  return { starts, spikes, withoutLearning };
}

/** Share of the presentations from `begin` to `end` that the neuron answers, after how many ms, and spikes outside of them per second. */
function answers({ starts, spikes }, begin, end) {
  const shown = starts.filter((start) => start >= begin && start < end);
  const during = shown.map((start) => spikes.filter((t) => t > start && t <= start + length + afterwards));
  const answered = shown.map((start, i) => during[i][0] - start).filter((latency) => latency > 0);
  const all = spikes.filter((t) => t >= begin && t < end).length;
  return {
    hits: answered.length / shown.length,
    latency: answered.reduce((sum, t) => sum + t, 0) / answered.length,
    falseAlarms: (1000 * (all - during.flat().length)) / (end - begin),
  };
}

/** `size` as in program.mjs. */
export async function pattern(seed, size) {
  const isReduced = size === 'reduced';
  const duration = isReduced ? 15_000 : 40_000;
  const [repeated, jittered] = await Promise.all([
    listen({ duration, jitter: 1, fixed: !isReduced }, seed),
    listen({ duration, jitter: 50 }, seed),
  ]);
  const late = [0.75 * duration, duration];
  const learned = answers(repeated, ...late);
  const found = [
    {
      name: 'repeating pattern, share answered',
      effect: learned.hits,
      control: answers(jittered, ...late).hits,
      without: 'jitter of 50 ms',
    },
    { name: 'repeating pattern, false alarms per second', effect: learned.falseAlarms, lower: true },
  ];
  if (isReduced) return found;
  const early = answers(repeated, 10_000, 15_000).latency;
  const fixed = answers({ ...repeated, spikes: repeated.withoutLearning }, ...late).latency;
  return [
    ...found,
    {
      name: 'repeating pattern, fall of the latency in ms',
      effect: early - learned.latency,
      control: early - fixed,
      without: 'weights fixed',
    },
    { name: 'repeating pattern, latency in ms', effect: learned.latency, lower: true },
  ];
}
