// placeholder
import type { OnnxModel } from './graph.ts';
export interface Cost {
  readonly memoryBytes: number;
}
export function checkBounds(model: OnnxModel): Cost {
  return { memoryBytes: model.bytes * 3 + 1_000_000 };
}
