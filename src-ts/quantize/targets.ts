/** The registry of targets: each is one file with a setting of the rules. The documentation prints the table. */
import { oneOf } from '../checks/check.ts';
import { int4, int8 } from './target-int8.ts';
import { loihi } from './target-loihi.ts';
import { meanings, type TargetRules } from './target-rules.ts';
import { xylo } from './target-xylo.ts';

/** Names of {@link integerTarget}. */
export type IntegerTarget = 'int8' | 'int4' | 'loihi' | 'xylo';

const targets: Readonly<Record<IntegerTarget, TargetRules>> = { int8, int4, loihi, xylo };

const names = Object.keys(targets) as IntegerTarget[];

/** The rules of a target. @throws LapicqueError `unknown-name` */
export function integerTarget(target: IntegerTarget): TargetRules {
  return targets[oneOf('target', target, names)];
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (typeof value === 'object' && value !== null) {
    const { kind, ...rest } = value as Record<string, unknown>;
    const details = Object.entries(rest).map(([name, detail]) => `${name} ${detail}`);
    return [kind, ...details].join(', ');
  }
  return String(value);
}

/** The table of all rules of all targets, as Markdown. */
export function integerTargetTable(): string {
  const rows = Object.entries(meanings).map(([rule, meaning]) => {
    const values = names.map((name) => {
      const { layer, ...rest } = targets[name];
      return text(({ ...layer, ...rest } as Record<string, unknown>)[rule]);
    });
    return `| \`${rule}\` | ${meaning} | ${values.join(' | ')} |`;
  });
  const head = `| rule | meaning | ${names.map((name) => `\`'${name}'\``).join(' | ')} |`;
  return [head, `|${' --- |'.repeat(names.length + 2)}`, ...rows].join('\n');
}
