// What each surrogate gradient is and when to choose it. The registry in src-rs/core/dynamics has the rest: formulas, parameters, sources. A surrogate
// without an entry here is an error of `npm run docs`.
export const surrogates = {
  atan: 'A bell whose tails fall with the inverse square of the distance. It is the default: every neuron gets a gradient, and most networks train with it.',
  'spyx-atan':
    'The same bell with a factor on the square of the distance instead of a squared factor. Choose it to repeat a program in spyx.',
  'fast-sigmoid':
    'A narrow peak with long tails. Choose it for programs in snnTorch or after Zenke and Ganguli; a smaller `slope` widens it.',
  'super-spike':
    'The shape of `fastSigmoid`, whose `alpha` scales the height and not the width. Choose it to repeat SpikingJelly.',
  'soft-sign':
    'The shape of `fastSigmoid` with an area of 1 for any `alpha`. Choose it to change the width without a change of the total gradient.',
  sigmoid:
    'The derivative of the logistic function, whose tails fall exponentially. Choose it where only neurons near the threshold should learn; a `slope` of 4 or 5 is wider.',
  tanh: 'A bell with a height of 1 for any `alpha`. Choose it to repeat Norse; its default is very narrow.',
  circ: 'A bell with a height of 1, whose tails fall with the inverse cube of the distance. Choose it to repeat Norse; its default is very wide.',
  erf: 'The bell of a normal distribution with an area of 1. Choose it where the gradient far from the threshold should be nearly 0.',
  'heavi-erfc':
    'The bell of a normal distribution with a height of 1.13 for any `alpha`. Choose it to repeat Norse.',
  gaussian:
    'The bell of a normal distribution, by its standard deviation. Choose it if you know the spread of the potentials around the threshold.',
  'multi-gaussian':
    'A bell with a shallow negative part on both sides. Choose it for adaptive neurons in recurrent networks, for which Yin and others made it.',
  'piecewise-exp': 'Two exponentials that meet in a peak at the threshold. Choose it to repeat SpikingJelly.',
  'single-exponential':
    'The same two exponentials, by height and width. Choose it to repeat SLAYER, lava-dl or sinabs.',
  'periodic-exponential':
    'A peak at the threshold and at each multiple of the period above it. Choose it for `multiLevelLif`, which sends several spikes per step.',
  'q-pseudo-spike':
    'A peak whose `alpha` changes the tails from heavy to light. Choose it to search for the best tails.',
  'nonzero-sign-log-abs':
    'A peak whose tails fall with the inverse of the distance. Choose it where neurons far from the threshold get too little gradient.',
  triangular:
    'A triangle: exactly 0 beyond its width. Choose it where few neurons are active, because the backward pass then skips the others.',
  'piecewise-quadratic':
    'A triangle with an area of 1 for any `alpha`. Choose it as `triangular`, if you change the width during a search.',
  rect: 'A box with an area of 1. Choose it where each neuron near the threshold should get the same gradient.',
  boxcar: 'The same box, by width and height. Choose it to repeat spyx, or `Heaviside` of sinabs.',
  'step-pwl':
    'Constant from a window below the threshold upwards, without an end. Choose it to repeat rockpool, whose neurons send several spikes per step.',
  'piecewise-leaky-relu':
    'A box on a low constant. Choose it to give neurons far from the threshold a small gradient that does not vanish.',
  'leaky-k-relu':
    'Constant above the threshold and another constant below. Choose it to repeat SpikingJelly.',
  'log-tailed-relu':
    'Constant up to 1 above the threshold, then falling with the distance. Choose it to repeat the networks of Cai and others.',
  s2nn: 'A bell below the threshold and a slow fall above it. Choose it for networks with one step, for which Suetake and others made it.',
  'fake-numerical-gradient': 'The inverse of the distance, cut at `alpha`. Choose it to repeat SpikingJelly.',
  'straight-through':
    'The constant 1: the backward pass ignores the threshold. Choose it for binary activations and quantization; in a spiking network begin with `atan`.',
  'deterministic-pass': 'The constant 1 under its name in SpikingJelly. Choose it to repeat a program there.',
  heaviside:
    'Only neurons above the threshold get a gradient. Choose it to repeat snnTorch; a silent network does not learn with it.',
  lso: 'Constant above the threshold, a small constant below. Choose it to repeat `LSO` of snnTorch, where it keeps silent neurons learning.',
  sso: 'As `lso`, with the mean of a noise below the threshold; the defaults make it 0. Choose it to repeat `SSO` of snnTorch.',
  sfs: 'The shape of `fastSigmoid` from `B` above the threshold on, and 0 below. Choose it to repeat `SFS` of snnTorch.',
  'spike-rate-escape':
    'Two exponentials around a point that is 1 above the threshold. Choose it to repeat snnTorch.',
  'snntorch-triangular':
    'One constant below the threshold, its negative above. Choose it only to repeat snnTorch; for a triangle take `triangular`.',
  'squarewave-fourier':
    'The first terms of the Fourier series of a square wave, negative in part. Choose it to repeat SpikingJelly.',
};
