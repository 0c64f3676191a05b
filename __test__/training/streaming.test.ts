// A session gives the spikes of a run, bit for bit; states can be kept, restored and divided over runs.
import test from 'ava';
import { alpha, cubaLi, cubaLif, integrateAndFire, li, lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  dense,
  type InputTensor,
  loss,
  type Model,
  ModelState,
  type Network,
  type NetworkOptions,
  type Session,
  sequential,
} from '../../src-ts/index.ts';
import { failure, outcome } from '../support/errors.ts';
import { noisy } from '../support/neurons.ts';
import { spikes, uniform } from '../support/numbers.ts';
import { countTurns } from '../support/turns.ts';

const [steps, channels] = [300, 30];

/** Weights large enough for every layer to fire. */
const wide = (inputs: number, outputs: number) =>
  dense(inputs, outputs, { initial: { kind: 'fan-in-uniform', gain: 4 }, bias: outputs !== 9 });

const networks: Record<string, { network: Network; options?: NetworkOptions }> = {
  'two LIF layers': {
    network: sequential(wide(channels, 70), lif({ beta: 0.9 }), wide(70, 9), lif({ beta: 0.8 })),
  },
  'recurrent, all to all': {
    network: sequential(
      wide(channels, 70),
      cubaLif({ alpha: 0.7, beta: 0.9, recurrent: 'dense', reset: 'value' }),
      wide(70, 9),
      lif({ beta: 0.8, resetTiming: 'same-step' }),
    ),
  },
  'recurrent, one to one, refractory': {
    network: sequential(
      wide(channels, 129),
      lif({ beta: uniform(129, 8, 0.5, 0.95), refractorySteps: 3, recurrent: 'one-to-one' }),
      wide(129, 9),
      cubaLif({ alpha: 0.5, beta: 0.8, refractorySteps: 2 }),
    ),
  },
  'silent in the middle': {
    network: sequential(
      wide(channels, 20),
      li({ beta: 0.9 }),
      wide(20, 70),
      lif({ beta: 0.9 }),
      wide(70, 9),
      cubaLi({ alpha: 0.5, beta: 0.9 }),
    ),
  },
  'without projections': {
    network: sequential(lif({ beta: 0.5, vThreshold: 0.4 }), li({ beta: 0.9 }), integrateAndFire()),
    options: { inputs: channels },
  },
  'equations with noise': {
    network: sequential(wide(channels, 70), noisy({ recurrent: 'dense' }), wide(70, 9), noisy()),
  },
  'alpha neurons': {
    network: sequential(
      wide(channels, 70),
      alpha({ alpha: 0.9, beta: 0.8 }),
      wide(70, 9),
      lif({ beta: 0.8 }),
    ),
  },
  'in double precision': {
    network: sequential(
      wide(channels, 70),
      lif({ beta: 0.9, recurrent: 'dense' }),
      wide(70, 9),
      li({ beta: 0.8 }),
    ),
    options: { precision: 'f64' },
  },
};

const inputs: Record<string, InputTensor> = {
  spikes: { x: spikes(steps * channels, 1), shape: [steps, 1, channels] },
  values: { x: uniform(steps * channels, 2, -0.5, 1), shape: [steps, 1, channels] },
  'values of 0 and 1': {
    x: Float32Array.from(spikes(steps * channels, 3, 0.5)),
    shape: [steps, 1, channels],
  },
};

function pushed(session: Session, input: InputTensor, step: number): { fired: number[]; v: Float32Array } {
  const row = input.x.subarray(step * channels, (step + 1) * channels);
  const events =
    row instanceof Float32Array
      ? row
      : Uint32Array.from([...row.keys()].filter((channel) => row[channel] !== 0));
  return { fired: [...session.push(events)], v: session.membrane() };
}

function expected(model: Model, run: Awaited<ReturnType<Model['run']>>, step: number) {
  const n = model.outputs;
  const fired =
    run.spikes === undefined
      ? []
      : [...run.spikes.subarray(step * n, (step + 1) * n).keys()].filter(
          (i) => run.spikes![step * n + i] === 1,
        );
  return { fired, v: Float32Array.from(run.v.subarray(step * n, (step + 1) * n)) };
}

for (const [name, { network, options }] of Object.entries(networks)) {
  for (const [kind, input] of Object.entries(inputs)) {
    test(`${name}, ${kind}: a session is a run, also after a pause, from a copy and from plain arrays`, async (t) => {
      using model = await network.compile({ seed: 4, ...options });
      const run = await model.run(input);
      using session = await model.session();
      using other = session.fork();
      let saved: ModelState | undefined;
      for (let step = 0; step < steps; step++) {
        if (step === 100) saved = session.save();
        t.deepEqual(pushed(session, input, step), expected(model, run, step), `step ${step}`);
      }
      if (run.spikes !== undefined)
        t.true(run.spikes.includes(1), 'something must fire for this to mean anything');
      t.is(session.steps, steps);
      t.is(other.steps, 0);
      t.deepEqual(session.save().toArrays(), run.state.toArrays());
      other.restore(saved!);
      const again = structuredClone(saved!.toArrays());
      session.restore(ModelState.fromArrays(again));
      for (let step = 100; step < 160; step++) {
        const right = expected(model, run, step);
        t.deepEqual(pushed(session, input, step), right);
        t.deepEqual(pushed(other, input, step), right);
      }
      session.reset();
      t.deepEqual(pushed(session, input, 0), expected(model, run, 0));
    });
  }

  test(`${name}: a run in parts is the run`, async (t) => {
    using model = await network.compile({ seed: 4, ...options });
    const batch = 35;
    const x = spikes(steps * batch * channels, 5);
    const whole = await model.run({ x, shape: [steps, batch, channels] });
    let state: ModelState | undefined;
    const parts: number[][] = [
      [0, 7],
      [7, 270],
      [270, 271],
      [271, 300],
    ];
    for (const [from, to] of parts as [number, number][]) {
      const part = x.subarray(from * batch * channels, to * batch * channels);
      const run = await model.run({ x: part, shape: [to - from, batch, channels] }, { state });
      const n = batch * model.outputs;
      t.deepEqual(run.v, whole.v.slice(from * n, to * n));
      t.deepEqual(run.spikes, whole.spikes?.slice(from * n, to * n));
      state = run.state;
    }
    t.deepEqual(state!.toArrays(), whole.state.toArrays());
  });
}

test('pushAsync gives the spikes of push, and the event loop its turns', async (t) => {
  using model = await networks['two LIF layers']!.network.compile();
  using one = await model.session();
  using other = await model.session();
  const events = Array.from({ length: 20_000 }, (_, i) => Uint32Array.of(i % 5, 5 + (i % 25)));
  using loop = countTurns();
  const many = await one.pushAsync(events);
  const { turns } = loop;
  t.deepEqual(
    many,
    events.map((step) => other.push(step)),
  );
  t.true(turns >= 3, `${turns} turns`);
});

test('a session keeps the weights that the model had', async (t) => {
  using model = await networks['two LIF layers']!.network.compile();
  using session = await model.session();
  using same = await model.session();
  const before = await model.weights();
  await model.setWeights({ 'dense1.weight': before['dense1.weight']!.map((x) => -x) as Float32Array });
  using other = await model.session();
  const all = Uint32Array.from({ length: channels }, (_, i) => i);
  session.push(all);
  same.push(all);
  other.push(all);
  t.deepEqual(session.save().toArrays(), same.save().toArrays());
  t.notDeepEqual(session.save().toArrays(), other.save().toArrays());
});

test('streams begun between steps have the weights of then, also where some share them', async (t) => {
  const network = sequential(
    wide(channels, 20),
    lif({ beta: 0.9, learn: ['beta'] }),
    wide(20, 3),
    lif({ beta: 0.8 }),
  );
  using model = await network.compile({ seed: 4 });
  const x = spikes(40 * channels, 9, 0.3);
  const batch = { x, shape: [40, 1, channels], y: Uint32Array.of(1) };
  const made: { sessions: Session[]; v: number[] }[] = [];
  for (let i = 0; i < 5; i++) {
    const sessions = [await model.session(), await model.session()];
    sessions.push(sessions[1]!.fork());
    made.push({ sessions, v: Array.from((await model.run(batch)).v) });
    if (i === 2) for (const session of sessions.splice(0, 2)) session.dispose();
    // Twice the same weights in the middle.
    if (i !== 1)
      await model.trainStep(batch, { loss: loss.crossEntropyCount(), optimizer: adam({ lr: 0.05 }) });
  }
  t.is(new Set(made.map(({ v }) => v.join())).size, 4);
  for (const { sessions, v } of made) {
    for (const session of sessions) {
      const found: number[] = [];
      for (let step = 0; step < 40; step++) {
        session.push(Float32Array.from(x.subarray(step * channels, (step + 1) * channels)));
        found.push(...session.membrane());
      }
      t.deepEqual(found, v);
    }
  }
});

test('a state of another network or batch is refused', async (t) => {
  using model = await networks['two LIF layers']!.network.compile();
  using other = await networks['alpha neurons']!.network.compile();
  using double = await networks['two LIF layers']!.network.compile({ precision: 'f64' });
  using session = await model.session();
  const input = (batch: number) => ({ x: new Float32Array(batch * channels), shape: [1, batch, channels] });
  const states = {
    batch: (await model.run(input(2))).state,
    network: (await other.run(input(1))).state,
    precision: (await double.run(input(1))).state,
  };
  for (const [what, state] of Object.entries(states)) {
    const code = what === 'precision' ? 'invalid-parameter' : 'shape-mismatch';
    t.is((await failure(() => session.restore(state)))?.code, code, what);
    t.is((await failure(() => model.run(input(1), { state })))?.code, code, what);
  }
  const arrays = (await model.run(input(1))).state.toArrays();
  arrays.layers[0]!.states[0]![3] = Number.NaN;
  t.is((await failure(() => session.restore(ModelState.fromArrays(arrays))))?.code, 'non-finite');
});

test('a session of an f64 model takes and gives doubles', async (t) => {
  const model = await sequential(dense(3, 40), lif({ beta: 0.9 }), dense(40, 2), li({ beta: 0.8 })).compile({
    precision: 'f64',
    seed: 4,
  });
  const x = Float64Array.from(uniform(25 * 3, 5, 0, 2), (value) => value / 3);
  t.false(x.every((value) => value === Math.fround(value)));
  const { v } = await model.run({ x, shape: [25, 1, 3] });
  const session = await model.session();
  const [doubles, floats] = [new Float64Array(2), new Float32Array(2)];
  for (let step = 0; step < 25; step++) {
    session.push(x.subarray(3 * step, 3 * step + 3));
    t.is(session.membrane(doubles), doubles);
    t.deepEqual([...doubles], [...v.subarray(2 * step, 2 * step + 2)]);
    t.deepEqual(session.membrane(floats), Float32Array.from(doubles));
  }
  t.regex(await outcome(() => session.push(Float64Array.of(1, 2))), /^shape-mismatch: /);
  t.regex(await outcome(() => session.push(Float64Array.of(1, Number.NaN, 2))), /^non-finite: .*channel 1/);
});

test('a session of an f32 model rounds doubles, as a run does', async (t) => {
  const model = await sequential(dense(3, 40), lif({ beta: 0.9 }), dense(40, 2), li({ beta: 0.8 })).compile({
    seed: 4,
  });
  const x = Float64Array.from(uniform(25 * 3, 5, 0, 2), (value) => value / 3);
  const { v } = await model.run({ x, shape: [25, 1, 3] });
  const session = await model.session();
  await session.pushAsync(Array.from({ length: 25 }, (_, step) => x.subarray(3 * step, 3 * step + 3)));
  t.deepEqual(session.membrane(), v.slice(48));
  t.regex(await outcome(() => session.push(Float64Array.of(1, 1e300, 2))), /^non-finite: .*channel 1/);
});
