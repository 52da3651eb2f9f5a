// ONNX Runtime as a `Runtime`: the exported C functions of onnxruntime-web's WebAssembly build, called directly.
// One thread, synchronous, silent.
import identity from '../../dist/engine/identity.json';
import wasm from '../../dist/engine/ort.wasm';
import { Heap } from './ort-heap.ts';
import { createInstance, initialise, instantiate } from './ort-instance.ts';
import { OrtIntake } from './ort-intake.ts';
import { OrtSession } from './ort-session.ts';
import { EngineCrash, InferenceError, type Intake, type Runtime, type Session } from './runtime.ts';
import { findSnapshot, type Handles, type LoadedModel, type Snapshot, withSnapshot } from './snapshot.ts';

const found = findSnapshot(wasm, identity);

/**
 * Starts one instance of the engine: a memory of its own and the ORT environment.
 * @param snapshot null: from the beginning, which takes 70 ms more.
 * @see onnxruntime/wasm/api.h for the C functions.
 */
export async function createOrtRuntime(snapshot: Snapshot | null = found): Promise<Runtime> {
  const instance = await createInstance((imports) => {
    const exports = instantiate(wasm, imports);
    return snapshot === null ? exports : withSnapshot(exports, snapshot);
  });
  const handles = snapshot?.handles ?? initialise(instance);
  return toRuntime(new Heap(instance.ort, instance.memory, handles.scratch), handles, snapshot?.models ?? []);
}

/** A function of its own, since closures that are made together hold together what one of them holds. */
function toRuntime(started: Heap, handles: Handles, models: readonly LoadedModel[]): Runtime {
  let heap: Heap | null = started;
  const use = (): Heap => {
    if (heap === null) throw new Error('the engine is closed');
    return heap;
  };
  const open = (bytes: number): Intake => guardIntake(guard(() => new OrtIntake(use(), bytes, handles)));
  return {
    open,
    load(model, optimise) {
      const intake = open(model.length);
      intake.write(model);
      return intake.load(optimise);
    },
    preloaded: () =>
      models.map(({ digest, bytes, handle }) => ({
        digest,
        bytes,
        session: guardSession(guard(() => new OrtSession(use(), handle, handles.runOptions))),
      })),
    memoryBytes: () => heap?.bytes.length ?? 0,
    close() {
      heap = null;
    },
  };
}

/** What the caller did wrong is no crash. */
function guardIntake(intake: OrtIntake): Intake {
  return {
    write: (piece) => intake.write(piece),
    load(optimise = true) {
      intake.expectAll();
      return guardSession(guard(() => intake.load(optimise)));
    },
    end: () => guard(() => intake.end()),
  };
}

function guardSession(session: Session): Session {
  return {
    inputs: session.inputs,
    outputs: session.outputs,
    run: (feeds, outputs) => guard(() => session.run(feeds, outputs)),
    release: () => guard(() => session.release()),
  };
}

/** A trap (abort, unreachable, stack overflow) leaves the instance in an unknown state: it must be replaced. */
function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof InferenceError) throw error;
    throw new EngineCrash('the inference engine stopped', { cause: error });
  }
}
