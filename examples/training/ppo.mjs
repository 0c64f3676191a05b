// Proximal policy optimization: a spiking network learns to balance a pole, or with `--task acrobot` to swing up two links.
//
//   node examples/training/ppo.mjs [--task cart-pole|acrobot|pendulum] [--seed 0] [--steps 200000]
import { adam } from 'lapicque';
import * as control from 'lapicque/control';
import { progress, start, steps } from '../support/policy.mjs';

const { model, environments, length, epochs, estimation, total } = await start({
  'cart-pole': {
    length: 64,
    epochs: 10,
    estimation: { discount: 0.98, lambda: 0.95 },
    total: 200_000,
  },
  acrobot: {
    length: 128,
    epochs: 4,
    estimation: { discount: 0.99, lambda: 0.95, rewardScale: 0.02 },
    total: 200_000,
  },
});
const objective = control.ppo({ actions: environments.actions, entropyWeight: 0 });
const course = progress(total);

for (let seed = 0; course.left() > 0; seed++) {
  const played = await control.rollout(model, environments, { length, steps });
  const estimates = control.advantages(played, estimation);
  // An epoch is one pass over the rollout.
  await model.fit(control.batches(played, estimates, { size: 256, seed }), {
    steps,
    epochs,
    loss: objective,
    optimizer: adam({ lr: 1e-3 * course.left(), maxNorm: 0.5 }),
  });
  course.add(played);
}
course.close();
