// What the rules about operators share: a rule tells how large a node's outputs are and what they cost.
import type { Abstract } from './abstract.ts';
import type { Attribute, GraphNode } from './graph.ts';

export interface Sizes {
  /** Elements that a shape computed in the graph asks for; throws where that depends on a caller's values. */
  fromShape(shape: Abstract | undefined): number;
}

export interface Effect {
  readonly outputs: readonly Abstract[];
  /** Multiplications, roughly. */
  readonly work: number;
}

export type Rule = (node: GraphNode, inputs: readonly (Abstract | undefined)[], sizes: Sizes) => Effect;

export function one(output: Abstract, work = output.count): Effect {
  return { outputs: [output], work };
}

export const isFed = (inputs: readonly (Abstract | undefined)[]): boolean =>
  inputs.some((input) => input?.fed === true);
export const getInt = (attribute: Attribute | undefined, otherwise: number): number => attribute?.i ?? otherwise;
export const getInts = (node: GraphNode, name: string): readonly number[] | null => {
  const ints = node.attributes.get(name)?.ints;
  return ints === undefined || ints.count === 0 ? null : ints.head;
};
export const getCount = (inputs: readonly (Abstract | undefined)[]): number =>
  Math.max(1, ...inputs.map((input) => input?.count ?? 0));

export function toAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
