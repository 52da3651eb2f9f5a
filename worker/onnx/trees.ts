// Decision trees end: the engine follows a node to its children until it meets a leaf, and checks no more than that no
// node is its own child. A tree that runs in a circle would never answer, perhaps for one caller's values alone.
import type { GraphNode, Values } from './graph.ts';
import { ImportRefusal } from './refusal.ts';

export const TREE_MODES = 'nodes_modes';
export const LEAF = 'LEAF';
/** Lists of one entry per node, or per tree. */
const LISTS = new Set([
  ...['nodes_treeids', 'nodes_nodeids', 'nodes_truenodeids', 'nodes_falsenodeids'],
  ...['nodes_trueleafs', 'nodes_falseleafs', 'tree_roots'],
]);

/** Whether all values of an attribute of this name are wanted, however many. */
export const isTreeList = (name: string): boolean => LISTS.has(name);

/** Where each node of a list goes on; -1: nowhere, or nowhere that exists, which the engine refuses. */
interface Forest {
  readonly count: number;
  readonly children: readonly Int32Array[];
}

/** @throws ImportRefusal invalid_graph where a node can be met twice on one way. */
export function checkTrees(node: GraphNode): void {
  if (!node.op.startsWith('TreeEnsemble')) return;
  const forest = node.op === 'TreeEnsemble' ? toForest(node) : toForestByIds(node);
  const waiting = new Int32Array(forest.count);
  for (const list of forest.children)
    for (const child of list) if (child >= 0) waiting[child] = (waiting[child] ?? 0) + 1;
  if (node.op === 'TreeEnsemble') checkRoots(node, waiting);
  // Kahn: what is left is on a circle, or behind one.
  const ready = Array.from(waiting.keys()).filter((i) => waiting[i] === 0);
  let met = 0;
  for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
    met += 1;
    for (const list of forest.children) {
      const child = list[at] ?? -1;
      if (child < 0) continue;
      const left = (waiting[child] ?? 0) - 1;
      waiting[child] = left;
      if (left === 0) ready.push(child);
    }
  }
  if (met < forest.count) throw toRefusal('a tree of the model runs in a circle');
}

function toRefusal(what: string): ImportRefusal {
  return new ImportRefusal('invalid_graph', `${what}. Export the model again.`);
}

function getList<T>(values: Values<T> | undefined, count?: number): readonly T[] {
  const list = values?.head ?? [];
  if (list.length !== (values?.count ?? 0) || (count !== undefined && list.length !== count)) {
    throw toRefusal('the nodes of a tree are not described whole');
  }
  return list;
}

/** TreeEnsembleClassifier and -Regressor: nodes are named by their tree and a number in it. */
function toForestByIds({ attributes }: GraphNode): Forest {
  const nodes = getList(attributes.get('nodes_nodeids')?.ints);
  const count = nodes.length;
  const trees = getList(attributes.get('nodes_treeids')?.ints, count);
  const modes = getList(attributes.get(TREE_MODES)?.strings, count);
  const places = new Map<number, Map<number, number>>();
  for (const [i, tree] of trees.entries()) {
    const known = places.get(tree) ?? new Map<number, number>();
    places.set(tree, known);
    if (known.has(nodes[i] ?? 0)) throw toRefusal('two nodes of a tree have one number');
    known.set(nodes[i] ?? 0, i);
  }
  const children = ['nodes_truenodeids', 'nodes_falsenodeids'].map((name) => {
    const ids = getList(attributes.get(name)?.ints, count);
    return Int32Array.from(ids, (id, i) => (modes[i] === LEAF ? -1 : (places.get(trees[i] ?? 0)?.get(id) ?? -1)));
  });
  return { count, children };
}

/** TreeEnsemble: nodes are named by their place in the lists, and leaves stand in lists of their own. */
function toForest({ attributes }: GraphNode): Forest {
  const ids = getList(attributes.get('nodes_truenodeids')?.ints);
  const count = ids.length;
  const children = ['true', 'false'].map((side) => {
    const next = getList(attributes.get(`nodes_${side}nodeids`)?.ints, count);
    const leaves = getList(attributes.get(`nodes_${side}leafs`)?.ints, count);
    return Int32Array.from(next, (id, i) => (leaves[i] !== 0 || id < 0 || id >= count ? -1 : id));
  });
  return { count, children };
}

/** Trees that share nodes could be many times as long as the file. */
function checkRoots({ attributes }: GraphNode, parents: Int32Array): void {
  const roots = getList(attributes.get('tree_roots')?.ints);
  if (new Set(roots).size < roots.length || parents.some((count) => count > 1)) {
    throw toRefusal('two trees of the model share a node');
  }
}
