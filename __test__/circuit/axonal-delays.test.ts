// Delays of which the dendrite has a part alone. A relay that fires in the step in which a spike reaches it is an axon that can be
// seen: behind it the whole delay is the dendrite's, as ever.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  circuit,
  connect,
  distribution,
  noise,
  poisson,
  population,
  record,
  rule,
  type SynapseModel,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp, neuron } from '../../src-ts/doors/neurons.ts';

const dt = 0.1;
const relay = neuron({ state: { v: 0 }, update: 'v = i', spike: 'v > 0.5' });
/** Trains of Poisson neurons. */
const trains = (n: number, rate: number, seed: number) => {
  const gaps = distribution.draw(distribution.uniform(0, 1), n * 60, seed);
  return Array.from({ length: n }, (_, k) => {
    let step = 0;
    const steps = [...gaps.subarray(60 * k, 60 * (k + 1))].map((u) => {
      step += 1 + Math.round((-Math.log(u) * 1000) / rate / dt);
      return step;
    });
    return steps.filter((s) => s < 4500).map((s) => s * dt);
  });
};

const sources = 12;
const targets = 70;
const dendrite = 0.4;
// In steps; some are shorter than the dendrite.
const pairs = Array.from({ length: 240 }, (_, k) => ({
  source: (k * 7) % sources,
  target: (k * k + 3 * k) % targets,
  delay: 1 + ((k * 13) % 60),
}));
const ofSource = trains(sources, 40, 1);
const dose = trains(1, 20, 2);
const firing = trains(targets, 30, 3).map((train) => train.map((t) => t + dt));

const models: Record<string, SynapseModel> = {
  stdp: synapse.stdp({ wMax: 40, lambda: 0.02 }),
  'stdp of nearest pairs': synapse.stdp({ wMax: 40, pairing: 'nearest', coincidence: 'both' }),
  'stdp in the order of Brian2': synapse.stdp({ wMax: 40, lambda: 0.02, coincidence: 'pre-first' }),
  triplets: synapse.tripletStdp({ wMax: 40 }),
  'short-term plasticity': synapse.tsodyksMarkram({ tauFac: 100, tauRec: 50 }),
  inhibition: synapse.inhibitoryStdp({ eta: 0.1, wMax: 40 }),
  reward: synapse.rewardStdp({ wMax: 40, aPlus: 0.1, aMinus: 0.1 }),
  scaling: synapse.combine(synapse.stdp({ wMax: 40 }), synapse.synapticScaling({ wMax: 40 })),
  clopath: synapse.clopath({ wMax: 40, delayUBars: 1, thetaPlus: -69, thetaMinus: -75 }),
  'a rule of steps': synapse.rule({
    params: { wMin: 0, wMax: 40 },
    sights: { u: 'v', slow: { of: 'v', tau: 10 } },
    traces: { x: { of: 'pre', tau: 10 }, y: { of: 'post', tau: 10 } },
    variables: { since: 0 },
    everyStep: 'w += 0.001 * (slow + 69) * x',
    when: 'u > -69',
    pre: 'w -= 0.1*y; since = elapsed',
    post: 'w += 0.1*x + 0.001*elapsed',
  }),
};

/** With an axon for each source and delay, or without any but with the dendrite's part of the delays. */
function network(model: SynapseModel, seen: boolean) {
  const S = spikeSource(ofSource, { name: 'S' });
  const D = spikeSource(dose, { name: 'D' });
  const kicks = spikeSource(firing, { name: 'kicks' });
  const E = population(iafPscExp, targets, { name: 'E', tauRef: 0.1 });
  const rest = [
    connect(kicks, E, rule.oneToOne(), { weight: 1e5, delay: dt }),
    connect(noise({ mean: 0, sd: 100 }), E),
    record.spikes(E),
  ];
  const modulator = model.model === 'reward-stdp' ? { modulator: D } : {};
  const lists = (of: number[], delay: number[]) =>
    [
      rule.list(
        of,
        pairs.map(({ target }) => target),
      ),
      { weight: 20, delay, model, ...modulator },
    ] as const;
  if (!seen) {
    const of = pairs.map(({ source }) => source);
    const [chosen, made] = lists(
      of,
      pairs.map(({ delay }) => delay * dt),
    );
    const axonal = connect(S, E, chosen, { ...made, dendriticDelay: dendrite });
    return circuit(D, S, kicks, E, axonal, record.weights(axonal, { every: 1.9 }), ...rest);
  }
  // A relay's spike is a step late at the least, so the sources are that much earlier.
  const early = spikeSource(
    ofSource.map((train) => train.map((t) => Math.round(t / dt - 1) * dt)),
    { name: 'early' },
  );
  const steps = Math.round(dendrite / dt);
  const axons = pairs.map(({ delay }) => Math.max(0, delay - steps));
  const relays = population(relay, pairs.length, { name: 'relays' });
  const [chosen, made] = lists(
    pairs.map((_, k) => k),
    pairs.map(({ delay }) => Math.min(delay, steps) * dt),
  );
  const dendritic = connect(relays, E, chosen, made);
  return circuit(
    D,
    early,
    kicks,
    E,
    relays,
    connect(
      early,
      relays,
      rule.list(
        pairs.map(({ source }) => source),
        pairs.map((_, k) => k),
      ),
      {
        weight: 1,
        delay: axons.map((axon) => (axon + 1) * dt),
      },
    ),
    dendritic,
    record.weights(dendritic, { every: 1.9 }),
    ...rest,
  );
}

for (const [name, model] of Object.entries(models)) {
  test(`axons of all lengths, ${name}`, async (t) => {
    using there = await network(model, false).compile({ dt, precision: 'f64', seed: 5, threads: 2 });
    using seen = await network(model, true).compile({ dt, precision: 'f64', seed: 5 });
    const [a, b] = [await there.run(400), await seen.run(400)];
    t.true(a.times.length > 500);
    t.deepEqual([a.times, a.ids], [b.times, b.ids]);
    const [mine, theirs] = [await there.plasticSynapses('S', 'E'), await seen.plasticSynapses('relays', 'E')];
    const keyed = (of: typeof mine, source: (i: number) => number, delay: (i: number) => number) => {
      const order = Array.from(of.weights, (_, i) => i);
      const key = (i: number) => `${of.targets[i]} ${source(i)} ${delay(i)}`;
      return new Map(order.map((i) => [key(i), i]));
    };
    const a_ = keyed(
      mine,
      (i) => mine.sources[i]!,
      (i) => Math.round(mine.delays[i]! / dt),
    );
    const b_ = keyed(
      theirs,
      (i) => pairs[theirs.sources[i]!]!.source,
      (i) => pairs[theirs.sources[i]!]!.delay,
    );
    const [own, other] = [a.weights[0]!.values, b.weights[0]!.values];
    const readings = own.length / pairs.length;
    t.is(readings, Math.floor(400 / 1.9));
    let moved = 0;
    for (const [key, i] of a_) {
      const j = b_.get(key)!;
      for (const [variable, values] of Object.entries(mine.variables))
        t.true(Math.abs(values[i]! - theirs.variables[variable]![j]!) < 1e-9, `${key} ${variable}`);
      for (let k = 0; k < readings; k++) {
        const [w, same] = [own[k * pairs.length + i]!, other[k * pairs.length + j]!];
        if (Math.abs(w - same) > 1e-9) t.fail(`${key}, reading ${k}: ${w} ${same}`);
      }
      moved += Number(Math.abs(mine.weights[i]! - 20) > 1e-6);
    }
    t.true(name === 'short-term plasticity' || moved > pairs.length / 2, `${moved}`);
  });

  test(`a saved state of them, ${name}`, async (t) => {
    const made = network(model, false);
    using whole = await made.compile({ dt, seed: 5, threads: 1 });
    using half = await made.compile({ dt, seed: 5, threads: 2 });
    using rest = await made.compile({ dt, seed: 5, threads: 1 });
    await half.run(123.4);
    await rest.restore(await half.save());
    const [all, after] = [await whole.run(300), await rest.run(176.6)];
    t.deepEqual(await whole.weights('S', 'E'), await rest.weights('S', 'E'));
    t.deepEqual(
      [...all.times].filter((time) => time > 123.45),
      [...after.times],
    );
  });
}

test('pairs count from the axon’s end', async (t) => {
  // The source's spike of 10 ms is at the synapse at 14.7, the target's of 15.2 at 15.5: 0.8 ms later.
  const S = spikeSource([[10]], { name: 'S' });
  const teacher = spikeSource([[15.1]]);
  const E = population(relay, 1, { name: 'E' });
  const taught = connect(S, E, rule.oneToOne(), {
    weight: 0.1,
    delay: 5,
    dendriticDelay: 0.3,
    model: synapse.stdp({ aPlus: 0.01, muPlus: 0, wMax: 1 }),
  });
  const made = circuit(taught, connect(teacher, E, rule.oneToOne(), { weight: 1, delay: 0.1 }));
  using simulation = await made.compile({ dt, precision: 'f64' });
  t.deepEqual([...(await simulation.run(30)).times], [15.2]);
  const [w] = await simulation.weights('S', 'E');
  t.true(Math.abs(w! - 0.1 - 0.01 * Math.exp(-0.8 / 20)) < 1e-12);
});

test('a dendrite is refused where there is none, and where it is no step', async (t) => {
  const E = population(iafPscExp, 2, { name: 'E' });
  const made = (dendriticDelay: number, model?: SynapseModel) =>
    circuit(
      connect(E, E, rule.allToAll(), { weight: 1, delay: 1, dendriticDelay, ...(model && { model }) }),
      connect(poisson(1), E, { weight: 1 }),
    ).compile({ dt });
  await t.throwsAsync(made(0.1), { message: /dendriticDelay: expected nothing.*do not change/ });
  await t.throwsAsync(made(0.15, synapse.stdp()), {
    message: /dendriticDelay: expected a whole number of steps/,
  });
  t.throws(() => made(0, synapse.stdp()), {
    message: /synapse.dendriticDelay: expected a finite number above 0/,
  });
  const file = JSON.parse(
    JSON.stringify(
      circuit(
        E,
        connect(E, E, rule.allToAll(), { weight: 1, delay: 1, dendriticDelay: 0.2, model: synapse.stdp() }),
      ),
    ),
  );
  t.is(file.connections[0].dendriticDelay, 0.2);
  await t.notThrowsAsync(simulate(circuit(E), { duration: 1 }));
});

test('drawn delays of axons give Brian2’s weights', async (t) => {
  const { pre, post, sources, targets, delays, weights } = JSON.parse(
    await readFile('__test__/circuit/fixtures/plasticity/axonal.json', 'utf8'),
  ) as Record<'pre' | 'post', number[][]> & Record<'sources' | 'targets' | 'delays' | 'weights', number[]>;
  // Brian2's times are the beginnings of steps.
  const later = (trains: number[][], steps: number) =>
    trains.map((train) => train.map((time) => time + steps * dt));
  const S = spikeSource(later(pre, 1), { name: 'S' });
  const recorder = neuron({
    input: ['kick', 'synapse'],
    state: { v: 0 },
    update: 'v = kick',
    spike: 'v > 0.5',
  });
  const R = population(recorder, post.length, { name: 'R' });
  const learning = connect(S, R, rule.list(sources, targets), {
    port: 'synapse',
    weight: 0.5,
    delay: delays.map((delay) => delay + 2 * dt),
    dendriticDelay: dt,
    model: synapse.stdp({
      aPlus: 0.01,
      aMinus: 0.0105,
      muPlus: 0,
      muMinus: 0,
      wMax: 1,
      coincidence: 'pre-first',
    }),
  });
  const kicks = connect(spikeSource(later(post, 0)), R, rule.oneToOne(), {
    port: 'kick',
    weight: 1,
    delay: dt,
  });
  using simulation = await circuit(learning, kicks).compile({ dt, precision: 'f64' });
  await simulation.run(450);
  const found = await simulation.plasticSynapses('S', 'R');
  for (let k = 0; k < weights.length; k++) {
    const own = sources.findIndex(
      (source, i) => source === found.sources[k] && targets[i] === found.targets[k],
    );
    t.true(Math.abs(found.weights[k]! - weights[own]!) < 1e-12);
  }
});
