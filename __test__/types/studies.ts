// Compile-only: what an objective gets and what a study takes follow from the space.
import { type StudyModule, search, space, study, type Trial } from '../../src-ts/doors/study.ts';

const parameters = {
  lr: space.logUniform(1e-4, 1e-1),
  layers: space.int(1, 4),
  optimizer: space.choice(['adam', 'sgd']),
  momentum: space.when('optimizer', 'sgd', space.uniform(0, 0.99)),
};

const typed = study({
  name: 'typed',
  space: parameters,
  objective: async (p, trial) => {
    const lr: number = p.lr;
    const same: number = trial.parameters.layers;
    if (p.optimizer === 'sgd') return lr * p.momentum + same;
    // @ts-expect-error momentum is there under sgd alone
    p.momentum.toFixed(2);
    trial.report(1, [0.5]);
    await trial.checkpoint.save(Uint8Array.of(1));
    return 0;
  },
});
const trial = await typed.ask();
const layers: number | undefined = trial?.parameters.layers;
void layers;
await typed.tell(trial!, 0.5);
await typed.tell(3, { state: 'failed', error: new Error('no') });

study({
  name: 'module',
  space: parameters,
  objective: './objective.js',
  directions: ['minimize', 'maximize'],
});
study({ name: 'url', space: parameters, objective: new URL('file:///objective.js'), search: search.sobol() });
const general = (p: { lr: number }, trial: Trial) => p.lr + trial.seed;
study({ name: 'general', space: parameters, objective: general });

const file: StudyModule = typed;
const made: StudyModule = ({ seed }) =>
  study({ name: 'seeded', space: parameters, objective: general, seed });
void [file, made];

// @ts-expect-error no space
study({ name: 'a', objective: () => 0 });
// @ts-expect-error a value that is none
study({ name: 'a', space: parameters, objective: () => 'low' });
// @ts-expect-error a parameter that the space has not
study({ name: 'a', space: parameters, objective: ({ rate }) => rate });
// @ts-expect-error a direction that is none
study({ name: 'a', space: parameters, objective: () => 0, directions: 'up' });
// @ts-expect-error how many trials stands first
typed.run({ jobs: 2 });
// @ts-expect-error what was told is no result
typed.tell(3, { state: 'complete' });
