// The engine as it is after its start: worker/bundle/engine.ts adds to its WebAssembly what its memory holds then, which
// is copied in place of running the constructors, OrtInit and the loading of the tutorial (130 ms, most of it lazy
// compilation). Good for the very engine that it was taken from, or refused.

/** The custom section that holds a Snapshot, and the function that brings a new instance into its state. */
export const SNAPSHOT_SECTION = 'postern.snapshot';
export const RESTORE = 'postern.restore';

/** What tells an engine from any other, as SHA-256: of its WebAssembly before anything was added, and of its glue. */
export interface EngineIdentity {
  readonly wasm: string;
  readonly glue: string;
}

/** What lies where in the memory. */
export interface Snapshot {
  readonly engine: EngineIdentity;
  /** The export that runs the constructors: the first that the glue calls. */
  readonly constructors: string;
  readonly handles: Handles;
  readonly models: readonly LoadedModel[];
}

/** Addresses of what an engine makes once, for all its sessions. */
export interface Handles {
  /** Four words, see Heap. */
  readonly scratch: number;
  /** Options of sessions. */
  readonly plain: number;
  readonly optimised: number;
  readonly runOptions: number;
}

/** A session that was open when the snapshot was taken. */
export interface LoadedModel {
  /** SHA-256 of the model's file, and its length. */
  readonly digest: string;
  readonly bytes: number;
  readonly handle: number;
}

/**
 * @param engine what the snapshot has to be of: the build writes it beside the WebAssembly, into the JavaScript.
 * @returns null, and says why in the log, where the WebAssembly has no snapshot or one of another engine.
 */
export function findSnapshot(wasm: WebAssembly.Module, engine: EngineIdentity): Snapshot | null {
  const [section] = WebAssembly.Module.customSections(wasm, SNAPSHOT_SECTION);
  const snapshot: Snapshot | null = section === undefined ? null : JSON.parse(new TextDecoder().decode(section));
  if (snapshot?.engine.wasm === engine.wasm && snapshot.engine.glue === engine.glue) return snapshot;
  const reason = snapshot === null ? 'there is none' : `it is of ${JSON.stringify(snapshot.engine)}`;
  console.warn(`The engine starts without a snapshot, which takes longer: ${reason}.`);
  return null;
}

/** @returns the exports of a new instance, of which the constructors bring it into the state of the snapshot. */
export function withSnapshot(exports: WebAssembly.Exports, { constructors }: Snapshot): WebAssembly.Exports {
  const restore = exports[RESTORE];
  if (restore === undefined) throw new Error('the WebAssembly has a snapshot, but nothing that restores it');
  return { ...exports, [constructors]: restore };
}
