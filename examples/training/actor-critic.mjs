// Advantage actor–critic: one step of the optimizer for each short rollout of many environments.
//
//   node examples/training/actor-critic.mjs [--task cart-pole|acrobot|pendulum] [--seed 0] [--steps 200000]
import { adam } from 'lapicque';
import * as control from 'lapicque/control';
import { progress, start, steps } from '../support/policy.mjs';

const { model, environments, estimation, total } = await start({
  'cart-pole': { estimation: { discount: 0.98, lambda: 0.95, rewardScale: 0.05 }, total: 200_000 },
  acrobot: { estimation: { discount: 0.99, lambda: 0.95, rewardScale: 0.02 }, total: 300_000 },
});
const objective = control.actorCritic({ actions: environments.actions });
const course = progress(total);

while (course.left() > 0) {
  const played = await control.rollout(model, environments, { length: 16, steps });
  const [batch] = control.batches(played, control.advantages(played, estimation));
  await model.trainStep(batch, {
    steps,
    loss: objective,
    optimizer: adam({ lr: 3e-3 * course.left(), maxNorm: 0.5 }),
  });
  course.add(played);
}
course.close();
