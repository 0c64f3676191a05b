// aeif_cond_exp at parameters drawn at random (see fixtures/networks/aeif/make.py): every spike in the step in which NEST has it, which
// is the step in which the exact solution of the equations reaches the peak.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { circuit, connect, population, rule, simulate, spikeSource } from '../../src-ts/doors/circuit.ts';
import { aeifCondExp } from '../../src-ts/doors/neurons.ts';

type Params = Record<string, number>;

interface Side {
  weight: number;
  steps: number[];
}

interface Fixture {
  dt: number;
  steps: number;
  cases: { params: Params; exc: Side; inh: Side; nest: number[]; exact: number[] }[];
}

const fixture = JSON.parse(
  await readFile('__test__/circuit/fixtures/networks/aeif/cases.json', 'utf8'),
) as Fixture;

/** The steps of each neuron's spikes, all of them in one network. */
async function spikes(options: object, precision: 'f32' | 'f64') {
  const { dt, cases } = fixture;
  const of = (name: string) => cases.map(({ params }) => params[name]!);
  const cells = population(aeifCondExp, cases.length, {
    name: 'n',
    ...{ c: of('C_m'), gL: of('g_L'), vLeak: of('E_L'), vT: of('V_th'), deltaT: of('Delta_T'), a: of('a') },
    ...{ tauW: of('tau_w'), b: of('b'), vReset: of('V_reset'), iBias: of('I_e'), vPeak: of('V_peak') },
    ...{ tauRef: of('t_ref'), tauE: of('tau_syn_ex'), tauI: of('tau_syn_in'), vInit: of('E_L') },
    ...options,
  });
  const wires = (['exc', 'inh'] as const).map((side) => {
    const source = spikeSource(cases.map((testCase) => testCase[side].steps.map((step) => step * dt)));
    const every = cases.map((_, i) => i);
    return connect(source, cells, rule.list(every, every), {
      weight: cases.map((testCase) => testCase[side].weight),
      delay: dt,
      port: side === 'exc' ? 'excitatory' : 'inhibitory',
    });
  });
  const duration = fixture.steps * dt;
  const { times, ids } = await simulate(circuit(cells, wires), { duration, dt, precision });
  const trains: number[][] = cases.map(() => []);
  for (const [k, id] of ids.entries()) trains[id]!.push(Math.round(times[k]! / dt));
  return trains;
}

/** Trains of which a spike is more than so many steps from NEST's. */
function apart(got: number[][], steps: number) {
  const differs = ({ nest }: { nest: number[] }, i: number) =>
    nest.length !== got[i]!.length || nest.some((step, k) => Math.abs(step - got[i]![k]!) > steps);
  return fixture.cases.flatMap((one, i) => (differs(one, i) ? [i] : []));
}

test('NEST has the exact solution', (t) => {
  const total = fixture.cases.reduce((sum, { nest }) => sum + nest.length, 0);
  t.true(fixture.cases.length === 100 && total > 1000);
  for (const { nest, exact } of fixture.cases)
    t.deepEqual(
      exact.map((ms) => Math.ceil(ms / fixture.dt - 1e-9)),
      nest,
    );
});

test('every spike in the same step at a tolerance of 1e-6', async (t) => {
  t.deepEqual(apart(await spikes({ tolerance: 1e-6 }, 'f64'), 0), []);
  t.deepEqual(apart(await spikes({ subSteps: 10 }, 'f64'), 0), []);
});

test('within a step by default and in single precision', async (t) => {
  t.deepEqual(apart(await spikes({}, 'f64'), 1), []);
  t.deepEqual(apart(await spikes({}, 'f32'), 1), []);
});
