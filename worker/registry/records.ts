// What is kept in KV: the keys and the shape of the values. docs/storage.md shows an example of each.
import type { Manifest } from '../pipeline/manifest.ts';

/** `pipeline:<sha256 of the secret>`: all that a prediction needs to know but the model's bytes. */
export interface PipelineRecord {
  readonly v: 1;
  readonly state: 'active' | 'inactive';
  readonly account_id: string;
  readonly model_id: string;
  readonly name: string;
  readonly version: number;
  readonly model: ModelReference;
  readonly manifest: Manifest;
  /** How often the secret has been rotated before this one; 0 where absent. */
  readonly rotation?: number;
  /** Predictions per UTC day. Absent: this record is older than the cap, and the first report tells. */
  readonly daily_cap?: number;
  /** Milliseconds: until then the day's predictions are used up. In the past it says nothing, so nobody has to undo it. */
  readonly limited_until?: number;
  /** Milliseconds: a rotated secret that still serves. From then on the pipeline is not found, whatever KV holds. */
  readonly expires_at?: number;
}

/** `model:<digest>`: the ONNX bytes, immutable and shared by all who uploaded the same. */
export interface ModelReference {
  /** SHA-256 of the bytes, hex. */
  readonly digest: string;
  readonly bytes: number;
  /** false: the graph is so small that optimising it only delays the first answer. */
  readonly optimise?: boolean;
}

export const pipelineKey = (secretDigest: string): string => `pipeline:${secretDigest}`;
export const modelKey = (modelDigest: string): string => `model:${modelDigest}`;
