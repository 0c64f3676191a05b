/** The window of a plasticity rule: the change of a weight by the time between two spikes. */
import { options as checkOptions, finite, integer, invalid } from '../checks/check.ts';
import { addon, unwrap } from '../engine/native.ts';
import { driveSynapse, type SynapseModel } from '../neurons/synapse-model.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { MarkSpec } from './draw/spec.ts';

/** Options of {@link stdpWindow}. */
export interface StdpWindowOptions extends FigureOptions {
  /** The weight before the pair, in the unit of the rule's parameters; default 1, or the middle of `wMin` and `wMax` if the rule is given a `wMax` or has one of 1. */
  weight?: number;
  /** Largest distance of the two spikes, in ms; default 100. */
  range?: number;
  /** Number of successive pairs of spikes, 1 to 1000; the change is the average per pair. Default 1. */
  pairs?: number;
  /** ms between two pairs; default 1000. */
  interval?: number;
}

/** Distances on either side. */
const points = 60;

export async function stdpWindow(
  rules: SynapseModel | Readonly<Record<string, SynapseModel>>,
  options: StdpWindowOptions = {},
): Promise<Figure> {
  const {
    weight,
    range = 100,
    pairs = 1,
    interval = 1000,
    ...appearance
  } = checkOptions('figure.stdpWindow', options, [...figureOptions, 'weight', 'range', 'pairs', 'interval']);
  if (weight !== undefined) finite('weight', weight);
  finite('range', range, { above: 0 });
  integer('pairs', pairs, { min: 1, max: 1000 });
  finite('interval', interval, { above: 2 * range });
  if (typeof rules !== 'object' || rules === null)
    invalid('rules', rules, 'a rule, such as synapse.stdp(), or rules by name');
  const named: (readonly [string, SynapseModel])[] =
    'model' in rules ? [['', rules as SynapseModel]] : Object.entries(rules as Record<string, SynapseModel>);
  if (named.length === 0) invalid('rules', rules, 'at least one rule');
  const pre = Array.from({ length: pairs }, (_, k) => (k + 1) * interval);
  const changeAt = async (rule: SynapseModel, lag: number) => {
    const start = weight ?? startOf(rule);
    const { last } = await driveSynapse(rule, { weight: start, pre, post: pre.map((time) => time + lag) });
    if (last.w === undefined) invalid('rules', 'a rule without a weight w', 'a rule that changes the weight');
    return (last.w - start) / pairs;
  };
  // Close to 0 the change is largest, so that is where the distances are.
  const distances = Array.from({ length: points }, (_, i) => range * ((i + 1) / points) ** 2);
  const marks = await Promise.all(
    named.map(async ([, rule], color): Promise<MarkSpec> => {
      const side = async (lags: readonly number[]) => Promise.all(lags.map((lag) => changeAt(rule, lag)));
      const [before, after] = [[...distances].reverse().map((lag) => -lag), distances];
      // Nothing joins the two sides: at 0 the order of the spikes is not defined.
      const x = [...before, Number.NaN, ...after];
      const y = [...(await side(before)), Number.NaN, ...(await side(after))];
      return { type: 'line', x, y, color, width: 1.8 };
    }),
  );
  const starts = [...new Set(named.map(([, rule]) => weight ?? startOf(rule)))];
  const caption = `Change of a weight of ${starts.join(' or ')} by a pair of spikes, by the time of the target's spike after the source's${pairs === 1 ? '' : `, on average of ${pairs} pairs`}.`;
  return new Figure(
    {
      name: 'stdp-window',
      title: 'Window of plasticity',
      caption,
      columns: [
        [
          {
            x: { label: 'post − pre (ms)', domain: [-range, range] },
            y: { label: 'change of weight' },
            marks: [{ type: 'rule', y: 0, color: 'grid' }, { type: 'rule', x: 0, color: 'grid' }, ...marks],
            ...(named.length < 2 ? {} : { legend: named.map(([name], color) => ({ name, color })) }),
          },
        ],
      ],
    },
    appearance,
  );
}

/** The middle of the weight's limits, because at a limit a rule can change it in one direction only. {@link driveSynapse} checks the rule. */
function startOf(rule: SynapseModel): number {
  const parts = Array.isArray(rule?.rules) ? [rule, ...rule.rules] : [rule];
  const numberOf = (part: SynapseModel | undefined, name: string) => {
    const value: unknown = part?.params?.[name];
    return typeof value === 'number' ? value : undefined;
  };
  const limited = parts.find((part) => numberOf(part, 'wMax') !== undefined);
  const wMin = numberOf(limited ?? rule, 'wMin') ?? 0;
  const wMax = numberOf(limited, 'wMax') ?? defaultMax(rule);
  return limited !== undefined || wMax === 1 ? (wMin + wMax!) / 2 : 1;
}

function defaultMax(rule: SynapseModel): number | undefined {
  const { synapses } = JSON.parse(unwrap(addon.describeSynapses())) as {
    synapses: { key: string; params: { name: string; default: number }[] }[];
  };
  return synapses.find(({ key }) => key === rule?.model)?.params.find(({ name }) => name === 'wMax')?.default;
}
