// A study whose trials compute without a pause for some steps, and keep a checkpoint at each.
import { writeSync } from 'node:fs';
import { search, space, study } from 'lapicque/study';

const work = Number(process.env.STEP_MS ?? 10);

export default study({
  name: 'redis',
  space: { x: space.uniform(-5, 10), steps: space.int(2, 5), kind: space.choice(['a', 'b']) },
  search: search.tpe({ startup: 4 }),
  parallel: 6,
  seed: 5,
  objective: async ({ x, steps, kind }, trial) => {
    const saved = await trial.checkpoint.get();
    let { step, value } =
      saved === undefined ? { step: 0, value: x } : JSON.parse(Buffer.from(saved).toString());
    if (step > 0) writeSync(2, `trial ${trial.number} goes on at step ${step}\n`);
    for (; step < steps; ) {
      const end = performance.now() + work;
      while (performance.now() < end);
      value = Math.sin(1.1 * value + 1e-17 * trial.seed) + x / 10;
      trial.report(step, value);
      step += 1;
      await trial.checkpoint.save(Buffer.from(JSON.stringify({ step, value })));
    }
    trial.set('kind', kind);
    await trial.artifacts.write('value.txt', Buffer.from(String(value)));
    if (kind === 'b' && x > 7) throw new TypeError('too large');
    return value;
  },
});
