// A spiking policy that learns from reward to swing up two links, by proximal policy optimization.
import { adam, dense, sequential } from 'lapicque';
import * as control from 'lapicque/control';
import { li, lif, surrogate } from 'lapicque/neurons';
import { acrobot, acrobotStep } from '../../support/environments.mjs';

const steps = 4; // time steps of the network per control step
const up = ([first, second]) => -Math.cos(first) - Math.cos(second + first) > 1;
const observe = ([first, second, ...rates]) => [
  Math.cos(first),
  Math.sin(first),
  Math.cos(second),
  Math.sin(second),
  ...rates,
];

/** Trains for a number of control steps. Every tenth rollout is followed by a test on further starts; the best weights are kept. */
export async function trainAcrobot(random, { seed, total }) {
  const neurons = () => lif({ beta: 0.5, vThreshold: 0.5, surrogate: surrogate.fastSigmoid({ slope: 5 }) });
  const model = await sequential(
    dense(6, 64),
    neurons(),
    dense(64, 64),
    neurons(),
    dense(64, 4),
    li({ beta: 0.5 }),
  ).compile({ seed });
  const environments = new control.Environments(
    Array.from({ length: 16 }, () => acrobot()),
    { seed },
  );
  const objective = control.ppo({ actions: 3, entropyWeight: 0 });
  const validation = Array.from({ length: 100 }, () =>
    Array.from({ length: 4 }, () => random.uniform(-0.1, 0.1)),
  );
  const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;
  let best = { length: Number.POSITIVE_INFINITY };
  for (let done = 0, k = 0; done < total; k++) {
    const played = await control.rollout(model, environments, { length: 128, steps });
    const estimates = control.advantages(played, { discount: 0.99, lambda: 0.95, rewardScale: 0.02 });
    await model.fit(control.batches(played, estimates, { size: 256, seed: k }), {
      steps,
      epochs: 4,
      loss: objective,
      optimizer: adam({ lr: 3e-3 * (1 - done / total), maxNorm: 0.5 }),
    });
    done += played.actions.length;
    if (done < total / 2 || (k % 10 !== 0 && done < total)) continue;
    const length = mean(await swingUp(model, validation));
    if (length < best.length) best = { length, weights: await model.weights() };
  }
  await model.setWeights(best.weights);
  return model;
}

/** Control steps until the end of the second link is above the bar, at most 500, for each start; always the most probable action. */
export async function swingUp(model, starts) {
  const lengths = starts.map((start) => (up(start) ? 0 : undefined));
  let running = starts.map((state, i) => ({ state, i })).filter(({ i }) => lengths[i] === undefined);
  for (let k = 1; k <= 500 && running.length > 0; k++) {
    const x = Float32Array.from(running.flatMap(({ state }) => observe(state)));
    const { v } = await model.run({ x, shape: [running.length, 6] }, { steps });
    running = running.map(({ state, i }, row) => {
      const logits = [0, 1, 2].map((action) => {
        let sum = 0;
        for (let t = 0; t < steps; t++) sum += v[(t * running.length + row) * 4 + action];
        return sum;
      });
      return { state: acrobotStep(state, logits.indexOf(Math.max(...logits))), i };
    });
    for (const { state, i } of running) if (up(state) || k === 500) lengths[i] = k;
    running = running.filter(({ i }) => lengths[i] === undefined);
  }
  return lengths;
}
