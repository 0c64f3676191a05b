// Losses and layers of published code, written with trace(): values and gradients are torch's. torch_vectors.py has the same cases by name.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { evaluateTraced, type TracedTensor, trace } from '../../src-ts/doors/trace.ts';
import { deviation } from '../support/numbers.ts';

type Tensors = Readonly<Record<string, TracedTensor>>;
type Formula = (inputs: never) => TracedTensor;
type Of<Names extends string> = { readonly [Name in Names]: TracedTensor };

interface Case {
  readonly inputs: Readonly<Record<string, { axes: string[]; shape: number[]; values: number[] }>>;
  readonly seed: readonly number[];
  readonly shape: readonly number[];
  readonly result: readonly number[];
  readonly gradients: Readonly<Record<string, number[]>>;
}

const normalized = (x: TracedTensor) => x.div(x.norm('neuron').maximum(1e-12));
/** The similarity of all pairs of rows, `[batch, other]`, without that of a row with itself. */
const pairs = (x: TracedTensor, temperature: number) => {
  const similar = x.contract(x.rename('batch', 'other'), 'neuron').div(temperature);
  const self = similar.range('batch').equal(similar.range('other'));
  return { self, similar: self.where(-1e9, similar) };
};
const squares = (matrix: TracedTensor) => {
  const diagonal = matrix.range('neuron').equal(matrix.range('other'));
  return { on: diagonal.mul(matrix), off: diagonal.not().mul(matrix.square()).sum() };
};
const softMin = (x: TracedTensor, axis: string) => x.div(-0.5).logSumExp(axis).mul(-0.5);

const losses: Record<string, Formula> = {
  temporalEfficientTraining: ({ v, y }: Of<'v' | 'y'>) =>
    v.crossEntropy(y).mean().mul(0.95).add(v.sub(1).square().mean().mul(0.05)),
  spikeCount: ({ spikes, y }: Of<'spikes' | 'y'>) =>
    spikes.sum('time').sub(y.oneHot('neuron', spikes).where(4, 1)).square().mean().div(5),
  rateBounds: ({ spikes }: Of<'spikes'>) => {
    const count = spikes.sum('time');
    const lower = count.mean('batch').neg().add(3).relu().square().mean();
    return lower.mul(2).add(count.mean('neuron').sub(1).relu().square().mean().mul(0.5));
  },
  vanRossum: ({ spikes, wanted }: Of<'spikes' | 'wanted'>) => {
    const different = spikes.sub(wanted);
    const { outputs } = different.scan('time', different.at('time', 0).mul(0), (trace, now) => {
      const next = trace.mul(Math.exp(-1 / 2)).add(now);
      return [next, next.square()];
    });
    return outputs.sum(['time', 'neuron']).div(2).mean();
  },
  softVictorPurpura: ({ a, b }: Of<'a' | 'b'>) => {
    const moves = a.sub(b).square().mul(0.3).transpose(['i', 'batch', 'j']);
    // A row of the table has one more element than `b`: the cost of removing all spikes of `a` so far.
    const first = b.mul(0).add(b.range('j')).add(1).pad('j', 1, 0).transpose(['batch', 'j']);
    const { carried } = moves.scan('i', first, (row, move) => {
      const next = [row.at('j', 0).add(1)];
      for (let j = 0; j < 3; j += 1) {
        const across = row.at('j', j).add(move.at('j', j));
        const ways = across.stack([row.at('j', j + 1).add(1), next[j]!.add(1)], 'way');
        next.push(softMin(ways, 'way'));
      }
      return [next[0]!.stack(next.slice(1), 'j').transpose(['batch', 'j']), next[0]!];
    });
    return carried.at('j', -1).mean();
  },
  distillation: ({ x, teacher, y }: Of<'x' | 'teacher' | 'y'>) => {
    const wanted = teacher.detach().div(4).logSoftmax();
    const soft = wanted
      .exp()
      .mul(wanted.sub(x.div(4).logSoftmax()))
      .sum('neuron')
      .mean()
      .mul(16);
    return soft.mul(0.7).add(x.crossEntropy(y).mean().mul(0.3));
  },
  contrastive: ({ a, b }: Of<'a' | 'b'>) => {
    const { similar } = pairs(normalized(a.concat([b], 'batch')), 0.5);
    const half = similar.size('batch').div(2);
    const at = similar.range('batch');
    return similar.crossEntropy(at.less(half).where(at.add(half), at.sub(half)), 'other').mean();
  },
  supervisedContrastive: ({ x, y }: Of<'x' | 'y'>) => {
    const { similar, self } = pairs(normalized(x), 0.3);
    const same = y.equal(y.rename('batch', 'other')).sub(self);
    return similar.logSoftmax('other').mul(same).sum('other').div(same.sum('other')).mean().neg();
  },
  focal: ({ x, y }: Of<'x' | 'y'>) => {
    const right = y.where(x.sigmoid(), x.neg().sigmoid());
    const alpha = y.where(0.25, 0.75);
    return alpha.mul(right.neg().add(1).square()).mul(x.binaryCrossEntropy(y)).mean();
  },
  connectionistTemporal: ({ x, y }: Of<'x' | 'y'>) => {
    // blank, first label, blank, second label, blank
    const blank = y.at('label', 0).mul(0);
    const states = blank.stack([y.at('label', 0), blank, y.at('label', 1), blank], 'state');
    const maySkip = states.notEqual(0).and(states.notEqual(states.shift('state', 2)));
    const scores = x.logSoftmax().gather('neuron', states).transpose(['time', 'state', 'batch']);
    const before = scores.range('state').equal(0).where(0, -1e9).add(blank);
    const { carried } = scores.scan('time', before, (alpha, now) => {
      const one = alpha.shift('state', 1, -1e9);
      const two = maySkip.where(alpha.shift('state', 2, -1e9), -1e9);
      const next = alpha.stack([one, two], 'way').logSumExp('way').add(now);
      return [next.transpose(['state', 'batch']), next];
    });
    return carried.slice('state', -2).logSumExp('state').neg().mean();
  },
  labelSmoothing: ({ x, y }: Of<'x' | 'y'>) =>
    x.crossEntropy(y.oneHot('neuron', x).mul(0.9).add(x.size('neuron').reciprocal().mul(0.1))).mean(),
  triplet: ({ a, p, n }: Of<'a' | 'p' | 'n'>) =>
    a.sub(p).norm('neuron').sub(a.sub(n).norm('neuron')).add(1).relu().mean(),
  quantile: ({ x, y }: Of<'x' | 'y'>) => {
    const q = x.constant([0.1, 0.5, 0.9], { neuron: 3 });
    const late = y.sub(x);
    return late
      .mul(q)
      .maximum(late.mul(q.sub(1)))
      .mean();
  },
  actorCritic: ({ logits, value, action, reward }: Of<'logits' | 'value' | 'action' | 'reward'>) => {
    const logP = logits.logSoftmax();
    const advantage = reward.sub(value);
    const actor = logP.gather('neuron', action).mul(advantage.detach()).mean().neg();
    const entropy = logP.mul(logP.exp()).sum('neuron').mean().neg();
    return actor.add(advantage.square().mean().mul(0.5)).sub(entropy.mul(0.01));
  },
  proximalPolicy: ({
    logits,
    action,
    before,
    advantage,
  }: Of<'logits' | 'action' | 'before' | 'advantage'>) => {
    const ratio = logits.logSoftmax().gather('neuron', action).sub(before).exp();
    return ratio.mul(advantage).minimum(ratio.clamp(0.8, 1.2).mul(advantage)).mean().neg();
  },
  advantageEstimation: ({ value, reward }: Of<'value' | 'reward'>) => {
    const after = value.pad('time', 0, 1).slice('time', 1);
    const errors = reward.add(after.mul(0.99)).sub(value).flip('time');
    const { outputs } = errors.scan('time', errors.at('time', 0).mul(0), (late, error) => {
      const next = error.add(late.mul(0.99 * 0.95));
      return [next, next];
    });
    return outputs.square().mean();
  },
  huber: ({ x, y }: Of<'x' | 'y'>) => {
    const distance = x.sub(y).abs();
    return distance.less(0.7).where(distance.square().mul(0.5), distance.sub(0.35).mul(0.7)).mean();
  },
  multiMargin: ({ x, y }: Of<'x' | 'y'>) =>
    y
      .oneHot('neuron', x)
      .not()
      .mul(x.sub(x.gather('neuron', y)).add(1).relu())
      .mean(),
  dice: ({ x, wanted }: Of<'x' | 'wanted'>) => {
    const p = x.sigmoid();
    const area = ['y', 'x'];
    const all = p.square().sum(area).add(wanted.square().sum(area)).add(1);
    return p.mul(wanted).sum(area).mul(2).add(1).div(all).neg().add(1).mean();
  },
  cosineEmbedding: ({ a, b, same }: Of<'a' | 'b' | 'same'>) => {
    const cosine = normalized(a).mul(normalized(b)).sum('neuron');
    return same.greater(0).where(cosine.neg().add(1), cosine.sub(0.1).relu()).mean();
  },
  sparsity: ({ rate }: Of<'rate'>) => {
    const mean = rate.mean('batch');
    return mean
      .log()
      .neg()
      .add(Math.log(0.1))
      .mul(0.1)
      .add(mean.neg().log1p().neg().add(Math.log(0.9)).mul(0.9))
      .sum();
  },
  poisson: ({ x, counts }: Of<'x' | 'counts'>) => x.exp().sub(counts.mul(x)).mean(),
  gaussian: ({ mean, variance, y }: Of<'mean' | 'variance' | 'y'>) =>
    variance.log().add(mean.sub(y).square().div(variance)).mul(0.5).mean(),
  barlowTwins: ({ a, b }: Of<'a' | 'b'>) => {
    const whitened = (x: TracedTensor) =>
      x.sub(x.mean('batch')).div(
        x
          .variance('batch')
          .mul(4 / 3)
          .sqrt(),
      );
    const product = whitened(a).contract(whitened(b).rename('neuron', 'other'), 'batch').div(4);
    const { on, off } = squares(product);
    return on.sum('other').sub(1).square().sum().add(off.mul(0.005));
  },
  variance: ({ a, b }: Of<'a' | 'b'>) => {
    const spread = (x: TracedTensor) => {
      const centered = x.sub(x.mean('batch'));
      const covariance = centered.contract(centered.rename('neuron', 'other'), 'batch').div(3);
      const deviation = centered.square().sum('batch').div(3).add(1e-4).sqrt();
      return deviation.neg().add(1).relu().mean().mul(25).add(squares(covariance).off.div(3));
    };
    return a.sub(b).square().mean().mul(25).add(spread(a)).add(spread(b));
  },
  membraneRegularizer: ({ v }: Of<'v'>) => v.square().minimum(v.sub(1).square()).mean(),
  earthMover: ({ a, b }: Of<'a' | 'b'>) => {
    const share = (x: TracedTensor) => x.div(x.sum('time')).cumSum('time');
    return share(a).sub(share(b)).abs().sum('time').mean();
  },
  firstSpikeTimes: ({ times, y }: Of<'times' | 'y'>) => {
    const late = times.gather('neuron', y).div(2).exp().sub(1).mean();
    return times.div(-0.2).crossEntropy(y).mean().add(late.mul(0.005));
  },
};

const layers: Record<string, Formula> = {
  squeezeAndExcitation: ({ x, a, b }: Of<'x' | 'a' | 'b'>) => {
    const hidden = x.mean(['y', 'x']).contract(a, 'channel').relu();
    return x.mul(hidden.contract(b, 'mid').sigmoid());
  },
  temporalAttention: ({ x, a, b }: Of<'x' | 'a' | 'b'>) =>
    x.mul(x.mean('neuron').contract(a, 'time').relu().contract(b, 'mid').sigmoid()),
  gatedLinearUnit: ({ x, w }: Of<'x' | 'w'>) => {
    const both = x.matmul(w);
    return both.slice('neuron', 0, 4).mul(both.slice('neuron', 4).sigmoid());
  },
  swiglu: ({ x, w, g, out }: Of<'x' | 'w' | 'g' | 'out'>) =>
    x.matmul(g).silu().mul(x.matmul(w)).contract(out, 'mid'),
  mixtureOfExperts: ({ x, router, w }: Of<'x' | 'router' | 'w'>) => {
    const { values, indices } = x.matmul(router).topK(2, 'expert');
    const share = values.softmax('expert').rename('expert', 'best');
    const chosen = indices.rename('expert', 'best').equal(x.matmul(router).range('expert'));
    const gate = share.mul(chosen).sum('best');
    return gate.mul(x.contract(w, 'neuron', 'input')).sum('expert');
  },
  layerNorm: ({ x, scale, bias }: Of<'x' | 'scale' | 'bias'>) =>
    x.sub(x.mean('neuron')).div(x.variance('neuron').add(1e-5).sqrt()).mul(scale).add(bias),
  rmsNorm: ({ x, scale }: Of<'x' | 'scale'>) => x.div(x.square().mean('neuron').add(1e-6).sqrt()).mul(scale),
  attention: ({ q, k, v }: Of<'q' | 'k' | 'v'>) => {
    const heads = (x: TracedTensor) => x.unflatten('neuron', { head: 2, depth: 2 });
    const keys = heads(k).rename('token', 'key');
    const weights = heads(q).contract(keys, 'depth').div(Math.SQRT2).softmax('key');
    return weights
      .contract(heads(v).rename('token', 'key'), 'key')
      .flatten(['head', 'depth'], 'neuron')
      .transpose(['batch', 'token', 'neuron']);
  },
  spikingAttention: ({ q, k, v }: Of<'q' | 'k' | 'v'>) =>
    q.contract(k.rename('token', 'key'), 'neuron').contract(v.rename('token', 'key'), 'key').mul(0.125),
  highway: ({ x, w, g }: Of<'x' | 'w' | 'g'>) => {
    const gate = x.matmul(g).sigmoid();
    return gate.mul(x.matmul(w).relu()).add(gate.neg().add(1).mul(x));
  },
  maxPool: ({ x }: Of<'x'>) =>
    x.unflatten('y', { y: 2, dy: 2 }).unflatten('x', { x: 2, dx: 2 }).max(['dy', 'dx']),
  maxout: ({ x, w }: Of<'x' | 'w'>) => x.contract(w, 'neuron', 'input').max('piece'),
  causalFilter: ({ x, w }: Of<'x' | 'w'>) =>
    x
      .mul(w.at('tap', 0))
      .add(x.shift('time', 1).mul(w.at('tap', 1)))
      .add(x.shift('time', 2).mul(w.at('tap', 2))),
  modulation: ({ x, condition, w }: Of<'x' | 'condition' | 'w'>) => {
    const both = condition.contract(w, 'input').unflatten('both', { part: 2, channel: 2 });
    return both.at('part', 0).add(1).mul(x).add(both.at('part', 1)).transpose(['batch', 'channel', 'y']);
  },
  thresholdNorm: ({ x, scale, bias }: Of<'x' | 'scale' | 'bias'>) => {
    const over = ['time', 'batch', 'y'];
    return x.sub(x.mean(over)).div(x.variance(over).add(1e-5).sqrt()).mul(scale).add(bias).mul(0.5);
  },
  populationVector: ({ rates }: Of<'rates'>) => {
    const angle = rates.range('neuron').mul(Math.PI / 4);
    const [up, right] = [rates.mul(angle.sin()).sum('neuron'), rates.mul(angle.cos()).sum('neuron')];
    return up.div(up.square().add(right.square()).sqrt());
  },
};

for (const [file, formulas] of Object.entries({ losses, layers })) {
  const path = new URL(`../../../__test__/trace/fixtures/${file}.json`, import.meta.url);
  const cases = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Case>;

  test(`${file}: each recorded case has its formula`, (t) => {
    t.deepEqual(Object.keys(formulas).sort(), Object.keys(cases).sort());
  });

  for (const [name, formula] of Object.entries(formulas)) {
    test(`${file}: ${name} has torch's value and gradients`, async (t) => {
      const { inputs, seed, shape, result, gradients } = cases[name]!;
      const axes = Object.entries(inputs).map(([key, input]) => [key, input.axes]);
      const traced = trace(
        Object.fromEntries(axes) as Record<string, string[]>,
        formula as (inputs: Tensors) => TracedTensor,
      );
      const values = Object.fromEntries(
        Object.entries(inputs).map(([key, input]) => [key, { values: input.values, shape: input.shape }]),
      );
      for (const [precision, bound] of [
        ['f64', 1e-9],
        ['f32', 1e-5],
      ] as const) {
        const found = await evaluateTraced(traced, values, { precision, seeds: { result: seed } });
        t.deepEqual(found.results.result!.shape, shape);
        const away = deviation(found.results.result!.values, result);
        t.true(away < bound, `${precision} value: ${away}`);
        for (const [key, gradient] of Object.entries(gradients)) {
          const own = deviation(found.gradients[key]?.values ?? [], gradient);
          t.true(own < bound, `${precision} gradient of ${key}: ${own}`);
        }
      }
    });
  }
}
