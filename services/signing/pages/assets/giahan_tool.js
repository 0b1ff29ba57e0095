// Our own signing tool: it signs a digest (docs/reference/signing-tool.md).

import { Failure } from "./failure.js";

const PORTS = [14742, 14743, 14744];
const PROTOCOL = 1;
// The tool's own limits are shorter: a token gets a minute, a window two.
const READ_MS = 75_000;
const ASK_MS = 200_000;

/** The tool at the first port that answers. Throws if none does. */
export function probeGiahan(signal) {
  return Promise.any(PORTS.map((port) => probe(port, signal)));
}

async function probe(port, signal) {
  const base = `http://127.0.0.1:${port}/v1`;
  const said = await (await fetch(`${base}/tool`, { signal })).json();
  if (said.tool !== "giahan-sign") throw new Failure("none");
  if (said.protocol !== PROTOCOL) throw new Failure("outdated", { version: said.version });
  return new GiahanTool(base, said.paired);
}

class GiahanTool {
  name = "giahan";
  signsFiles = false;

  constructor(base, paired) {
    this.base = base;
    this.paired = paired;
  }

  /** Asks the person, in the tool's window, whether this site may use the tokens. */
  async pair() {
    await this.call("POST", "/pairing", ASK_MS, {});
    this.paired = true;
  }

  async certificates() {
    return (await this.call("GET", "/certificates", READ_MS)).certificates;
  }

  /** The signature in base64. The person confirms it in the tool's window and enters the PIN there. */
  async sign(certificate, attempt, shown) {
    const body = { certificate, algorithm: attempt.algorithm, digest: attempt.digest, document: shown };
    return (await this.call("POST", "/signatures", ASK_MS, body)).signature;
  }

  /** The page uses this tool no more: it closes its window. */
  close() {
    this.closed = true;
    if (this.stop) this.stop.abort();
  }

  /** One call at a time. Throws Failure: `changed` if the page closes the tool meanwhile. */
  async call(method, path, limit, body) {
    if (this.closed) throw new Failure("changed");
    const sent = body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const stop = (this.stop = new AbortController()); // AbortSignal.any is not in Chrome 109
    const late = setTimeout(() => stop.abort(), limit);
    let answer;
    try {
      answer = await fetch(this.base + path, { method, signal: stop.signal, ...sent });
    } catch {
      throw new Failure(this.closed ? "changed" : "tool_gone");
    } finally {
      clearTimeout(late);
    }
    const said = await answer.json().catch(() => null);
    if (answer.ok && said) return said;
    if (this.closed) throw new Failure("changed");
    if (!said || !said.error) throw new Failure("tool_problem");
    throw new Failure(said.error.code, said.error);
  }
}
