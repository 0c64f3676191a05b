// `elapsed` is the time since a rule's last event, whatever else happens between: synapses that are brought up to date every
// some thousand steps, read, saved, given other weights, or shared with other rules.
import test from 'ava';
import {
  circuit,
  connect,
  driveSynapse,
  population,
  rule,
  type Simulation,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { neuron } from '../../src-ts/doors/neurons.ts';

const dt = 0.5;
const pre = [10, 10.5, 300, 4000, 9000, 9001, 30_000, 30_020];
const post = [20, 310, 311, 5000, 9000.5, 20_000, 30_010, 30_015];
const stop = 31_000;

const relay = neuron({
  input: ['i', 'teach'],
  state: { v: 0 },
  update: 'v = teach',
  spike: 'v > 0.5',
});

// Graupner and Brunel 2012: calcium decays, and the weight moves for as long as it is above two thresholds.
const calcium = { tau: 20, up: 1.3, down: 1, gammaUp: 321, gammaDown: 201, slow: 1500, pre: 1, post: 2 };
const rises = (by: string) => `
  above = clip(tau*ln(max(c/up, 1)), 0, elapsed)
  below = clip(tau*ln(max(c/down, 1)), 0, elapsed) - above
  rest = gammaUp/(gammaUp + gammaDown)
  w = rest + (w - rest)*exp(-(gammaUp + gammaDown)*above/slow)
  w = w*exp(-gammaDown*below/slow)
  c = c*exp(-elapsed/tau) + ${by}`;
const { pre: cPre, post: cPost, ...constants } = calcium;
const graupnerBrunel = synapse.rule({
  params: { ...constants, cPre, cPost, wMin: 0, wMax: 1 },
  variables: { c: 0 },
  pre: rises('cPre'),
  post: rises('cPost'),
});

/** The weight after all spikes, those of the target `delay` later, by small steps of Euler's method. */
function expected(delay: number): number {
  let [w, c, now] = [0.5, 0, 0];
  const events = [...pre.map((t) => [t, cPre]), ...post.map((t) => [t + delay, cPost])];
  events.sort(([a], [b]) => a! - b!);
  for (const [time, by] of events as [number, number][]) {
    const steps = Math.min(400_000, Math.ceil((time - now) * 4000));
    const h = 1 / 4000;
    for (let i = 0; i < steps; i++) {
      const up = c > calcium.up ? calcium.gammaUp * (1 - w) : 0;
      const down = c > calcium.down ? calcium.gammaDown * w : 0;
      w += (h * (up - down)) / calcium.slow;
      c -= (h * c) / calcium.tau;
    }
    // Nothing is left of calcium by then.
    if (time - now > 100) c = 0;
    c += by;
    now = time;
  }
  return w;
}

const between: Record<string, (simulation: Simulation) => Promise<void>> = {
  nothing: async () => {},
  reading: async (simulation) => void (await simulation.weights('S', 'R')),
  saving: async (simulation) => simulation.restore(await simulation.save()),
  setting: async (simulation) => simulation.setWeights('S', 'R', await simulation.weights('S', 'R')),
};

for (const delay of [0.5, 25]) {
  for (const [what, does] of Object.entries(between)) {
    test(`calcium decays from event to event, delay ${delay}, with ${what} between`, async (t) => {
      const S = spikeSource([pre], { name: 'S' });
      const teacher = spikeSource([post.map((time) => time - 1)], { name: 'teacher' });
      const R = population(relay, 1, { name: 'R' });
      using simulation = await circuit(
        connect(S, R, rule.oneToOne(), { port: 'i', weight: 0.5, delay, model: graupnerBrunel }),
        connect(teacher, R, rule.oneToOne(), { port: 'teach', weight: 1, delay: 1 }),
      ).compile({ dt, precision: 'f64' });
      for (let time = 0; time < stop; time += 1000) {
        await simulation.run(1000);
        await does(simulation);
      }
      const { weights, variables } = await simulation.plasticSynapses('S', 'R');
      t.true(Math.abs(weights[0]! - expected(delay)) < 2e-4, `${weights[0]} ${expected(delay)}`);
      const last = Math.max(...pre, ...post.map((time) => time + delay));
      t.true(Math.abs(variables.elapsed![0]! - (stop - last)) < 1e-6);
    });
  }
}

const depressing = synapse.rule({
  params: { recovery: 800 },
  variables: { x: 1, sent: 0 },
  pre: 'x = 1 - (1 - x)*exp(-elapsed/recovery); sent = 0.5*x; x -= sent',
  transmit: 'w*sent',
});

test('of several rules each has an elapsed time of its own', async (t) => {
  const spikes = [10, 50, 300, 900, 2000];
  let [x, last] = [1, 0];
  const sent = spikes.map((time) => {
    x = 1 - (1 - x) * Math.exp(-(time - last) / 800);
    last = time;
    x /= 2;
    return x;
  });
  const learning = synapse.stdp({ lambda: 0, wMax: 2 });
  for (const model of [depressing, synapse.combine(learning, depressing)]) {
    // Spikes of the target are events of the other rule alone.
    const { transmitted } = await driveSynapse(model, { pre: spikes, post: [30, 100, 1500], weight: 1 });
    t.true(transmitted.every((w, i) => Math.abs(w - sent[i]!) < 1e-12));
  }
});

test('a statement cannot assign the elapsed time', async (t) => {
  const model = synapse.rule({ pre: 'elapsed = 0' });
  const error = await t.throwsAsync(driveSynapse(model, { pre: [1], weight: 1 }));
  t.regex(error!.message, /elapsed is not a variable of the synapse/);
});
