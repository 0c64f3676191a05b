/** A peer's surrogate gradient as ours. */
import { customSurrogate, type Surrogate, surrogate } from '../../src-ts/doors/neurons.ts';
import { object, renamed, Skip, text } from './side-car.ts';

type Row = readonly [make: (options: never) => Surrogate, parameters?: Readonly<Record<string, string>>];

const alpha = { alpha: 'alpha' } as const;

/** By library and name: our factory, and their parameters in our words. */
const rows: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  snntorch: {
    atan: [surrogate.atan, alpha],
    fast_sigmoid: [surrogate.fastSigmoid, { slope: 'slope' }],
    sigmoid: [surrogate.sigmoid, { slope: 'slope' }],
    SFS: [surrogate.sfs, { slope: 'slope', B: 'B' }],
    SSO: [surrogate.sso, { mean: 'mean', variance: 'variance' }],
    LSO: [surrogate.lso, { slope: 'slope' }],
    heaviside: [surrogate.heaviside],
    spike_rate_escape: [surrogate.spikeRateEscape, { beta: 'beta', slope: 'slope' }],
    straight_through_estimator: [surrogate.straightThrough],
    triangular: [surrogate.snntorchTriangular, { threshold: 'threshold' }],
  },
  spikingjelly: {
    ATan: [surrogate.atan, alpha],
    DeterministicPass: [surrogate.deterministicPass],
    Erf: [surrogate.erf, alpha],
    FakeNumericalGradient: [surrogate.fakeNumericalGradient, alpha],
    LeakyKReLU: [surrogate.leakyKRelu, { leak: 'leak', k: 'k' }],
    LogTailedReLU: [surrogate.logTailedRelu, alpha],
    NonzeroSignLogAbs: [surrogate.nonzeroSignLogAbs, alpha],
    PiecewiseExp: [surrogate.piecewiseExp, alpha],
    PiecewiseLeakyReLU: [surrogate.piecewiseLeakyRelu, { w: 'w', c: 'c' }],
    PiecewiseQuadratic: [surrogate.piecewiseQuadratic, alpha],
    QPseudoSpike: [surrogate.qPseudoSpike, alpha],
    Rect: [surrogate.rect, alpha],
    S2NN: [surrogate.s2nn, { alpha: 'alpha', beta: 'beta' }],
    Sigmoid: [surrogate.sigmoid, { alpha: 'slope' }],
    SoftSign: [surrogate.softSign, alpha],
    SquarewaveFourierSeries: [surrogate.squarewaveFourier, { n: 'n', T_period: 'T' }],
    SuperSpike: [surrogate.superSpike, alpha],
  },
  norse: {
    super: [surrogate.fastSigmoid, { alpha: 'slope' }],
    triangle: [surrogate.triangular, { alpha: 'height' }],
    tanh: [surrogate.tanh, alpha],
    circ: [surrogate.circ, alpha],
    heavi_erfc: [surrogate.heaviErfc, alpha],
  },
};

/** Not parameters: what a peer did other than it says. */
const remarks = { peer_alpha: null, peer_bug: null } as const;

/** `described` has a `name` and that surrogate's parameters. */
export function surrogateOf(library: string, described: unknown): Surrogate | undefined {
  const { name, ...params } = object(described, 'surrogate');
  if (name === undefined) return undefined;
  if (name === 'custom') return customSurrogate(expression(text(params.derivative, 'surrogate.derivative')));
  const row = rows[library]?.[text(name, 'surrogate.name')];
  if (row === undefined) throw new Skip(`the surrogate ${library}.${name} is not built yet`);
  const [make, parameters = {}] = row;
  const options = renamed(params, { ...parameters, ...remarks }, `${library}.${name}: the parameter`);
  return (make as (options: object) => Surrogate)(options);
}

/** A derivative in `u`, with `|…|`, in the words of our expressions. */
function expression(theirs: string): string {
  return theirs.replace(/\|([^|]*)\|/g, 'abs($1)').replace(/\bu\b/g, 'x');
}
