import {
  applyBeacon, type BeaconOptions, type CeremonyEntry, contribute, finishCeremony, type FinishCeremonyOptions, startCeremony, type StartCeremonyOptions, verifyCeremony, type VerifyCeremonyOptions,
} from "../../api/ceremony.js";
import type { CeremonyCheck } from "../../zk/ceremony/index.js";
import { table } from "../format.js";
import type { Session } from "../session.js";

export async function ceremonyStartCommand(session: Session, path: string, options: StartCeremonyOptions): Promise<number> {
  const started = await startCeremony(path, { ...options, session });
  const { directory, model, modelId, transcript } = started;
  session.print({ ...started, timingsMs: session.stages.timingsMs }, table([
    ["ceremony", directory],
    ["model", model],
    ["model id", modelId],
    ["transcript", transcript],
    ["next", `assay ceremony contribute ${directory} --name NAME`],
  ]));
  return 0;
}

export async function ceremonyContributeCommand(session: Session, directory: string, { name }: { readonly name: string }): Promise<number> {
  printEntry(session, await contribute(directory, { name, session }));
  return 0;
}

export async function ceremonyBeaconCommand(session: Session, directory: string, options: BeaconOptions): Promise<number> {
  printEntry(session, await applyBeacon(directory, { ...options, session }));
  return 0;
}

function printEntry(session: Session, entry: CeremonyEntry): void {
  const { kind, name, file, contributions, transcript } = entry;
  session.print({ ...entry }, table([
    [kind, `${name}: ${file}`],
    ["contributions", `${contributions} so far`],
    ["transcript", `${transcript} (publish it)`],
  ]));
}

export async function ceremonyVerifyCommand(session: Session, directory: string, options: VerifyCeremonyOptions): Promise<number> {
  const report = await verifyCeremony(directory, { ...options, session });
  session.print({ ...report, timingsMs: session.stages.timingsMs }, [
    report.passed ? "the ceremony holds" : "THE CEREMONY IS NOT VALID",
    ...table([["contributions", String(report.contributions)], ["transcript", report.transcript]]),
    ...checkLines(report.checks),
  ]);
  return report.passed ? 0 : 1;
}

export async function ceremonyFinishCommand(session: Session, directory: string, options: FinishCeremonyOptions): Promise<number> {
  const { model, modelId, contributions, transcript } = await finishCeremony(directory, { ...options, session });
  session.print({ directory: model, modelId, contributions, transcript, timingsMs: session.stages.timingsMs }, table([
    ["model", `${model}: its key is the ceremony's now`],
    ["contributions", String(contributions)],
    ["transcript", transcript],
  ]));
  return 0;
}

function checkLines(checks: readonly CeremonyCheck[]): string[] {
  return checks.map(({ name, passed, detail }) => `  ${passed ? "ok    " : "FAILED"}  ${name}${detail === undefined ? "" : `: ${detail}`}`);
}
