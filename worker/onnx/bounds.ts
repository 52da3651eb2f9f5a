// Static limits: how many nodes a run executes, how large its tensors get and how much arithmetic it costs, found
// before anything is loaded. The engine has no time limit, so what cannot be bounded here is refused.
import { LIMITS } from '../limits.ts';
import { type Abstract, toConstant, toShaped, toSized, toValued } from './abstract.ts';
import { getReads, sortNodes } from './check.ts';
import {
  type Graph,
  type GraphFunction,
  type GraphNode,
  getFedInputs,
  type OnnxModel,
  toOperatorName,
} from './graph.ts';
import { echo, ImportRefusal } from './refusal.ts';
import type { Sizes } from './rule.ts';
import { getEffect } from './shapes.ts';

export interface Cost {
  /** Elements of all tensors that one run makes. */
  readonly elements: number;
  /** Multiplications of one run, roughly. */
  readonly work: number;
  readonly memoryBytes: number;
}

/** Nodes that one run may execute, iterations counted. */
const MAX_EXECUTIONS = 500_000;
/** What executing a node costs beside its arithmetic: half a microsecond, measured with a loop of 360,000. */
const NODE_WORK = 5000;
/** Nodes that functions may unfold to: the engine inlines them before it sorts the graph. */
const MAX_UNFOLDED = 2000;
/**
 * Nodes of a graph times its longest path: the engine's cost of sorting it when it is loaded. Measured in WebAssembly: a
 * chain of 2,000 nodes loads in 1.3 s, one of 4,000 in 6.5 s, 4,000 nodes side by side in 0.3 s.
 */
const MAX_LOAD_COST = 6e6;
/** Nodes of one graph: 4,000 side by side load in 0.3 s, and that grows with the square. */
const MAX_NODES = 10_000;
/** Multiplications of one run: a third of a second in WebAssembly at best, measured with one large MatMul. */
const MAX_WORK = 3e9;
/** Tensors of one run together, though most do not live at the same time. */
const MAX_ELEMENTS = 4 * LIMITS.CONSTANT_ELEMENTS;
const MAX_CALL_DEPTH = 64;
/** What a dynamic axis other than the batch is taken to be. */
const ASSUMED_AXIS = 64;
/** After so many steps of a loop its numbers are no longer followed, only its shapes. */
const FOLLOWED_STEPS = 3;

type Scope = ReadonlyMap<string, Abstract>[];

/**
 * @param rows how many rows one run takes.
 * @throws ImportRefusal too_large, too_complex or unbounded_loop.
 */
export function checkBounds(model: OnnxModel, rows = 1): Cost {
  const walk = new Walk(model);
  const given = new Map<string, Abstract>();
  for (const { name, type } of getFedInputs(model.graph)) {
    const shape = type.kind === 'tensor' ? (type.shape ?? [null, null]) : [null];
    given.set(
      name,
      toShaped(
        shape.map((size, axis) => (typeof size === 'number' ? Math.max(0, size) : axis === 0 ? rows : ASSUMED_AXIS)),
        true,
      ),
    );
  }
  walk.runGraph(model.graph, [given]);
  return { elements: walk.elements, work: walk.work, memoryBytes: estimateMemory(model, walk.elements) };
}

/** The file, the weights unpacked and prepacked, and the tensors of a run; measured with 10 to 24 MB models. */
function estimateMemory(model: OnnxModel, elements: number): number {
  return Math.round(500_000 + model.bytes * 3 + Math.min(elements, MAX_ELEMENTS) * 4);
}

class Walk implements Sizes {
  elements = 0;
  work = 0;
  #executions = 0;
  #unfolded = 0;
  #evaluated = 0;
  /** How often the graph at hand is run. */
  #times = 1;
  #depth = 0;
  #node: GraphNode | null = null;
  readonly #functions: ReadonlyMap<string, Graph>;
  readonly #orders = new Map<Graph, readonly GraphNode[]>();

  constructor(model: OnnxModel) {
    this.#functions = new Map(model.functions.map((fn) => [`${fn.domain}.${fn.name}`, toGraph(fn)]));
  }

  /** @returns what is known of the graph's outputs. */
  runGraph(graph: Graph, outer: Scope): (Abstract | undefined)[] {
    const own = new Map<string, Abstract>();
    for (const [name, tensor] of graph.initializers) own.set(name, toConstant(tensor));
    for (const { dims, values } of graph.sparseInitializers) {
      // The engine fills them in: many small ones in the file may be more than fits.
      this.#count(toShaped(dims, false));
      if (values !== null) own.set(values.name, toShaped(dims, false));
    }
    const scope: Scope = [own, ...outer];
    const order = this.#orders.get(graph) ?? getOrder(graph);
    this.#orders.set(graph, order);
    for (const node of order) this.#runNode(node, scope, own);
    return graph.outputs.map(({ name }) => find(scope, name));
  }

  #runNode(node: GraphNode, scope: Scope, own: Map<string, Abstract>): void {
    this.#executions += this.#times;
    this.#evaluated += 1;
    if (this.#executions > MAX_EXECUTIONS || this.#evaluated > MAX_EXECUTIONS) {
      throw new ImportRefusal(
        'too_complex',
        `one run would execute more than ${MAX_EXECUTIONS} nodes, loops and functions counted. Export the model without loops.`,
      );
    }
    const inputs = node.inputs.map((name) => (name === '' ? undefined : find(scope, name)));
    const outputs = this.#getOutputs(node, inputs, scope);
    for (const [i, name] of node.outputs.entries()) {
      const output = outputs[i] ?? toSized(1, true);
      if (name !== '') own.set(name, output);
      this.#checkSize(node, output);
      this.#count(output);
    }
  }

  #checkSize(node: GraphNode, { count }: Abstract): void {
    if (!(count <= LIMITS.CONSTANT_ELEMENTS)) {
      throw new ImportRefusal(
        'too_large',
        `${echo(toOperatorName(node))} makes a tensor of about ${count.toExponential(1)} numbers, the limit is ${LIMITS.CONSTANT_ELEMENTS}. Make the model smaller.`,
      );
    }
  }

  #count({ count }: Abstract): void {
    this.elements += count;
    if (this.elements > MAX_ELEMENTS) {
      throw new ImportRefusal(
        'too_large',
        `the tensors of one run hold more than ${MAX_ELEMENTS} numbers. Make the model smaller.`,
      );
    }
  }

  #addWork(work: number): void {
    this.work += work * this.#times;
    if (!(this.work <= MAX_WORK)) {
      throw new ImportRefusal(
        'too_complex',
        `one run would cost more than ${MAX_WORK.toExponential(0)} multiplications. Make the model smaller.`,
      );
    }
  }

  #getOutputs(
    node: GraphNode,
    inputs: readonly (Abstract | undefined)[],
    scope: Scope,
  ): readonly (Abstract | undefined)[] {
    const fn = this.#functions.get(`${node.domain}.${node.op}`);
    if (fn !== undefined) return this.#call(fn, inputs);
    if (node.op === 'If') return this.#branch(node, inputs, scope);
    if (node.op === 'Loop') return this.#loop(node, inputs, scope);
    if (node.op === 'Scan') return this.#scan(node, inputs, scope);
    if ([...node.attributes.values()].some(({ graphs }) => graphs.length > 0)) {
      throw new ImportRefusal(
        'too_complex',
        `the operator ${echo(toOperatorName(node))} runs a graph of its own, which cannot be bounded. Export the model without it.`,
      );
    }
    this.#node = node;
    const effect = getEffect(node, inputs, this);
    for (const output of effect.outputs) this.#checkSize(node, output);
    this.#addWork(effect.work + NODE_WORK);
    return effect.outputs;
  }

  #call(fn: Graph, inputs: readonly (Abstract | undefined)[]): (Abstract | undefined)[] {
    this.#unfolded += fn.nodes.length;
    this.#depth += 1;
    if (this.#unfolded > MAX_UNFOLDED || this.#depth > MAX_CALL_DEPTH) {
      throw new ImportRefusal(
        'too_complex',
        `the model's functions call each other until they unfold to more than ${MAX_UNFOLDED} nodes. Export the model without functions, or inline them with onnx.inliner.`,
      );
    }
    const given = new Map<string, Abstract>();
    for (const [i, { name }] of fn.inputs.entries()) {
      const input = inputs[i];
      if (input !== undefined) given.set(name, input);
    }
    const outputs = this.runGraph(fn, [given]);
    this.#depth -= 1;
    return outputs;
  }

  #branch(node: GraphNode, [condition]: readonly (Abstract | undefined)[], scope: Scope): (Abstract | undefined)[] {
    const branches = [...node.attributes.values()].flatMap(({ graphs }) =>
      graphs.map((graph) => this.runGraph(graph, scope)),
    );
    return node.outputs.map((_, i) => {
      const either = branches.flatMap((outputs) => outputs[i] ?? []);
      return join(either, condition?.fed === true);
    });
  }

  #loop(
    node: GraphNode,
    [trip, , ...initial]: readonly (Abstract | undefined)[],
    scope: Scope,
  ): (Abstract | undefined)[] {
    const steps = trip?.values?.[0];
    if (steps === undefined || steps > LIMITS.LOOP_ITERATIONS) {
      throw new ImportRefusal(
        'unbounded_loop',
        steps === undefined
          ? 'a Loop of the model runs as often as its data says. Only loops with a constant number of steps can be served: export with a fixed length.'
          : `a Loop of the model may run ${steps} times, the limit is ${LIMITS.LOOP_ITERATIONS}.`,
      );
    }
    const [body] = [...node.attributes.values()].flatMap(({ graphs }) => graphs);
    if (body === undefined) return [];
    return this.#repeat(body, Math.max(0, steps), [toValued([0], []), toSized(1, true)], initial, [], scope, 1);
  }

  #scan(node: GraphNode, inputs: readonly (Abstract | undefined)[], scope: Scope): (Abstract | undefined)[] {
    const [body] = [...node.attributes.values()].flatMap(({ graphs }) => graphs);
    const scanned = node.attributes.get('num_scan_inputs')?.i ?? 1;
    if (body === undefined) return [];
    const all = inputs.length > body.inputs.length ? inputs.slice(inputs.length - body.inputs.length) : inputs;
    const initial = all.slice(0, all.length - scanned);
    const sequences = all.slice(all.length - scanned);
    const axes = node.attributes.get('scan_input_axes')?.ints.head ?? [];
    const lengths = sequences.map((each, i) => each?.dims?.at(axes[i] ?? 0) ?? each?.count ?? 1);
    const items = sequences.map((each, i) =>
      each?.dims == null ? toSized(each?.count ?? 1, true) : toShaped(each.dims.toSpliced(axes[i] ?? 0, 1), each.fed),
    );
    return this.#repeat(body, Math.max(0, ...lengths), [], initial, items, scope, 0);
  }

  /**
   * Runs a body until what it carries no longer changes its size, and counts the remaining steps without running them.
   * @param skipped outputs of the body before the carried ones (a Loop's condition).
   */
  #repeat(
    body: Graph,
    steps: number,
    first: readonly Abstract[],
    initial: readonly (Abstract | undefined)[],
    items: readonly Abstract[],
    scope: Scope,
    skipped: number,
  ): (Abstract | undefined)[] {
    let carried = initial;
    let stacked: (Abstract | undefined)[] = [];
    const outer = this.#times;
    for (let step = 0; step < steps; step += 1) {
      const given = new Map<string, Abstract>();
      for (const [i, { name }] of body.inputs.entries()) {
        const value = [...first, ...carried, ...items][i];
        if (value !== undefined) given.set(name, i === 0 && first.length > 0 ? toSized(1, false, steps) : value);
      }
      const outputs = this.runGraph(body, [given, ...scope]);
      const next = outputs
        .slice(skipped, skipped + carried.length)
        .map((each) =>
          step < FOLLOWED_STEPS || each === undefined
            ? each
            : { ...each, values: null, magnitude: Number.POSITIVE_INFINITY },
        );
      stacked = outputs.slice(skipped + carried.length);
      const settled = next.every((each, i) => isSameSize(each, carried[i]));
      carried = next;
      if (settled && step >= FOLLOWED_STEPS && step + 1 < steps) {
        // One more run stands for all that are left.
        this.#times = outer * (steps - step - 1);
        this.runGraph(body, [given, ...scope]);
        this.#times = outer;
        break;
      }
    }
    return [...carried, ...stacked.map((each) => stack(each, steps))];
  }

  fromShape(shape: Abstract | undefined): number {
    if (shape === undefined) return 1;
    if (shape.values !== null) return shape.values.reduce((total, size) => total * Math.max(1, Math.abs(size)), 1);
    const op = this.#node === null ? 'a tensor' : echo(toOperatorName(this.#node));
    if (shape.fed) {
      throw new ImportRefusal(
        'too_complex',
        `the size of what ${op} makes depends on the values of a request, so it cannot be bounded. Export the model with fixed sizes.`,
      );
    }
    const size = shape.magnitude ** Math.min(8, shape.dims?.[0] ?? 1);
    if (size <= LIMITS.CONSTANT_ELEMENTS) return Math.max(1, size);
    throw new ImportRefusal(
      'too_complex',
      `the size of what ${op} makes cannot be bounded without running the model. Export it with fixed sizes, or simplify it with onnxsim.`,
    );
  }
}

/** @throws ImportRefusal too_complex for graphs that the engine would load for seconds. */
function getOrder(graph: Graph): GraphNode[] {
  const order = sortNodes(graph);
  const depths = new Map<string, number>();
  let longest = 0;
  for (const node of order) {
    let depth = 0;
    for (const name of getReads(node)) depth = Math.max(depth, depths.get(name) ?? 0);
    for (const name of node.outputs) depths.set(name, depth + 1);
    longest = Math.max(longest, depth + 1);
  }
  if (order.length <= MAX_NODES && order.length * longest <= MAX_LOAD_COST) return order;
  throw new ImportRefusal(
    'too_complex',
    `the graph has ${order.length} nodes, ${longest} of them in a row, which takes too long to load. Simplify it, for example with onnxsim, or export the model without unrolled loops.`,
  );
}

function find(scope: Scope, name: string): Abstract | undefined {
  for (const names of scope) {
    const found = names.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function toGraph(fn: GraphFunction): Graph {
  const toValue = (name: string) => ({ name, type: { kind: 'unknown' } as const });
  return {
    nodes: fn.nodes,
    initializers: new Map(),
    sparseInitializers: [],
    inputs: fn.inputs.map(toValue),
    outputs: fn.outputs.map(toValue),
  };
}

function join(either: readonly Abstract[], fed: boolean): Abstract {
  const [first] = either;
  if (first === undefined) return toSized(1, true);
  const same = either.every((each) => String(each.dims) === String(first.dims) && each.dims !== null);
  const values = either.every((each) => each.values !== null && String(each.values) === String(first.values))
    ? first.values
    : null;
  return {
    dims: same ? first.dims : null,
    count: Math.max(...either.map(({ count }) => count)),
    values,
    magnitude: Math.max(...either.map(({ magnitude }) => magnitude)),
    fed: fed || either.some((each) => each.fed),
  };
}

/** What a loop adds up of each step: one axis more. */
function stack(each: Abstract | undefined, steps: number): Abstract {
  if (each?.dims == null) return toSized((each?.count ?? 1) * steps, true);
  return toShaped([steps, ...each.dims], true);
}

function isSameSize(a: Abstract | undefined, b: Abstract | undefined): boolean {
  return a?.count === b?.count && String(a?.dims) === String(b?.dims);
}
