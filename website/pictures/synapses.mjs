// A picture of every synapse model: its window or its course, from `driveSynapse`, or from a network where the rule reads a membrane.
import { circuit, connect, driveSynapse, population, rule, spikeSource, synapse } from 'lapicque/circuit';
import { figure } from 'lapicque/figure';
import { iafPscExp } from 'lapicque/neurons';

const lags = Array.from({ length: 81 }, (_, i) => 2 * (i - 40)).filter((lag) => lag !== 0);
const pairs = 20;

/** The change of the weight for each pair, by the time from the spike of the source to that of the target. */
async function windowOf(model, weight, more = () => ({})) {
  const changes = [];
  for (const lag of lags) {
    const pre = Array.from({ length: pairs }, (_, k) => 1000 * (k + 1));
    const { last } = await driveSynapse(model, {
      weight,
      pre,
      post: pre.map((time) => time + lag),
      ...more(pre),
    });
    changes.push((last.w - weight) / pairs);
  }
  return changes;
}

const lagAxis = { label: 'spike of the target − spike of the source (ms)', domain: [-80, 80] };

function windowPanel(changes) {
  const zero = lags.findIndex((lag) => lag > 0);
  const [before, after] = [
    [lags.slice(0, zero), changes.slice(0, zero)],
    [lags.slice(zero), changes.slice(zero)],
  ];
  return {
    x: lagAxis,
    y: { label: 'change of w per pair' },
    marks: [
      { type: 'rule', y: 0 },
      { type: 'rule', x: 0, dashed: true },
      { type: 'line', x: before[0], y: before[1], color: 1 },
      { type: 'line', x: after[0], y: after[1], color: 0 },
    ],
  };
}

const times = (count, step) => Float64Array.from({ length: count }, (_, i) => i * step);
const train = (from, to, every) =>
  Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, k) => from + k * every);

/** What each model's picture is. The order is that of the registry. */
const pictures = {
  'tsodyks-markram': async () => {
    const pre = [...train(50, 500, 50), 1000];
    const response = async (options) =>
      (await driveSynapse(synapse.tsodyksMarkram(options), { pre, weight: 1 })).transmitted;
    const [depressing, facilitating] = [
      await response({ utilization: 0.5, tauRec: 800 }),
      await response({ utilization: 0.1, tauRec: 100, tauFac: 1000 }),
    ];
    const course = (y, title, color) => ({
      title,
      x: { label: 'time (ms)', domain: [0, 1050] },
      y: { label: 'transmitted weight', domain: [0, 1.1 * Math.max(...y)] },
      marks: [{ type: 'bars', from: pre.map((t) => t - 5), to: pre.map((t) => t + 5), height: y, color }],
    });
    return {
      caption:
        'The weight that each spike of a train of 20 Hz transmits, and of one spike half a second later: a depressing synapse (utilization 0.5, tauRec 800 ms) and a facilitating one (0.1, tauRec 100 ms, tauFac 1000 ms).',
      columns: [[course(depressing, 'depressing', 0)], [course(facilitating, 'facilitating', 2)]],
    };
  },
  stdp: async () => ({
    caption: `The change of the weight per pair of spikes, over ${pairs} pairs a second apart.`,
    columns: [[windowPanel(await windowOf(synapse.stdp({ wMax: 1 }), 0.5))]],
  }),
  'triplet-stdp': async () => {
    const frequencies = train(1, 50, 1);
    const change = async (lag) => {
      const list = [];
      for (const frequency of frequencies) {
        const pre = train(1000, 1000 + (59 * 1000) / frequency, 1000 / frequency);
        const { last } = await driveSynapse(synapse.tripletStdp({ wMax: 10 }), {
          weight: 1,
          pre,
          post: pre.map((t) => t + lag),
        });
        list.push(last.w - 1);
      }
      return list;
    };
    const [causal, acausal] = [await change(10), await change(-10)];
    return {
      caption:
        'The change of the weight after 60 pairs, by how often a pair is repeated: the target 10 ms after the source, and 10 ms before it.',
      columns: [
        [
          {
            x: { label: 'pairs per second (Hz)', domain: [0, 50] },
            y: { label: 'change of w' },
            marks: [
              { type: 'rule', y: 0 },
              { type: 'line', x: frequencies, y: causal, color: 0 },
              { type: 'line', x: frequencies, y: acausal, color: 1 },
            ],
            legend: [
              { name: 'target 10 ms after', color: 0 },
              { name: 'target 10 ms before', color: 1 },
            ],
          },
        ],
      ],
    };
  },
  'inhibitory-stdp': async () => ({
    caption: `The change of the weight per pair of spikes, over ${pairs} pairs a second apart: symmetric, and below zero where the spikes are far apart.`,
    columns: [[windowPanel(await windowOf(synapse.inhibitoryStdp({ wMax: 10 }), 5))]],
  }),
  oja: async () => {
    const sampleTimes = times(401, 25);
    const pre = train(5, 9995, 50);
    const course = async (weight) =>
      (await driveSynapse(synapse.oja(), { weight, pre, post: pre.map((t) => t + 20), sampleTimes })).samples
        .w;
    return courses(
      sampleTimes,
      { 'from 0.2': await course(0.2), 'from 2': await course(2) },
      'Source and target fire at 20 Hz: the weight comes to the same value from below and from above.',
    );
  },
  bcm: async () => {
    const rates = train(1, 30, 1);
    const changes = [];
    for (const rate of rates) {
      const pre = train(10, 20_000, 100);
      const post = train(13, 20_000, 1000 / rate);
      const { last } = await driveSynapse(synapse.bcm({ wMax: 100 }), { weight: 10, pre, post });
      changes.push(last.w - 10);
    }
    return {
      caption:
        'The change of the weight in 20 s, by the rate of the target; the source fires at 10 Hz. Low rates depress, higher ones potentiate, and the threshold between them moves with the rate.',
      columns: [
        [
          {
            x: { label: 'rate of the target (Hz)', domain: [0, 30] },
            y: { label: 'change of w' },
            marks: [
              { type: 'rule', y: 0 },
              { type: 'line', x: rates, y: changes, color: 0 },
            ],
          },
        ],
      ],
    };
  },
  'reward-stdp': async () => {
    const sampleTimes = times(1001, 3);
    const drive = { weight: 1, pre: [100], post: [110], sampleTimes };
    const model = synapse.rewardStdp({ wMax: 10, aPlus: 1, aMinus: 1 });
    const [rewarded, without] = [
      await driveSynapse(model, { ...drive, modulator: [800] }),
      await driveSynapse(model, drive),
    ];
    const panel = (label, lines, hidden, legend) => ({
      x: { label: 'time (ms)', domain: [0, 3000], hidden },
      y: { label },
      marks: [
        { type: 'rule', x: 800, dashed: true },
        ...lines.map((y, color) => ({ type: 'line', x: sampleTimes, y, color })),
      ],
      ...(legend === undefined ? {} : { legend }),
    });
    return {
      caption:
        'A pair of spikes at 100 ms leaves an eligibility c. A reward at 800 ms (dashed) turns it into a change of the weight.',
      columns: [
        [
          panel('eligibility c', [rewarded.samples.c], true),
          panel('weight w', [rewarded.samples.w, without.samples.w], false, [
            { name: 'with a reward', color: 0 },
            { name: 'without', color: 1 },
          ]),
        ],
      ],
    };
  },
  'synaptic-scaling': async () => {
    const sampleTimes = times(401, 50);
    const course = async (rate) =>
      (
        await driveSynapse(synapse.synapticScaling({ rateTarget: 10, wMax: 10 }), {
          weight: 1,
          pre: train(50, 19_950, 50),
          post: train(5, 20_000, 1000 / rate),
          sampleTimes,
        })
      ).samples.w;
    return courses(
      sampleTimes,
      { 'target at 5 Hz': await course(5), 'target at 20 Hz': await course(20) },
      'The weight onto a neuron that fires below its target rate of 10 Hz grows, that onto one above it falls.',
    );
  },
  clopath: async () => {
    // The rule reads the target's potential, so the target is a neuron: volleys of its own make it fire.
    const changes = [];
    const chosen = lags.filter((lag) => lag % 4 === 0 && Math.abs(lag) <= 60);
    const weight = 1;
    for (const lag of chosen) {
      const pairTimes = train(200, 1400, 200);
      const target = population(iafPscExp, 1, { name: 'target', tauRef: 2 });
      const source = spikeSource([pairTimes], { name: 'source' });
      const plastic = connect(source, target, rule.allToAll(), {
        weight,
        delay: 1,
        model: synapse.clopath({ wMax: 100, tSpike: 2 }),
      });
      const teacher = connect(
        spikeSource([pairTimes.map((time) => time + lag - 1.5)]),
        target,
        rule.allToAll(),
        { weight: 6000, delay: 1 },
      );
      const simulation = await circuit(target, plastic, teacher).compile({ dt: 0.1 });
      await simulation.run(1700);
      const { weights } = await simulation.plasticSynapses(source, target);
      changes.push((weights[0] - weight) / pairTimes.length);
    }
    return {
      caption:
        'The change of the weight per pair of spikes, five pairs a second: the target is a neuron that a strong input makes fire.',
      columns: [
        [
          {
            x: { ...lagAxis, domain: [-60, 60] },
            y: { label: 'change of w per pair' },
            marks: [
              { type: 'rule', y: 0 },
              { type: 'rule', x: 0, dashed: true },
              { type: 'line', x: chosen, y: changes, color: 0 },
              { type: 'points', x: chosen, y: changes, color: 0 },
            ],
          },
        ],
      ],
    };
  },
};

/** Of models that a program makes. */
const made = {
  combine: async () => {
    const sampleTimes = times(401, 50);
    const drive = { weight: 0.5, pre: train(50, 19_950, 50), post: train(60, 20_000, 50), sampleTimes };
    const stdp = synapse.stdp({ wMax: 1, aPlus: 0.002, aMinus: 0.001 });
    const course = async (model) => (await driveSynapse(model, drive)).samples.w;
    return courses(
      sampleTimes,
      {
        'stdp alone': await course(stdp),
        'with synapticScaling': await course(
          synapse.combine(stdp, synapse.synapticScaling({ wMax: 1, rateTarget: 10 })),
        ),
      },
      'The target fires at 20 Hz, 10 ms behind the source: STDP alone drives the weight to its bound, with synaptic scaling the two balance.',
    );
  },
  rule: async () => {
    const hebb = synapse.rule({
      params: { eta: 0.01, wMin: 0, wMax: 1 },
      traces: { x: { of: 'pre', tau: 20 }, y: { of: 'post', tau: 20 } },
      pre: 'w -= 1.05 * eta * y',
      post: 'w += eta * x',
    });
    return {
      caption: `The window of the first rule of this page, over ${pairs} pairs a second apart.`,
      columns: [[windowPanel(await windowOf(hebb, 0.5))]],
    };
  },
};

function courses(sampleTimes, byName, caption) {
  const names = Object.keys(byName);
  return {
    caption,
    columns: [
      [
        {
          x: { label: 'time (s)', domain: [0, sampleTimes.at(-1) / 1000] },
          y: { label: 'weight w' },
          marks: names.map((name, color) => ({
            type: 'line',
            x: sampleTimes.map((time) => time / 1000),
            y: byName[name],
            color,
          })),
          legend: names.map((name, color) => ({ name, color })),
        },
      ],
    ],
  };
}

/** The figure of a synapse model; a section without a model has none. */
export async function synapseFigure({ key, title }) {
  const picture = pictures[key] ?? made[key];
  if (picture === undefined && title === key) return undefined;
  if (picture === undefined) throw new Error(`${key}: website/pictures/synapses.mjs has no picture of it`);
  return new figure.Figure({ name: key, title, ...(await picture()) });
}
