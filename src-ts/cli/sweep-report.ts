/** `lapicque sweep report`: the results of a stored study as a page and figures. */
import { study } from '../study/study.ts';
import { interruption } from './interrupt.ts';
import { output } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';

interface Options extends CommonOptions {
  output?: string;
  format?: ('html' | 'png' | 'svg')[];
}

export async function sweepReport(store: string, options: Options): Promise<void> {
  await prepare(options);
  const { output: folder = `${store.replace(/[/\\]+$/, '')}-report`, format, json } = options;
  const signal = interruption();
  const results = await (await study.open(store)).results();
  const files = await results.report(folder, {
    signal,
    ...(format === undefined ? {} : { formats: format }),
  });
  output(json === true).result({ trials: results.table.length, files }, () => files.join('\n'));
}
