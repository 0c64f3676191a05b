/** The exports of `@lapicque/report`, which are built from packages/report/index.js. */
declare module '@lapicque/report' {
  /** An SVG document as the bytes of a PNG file, at a number of pixels per unit; drawn in a thread of its own. */
  export function svgToPng(svg: string, scale: number): Promise<Uint8Array>;
  /** An SVG document as a PDF of one page, whose size is in points. */
  export function svgToPdf(
    svg: string,
    page: { width: number; height: number; title: string },
  ): Promise<Uint8Array>;
}
