/** The part of the WebAssembly JavaScript interface that Assay uses; TypeScript declares it in its browser library only. */
declare namespace WebAssembly {
  interface Module {
    readonly kind?: never;
  }
  const Module: new (bytes: Uint8Array) => Module;
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, ModuleImports>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  type ModuleImports = Readonly<Record<string, (...args: number[]) => unknown>>;
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
}
