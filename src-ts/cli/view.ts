/** `lapicque view`: serves the viewer until Ctrl-C. */
import { view as startViewer } from '../view/view.ts';
import { interruption } from './interrupt.ts';
import { output } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';

interface Options extends CommonOptions {
  port?: number;
  /** False with `--no-open`. */
  open: boolean;
}

export async function view(paths: readonly string[], options: Options): Promise<void> {
  await prepare(options);
  const { result, note } = output(options.json ?? false);
  const signal = interruption();
  // A program that reads JSON, or a server without a screen, does not want a browser.
  const open = options.open && options.json === undefined && process.stdout.isTTY === true;
  const viewer = await startViewer([...paths], {
    open,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  result({ url: viewer.url }, () => viewer.url);
  note('Only who has this address can read the page. Ctrl-C ends it.');
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await viewer.close();
}
