// Formulas and pictures of the site, before any page is built: compared with text written by hand and with closed forms.
import test from 'ava';
import { type Described, losses, models, synapses } from '../support/definitions.ts';
import { websiteModule } from '../support/website.ts';

test('formulas are typeset as a reader would write them', async (t) => {
  const { texOf } = await websiteModule<{ texOf(text: string, known?: Set<string>): string | undefined }>(
    'equations/parse.mjs',
  );
  const { partsOf } = await websiteModule<{
    partsOf(text: string, known?: Set<string>): { tex?: string; words?: string }[];
  }>('equations/typeset.mjs');
  const known = new Set(['tauMem', 'vLeak', 'vThreshold', 'gNa', 'vNa', 'gain', 'aPlus']);
  // By hand.
  const written: Record<string, string> = {
    'tauMem dv/dt = (vLeak - v) + r x':
      '\\tau_{\\mathrm{mem}}\\,\\frac{\\mathrm{d}v}{\\mathrm{d}t} = \\left(v_{\\mathrm{leak}} - v\\right) + r\\,x',
    'm^3 h (v - vNa) / c': '\\frac{{m}^{3}\\,h\\,\\left(v - v_{\\mathrm{Na}}\\right)}{c}',
    'exp(-dt / tau) v[t-1]': '\\exp\\left(-\\frac{\\Delta t}{\\tau}\\right)\\,v[t - 1]',
    '1 / (1 + |x|)^2': '\\frac{1}{{\\left(1 + \\left|x\\right|\\right)}^{2}}',
    'y = √(variance + ε)': 'y = \\sqrt{\\mathrm{variance} + \\varepsilon}',
    'w += aPlus x': 'w \\mathrel{+}= a_{+}\\,x',
  };
  for (const [text, tex] of Object.entries(written)) t.is(texOf(text, known), tex);
  for (const text of ['a spike adds its weight to iE', 'r1, r2 jump by 1', 'v (', ''])
    t.is(texOf(text, known), undefined, text);
  t.deepEqual(
    partsOf('s[t] = 1 if v[t] > vThreshold else 0', known).map(({ tex }) => tex),
    [
      's[t] = \\begin{cases} 1 & \\text{if } v[t] > v_{\\mathrm{threshold}} \\\\[2pt] 0 & \\text{otherwise} \\end{cases}',
    ],
  );
  // Every line of every model is read, and all but sentences are formulas.
  const lines = [...models, ...synapses].flatMap(({ equation, states, params, ports = [] }) => {
    const names = new Set([...states, ...params].map(({ name }) => name).concat(ports));
    return equation.split('; ').map((line) => partsOf(line, names));
  });
  const formulas = lines.filter((parts) => parts.some(({ tex }) => tex !== undefined));
  t.true(formulas.length > 0.8 * lines.length, `${formulas.length} of ${lines.length}`);
});

test('pictures show what the closed forms say', async (t) => {
  const { neuronTrace } = await websiteModule<{
    neuronTrace(model: Described): Promise<{ v: Float64Array; spikes: Float64Array }>;
  }>('pictures/neurons.mjs');
  for (const model of models) {
    const { v, spikes } = await neuronTrace(model);
    t.true(v.every(Number.isFinite), model.key);
    // The input is there from 40 to 160 ms.
    const during = spikes.filter((time) => time > 40 && time <= 165);
    if (model.spiking) t.true(during.length >= 2, `${model.key}: ${spikes}`);
  }
  // After its peak, an exponential current falls to 1 / e within its time constant; an alpha current has its peak then.
  const { postsynapticTrace } = await websiteModule<{
    postsynapticTrace(
      model: Described,
    ): Promise<{ times: Float64Array; v: Float64Array; opened: Float64Array } | undefined>;
  }>('pictures/neurons.mjs');
  const responses = await Promise.all(
    models.map(async (model) => [model.key, await postsynapticTrace(model)] as const),
  );
  const shown = new Map(responses.filter(([, response]) => response !== undefined));
  t.true(shown.has('iaf-psc-alpha') && shown.has('iaf-cond-exp') && !shown.has('lif'));
  for (const [key, response] of shown) {
    const { times, v, opened } = response!;
    const [peak, top] = [opened.indexOf(Math.max(...opened)), v.indexOf(Math.max(...v))];
    t.true(times[top]! > times[peak]! && times[top]! < 20, `${key}: the potential peaks later`);
    const { default: tau } = models
      .find((model) => model.key === key)!
      .params.find(({ name }) => name === (key === 'iaf-psc-exp-shared' ? 'tauSyn' : 'tauE'))!;
    const after = times.findIndex((time) => time >= times[peak]! + Number(tau) - 1e-9);
    if (/alpha/.test(key)) t.true(Math.abs(times[peak]! - Number(tau)) < 0.11, `${key}: ${times[peak]}`);
    else t.true(Math.abs(opened[after]! / opened[peak]! - Math.exp(-1)) < 1e-6, key);
  }
  type Course = { v: Float64Array; closed: Float64Array };
  const paper = await websiteModule<{
    rcStep(): Promise<Course>;
    alphaKernel(): Promise<Course>;
    deviation(a: Float64Array, b: Float64Array): number;
    staticSuppression(): Promise<Record<string, number>>;
  }>('pictures/paper.mjs');
  const step = await paper.rcStep();
  // Euler's step of 0.05 ms at a time constant of 5 ms is off by less than a part in 500 of the final value 0.5.
  t.true(paper.deviation(step.v, step.closed) < 0.001);
  const alpha = await paper.alphaKernel();
  t.true(paper.deviation(alpha.v, alpha.closed) < 1e-12);
  const shares = await paper.staticSuppression();
  t.is(shares.still, 0);
  t.true(shares.moving! > 0 && shares.moving! < 25 && shares.flickering! > 0);

  const { lossCurve } = await websiteModule<{
    lossCurve(kind: { name: string; reads: string }): Promise<{ x: number[]; y: number[] }>;
  }>('pictures/losses.mjs');
  // By hand: logits are the counts n, 8 and 8; the rates are n/20, and the targets 1, 0 and 0.
  const byHand: Record<string, (n: number) => number> = {
    crossEntropyCount: (n) => Math.log(1 + 2 * Math.exp(8 - n)),
    meanSquaredRate: (n) => ((n / 20 - 1) ** 2 + 2 * 0.4 ** 2) / 3,
    crossEntropyMeanMembrane: (v) => Math.log(1 + 2 * Math.exp(0.5 - v)),
  };
  for (const kind of losses.kinds) {
    const { x, y } = await lossCurve(kind);
    t.true(y.every(Number.isFinite), kind.name);
    const formula = byHand[kind.name];
    if (formula !== undefined)
      y.forEach((value, i) => {
        t.true(Math.abs(value - formula(x[i]!)) < 1e-6, `${kind.name} ${x[i]}: ${value}`);
      });
  }

  const { surrogateCurve } = await websiteModule<{
    surrogateCurve(node: unknown): Promise<{ x: Float64Array; y: Float64Array }>;
  }>('pictures/surrogates.mjs');
  const { surrogate } = await import('../../src-ts/doors/neurons.ts');
  const curves: [unknown, (x: number) => number][] = [
    [surrogate.fastSigmoid(), (x) => 1 / (1 + 25 * Math.abs(x)) ** 2],
    [surrogate.atan(), (x) => 1 / (1 + (Math.PI * x) ** 2)],
    [surrogate.triangular(), (x) => Math.max(0, 1 - Math.abs(x))],
  ];
  for (const [node, formula] of curves) {
    const { x, y } = await surrogateCurve(node);
    y.forEach((value, i) => {
      t.true(Math.abs(value - formula(x[i]!)) < 1e-9);
    });
  }
});
