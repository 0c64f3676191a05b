// Reinforcement learning: rollouts against single runs of the network, advantages against their definition, losses against their
// formulas written out and finite differences, and the environments of the examples against gymnasium.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import * as control from '../../src-ts/doors/control.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { evaluateTraced, type TracedLoss } from '../../src-ts/doors/trace.ts';
import { adam, dense, LapicqueError, sequential } from '../../src-ts/index.ts';
import { uniform } from '../support/numbers.ts';

type Steps = Record<
  string,
  (state: number[], action: number) => number[] & { next: number[]; reward: number }
>;
type Makers = Record<string, (options?: object) => control.ControlEnvironment>;
const module = pathToFileURL(resolve('examples/support/environments.mjs')).href;
const { cartPole, acrobot, pendulum, cartPoleStep, acrobotStep, pendulumStep } = (await import(
  module
)) as Steps & Makers;

interface Trajectory {
  initial_state: number[];
  actions: (number | [number])[];
  states: number[][];
  observations: number[][];
  rewards: number[];
  terminated: boolean[];
}
const { trajectories } = JSON.parse(
  readFileSync('__test__/training/fixtures/control/trajectories.json', 'utf8'),
) as { trajectories: Record<string, Trajectory[]> };

/** Uniform numbers of a reset that begins at this state. */
const beginning = (state: number[], lows: number[]) => {
  let next = 0;
  return () => {
    const drawn = (state[next]! / -lows[next]! + 1) / 2;
    next += 1;
    return drawn;
  };
};

const tasks = {
  'CartPole-v1': { make: cartPole!, step: cartPoleStep!, lows: Array(4).fill(-0.05) },
  'Acrobot-v1': { make: acrobot!, step: acrobotStep!, lows: Array(4).fill(-0.1) },
  'Pendulum-v1': { make: pendulum!, step: pendulumStep!, lows: [-Math.PI, -1] },
};

for (const [name, { make, step, lows }] of Object.entries(tasks)) {
  test(`${name}: each step is gymnasium's`, (t) => {
    for (const { initial_state, actions, states, observations, rewards, terminated } of trajectories[name]!) {
      // The pendulum's torques are any numbers there: each is an action here.
      const torques = actions.map((action) => (typeof action === 'number' ? action : action[0]));
      const isDiscrete = typeof actions[0] === 'number';
      const environment = make(isDiscrete ? {} : { torques });
      environment.reset(beginning(initial_state, lows));
      actions.forEach((action, k) => {
        const result = step(states[k]!, torques[k]!);
        (isDiscrete ? result : result.next).forEach((x, i) => {
          t.true(Math.abs(x - states[k + 1]![i]!) <= 1e-12);
        });
        const after = environment.step(isDiscrete ? (action as number) : k);
        t.true(Math.abs(after.reward - rewards[k]!) < 1e-9);
        t.is(after.terminated, terminated[k]!);
        t.is(after.observation.length, environment.observations);
        observations[k]!.forEach((x, i) => {
          t.true(Math.abs(x - after.observation[i]!) < 1e-6);
        });
      });
    }
  });
}

test('time limits truncate', (t) => {
  for (const make of [acrobot!, pendulum!]) {
    const environment = make({ limit: 3 });
    environment.reset(() => 0.5);
    const ends = [0, 1, 2].map(() => environment.step(1));
    t.deepEqual(
      ends.map(({ truncated }) => truncated),
      [false, false, true],
    );
    t.true(ends.every(({ terminated }) => !terminated));
  }
});

/** Counts its steps; the episode is cut off, or ends, after some. */
const counter = (limit: number, isFinal: boolean): control.ControlEnvironment => {
  let count = 0;
  let first = 0;
  const observe = () => [first, count, 1];
  return {
    observations: 3,
    actions: 2,
    reset(random) {
      [first, count] = [random(), 0];
      return observe();
    },
    step(action) {
      count += 1;
      const isEnd = count === limit;
      const reward = 10 * count + action;
      return { observation: observe(), reward, terminated: isEnd && isFinal, truncated: isEnd && !isFinal };
    },
  };
};
const policy = (outputs = 3) =>
  sequential(dense(3, 8), lif({ beta: 0.5, vThreshold: 0.3 }), dense(8, outputs), li({ beta: 0.5 })).compile({
    seed: 4,
    precision: 'f64',
  });
const counters = (seed = 3) =>
  new control.Environments([counter(3, false), counter(2, true), counter(9, true)], { seed });
const [length, steps] = [5, 4];

test('a rollout holds what single runs of the network give', async (t) => {
  const model = await policy();
  const played = await control.rollout(model, counters(), { length, steps });
  const readout = async (observation: ArrayLike<number>) => {
    const { v } = await model.run({ x: Float32Array.from(observation), shape: [1, 3] }, { steps });
    return [0, 1, 2].map((k) => [0, 1, 2, 3].reduce((sum, step) => sum + v[3 * step + k]! / steps, 0));
  };
  t.deepEqual([...played.ends], [0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
  const rewards = [1, 1, 1, 2, 2, 2, 3, 1, 3, 1, 2, 4, 2, 1, 5].map(
    (count, i) => 10 * count + played.actions[i]!,
  );
  t.deepEqual([...played.rewards], rewards);
  const sum = (...at: number[]) => at.reduce((total, i) => total + rewards[i]!, 0);
  t.deepEqual(played.episodes, [
    { return: sum(1, 4), length: 2 },
    { return: sum(0, 3, 6), length: 3 },
    { return: sum(7, 10), length: 2 },
  ]);
  for (let i = 0; i < 15; i++) {
    const observation = played.observations.subarray(3 * i, 3 * i + 3);
    const [a, b, value] = (await readout(observation)) as [number, number, number];
    t.true(Math.abs(played.values[i]! - value) < 1e-12);
    const chosen = played.actions[i] === 0 ? a : b;
    const logProbability = chosen - Math.log(Math.exp(a) + Math.exp(b));
    t.true(Math.abs(played.logProbabilities[i]! - logProbability) < 1e-12);
    // The counter after the step; a final state has no value, one that was cut off has.
    const next = (await readout([observation[0]!, observation[1]! + 1, 1]))[2]!;
    const isFinal = played.ends[i] === 1 && i % 3 === 1;
    t.true(Math.abs(played.nextValues[i]! - (isFinal ? 0 : next)) < 1e-12);
  }
});

test('a seed decides a rollout, and the next one goes on', async (t) => {
  const model = await policy();
  const whole = await control.rollout(model, counters(), { length: 6, steps });
  const environments = counters();
  const parts = [
    await control.rollout(model, environments, { length: 2, steps }),
    await control.rollout(model, environments, { length: 4, steps }),
  ];
  t.deepEqual(
    [...whole.actions],
    parts.flatMap(({ actions }) => [...actions]),
  );
  t.deepEqual(
    [...whole.observations],
    parts.flatMap(({ observations }) => [...observations]),
  );
  const other = await control.rollout(model, counters(4), { length: 6, steps });
  t.notDeepEqual([...whole.observations], [...other.observations]);
});

test('actions are drawn by their probabilities; greedy ones are the most probable', async (t) => {
  const model = await policy(2);
  const still = (): control.ControlEnvironment => ({
    observations: 3,
    actions: 2,
    reset: () => [1, -0.5, 1],
    step: () => ({ observation: [1, -0.5, 1], reward: 0, terminated: false, truncated: false }),
  });
  const environments = new control.Environments(Array.from({ length: 1000 }, still));
  const { v } = await model.run({ x: Float32Array.of(1, -0.5, 1), shape: [1, 3] }, { steps });
  const logits = [0, 1].map((k) => [0, 1, 2, 3].reduce((sum, step) => sum + v[2 * step + k]! / steps, 0));
  const probability = 1 / (1 + Math.exp(logits[0]! - logits[1]!));
  t.true(Math.abs(probability - 0.5) > 0.02);
  const played = await control.rollout(model, environments, { length: 40, steps });
  const ones = played.actions.reduce((sum, action) => sum + action, 0) / 40_000;
  t.true(Math.abs(ones - probability) < 5 * Math.sqrt((probability * (1 - probability)) / 40_000));
  t.true(played.values.every((value) => value === 0) && played.nextValues.every((value) => value === 0));
  const greedy = await control.rollout(model, environments, { length: 1, steps, greedy: true });
  t.true(greedy.actions.every((action) => action === (probability > 0.5 ? 1 : 0)));
});

test('a policy with memory: outputs are those of one run over the episode, and sequences begin with its states', async (t) => {
  const model = await policy();
  const environments = counters();
  const begin = await model.restState(3);
  const parts = [await control.rollout(model, environments, { length: 3, steps, state: begin })];
  parts.push(await control.rollout(model, environments, { length, steps, state: parts[0]!.state }));
  t.is(parts[1]!.states!.length, length);
  for (const environment of [0, 1, 2]) {
    /** Observations of the present episode. */
    let seen: number[] = [];
    for (const [part, at] of parts.flatMap((part) =>
      [...part.rewards.keys()].map((at) => [part, at] as const),
    )) {
      if (at % 3 !== environment) continue;
      seen.push(...part.observations.subarray(3 * at, 3 * at + 3));
      const readout = async (observations: number[]) => {
        const count = observations.length / 3;
        const x = new Float32Array(count * steps * 3);
        for (let i = 0; i < count * steps; i++) {
          const from = 3 * Math.floor(i / steps);
          x.set(observations.slice(from, from + 3), 3 * i);
        }
        const { v } = await model.run({ x, shape: [count * steps, 1, 3] });
        const last = v.slice(-3 * steps);
        return [0, 1, 2].map((k) => [0, 1, 2, 3].reduce((sum, step) => sum + last[3 * step + k]! / steps, 0));
      };
      const [a, b, value] = (await readout(seen)) as [number, number, number];
      t.true(Math.abs(part.values[at]! - value) < 1e-12);
      const logProbability = (part.actions[at] === 0 ? a : b) - Math.log(Math.exp(a) + Math.exp(b));
      t.true(Math.abs(part.logProbabilities[at]! - logProbability) < 1e-12);
      const isFinal = part.ends[at] === 1 && environment === 1;
      const [first, count] = seen.slice(-3) as [number, number];
      const next = isFinal ? 0 : (await readout([...seen, first, count + 1, 1]))[2]!;
      t.true(Math.abs(part.nextValues[at]! - next) < 1e-12);
      if (part.ends[at] === 1) seen = [];
    }
  }
  // With the weights of the rollout, the ratio of the probabilities is 1 and the values are those of the rollout.
  const [, played] = parts as [control.Rollout, control.Rollout];
  const estimates = control.advantages(played);
  const sequence = { length: 4, steps };
  const objective = control.ppo({ actions: 2, normalize: false, valueWeight: 1, sequence });
  const sizes: number[] = [];
  let [policyTerm, valueTerm, counted] = [0, 0, 0];
  for (const batch of control.sequences(played, estimates, { length: 4, size: 2 })) {
    const { terms } = await model.evaluateStep(batch, { loss: objective });
    const own = (batch.tensors!.counts as Float64Array).reduce((sum, one) => sum + one, 0);
    sizes.push(batch.shape[1]!);
    policyTerm += own * terms!.policy!;
    valueTerm += own * terms!.value!;
    counted += own;
  }
  // Parts of episodes in steps: 2 and 3; 1, 2, 2; 4 and 1.
  t.deepEqual(sizes, [2, 2, 2, 1]);
  t.is(counted, 15);
  const mean = (of: (i: number) => number) => played.rewards.reduce((sum, _, i) => sum + of(i), 0);
  t.true(Math.abs(policyTerm + mean((i) => estimates.advantages[i]!)) < 1e-9);
  t.true(Math.abs(valueTerm - mean((i) => (played.values[i]! - estimates.returns[i]!) ** 2)) < 1e-9);
  const without = await control.rollout(model, counters(), { length, steps });
  t.throws(() => control.sequences(without, control.advantages(without), { length: 4 }), {
    instanceOf: LapicqueError,
    message: /a rollout with the option state/,
  });
});

test('advantages are the weighted mean of those of n steps', async (t) => {
  const played = await control.rollout(await policy(), counters(), { length: 8, steps });
  const { rewards, values, nextValues, ends } = played;
  const [discount, rewardScale] = [0.9, 0.5];
  for (const lambda of [0, 0.7, 1]) {
    const estimated = control.advantages(played, { discount, lambda, rewardScale });
    for (const i of rewards.keys()) {
      // Advantages of 1, 2 … steps, up to the end of the episode or the rollout.
      const ofSteps: number[] = [];
      let sum = -values[i]!;
      for (let j = i, n = 0; j < rewards.length; j += 3, n++) {
        sum += discount ** n * rewardScale * rewards[j]!;
        ofSteps.push(sum + discount ** (n + 1) * nextValues[j]!);
        if (ends[j] === 1) break;
      }
      const last = ofSteps.length - 1;
      const mean = ofSteps.reduce(
        (total, one, n) => total + one * lambda ** n * (n === last ? 1 : 1 - lambda),
        0,
      );
      t.true(Math.abs(estimated.advantages[i]! - mean) < 1e-10);
      t.true(Math.abs(estimated.returns[i]! - mean - values[i]!) < 1e-10);
    }
  }
});

test('batches hold each control step once per epoch, in another order each time', async (t) => {
  const played = await control.rollout(await policy(), counters(), { length: 8, steps });
  const estimates = control.advantages(played);
  const all = control.batches(played, estimates, { size: 10, seed: 1 });
  const epochs = [0, 1].map(() =>
    [...all].flatMap(({ x, y, shape, tensors }) => {
      t.deepEqual(shape, [y.length, 3]);
      return Array.from(y as Uint32Array, (action, i) => [
        ...x.slice(3 * i, 3 * i + 3),
        action,
        tensors!.returns![i],
      ]);
    }),
  );
  const expected = Array.from(played.actions, (action, i) => [
    ...played.observations.slice(3 * i, 3 * i + 3),
    action,
    estimates.returns[i],
  ]);
  t.notDeepEqual(epochs[0], epochs[1]);
  for (const epoch of epochs) t.deepEqual(epoch.sort().map(String), [...expected].sort().map(String));
});

// The losses: outputs [2 steps, 6 samples, 3 actions and the value].
const [times, samples, outputs] = [2, 6, 4];
const data = {
  v: Float64Array.from(uniform(times * samples * outputs, 1, -2, 2)),
  target: [0, 1, 2, 2, 1, 0],
  advantages: Float64Array.from(uniform(samples, 2, -3, 3)),
  returns: Float64Array.from(uniform(samples, 3, -3, 3)),
  logProbabilities: Float64Array.from(uniform(samples, 4, -2, -0.5)),
};

/** The loss by its formula; `v0`: the outputs that give the baseline of REINFORCE, through which no gradient flows. */
function formula(kind: 'reinforce' | 'actorCritic' | 'ppo', v: Float64Array, v0: Float64Array) {
  const mean = (of: (i: number) => number) => data.target.reduce((sum, _, i) => sum + of(i), 0) / samples;
  const at = (x: Float64Array, i: number, k: number) =>
    (x[i * outputs + k]! + x[(samples + i) * outputs + k]!) / times;
  const probability = (i: number, k: number) =>
    Math.exp(at(v, i, k)) / [0, 1, 2].reduce((sum, each) => sum + Math.exp(at(v, i, each)), 0);
  const m = mean((i) => data.advantages[i]!);
  const deviation = Math.sqrt(mean((i) => (data.advantages[i]! - m) ** 2));
  const policies = {
    reinforce: (i: number) => -Math.log(probability(i, data.target[i]!)) * (data.returns[i]! - at(v0, i, 3)),
    actorCritic: (i: number) => -Math.log(probability(i, data.target[i]!)) * data.advantages[i]!,
    ppo: (i: number) => {
      const ratio = probability(i, data.target[i]!) / Math.exp(data.logProbabilities[i]!);
      const advantage = (data.advantages[i]! - m) / (deviation + 1e-8);
      return -Math.min(ratio * advantage, Math.min(Math.max(ratio, 0.7), 1.3) * advantage);
    },
  };
  return {
    policy: mean(policies[kind]),
    value: 0.4 * mean((i) => (at(v, i, 3) - data.returns[i]!) ** 2),
    entropy:
      0.03 *
      mean((i) => [0, 1, 2].reduce((sum, k) => sum + probability(i, k) * Math.log(probability(i, k)), 0)),
  };
}

const evaluated = (objective: TracedLoss) =>
  evaluateTraced(objective, {
    v: { values: data.v, shape: [times, samples, outputs] },
    target: { values: data.target, shape: [samples] },
    ...Object.fromEntries(
      ['advantages', 'returns', 'logProbabilities']
        .filter((name) => JSON.stringify(objective.graph).includes(`"batch:${name}"`))
        .map((name) => [`batch:${name}`, { values: data[name as 'returns'], shape: [samples] }]),
    ),
  });

const weights = { actions: 3, valueWeight: 0.4, entropyWeight: 0.03 };
for (const [kind, objective] of [
  ['reinforce', control.reinforce(weights)],
  ['actorCritic', control.actorCritic(weights)],
  ['ppo', control.ppo({ ...weights, clip: 0.3 })],
] as const) {
  test(`${kind}: terms by its formula, gradient by finite differences`, async (t) => {
    const { results, gradients } = await evaluated(objective);
    const expected = formula(kind, data.v, data.v);
    t.deepEqual(Object.keys(results).sort(), Object.keys(expected).sort());
    for (const [name, value] of Object.entries(expected)) {
      t.true(Math.abs(results[name]!.values[0]! - value) < 1e-12, name);
    }
    const total = (v: Float64Array) =>
      Object.values(formula(kind, v, data.v)).reduce((sum, term) => sum + term, 0);
    for (const i of data.v.keys()) {
      const moved = (by: number) => total(data.v.map((x, j) => (j === i ? x + by : x)));
      const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      t.true(Math.abs(gradients.v!.values[i]! - difference) < 1e-8, `${i}`);
    }
  });
}

test('steps of PPO make rewarded actions more probable', async (t) => {
  // The rewarded action is 1 if the first observation is above a half.
  const telling = (): control.ControlEnvironment => {
    let first = 0;
    return {
      observations: 3,
      actions: 2,
      reset(random) {
        first = random();
        return [first, 1 - first, 1];
      },
      step: (action) => ({
        observation: [0, 0, 0],
        reward: action === Number(first > 0.5) ? 1 : 0,
        terminated: true,
        truncated: false,
      }),
    };
  };
  const model = await policy();
  const environments = new control.Environments(Array.from({ length: 64 }, telling), { seed: 1 });
  const mean = async () => {
    const { rewards } = await control.rollout(model, environments, { length: 16, steps });
    return rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  };
  t.true((await mean()) < 0.7);
  for (let seed = 0; seed < 40; seed++) {
    const played = await control.rollout(model, environments, { length: 4, steps });
    await model.fit(control.batches(played, control.advantages(played), { size: 64, seed }), {
      steps,
      epochs: 4,
      loss: control.ppo({ actions: 2, entropyWeight: 0 }),
      optimizer: adam({ lr: 1e-2 }),
    });
  }
  t.true((await mean()) > 0.9);
});

test('what is wrong is refused where it is given', async (t) => {
  const model = await policy();
  const refused = async (work: () => unknown, part: RegExp) => {
    const error = await t.throwsAsync(async () => work(), { instanceOf: LapicqueError });
    t.regex(error!.message, part);
  };
  const make = (change: object) =>
    new control.Environments([counter(3, true), { ...counter(3, true), ...change }]);
  await refused(() => new control.Environments([]), /environments.*a list of environments/);
  await refused(() => make({ observations: 2 }), /environments\[1\].*3 observations and 2 actions/);
  await refused(() => make({ step: undefined }), /environments\[1\]\.step.*a function/);
  await refused(() => make({ reset: () => [1] }), /observation of environment 1.*3 numbers/);
  const rewardless = make({ step: () => ({ observation: [1, 2, 3], terminated: false, truncated: false }) });
  await refused(
    () => control.rollout(model, rewardless, { length, steps }),
    /reward of environment 1.*a finite number/,
  );
  await refused(
    async () => control.rollout(await policy(5), counters(), { length, steps }),
    /model.*2 outputs/,
  );
  await refused(() => control.rollout(model, counters(), { length, stepz: 4 } as never), /stepz.*steps/);
  await refused(() => control.ppo({ actions: 2, clip: 0 }), /clip/);
  await refused(() => control.reinforce({ actions: 1 }), /actions/);
  const played = await control.rollout(model, counters(), { length, steps });
  await refused(() => control.advantages(played, { lambda: 2 }), /lambda/);
  await refused(() => control.advantages({ ...played, ends: new Uint8Array(2) }), /rollout\.ends/);
  await refused(() => control.batches(played, {} as never), /estimates\.advantages/);
  await refused(() => control.rollout(model, {} as never, { length, steps }), /environments/);
  await refused(() => control.rollout({} as never, counters(), { length, steps }), /model/);
  const missing = new Array<control.ControlEnvironment>(2);
  await refused(() => new control.Environments([...missing, counter(3, true)]), /environments\[0\]/);
});

test('random numbers of the environments are uniform and their own', (t) => {
  const first = uniformsOf(0);
  const second = uniformsOf(1);
  t.not(first[0], second[0]);
  const mean = first.reduce((sum, x) => sum + x, 0) / first.length;
  t.true(Math.abs(mean - 0.5) < 5 * Math.sqrt(1 / 12 / first.length));
});

/** Numbers that one of two environments of a seed draws. */
function uniformsOf(i: number): number[] {
  const drawn: number[][] = [[], []];
  const drawing = (own: number[]): control.ControlEnvironment => ({
    ...counter(1, true),
    reset(random) {
      for (let k = 0; k < 1000; k++) own.push(random());
      return [0, 0, 0];
    },
  });
  new control.Environments(drawn.map(drawing), { seed: 7 });
  return drawn[i]!;
}
