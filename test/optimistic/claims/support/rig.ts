/** The toy program, executed on one input, on a node that every test gets as new. */
import { Draw } from "../../../program/seeded.js";
import { Arena, type Parameters } from "./arena.js";
import { ClaimUnderTest, upload } from "./contest.js";
import type { PostOptions } from "./player.js";
import { honestBytes, type Model, modelOf, type PartyTrace, toyProgram, traceOfBytes } from "./toy.js";

export const INPUT = Float64Array.from(new Draw(3).list(96 * 96, (i) => (i * 37) % 256));

export class Rig {
  readonly right: PartyTrace;
  #fresh = "";

  private constructor(
    readonly arena: Arena,
    readonly model: Model,
    /** Tensors of the right execution, by slot. */
    readonly honest: readonly Uint8Array[],
  ) {
    this.right = traceOfBytes(honest);
  }

  static async start(parameters: Partial<Parameters> = {}, model = modelOf(toyProgram())): Promise<Rig> {
    const rig = new Rig(await Arena.start(parameters), model, honestBytes(model, [INPUT]));
    await upload(rig.arena, rig.operator, 0n, rig.honest[0]);
    rig.#fresh = await rig.arena.snapshot();
    return rig;
  }

  get operator(): string {
    return this.arena.accounts[1];
  }

  get challenger(): string {
    return this.arena.accounts[2];
  }

  get stranger(): string {
    return this.arena.accounts[3];
  }

  /** As after {@link start}: the input is uploaded, nothing claimed. */
  async reset(): Promise<void> {
    await this.arena.restore(this.#fresh);
    this.#fresh = await this.arena.snapshot();
  }

  stop(): Promise<void> {
    return this.arena.stop();
  }

  claim(claimed: PartyTrace, post: Partial<PostOptions> = {}, bond?: bigint): Promise<ClaimUnderTest> {
    const { arena, model, operator } = this;
    return ClaimUnderTest.post({ arena, model, operator, claimed, post: { uploads: [this.upload], ...post }, bond });
  }

  get upload(): PostOptions["uploads"][number] {
    return { uploader: this.operator, nonce: 0n };
  }
}
