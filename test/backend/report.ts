/**
 * The progress meter: every test of the suite, by operator, with the reason where it does not pass.
 *
 *     npx tsx test/backend/report.ts [--all] [--passed] [--coarse] [regular expression over test names or operators]
 *
 * Left-out tests appear with --all only, tests that pass are named with --passed. With --coarse outputs have 8 bits: what fails even
 * then is a wrong operator rather than an imprecise one.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LEFT_OUT } from "./list.js";
import type { Measure, Outcome } from "./runTest.js";
import { graphOf, readTest, suiteIsInstalled, SUITE, testNames } from "./suite.js";

type Reported = Outcome | { readonly status: "crash"; readonly reason: string };

const PROCESSES = 2;
const TIMEOUT_MS = 60_000;

async function main(): Promise<void> {
  if (!suiteIsInstalled()) throw new Error(`no tests in ${SUITE}: install libonnx-testdata`);
  const flags = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
  const pattern = new RegExp(process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? "");
  const tests = testNames()
    .filter((name) => flags.includes("--all") || !LEFT_OUT.has(name))
    .map(describeTest)
    .filter(({ name, title, operators }) => [name, title, ...operators].some((text) => pattern.test(text)));
  const outcomes = new Map<string, Reported>();
  const queue = tests.map(({ name }) => name);
  await Promise.all(Array.from({ length: PROCESSES }, () => drain(queue, outcomes, flags.includes("--coarse") ? "coarse" : "bits16")));
  print(tests, outcomes, flags.includes("--passed"));
}

interface Described {
  readonly name: string;
  /** The operator; a model of several nodes stands for itself. */
  readonly title: string;
  readonly operators: readonly string[];
}

function describeTest(name: string): Described {
  const nodes = graphOf(readTest(name).model).node.map(({ opType }) => opType);
  return { name, title: nodes.length === 1 ? nodes[0] : name.replace(/^.*\/test_/, ""), operators: [...new Set(nodes)] };
}

async function drain(queue: string[], outcomes: Map<string, Reported>, measure: Measure): Promise<void> {
  let child: ChildProcess | undefined;
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    child ??= await startChild();
    const outcome = await ask(child, name, measure);
    if (outcome.status === "crash") {
      child.kill("SIGKILL");
      child = undefined;
    }
    outcomes.set(name, outcome);
  }
  child?.kill();
}

/** @throws Error with the child's own words where it does not come up, as with a source file that does not load. */
function startChild(): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("reportChild.ts", import.meta.url));
  const child = fork(script, { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
  return new Promise((resolve, reject) => {
    child.once("message", () => {
      child.removeAllListeners();
      resolve(child);
    });
    child.once("exit", () => reject(new Error(`the tests cannot be loaded:\n${errors}`)));
  });
}

function ask(child: ChildProcess, name: string, measure: Measure): Promise<Reported> {
  return new Promise((resolve) => {
    const finish = (outcome: Reported): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(outcome);
    };
    const timer = setTimeout(() => finish({ status: "crash", reason: `no answer in ${TIMEOUT_MS / 1000} s` }), TIMEOUT_MS);
    child.once("message", (outcome) => finish(outcome as Outcome));
    child.once("exit", (code, signal) => finish({ status: "crash", reason: `the process ended with ${String(signal ?? code)}` }));
    child.send({ name, measure });
  });
}

function print(tests: readonly Described[], outcomes: ReadonlyMap<string, Reported>, showPassed: boolean): void {
  const total = { pass: 0, fail: 0, unsupported: 0, crash: 0 };
  const failing = new Map<string, number>();
  /** A coarse step is easy to keep: how fine the outputs are that pass. */
  const passing = new Map<string, number>();
  for (const title of [...new Set(tests.map((test) => test.title))].sort()) {
    const own = tests.filter((test) => test.title === title).map((test) => ({ ...test, outcome: outcomes.get(test.name) as Reported }));
    console.log(`${title}: ${own.filter(({ outcome }) => outcome.status === "pass").length} of ${own.length}`);
    for (const { name, operators, outcome } of own) {
      total[outcome.status]++;
      if (outcome.status === "pass") {
        const bits = Number.isFinite(outcome.resolution) ? `${Math.round(Math.log2(outcome.resolution))} bits` : "exact";
        passing.set(bits, (passing.get(bits) ?? 0) + 1);
        if (showPassed) console.log(`    pass ${name}, ${outcome.steps.toFixed(2)} steps, ${bits}`);
        continue;
      }
      console.log(`    ${outcome.status} ${name}: ${outcome.reason.replaceAll("\n", " ")}`);
      for (const operator of operators) failing.set(operator, (failing.get(operator) ?? 0) + 1);
    }
  }
  const counts = [...failing].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([operator, count]) => `${operator} ${count}`);
  console.log(`\noperators in tests that do not pass: ${counts.join(", ")}`);
  const resolutions = [...passing].sort(([a], [b]) => parseInt(a) - parseInt(b)).map(([bits, count]) => `${bits}: ${count}`);
  console.log(`\nmagnitude of the outputs that pass, in steps: ${resolutions.join(", ")}`);
  console.log(`\n${tests.length} tests: ${total.pass} pass, ${total.fail} fail, ${total.unsupported} unsupported, ${total.crash} crash`);
}

await main();
