// Parameters of surrogates for which there is no surrogate: refused where they are given, and in a description.
import test from 'ava';
import { li, lif, type Surrogate, surrogate, surrogateDerivative } from '../../src-ts/doors/neurons.ts';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import { dense, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';

const { surrogates } = JSON.parse(unwrap(addon.describeModels())) as {
  surrogates: readonly { name: string; params: readonly { name: string; default: number }[] }[];
};
type Make = (options?: Record<string, number | null>) => Surrogate;
const makers = surrogate as unknown as Record<string, Make>;
const camel = (key: string) => key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Parameters that make a bump steeper, wider or higher. */
const shapes = ['alpha', 'beta', 'slope', 'sigma', 'width', 'period', 'height', 'w', 's', 'T', 'n'];
/** Where these say what a spike below the threshold hands on, or a slope of 0 is the straight-through one. */
const free = ['log-tailed-relu.alpha', 'lso.slope', 'fast-sigmoid.slope', 'sfs.slope'];

for (const { name, params } of surrogates) {
  for (const param of params) {
    test(`${name}: ${param.name} that is none`, async (t) => {
      const shape = shapes.includes(param.name) && !free.includes(`${name}.${param.name}`);
      const make = makers[camel(name)]!;
      const made = make({ [param.name]: param.default }) as unknown as Record<string, unknown>;
      t.is(made[param.name], param.default);
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, null, ...(shape ? [0, -1, -0] : [])]) {
        const error = await failure(() => make({ [param.name]: value }));
        t.is(error?.code, 'invalid-parameter', `${value}`);
        t.regex(error?.message ?? '', new RegExp(`^${name}\\.${param.name}: expected `));
        const byHand = { name, [param.name]: value } as never;
        const chain = () =>
          sequential(dense(2, 2), lif({ beta: 0.9, surrogate: byHand }), dense(2, 1), li({ beta: 0.9 }));
        t.is((await failure(async () => chain().compile()))?.code, 'invalid-parameter', `by hand, ${value}`);
        t.is((await failure(() => surrogateDerivative(byHand, [0])))?.code, 'invalid-parameter');
      }
    });
  }
}

test('the derivative of no numbers', async (t) => {
  for (const x of [undefined, null, 3, 'x', {}, ['x']]) {
    const error = await failure(() => surrogateDerivative(surrogate.atan(), x as never));
    t.is(error?.code, 'invalid-parameter', String(x));
  }
});
