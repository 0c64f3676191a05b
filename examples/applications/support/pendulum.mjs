// A spiking network that swings up a pendulum: it imitates the teacher on the states that it reaches itself (DAgger; Ross, Gordon, Bagnell 2011).
import { adam, dense, loss, sequential } from 'lapicque';
import { li, lif, surrogate } from 'lapicque/neurons';
import { pendulumStep } from '../../support/environments.mjs';

const steps = 4; // time steps of the network per control step
const length = 200;
const observe = ([angle, rate]) => [Math.cos(angle), Math.sin(angle), rate / 4];
const objective = loss.trace(
  ({ v, batch }) => v.mean('time').at('neuron', 0).mul(2).sub(batch.torque).square().mean(),
  { tensors: { torque: ['batch'] } },
);

/** Torques for some states, all in one run of the network. */
async function torques(model, states) {
  const { v } = await model.run(
    { x: Float32Array.from(states.flatMap(observe)), shape: [states.length, 3] },
    { steps },
  );
  return states.map((_, i) => {
    let sum = 0;
    for (let t = 0; t < steps; t++) sum += v[t * states.length + i];
    return (2 * sum) / steps;
  });
}

/** Episodes from these starts, in parallel: all visited states, and the returns. */
export async function swing(model, starts) {
  let states = starts.map((start) => [...start]);
  const visited = [];
  const returns = starts.map(() => 0);
  for (let k = 0; k < length; k++) {
    visited.push(states);
    const given = await torques(model, states);
    states = states.map((state, i) => {
      const { next, reward } = pendulumStep(state, given[i]);
      returns[i] += reward;
      return next;
    });
  }
  return { visited: visited.flat(), returns };
}

/** Trains a network of 128 neurons in rounds: it plays, the teacher says what it would have done, and the network learns from all rounds. */
export async function trainPendulum(teacher, random, { seed, rounds, epochs }) {
  const neurons = () => lif({ beta: 0.5, vThreshold: 0.5, surrogate: surrogate.fastSigmoid({ slope: 5 }) });
  const model = await sequential(
    dense(3, 64),
    neurons(),
    dense(64, 64),
    neurons(),
    dense(64, 1),
    li({ beta: 0.5 }),
  ).compile({ seed });
  const start = () => [random.uniform(-Math.PI, Math.PI), random.uniform(-1, 1)];
  const anywhere = () => [random.uniform(-Math.PI, Math.PI), random.uniform(-8, 8)];
  let states = Array.from({ length: 4000 }, anywhere);
  let answers = states.map(([angle, rate]) => teacher(angle, rate));
  for (let round = 0; round < rounds; round++) {
    if (round > 0) {
      const { visited } = await swing(model, Array.from({ length: 32 }, start));
      states = states.concat(visited);
      answers = answers.concat(visited.map(([angle, rate]) => teacher(angle, rate)));
    }
    const optimizer = adam({ lr: 4e-3 * (1 - (0.9 * round) / rounds), maxNorm: 1 });
    await model.fit(batches(states, answers, random), { steps, epochs, loss: objective, optimizer });
  }
  return model;
}

/** Batches of 256 states with the teacher's torques, in a new order for each epoch. */
function batches(states, answers, random) {
  return {
    *[Symbol.iterator]() {
      const order = random.shuffle(Array.from(states.keys()));
      for (let from = 0; from < order.length; from += 256) {
        const chosen = order.slice(from, from + 256);
        yield {
          x: Float32Array.from(chosen.flatMap((i) => observe(states[i]))),
          shape: [chosen.length, 3],
          y: new Uint8Array(chosen.length),
          tensors: { torque: Float64Array.from(chosen, (i) => answers[i]) },
        };
      }
    },
  };
}
