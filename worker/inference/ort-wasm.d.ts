// What Postern uses of ONNX Runtime's WebAssembly build: the Emscripten factory and its exported C functions
// (onnxruntime-web 1.30, lib/wasm/wasm-types.ts). Pointers and handles are numbers; status 0 is success.
declare module 'onnxruntime-web/ort-wasm-simd-threaded.mjs' {
  export interface OrtModule {
    _OrtInit(threads: number, logLevel: number): number;
    _OrtGetLastError(codeOut: number, messageOut: number): number;
    _OrtCreateSessionOptions(
      graphOptimizationLevel: number,
      enableCpuMemArena: boolean,
      enableMemPattern: boolean,
      executionMode: number,
      enableProfiling: boolean,
      profileFilePrefix: number,
      logId: number,
      logSeverityLevel: number,
      logVerbosityLevel: number,
      optimizedModelFilePath: number,
    ): number;
    _OrtCreateSession(data: number, length: number, options: number): number;
    _OrtReleaseSession(session: number): number;
    _OrtGetInputOutputCount(session: number, inputsOut: number, outputsOut: number): number;
    _OrtGetInputOutputMetadata(session: number, index: number, nameOut: number, metadataOut: number): number;
    _OrtFree(pointer: number): number;
    _OrtCreateTensor(type: number, data: number, bytes: number, dims: number, rank: number, location: number): number;
    _OrtGetTensorData(tensor: number, typeOut: number, dataOut: number, dimsOut: number, rankOut: number): number;
    _OrtReleaseTensor(tensor: number): number;
    _OrtCreateRunOptions(logSeverity: number, logVerbosity: number, terminate: boolean, tag: number): number;
    _OrtRun(
      session: number,
      inputNames: number,
      inputs: number,
      inputCount: number,
      outputNames: number,
      outputCount: number,
      outputs: number,
      runOptions: number,
    ): number;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
  }
  export type Imports = Record<string, Record<string, unknown>>;
  export default function factory(module: {
    numThreads: number;
    /** The glue wants the module for its threads, and there are none. */
    instantiateWasm(imports: Imports, onInstance: (instance: { exports: WebAssembly.Exports }) => void): void;
  }): Promise<OrtModule>;
}

/** What worker/bundle/engine.ts prepares: the engine with its snapshot, and what the snapshot has to be of. */
declare module '*/dist/engine/ort.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*/dist/engine/identity.json' {
  const identity: { wasm: string; glue: string };
  export default identity;
}
