// Features of large networks that the networks of the literature do not have, beside NEST, in turns: the same network in both, on two
// threads.
//
//   node benches/circuits.mjs [FEATURE…] [--rounds 3] [--no-peer]
//
// FEATURE is one of those below; default all. Each round runs ours and then NEST in processes of their own (support/circuits.py in the
// Python of PEERS_SIM_PYTHON, default .peers/bin/python; see simulators.mjs). Prints a JSON line for each feature: medians of seconds by
// what was done, and how many times as long NEST takes; `cores`: how many of ours were at work on average; peak memory in MB.
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import {
  circuit,
  connect,
  currentSource,
  distribution,
  gradedSynapses,
  layout,
  poisson,
  population,
  record,
  rule,
  spikeSource,
  synapse,
} from '../dist/circuit.js';
import { aeifCondExp, hhPscAlpha, iafPscExp, neuron } from '../dist/neurons.js';
import { fail, load, median, positive, print, rounded, run } from './support/turns.mjs';

program
  .description('features of large networks beside NEST, in turns')
  .argument('[feature...]', 'default all')
  .option('--rounds <n>', 'turns of ours and of NEST', '3')
  .option('--no-peer', 'ours alone')
  .option('--once', 'one feature of ours in this process')
  .parse();
const [values, positionals] = [program.opts(), program.args];
const threads = 2;

/** Seconds and the cores at work, by what was done. */
const measured = {};
async function timed(what, call) {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await call();
  const s = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  measured[what] = { s, cores: (user + system) / 1e6 / s };
  return result;
}

/** Describes and builds a network, and runs it where it is told how long. */
async function measure(describe, duration, options = {}) {
  const simulation = await timed('build', () => describe().compile({ seed: 1, threads, ...options }));
  if (duration !== undefined) await timed('run', () => simulation.run(duration));
  return simulation;
}

const P = (n, options = {}) => population(iafPscExp, n, options);
const drive = (to) => connect(poisson(8000), to, { weight: 22 });
const weak = { weight: 0.5, delay: 1.5 };
const distributions = { weight: distribution.logNormal(-1, 0.5), delay: distribution.uniform(0.5, 15) };

/** So many populations of one size, each with synapses from so many others, four onto each neuron. */
function small(count, size, others) {
  const all = Array.from({ length: count }, () => P(size));
  const wired = all.flatMap((from, i) =>
    Array.from({ length: others }, (_, j) =>
      connect(from, all[(i + j * 7 + 1) % count], rule.fixedInDegree(4), weak),
    ),
  );
  return circuit(...all, wired, all.map(drive));
}

/** 200 populations of 5 neurons in a ring, on one thread. */
function ring(precision) {
  const describe = () => {
    const all = Array.from({ length: 200 }, () => P(5));
    const wired = all.map((from, i) => connect(from, all[(i + 1) % 200], rule.allToAll(), weak));
    return circuit(...all, wired, all.map(drive));
  };
  return measure(describe, 500, { threads: 1, precision });
}

/**
 * A working memory on a ring: 256 excitatory and 64 inhibitory neurons with conductances, and saturating NMDA synapses from all to all (after Compte et
 * al., Cerebral Cortex 2000). On the engine's own number of threads unless given.
 */
function ringMemory(options = { threads: undefined }) {
  const cell = (capacitance, leak) =>
    neuron({
      state: { v: -65, x: 0, s: 0, gA: 0, gG: 0 },
      params: { cM: capacitance, gL: leak },
      input: ['nmda', 'ampa', 'gaba'],
      update: `
        v' = (-gL*(v + 70) - gA*v - gG*(v + 70) - nmda*v/(1 + 0.28*exp(-0.062*v)))/cM
        x' = -x/2
        s' = 0.5*x*(1 - s) - s/100
        gA' = -gA/2
        gG' = -gG/10`,
      arrival: 'gA += ampa; gG += gaba',
      spike: 'v > -50',
      reset: 'v = -60; x += 1',
      refractory: 2,
    });
  return measure(
    () => {
      const [E, I] = [population(cell(500, 25), 256), population(cell(200, 20), 64)];
      const profile = Float64Array.from({ length: 256 * 256 }, (_, k) => {
        const angle = Math.abs((k % 256) - Math.floor(k / 256)) * (360 / 256);
        return (0.9 + 0.9 * Math.exp(-(Math.min(angle, 360 - angle) ** 2) / (2 * 18 ** 2))) / 256;
      });
      const pair = Uint32Array.from({ length: 256 * 256 }, (_, k) => k);
      const pairs = rule.list(
        pair.map((k) => Math.floor(k / 256)),
        pair.map((k) => k % 256),
      );
      return circuit(
        E,
        I,
        gradedSynapses(E, E, pairs, { state: 's', weight: profile, port: 'nmda' }),
        gradedSynapses(E, I, rule.allToAll(), { state: 's', weight: 0.9 / 256, port: 'nmda' }),
        connect(I, E, rule.allToAll(), { weight: 1.3 / 64, delay: 0.1, port: 'gaba' }),
        connect(I, I, rule.allToAll(), { weight: 1 / 64, delay: 0.1, port: 'gaba' }),
        connect(poisson(1800), E, { weight: 3.1, port: 'ampa' }),
        connect(poisson(1800), I, { weight: 2.4, port: 'ampa' }),
        record.spikes(E),
      );
    },
    2000,
    options,
  );
}

/** 1,000 neurons of their own potentials, each with one current, in pA. */
function driven(model, current, duration) {
  return measure(() => {
    const E = population(model, 1000, { initial: { v: distribution.uniform(-75, -60) } });
    return circuit(E, connect(currentSource(current), E), record.spikes(E));
  }, duration);
}

const features = {
  'small-populations': () => measure(() => small(200, 50, 25), 1000),
  'tiny-populations': () => measure(() => small(2000, 5, 10), 200),
  'ring-of-populations': () => ring('f32'),
  'ring-of-populations-f64': () => ring('f64'),
  'drawn-weights-and-delays': () =>
    measure(() => {
      const E = P(10_000);
      return circuit(E, connect(E, E, rule.fixedInDegree(1000), distributions), drive(E));
    }, 500),
  'graded-synapses': () => {
    const unit = neuron({ state: { v: 0, r: 0 }, update: 'v += dt*(i - v)/10; r = tanh(v)' });
    const weight = distribution.normal(0, 1.5 / Math.sqrt(1000));
    return measure(() => {
      const E = population(unit, 1000, { initial: { v: distribution.normal(0, 1) } });
      return circuit(E, gradedSynapses(E, E, rule.allToAll(), { state: 'r', weight }));
    }, 100);
  },
  'ring-memory': () => ringMemory(),
  'ring-memory-one-thread': () => ringMemory({ threads: 1 }),
  'wiring-by-distance': () =>
    measure(() => {
      const E = P(50_000, { layout: layout.random(50_000, { extent: [7, 7], periodic: true, seed: 1 }) });
      const p = rule.pairwiseBernoulli('where(d < 0.5, 0.3 * exp(-d^2 / (2 * 0.1^2)), 0)', {
        autapses: false,
      });
      return circuit(E, connect(E, E, p, { weight: '0.5 * (1 - d/20)', delay: '0.5 + d/2' }));
    }),
  'lists-of-synapses': () => {
    const [n, k] = [20_000, 250];
    const sources = Uint32Array.from({ length: n * k }, (_, i) => (i * 7919) % n);
    const targets = Uint32Array.from({ length: n * k }, (_, i) => Math.floor(i / k));
    const weight = Float64Array.from(sources, (source) => source / n);
    const delay = Float64Array.from(sources, (source) => 0.5 + (source % 100) / 10);
    return measure(() => {
      const E = P(n);
      return circuit(E, connect(E, E, rule.list(sources, targets), { weight, delay }));
    });
  },
  'trains-of-spikes': () => {
    const trains = Array.from({ length: 1000 }, (_, i) =>
      Float64Array.from({ length: 1000 }, (_, j) => (10 * j + 1 + (i % 9)) / 10),
    );
    return measure(() => {
      const E = P(1000);
      return circuit(E, connect(spikeSource(trains), E, rule.fixedInDegree(100), { weight: 1, delay: 1 }));
    }, 1000);
  },
  'currents-over-time': () => {
    const times = Array.from({ length: 1000 }, (_, i) => i + 1);
    const amplitudes = times.map((t) =>
      Float64Array.from({ length: 1000 }, (_, i) => 380 + 50 * Math.sin(t / 10 + i)),
    );
    return measure(() => {
      const E = P(1000);
      return circuit(E, connect(currentSource({ times, values: amplitudes }), E));
    }, 1000);
  },
  'adaptive-exponential-neurons': () => driven(aeifCondExp, 600, 1000),
  'hodgkin-huxley-neurons': () => driven(hhPscAlpha, 650, 200),
  'voltage-based-plasticity': () =>
    measure(() => {
      const E = population(hhPscAlpha, 500, { initial: { v: distribution.uniform(-75, -60) } });
      const learning = { weight: 0.5, delay: 1.5, model: synapse.clopath() };
      return circuit(E, connect(currentSource(650), E), connect(E, E, rule.allToAll(), learning));
    }, 100),
  'parameters-between-runs': async () => {
    const E = P(10_000, { name: 'E' });
    const simulation = await measure(() =>
      circuit(E, connect(E, E, rule.fixedInDegree(100), weak), drive(E), record.spikes(E)),
    );
    const currents = Float64Array.from({ length: 10_000 }, (_, i) => i / 1000);
    await timed('run', async () => {
      for (let i = 0; i < 20; i++) {
        await simulation.set(E, { iBias: currents });
        await simulation.run(1);
      }
    });
  },
};

const chosen = positionals.length === 0 ? Object.keys(features) : positionals;
for (const name of chosen) {
  if (features[name] === undefined)
    fail(`unknown feature ${name}: there are ${Object.keys(features).join(', ')}`);
}
if (values.once) {
  await features[chosen[0]]();
  print({ ...measured, memory_mb: process.resourceUsage().maxRSS / 1024 });
} else {
  for (const name of chosen) await beside(name, positive('rounds', values.rounds));
}

async function beside(name, rounds) {
  const script = fileURLToPath(new URL('support/circuits.py', import.meta.url));
  const [ours, theirs] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(await run(process.execPath, [fileURLToPath(import.meta.url), name, '--once']));
    if (!values.peer) continue;
    theirs.push(await run(process.env.PEERS_SIM_PYTHON ?? '.peers/bin/python', [script, name]));
  }
  const of = (all, figure) => rounded(median(all.map(figure)));
  const row = { feature: name, load: load() };
  for (const what of ['build', 'run']) {
    if (ours[0][what] === undefined) continue;
    row[what] = { s: of(ours, (run) => run[what].s), cores: of(ours, (run) => run[what].cores) };
    if (!values.peer) continue;
    row[what].nest = of(theirs, (run) => run[what]);
    row[what].ratio = rounded(row[what].nest / row[what].s);
  }
  row.memory_mb = of(ours, (run) => run.memory_mb);
  if (values.peer) row.nest_memory_mb = of(theirs, (run) => run.memory_mb);
  print(row);
}
