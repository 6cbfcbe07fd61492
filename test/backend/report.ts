/**
 * The progress meter: every test of the suite, by operator, with the reason where it does not pass.
 *
 *     npx tsx test/backend/report.ts [--all] [--passed] [regular expression over test names or operators]
 *
 * Left-out tests appear with --all only, tests that pass are named with --passed.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LISTED } from "./list.js";
import type { Outcome } from "./runTest.js";
import { readTest, suiteIsInstalled, SUITE, testNames } from "./suite.js";

type Reported = Outcome | { readonly status: "crash"; readonly reason: string };

const PROCESSES = 2;
const TIMEOUT_MS = 60_000;

async function main(): Promise<void> {
  if (!suiteIsInstalled()) throw new Error(`no tests in ${SUITE}: install libonnx-testdata`);
  const flags = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
  const pattern = new RegExp(process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? "");
  const tests = testNames()
    .filter((name) => flags.includes("--all") || !LISTED.leftOut.has(name))
    .map((name) => ({ name, operator: operatorOf(name) }))
    .filter(({ name, operator }) => pattern.test(name) || pattern.test(operator));
  const outcomes = new Map<string, Reported>();
  const queue = tests.map(({ name }) => name);
  await Promise.all(Array.from({ length: PROCESSES }, () => drain(queue, outcomes)));
  print(tests, outcomes, flags.includes("--passed"));
}

/** The tests of a multi-node model count for what they are named after. */
function operatorOf(name: string): string {
  const nodes = readTest(name).model.graph?.node ?? [];
  if (nodes.length === 1) return nodes[0].opType;
  return name.replace(/^.*?\/test_(operator_)?/, "").replace(/_expanded(_.*)?$/, " (expanded)");
}

async function drain(queue: string[], outcomes: Map<string, Reported>): Promise<void> {
  let child: ChildProcess | undefined;
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    child ??= fork(fileURLToPath(new URL("reportChild.ts", import.meta.url)), { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const outcome = await ask(child, name);
    if (outcome.status === "crash") {
      child.kill("SIGKILL");
      child = undefined;
    }
    outcomes.set(name, outcome);
  }
  child?.kill();
}

function ask(child: ChildProcess, name: string): Promise<Reported> {
  return new Promise((resolve) => {
    const finish = (outcome: Reported): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(outcome);
    };
    const timer = setTimeout(() => finish({ status: "crash", reason: `no answer in ${TIMEOUT_MS / 1000} s` }), TIMEOUT_MS);
    child.once("message", (outcome) => finish(outcome as Outcome));
    child.once("exit", (code, signal) => finish({ status: "crash", reason: `the process ended with ${String(signal ?? code)}` }));
    child.send(name);
  });
}

function print(tests: readonly { name: string; operator: string }[], outcomes: ReadonlyMap<string, Reported>, showPassed: boolean): void {
  const operators = [...new Set(tests.map(({ operator }) => operator))].sort();
  const total = { pass: 0, fail: 0, unsupported: 0, crash: 0 };
  for (const operator of operators) {
    const own = tests.filter((test) => test.operator === operator).map(({ name }) => ({ name, outcome: outcomes.get(name) as Reported }));
    const passed = own.filter(({ outcome }) => outcome.status === "pass").length;
    console.log(`${operator}: ${passed} of ${own.length}`);
    for (const { name, outcome } of own) {
      total[outcome.status]++;
      if (outcome.status !== "pass") console.log(`    ${outcome.status} ${name}: ${outcome.reason.replaceAll("\n", " ")}`);
      else if (showPassed) console.log(`    pass ${name}, ${outcome.steps.toFixed(2)} steps`);
    }
  }
  console.log(`\n${tests.length} tests: ${total.pass} pass, ${total.fail} fail, ${total.unsupported} unsupported, ${total.crash} crash`);
}

await main();
