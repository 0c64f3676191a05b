// Compile-only: the factories of losses and optimizers take the options of their kind, and no others.
import { adam, adamw, loss, sgd } from '../../src-ts/index.ts';

adam({ lr: 1e-3, betas: [0.9, 0.99], eps: 1e-8, maxNorm: 1, groups: [{ parameters: ['dense1'], lr: 1 }] });
adamw({ weightDecay: 0.01 });
sgd({ lr: 0.1, momentum: 0.9, nesterov: true });
loss.crossEntropyRate({ reduction: 'sum', classWeights: [1, 2], populationClasses: 2, perStep: 'sum' });
loss.crossEntropyMembrane({ perStep: 'sum' });
loss.meanSquaredRate({ onTarget: 0.8, offTarget: 0.1 });
loss.meanSquaredCount({ correctRate: 0.8, incorrectRate: 0.1 });
loss.meanSquaredFirstSpike({ onTarget: [1, 2], tolerance: 1 });
// @ts-expect-error Adam has no momentum
adam({ momentum: 0.9 });
// @ts-expect-error SGD needs its learning rate
sgd({});
// @ts-expect-error a count has no sum over steps
loss.crossEntropyCount({ perStep: 'sum' });
