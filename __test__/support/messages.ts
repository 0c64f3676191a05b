/** What a message must have, and what no message may have: rows of wrong uses, a test each. */
import test from 'ava';
import type { LapicqueError } from '../../src-ts/index.ts';
import { failure } from './errors.ts';

/** What an error must have. */
export interface Expected {
  code: string;
  /** Fields that it must have, the whole value or a part of it. */
  fields?: Readonly<Record<string, string | RegExp>>;
  /** Words of the message: what is wrong, where, and what would be right. */
  says: readonly string[];
  not?: readonly string[];
}
export type Row = readonly [call: () => unknown, expected: Expected];

/** `name: expected … but got …` */
export const invalid = (name: string, ...says: string[]): Expected => ({
  code: 'invalid-parameter',
  fields: { name },
  says: [`${name}: expected `, ' but got ', ...says],
});
export const unknown = (kind: string, name: string, ...says: string[]): Expected => ({
  code: 'unknown-name',
  fields: { kind, name },
  says: [`unknown ${kind} "${name}"`, ...says],
});
export const mismatch = (layer: string, expected: string, got: string, ...says: string[]): Expected => ({
  code: 'shape-mismatch',
  fields: { layer },
  says: [`${layer}: expected shape `, expected, ` but got `, got, ...says],
});
export const equation = (...says: string[]): Expected => ({
  code: 'equation',
  says: ['line 1, column ', ...says],
});

/** Rules for messages : lower case at the beginning, no end of a sentence, short, and no word of an implementation. */
function readable(error: LapicqueError): string | undefined {
  const { message, code } = error;
  const first = code === 'equation' ? message.split('\n')[0]! : message;
  const found = [
    [/^[A-Z](?![A-Z])\S* /.test(first) && !/^E[. ]|^I[. ]/.test(first), 'begins with a capital'],
    [/[.!]$/.test(first.trim()), 'ends like a sentence'],
    [first.length > 420, 'is long'],
    [
      /\[object |\bNaN but got NaN|function \w+\(|serde|invalid type|missing field|variant/.test(first),
      'speaks of the implementation',
    ],
    [/\b(whoever|hitherto|thereof|so many|of which)\b/.test(first), 'is no plain English'],
    [/undefined/.test(first) && !/ but got undefined/.test(first), 'speaks of undefined'],
  ] as const;
  return found.find(([is]) => is)?.[1];
}

/** A test for each row. */
export function rows(title: string, all: Readonly<Record<string, Row>>): void {
  for (const [name, [call, { code, fields = {}, says, not = [] }]] of Object.entries(all)) {
    test(`${title}: ${name}`, async (t) => {
      const error = await failure(call);
      t.truthy(error, 'the call succeeds');
      t.is(error!.code, code as never, error!.message);
      const details = error!.details as unknown as Record<string, string>;
      for (const [field, value] of Object.entries(fields)) {
        if (typeof value === 'string') t.is(details[field], value);
        else t.regex(details[field] ?? '', value);
      }
      for (const words of says) t.true(error!.message.includes(words), `${error!.message}\nlacks: ${words}`);
      for (const words of not) t.false(error!.message.includes(words), error!.message);
      t.is(readable(error!), undefined, error!.message);
    });
  }
}
