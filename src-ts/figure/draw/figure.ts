/** A figure: its description and its appearance, drawn in the requested format. */
import { options as checkOptions, filePath, finite, invalid } from '../../checks/check.ts';
import { writeAtomic } from '../../files/file-source.ts';
import { checkSpec } from './check-spec.ts';
import { checkFigureOptions, type FigureOptions } from './options.ts';
import type { FigureSpec } from './spec.ts';

/** Endings of the files that {@link Figure.save} writes. */
const endings = ['svg', 'png', 'pdf', 'html'] as const;

/** The resolution of PNG. */
export interface FigurePngOptions {
  /** Pixels per inch; default 192, twice a screen's. Papers ask for 300 to 600. */
  dpi?: number;
}

/**
 * A figure. Functions such as `figure.raster` return one; nothing is drawn before a format is asked for. PNG and PDF need the package `@lapicque/report`; SVG and HTML need nothing.
 *
 * @example
 * ```ts
 * const spikes = await figure.raster(recording, { width: '85mm', fontSize: '8pt' });
 * await spikes.save('raster.pdf');
 * ```
 */
export class Figure {
  /** The description of the figure as plain data. It may be changed before the figure is drawn. */
  readonly spec: FigureSpec;
  /** Its appearance. */
  readonly options: FigureOptions;

  /** @throws LapicqueError `invalid-parameter`, `unknown-name` for options, and for a description that cannot be drawn */
  constructor(spec: FigureSpec, options: FigureOptions = {}) {
    checkSpec(spec);
    this.spec = spec;
    this.options = checkFigureOptions('figure', options);
  }

  /** The same figure with another appearance. The description is shared. */
  with(options: FigureOptions): Figure {
    return new Figure(this.spec, { ...this.options, ...checkFigureOptions('figure', options) });
  }

  /** The figure as an SVG document. @throws LapicqueError `invalid-parameter` for a description that cannot be drawn */
  async svg(): Promise<string> {
    const { renderSvg } = await import('./render.ts');
    return renderSvg(this.spec, this.options).svg;
  }

  /** The figure as the bytes of a PNG file. @throws LapicqueError as {@link svg}; `unsupported` without `@lapicque/report` */
  async png(options: FigurePngOptions = {}): Promise<Uint8Array> {
    const { dpi = 192 } = checkOptions('png', options, ['dpi']);
    finite('dpi', dpi, { min: 24, max: 2400 });
    const { pngOf } = await import('./formats.ts');
    return pngOf(await this.#fixed().svg(), dpi);
  }

  /** The figure as the bytes of a PDF file of one page, with its fonts. @throws LapicqueError as {@link png} */
  async pdf(): Promise<Uint8Array> {
    const [{ renderSvg }, { pdfOf }] = await Promise.all([import('./render.ts'), import('./formats.ts')]);
    return pdfOf(renderSvg(this.spec, this.#fixed().options), this.spec.title);
  }

  /** PNG and PDF have no reader whose system could decide. */
  #fixed(): Figure {
    return this.options.theme === 'auto' ? this.with({ theme: 'light' }) : this;
  }

  /** The figure as an HTML page that loads nothing else. @throws LapicqueError as {@link svg} */
  async html(): Promise<string> {
    const { htmlOf } = await import('./formats.ts');
    return htmlOf(await this.svg(), this.spec, this.options.theme);
  }

  /**
   * Writes the figure to a file, whose ending chooses the format: `.svg`, `.png`, `.pdf` or `.html`. An existing file is replaced atomically.
   *
   * @throws LapicqueError as {@link png}; `invalid-parameter` for another ending, `unknown-name`, `io`
   */
  async save(path: string | URL, options: FigurePngOptions = {}): Promise<void> {
    const file = filePath('path', path);
    const ending = endings.find((known) => file.toLowerCase().endsWith(`.${known}`));
    if (ending === undefined) invalid('path', path, `a path that ends in .${endings.join(', .')}`);
    const { dpi } = checkOptions('save', options, ['dpi']);
    if (ending !== 'png' && dpi !== undefined)
      invalid('dpi', dpi, `no value, because .${ending} has no pixels`);
    const content = ending === 'png' ? await this.png(options) : await this[ending]();
    await writeAtomic(file, content);
  }
}
