/** The part of the WebAssembly JavaScript interface that Assay uses; TypeScript declares it in its browser library only. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, ModuleImports>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  type ModuleImports = Readonly<Record<string, (...args: number[]) => number | void>>;
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
}
