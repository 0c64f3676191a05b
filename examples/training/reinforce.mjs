// REINFORCE with a learned baseline: actions whose later rewards exceed the value of their state become more probable.
//
//   node examples/training/reinforce.mjs [--task cart-pole|acrobot|pendulum] [--seed 0] [--steps 200000]
import { adam } from 'lapicque';
import * as control from 'lapicque/control';
import { progress, start, steps } from '../support/policy.mjs';

const { model, environments, estimation, total } = await start({
  // With lambda 1 a return is the sum of all later rewards of the rollout, and the value of the state at its end.
  'cart-pole': { estimation: { discount: 0.98, lambda: 1, rewardScale: 0.05 }, total: 200_000 },
  acrobot: { estimation: { discount: 0.99, lambda: 1, rewardScale: 0.02 }, total: 300_000 },
});
const objective = control.reinforce({ actions: environments.actions });
const course = progress(total);

while (course.left() > 0) {
  const played = await control.rollout(model, environments, { length: 32, steps });
  const [batch] = control.batches(played, control.advantages(played, estimation));
  await model.trainStep(batch, {
    steps,
    loss: objective,
    optimizer: adam({ lr: 5e-3 * course.left(), maxNorm: 0.5 }),
  });
  course.add(played);
}
course.close();
