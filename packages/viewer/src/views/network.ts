/** Networks: a picture of populations and connections, or of layers, and the distributions of what is chosen. */
import type { Fact, GraphFacts, Quantity } from '../../../../src-ts/view/kinds/network-facts.ts';
import { graphPicture, type Selected } from '../network/graph-picture.ts';
import { type Distribution, histogramPlot } from '../network/histogram-plot.ts';
import { select } from '../parts/controls.ts';
import { describedView } from '../parts/described-view.ts';
import { dom } from '../parts/dom.ts';
import { panel } from '../parts/panel.ts';
import { numberText } from '../parts/text.ts';
import type { View, ViewSource, ViewState } from '../view.ts';

export const network: View = describedView<GraphFacts>('network', 'Loading the network…', show);

function show(element: HTMLElement, source: ViewSource, state: ViewState, begin: GraphFacts) {
  let facts = begin;
  const ends: (() => void)[] = [];
  const picturePanel = panel('Network', { wide: true });
  const selection = selectionPanel(source, state, () => facts);
  const choose = (next: Selected | undefined) => {
    picture.select(next);
    if (next !== undefined)
      state.set(
        'node' in next ? { node: next.node, edge: undefined } : { edge: String(next.edge), node: undefined },
      );
    selection.show(next);
  };
  const picture = graphPicture(facts, choose);
  picturePanel.body.append(picture.element);
  picturePanel.caption.textContent = networkText(facts);
  const connections = connectionList(facts, (edge) => choose({ edge }));
  element.replaceChildren(
    dom('div', { class: 'panels' }, picturePanel.element, selection.element, ...connections),
  );
  choose(selectedInState(state, facts));
  ends.push(state.onChange(() => choose(selectedInState(state, facts))));
  if (facts.isLive)
    ends.push(
      source.follow('changes', () => {
        void source.json<GraphFacts>('describe').then(
          (next) => {
            facts = next;
            selection.changed();
          },
          () => {},
        );
      }),
    );
  return {
    destroy() {
      for (const end of ends) end();
      selection.destroy();
    },
  };
}

/** The node or the edge of the URL, if the network has it. */
function selectedInState(state: ViewState, { nodes, edges }: GraphFacts): Selected | undefined {
  const [node, edge] = [state.get('node'), Number(state.get('edge') ?? Number.NaN)];
  if (nodes.some(({ name }) => name === node)) return { node: node! };
  return Number.isInteger(edge) && edges[edge] !== undefined ? { edge } : undefined;
}

/** The caption of the picture. */
function networkText({ layout, nodes, edges }: GraphFacts): string {
  const neurons = nodes.reduce((sum, { kind, size }) => sum + (kind === 'population' ? size : 0), 0);
  return layout === 'circle'
    ? `${nodes.filter(({ kind }) => kind === 'population').length} populations with ${neurons.toLocaleString('en')} neurons, ${nodes.filter(({ kind }) => kind === 'source').length} sources, ${edges.length} connections. Arrows excite, bars inhibit. Choose a population or a connection to see its values.`
    : `${nodes.length - 1} layers with ${neurons.toLocaleString('en')} neurons. Dashed arrows carry values of the previous step. Choose a layer to see its values.`;
}

/** The facts of the selected node or edge, and the distribution of one of its quantities. */
function selectionPanel(source: ViewSource, state: ViewState, facts: () => GraphFacts) {
  const tablePanel = panel('Selection', { wide: true });
  const list = dom('dl', { class: 'facts' });
  const histogram = histogramPlot();
  const figure = dom('div', { class: 'histogram' }, histogram.canvas.element);
  const heading = tablePanel.element.querySelector('h2')!;
  tablePanel.caption.setAttribute('role', 'status');
  tablePanel.body.append(dom('div', { class: 'beside' }, list, figure));
  let selected: Selected | undefined;
  let latestRequest = 0;

  const quantityOf = (quantities: readonly Quantity[]): Quantity | undefined =>
    quantities.find(({ id }) => id === state.get('of-what')) ?? quantities[0];
  const drawDistribution = async () => {
    if (selected === undefined) return;
    const quantity = quantityOf(detailsOf(facts(), selected).quantities);
    figure.hidden = quantity === undefined;
    if (quantity === undefined) {
      tablePanel.caption.textContent = 'It has no distribution: all of its values are single numbers.';
      return;
    }
    const mine = ++latestRequest;
    const where = 'node' in selected ? { node: selected.node } : { edge: String(selected.edge) };
    try {
      const got = await source.json<Distribution>(
        `distribution?${new URLSearchParams({ ...where, of: quantity.id })}`,
      );
      // Another choice was made meanwhile.
      if (mine !== latestRequest) return;
      histogram.set(got, quantity.label);
      histogram.canvas.element.setAttribute('aria-label', `Histogram of ${quantity.label}`);
      tablePanel.caption.textContent = distributionText(got, quantity.label);
    } catch (error) {
      if (mine === latestRequest) tablePanel.caption.textContent = (error as Error).message;
    }
  };
  return {
    element: tablePanel.element,
    /** Shows a node or an edge, or hides the panel. */
    show(next: Selected | undefined): void {
      selected = next;
      tablePanel.element.hidden = next === undefined;
      if (next === undefined) return;
      const details = detailsOf(facts(), next);
      heading.textContent = details.title;
      list.replaceChildren(
        ...details.facts.flatMap(([label, text]) => [dom('dt', {}, label), dom('dd', {}, text)]),
      );
      const { quantities } = details;
      const choice = quantityChoice(quantities, quantityOf(quantities), (id) => {
        state.set({ 'of-what': id });
        void drawDistribution();
      });
      tablePanel.controls.replaceChildren(...choice);
      void drawDistribution();
    },
    /** The values of the network have changed. */
    changed: () => void drawDistribution(),
    destroy: histogram.canvas.destroy,
  };
}

/** What is known of a node or an edge. */
interface Details {
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly quantities: readonly Quantity[];
}

function detailsOf({ nodes, edges }: GraphFacts, selected: Selected): Details {
  const node = 'node' in selected ? nodes.find(({ name }) => name === selected.node) : undefined;
  if (node !== undefined) {
    const { name, model, size, facts, quantities } = node;
    const sizes = size > 0 ? [['size', size.toLocaleString('en')] as const] : [];
    return { title: name, facts: [['model', model], ...sizes, ...facts], quantities };
  }
  const edge = 'edge' in selected ? edges[selected.edge] : undefined;
  if (edge === undefined) return { title: 'Selection', facts: [], quantities: [] };
  return { title: `${edge.from} → ${edge.to}`, facts: edge.facts, quantities: edge.quantities };
}

/** The list of quantities, where there is a choice. */
function quantityChoice(
  quantities: readonly Quantity[],
  current: Quantity | undefined,
  change: (id: string) => void,
): HTMLElement[] {
  if (current === undefined || quantities.length < 2) return [];
  const options = quantities.map(({ id, label }) => ({ value: id, text: label }));
  return [select('Distribution of', options, current.id, change).element];
}

/** The caption of a histogram. */
function distributionText(
  { count, mean, sd, min, max, note, notFinite }: Distribution,
  label: string,
): string {
  const left = notFinite > 0 ? ` ${notFinite.toLocaleString('en')} are not finite.` : '';
  return `${label}: ${count.toLocaleString('en')} values, mean ${numberText(mean)}, standard deviation ${numberText(sd)}, from ${numberText(min)} to ${numberText(max)}${note === '' ? '' : `; ${note}`}.${left}`;
}

/** All connections as a table, for who does not see the picture and for what it has no room for. */
function connectionList(facts: GraphFacts, choose: (edge: number) => void): HTMLElement[] {
  if (facts.layout !== 'circle' || facts.edges.length === 0) return [];
  const tablePanel = panel('Connections', { wide: true });
  const columns = ['rule', 'weight', 'delay', 'plasticity'];
  const used = columns.filter((column) =>
    facts.edges.some((edge) => edge.facts.some(([label]) => label === column)),
  );
  tablePanel.body.append(
    dom(
      'div',
      { class: 'scrolled', tabindex: 0, role: 'group', 'aria-label': 'Connections' },
      dom(
        'table',
        {},
        dom(
          'thead',
          {},
          dom('tr', {}, ...['connection', ...used].map((text) => dom('th', { scope: 'col' }, text))),
        ),
        dom(
          'tbody',
          {},
          ...facts.edges.map((edge, i) => {
            const link = dom('button', { type: 'button', class: 'link' }, `${edge.from} → ${edge.to}`);
            link.addEventListener('click', () => choose(i));
            return dom(
              'tr',
              {},
              dom('th', { scope: 'row' }, link),
              ...used.map((column) =>
                dom('td', {}, edge.facts.find(([label]) => label === column)?.[1] ?? ''),
              ),
            );
          }),
        ),
      ),
    ),
  );
  return [tablePanel.element];
}
