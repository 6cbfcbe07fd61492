/** A page as a real browser lays it out: Chromium, headless, as it is installed on the machine. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Undefined where there is none: apt-get install chromium. */
export const CHROMIUM = [process.env.CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => path !== "" && existsSync(path));

export interface Look {
  /** Of the screen, in pixels. */
  readonly width: number;
  readonly scheme: "light" | "dark";
}

/**
 * Evaluates `probe` in the page and gives what it returned. The page lies in a frame of the wanted width, as a window cannot be made as narrow
 * as a telephone.
 * @param probe a function's source that takes the page's window; its result must be JSON
 */
export function probePage(html: string, { width, scheme }: Look, probe: string): unknown {
  const directory = mkdtempSync(join(tmpdir(), "assay-page-"));
  try {
    const frame = `<iframe width="${width}" height="800" style="border:0"></iframe>`;
    const script = `
      const frame = document.querySelector("iframe");
      frame.addEventListener("load", () => {
        const answer = document.createElement("pre");
        answer.id = "answer";
        try { answer.textContent = JSON.stringify({ value: (${probe})(frame.contentWindow) }); } catch (error) { answer.textContent = JSON.stringify({ error: String(error) }); }
        document.body.append(answer);
      });
      frame.srcdoc = ${JSON.stringify(html).replaceAll("</", "<\\/")};`;
    const page = join(directory, "page.html");
    writeFileSync(page, `<!DOCTYPE html><meta charset="utf-8"><body>${frame}<script>${script}</script></body>`);
    const answer = /<pre id="answer">(.*?)<\/pre>/s.exec(dump(directory, page, width, scheme));
    if (answer === null) throw new Error("the page was not loaded");
    const parsed = JSON.parse(unescaped(answer[1])) as { readonly value: unknown; readonly error?: string };
    if (parsed.error !== undefined) throw new Error(parsed.error);
    return parsed.value;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function dump(directory: string, page: string, width: number, scheme: Look["scheme"]): string {
  if (CHROMIUM === undefined) throw new Error("there is no Chromium here");
  const options = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--user-data-dir=${join(directory, "profile")}`, `--window-size=${Math.max(width + 40, 600)},900`,
    `--blink-settings=preferredColorScheme=${scheme === "dark" ? 0 : 1}`, "--virtual-time-budget=5000", "--dump-dom", pathToFileURL(page).href,
  ];
  return execFileSync(CHROMIUM, options, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 28 });
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&nbsp;", " ").replaceAll("&amp;", "&");
}
